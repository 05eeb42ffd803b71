"""Equal JSON values as one object: the clusters of a worker have the same templates, specs and owned fields many times."""

from typing import Any

import orjson

MOST_VALUES, MOST_BYTES = 512, 4 * 1024  # about 25 MB at most, decoded
VALUES: dict[bytes, Any] = {}


def shared(value: Any) -> Any:
    """An equal value that all objects of this process share, never to be changed in place. A value of more than MOST_BYTES as JSON
    is returned as it is."""
    text = orjson.dumps(value)
    if len(text) > MOST_BYTES:
        return value
    found = VALUES.get(text)
    if found is None:
        if len(VALUES) >= MOST_VALUES:
            VALUES.clear()
        found = VALUES[text] = orjson.loads(text)
    return found
