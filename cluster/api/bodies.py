"""Request bodies: JSON, YAML or protobuf, within limits; and what strict field validation says of them."""

import re
from collections.abc import Mapping
from typing import Any

from cluster import documents
from cluster.actions import Refused, bad_request, failure
from cluster.api import protobuf, schemas, strict_json

LARGEST_BYTES = 3 * 1024 * 1024
UNUSUAL = re.compile(rb"\0|\\[uUx0]")
Json = dict[str, Any]


def read(body: bytes, content_type: str) -> tuple[Any, list[str]]:
    """(the value, fields that were given twice). Raises Refused."""
    if len(body) > LARGEST_BYTES:
        raise too_large()
    kind = content_type.partition(";")[0].strip()
    try:
        if kind == protobuf.CONTENT_TYPE:
            return storable(protobuf.decode(body)), []
        value, repeated = (read_yaml(body), []) if kind.endswith("yaml") else strict_json.loads(body or b"null")
    except (protobuf.Undecodable, ValueError) as error:
        raise Refused(bad_request(str(error))) from error
    return (storable(value), repeated) if UNUSUAL.search(body) else (value, repeated)


def storable(value: Any) -> Any:
    """With whole characters, as Go reads escapes: surrogates in pairs, and others replaced. A NUL fits into no database."""
    if isinstance(value, str):
        if "\0" in value:
            raise Refused(bad_request("a string can't hold the character U+0000"))
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list) else value


def too_large() -> Refused:
    return Refused(failure(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST_BYTES}"))


def read_yaml(body: bytes) -> Any:
    try:
        found = documents.load_documents(body.decode())
    except documents.DocumentError as error:
        raise Refused(bad_request(str(error))) from error
    return found[0].manifest if found else None


def manifest_of(value: Any, group_version: str, kind: str) -> Json:
    """A manifest of the kind that the path names. Raises Refused."""
    if not isinstance(value, dict):
        raise Refused(bad_request(f"the object provided is unrecognized (must be of type {kind})"))
    given = (value.get("apiVersion", group_version), value.get("kind", kind))
    if given != (group_version, kind):
        message = f"the API version in the data ({given[0]}) does not match the expected API version ({group_version})"
        if given[1] != kind:
            message = f"the object provided is unrecognized (must be of type {kind}): {given[1]}"
        raise Refused(bad_request(message))
    return {**value, "apiVersion": group_version, "kind": kind}


def check_fields(manifest: Json, repeated: list[str], mode: str) -> list[str]:
    """The warnings; under Strict they refuse the object."""
    if mode == "Ignore":
        return []
    problems = schemas.strict_problems(schemas.unknown_fields(manifest, schemas.definition_of(manifest)), repeated)
    if problems and mode == "Strict":
        kind, version = manifest["kind"], manifest["apiVersion"].rpartition("/")[2]
        text = f'{kind} in version "{version}" cannot be handled as a {kind}: {schemas.strict_refusal(problems)}'
        raise Refused(bad_request(text))
    return problems


def without_unknown(value: Any, schema: Mapping[str, Any], unknown: frozenset[str], path: str = "") -> Any:
    """A value without the fields whose paths are unknown."""
    if isinstance(value, dict):
        kept = {key: (f"{path}.{key}" if path else key, each) for key, each in value.items()}
        return {
            key: without_unknown(each, schema, unknown, at) for key, (at, each) in kept.items() if at not in unknown
        }
    if isinstance(value, list):
        return [without_unknown(each, schema, unknown, f"{path}[{place}]") for place, each in enumerate(value)]
    return value
