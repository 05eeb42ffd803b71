"""The manifests given to `rehearse`: one Deployment, and the objects that affect its rollout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.core.objects import Manifest
from cluster.core.policies import reading
from cluster.core.rehearsals.stories.story import StoryError

Json = Mapping[str, Any]
PODS = "pods"


@dataclass(frozen=True, kw_only=True)
class Given:
    """`objects` and `nodes` as in a story (docs/stories.md); `nodes` empty: the three default nodes. `beside`: manifests that the
    rehearsal does not act on, as kind/name."""

    deployment: Json
    objects: Sequence[Manifest] = ()
    nodes: Sequence[Json] = ()
    beside: Sequence[str] = ()


def is_given(documents: Sequence[Json]) -> bool:
    """Whether the documents are manifests rather than stories: any has a kind."""
    return any("kind" in each for each in documents)


def read_given(documents: Sequence[Json]) -> Given:
    """The manifests of one or more documents, with the items of Lists. Raises StoryError."""
    found = [item for each in documents for item in items(each)]
    deployments = [each for each in found if each.get("kind") == "Deployment"]
    if len(deployments) != 1:
        named = ", ".join(label(each) for each in deployments) or "none"
        raise StoryError(f"expected one Deployment among the manifests, found {named}")
    space = namespace_of(deployments[0])
    rules = [each for each in found if reading.is_rule(each) and namespace_of(each) == space]
    nodes = [each for each in found if (each.get("apiVersion"), each.get("kind")) == ("v1", "Node")]
    others = [each for each in found if each not in (*deployments, *rules, *nodes)]
    return Given(
        deployment=deployments[0],
        objects=rules,
        nodes=[story_node(each) for each in nodes],
        beside=[label(each) for each in others],
    )


def items(document: Json) -> Sequence[Json]:
    if document.get("kind") != "List":
        return [document]
    found = document.get("items")
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise StoryError("items: expected a list of manifests")
    return found


def namespace_of(manifest: Json) -> str:
    return str(part(manifest, "metadata").get("namespace") or "default")


def label(manifest: Json) -> str:
    return f"{manifest.get('kind')}/{part(manifest, 'metadata').get('name')}"


def story_node(manifest: Json) -> Json:
    """An API Node as a story's node."""
    metadata, spec, status = (part(manifest, each) for each in ("metadata", "spec", "status"))
    allocatable = dict(part(status, "allocatable") or part(status, "capacity"))
    slots = allocatable.pop(PODS, None)
    made = {"name": metadata.get("name"), "labels": metadata.get("labels"), "allocatable": allocatable or None}
    made |= {"taints": spec.get("taints"), "unschedulable": spec.get("unschedulable"), "slots": slots}
    return {key: value for key, value in made.items() if value is not None}


def part(manifest: Json, key: str) -> Json:
    found = manifest.get(key)
    return found if isinstance(found, Mapping) else {}
