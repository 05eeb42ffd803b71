"""The page of the stories and lessons that come with Rollstage."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from cluster.classroom import addresses, lesson_files
from cluster.classroom.class_pages import may_teach
from cluster.core.lessons.lesson import Lesson
from cluster.core.rehearsals.expectation import Expectation
from cluster.core.rehearsals.stories.story import Story
from cluster.core.rehearsals.verdict import COMPLETE, NEVER, NOT_BEFORE
from cluster.models import Playing, SelfStudy
from cluster.page.clusters_page import may_create
from cluster.stories import story_files
from cluster.writing import clusters
from cluster.writing.permissions import administered_clusters, allowed_clusters


@dataclass(frozen=True, kw_only=True)
class Card:
    """`running`: (cluster, namespace, Deployment) of each playing that the user may see."""

    name: str
    title: str
    purpose: str
    steps: int
    expected: str
    reason: str
    running: list[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class LessonCard:
    """`begun`: (cluster, address of its stage) of each cluster of the user's on which the lesson is taken."""

    name: str
    title: str
    purpose: str
    tasks: int
    begun: list[tuple[str, str]]


@require_GET
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    language = get_language() or ""
    running = playings(request.user)
    cards = [card(name, each, language, running.get(name, [])) for name, each in story_files.library().items()]
    begun = studies(request.user)
    lessons = [lesson_card(name, each.spoken(language), begun) for name, each in lesson_files.library().items()]
    context = {
        "stories": cards,
        "lessons": lessons,
        "may_play": may_create(request.user),
        "may_teach": may_teach(request.user),
    }
    return render(request, "stories.html", context)


def playings(user: Any) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in Playing.objects.filter(cluster__name__in=allowed_clusters(user)).select_related("cluster"):
        found.setdefault(row.story, []).append((row.cluster.name, row.namespace, row.shown["deployment"]))
    return found


def studies(user: Any) -> dict[str, list[tuple[str, str]]]:
    """The user's clusters with lessons, by lesson; visitors have those without an owner."""
    found: dict[str, list[tuple[str, str]]] = {}
    owner = user if user.is_authenticated else None
    rows = SelfStudy.objects.filter(cluster__owner=owner, cluster__in=administered_clusters(user))
    for lesson, cluster in rows.values_list("lesson", "cluster__name")[: clusters.MOST_OF_ONE_PERSON]:
        found.setdefault(lesson, []).append((cluster, addresses.stage_of(cluster)))
    return found


def lesson_card(name: str, lesson: Lesson, begun: dict[str, list[tuple[str, str]]]) -> LessonCard:
    return LessonCard(
        name=name,
        title=lesson.title,
        purpose=lesson.purpose,
        tasks=len(lesson.tasks),
        begun=begun.get(name, []),
    )


def card(name: str, story: Story, language: str, running: list[tuple[str, str, str]]) -> Card:
    texts = story.translations.get(language)
    return Card(
        name=name,
        title=texts.name if texts else story.name,
        purpose=texts.purpose if texts else story.purpose,
        steps=len(story.steps),
        expected=expected(story.expects),
        reason=story.expects.reason if story.expects else "",
        running=running,
    )


def expected(told: Expectation | None) -> str:
    """The expected outcome of a story as text; without an expectation the rollout completes."""
    outcome = told.outcome if told else COMPLETE
    if outcome == COMPLETE:
        text = _("The rollout completes.")
    elif outcome == NEVER:
        text = _("The rollout never completes.")
    elif outcome == NOT_BEFORE:
        text = _("The rollout does not complete before its progress deadline.")
    else:
        text = _("Whether the rollout completes can't be said.")
    floors = {"held": _("The floor holds."), "broken": _("The floor breaks.")}
    floor = floors.get(told.floor, "") if told else ""
    return _("%(one)s %(other)s") % {"one": text, "other": floor} if floor else text
