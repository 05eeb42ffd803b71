"""Results, their files, the end of a class; what presenters and authors do."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import answering, handing_out, lesson_files, results, seats
from cluster.classroom.following import lesson_of
from cluster.classroom.seat_pages import panel_of
from cluster.classroom.watching import watches
from cluster.models import Change, Classroom, Cluster, LessonText, Progress, Seat, Token
from cluster.writing import actions
from tests.classroom.conftest import logged_in, posted, sat_down
from tests.classroom.test_lessons_live import WEB, run_of, space

pytestmark = pytest.mark.django_db
CLASS = "/classes/blue-class/"


@pytest.fixture(autouse=True)
def no_watches() -> None:
    watches.clear()


@pytest.fixture
def client(room: Classroom, teacher: User) -> Client:  # noqa: ARG001 there is a class
    return logged_in(teacher)


@pytest.fixture
def at_work(room: Classroom, ada: Seat, ben: Seat) -> tuple[Seat, Seat]:
    """Ada has done the first task of the deadline's lesson after a hint, Ben nothing."""
    handing_out.hand_out(room, lesson_files.shipped()["07-surge-and-unavailable"])
    answering.answer(panel_of(ada), "9")
    answering.show_hint(panel_of(ada))
    answering.answer(panel_of(ada), "13")
    answering.answer(panel_of(ada), "8")
    return ada, ben


@pytest.mark.usefixtures("at_work")
class TestFiles:
    def test_each_task_has_its_row(self, client: Client) -> None:
        found = client.get(f"{CLASS}results.json").json()
        assert found["class"] == "Blue class"
        told = {(row["student"], row["task"]): row for row in found["results"]}
        assert len(told) == 12
        first, second, third = (told["Ada", number] for number in (1, 2, 3))
        assert (first["state"], first["first_try"], first["wrong_answers"], first["hints"]) == ("done", False, 1, 1)
        assert (second["state"], second["first_try"], second["seconds"] >= 0) == ("done", True, True)
        assert (third["state"], third["first_try"], third["done"]) == ("under way", None, None)
        assert {told["Ben", number]["state"] for number in range(2, 7)} == {"not begun"}

    def test_csv_and_json_say_the_same(self, client: Client) -> None:
        rows = list(csv.DictReader(io.StringIO(client.get(f"{CLASS}results.csv").content.decode())))
        told = client.get(f"{CLASS}results.json").json()["results"]
        assert [tuple(row) for row in rows] == [results.COLUMNS] * len(told)
        assert rows == [{key: results.cell(row[key]) for key in results.COLUMNS} for row in told]

    def test_results_are_those_of_the_journal(self, room: Classroom, at_work: tuple[Seat, Seat]) -> None:
        kept = results.rows(room)
        Progress.objects.update(records=[])
        watches.clear()
        assert results.rows(room) == kept
        assert run_of(at_work[0]).records[0].hints == 1

    def test_the_page_shows_them_and_what_the_end_would_erase(self, client: Client) -> None:
        page = client.get(f"{CLASS}results/").content.decode()
        assert "Surge and unavailable" in page
        assert "2 seats with their accounts and keys, 3 clusters" in page


def test_a_name_that_begins_like_a_formula_stays_text(room: Classroom, client: Client) -> None:
    seats.join(room.code, "=1+1")
    handing_out.hand_out(room, lesson_files.shipped()["01-create-and-look"])
    assert "\n'=1+1," in client.get(f"{CLASS}results.csv").content.decode().replace("\r", "")


class TestEnd:
    def test_erasing_wants_the_name_and_takes_everything(self, client: Client, ada: Seat, teacher: User) -> None:
        sat_down(ada).get("/seat/kubeconfig/")
        assert posted(client, f"{CLASS}end/", {"erase": "yes"}).status_code == 400
        assert Seat.objects.exists()
        assert posted(client, f"{CLASS}end/", {"erase": "Blue class"}).status_code == 200
        for model in (Classroom, Seat, Cluster, Change, Progress, Token):
            assert not model.objects.exists(), model
        assert list(User.objects.all()) == [teacher]

    def test_a_student_can_not_end_the_class(self, ada: Seat) -> None:
        assert posted(sat_down(ada), f"{CLASS}end/", {"erase": "Blue class"}).status_code == 404


