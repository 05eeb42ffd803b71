"""Dear answers: shared by all who ask the same, one at a time, within a budget."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cluster import statuses
from cluster.page import sharing


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "key", "computed"),
    [
        pytest.param(2.0, "same", 1, id="fresh"),
        pytest.param(2.1, "same", 2, id="too old"),
        pytest.param(0.0, "other", 2, id="another question"),
    ],
)
def test_the_same_question_is_answered_once_for_a_moment(seconds: float, key: str, computed: int) -> None:
    clock, answers = Clock(), iter((1, 2))
    shared = sharing.Shared(clock)
    assert shared.get("place", lambda: "same", lambda: next(answers), patience=1) == 1
    clock.now += seconds
    assert shared.get("place", lambda: key, lambda: next(answers), patience=1) == computed
    assert not shared.locks


def test_who_waited_for_the_answer_has_it_however_long_it_took() -> None:
    shared, clock = sharing.Shared(), Clock()
    shared.now = clock
    began, end = threading.Event(), threading.Event()
    computed: list[int] = []

    def compute() -> int:
        began.set()
        assert end.wait(10)
        computed.append(1)
        return len(computed)

    def ask() -> int:
        found: int = shared.get("place", lambda: "same", compute, patience=10)
        return found

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask)
        assert began.wait(10)
        others = [pool.submit(ask) for _ in range(3)]
        while shared.users["place"] < 4:
            threading.Event().wait(0.001)
        end.set()
        assert [each.result(10) for each in (first, *others)] == [1, 1, 1, 1]
    assert computed == [1]


def test_who_has_waited_long_enough_is_refused() -> None:
    shared, began, end = sharing.Shared(), threading.Event(), threading.Event()

    def compute() -> None:
        began.set()
        end.wait(10)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(shared.get, "place", lambda: 1, compute, patience=1)
        assert began.wait(10)
        with pytest.raises(statuses.Refused) as refused:
            shared.get("place", lambda: 2, compute, patience=0.01)
        end.set()
    assert refused.value.status["code"] == 503


def test_few_answers_are_kept() -> None:
    shared = sharing.Shared()
    for place in range(sharing.MOST_KEPT + 5):
        shared.get(place, lambda: 1, lambda: 1, patience=1)
    assert len(shared.kept) == sharing.MOST_KEPT


def test_a_budget_ends_what_takes_too_long() -> None:
    clock = Clock()
    budget = sharing.Budget(5, "the forecast", clock)
    clock.now += 5
    budget.check()
    clock.now += 0.1
    with pytest.raises(statuses.Refused, match="Timeout: the forecast took longer than 5 seconds"):
        budget.check()
