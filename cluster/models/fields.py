"""Columns of the tables that Django has in another form."""

import json
from typing import Any

import orjson
from django.db import models


class Encoder(json.JSONEncoder):
    """Writes as orjson does, which is several times as fast; what orjson can't write, Python's json does."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def encode(self, o: Any) -> str:
        try:
            return orjson.dumps(o).decode()
        except TypeError:
            return json.JSONEncoder(**self.options).encode(o)


class Decoder(json.JSONDecoder):
    def __init__(self) -> None:
        """Without the scanner of Python's decoder, which takes longer to make than most columns to read."""

    def decode(self, s: str) -> Any:  # type: ignore[override]
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError:  # half of a surrogate pair, for example
            return json.loads(s)


class JSONField(models.JSONField):
    """In migrations it is Django's field: the tables are the same."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"encoder": Encoder, "decoder": Decoder, **options})

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        own = {key: value for key, value in options.items() if key not in ("encoder", "decoder")}
        return name, "django.db.models.JSONField", args, own

    def formfield(self, **options: Any) -> Any:
        """A form shows JSON with spaces, as Django's field does."""
        return super().formfield(**{"encoder": None, "decoder": None, **options})
