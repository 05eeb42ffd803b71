"""The Go structs that the API's JSON is decoded into, field by field in their order.

A table has one struct per line (a line that begins with a blank continues it): its name and its fields, `GoName:type`, or
`GoName=jsonKey:type` where the key is not the name with a lower-case first letter; `:+Type` embeds a struct, whose fields are
inlined in the JSON. A type is a Go basic type, a struct of the table, a named string (`v1.Protocol`), or one of IntOrString,
Quantity, ResourceList, Time and FieldsV1, with `*` and `[]` before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cluster.core.manifests.gotypes_internal import INTERNAL
from cluster.core.manifests.gotypes_newer import NEWER, OBJECTS
from cluster.core.manifests.gotypes_v1 import V1


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """`kind` is the type as in the table, without the `+` of an embedded struct; `key` is empty for an embedded struct."""

    name: str
    key: str
    kind: str


GONE = "gone"
Structs = Mapping[str, tuple[Field, ...]]


def parse(table: str) -> Structs:
    """Struct name -> its fields."""
    structs = {}
    for line in table.replace("\n ", " ").strip().splitlines():
        name, *fields = line.split()
        structs[name] = tuple(_field(each) for each in fields)
    return structs


def _field(text: str) -> Field:
    names, kind = text.split(":", 1)
    name, _, key = names.partition("=")
    if kind.startswith("+"):
        return Field(name=name, key="", kind=kind[1:])
    return Field(name=name, key=key or name[:1].lower() + name[1:], kind=kind)


def extended(structs: Structs, newer: Structs) -> Structs:
    """The structs with the fields and structs added later. A field with the name of an earlier one replaces it; one of type
    `gone` removes it."""
    result = dict(structs)
    for name, fields in newer.items():
        replaced = {each.name for each in fields}
        kept = (each for each in structs.get(name, ()) if each.name not in replaced)
        result[name] = (*kept, *(each for each in fields if each.kind != GONE))
    return result


# The structs that spew prints for a pod-template-hash, by the package in the type names: Kubernetes 1.20, and the book's time.
SPEWED = {"v1": parse(V1), "api": parse(INTERNAL)}
# What today's API server accepts.
TODAY = extended(SPEWED["v1"], {**parse(NEWER), **parse(OBJECTS)})


def json_fields(structs: Structs, name: str) -> Iterator[Field]:
    """The fields in a struct's JSON, including those of its embedded structs."""
    for field in structs[name]:
        if field.key:
            yield field
        else:
            yield from json_fields(structs, field.kind)
