"""Collections as they are asked for: selected, cut into pages, as objects or as a Table."""

import base64
import json
from typing import Any

from django.http import HttpRequest

from cluster import journal
from cluster.actions import Refused, bad_request, failure
from cluster.api import reading, selectors, tables
from cluster.api.targets import Target

Json = dict[str, Any]


def listed(request: HttpRequest, target: Target, visible: set[str], *, plain: bool = False) -> Json:
    """`visible`: the namespaces that the user may see, when namespaces are listed. `plain`: no Table, no pages."""
    rv = journal.head()
    items = [each for each in reading.read(target.kind, target.namespace) if fits(request, each)]
    if target.kind.name == "Namespace":
        items = [each for each in items if each["metadata"]["name"] in visible]
    page, more = (items, {}) if plain else cut(request, items)
    found = [reading.in_version(each, target.group, target.version) for each in page]
    whole = {
        "kind": f"{target.kind.name}List",
        "apiVersion": target.group_version,
        "metadata": {"resourceVersion": str(rv), **more},
        "items": found,
    }
    return whole if plain else shown(request, target, found, whole, rv, more)


def shown(
    request: HttpRequest, target: Target, found: list[Json], whole: Json, rv: int, more: Json | None = None
) -> Json:
    """A Table where one is asked for."""
    if not wants_table(request.headers.get("Accept", "")):
        return whole
    kind = target.kind.name
    rows = [old_event(each) for each in found] if target.group == "events.k8s.io" else found
    return tables.table(kind, rows, rv=rv, include=request.GET.get("includeObject", "Metadata"), more=more)


def wants_table(accept: str) -> bool:
    return "as=Table" in accept.partition(",")[0]


def fits(request: HttpRequest, manifest: Json) -> bool:
    return selector(request.GET.get("labelSelector", ""), request.GET.get("fieldSelector", ""))(manifest)


def selector(labels: str, fields: str) -> selectors.Fits:
    try:
        by_labels, by_fields = selectors.by_labels(labels), selectors.by_fields(fields)
    except selectors.BadSelector as error:
        raise Refused(bad_request(str(error))) from error
    return lambda manifest: by_labels(manifest) and by_fields(manifest)


def cut(request: HttpRequest, items: list[Json]) -> tuple[list[Json], Json]:
    """(a page, its `continue` and `remainingItemCount`): pages go on after the last name, whatever was written meanwhile."""
    limit = request.GET.get("limit", "0")
    token = request.GET.get("continue", "")
    after = read_token(token) if token else None
    rest = [each for each in items if after is None or reading.sort_key(each) > after]
    size = int(limit) if limit.isdecimal() else 0
    if not size or len(rest) <= size:
        return rest, {}
    page = rest[:size]
    last = json.dumps(reading.sort_key(page[-1])).encode()
    return page, {"continue": base64.urlsafe_b64encode(last).decode(), "remainingItemCount": len(rest) - size}


def read_token(token: str) -> tuple[str, str]:
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError) as error:
        raise Refused(failure(400, "BadRequest", "continue key is not valid")) from error
    return str(namespace), str(name)


def old_event(event: Json) -> Json:
    """What the Table of events.k8s.io/v1 reads: the core version's names."""
    return {
        **event,
        "involvedObject": event["regarding"],
        "message": event["note"],
        "source": event["deprecatedSource"],
        "firstTimestamp": event["deprecatedFirstTimestamp"],
        "lastTimestamp": event["deprecatedLastTimestamp"],
        "count": event["deprecatedCount"],
    }
