"""Who wrote which field of what is stored: each write leaves its manager's mark in metadata.managedFields."""

from datetime import UTC, datetime
from typing import Any

from cluster.api import schemas
from cluster.api.fields import parse
from cluster.api.managed_fields import after_update

Json = dict[str, Any]
DASHBOARD = "rollstage"
STATUS = frozenset({parse("status")})


def written(before: Json | None, after: Json, *, manager: str, subresource: str = "") -> list[Json]:
    """The managedFields of `after`, which a create (before None), update or patch has made of `before`; both with the
    managedFields that they had."""
    version = str(after["apiVersion"])
    return after_update(
        before,
        after,
        schema=schemas.definition_of(after),
        manager=manager,
        api_version=version,
        now=moment(),
        subresource=subresource,
        ignored=STATUS,
    )


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
