"""What people do to a Deployment. Each verb is defined here only: how its value is read from a body of the page and from a step
of a story, the pure edit, the kubectl command that does the same, and the sentence when it is done.
`static/js/model/verbs.js` is generated from this table (tools/write_verbs_js.py)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.fields import INT64, BadField, check_type, kind_of, read_count, take
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_from_manifest, timestamp
from cluster.core.objects import Deployment, Manifest, ReplicaSet

LONGEST_LIMIT = 16
DEPLOYMENT = "deployment/{name}"  # an argument of kubectl
Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What an edit reads besides the Deployment: the time, in seconds since the epoch, and the ReplicaSets that the Deployment
    owns."""

    now: float
    owned: Iterable[ReplicaSet] = ()


Edit = Callable[[Deployment, Any, Moment], Deployment]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """`read` reads the value from a body, `read_step` from a step's value; both raise BadField. None: the page, or stories,
    don't have the verb. `edit` raises EditError; None: the result is not a Deployment. `done` is kubectl's sentence, with
    {name} and {namespace}. `kubectl` has the command's words: {name}, and fields of the body (a word whose field is not
    given is left out, a mapping gives a word key=value for each key; {patch} is a patch of the spec). `looks_back`: the edit
    reads the ReplicaSets that the Deployment owns. `is_foreseen`: the page forecasts it."""

    done: str
    kubectl: tuple[str, ...]
    edit: Edit | None = None
    read: Callable[[Body], Any] | None = None
    read_step: Callable[[Any], Any] | None = None
    looks_back: bool = False
    is_foreseen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """`path` is the field's path in the spec."""

    kinds: tuple[type, ...]
    path: tuple[str, ...]


LIMITS: Mapping[str, Limit] = {
    "max_surge": Limit(kinds=(int, str), path=("strategy", "rollingUpdate", "maxSurge")),
    "max_unavailable": Limit(kinds=(int, str), path=("strategy", "rollingUpdate", "maxUnavailable")),
    "min_ready_seconds": Limit(kinds=(int,), path=("minReadySeconds",)),
    "progress_deadline_seconds": Limit(kinds=(int, type(None)), path=("progressDeadlineSeconds",)),
    "strategy": Limit(kinds=(str,), path=("strategy", "type")),
}


def read_images(body: Body) -> dict[str, str]:
    images: dict[str, str] = take(body, "images", dict)
    if not images or not all(isinstance(each, str) for each in images.values()):
        raise BadField("images: expected a mapping of container names to images")
    return images


def read_images_step(value: Any) -> dict[str, str]:
    """Reads a mapping, container=image, or an image for every container."""
    if isinstance(value, str):
        value = dict([value.split("=", 1)]) if "=" in value else {"*": value}
    if not isinstance(value, Mapping) or not value:
        raise BadField("expected a mapping of container names to images, such as {nginx: nginx:1.9.1}")
    for container, image in value.items():
        if not isinstance(image, str) or not image.strip():
            raise BadField(f"container {container}: expected an image")
    return {str(key): image for key, image in value.items()}


def read_limits(body: Body) -> Body:
    for key, value in body.items():
        if key not in LIMITS:
            raise BadField(f"{key}: unknown field; allowed are {', '.join(LIMITS)}")
        check_type(key, value, LIMITS[key].kinds)
        if isinstance(value, str) and len(value) > LONGEST_LIMIT:
            raise BadField(f"{key}: Too long: may not be more than {LONGEST_LIMIT} bytes")
    return body


def read_revision(body: Body) -> int:
    """The revision to go back to; 0: the one before the current."""
    return int(take(body, "to_revision", int, below=INT64)) if "to_revision" in body else 0


def read_revision_step(value: Any) -> int:
    if isinstance(value, Mapping):
        unknown = sorted(value.keys() - {"to-revision"})
        if unknown:
            raise BadField(f"{unknown[0]}: unknown key; only to-revision is known")
        value = value.get("to-revision")
    return 0 if value is None else read_count(value, "to-revision")


