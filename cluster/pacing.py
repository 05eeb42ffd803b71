"""A namespace's clock under people's hands: pause, single step, slow motion, fast. Everybody watching sees it."""

import time

from django.db.models import Min

from cluster import clock, journal, states
from cluster.core.stories import FASTEST, SLOWEST
from cluster.models import Family, Namespace
from cluster.statuses import Refused, bad_request, failure
from cluster.writes import Result, find_namespace


def set_pace(namespace: str, pace: float, *, actor: str) -> Result:
    """`pace` simulated seconds pass in a real one; 0 pauses."""
    if pace and not SLOWEST <= pace <= FASTEST:
        allowed = f"must be 0 (paused), or from {SLOWEST:g} to {FASTEST:g}"
        raise Refused(bad_request(f"pace: Invalid value: {pace:g}: {allowed}"))
    with journal.exclusive():
        space = locked(namespace)
        wall = time.time()
        text = "clock paused" if pace == 0 else f"clock at {pace:g}x"
        return turn_clock(space, clock.simulated(space, wall), wall, pace, text, actor=actor)


def step(namespace: str, *, actor: str) -> Result:
    """Moves a paused clock to the next moment at which anything happens."""
    with journal.exclusive():
        space = locked(namespace)
        if space.pace:
            message = f'namespaces "{namespace}": the clock runs at {space.pace:g}x; pause it to go step by step'
            raise Refused(failure(409, "Conflict", message, name=namespace, kind="namespaces"))
        due = Family.objects.filter(namespace=space).aggregate(next=Min("next_at"))["next"]
        if due is None:
            return Result(rv=journal.head(), message="nothing is due")
        moved = max(due - space.clock_sim, 0.0)
        now = max(due, space.clock_sim)
        return turn_clock(space, now, time.time(), 0.0, f"clock moved on by {moved:.1f} s", actor=actor)


def turn_clock(space: Namespace, now: float, wall: float, pace: float, text: str, *, actor: str) -> Result:
    """Everything in the namespace is due at once, to find its next time on the new clock."""
    space.clock_sim, space.clock_wall, space.pace = now, wall, pace
    Family.objects.filter(namespace=space).update(due=0.0)
    with journal.write(space, actor=actor, wall=wall) as writer:
        state = {**states.namespace_state(space), "pace": pace, "now": now}
        space.resource_version = writer.append("MODIFIED", "Namespace", state, name=space.name)
        space.save(update_fields=["clock_sim", "clock_wall", "pace", "resource_version"])
    return Result(rv=writer.head, message=f"namespace/{space.name} {text}")


def locked(namespace: str) -> Namespace:
    return Namespace.objects.select_for_update().get(pk=find_namespace(namespace).pk)
