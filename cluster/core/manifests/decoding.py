"""Whether a manifest can be decoded at all: unknown fields and values of the wrong type, in the words of today's decoder
(sigs.k8s.io/json, apimachinery pkg/runtime/serializer/json with strict field validation)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.manifests.gotypes import TODAY, Field, json_fields
from cluster.core.objects import Manifest

KINDS = ("Deployment", "ReplicaSet", "Pod", "Scale")
# Only these versions have the rollback of a Deployment by a field of its spec.
WITH_ROLLBACK = ("apps/v1beta1", "extensions/v1beta1")
LIMITS = {"int32": 2**31, "int64": 2**63}
JSON_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
NUMBERS = (int, float)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`field` is its path with indices; `strict`: only strict decoding reports it, the decoder itself ignores unknown fields."""

    field: str
    text: str
    strict: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A value's place: its path, the same without indices as in Go's messages, and the struct that contains it."""

    path: str
    dotted: str
    struct: str

    def wrong(self, value: object, kind: str) -> Problem:
        found = JSON_NAMES.get(type(value), type(value).__name__)
        if isinstance(value, NUMBERS) and not isinstance(value, bool) and kind in LIMITS:
            found = f"number {value}"
        text = (
            f"json: cannot unmarshal {found} into Go struct field {self.struct}.{self.dotted} of type {_go_name(kind)}"
        )
        return Problem(field=self.path, text=text)


Problems = Iterator[Problem]


def decoding_status(manifest: Manifest) -> dict[str, Any] | None:
    """The 400 Status of a manifest with unknown fields or values of the wrong type; None if it can be decoded. As upstream, the
    message has only the first wrong type if there is one; the causes, which are ours, list all problems."""
    problems = find_problems(manifest)
    if not problems:
        return None
    wrong = [each.text for each in problems if not each.strict]
    unknown = ", ".join(each.text for each in problems if each.strict)
    problem = wrong[0] if wrong else f"strict decoding error: {unknown}"
    version = str(manifest.get("apiVersion")).rsplit("/", 1)[-1]
    kind = manifest.get("kind") or "Deployment"
    causes = [{"reason": "FieldValueInvalid", "message": each.text, "field": each.field} for each in problems]
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}',
        "reason": "BadRequest",
        "details": {"causes": causes},
        "code": 400,
    }


def find_problems(manifest: Manifest) -> list[Problem]:
    """The problems of a manifest of one of KINDS (any other is treated as a Deployment): wrong types, then unknown fields."""
    kind = manifest.get("kind")
    struct = kind if kind in KINDS else "Deployment"
    found = list(_struct(manifest, struct, "", ""))
    spec = manifest.get("spec")
    if struct == "Deployment" and manifest.get("apiVersion") not in WITH_ROLLBACK and isinstance(spec, Mapping):
        found += [_unknown("spec.rollbackTo")] if "rollbackTo" in spec else []
    return sorted(found, key=lambda each: each.strict)


@cache
def _fields(struct: str) -> Mapping[str, Field]:
    return {field.key: field for field in json_fields(TODAY, struct)}


def _struct(value: Mapping[str, Any], struct: str, path: str, dotted: str) -> Problems:
    fields = _fields(struct)
    for key, each in value.items():
        field = fields.get(key)
        if field is None:
            yield _unknown(f"{path}{key}")
        elif each is not None:
            place = Place(path=f"{path}{key}", dotted=f"{dotted}{key}", struct=struct)
            yield from _value(each, field.kind.lstrip("*"), place)


def _value(value: Any, kind: str, place: Place) -> Problems:
    """Problems of a value that is not null."""
    if kind.startswith("[]"):
        yield from _list(value, kind, place)
    elif kind == "string" or "." in kind:
        if not isinstance(value, str):
            yield place.wrong(value, kind)
    elif kind in LIMITS:
        if type(value) is not int or not -LIMITS[kind] <= value < LIMITS[kind]:
            yield place.wrong(value, kind)
    elif kind == "bool":
        if not isinstance(value, bool):
            yield place.wrong(value, kind)
    elif kind in ("map[string]string", "ResourceList"):
        yield from _map(value, kind, place)
    elif kind in TODAY:
        if isinstance(value, Mapping):
            yield from _struct(value, kind, f"{place.path}.", f"{place.dotted}.")
        else:
            yield place.wrong(value, kind)
    else:
        yield from _special(value, kind, place)


def _list(value: Any, kind: str, place: Place) -> Problems:
    if not isinstance(value, list):
        yield place.wrong(value, kind)
        return
    for index, each in enumerate(value):
        if each is not None:
            inner = Place(path=f"{place.path}[{index}]", dotted=place.dotted, struct=place.struct)
            yield from _value(each, kind[2:], inner)


def _map(value: Any, kind: str, place: Place) -> Problems:
    if not isinstance(value, Mapping):
        yield place.wrong(value, kind)
        return
    for key, each in value.items():
        inner = Place(path=f"{place.path}.{key}", dotted=place.dotted, struct=place.struct)
        if not isinstance(key, str):
            yield place.wrong(key, "string")
        elif each is not None:
            yield from _value(each, "Quantity" if kind == "ResourceList" else "string", inner)


def _special(value: Any, kind: str, place: Place) -> Problems:
    """Problems of types that define their own JSON."""
    if kind == "IntOrString":
        if not isinstance(value, str) and (type(value) is not int or not -LIMITS["int32"] <= value < LIMITS["int32"]):
            yield place.wrong(value, kind)
    elif kind == "Quantity":
        try:
            quantities.parse(str(value).strip())
        except ValueError as error:
            yield Problem(field=place.path, text=str(error))
    elif kind == "Time" and not isinstance(value, str):
        yield place.wrong(value, kind)


def _unknown(path: str) -> Problem:
    return Problem(field=path, text=f'unknown field "{path}"', strict=True)


def _go_name(kind: str) -> str:
    if kind.startswith("[]"):
        return "[]" + _go_name(kind[2:])
    if kind == "IntOrString":
        return "intstr.IntOrString"
    return kind if "." in kind or kind[0].islower() else f"v1.{kind}"
