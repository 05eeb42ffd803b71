from cluster.classroom.guesses import MOST_ADDRESSES, MOST_IN_ALL, MOST_OF_AN_ADDRESS, WINDOW_SECONDS, Guesses


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def wrong(guesses: Guesses, address: str, times: int) -> None:
    for _ in range(times):
        guesses.note_wrong(address)


def test_after_five_wrong_codes_an_address_waits_and_others_do_not() -> None:
    guesses = Guesses(clock := Clock())
    wrong(guesses, "10.0.0.1", MOST_OF_AN_ADDRESS - 1)
    assert guesses.wait("10.0.0.1") == 0
    clock.now += 10
    wrong(guesses, "10.0.0.1", 1)
    assert guesses.wait("10.0.0.1") == WINDOW_SECONDS - 10
    assert guesses.wait("10.0.0.2") == 0


def test_the_wait_ends_and_begins_again() -> None:
    guesses = Guesses(clock := Clock())
    for _ in range(2):
        wrong(guesses, "10.0.0.1", MOST_OF_AN_ADDRESS)
        assert guesses.wait("10.0.0.1") == WINDOW_SECONDS
        clock.now += WINDOW_SECONDS
        assert guesses.wait("10.0.0.1") == 0


def test_many_addresses_together_are_limited_too() -> None:
    guesses = Guesses(clock := Clock())
    for number in range(MOST_IN_ALL):
        guesses.note_wrong(f"10.0.0.{number}")
    assert guesses.wait("192.168.0.1") == WINDOW_SECONDS
    clock.now += WINDOW_SECONDS
    assert guesses.wait("192.168.0.1") == 0


def test_the_memory_of_addresses_is_bounded() -> None:
    guesses = Guesses(clock := Clock())
    for number in range(MOST_ADDRESSES + 10):
        clock.now += 1
        guesses.note_wrong(str(number))
    assert len(guesses.of_address) == MOST_ADDRESSES
    assert len(guesses.in_all) <= MOST_IN_ALL
