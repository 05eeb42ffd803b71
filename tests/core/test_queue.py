"""The order in which keys are worked on."""

from cluster.core.queue import Key, WorkQueue

A: Key = ("Deployment", "a")
B: Key = ("ReplicaSet", "b")
C: Key = ("ReplicaSet", "c")


def drained(queue: WorkQueue) -> list[Key]:
    found = []
    while key := queue.take():
        found.append(key)
        queue.done()
    return found


def queue_of(*keys: Key) -> WorkQueue:
    queue = WorkQueue()
    for key in keys:
        queue.add(key)
    return queue


def test_first_in_first_out_each_once() -> None:
    assert drained(queue_of(A, B, A, C, B)) == [A, B, C]


def test_a_key_added_while_it_is_worked_on_comes_after_what_was_added_meanwhile() -> None:
    queue = queue_of(A)
    assert queue.take() == A
    queue.add(A)
    queue.add(B)
    queue.done()
    assert drained(queue) == [B, A]


def test_a_late_key_comes_after_all_others() -> None:
    queue = queue_of(A)
    queue.take()
    queue.add(A)
    queue.done(late=True)
    queue.add(B)
    assert (len(queue), drained(queue)) == (2, [B, A])


def test_a_copy_keeps_the_order() -> None:
    queue = queue_of(A, B)
    twin = queue.copy()
    assert drained(queue) == [A, B] == drained(twin)
