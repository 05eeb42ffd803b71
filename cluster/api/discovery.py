"""Discovery of the served kinds: /api and /apis, one by one or aggregated (apidiscovery.k8s.io/v2)."""

import base64
import hashlib
from typing import Any

from cluster.api.kinds import NAMESPACED_REVIEWS, PART_KINDS, REVIEW_KINDS, SERVED, Kind, Table, has_subresource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
Json = dict[str, Any]


def versions() -> Json:
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def groups(table: Table = SERVED) -> Json:
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(name, table) for name in table.group_versions]}


def group(name: str, table: Table = SERVED) -> Json:
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in table.group_versions[name]]
    return {"kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": listed, "preferredVersion": listed[0]}


def resources(group: str, version: str, table: Table = SERVED) -> Json:
    listed = [each for kind in table.of(group, version) for each in plain(kind, group, version)]
    for review in table.reviews.get((group, version), ()):
        about = {"namespaced": review in NAMESPACED_REVIEWS, "kind": REVIEW_KINDS[review], "verbs": ["create"]}
        listed.append({"name": review, "singularName": REVIEW_KINDS[review].lower(), **about})
    name = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": listed}


def plain(kind: Kind, group: str, version: str) -> list[Json]:
    about: Json = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": list(kind.verbs),
    }
    about |= nicknames(kind, group)
    if "list" in kind.verbs and kind.sort != "custom":
        about["storageVersionHash"] = storage_version_hash(*kind.served[0], kind.name)
    return [about, *(plain_part(kind, name, group, version) for name in parts(kind, group, version))]


def storage_version_hash(group: str, version: str, kind: str) -> str:
    """The hash of the version in which objects are stored, for all versions (apiserver
    pkg/endpoints/discovery/storageversionhash.go)."""
    return base64.b64encode(hashlib.sha256(f"{group}/{version}/{kind}".encode()).digest()[:8]).decode()


def nicknames(kind: Kind, group: str) -> Json:
    """Short names and categories, only for the preferred group: else kubectl finds a short name ambiguous, and lists `all`
    twice."""
    if group != kind.served[0][0]:
        return {}
    found = {"shortNames": list(kind.short), "categories": list(kind.categories)}
    return {key: names for key, names in found.items() if names}


def plain_part(kind: Kind, name: str, group: str, version: str) -> Json:
    """A subresource; group and version are given only if its kind is a different one."""
    part_group, part_version, part_kind = PART_KINDS.get(name, (group, version, kind.name))
    part: Json = {
        "name": f"{kind.plural}/{name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": part_kind,
        "verbs": list(kind.subresources[name]),
    }
    return part | ({"group": part_group, "version": part_version} if name in PART_KINDS else {})


def parts(kind: Kind, group: str, version: str) -> list[str]:
    return [name for name in kind.subresources if has_subresource(kind, name, group, version)]


def aggregated(names: list[str], table: Table = SERVED) -> Json:
    """The aggregated discovery of the groups with these names; "" is the core group."""
    listed = {**table.group_versions, "": ["v1"]}
    items = [
        {
            "metadata": {"name": name, "creationTimestamp": None},
            "versions": [aggregated_version(name, each, table) for each in listed[name]],
        }
        for name in names
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def aggregated_version(group: str, version: str, table: Table = SERVED) -> Json:
    listed = [aggregated_kind(kind, group, version) for kind in table.of(group, version)]
    for review in table.reviews.get((group, version), ()):
        listed.append(
            {
                "resource": review,
                "responseKind": response_kind(group, version, REVIEW_KINDS[review]),
                "scope": "Namespaced" if review in NAMESPACED_REVIEWS else "Cluster",
                "singularResource": REVIEW_KINDS[review].lower(),
                "verbs": ["create"],
            }
        )
    return {"version": version, "resources": listed, "freshness": "Current"}


def aggregated_kind(kind: Kind, group: str, version: str) -> Json:
    found: Json = {
        "resource": kind.plural,
        "responseKind": response_kind(group, version, kind.name),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    found |= nicknames(kind, group)
    subresources = [
        {
            "subresource": name,
            "responseKind": response_kind(*PART_KINDS.get(name, (group, version, kind.name))),
            "verbs": list(kind.subresources[name]),
        }
        for name in parts(kind, group, version)
    ]
    return found | ({"subresources": subresources} if subresources else {})


def response_kind(group: str, version: str, kind: str) -> Json:
    return {"group": group, "version": version, "kind": kind}
