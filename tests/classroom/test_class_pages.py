"""What a teacher does on the class's pages, and what they hear of it."""

import json
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import classes, links, seats
from cluster.models import Classroom, Seat
from rollout_site.asgi import application
from tests.classroom.conftest import logged_in, posted

CLASS = "/classes/blue-class/"


@pytest.mark.django_db
class TestActing:
    @pytest.fixture
    def client(self, room: Classroom, teacher: User) -> Client:  # noqa: ARG002 there is a class
        return logged_in(teacher)

    def test_the_door_shows_address_code_and_picture(self, client: Client, room: Classroom) -> None:
        page = client.get(CLASS).content.decode()
        assert f"{room.code[:3]} {room.code[3:]}" in page
        assert '<p class="address" id="address">testserver</p>' in page
        assert "<svg" in page.partition('id="qr"')[2].partition("</div>")[0]

    def test_settings_are_changed_together_or_alone(self, client: Client, room: Classroom) -> None:
        assert posted(client, f"{CLASS}change/", {"is_open": False, "most_seats": 7}).status_code == 200
        room.refresh_from_db()
        assert (room.is_open, room.most_seats) == (False, 7)
        old = room.code
        posted(client, f"{CLASS}change/", {"new_code": True})
        room.refresh_from_db()
        assert room.code != old and not room.is_open

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            pytest.param({"most_seats": 0}, "most_seats", id="no seats"),
            pytest.param({"most_seats": 201}, "most_seats", id="too many seats"),
            pytest.param({"most_seats": "9"}, "most_seats", id="text for a number"),
            pytest.param({"is_open": 1}, "is_open", id="a number for yes"),
        ],
    )
    def test_what_can_not_be_set_names_its_field(self, client: Client, body: Any, field: str) -> None:
        answer = posted(client, f"{CLASS}change/", body)
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(f"{field}: Invalid value")

    def test_seats_are_renamed_removed_and_get_new_links(self, client: Client, ada: Seat) -> None:
        old = links.of_seat(ada)
        assert posted(client, f"{CLASS}seats/1/rename/", {"name": "Ida"}).json() == {"name": "Ida"}
        link = posted(client, f"{CLASS}seats/1/link/").json()["link"]
        assert links.seat_of(old) is None
        assert links.seat_of(link.rstrip("/").rpartition("/")[2]) == ada
        assert posted(client, f"{CLASS}seats/1/remove/").json() == {"message": "Ida was removed"}
        assert not Seat.objects.exists()
        assert posted(client, f"{CLASS}seats/1/remove/").status_code == 404

    def test_a_person_makes_several_classes(self, client: Client) -> None:
        answer = posted(client, "/classes/create/", {"name": " Green  class ", "most_seats": 12})
        assert answer.json() == {"slug": "green-class"}
        page = client.get("/classes/").content.decode()
        assert "Green class" in page and "Blue class" in page

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b"])
    def test_a_class_wants_a_name(self, client: Client, name: str) -> None:
        assert posted(client, "/classes/create/", {"name": name, "most_seats": 12}).status_code == 400


async def next_frame(socket: WebsocketCommunicator, kind: str = "class") -> Any:
    while True:
        frame = json.loads(await socket.receive_from(timeout=5))
        if frame["type"] == kind:
            return frame


@pytest.mark.django_db(transaction=True)
async def test_the_door_hears_who_joins_and_what_was_set() -> None:
    from channels.db import database_sync_to_async as in_database

    def prepare() -> tuple[Classroom, str]:
        teacher = User.objects.create_user("tess")
        return classes.create("Blue class", owner=teacher), logged_in(teacher).cookies["sessionid"].value

    room, session = await in_database(prepare)()
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", f"sessionid={session}".encode())]
    socket = WebsocketCommunicator(application, "/ws/classes/blue-class/", headers=headers)
    await socket.connect()
    assert (await next_frame(socket))["seats"] == []
    await in_database(seats.join)(room.code, "Ada")
    frame = await next_frame(socket)
    while not frame["seats"]:
        frame = await next_frame(socket)
    assert [(each["number"], each["name"], each["cluster"]) for each in frame["seats"]] == [(1, "Ada", "blue-class-01")]
    await in_database(classes.change)(room, is_open=False)
    while frame["is_open"]:
        frame = await next_frame(socket)
    await socket.disconnect()
