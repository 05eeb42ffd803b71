"""Who follows a journal looks after each bell and by itself, and is not stopped by a look that fails."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cluster.live import follower
from cluster.live.follower import Follower
from tests.viewing import until


class Counting(Follower):
    def __init__(self) -> None:
        super().__init__("demo", "the test")
        self.looks = 0
        self.fails = False

    async def listen(self) -> None:
        """Nobody rings but the tests."""

    async def look(self) -> None:
        self.looks += 1
        if self.fails:
            raise ConnectionError("the database is away")


@pytest_asyncio.fixture
async def following(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counting]:
    monkeypatch.setattr(follower, "POLL_SECONDS", 60.0)
    made = Counting()
    made.begin(7)
    yield made
    made.end()


async def rung(following: Counting) -> int:
    before = following.looks
    following.bell.set()
    await until(lambda: following.looks == before + 1)
    return following.looks


async def test_each_bell_is_a_look(following: Counting) -> None:
    assert following.head == 7
    assert [await rung(following) for _ in range(3)] == [1, 2, 3]


async def test_without_a_bell_it_looks_by_itself(following: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.01)
    await rung(following)
    await until(lambda: following.looks > 3)


async def test_a_look_that_fails_is_told_of_and_the_next_one_comes(
    following: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    following.fails = True
    assert [await rung(following) for _ in range(2)] == [1, 2]
    assert caplog.messages == ["A look into the journal for the test failed; the next one catches up"] * 2


async def test_who_has_ended_looks_no_more(following: Counting) -> None:
    tasks = list(following.tasks)
    following.end()
    await asyncio.gather(*tasks, return_exceptions=True)
    following.bell.set()
    assert (following.tasks, following.looks, all(task.done() for task in tasks)) == ([], 0, True)
