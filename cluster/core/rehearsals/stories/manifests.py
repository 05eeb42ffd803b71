"""A story's Deployments, and its objects of other kinds."""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.core import validation
from cluster.core.fields import kind_of, unlike
from cluster.core.manifests import defaults
from cluster.core.objects import Manifest
from cluster.core.policies import reading
from cluster.core.rehearsals.stories.story import StoryError

FIRST_MANIFEST = "manifest"


def read_manifests(data: Mapping[str, Any]) -> dict[str, Manifest]:
    given = data.get("manifests")
    if isinstance(given, Mapping):
        named = dict(given)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        named = {FIRST_MANIFEST if place == 0 else f"manifest-{place + 1}": each for place, each in enumerate(given)}
    else:
        named = {FIRST_MANIFEST: data["manifest"]} if "manifest" in data else {}
    if not named:
        raise StoryError("manifests: expected a Deployment, under `manifest` or by name under `manifests`")
    read = {str(key): read_manifest(each, f"manifests.{key}") for key, each in named.items()}
    names = {each["metadata"]["name"] for each in read.values()}
    if len(names) > 1:
        raise StoryError(f"manifests: a story plays one Deployment, these are {', '.join(sorted(names))}")
    return read


def read_manifest(manifest: Any, place: str) -> Manifest:
    if not isinstance(manifest, Mapping):
        raise StoryError(f"{place}: expected a Deployment, found {kind_of(manifest)}")
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    if kind != "Deployment" or version not in defaults.API_VERSIONS:
        raise StoryError(f'{place}: no matches for kind "{kind}" in version "{version}"')
    problem = validation.decoding_status(manifest)
    if problem:
        raise StoryError(f"{place}: {problem['message']}")
    errors = validation.validate_deployment(defaults.default_deployment(manifest))
    if errors:
        raise StoryError(f"{place}: {'; '.join(str(each) for each in errors)}")
    return manifest


def read_objects(given: Any) -> tuple[Manifest, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise StoryError(f"objects: {unlike('a list', given)}")
    return tuple(read_object(each, f"objects[{place}]") for place, each in enumerate(given))


def read_object(manifest: Any, place: str) -> Manifest:
    if not reading.is_rule(manifest):
        kinds = ", ".join(kind for _, kind in reading.KINDS)
        raise StoryError(f"{place}: {unlike(f'one of {kinds}, with its apiVersion', kind_in(manifest))}")
    try:
        reading.read(manifest, "default")
    except reading.BadRule as error:
        raise StoryError(f"{place}: {error}") from error
    checked: Manifest = manifest
    return checked


def kind_in(manifest: Any) -> Any:
    """For an error: the apiVersion and kind of what was given in place of an object."""
    return f"{manifest.get('apiVersion')} {manifest.get('kind')}" if isinstance(manifest, Mapping) else manifest
