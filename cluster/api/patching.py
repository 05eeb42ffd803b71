"""Applies a PATCH to an object, and refuses one whose result can't be decoded (apiserver pkg/endpoints/handlers/patch.go)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cluster.core import validation
from cluster.core.validation.errors import invalid
from cluster.machinery import patches, unstructured
from cluster.machinery.schemas import Json, Schema
from cluster.machinery.strategic import BadPatch, go
from cluster.statuses import Refused, Undecodable, failure, undecodable


@dataclass(kw_only=True)
class Patch:
    """`value`: the body; `schema`: that of the patched object; `after`: the object after the patch."""

    media_type: str
    value: Any
    schema: Schema
    after: Json = field(default_factory=dict)

    def change(self, before: Json) -> Json:
        """Raises Refused."""
        try:
            self.after = patches.apply_patch(self.media_type, before, self.value, self.schema)
        except BadPatch as error:
            raise Refused(refusal_of(error)) from error
        if self.media_type == patches.STRATEGIC_PATCH:
            problem = unstructured.problem(self.after, self.schema)
            if problem:
                raise undecodable(before["kind"], before["apiVersion"], problem)
        return self.after

    @contextmanager
    def told(self) -> Iterator[None]:
        """An object that can't be decoded is refused as an invalid patch: 422, where a whole object in the body gets 400."""
        try:
            yield
        except Undecodable as error:
            status = validation.status([invalid("patch", self.shown(), error.problem)], kind="", name="", group="")
            raise Refused(status) from error

    def shown(self) -> str:
        """The patch itself for a strategic merge patch; for others the resulting object."""
        if self.media_type == patches.STRATEGIC_PATCH:
            return go(self.value)
        return json.dumps(self.after, ensure_ascii=False, separators=(",", ":"))


def refusal_of(error: BadPatch) -> Json:
    reason = {422: "Invalid", 413: "RequestEntityTooLarge"}.get(error.code, "BadRequest")
    return failure(error.code, reason, str(error))
