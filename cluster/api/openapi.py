"""/openapi/v3: an index, and for each group and version the schemas and the operations that kubectl looks for."""

import hashlib
from functools import cache
from typing import Any

from cluster.api import kinds, patches, schemas

Json = dict[str, Any]
PATHS = (
    "api/v1",
    *(f"apis/{group}/{version}" for group, versions in kinds.group_versions().items() for version in versions),
)
PATCHES = (patches.JSON_PATCH, patches.MERGE_PATCH, patches.STRATEGIC_PATCH)
STRICT = {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}


@cache
def index() -> Json:
    digest = hashlib.sha256(schemas.SCHEMAS_FILE.read_bytes()).hexdigest()[:32]
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"} for path in PATHS}}


@cache
def document(path: str) -> Json | None:
    if path not in PATHS:
        return None
    group, version = ("", "v1") if path == "api/v1" else (path.split("/")[1], path.split("/")[2])
    served = [kind for kind in kinds.KINDS if (group, version) in kind.served]
    names = [schemas.definition_name(group, version, kind.name) for kind in served]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.37.0"},
        "paths": {address: operations(group, version, kind) for kind in served for address in addresses(path, kind)},
        "components": {"schemas": schemas.closure(*names)},
    }


def addresses(path: str, kind: kinds.Kind) -> list[str]:
    middle = "namespaces/{namespace}/" if kind.namespaced else ""
    return [f"/{path}/{middle}{kind.plural}", f"/{path}/{middle}{kind.plural}/{{name}}"]


def operations(group: str, version: str, kind: kinds.Kind) -> Json:
    about = {"x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind.name}}
    answer = {"responses": {"200": {"description": "OK"}}, **about}
    writing = {**answer, "parameters": [STRICT]}
    content = {each: {"schema": {"type": "object"}} for each in PATCHES}
    patching = {**writing, "requestBody": {"content": content}}
    return {"get": answer, "post": writing, "put": writing, "patch": patching, "delete": answer}
