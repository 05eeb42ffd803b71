"""/openapi/v3: an index, and a document with schemas and the operations that kubectl reads for each group and version."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from cluster.api.kinds import SERVED, Kind, Table
from cluster.machinery import schemas

Json = dict[str, Any]
OLD_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
TITLE, VERSION = "Kubernetes", "v1.37.0"  # of the schemas
STRICT = {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}


def paths(table: Table = SERVED) -> list[str]:
    """api/v1, apis/apps/v1 ...: the paths that have a document."""
    found = [f"apis/{group}/{version}" for group, versions in table.group_versions.items() for version in versions]
    return ["api/v1", *found]


def index(table: Table = SERVED) -> Json:
    """The hash changes with the contents of the documents, so that clients can cache them."""
    custom = orjson.dumps([[*key, schema] for key, schema in table.custom.items()])
    digest = hashlib.sha256(built_in_digest() + custom).hexdigest()[:32]
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"} for path in paths(table)}}


@cache
def built_in_digest() -> bytes:
    return hashlib.sha256(schemas.SCHEMAS_FILE.read_bytes()).digest()


def document(path: str, table: Table = SERVED) -> Json | None:
    """The operations and schemas of one version's kinds; None if the version is not served."""
    if path not in paths(table):
        return None
    group, version = ("", "v1") if path == "api/v1" else (path.split("/")[1], path.split("/")[2])
    served = table.of(group, version)
    return {
        "openapi": "3.0.0",
        "info": {"title": TITLE, "version": VERSION},
        "paths": {address: operations(group, version, kind) for kind in served for address in addresses(path, kind)},
        "components": {"schemas": components(group, version, served, table)},
    }


def components(group: str, version: str, served: list[Kind], table: Table) -> Json:
    """The schemas of the kinds, those of custom kinds under the group's reversed name: com.example.v1.Backup."""
    own = {each.name: table.custom.get((group, version, each.name)) for each in served}
    names = [schemas.definition_name(group, version, name) for name, custom in own.items() if custom is None]
    start = start_of(group, version)
    custom = {f"{start}.{name}": schema for name, schema in own.items() if schema is not None}
    below = [reference for schema in custom.values() for reference in schemas.references(schema)]
    return {**custom, **schemas.closure(*names, *below)}


def start_of(group: str, version: str) -> str:
    """The prefix of the definition names of a custom group: com.example.v1."""
    return ".".join([*reversed(group.split(".")), version])


def old_document(table: Table = SERVED) -> Json:
    """/openapi/v2: the same schemas and operations; current clients request it only for kinds missing in version 3."""
    custom = {f"{start_of(group, version)}.{kind}": schema for (group, version, kind), schema in table.custom.items()}
    text = orjson.dumps({**schemas.definitions(), **custom}).replace(schemas.REFERENCE.encode(), b"#/definitions/")
    info = {"title": TITLE, "version": VERSION}
    return {"swagger": "2.0", "info": info, "paths": old_paths(table), "definitions": orjson.loads(text)}


def old_paths(table: Table) -> Json:
    found: Json = {}
    for path in paths(table):
        group, version = ("", "v1") if path == "api/v1" else (path.split("/")[1], path.split("/")[2])
        for kind in table.of(group, version):
            collection, one = addresses(path, kind)
            found[collection] = old_operations(group, version, kind, COLLECTION)
            found[one] = old_operations(group, version, kind, ONE)
    return dict(sorted(found.items()))


# Method -> verb of the kind, and its action in the document.
COLLECTION = {"get": ("list", "list"), "post": ("create", "post"), "delete": ("deletecollection", "deletecollection")}
ONE = {
    "get": ("get", "get"),
    "put": ("update", "put"),
    "patch": ("patch", "patch"),
    "delete": ("delete", "delete"),
}


def old_operations(group: str, version: str, kind: Kind, methods: Mapping[str, tuple[str, str]]) -> Json:
    about = {"x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind.name}}
    answer: Json = {"responses": {"200": {"description": "OK"}}, **about}
    body = {"in": "body", "name": "body", "required": True, "schema": {"type": "object"}}
    found: Json = {}
    for method, (verb, action) in methods.items():
        if verb in kind.verbs:
            writes = {"parameters": [body]} if method in ("post", "put", "patch") else {}
            found[method] = {**answer, "x-kubernetes-action": action, **writes}
    return found


def old_protobuf() -> bytes:
    """The version 2 document without its contents, for kubectl (gnostic openapiv2 Document: swagger = 1, info = 2 with title = 1,
    version = 2)."""
    info = text_field(1, TITLE) + text_field(2, VERSION)
    return text_field(1, "2.0") + bytes([2 << 3 | 2, len(info)]) + info


def text_field(number: int, text: str) -> bytes:
    """A string field of fewer than 128 bytes."""
    return bytes([number << 3 | 2, len(text)]) + text.encode()


def addresses(path: str, kind: Kind) -> list[str]:
    middle = "namespaces/{namespace}/" if kind.namespaced else ""
    return [f"/{path}/{middle}{kind.plural}", f"/{path}/{middle}{kind.plural}/{{name}}"]


def operations(group: str, version: str, kind: Kind) -> Json:
    about = {"x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind.name}}
    answer = {"responses": {"200": {"description": "OK"}}, **about}
    writing = {**answer, "parameters": [STRICT]}
    content = {each: {"schema": {"type": "object"}} for each in kind.patches}
    patching = {**writing, "requestBody": {"content": content}}
    return {"get": answer, "post": writing, "put": writing, "patch": patching, "delete": answer}
