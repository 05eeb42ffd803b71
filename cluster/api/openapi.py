"""/openapi/v3: an index, and for each group and version the schemas and the operations that kubectl looks for."""

import hashlib
from functools import cache
from typing import Any

import orjson

from cluster.api import kinds
from cluster.api.machinery import patches, schemas

Json = dict[str, Any]
PATHS = (
    "api/v1",
    *(f"apis/{group}/{version}" for group, versions in kinds.group_versions().items() for version in versions),
)
OLD_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
TITLE, VERSION = "Kubernetes", "v1.37.0"
PATCHES = (patches.JSON_PATCH, patches.MERGE_PATCH, patches.STRATEGIC_PATCH, patches.APPLY_PATCH)
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
        "info": {"title": TITLE, "version": VERSION},
        "paths": {address: operations(group, version, kind) for kind in served for address in addresses(path, kind)},
        "components": {"schemas": schemas.closure(*names)},
    }


def old_document() -> Json:
    """/openapi/v2: the same schemas; today's clients ask for it only about kinds that version 3 does not know."""
    text = orjson.dumps({**schemas.definitions()}).replace(schemas.REFERENCE.encode(), b"#/definitions/")
    info = {"title": TITLE, "version": VERSION}
    return {"swagger": "2.0", "info": info, "paths": {}, "definitions": orjson.loads(text)}


def old_protobuf() -> bytes:
    """The same without schemas, for kubectl (gnostic openapiv2 Document: swagger = 1, info = 2 with title = 1, version = 2)."""
    info = text_field(1, TITLE) + text_field(2, VERSION)
    return text_field(1, "2.0") + bytes([2 << 3 | 2, len(info)]) + info


def text_field(number: int, text: str) -> bytes:
    """Of fewer than 128 bytes."""
    return bytes([number << 3 | 2, len(text)]) + text.encode()


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
