"""Remedies for a rollout that can't finish, and the view that applies one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from cluster import statuses
from cluster.api import handlers, targets, writing
from cluster.api.auth import access
from cluster.api.patching import Patch
from cluster.api.registry.common import Request
from cluster.api.targets import Target
from cluster.api.write_options import WriteOptions
from cluster.core.fields import take
from cluster.core.manifests import edits
from cluster.core.manifests.verbs import VERBS, Moment
from cluster.core.objects import Deployment
from cluster.core.rehearsals.candidates import Command
from cluster.core.rehearsals.remedies import Remedy, edited, find_remedies
from cluster.page import forecasting
from cluster.page.forecasting import Question
from cluster.page.views import actor, answers, check_forecast_rate, done, question, read
from cluster.records import journal
from cluster.spaces import Space
from cluster.writing import actions, ownership, writes
from cluster.writing.permissions import may

Json = dict[str, Any]
STRATEGIC = "application/strategic-merge-patch+json"
PATHS: Mapping[str, str] = {
    "ResourceQuota": "api/v1/namespaces/{namespace}/resourcequotas",
    "Node": "api/v1/nodes",
    "ConfigMap": "api/v1/namespaces/{namespace}/configmaps",
    "Secret": "api/v1/namespaces/{namespace}/secrets",
    "PersistentVolumeClaim": "api/v1/namespaces/{namespace}/persistentvolumeclaims",
    "ServiceAccount": "api/v1/namespaces/{namespace}/serviceaccounts",
}
COMMAND_VERBS = ("patch", "create", "undo")
MOST_COMMANDS = 16
TIMEOUT = 504


@dataclass(frozen=True, kw_only=True)
class Tried:
    """The remedies found. `is_cut`: the time was up before every change was tried."""

    remedies: list[Remedy]
    is_cut: bool


@require_POST
@answers("view")
def remedies(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    """The changes with which an edit's rollout completes, smallest first."""
    check_forecast_rate(request)
    asked = question(read(request))
    found: Tried = forecasting.shared.get(
        (*space, name),
        lambda: ("remedies", asked.key, forecasting.version_of(space, name)),
        lambda: compute(space, name, asked),
        patience=forecasting.BUDGET_SECONDS,
    )
    told = [shown(request.user, space, each) for each in found.remedies]
    return JsonResponse({"remedies": told, "is_cut": found.is_cut})


def compute(space: Space, name: str, asked: Question) -> Tried:
    """The remedies found within the time budget. Raises Refused (504) if it is over before any is tried."""
    prepared = forecasting.prepare(space, name, asked)
    after, state = prepared.wanted[0], prepared.with_times(asked.overrides)
    rehearsed = prepared.foretell(after, state)
    found: list[Remedy] = []
    is_cut = False
    try:
        for each in find_remedies(state, prepared.now, after, rehearsed, watch=prepared.watch):
            found.append(each)  # kept even if the time runs out
    except statuses.Refused as refused:
        if refused.status["code"] != TIMEOUT:
            raise
        is_cut = True
    return Tried(remedies=found, is_cut=is_cut)


def shown(user: Any, space: Space, remedy: Remedy) -> Json:
    """`may`: whether this user may run its commands."""
    return {**remedy.as_json(), "may": all(is_allowed(user, space, each) for each in remedy.candidate.commands)}


def is_allowed(user: Any, space: Space, command: Command) -> bool:
    if command.kind == "Deployment":
        return may(user, "edit", space)
    return access.allowed_target(user, command.verb, target_of(space, command))


@require_POST
@answers("edit")
def apply_remedy(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    """`commands` as in a response of `remedies`, and the edit of that request: applies all of it, or nothing."""
    body = read(request)
    commands = [read_command(each, f"commands[{place}]") for place, each in enumerate(take(body, "commands", list))]
    if len(commands) > MOST_COMMANDS:
        raise statuses.Refused(statuses.bad_request(f"commands: Too many: must have at most {MOST_COMMANDS} items"))
    asked = question(body)
    with journal.exclusive(space.cluster):
        for each in commands:
            if each.kind != "Deployment":
                take_beside(request, space, each)
        return done(take_in_deployment(space, name, asked, commands, actor=actor(request)))


def read_command(given: Any, place: str) -> Command:
    """Raises Refused (400) with the field's name."""
    if (
        not isinstance(given, dict)
        or given.get("verb") not in COMMAND_VERBS
        or given.get("kind") not in ("Deployment", *PATHS)
    ):
        raise statuses.Refused(
            statuses.bad_request(f"{place}: expected verb, kind, name and value of a remedy's command")
        )
    if not isinstance(given.get("name"), str) or not isinstance(given.get("value"), dict):
        raise statuses.Refused(statuses.bad_request(f"{place}: expected a text as name and a mapping as value"))
    return Command(verb=given["verb"], kind=given["kind"], name=given["name"], value=given["value"])


def target_of(space: Space, command: Command) -> Target:
    path = PATHS[command.kind].format(namespace=space.namespace)
    name = "" if command.verb == "create" else f"/{command.name}"
    target = targets.parse(f"/clusters/{space.cluster}/{path}{name}")
    if target is None or "/" in command.name:
        raise statuses.Refused(statuses.bad_request(f"{command.name!r} is no name"))
    return target


def take_beside(request: HttpRequest, space: Space, command: Command) -> None:
    """Runs a command on an object other than the Deployment as kubectl would: by the API's rules, including permissions."""
    target = target_of(space, command)
    access.authorize(request.user, command.verb, target)
    asked = Request(target=target, actor=actor(request), manager=ownership.DASHBOARD)
    if command.verb == "create":
        options = WriteOptions(manager=ownership.DASHBOARD, trial=False, validation="Strict", force=False)
        manifest, _ = handlers.checked(target, dict(command.value), [], options)
        writing.create(manifest, asked)
    else:
        writing.change(Patch(media_type=STRATEGIC, value=command.value, schema=target.schema).change, asked)


def take_in_deployment(
    space: Space, name: str, asked: Question, commands: Sequence[Command], *, actor: str
) -> writes.Result:
    """Applies the edit and the remedy in one write, so that they cause one rollout."""

    edit = forecasting.edit_of(asked, space.namespace, name)
    mine = [each for each in commands if each.kind == "Deployment"]

    def make(deployment: Deployment, moment: Moment) -> Deployment:
        after = edit(deployment, moment)
        for each in mine:
            after = edited(after, each, moment.owned)
        return edits.replace_spec(deployment, after) if after != deployment else deployment

    message = VERBS["tune"].done.format(name=name)
    return actions.change(space, name, make, message, looks_back=True, actor=actor)
