"""Columns of the tables that Django has in another form."""

import json
from typing import Any

import orjson
from django.db import models
from django.db.models.fields.json import KeyTransform


class JSONField(models.JSONField):
    """JSON by orjson, which is several times as fast; what orjson can't write or read, Python's json does. An integer of more
    than 64 bits is read as a float, as by Go's json package. In migrations it is Django's field: the tables are the same."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002 Django's names
        if connection.vendor == "postgresql":
            from psycopg.types.json import Jsonb

            return Jsonb(value, dumps)
        return dumps(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(value, str) and not isinstance(expression, KeyTransform):
            return loads(value)
        return super().from_db_value(value, expression, connection)

    def deconstruct(self) -> Any:
        name, _, *rest = super().deconstruct()
        return name, "django.db.models.JSONField", *rest


def dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # an integer of more than 64 bits, for example
        return json.dumps(value)


def loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # half of a surrogate pair, for example
        return json.loads(text)
