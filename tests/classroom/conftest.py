"""A class with a teacher, and seats in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import classes, feed, links, seats
from cluster.models import Classroom, Seat

Enter = Callable[[Seat], Client]


@pytest.fixture(autouse=True)
def no_feeds() -> Iterator[None]:
    feed.feeds.clear()
    yield
    feed.feeds.clear()


@pytest.fixture
def teacher(db: None) -> User:  # noqa: ARG001
    return User.objects.create_user("tess")


@pytest.fixture
def room(teacher: User) -> Classroom:
    return classes.create("Blue class", owner=teacher)


@pytest.fixture
def ada(room: Classroom) -> Seat:
    return seats.join(room.code, "Ada")


@pytest.fixture
def ben(room: Classroom, ada: Seat) -> Seat:  # noqa: ARG001 who came before
    return seats.join(room.code, "Ben")


def sat_down(seat: Seat) -> Client:
    """A browser that came in by the seat's link."""
    client = Client()
    client.get(f"/seats/{links.of_seat(seat)}/")
    return client


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def posted(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body or {}, content_type="application/json")
