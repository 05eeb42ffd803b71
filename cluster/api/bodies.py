"""Request bodies in JSON, YAML or protobuf: decoding within limits, and strict field validation."""

import re
from collections.abc import Mapping
from typing import Any

from cluster import documents
from cluster.machinery import go_json, patches, protobuf, schemas, strict_json
from cluster.statuses import Refused, bad_request, failure, undecodable

JSON = "application/json"
MEDIA_TYPES = (JSON, "application/yaml", protobuf.CONTENT_TYPE)
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
REGISTRY = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"
INTERNAL = {"": "core", "events.k8s.io": "core", "extensions": "apps"}
LARGEST_BYTES = 3 * 1024 * 1024
UNUSUAL = re.compile(rb"\0|\\[uUx0]|\xed[\xa0-\xbf]")  # the last: an unescaped surrogate
Json = dict[str, Any]


def read(body: bytes, content_type: str, kind: str = "") -> tuple[Any, list[str]]:
    """(value, fields given twice). `kind`: the kind of the body's object; "" for a patch. Raises Refused."""
    if len(body) > LARGEST_BYTES:
        raise too_large()
    media = content_type.partition(";")[0].strip().lower() or JSON
    if kind and media not in MEDIA_TYPES:
        raise unsupported()
    try:
        if media == protobuf.CONTENT_TYPE:
            return storable(read_protobuf(body)), []
        value, repeated = (read_yaml(body), []) if media.endswith("yaml") else strict_json.loads(body)
    except (protobuf.Undecodable, ValueError) as error:
        problem = f"couldn't get version/kind; json parse error: {error}"
        raise Refused(
            bad_request(unrecognized(kind, problem, body) if kind else told_of_patch(media, error))
        ) from error
    if kind and value is not None and not isinstance(value, dict):
        problem = f"json: cannot unmarshal {go_json.type_name(value)} into Go value of type {TYPE_META}"
        problem = f"couldn't get version/kind; json parse error: {problem}"
        raise Refused(bad_request(unrecognized(kind, problem, body)))
    return (storable(value), repeated) if UNUSUAL.search(body) else (value, repeated)


def told_of_patch(media: str, error: Exception) -> str:
    return f"{patches.UNDECODABLE}{error}" if media in (patches.JSON_PATCH, patches.MERGE_PATCH) else str(error)


def unrecognized(kind: str, problem: str, body: bytes) -> str:
    return f"the object provided is unrecognized (must be of type {kind}): {problem} ({go_json.summary(body)})"


def unsupported() -> Refused:
    listed = ", ".join(MEDIA_TYPES)
    message = f"the body of the request was in an unknown format - accepted media types include: {listed}"
    status = failure(415, "UnsupportedMediaType", message)
    return Refused({key: each for key, each in status.items() if key != "details"})


def storable(value: Any) -> Any:
    """Replaces surrogates as Go does in escapes: pairs become one character, others the replacement character. Raises Refused
    (400) for NUL, which can't be stored."""
    if isinstance(value, str):
        if "\0" in value:
            raise Refused(bad_request("a string can't hold the character U+0000"))
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list) else value


def read_protobuf(body: bytes) -> Json:
    """Raises Undecodable; Refused (415) for fields unknown to the tables, so that a client may send JSON instead."""
    try:
        return protobuf.decode(body)
    except protobuf.UnknownField as error:
        raise Refused(failure(415, "UnsupportedMediaType", str(error))) from error


def too_large() -> Refused:
    return Refused(failure(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST_BYTES}"))


def read_yaml(body: bytes) -> Any:
    try:
        found = documents.load_documents(body.decode())
    except documents.DocumentError as error:
        raise Refused(bad_request(str(error))) from error
    return found[0].manifest if found else None


def manifest_of(value: Any, group_version: str, kind: str) -> Json:
    """The body as a manifest of the kind in the path. Raises Refused."""
    found: Json = {} if value is None else value
    version, given = found.get("apiVersion") or group_version, found.get("kind") or kind
    if not isinstance(version, str) or not isinstance(given, str):
        field = "kind" if isinstance(version, str) else "apiVersion"
        text = f"json: cannot unmarshal {go_json.type_name(found[field])} into Go struct field .{field} of type string"
        raise Refused(bad_request(f"the object provided is unrecognized (must be of type {kind}): {text}"))
    if (version, given) != (group_version, kind):
        check_known(version, given, kind, group_version)
        message = f"the API version in the data ({version}) does not match the expected API version ({group_version})"
        raise Refused(bad_request(message))
    return {**found, "apiVersion": group_version, "kind": kind}


def check_known(version: str, given: str, kind: str, group_version: str) -> None:
    """Refuses unknown kinds, and kinds that can't be decoded as the one in the path (transformDecodeError)."""
    about = f'{given} in version "{version.rpartition("/")[2]}" cannot be handled as a {kind}'
    try:
        schemas.definition_of({"apiVersion": version, "kind": given})
    except schemas.UnknownKind:
        problem = f'no kind "{given}" is registered for version "{version}" in scheme "{REGISTRY}"'
        raise Refused(bad_request(f"{about}: {problem}")) from None
    if given != kind:
        group = group_version.rpartition("/")[0]
        shown = f"{INTERNAL.get(group, group)}.{kind}"
        problem = f"converting ({version.rpartition('/')[2]}.{given}) to ({shown}): unknown conversion"
        raise Refused(bad_request(f"{about}: {problem}"))


def check_fields(manifest: Json, unknown: list[str], repeated: list[str], mode: str) -> list[str]:
    """The warnings for fields that are unknown or given twice; with Strict they are raised as a refusal."""
    if mode == "Ignore":
        return []
    problems = schemas.strict_problems(unknown, repeated)
    if problems and mode == "Strict":
        raise undecodable(manifest["kind"], manifest["apiVersion"], schemas.strict_refusal(problems))
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
