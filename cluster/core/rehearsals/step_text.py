"""The steps of a story, each in a few words."""

import json
from collections.abc import Mapping

from cluster.core.rehearsals.stories.story import Step


def command(step: Step) -> str:
    value = step.value
    if step.verb == "apply":
        return f"apply {value['kind'].lower()}/{value['metadata']['name']}"
    if step.verb == "break":
        return "break " + ", ".join(f"{each.pattern}: {each.failure}" for each in value)
    if step.verb == "wait":
        return f"wait {value:g} s" if isinstance(value, float) else f"wait {value}"
    if step.verb == "pace":
        return f"pace {value:g}x" if value and isinstance(value, float) else f"pace {value or 'pause'}"
    if step.verb == "patch":
        return f"patch {json.dumps(value)}"
    if step.verb == "undo" and value:
        return f"undo to revision {value}"
    if isinstance(value, Mapping):
        return f"{step.verb} " + ", ".join(f"{key or 'newest'}: {each}" for key, each in value.items())
    return step.verb if value in (None, 0) else f"{step.verb} {value}"
