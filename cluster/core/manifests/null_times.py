"""`creationTimestamp: null` in templates: stored templates have it, as the hash of the old API versions needs the zero time;
today's API omits it."""

from typing import Any

from cluster.core.objects import Manifest

Json = dict[str, Any]
KEY = "creationTimestamp"


def told_template(template: Manifest) -> Json:
    """A PodTemplateSpec as the API shows it."""
    found = dict(template)
    if KEY in (template.get("metadata") or {}):
        found["metadata"] = without(template["metadata"])
    if template.get("spec"):
        found["spec"] = told_spec(template["spec"])
    return found


def told_spec(spec: Manifest) -> Manifest:
    """A pod's spec as the API shows it; its volumes may have claim templates."""
    volumes = spec.get("volumes") or ()
    if not any((each.get("ephemeral") or {}).get("volumeClaimTemplate") for each in volumes):
        return spec
    return {**spec, "volumes": [told_volume(each) for each in volumes]}


def told_volume(volume: Manifest) -> Manifest:
    claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if not claim or KEY not in (claim.get("metadata") or {}):
        return volume
    metadata = without(claim["metadata"])
    told = {key: each for key, each in claim.items() if key != "metadata"} | (
        {"metadata": metadata} if metadata else {}
    )
    return {**volume, "ephemeral": {**volume["ephemeral"], "volumeClaimTemplate": told}}


def without(metadata: Manifest) -> Json:
    return {key: each for key, each in metadata.items() if key != KEY or each is not None}


def kept_template(template: Manifest) -> Json:
    """A PodTemplateSpec as it is stored and hashed, from what the API shows: the inverse of `told_template`."""
    spec = template.get("spec") or {}
    volumes = [kept_volume(each) for each in spec.get("volumes") or ()]
    found = {**template, "metadata": {KEY: None, **(template.get("metadata") or {})}}
    return {**found, "spec": {**spec, "volumes": volumes}} if volumes else found


def kept_volume(volume: Manifest) -> Manifest:
    claim = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if not claim:
        return volume
    whole = {**claim, "metadata": {KEY: None, **(claim.get("metadata") or {})}}
    return {**volume, "ephemeral": {**volume["ephemeral"], "volumeClaimTemplate": whole}}
