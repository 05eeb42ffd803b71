"""The sockets of a process, asked and told of."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from cluster.live import attendance as attendances
from cluster.live.attendance import Attendance
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.writing import presence
from tests.conftest import OpenSocket
from tests.spaces import DEFAULT, demo, grant
from tests.viewing import until

pytestmark = pytest.mark.usefixtures("committed")


class Chair:
    """A socket of somebody; `answers`: whether it may still look, each time that it is asked."""

    def __init__(self, user: Any, answers: list[bool] | None = None) -> None:
        self.space, self.scope, self.answers = DEFAULT, {"user": user}, answers

    async def still_allowed(self, space: Space) -> bool:
        assert space == self.space
        if self.answers == []:
            raise OSError("the database is away")
        return self.answers.pop() if self.answers else True


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendances, "TICK_SECONDS", 0.01)


async def here() -> list[str]:
    return list((await in_thread(lambda: presence.here(demo()))).values())


async def test_who_comes_is_told_at_once_and_nothing_is_left(socket: OpenSocket, settings: Any) -> None:
    settings.ANONYMOUS = "view"
    user = await in_thread(lambda: grant(User.objects.create_user("ann"), "default:view"))
    browser, stranger = await in_thread(lambda: socket(user=user)), socket()
    for each in (browser, stranger):
        await each.connect()
        await each.receive_from()
    await until(lambda: attendances.attendance.told == {("demo", user.pk)})
    while await here() != ["ann"]:
        pass
    for each in (browser, stranger):
        await each.disconnect()
    await until(lambda: attendances.attendance.task is None)
    assert not attendances.attendance.sockets


async def test_it_is_told_again_before_it_would_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2 * presence.TOLD_EVERY_SECONDS + attendances.TICK_SECONDS < presence.SEEN_SECONDS
    told: list[set[tuple[str, int]]] = []
    monkeypatch.setattr(presence, "note", lambda pairs: told.append(set(pairs)))
    found, ann, ben = Attendance(), Chair(User(pk=1)), Chair(User(pk=2))
    found.sockets = {ann, Chair(AnonymousUser())}
    await found.tell()
    await found.tell()
    assert told == [{("demo", 1)}]
    found.sockets.add(ben)
    await found.tell()
    found.sockets.discard(ann)
    await found.tell()
    assert told[1:] == [{("demo", 1), ("demo", 2)}]
    monkeypatch.setattr(presence, "TOLD_EVERY_SECONDS", 0.0)
    await found.tell()
    assert told[2:] == [{("demo", 2)}]


async def test_one_that_fails_keeps_nobody(caplog: pytest.LogCaptureFixture) -> None:
    found = Attendance()
    broken, refused, sound = Chair(User(pk=1), []), Chair(User(pk=2), [False]), Chair(User(pk=3))
    for each in (broken, refused, sound):
        found.enter(each)
    await until(lambda: found.sockets == {broken, sound} and "could not be asked" in caplog.text)
    assert found.task and not found.task.done()
    for each in (broken, sound):
        found.leave(each)
    assert found.task is None