class TestPresenting:
    STAGE = "/clusters/blue-class/namespaces/default/deployments/nginx-deployment/"

    @pytest.mark.parametrize(
        "place",
        [
            {"path": STAGE},
            {"path": STAGE, "projector": True},
            {"path": "/clusters/blue-class/rollouts/7/", "query": "t=1.500&frame=3"},
        ],
    )
    def test_a_page_of_the_classes_cluster_is_shown(self, client: Client, room: Classroom, place: Any) -> None:
        assert posted(client, f"{CLASS}present/", {"place": place}).status_code == 200
        room.refresh_from_db()
        assert room.place == {"query": "", "projector": False, **place}
        posted(client, f"{CLASS}present/", {"place": None})
        room.refresh_from_db()
        assert room.place is None

    @pytest.mark.parametrize(
        "place",
        [
            pytest.param({"path": "//evil.example/"}, id="another site"),
            pytest.param({"path": "/clusters/blue-class/../../admin/"}, id="upwards"),
            pytest.param({"path": "/clusters/blue-class-01/"}, id="a seat's cluster"),
            pytest.param({"path": "javascript:alert(1)"}, id="a script"),
            pytest.param({"path": STAGE, "query": "a=<b>"}, id="a query with markup"),
            pytest.param({"path": STAGE, "projector": 1}, id="a number for yes"),
            pytest.param({"path": STAGE, "more": 1}, id="an unknown field"),
            pytest.param([], id="a list"),
        ],
    )
    def test_nothing_else_is(self, client: Client, room: Classroom, place: Any) -> None:
        assert posted(client, f"{CLASS}present/", {"place": place}).status_code == 400
        room.refresh_from_db()
        assert room.place is None


class TestOwnLessons:
    TEXT = lesson_files.shipped()["01-create-and-look"].replace("title: Create and look", "title: Mine")

    def test_a_lesson_is_written_saved_handed_out_and_deleted(self, client: Client, room: Classroom, ada: Seat) -> None:
        key = posted(client, f"{CLASS}lessons/save/", {"text": self.TEXT}).json()["key"]
        assert "Mine" in client.get(f"{CLASS}lessons/").content.decode()
        assert posted(client, f"{CLASS}hand-out/", {"lesson": f"own-{key}"}).status_code == 200
        posted(client, f"{CLASS}lessons/save/", {"text": self.TEXT.replace("Mine", "Other"), "key": key})
        assert LessonText.objects.get().title == "Other"
        assert run_of(ada).lesson.title == "Mine", "who is at it goes on with what was handed out"
        posted(client, f"{CLASS}lessons/delete/", {"key": key})
        assert not LessonText.objects.exists()
        assert room.handouts.count() == 1

    def test_another_teachers_lesson_is_not_there(self, client: Client, room: Classroom) -> None:
        other = User.objects.create_user("other")
        made = LessonText.objects.create(owner=other, title="x", text=self.TEXT, changed=room.created)
        assert posted(client, f"{CLASS}hand-out/", {"lesson": f"own-{made.pk}"}).status_code == 404
        assert posted(client, f"{CLASS}lessons/save/", {"text": self.TEXT, "key": made.pk}).status_code == 404
        posted(client, f"{CLASS}lessons/delete/", {"key": made.pk})
        assert LessonText.objects.count() == 1

    def test_errors_are_told_with_their_lines_and_what_is_wrong_is_not_kept(self, client: Client) -> None:
        bad = self.TEXT.replace("ask: replicasets", "ask: weather")
        told = posted(client, f"{CLASS}lessons/check/", {"text": bad}).json()
        line = bad[: bad.index("ask: weather")].count("\n") + 1
        assert [each["line"] for each in told["errors"]] == [line]
        assert posted(client, f"{CLASS}lessons/save/", {"text": bad}).status_code == 400

    def test_the_solution_is_tried_and_the_tasks_are_shown(self, client: Client) -> None:
        told = posted(client, f"{CLASS}lessons/check/", {"text": self.TEXT}).json()
        assert told["errors"] == []
        assert [each["kind"] for each in told["preview"]["tasks"]] == ["check", "ask", "ask", "check", "ask"]
        early = self.TEXT.replace("deployed: false", "deployed: true")
        (error,) = posted(client, f"{CLASS}lessons/check/", {"text": early}).json()["errors"]
        assert "before anything was done" in error["text"]


def test_a_lesson_is_read_once_for_all_who_are_at_it(room: Classroom, ada: Seat, ben: Seat) -> None:
    handing_out.hand_out(room, lesson_files.shipped()["10-progress-deadline"])
    actions.act(space(ada), WEB, "tune", {"progress_deadline_seconds": 20}, actor="Ada@blue-class")
    assert run_of(ada).lesson is run_of(ben).lesson is lesson_of(lesson_files.shipped()["10-progress-deadline"])
