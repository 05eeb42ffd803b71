"""Request bodies of media type application/vnd.kubernetes.protobuf -> manifests, as the JSON of the same object.

Upstream: apimachinery pkg/runtime/serializer/protobuf (the envelope) and the generated Unmarshal functions. Only reading:
responses are JSON, which every client that sends protobuf accepts.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from cluster.machinery import protobuf_tables
from cluster.machinery.protobuf_tables import Field
from cluster.machinery.schemas import Json, UnknownKind

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
PREFIX = b"k8s\x00"
MAX_DEPTH = 40

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
SCALARS = {"int": VARINT, "bool": VARINT}
INNER = {
    "Quantity": "Amount",
    "IntOrString": "Number",
    "Time": "Timestamp",
    "MicroTime": "Timestamp",
    "Raw": "Json",
    "Strings": "Items",
}


class Undecodable(ValueError):
    """Raised when a body is not a protobuf message of a served kind (HTTP 400)."""


class UnknownField(Undecodable):
    """Raised when a message has a field that the tables don't list, as no field may be lost silently (HTTP 415)."""


def decode(body: bytes) -> Json:
    """The manifest in a protobuf body. Raises Undecodable."""
    if not body.startswith(PREFIX):
        raise Undecodable("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope = _message("Unknown", body[len(PREFIX) :], 0)
    types = envelope.get("typeMeta", {})
    kind, version = types.get("kind", ""), types.get("apiVersion", "")
    try:
        message = protobuf_tables.message_of(version, kind)
    except UnknownKind as error:
        raise Undecodable(str(error)) from None
    return {"apiVersion": version, "kind": kind, **_message(message, envelope.get("raw", b""), 0)}


def _message(name: str, data: bytes, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise Undecodable("proto: message nested too deeply")
    table = protobuf_tables.fields(name)
    result: Json = {}
    for number, wire_type, value in _fields(data):
        field = table.get(number)
        if field is None:
            raise UnknownField(f"proto: field {number} of {name} is not known here; send the object as JSON")
        if field.repeated and field.type in SCALARS and wire_type == BYTES:
            result.setdefault(field.name, []).extend(_packed(field.type, value, depth))
            continue
        if wire_type != (BYTES if field.mapped else SCALARS.get(field.type, BYTES)):
            raise Undecodable(f"proto: wrong wireType = {wire_type} for field {field.name} of {name}")
        _put(result, field, value, depth)
    return result


def _put(result: Json, field: Field, raw: Any, depth: int) -> None:
    if field.mapped:
        key, value = _entry(field, raw, depth)
        result.setdefault(field.name, {})[key] = value
        return
    value = _value(field.type, raw, depth)
    if field.repeated:
        result.setdefault(field.name, []).append(value)
    elif field.inline:
        result.update(value)
    elif field.pointer or field.shown or value not in ("", 0, False, None, {}, b""):
        result[field.name] = value


def _packed(kind: str, data: bytes, depth: int) -> Iterator[Any]:
    position = 0
    while position < len(data):
        value, position = _varint(data, position)
        yield _value(kind, value, depth)


def _entry(field: Field, data: bytes, depth: int) -> tuple[str, Any]:
    """One entry of a map: a message of key 1 and value 2."""
    key, value = "", _value(field.type, b"", depth) if field.type not in SCALARS else 0
    for number, wire_type, raw in _fields(data):
        if wire_type == BYTES and number == 1:
            key = _text(raw)
        elif number == 2 and wire_type == SCALARS.get(field.type, BYTES):
            value = _value(field.type, raw, depth)
    return key, value


def _value(kind: str, raw: Any, depth: int) -> Any:
    """A value as in JSON: bytes in base64, quantities and times as text."""
    if kind == "string":
        return _text(raw)
    if kind == "int":
        return raw - (1 << 64) if raw >> 63 else raw
    if kind == "bool":
        return bool(raw)
    if kind in ("bytes", "raw"):
        return base64.b64encode(raw).decode() if kind == "bytes" else raw
    return _converted(kind, _message(INNER.get(kind, kind), raw, depth + 1))


def _converted(kind: str, message: Json) -> Any:
    if kind == "Quantity":
        return message.get("string", "0")
    if kind == "IntOrString":
        return message.get("strVal", "") if message.get("type") else message.get("intVal", 0)
    if kind in ("Time", "MicroTime"):
        return _timestamp(message, exact=kind == "MicroTime")
    if kind == "Raw":
        return _json(message.get("raw", b"null"))
    return message.get("items", []) if kind == "Strings" else message


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"an embedded object is no JSON: {error}") from None


def _timestamp(message: Json, *, exact: bool) -> str | None:
    if "seconds" not in message:
        return None
    try:
        moment = datetime.fromtimestamp(message["seconds"], UTC).replace(microsecond=message.get("nanos", 0) // 1000)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if exact else "%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise Undecodable(f"{message['seconds']} s is no time") from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Undecodable("proto: string field contains invalid UTF-8") from None


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """(number, wire type, value) of each field of a message."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise Undecodable("proto: illegal tag 0")
        if wire_type == VARINT:
            value: Any
            value, position = _varint(data, position)
        else:
            size, position = _size(data, position, wire_type)
            value, position = data[position : position + size], position + size
        yield number, wire_type, value


def _size(data: bytes, position: int, wire_type: int) -> tuple[int, int]:
    if wire_type == BYTES:
        size, position = _varint(data, position)
    elif wire_type in (FIXED64, FIXED32):
        size = 8 if wire_type == FIXED64 else 4
    else:
        raise Undecodable(f"proto: illegal wireType {wire_type}")
    if position + size > len(data):
        raise Undecodable("unexpected EOF")
    return size, position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise Undecodable("unexpected EOF")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
    raise Undecodable("proto: integer overflow")
