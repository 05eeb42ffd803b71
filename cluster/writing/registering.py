"""Accounts that people register themselves, where ROLLSTAGE_REGISTRATION allows it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cluster.writing.attempts import Key, Limit

LONGEST_NAME = 60
# Actors in journals that are not users.
RESERVED = frozenset(
    ("anonymous", "demo", "end-date", "invite", "lesson", "migration", "namespace-controller", "seed", "story")
)
OF_ADDRESS = Limit(most=10, seconds=360.0)
NAMES_OF_ADDRESS = Limit(most=30, seconds=30.0)
IN_ALL = Limit(most=100, seconds=36.0)


def limits_of(address: str) -> tuple[tuple[Key, Limit], ...]:
    """The limits on accounts made without an invitation."""
    return (("register", address), OF_ADDRESS), (("register",), IN_ALL)


def names_of(address: str) -> tuple[tuple[Key, Limit], ...]:
    """The limit on tries with names that are taken."""
    return ((("register-names", address), NAMES_OF_ADDRESS),)


def is_open() -> bool:
    """Whether anyone may make an account."""
    return bool(settings.REGISTRATION == "open")


def is_open_to_invited() -> bool:
    return bool(settings.REGISTRATION in ("invitation", "open"))


def check_name(name: str) -> None:
    """Raises ValidationError. NAME@CLASS, where the class has no dot, is reserved for the seats of a class."""
    _before, separator, domain = name.rpartition("@")
    if name.casefold() in RESERVED or (separator and "." not in domain):
        raise ValidationError(_("Nobody can have this name here."), code="reserved")
    if get_user_model().objects.filter(username__iexact=name).exists():
        raise taken()


def taken() -> ValidationError:
    return ValidationError(_("This name is taken."), code="taken")


def save(account: Any) -> None:
    """Raises ValidationError if the name was taken in the meantime."""
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise taken() from error


def prepared(name: str, password: str) -> Any:
    """An unsaved account. Hashing the password is slow, so it is done here, before any lock is taken."""
    return get_user_model()(username=name, password=make_password(password))
