"""Objects in the shape that the client requested: whole, as a Table, or only metadata."""

from typing import Any

from cluster.api.kept import conversions
from cluster.api.printers import tables
from cluster.api.printers.negotiation import Format
from cluster.api.targets import Target
from cluster.statuses import Refused, failure

Json = dict[str, Any]


def of_object(shown: Json, target: Target, form: Format, include: str) -> Json:
    """One object, already in its target's version. Raises Refused (406)."""
    if form.shape == "Table":
        return table([shown], target, form, {"resourceVersion": shown["metadata"]["resourceVersion"]}, include)
    if form.shape == "PartialObjectMetadata":
        return partial(shown, form)
    if form.shape:
        raise not_acceptable(f"you requested {form.shape}, but the requested object is not a list")
    return shown


def of_list(shown: list[Any], target: Target, form: Format, about: Json, include: str) -> Json:
    """`about`: the list's metadata; `shown`: manifests or, if no shape is requested, their JSON texts. Raises Refused (406)."""
    if form.shape == "Table":
        return table(shown, target, form, about, include)
    if form.shape == "PartialObjectMetadataList":
        items = [partial(each, form) for each in shown]
        return {"kind": form.shape, "apiVersion": form.api_version, "metadata": about, "items": items}
    if form.shape:
        raise not_acceptable(f"you requested {form.shape}, but the requested object is a list")
    kind = f"{target.kind.name}List"
    return {"kind": kind, "apiVersion": target.group_version, "metadata": about, "items": shown}


def watched(shown: Json, target: Target, form: Format, include: str, *, columns: bool) -> Json:
    """The object in a watch event; only the first Table has column definitions."""
    if form.shape != "Table":
        return partial(shown, form) if form.shape else shown
    found = table([shown], target, form, {"resourceVersion": shown["metadata"]["resourceVersion"]}, include)
    return found if columns else {**found, "columnDefinitions": None}


def empty(target: Target, form: Format, about: Json) -> Json:
    """The object of a bookmark, which has only a resource version."""
    if form.shape == "Table":
        found = table([], target, form, about, "Metadata")
        return {**found, "metadata": about, "columnDefinitions": None}
    if form.shape:
        return partial({"metadata": about}, form)
    return {"kind": target.kind.name, "apiVersion": target.group_version, "metadata": about}


def partial(shown: Json, form: Format) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": form.api_version, "metadata": shown["metadata"]}


def table(shown: list[Json], target: Target, form: Format, about: Json, include: str) -> Json:
    rows = [old_event(each) if target.group == "events.k8s.io" else conversions.stored(each) for each in shown]
    more = {key: value for key, value in about.items() if key != "resourceVersion"}
    found = tables.table(
        target.kind, rows, rv=int(about["resourceVersion"]), version=target.version, include=include, more=more
    )
    return {**found, "apiVersion": form.api_version}


def old_event(event: Json) -> Json:
    """An event of events.k8s.io/v1 with the core version's field names, which the Table uses."""
    return {
        **event,
        "involvedObject": event["regarding"],
        "message": event["note"],
        "source": event["deprecatedSource"],
        "firstTimestamp": event["deprecatedFirstTimestamp"],
        "lastTimestamp": event["deprecatedLastTimestamp"],
        "count": event.get("deprecatedCount"),
    }


def not_acceptable(message: str) -> Refused:
    return Refused(failure(406, "NotAcceptable", message))
