"""Links that make members: who may make which, whom they admit and what of, and what they never take away."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from cluster import models
from cluster.live.worker import Housekeeper
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import clusters, invitations, memberships, namespaces
from cluster.writing.invitations import Invitation, NoInvitation, Offer
from cluster.writing.permissions import may
from tests.live.test_two_workers import alongside
from tests.spaces import DEFAULT, demo, grant, space

WHOLE = space("")
OFFER = Offer(space=WHOLE, role="view", days=7, seats=3)
HERE = "10.0.0.1"
PATIENCE_SECONDS = 20.0
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def ann(cluster: None) -> User:  # noqa: ARG001
    return grant(User.objects.create_user("ann"), ":admin")


@pytest.fixture
def ben(cluster: None) -> User:  # noqa: ARG001
    return User.objects.create_user("ben")


def made(by: User, **values: Any) -> Invitation:
    return Invitation.objects.get(digest=invitations.digest(invitations.make(replace(OFFER, **values), by)))


def roles(user: User) -> list[tuple[str, str]]:
    return sorted(user.memberships.values_list("namespace", "role"))


@pytest.mark.parametrize(
    ("given", "place", "allowed"),
    [
        pytest.param([":admin"], "", True, id="an admin, for the cluster"),
        pytest.param([":admin"], "default", True, id="an admin, for a namespace"),
        pytest.param(["default:admin"], "default", True, id="an admin of a namespace, for it"),
        pytest.param(["default:admin"], "other", False, id="an admin of a namespace, for another"),
        pytest.param(["default:admin"], "", False, id="an admin of a namespace, for the cluster"),
        pytest.param([":edit"], "", False, id="an editor"),
        pytest.param([":view"], "default", False, id="a viewer"),
        pytest.param([], "", False, id="a stranger"),
    ],
)
@pytest.mark.parametrize("role", memberships.ROLES)
@pytest.mark.usefixtures("cluster")
def test_who_may_make_which(given: list[str], place: str, role: str, allowed: bool) -> None:
    namespaces.create("demo", "other", actor="me")
    cat = grant(User.objects.create_user("cat"), *given)
    if allowed:
        row = made(cat, space=space(place), role=role)
        assert (row.namespace, row.role, row.made_by) == (place, role, cat)
        return
    with pytest.raises(Refused, match="is no admin there"):
        made(cat, space=space(place), role=role)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        pytest.param({"role": "king"}, "role: Unsupported value", id="no such role"),
        pytest.param({"days": 2}, "days: Unsupported value", id="no such time"),
        pytest.param({"seats": 0}, "seats: Invalid value", id="nobody"),
        pytest.param({"seats": 101}, "seats: Invalid value", id="too many"),
        pytest.param({"ends": timezone.now() - DAY}, "ends: Invalid value", id="an end that is over"),
        pytest.param({"space": space("nowhere")}, "nowhere", id="no such namespace"),
        pytest.param({"space": Space("none", "")}, 'clusters "none" not found', id="no such cluster"),
    ],
)
def test_what_can_not_be_is_refused(ann: User, values: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        made(ann, **values)
    assert not Invitation.objects.exists()


def test_only_the_digest_is_kept(ann: User) -> None:
    secret = invitations.make(OFFER, ann)
    row = Invitation.objects.get()
    assert len(secret) >= 43
    assert secret not in str(Invitation.objects.values())
    assert invitations.find(secret, HERE) == row


def test_open_ones_are_bounded_and_closed_ones_forgotten(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    monkeypatch.setattr(invitations, "MOST_CLOSED", 2)
    first, _second = made(ann), made(ann)
    with pytest.raises(Refused, match="2 open invitations are the most that a cluster may have"):
        made(ann)
    invitations.revoke(first)
    for _ in range(4):
        invitations.revoke(made(ann))
    assert invitations.open_ones().count() == 1
    assert Invitation.objects.count() <= 1 + invitations.MOST_CLOSED
    assert not Invitation.objects.filter(pk=first.pk).exists()


def test_what_is_over_is_forgotten_some_time_after(ann: User) -> None:
    over, fresh = made(ann), made(ann)
    Invitation.objects.filter(pk=over.pk).update(expires=timezone.now() - invitations.CLOSED_KEPT)
    Housekeeper().tidy()
    assert list(Invitation.objects.all()) == [fresh]


def change(**values: Any) -> Callable[[Invitation], Any]:
    return lambda row: Invitation.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("spoil", "reason", "code"),
    [
        pytest.param(invitations.revoke, "Revoked", 410, id="revoked"),
        pytest.param(lambda row: change(expires=timezone.now())(row), "Expired", 410, id="expired"),
        pytest.param(lambda row: change(ends=timezone.now())(row), "Expired", 410, id="its memberships have ended"),
        pytest.param(change(used=3), "UsedUp", 410, id="used up"),
        pytest.param(lambda _: User.objects.update(is_active=False), "Orphaned", 410, id="an inactive maker"),
        pytest.param(
            lambda _: models.Membership.objects.update(ends=timezone.now()), "Orphaned", 410, id="no admin any more"
        ),
        pytest.param(lambda _: User.objects.get(username="ann").delete(), "Orphaned", 410, id="the account is gone"),
        pytest.param(lambda row: row.delete(), "WrongLink", 404, id="deleted"),
        pytest.param(lambda _: clusters.delete("demo"), "WrongLink", 404, id="the cluster is gone"),
    ],
)
def test_a_link_that_admits_nobody_says_why(
    ann: User, ben: User, spoil: Callable[[Invitation], Any], reason: str, code: int
) -> None:
    secret = invitations.make(OFFER, ann)
    row = Invitation.objects.get()
    spoil(row)
    with pytest.raises(NoInvitation) as told:
        invitations.find(secret, HERE)
    assert (told.value.reason, told.value.code) == (reason, code)
    User.objects.filter(pk=ben.pk).update(is_active=True)
    with pytest.raises(NoInvitation) as told:
        invitations.accept(row.pk or 0, ben)
    assert told.value.reason == reason
    assert roles(ben) == []


def test_wrong_links_have_to_wait(ann: User) -> None:
    secret = invitations.make(OFFER, ann)
    for _ in range(invitations.GUESSES.most):
        with pytest.raises(NoInvitation, match="This link is no invitation"):
            invitations.find("wrong", HERE)
    with pytest.raises(NoInvitation, match="Too many wrong links") as told:
        invitations.find("wrong", HERE)
    assert told.value.code == 429
    assert invitations.find(secret, HERE).role == "view"  # a secret of 256 bits: a right link is no guess


def test_it_admits_as_many_as_it_says(ann: User) -> None:
    row = made(ann, seats=2, role="edit", space=DEFAULT)
    people = [User.objects.create_user(name) for name in ("cat", "dan", "eve")]
    assert [invitations.accept(row.pk, each) for each in people[:2]] == [True, True]
    with pytest.raises(NoInvitation, match="As many people"):
        invitations.accept(row.pk, people[2])
    assert [roles(each) for each in people] == [[("default", "edit")], [("default", "edit")], []]
    told = models.Change.objects.filter(kind="RoleBinding").values_list("actor", "name")
    assert list(told) == [("cat", "cat-edit"), ("dan", "dan-edit")]


SOON, LATE = timezone.now() + 30 * DAY, timezone.now() + 60 * DAY


@pytest.mark.parametrize(
    ("held", "offered", "after", "used"),
    [
        pytest.param([], ("view", None), [("view", None)], 1, id="nothing"),
        pytest.param([("", "view", None)], ("edit", None), [("edit", None)], 1, id="a lower role"),
        pytest.param([("", "edit", None)], ("edit", None), [("edit", None)], 0, id="the same role"),
        pytest.param([("", "admin", None)], ("view", None), [("admin", None)], 0, id="a higher role"),
        pytest.param([("", "edit", None)], ("edit", SOON), [("edit", None)], 0, id="the same for good"),
        pytest.param([("", "edit", SOON)], ("edit", None), [("edit", None)], 1, id="the same, but it ends"),
        pytest.param([("", "edit", SOON)], ("edit", LATE), [("edit", LATE)], 1, id="the same, but it ends sooner"),
        pytest.param([("", "edit", LATE)], ("edit", SOON), [("edit", LATE)], 0, id="the same, and it ends later"),
        pytest.param(
            [("", "view", None)], ("edit", SOON), [("edit", SOON), ("view", None)], 1, id="lower, but for good"
        ),
        pytest.param(
            [("", "admin", SOON)], ("view", None), [("admin", SOON), ("view", None)], 1, id="higher, but it ends"
        ),
        pytest.param(
            [("default", "admin", None)],
            ("view", None),
            [("admin", None), ("view", None)],
            1,
            id="a higher role in a namespace",
        ),
    ],
)
def test_a_higher_or_longer_role_is_never_lowered(
    ann: User,
    ben: User,
    held: list[tuple[str, str, datetime | None]],
    offered: tuple[str, datetime | None],
    after: list[tuple[str, datetime | None]],
    used: int,
) -> None:
    for place, role, ends in held:
        memberships.grant(space(place), ben, role, actor="me", ends=ends)
    row = made(ann, role=offered[0], ends=offered[1])
    assert invitations.accept(row.pk, ben) is bool(used)
    assert sorted(ben.memberships.values_list("role", "ends"), key=str) == after
    row.refresh_from_db()
    assert row.used == used


def test_a_role_in_the_whole_cluster_is_enough_for_a_namespace(ann: User, ben: User) -> None:
    grant(ben, ":edit")
    assert not invitations.accept(made(ann, space=DEFAULT, role="edit").pk, ben)
    assert invitations.accept(made(ann, space=DEFAULT, role="admin").pk, ben)
    assert roles(ben) == [("", "edit"), ("default", "admin")]


def test_what_has_ended_does_not_count(ann: User, ben: User) -> None:
    memberships.grant(WHOLE, ben, "admin", actor="me", ends=timezone.now() + DAY)
    ben.memberships.update(ends=timezone.now())
    assert invitations.accept(made(ann).pk, ben)
    assert roles(ben) == [("", "view")]


def test_a_namespace_takes_its_invitations_along(ann: User, ben: User) -> None:
    namespaces.create("demo", "other", actor="me")
    row, whole = made(ann, space=space("other")), made(ann)
    namespaces.remove(models.Namespace.objects.get(name="other"), actor="me")
    namespaces.create("demo", "other", actor="me")
    with pytest.raises(NoInvitation):
        invitations.accept(row.pk, ben)
    in_default = made(ann, space=DEFAULT)
    clusters.reset("demo")
    with pytest.raises(NoInvitation):
        invitations.accept(in_default.pk, ben)
    assert invitations.accept(whole.pk, ben)


def test_a_visitor_who_may_everything_invites_while_they_may(cluster: None, ben: User, settings: Any) -> None:  # noqa: ARG001
    settings.ANONYMOUS = "admin"
    row = made(AnonymousUser())  # type: ignore[arg-type]
    assert row.made_by is None
    settings.ANONYMOUS = "edit"
    with pytest.raises(NoInvitation, match="is no admin there any more"):
        invitations.accept(row.pk, ben)
    settings.ANONYMOUS = "admin"
    assert invitations.accept(row.pk, ben)


@pytest.mark.usefixtures("committed")
def test_two_who_want_the_last_place_at_once() -> None:
    """Both have looked at the invitation before either holds the cluster: exactly one gets in."""
    ann = grant(User.objects.create_user("ann"), ":admin")
    row = made(ann, seats=1)
    people = [User.objects.create_user(f"p{number}") for number in range(4)]
    start = threading.Barrier(len(people) + 1)
    got: list[str] = []
    failures: list[BaseException] = []

    def join(user: User) -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            got.append("in" if invitations.accept(row.pk, user) else "as before")
        except NoInvitation as refusal:
            got.append(refusal.reason)

    threads = [alongside(lambda each=each: join(each), failures) for each in people]  # type: ignore[misc]
    with journal.exclusive("demo"):
        start.wait(PATIENCE_SECONDS)
    for each in threads:
        each.join(PATIENCE_SECONDS)
    assert failures == []
    assert sorted(got) == ["UsedUp", "UsedUp", "UsedUp", "in"]
    row.refresh_from_db()
    assert (row.used, sum(may(each, "view", DEFAULT) for each in people)) == (1, 1)
    assert demo().memberships.count() == 2
