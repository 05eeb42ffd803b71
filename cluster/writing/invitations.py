"""Links that make a person a member. A link is valid only while its creator is an admin of the space."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster.models import Invitation
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import attempts, memberships, permissions
from cluster.writing.attempts import Key, Limit
from cluster.writing.writes import find_namespace

LIFETIMES_DAYS = (1, 7, 30)
MOST_SEATS = Invitation.MOST_SEATS
MOST_OPEN = 50  # of a cluster
MOST_CLOSED = 50  # of a cluster that are kept, so that admins see how they ended
CLOSED_KEPT = timedelta(days=30)
GUESSES = Limit(most=5, seconds=12.0)


class NoInvitation(Exception):
    """Raised when a link can't be accepted. `reason` is one word, `code` the HTTP status."""

    def __init__(self, reason: str, message: str, code: int) -> None:
        super().__init__(message)
        self.reason, self.code = reason, code


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a link gives: `role` in `space`, until `ends` (None: no end), to at most `seats` people who accept within `days`."""

    space: Space
    role: str
    days: int
    seats: int
    ends: datetime | None = None


def make(offer: Offer, by: Any) -> str:
    """Creates an invitation and returns the link's secret, of which only a hash is stored. Raises Refused, also if `by` is not an
    admin of the space."""
    check(offer)
    secret, now = secrets.token_urlsafe(32), timezone.now()
    with journal.exclusive(offer.space.cluster) as cluster:
        if not permissions.may(by, "admin", offer.space):
            message = f'invitations are forbidden: User "{by.get_username()}" is no admin there'
            raise Refused(failure(403, "Forbidden", message))
        if offer.space.namespace:
            find_namespace(offer.space)
        if open_ones().filter(cluster=cluster).count() >= MOST_OPEN:
            message = f"{MOST_OPEN} open invitations are the most that a cluster may have; revoke one"
            raise Refused(failure(403, "Forbidden", message))
        forget_closed_of(cluster.pk)
        Invitation.objects.create(
            digest=digest(secret),
            cluster=cluster,
            namespace=offer.space.namespace,
            role=offer.role,
            seats=offer.seats,
            ends=offer.ends,
            created=now,
            expires=now + timedelta(days=offer.days),
            made_by=by if by.is_authenticated else None,
        )
    return secret


def check(offer: Offer) -> None:
    if offer.role not in memberships.ROLES:
        raise Refused(bad_request(f"role: Unsupported value: {offer.role!r}"))
    if offer.days not in LIFETIMES_DAYS:
        raise Refused(bad_request(f"days: Unsupported value: {offer.days}: supported values: 1, 7, 30"))
    if not 1 <= offer.seats <= MOST_SEATS:
        raise Refused(
            bad_request(f"seats: Invalid value: {offer.seats}: must be between 1 and {MOST_SEATS}, inclusive")
        )
    memberships.check_end(offer.ends)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def open_ones() -> QuerySet[Invitation]:
    """The invitations that can still be accepted."""
    now = timezone.now()
    lasting = Q(ends=None) | Q(ends__gt=now)
    return Invitation.objects.filter(lasting, revoked=None, expires__gt=now, used__lt=F("seats"))


def forget_closed_of(cluster: int) -> None:
    """Deletes a cluster's closed invitations except the newest."""
    closed = Invitation.objects.filter(cluster=cluster).exclude(pk__in=open_ones().values("pk")).order_by("-pk")
    old = list(closed.values_list("pk", flat=True)[MOST_CLOSED - 1 :])
    Invitation.objects.filter(pk__in=old).delete()


def forget() -> None:
    """Deletes the invitations that expired CLOSED_KEPT ago."""
    Invitation.objects.filter(expires__lte=timezone.now() - CLOSED_KEPT).delete()


def find(secret: str, address: str) -> Invitation:
    """The open invitation of a link that was opened from an address. Raises NoInvitation, with 429 after too many wrong links
    from that address."""
    rows = Invitation.objects.select_related("cluster", "made_by")
    row = rows.filter(digest=digest(secret)).first()
    if row is None:
        guesses = [guess_of(address)]
        seconds = attempts.wait(guesses)
        if seconds:
            message = _("Too many wrong links. Try again in %(seconds)d seconds.") % {"seconds": int(seconds) + 1}
            raise NoInvitation("TooMany", message, 429)
        attempts.add(guesses)
        raise wrong_link()
    check_open(row)
    return row


def wrong_link() -> NoInvitation:
    message = _("This link is no invitation. Check that it is whole, or ask for another.")
    return NoInvitation("WrongLink", message, 404)


def guess_of(address: str) -> tuple[Key, Limit]:
    return ("invitation", address), GUESSES


IsAdmin = Callable[[Any, Space], bool]


def is_admin(user: Any, space: Space) -> bool:
    return permissions.may(user, "admin", space)


def check_open(row: Invitation, is_admin: IsAdmin = is_admin) -> None:
    """Raises NoInvitation."""
    now = timezone.now()
    if row.revoked is not None:
        raise NoInvitation("Revoked", _("This invitation was revoked. Ask who sent it for another."), 410)
    if row.expires <= now or (row.ends is not None and row.ends <= now):
        raise NoInvitation("Expired", _("This invitation is over. Ask who sent it for another."), 410)
    if row.used >= row.seats:
        raise NoInvitation("UsedUp", _("As many people as this invitation is for have joined. Ask for another."), 410)
    if not is_admin(row.made_by or AnonymousUser(), space_of(row)):
        message = _("Who made this invitation is no admin there any more, so it admits nobody. Ask for another.")
        raise NoInvitation("Orphaned", message, 410)


def space_of(row: Invitation) -> Space:
    return Space(row.cluster.name, row.namespace)


@contextmanager
def held(key: int) -> Iterator[Invitation]:
    """Locks the invitation's cluster and reads the invitation again, so that only one of two people gets the last seat. Raises
    NoInvitation and Refused."""
    name = Invitation.objects.filter(pk=key).values_list("cluster__name", flat=True).first()
    if name is None:
        raise wrong_link()
    with journal.exclusive(name) as cluster:
        row = Invitation.objects.select_related("cluster", "made_by").filter(pk=key, cluster=cluster).first()
        if row is None:
            raise wrong_link()
        check_open(row)
        if row.namespace:
            find_namespace(space_of(row))
        yield row


def accept(key: int, user: Any) -> bool:
    """Makes the user a member. Returns False if they already have this role or more; no seat is used then. Raises NoInvitation
    and Refused."""
    with held(key) as row:
        return admit(row, user)


def admit(row: Invitation, user: Any) -> bool:
    """As `accept`, for an invitation that is locked by `held`."""
    if not memberships.add_to(space_of(row), user, row.role, actor=user.get_username(), ends=row.ends):
        return False
    Invitation.objects.filter(pk=row.pk).update(used=F("used") + 1)
    return True


def revoke(row: Invitation) -> None:
    """Revokes a link; members who joined through it stay."""
    with journal.exclusive(row.cluster.name):
        Invitation.objects.filter(pk=row.pk, revoked=None).update(revoked=timezone.now())
