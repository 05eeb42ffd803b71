"""No seat, and another's seat: every door of another's cluster stays shut."""

from typing import Any

import pytest
import yaml
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import addresses, classes, seats
from cluster.models import Classroom, Cluster, Seat
from rollout_site.asgi import application
from tests.classroom.conftest import logged_in, posted, sat_down

PLACE = "/clusters/blue-class-02/namespaces/default/"
STAGE = f"{PLACE}deployments/nginx-deployment/"
PAGES = (
    PLACE,
    STAGE,
    f"{STAGE}yaml/",
    f"{STAGE}film/",
    f"{STAGE}revisions/",
    f"{STAGE}rollouts/",
    "/clusters/blue-class-02/",
)
ACTS = (
    f"{STAGE}scale/",
    f"{STAGE}pause/",
    f"{STAGE}delete/",
    f"{PLACE}deployments/create/",
    "/clusters/blue-class-02/pace/",
)
CLASS_ACTS = (
    "/classes/blue-class/change/",
    "/classes/blue-class/seats/2/rename/",
    "/classes/blue-class/seats/2/remove/",
    "/classes/blue-class/seats/2/link/",
)
APPS = "/clusters/blue-class-02/apis/apps/v1/namespaces/default/deployments"


@pytest.mark.django_db
@pytest.mark.usefixtures("ben")
class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_another_seats_pages_are_not_there(self, ada: Seat, path: str) -> None:
        assert sat_down(ada).get(path).status_code in (403, 404)

    @pytest.mark.parametrize("path", PAGES)
    def test_strangers_are_sent_away(self, path: str) -> None:
        assert Client().get(path).status_code in (302, 401, 403)

    @pytest.mark.parametrize("path", ACTS)
    def test_another_seats_cluster_is_not_to_be_changed(self, ada: Seat, path: str) -> None:
        head = Cluster.objects.get(name="blue-class-02").head
        assert posted(sat_down(ada), path, {"replicas": 9, "pace": 0}).status_code == 403
        assert posted(Client(), path, {"replicas": 9, "pace": 0}).status_code == 401
        assert Cluster.objects.get(name="blue-class-02").head == head

    @pytest.mark.parametrize("path", CLASS_ACTS)
    def test_the_class_is_for_its_teacher_only(self, ada: Seat, room: Classroom, path: str) -> None:
        stranger = logged_in(User.objects.create_user("sam"))
        for client in (sat_down(ada), Client(), stranger):
            assert posted(client, path, {"is_open": False, "name": "x"}).status_code == 404
        room.refresh_from_db()
        assert room.is_open
        assert Seat.objects.count() == 2

    def test_the_classes_cluster_may_be_looked_at_and_not_changed(self, ada: Seat) -> None:
        client = sat_down(ada)
        stage = "/clusters/blue-class/namespaces/default/deployments/nginx-deployment/"
        assert client.get(stage).status_code == 200
        assert posted(client, f"{stage}scale/", {"replicas": 9}).status_code == 403
        assert posted(client, "/clusters/blue-class/pace/", {"pace": 0}).status_code == 403

    def test_a_seat_makes_no_classes(self, ada: Seat) -> None:
        assert posted(sat_down(ada), "/classes/create/", {"name": "Mine", "most_seats": 3}).status_code == 403
        assert Classroom.objects.count() == 1

    def test_the_admin_is_shut(self, ada: Seat) -> None:
        assert sat_down(ada).get("/admin/", follow=True).redirect_chain

    def test_the_teacher_looks_on_in_a_seats_cluster_and_acts_in_the_classes(self, teacher: User) -> None:
        client = logged_in(teacher)
        assert client.get(STAGE).status_code == 200
        assert posted(client, f"{STAGE}scale/", {"replicas": 9}).status_code == 403
        own = "/clusters/blue-class/namespaces/default/deployments/nginx-deployment/"
        assert posted(client, f"{own}scale/", {"replicas": 4}).status_code == 200


@pytest.mark.django_db
class TestKubeconfig:
    @pytest.fixture
    def bearer(self, ada: Seat) -> dict[str, str]:
        config = yaml.safe_load(addresses.kubeconfig_of(ada, "http://testserver"))
        return {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}

    def test_the_own_cluster_is_open(self, bearer: dict[str, str]) -> None:
        path = APPS.replace("02", "01")
        assert Client().get(path, headers=bearer).status_code == 200

    def test_anothers_cluster_is_shut(self, bearer: dict[str, str], ben: Seat) -> None:  # noqa: ARG002
        name = "nginx-deployment"
        client = Client()
        asked: list[Any] = [
            client.get(APPS, headers=bearer),
            client.get(f"{APPS}/{name}", headers=bearer),
            client.delete(f"{APPS}/{name}", headers=bearer),
            client.patch(f"{APPS}/{name}", b"{}", content_type="application/merge-patch+json", headers=bearer),
            client.post(APPS, b"{}", content_type="application/json", headers=bearer),
            client.get("/clusters/blue-class-02/api/v1/nodes", headers=bearer),
            client.get("/clusters/blue-class-02/api/v1/namespaces/default", headers=bearer),
            client.get("/clusters/blue-class-02/api/v1/secrets", headers=bearer),
        ]
        assert {each.status_code for each in asked} == {403}

    def test_the_classes_cluster_is_read_only(self, bearer: dict[str, str]) -> None:
        path = APPS.replace("-02", "")
        assert Client().get(path, headers=bearer).status_code == 200
        assert Client().delete(f"{path}/nginx-deployment", headers=bearer).status_code == 403


async def refused(path: str, client: Client | None) -> bool:
    """Whether a socket is closed without any state on it."""
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost")]
    if client and "sessionid" in client.cookies:
        headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
    socket = WebsocketCommunicator(application, path, headers=headers)
    await socket.connect()
    first = await socket.receive_output(timeout=5)
    if first["type"] == "websocket.send" and '"gone"' in (first.get("text") or ""):
        first = await socket.receive_output(timeout=5)
    await socket.disconnect()
    return bool(first["type"] == "websocket.close")


@pytest.mark.django_db(transaction=True)
class TestSockets:
    @pytest.fixture
    def clients(self) -> dict[str, Client]:
        teacher = User.objects.create_user("tess")
        room = classes.create("Blue class", owner=teacher)
        ada, ben = seats.join(room.code, "Ada"), seats.join(room.code, "Ben")
        return {"ada": sat_down(ada), "ben": sat_down(ben), "tess": logged_in(teacher), "nobody": Client()}

    @pytest.mark.parametrize(
        ("path", "open_to"),
        [
            pytest.param("/ws/clusters/blue-class-02/namespaces/default/", {"ben", "tess"}, id="a seat's cluster"),
            pytest.param(
                "/ws/clusters/blue-class/namespaces/default/", {"ada", "ben", "tess"}, id="the class's cluster"
            ),
            pytest.param("/ws/classes/blue-class/", {"tess"}, id="the class"),
            pytest.param("/ws/classes/green-class/", set(), id="a class that is none"),
        ],
    )
    async def test_sockets_are_for_members(self, clients: dict[str, Client], path: str, open_to: set[str]) -> None:
        found = {name for name, client in clients.items() if not await refused(path, client)}
        assert found == open_to
