"""Recent edits in a cluster by users and stories, from its journal; without the controllers' changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cluster import models

MOST_EDITS = 50
MOST_CHANGES = 5_000  # that are read, from the journal's end
NOBODY = ("", "seed")  # the controllers; a new cluster's first objects
DONE = {"ADDED": "created", "MODIFIED": "changed", "DELETED": "deleted"}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One write. `others`: how many more objects it changed."""

    who: str
    what: str
    at: datetime
    others: int = 0


def edits(cluster: models.Cluster, namespaces: frozenset[str] | None = None) -> list[Edit]:
    """The edits, newest first; only of the given namespaces, if any are given."""
    rows = models.Change.objects.filter(cluster=cluster, rv__gt=cluster.head - MOST_CHANGES).exclude(actor__in=NOBODY)
    if namespaces is not None:
        rows = rows.filter(namespace__in=namespaces)
    columns = ("actor", "verb", "kind", "namespace", "name", "wall", "state")
    found: list[Edit] = []
    last: tuple[Any, ...] = ()
    for actor, verb, kind, namespace, name, wall, state in rows.order_by("-rv").values_list(*columns).iterator():
        if last == (actor, wall):
            found[-1] = Edit(who=found[-1].who, what=found[-1].what, at=found[-1].at, others=found[-1].others + 1)
            continue
        if len(found) == MOST_EDITS:
            break
        last = (actor, wall)
        what = told(verb, kind, namespace, name, state)
        found.append(Edit(who=actor, what=what, at=datetime.fromtimestamp(wall, UTC)))
    return found


def told(verb: str, kind: str, namespace: str, name: str, state: dict[str, Any]) -> str:
    """A change in kubectl's words: deployment/web changed in default; or in the reader's language where kubectl has no words for
    it."""
    if kind == "Cluster":
        return str(state.get("did") or "clock turned")
    if kind == "ImageBehaviour":
        return _("image behaviours changed")
    if kind == "Say":
        said = state.get("translations", {}).get(get_language(), state.get("text", ""))
        return _("said: %(text)s") % {"text": said}
    if kind == "Story":
        told = {"name": name, "state": state["state"], "step": state["step"], "steps": state["steps"]}
        return _("story %(name)s: %(state)s, step %(step)s of %(steps)s") % told
    where = f" in {namespace}" if namespace else ""
    return f"{kind.lower()}/{name} {DONE[verb]}{where}"
