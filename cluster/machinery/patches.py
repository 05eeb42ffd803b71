"""The patch types of a PATCH request: JSON patch (RFC 6902), JSON merge patch (RFC 7386), strategic merge patch.

Upstream: apiserver pkg/endpoints/handlers/patch.go. Only `carried_out` changes its arguments. Server-side apply is in `apply`.
"""

import copy
import json
from typing import Any

import jsonpatch
import jsonpointer

from cluster.machinery import go_json
from cluster.machinery.schemas import Json, Schema
from cluster.machinery.strategic import BadPatch, strategic_merge

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

MAX_OPERATIONS = 10_000
MAX_COPIED_BYTES = 3 * 1024 * 1024
UNFIT = (
    jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, ValueError, AttributeError, KeyError,
    RecursionError,
)  # fmt: skip
UNDECODABLE = "error decoding patch: "
REJECTED = "the server rejected our request due to an error in our request"


def apply_patch(content_type: str, original: Json, patch: Any, schema: Schema) -> Json:
    """The object after a patch of one of the first three media types. Raises BadPatch (its `code` is the HTTP status)."""
    if content_type == JSON_PATCH:
        return json_patch(original, patch)
    if not isinstance(patch, dict):
        problem = f"json: cannot unmarshal {go_json.type_name(patch)} into Go value of type map[string]interface {{}}"
        raise BadPatch(f"{UNDECODABLE}{problem}" if content_type == MERGE_PATCH else problem)
    if content_type == MERGE_PATCH:
        return merge_patch(original, patch)
    return strategic_merge(original, patch, schema)


def json_patch(original: Json, operations: Any) -> Json:
    """RFC 6902. One operation that fails refuses the whole patch (422, without naming the operation)."""
    if not isinstance(operations, list):
        raise BadPatch(
            f"{UNDECODABLE}json: cannot unmarshal {go_json.type_name(operations)} into Go value of type []interface {{}}"
        )
    odd = next((each for each in operations if not isinstance(each, dict)), None)
    if odd is not None:
        raise BadPatch(f"json: cannot unmarshal {go_json.type_name(odd)} into Go value of type jsonpatch.Operation")
    if len(operations) > MAX_OPERATIONS:
        limit = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}"
        raise BadPatch(limit, 413)
    try:
        patched = carried_out(copy.deepcopy(original), copy.deepcopy(operations))
    except UNFIT:
        raise BadPatch(REJECTED, 422) from None
    if not isinstance(patched, dict):
        raise BadPatch(REJECTED, 422)
    return patched


def carried_out(document: Any, operations: list[Json]) -> Any:
    """The document (changed in place) after all operations. The values that they copy may have MAX_COPIED_BYTES in total as JSON
    (evanphx/json-patch, AccumulatedCopySizeLimit: beyond it a 422 like any other, without the reason)."""
    copied = 0
    for each in operations:
        if each.get("op") == "copy":
            copied += len(json.dumps(jsonpointer.resolve_pointer(document, each["from"]), ensure_ascii=False).encode())
            if copied > MAX_COPIED_BYTES:
                raise BadPatch(REJECTED, 422)
        document = jsonpatch.JsonPatch([each]).apply(document, in_place=True)
    return document


def merge_patch(original: Json, patch: Json) -> Json:
    """RFC 7386: objects are merged, null deletes, everything else (lists too) replaces."""
    result = dict(original)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            target = result.get(key)
            result[key] = merge_patch(target if isinstance(target, dict) else {}, value)
        else:
            result[key] = value
    return result
