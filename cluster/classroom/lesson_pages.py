"""The lessons that a teacher can hand out: those that come with Rollstage, and their own, which are edited here."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster.classroom import lesson_files, setting_up
from cluster.classroom.class_pages import taught
from cluster.classroom.lesson_files import BadLesson
from cluster.core.fields import take
from cluster.core.lessons.lesson import Task
from cluster.core.lessons.trial import Failure, try_out
from cluster.models import Classroom, LessonText
from cluster.page.views import read
from cluster.statuses import Refused, bad_request, failure

MOST_OWN = 100
LONGEST = 200_000
TRIAL_SECONDS = 4.0
Json = dict[str, Any]


@require_GET
@ensure_csrf_cookie
@taught
def index(request: HttpRequest, room: Classroom) -> HttpResponse:
    own = LessonText.objects.filter(owner_id=request.user.pk)
    shipped = [
        {"name": name, "title": title, "text": lesson_files.shipped()[name]}
        for name, title in lesson_files.titles(get_language())
    ]
    return render(request, "class_lessons.html", {"room": room, "shipped": shipped, "own": own})


@require_POST
@taught
def check(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    """`text`: a lesson. Returns {errors: [{line, text}], preview}."""
    return JsonResponse(examined(text_of(request)))


def examined(text: str) -> Json:
    """Errors of the YAML or, for a valid lesson, of its own solution."""
    try:
        lesson = lesson_files.load(text)
    except BadLesson as error:
        return {"errors": [{"line": error.line, "text": str(error)}], "preview": None}
    lines = lesson_files.lines_of(text)
    try:
        failures = try_out(lesson, watch=within(TRIAL_SECONDS))
    except TooLong:
        failures = [
            Failure(0, f"trying the solutions takes longer than {TRIAL_SECONDS:g} s: fewer pods or shorter waits")
        ]
    errors = [
        {"line": lines.get(("tasks", each.task), 1), "text": f"tasks[{each.task}]: {each.problem}"} for each in failures
    ]
    tasks = [{"text": each.text, "kind": kind_of(each), "hints": len(each.hints)} for each in lesson.tasks]
    return {"errors": errors, "preview": {"title": lesson.title, "purpose": lesson.purpose, "tasks": tasks}}


class TooLong(Exception):
    """Raised when a trial exceeds its time."""


def within(seconds: float) -> Callable[[], None]:
    """A function that raises TooLong after this many seconds, to be called throughout a trial."""
    end = time.monotonic() + seconds

    def watch() -> None:
        if time.monotonic() > end:
            raise TooLong

    return watch


def kind_of(task: Task) -> str:
    return "check" if task.check else "predict" if task.predict else "ask"


def text_of(request: HttpRequest) -> str:
    text: str = take(read(request), "text", str)
    if len(text) > LONGEST:
        raise Refused(bad_request(f"text: Too long: may not be more than {LONGEST:,} characters"))
    return text


@require_POST
@taught
def save(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    """`text`, and `key` of an own lesson to replace. Invalid lessons are refused."""
    text, body = text_of(request), read(request)
    lesson = setting_up.load(text)
    mine = LessonText.objects.filter(owner_id=request.user.pk)
    fields = {"title": lesson.title, "text": text, "changed": timezone.now()}
    if "key" in body:
        if not mine.filter(pk=take(body, "key", int)).update(**fields):
            raise Refused(failure(404, "NotFound", "this lesson was deleted"))
        return JsonResponse({"key": body["key"], "title": lesson.title})
    if mine.count() >= MOST_OWN:
        raise Refused(failure(403, "Forbidden", f"{MOST_OWN} lessons are the most that one person may have"))
    made = LessonText.objects.create(owner_id=int(request.user.pk or 0), **fields)
    return JsonResponse({"key": made.pk, "title": lesson.title})


@require_POST
@taught
def delete(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    """`key`. Lessons already handed out continue."""
    LessonText.objects.filter(owner_id=request.user.pk, pk=take(read(request), "key", int)).delete()
    return JsonResponse({})
