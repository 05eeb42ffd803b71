"""The presenter's page, for pages that follow: a page of the class's own cluster with its query (including a replay's moment),
and whether only the stage is shown."""

import re
from typing import Any

from cluster.classroom import classes
from cluster.models import Classroom
from cluster.statuses import Refused, bad_request

LONGEST = 500
PATH = re.compile(r"[\w./%-]+")
QUERY = re.compile(r"[\w=&.%-]*")
EXPECTED = "place: Invalid value: expected {path, query, projector}, or null"


def show(room: Classroom, place: Any) -> None:
    """Sets the presenter's page. `place`: {path, query?, projector?}, or None: no presentation. Raises Refused."""
    room.place = None if place is None else checked(room, place)
    Classroom.objects.filter(pk=room.pk).update(place=room.place)
    classes.touch(room)


def checked(room: Classroom, place: Any) -> dict[str, Any]:
    if not isinstance(place, dict) or place.keys() - {"path", "query", "projector"}:
        raise Refused(bad_request(EXPECTED))
    path, query, projector = place.get("path"), place.get("query", ""), place.get("projector", False)
    if not isinstance(path, str) or not isinstance(query, str) or not isinstance(projector, bool):
        raise Refused(bad_request(EXPECTED))
    own = f"/clusters/{room.cluster.name}/" if room.cluster else None
    if own is None or not path.startswith(own) or len(path) > LONGEST or not PATH.fullmatch(path) or ".." in path:
        raise Refused(bad_request(f"place.path: Invalid value: {path[:100]!r}: expected a page of the class's cluster"))
    if len(query) > LONGEST or not QUERY.fullmatch(query):
        raise Refused(bad_request(f"place.query: Invalid value: {query[:100]!r}"))
    return {"path": path, "query": query, "projector": projector}
