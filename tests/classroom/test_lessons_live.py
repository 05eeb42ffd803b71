"""A lesson in a class: handed out, followed through the journal, answered, begun anew."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster.classroom import answering, classes, handing_out, lesson_files, seats
from cluster.classroom.feed import first_frame
from cluster.classroom.seat_pages import panel_of
from cluster.classroom.watching import ClassWatch, watch_of, watches
from cluster.core.lessons.run import Run
from cluster.models import Change, Classroom, Cluster, Deployment, Node, Progress, ReplicaSet, Seat
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import actions, pacing
from tests.classroom.conftest import logged_in, posted, sat_down

pytestmark = pytest.mark.django_db
WEB = "nginx-deployment"


@pytest.fixture(autouse=True)
def no_watches() -> None:
    watches.clear()


def run_of(seat: Seat, watch: ClassWatch | None = None) -> Run:
    watch = watch or watch_of(seat.classroom_id)
    watch.look()
    run = watch.followers[seat.pk].run
    assert run is not None
    return run


def space(seat: Seat) -> Space:
    seat.refresh_from_db()
    assert seat.cluster is not None
    return Space(seat.cluster.name, "default")


def hand_out(room: Classroom, name: str) -> None:
    handing_out.hand_out(room, lesson_files.shipped()[name])


@pytest.fixture
def settle(work: Any) -> Any:
    """Lets all pods become what they become, without waiting for them."""

    def run(seat: Seat) -> None:
        name = space(seat).cluster
        work()
        pacing.set_pace(name, 0, actor="story")
        for _ in range(60):
            work()
            if pacing.step(name, actor="story").message == "nothing is due":
                break
        pacing.set_pace(name, 1, actor="story")
        work()

    return run


def test_a_lesson_goes_into_every_cluster_and_into_those_of_who_comes_late(
    room: Classroom, ada: Seat, ben: Seat
) -> None:
    hand_out(room, "12-no-room")
    late = seats.join(room.code, "Late")
    for seat in (ada, ben, late):
        cluster = space(seat).cluster
        assert list(Node.objects.filter(cluster__name=cluster).values_list("name", "slots")) == [
            ("node-1", 2),
            ("node-2", 2),
        ]
        assert Deployment.objects.get(namespace__cluster__name=cluster).replicas == 4
        assert run_of(seat).number == 0
    hand_out(room, "01-create-and-look")
    assert not Deployment.objects.filter(namespace__cluster__seat__classroom=room).exists()


def test_tasks_are_done_by_what_happens_in_the_cluster(room: Classroom, ada: Seat, ben: Seat, settle: Any) -> None:
    hand_out(room, "04-failing-image")
    settle(ada)
    actions.act(space(ada), WEB, "set-image", {"nginx": "nginx:1.91"}, actor="Ada@blue-class")
    assert [each.met for each in run_of(ada).verdicts()] == [True, False]
    settle(ada)
    run = run_of(ada)
    assert run.number == 1
    assert (run.records[0].edits, run.records[0].is_first_try(run.lesson.tasks[0])) == (1, True)
    assert answering.answer(panel_of(ada), "2") == {
        "right": False,
        "rule": "look-again",
        "inputs": {},
        "text": "Look again.",
    }
    told = answering.answer(panel_of(ada), " 3 ")
    assert told["right"] and "status.availableReplicas of the Deployment is 3" in told["text"]
    assert answering.answer(panel_of(ada), "3")["right"]
    assert run_of(ada).number == 3
    actions.act(space(ada), WEB, "undo", actor="Ada@blue-class")
    settle(ada)
    assert run_of(ada).is_over
    assert [each.wrong for each in run_of(ada).records] == [0, 1, 0, 0]
    assert run_of(ben).number == 0


def test_any_process_at_any_time_finds_the_same(room: Classroom, ada: Seat, settle: Any) -> None:
    hand_out(room, "04-failing-image")
    settle(ada)
    actions.act(space(ada), WEB, "set-image", {"nginx": "nginx:1.91"}, actor="Ada@blue-class")
    settle(ada)
    answering.show_hint(panel_of(ada))
    answering.answer(panel_of(ada), "7")
    followed = run_of(ada).records
    assert run_of(ada, ClassWatch(room.pk)).records == followed
    assert Progress.objects.get(seat=ada).records == [
        {field: getattr(each, field) for field in each.__slots__} for each in followed
    ]


def test_what_the_journal_has_forgotten_is_in_the_row(room: Classroom, ada: Seat, settle: Any) -> None:
    hand_out(room, "04-failing-image")
    settle(ada)
    actions.act(space(ada), WEB, "set-image", {"nginx": "nginx:1.91"}, actor="Ada@blue-class")
    settle(ada)
    answering.answer(panel_of(ada), "7")
    before = run_of(ada).records
    cluster = Cluster.objects.get(seat=ada)
    Change.objects.filter(cluster=cluster).delete()
    Cluster.objects.filter(pk=cluster.pk).update(tail=cluster.head)
    again = run_of(ada, ClassWatch(room.pk))
    assert again.records == before
    assert again.scene.deployment is not None and again.scene.images == ["nginx:1.91"]


def test_hints_come_one_at_a_time_and_are_counted(room: Classroom, ada: Seat) -> None:
    hand_out(room, "02-rolling-update")
    client = sat_down(ada)
    assert posted(client, "/seat/hint/").status_code == 200
    pacing.set_pace(space(ada).cluster, 0, actor="Ada@blue-class")
    actions.act(space(ada), WEB, "set-image", {"nginx": "nginx:1.9.1"}, actor="Ada@blue-class")
    assert run_of(ada).number == 2
    for count in (1, 2, 3, 3):
        posted(client, "/seat/hint/")
        assert run_of(ada).records[2].hints == count


def test_what_happens_next_is_decided_by_the_core(room: Classroom, ada: Seat, settle: Any) -> None:
    hand_out(room, "02-rolling-update")
    settle(ada)
    cluster = space(ada).cluster
    client = sat_down(ada)
    pacing.set_pace(cluster, 0, actor="Ada@blue-class")
    actions.act(space(ada), WEB, "set-image", {"nginx": "nginx:1.9.1"}, actor="Ada@blue-class")
    settle_now(cluster)
    wrong = posted(client, "/seat/answer/", {"side": "new", "replicas": 2}).json()
    assert not wrong["right"]
    assert "goes from 3 to 2" in wrong["text"]
    assert posted(client, "/seat/answer/", {"side": "old", "replicas": 2}).status_code == 409
    take_step(cluster, wrong["next"])
    right = posted(client, "/seat/answer/", {"side": "new", "replicas": 2}).json()
    assert right["right"], right
    record = run_of(ada).records[2]
    assert (record.right, record.wrong) == (1, 1)
    pacing.set_pace(cluster, 1, actor="Ada@blue-class")
    assert posted(client, "/seat/answer/", {"side": "old", "replicas": 2}).status_code == 409


def settle_now(cluster: str) -> None:
    from cluster.live import worker

    while Cluster.objects.filter(name=cluster, due__lte=0.0).exists() and worker.run_next({}):
        pass


def take_step(cluster: str, wanted: Any) -> None:
    """The clock on, moment by moment, until a ReplicaSet has the size that was told."""
    for _ in range(30):
        if ReplicaSet.objects.filter(
            name=wanted["name"], namespace__cluster__name=cluster, replicas=wanted["replicas"]
        ):
            return
        pacing.step(cluster, actor="Ada@blue-class")
        settle_now(cluster)
    raise AssertionError(f"{wanted} does not come")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param("answer", {"value": "3"}, 409, id="an answer where none is asked"),
        pytest.param("answer", {"side": "old", "replicas": 1}, 409, id="a prediction where none is asked"),
        pytest.param("answer", {"side": "left", "replicas": 1}, 400, id="no side"),
        pytest.param("answer", {"side": "old", "replicas": "1"}, 400, id="text for a number"),
        pytest.param("answer", {}, 400, id="nothing"),
    ],
)
def test_answers_are_refused_with_a_reason(room: Classroom, ada: Seat, path: str, body: Any, code: int) -> None:
    hand_out(room, "02-rolling-update")
    assert posted(sat_down(ada), f"/seat/{path}/", body).status_code == code


def test_without_a_lesson_there_is_nothing_to_answer(ada: Seat, teacher: User) -> None:
    assert posted(sat_down(ada), "/seat/hint/").status_code == 409
    assert posted(logged_in(teacher), "/seat/hint/").status_code == 403


def test_a_student_begins_anew_and_others_do_not(room: Classroom, ada: Seat, ben: Seat, settle: Any) -> None:
    hand_out(room, "10-progress-deadline")
    settle(ada)
    for seat in (ada, ben):
        actions.act(space(seat), WEB, "tune", {"progress_deadline_seconds": 20}, actor=seat.user.get_username())
        assert run_of(seat).number == 1
    assert posted(sat_down(ada), "/seat/reset/").status_code == 200
    assert (run_of(ada).number, run_of(ben).number) == (0, 1)
    assert Progress.objects.get(seat=ada).resets == 1


def test_the_teacher_resets_all(room: Classroom, ada: Seat, ben: Seat, teacher: User) -> None:
    hand_out(room, "10-progress-deadline")
    actions.act(space(ben), WEB, "tune", {"progress_deadline_seconds": 20}, actor="Ben@blue-class")
    assert run_of(ben).number == 1
    assert posted(logged_in(teacher), "/classes/blue-class/reset/").status_code == 200
    assert [run_of(each).number for each in (ada, ben)] == [0, 0]


def test_a_frozen_class_stands_still_until_it_is_released(room: Classroom, ada: Seat, ben: Seat, teacher: User) -> None:
    client = logged_in(teacher)
    pacing.set_pace(space(ben).cluster, 5, actor="Ben@blue-class")
    assert posted(client, "/classes/blue-class/freeze/", {"frozen": True}).status_code == 200
    assert posted(sat_down(ada), f"/clusters/{space(ada).cluster}/pace/", {"pace": 1}).status_code == 409
    room.refresh_from_db()
    late = seats.join(room.code, "Late")
    paces = [Cluster.objects.get(seat=each).pace for each in (ada, ben, late)]
    assert paces == [0, 0, 0]
    posted(client, "/classes/blue-class/reset/")
    assert Cluster.objects.get(seat=ada).pace == 0
    posted(client, "/classes/blue-class/freeze/", {"frozen": False})
    assert [Cluster.objects.get(seat=each).pace for each in (ada, ben, late)] == [1, 1, 1]
    assert Cluster.objects.get(name="blue-class").pace == 1


def test_a_seat_whose_cluster_was_deleted_gets_another(room: Classroom, ada: Seat) -> None:
    from cluster.writing import clusters

    hand_out(room, "02-rolling-update")
    clusters.delete(space(ada).cluster)
    ada.refresh_from_db()
    handing_out.begin(Seat.objects.select_related("classroom__handout", "user").get(pk=ada.pk))
    assert run_of(ada).number == 0


@pytest.mark.parametrize("name", ["99-nothing", "own-1", "own-x", "../settings"])
def test_a_lesson_that_is_none_is_refused(room: Classroom, teacher: User, name: str) -> None:
    answer = posted(logged_in(teacher), f"/classes/{room.slug}/hand-out/", {"lesson": name})
    assert answer.status_code == 404


def test_a_bad_lesson_names_its_line(room: Classroom) -> None:
    with pytest.raises(Refused, match="line 1: titel: unknown key"):
        handing_out.hand_out(room, lesson_files.shipped()["01-create-and-look"].replace("title:", "titel:"))


class TestHelp:
    def acts(self, teacher: User, seat: Seat) -> bool:
        path = f"/clusters/{space(seat).cluster}/namespaces/default/deployments/{WEB}/scale/"
        return bool(posted(logged_in(teacher), path, {"replicas": 4}).status_code == 200)

    def test_the_teacher_acts_once_the_student_has_accepted(self, teacher: User, ada: Seat, ben: Seat) -> None:
        student, desk = sat_down(ada), logged_in(teacher)
        assert posted(student, "/seat/help/", {"verb": "ask"}).json() == {"help": "asked"}
        assert not self.acts(teacher, ada)
        posted(desk, "/classes/blue-class/seats/1/help/", {"verb": "offer"})
        assert not self.acts(teacher, ada)
        assert posted(student, "/seat/help/", {"verb": "accept"}).json() == {"help": "given"}
        assert self.acts(teacher, ada) and not self.acts(teacher, ben)
        newest = Change.objects.filter(cluster__seat=ada, kind="Deployment").order_by("-rv").first()
        assert newest is not None and newest.actor == "tess"
        posted(desk, "/classes/blue-class/seats/1/help/", {"verb": "end"})
        assert not self.acts(teacher, ada)

    @pytest.mark.parametrize("verb", ["accept", "end", "give", "offer"])
    def test_what_nobody_offered_can_not_be_accepted(self, ada: Seat, verb: str) -> None:
        assert posted(sat_down(ada), "/seat/help/", {"verb": verb}).status_code in (400, 409)

    def test_the_student_ends_it(self, teacher: User, ada: Seat) -> None:
        posted(logged_in(teacher), "/classes/blue-class/seats/1/help/", {"verb": "offer"})
        posted(sat_down(ada), "/seat/help/", {"verb": "accept"})
        posted(sat_down(ada), "/seat/help/", {"verb": "end"})
        assert not self.acts(teacher, ada)


def test_a_look_without_news_costs_two_queries(room: Classroom, ada: Seat, django_assert_num_queries: Any) -> None:
    hand_out(room, "02-rolling-update")
    watch = watch_of(room.pk)
    watch.look()
    with django_assert_num_queries(2):
        assert watch.look() == set()
    assert classes.MOST_SEATS >= 1 and ada


def test_students_and_teachers_are_sent_the_lesson_in_every_language(room: Classroom, ada: Seat) -> None:
    hand_out(room, "01-create-and-look")
    lesson = first_frame(room.pk, ada.pk)["lesson"]
    assert (lesson["title"], lesson["texts"][0][:6], lesson["hints"], lesson["number"]) == (
        "Create and look",
        "Create",
        [],
        0,
    )
    chinese = lesson["translations"]["zh-hans"]
    assert (chinese["title"], chinese["texts"][0][:2], chinese["pages"][0][:1]) == ("创建并查看", "创建", "在")
    assert first_frame(room.pk, None)["lesson_titles"] == {"zh-hans": "创建并查看"}
