"""Seats: who gets one, and what belongs to it."""

import pytest
from django.contrib.auth.models import User

from cluster.classroom import classes, links, seats
from cluster.classroom.seats import NoSeat
from cluster.models import Change, Classroom, Cluster, Deployment, Membership, Seat, Token
from cluster.writing import clusters

pytestmark = pytest.mark.django_db


def test_a_seat_is_an_account_without_a_password_and_a_cluster_with_the_books_deployment(ada: Seat) -> None:
    assert ada.cluster is not None
    assert ada.cluster.name == "blue-class-01"
    assert not ada.user.has_usable_password()
    assert not ada.user.is_staff and not ada.user.is_superuser
    assert list(Deployment.objects.filter(namespace__cluster=ada.cluster).values_list("name", flat=True)) == [
        "nginx-deployment"
    ]
    made = Change.objects.get(cluster=ada.cluster, kind="Deployment", verb="ADDED")
    assert made.actor == "Ada@blue-class"


def test_a_seat_is_a_member_of_its_cluster_and_looks_on_in_the_classes(ada: Seat, ben: Seat, teacher: User) -> None:
    def roles(user: User) -> dict[str, str]:
        return dict(Membership.objects.filter(user=user).values_list("cluster__name", "role"))

    assert roles(ada.user) == {"blue-class-01": "admin", "blue-class": "view"}
    assert roles(ben.user) == {"blue-class-02": "admin", "blue-class": "view"}
    assert roles(teacher) == {"blue-class": "admin", "blue-class-01": "view", "blue-class-02": "view"}


def test_equal_names_get_a_number(room: Classroom) -> None:
    names = [seats.join(room.code, name).name for name in ("Ada", "ada", " Ada  ", "Ada 2")]
    assert names == ["Ada", "ada 2", "Ada 3", "Ada 2 2"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("  Ada   King ", "Ada King", id="spaces"),
        pytest.param("A\u202eda\u200b\n", "Ada", id="invisible characters"),
        pytest.param("E\u0301va", "Éva", id="composed"),
        pytest.param("李雷", "李雷", id="any script"),
    ],
)
def test_a_name_is_kept_as_it_is_read(room: Classroom, name: str, kept: str) -> None:
    assert seats.join(room.code, name).name == kept


@pytest.mark.parametrize(
    ("change", "code", "name", "reason"),
    [
        pytest.param({}, "", "Ada", "WrongCode", id="no code"),
        pytest.param({}, "AAAAAA", "Ada", "WrongCode", id="a wrong code"),
        pytest.param({}, None, " \u200b ", "NoName", id="no name"),
        pytest.param({}, None, "x" * 41, "LongName", id="a long name"),
        pytest.param({"is_open": False}, None, "Ada", "Closed", id="a closed class"),
        pytest.param({"most_seats": 1}, None, "Ada", "Full", id="a full class"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(
    room: Classroom, change: dict[str, int], code: str | None, name: str, reason: str
) -> None:
    seats.join(room.code, "First")
    if change:
        classes.change(room, **change)
    before = (User.objects.count(), Cluster.objects.count())
    with pytest.raises(NoSeat) as refusal:
        seats.join(room.code if code is None else code, name)
    assert refusal.value.reason == reason
    assert (User.objects.count(), Cluster.objects.count()) == before


def test_a_new_code_makes_the_old_one_wrong_and_who_sits_stays(room: Classroom, ada: Seat) -> None:
    old = room.code
    classes.change(room, new_code=True)
    with pytest.raises(NoSeat):
        seats.join(old, "Ben")
    assert seats.join(room.code, "Ben").classroom == room
    assert links.seat_of(links.of_seat(ada)) == ada


@pytest.mark.usefixtures("ben")
def test_a_renamed_seat_keeps_its_links_and_acts_under_the_new_name(ada: Seat) -> None:
    link = links.of_seat(ada)
    seats.rename(ada, "Ben")
    assert (ada.name, ada.user.username) == ("Ben 2", "Ben 2@blue-class")
    assert links.seat_of(link) == ada


def test_a_removed_seat_leaves_nothing_and_its_number_is_not_given_again(room: Classroom, ada: Seat) -> None:
    link = links.of_seat(ada)
    seats.remove(ada)
    assert links.seat_of(link) is None
    assert not Cluster.objects.filter(name="blue-class-01").exists()
    assert not User.objects.filter(username__startswith="Ada").exists()
    assert not Token.objects.exists()
    again = seats.join(room.code, "Ada")
    assert again.cluster is not None and again.cluster.name == "blue-class-02"


def test_a_seat_is_removed_whole_or_not_at_all(ada: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise OSError

    monkeypatch.setattr(clusters, "delete", fails)
    with pytest.raises(OSError):
        seats.remove(ada)
    assert Seat.objects.get() == ada and User.objects.filter(username="Ada@blue-class").exists()


def test_a_new_link_makes_the_old_one_void(ada: Seat) -> None:
    old = links.of_seat(ada)
    seats.renew_link(ada)
    assert links.seat_of(old) is None
    assert links.seat_of(links.of_seat(ada)) == ada


def test_no_link_is_made_from_another(room: Classroom, ada: Seat, ben: Seat) -> None:
    seal = links.of_seat(ada).partition("-")[2]
    assert links.seat_of(f"{ben.pk}-{seal}") is None
    assert links.class_of(f"{room.pk}-{seal}") is None
    for wrong in ("", "-", "1", f"{ada.pk}-", f"x{links.of_seat(ada)}", f"{ada.pk}-\0"):
        assert links.seat_of(wrong) is None


def test_two_classes_of_one_name_have_places_of_their_own(room: Classroom, teacher: User) -> None:
    other = classes.create("Blue class", owner=teacher)
    assert (other.slug, seats.join(other.code, "Ada").user.username) == ("blue-class-b", "Ada@blue-class-b")
    assert room.code != other.code
