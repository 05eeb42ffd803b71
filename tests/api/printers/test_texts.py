"""What is kept of objects as they were told."""

from cluster.api.printers.texts import Texts


def test_what_is_known_is_told_again() -> None:
    texts = Texts()
    texts.keep({("a", 1): b"one", ("a", 2): b"two"})
    assert texts.of([("a", 2), ("b", 1)]) == {("a", 2): b"two"}


def test_those_asked_for_last_are_kept_within_their_bytes() -> None:
    texts = Texts(largest=10)
    for name in ("a", "b"):
        texts.keep({(name, 1): b"1234"})
    texts.of([("a", 1)])
    texts.keep({("c", 1): b"1234"})
    assert set(texts.of([("a", 1), ("b", 1), ("c", 1)])) == {("a", 1), ("c", 1)}
    assert texts.size == 8


def test_a_list_that_would_fill_half_of_the_cache_is_not_kept() -> None:
    texts = Texts(largest=10)
    texts.keep({("a", 1): b"123", ("b", 1): b"123"})
    assert (texts.of([("a", 1), ("b", 1)]), texts.size) == ({}, 0)


def test_a_text_that_is_made_twice_counts_once() -> None:
    texts = Texts()
    for _ in range(2):
        texts.keep({("a", 1): b"1234"})
    assert texts.size == 4
