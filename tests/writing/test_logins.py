"""Log-ins that fail again and again have to wait; and what a password must be like."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from cluster.writing import attempts, logins
from cluster.writing.attempts import Limit
from cluster.writing.logins import ACCOUNT, ADDRESS, PAIR

GOOD = "three old nodes"
WRONG = "User name and password do not match."
WAIT = "Too many failed logins. Try again in 1 minute."


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(attempts, "now", made)
    return made


@pytest.fixture
def ann(cluster: None) -> User:  # noqa: ARG001
    return User.objects.create_superuser("ann", password=GOOD)


def attempt(
    password: str, *, user: str = "ann", address: str = "10.0.0.1", path: str = "/login/", **headers: str
) -> str:
    """What the page says; "in" if it lets in."""
    answer = Client(REMOTE_ADDR=address, headers=headers).post(path, {"username": user, "password": password})
    if answer.status_code == 302:
        return "in"
    page = answer.content.decode()
    return next(each for each in (WAIT, WRONG, "Too many", "Please enter the correct") if each in page)


@pytest.mark.usefixtures("ann")
def test_an_account_waits_after_ten_failures_and_is_let_in_a_minute_later(clock: Clock) -> None:
    assert {attempt("wrong") for _ in range(PAIR.most)} == {WRONG}
    assert attempt("wrong") == attempt(GOOD) == WAIT, "the right password tells nothing either"
    assert attempt(GOOD, address="10.0.0.2") == "in", "from elsewhere the account stays open"
    clock.now += PAIR.seconds
    assert attempt(GOOD) == "in"
    assert {attempt("wrong") for _ in range(PAIR.most)} == {WRONG}, "who came in was forgiven"


@pytest.mark.usefixtures("ann")
def test_capitals_make_no_other_account(clock: Clock) -> None:
    for place in range(PAIR.most):
        attempt("wrong", user="ann" if place % 2 else "ANN")
    assert attempt(GOOD) == WAIT
    assert clock.now == 1000.0


@pytest.mark.usefixtures("ann", "clock")
def test_an_address_waits_whatever_accounts_it_tries() -> None:
    for place in range(ADDRESS.most):
        assert attempt("wrong", user=f"user-{place}") == WRONG
    assert attempt(GOOD) == WAIT
    assert attempt(GOOD, address="10.0.0.2") == "in"


@pytest.mark.usefixtures("ann", "clock")
def test_an_account_waits_whatever_addresses_try_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "ACCOUNT", Limit(most=3, seconds=ACCOUNT.seconds))
    for place in range(3):
        assert attempt("wrong", address=f"10.0.1.{place}") == WRONG
    assert attempt(GOOD, address="10.0.2.1") == WAIT


@pytest.mark.usefixtures("ann", "clock")
def test_the_admins_own_login_counts_too() -> None:
    for _ in range(PAIR.most):
        attempt("wrong", path="/admin/login/")
    assert attempt(GOOD) == WAIT
    assert attempt(GOOD, path="/admin/login/") == WAIT


@pytest.mark.usefixtures("ann", "clock")
def test_behind_a_proxy_the_address_is_what_the_proxy_says(settings: Any) -> None:
    for _ in range(PAIR.most):
        attempt("wrong", **{"X-Forwarded-For": "1.2.3.4"})
    assert attempt(GOOD, **{"X-Forwarded-For": "1.2.3.5"}) == WAIT, "without a proxy the header is anybody's"
    settings.HTTPS = True
    for _ in range(PAIR.most):
        attempt("wrong", **{"X-Forwarded-For": "9.9.9.9, 1.2.3.4"})
    assert attempt(GOOD, **{"X-Forwarded-For": "8.8.8.8, 1.2.3.4"}) == WAIT
    assert attempt(GOOD, **{"X-Forwarded-For": "1.2.3.5"}) == "in"


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("aaaaaaaa", id="one letter"),
        pytest.param("abababab", id="two letters"),
        pytest.param("7391846205", id="digits"),
        pytest.param("password1", id="a common one"),
        pytest.param("x7Kq!", id="short"),
        pytest.param("annabella-x", id="as the account"),
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(username="annabella"))


def test_a_good_password_is_taken() -> None:
    validate_password(GOOD, User(username="ann"))
