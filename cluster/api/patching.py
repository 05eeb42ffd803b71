"""What a PATCH makes of an object, and the refusal of one after which the object can't be decoded (apiserver
pkg/endpoints/handlers/patch.go)."""

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
    """`value`: the body; `schema`: of what it changes; `after`: that as it is once the patch is carried out."""

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
        """What can't be decoded is refused as the patch's fault: 422, where an object that is sent whole is answered 400."""
        try:
            yield
        except Undecodable as error:
            status = validation.status([invalid("patch", self.shown(), error.problem)], kind="", name="", group="")
            raise Refused(status) from error

    def shown(self) -> str:
        """A strategic merge patch itself; of others what they have made."""
        if self.media_type == patches.STRATEGIC_PATCH:
            return go(self.value)
        return json.dumps(self.after, ensure_ascii=False, separators=(",", ":"))


def refusal_of(error: BadPatch) -> Json:
    reason = {422: "Invalid", 413: "RequestEntityTooLarge"}.get(error.code, "BadRequest")
    return failure(error.code, reason, str(error))
