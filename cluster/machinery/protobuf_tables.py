"""The protobuf messages of k8s.io/api and apimachinery, field by field, parsed from messages.txt on demand.

Source of messages.txt: tools/read_go_types.py, which explains its format.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cluster.machinery import schemas

MESSAGES_FILE = Path(__file__).with_name("messages.txt")
# The envelope of objects and the special types (runtime/generated.proto, meta/v1, resource and util/intstr).
AROUND = """
Unknown 1:typeMeta:TypeMeta 2:raw:raw 3:contentEncoding:string 4:contentType:string
TypeMeta 1:apiVersion:string 2:kind:string
Timestamp 1:seconds:int 2:nanos:int
Amount 1:string:string
Number 1:type:int 2:intVal:int 3:strVal:string
Json 1:raw:raw
Items 1:items:[]string
"""
GROUPS = {"": "core"}


class Field(NamedTuple):
    """`pointer`: a zero is a value; `shown`: a zero is written too; `inline`: the fields are part of the message itself."""

    name: str
    type: str
    pointer: bool
    shown: bool
    repeated: bool
    mapped: bool
    inline: bool


@cache
def lines() -> Mapping[str, str]:
    """Message name -> its fields as text."""
    text = AROUND + MESSAGES_FILE.read_text()
    return {name: rest for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)}


@cache
def fields(message: str) -> Mapping[int, Field]:
    """Number -> field. Raises KeyError for an unknown message."""
    return dict(_field(text) for text in lines()[message].split())


def message_of(api_version: str, kind: str) -> str:
    """ "apps/v1", "Deployment" -> "apps/v1.Deployment". Raises UnknownKind."""
    group, _, version = api_version.rpartition("/")
    schemas.definition(group, version, kind)
    name = f"{GROUPS.get(group, group.partition('.')[0])}/{version}.{kind}"
    if name not in lines():
        name = f"meta/v1.{kind}"
    if name not in lines():
        raise schemas.UnknownKind(f'no kind "{kind}" is registered for version "{api_version}"')
    return name


def _field(text: str) -> tuple[int, Field]:
    number, name, kind = text.split(":", 2)
    marks, plain = set(), kind
    for mark in ("^", "!", "*", "map:", "[]"):
        if plain.startswith(mark):
            marks.add(mark)
            plain = plain.removeprefix(mark)
    return int(number), Field(
        name=name,
        type=plain,
        pointer="*" in marks,
        shown="!" in marks,
        repeated="[]" in marks,
        mapped="map:" in marks,
        inline="^" in marks,
    )
