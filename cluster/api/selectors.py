"""labelSelector and fieldSelector of a request (apimachinery pkg/labels, pkg/fields)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]
Fits = Callable[[Json], bool]
TERM = re.compile(
    r"\s*(?:!\s*(?P<absent>[\w./-]+)|(?P<key>[\w./-]+)(?:\s*(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)"
    r"|\s+(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?)\s*"
)
FIELD = re.compile(r"\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*")


class BadSelector(ValueError):
    """Raised when a selector can't be read."""


def by_labels(text: str) -> Fits:
    terms = []
    position = 0
    while position < len(text):
        found = TERM.match(text, position)
        if found is None or found.end() == position or (found.end() < len(text) and text[found.end()] != ","):
            raise BadSelector(
                f"unable to parse requirement: found '{text[position:]}', expected: identifier, !, in, notin, =, ==, !="
            )
        terms.append(found)
        position = found.end() + 1
    return lambda manifest: all(holds(term, manifest["metadata"].get("labels", {})) for term in terms)


def holds(term: re.Match[str], labels: Mapping[str, str]) -> bool:
    if term["absent"]:
        return term["absent"] not in labels
    value = labels.get(term["key"])
    if term["set"]:
        values = {each.strip() for each in term["values"].split(",")}
        return (value in values) is (term["set"] == "in")
    if term["op"]:
        return (value == term["value"]) is (term["op"] != "!=")
    return value is not None


def by_fields(text: str) -> Fits:
    terms = []
    for each in filter(None, text.split(",")):
        found = FIELD.fullmatch(each)
        if found is None:
            raise BadSelector(f"invalid selector: '{text}'; can't understand '{each}'")
        terms.append((found[1].split("."), found[2] != "!=", found[3]))
    return lambda manifest: all((str(at(manifest, path)) == value) is equal for path, equal, value in terms)


def at(manifest: Json, path: list[str]) -> Any:
    value: Any = manifest
    for part in path:
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value