def read_patch_step(value: Any) -> Manifest:
    if not isinstance(value, Mapping):
        raise BadField(f"expected a mapping, found {kind_of(value)}")
    return value


def read_nothing(body: Body) -> None:
    """Ignores the body."""


def read_nothing_step(value: Any) -> None:
    if value not in (None, {}, True):
        raise BadField(f"takes no value, this is {value!r}")


def become(deployment: Deployment, manifest: Manifest, moment: Moment) -> Deployment:  # noqa: ARG001 the shape of an edit
    """The Deployment as a defaulted manifest describes it."""
    wanted = deployment_from_manifest(manifest, uid=deployment.uid, now=deployment.created_at)
    return edits.replace_spec(deployment, wanted)


def restart(deployment: Deployment, value: None, moment: Moment) -> Deployment:  # noqa: ARG001
    return edits.restart(deployment, timestamp(moment.now))


def rollout(word: str, done: str, edit: Edit, *, is_foreseen: bool = False) -> Verb:
    """A verb of kubectl rollout, without a value."""
    return Verb(
        edit=edit,
        read=read_nothing,
        read_step=read_nothing_step,
        kubectl=(f"rollout {word}", DEPLOYMENT),
        done=f"deployment.apps/{{name}} {done}",
        is_foreseen=is_foreseen,
    )


VERBS: Mapping[str, Verb] = {
    "apply": Verb(  # a story's manifests, and references to them, are read with the story
        edit=lambda deployment, manifest, _: edits.apply(deployment, manifest),
        kubectl=("apply", "-f", "-"),
        done="deployment.apps/{name} configured",
    ),
    "set-image": Verb(
        edit=lambda deployment, images, _: edits.set_images(deployment, images),
        read=read_images,
        read_step=read_images_step,
        kubectl=("set image", DEPLOYMENT, "{images}"),
        done="deployment.apps/{name} image updated",
        is_foreseen=True,
    ),
    "scale": Verb(
        edit=lambda deployment, replicas, _: edits.scale(deployment, replicas),
        read=lambda body: take(body, "replicas", int),
        read_step=lambda value: read_count(value, "replicas"),
        kubectl=("scale", DEPLOYMENT, "--replicas={replicas}"),
        done="deployment.apps/{name} scaled",
        is_foreseen=True,
    ),
    "tune": Verb(
        edit=lambda deployment, limits, _: edits.tune(deployment, **limits),
        read=read_limits,
        kubectl=("patch", DEPLOYMENT, "-p", "{patch}"),
        done="deployment.apps/{name} patched",
        is_foreseen=True,
    ),
    "patch": Verb(
        edit=lambda deployment, patch, _: edits.patch(deployment, patch),
        read_step=read_patch_step,
        kubectl=("patch", DEPLOYMENT, "-p", "{patch}"),
        done="deployment.apps/{name} patched",
    ),
    "pause": rollout("pause", "paused", lambda deployment, *_: edits.pause(deployment)),
    "resume": rollout("resume", "resumed", lambda deployment, *_: edits.resume(deployment), is_foreseen=True),
    "restart": rollout("restart", "restarted", restart, is_foreseen=True),
    "undo": Verb(
        edit=lambda deployment, revision, moment: edits.undo(deployment, moment.owned, revision or 0),
        read=read_revision,
        read_step=read_revision_step,
        kubectl=("rollout undo", DEPLOYMENT, "--to-revision={to_revision}"),
        done="deployment.apps/{name} rolled back",
        looks_back=True,
        is_foreseen=True,
    ),
    "edit": Verb(
        edit=become,
        read=lambda body: take(body, "yaml", str),
        kubectl=("edit", DEPLOYMENT),
        done="deployment.apps/{name} edited",
        is_foreseen=True,
    ),
    "delete": Verb(
        read=read_nothing,
        read_step=read_nothing_step,
        kubectl=("delete", DEPLOYMENT),
        done='deployment.apps "{name}" deleted from {namespace} namespace',
    ),
}
