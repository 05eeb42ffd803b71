"""Manual control of a cluster's clock: pause, single step, slow, fast. All viewers of the cluster see the change."""

import time

from cluster.core.rehearsals.stories.values import FASTEST, SLOWEST
from cluster.models import Cluster
from cluster.records import clock, journal
from cluster.statuses import Refused, bad_request, failure
from cluster.writing.writes import Result


def set_pace(cluster: str, pace: float, *, actor: str) -> Result:
    """`pace`: simulated seconds per real second; 0 pauses. Raises Refused."""
    if pace and not SLOWEST <= pace <= FASTEST:
        allowed = f"must be 0 (paused), or from {SLOWEST:g} to {FASTEST:g}"
        raise Refused(bad_request(f"pace: Invalid value: {pace:g}: {allowed}"))
    with journal.exclusive(cluster) as row:
        check_free(row)
        wall = time.time()
        text = f"cluster/{cluster} {'clock paused' if pace == 0 else f'clock at {pace:g}x'}"
        row.decisions = None
        return turn_clock(row, clock.simulated(row, wall), wall, pace, text, actor=actor)


def step(cluster: str, *, actor: str, is_held: bool = True) -> Result:
    """Moves a paused clock to the next time at which anything happens, which may be now. `is_held`: the controllers may make at
    most one decision there, and no more until the next step; if nothing was due, none. Raises Refused (409) while the clock
    runs."""
    with journal.exclusive(cluster) as row:
        check_free(row)
        if row.pace:
            message = f'clusters "{cluster}": the clock runs at {row.pace:g}x; pause it to go step by step'
            raise Refused(failure(409, "Conflict", message, name=cluster, kind="clusters"))
        due = row.next_at
        row.decisions = (0 if due is None else 1) if is_held else None
        moved = 0.0 if due is None else max(due - row.clock_sim, 0.0)
        text = "nothing is due" if due is None else f"cluster/{cluster} clock moved on by {moved:.1f} s"
        return turn_clock(row, row.clock_sim + moved, time.time(), 0.0, text, actor=actor)


def check_free(row: Cluster) -> None:
    if row.held_pace is not None:
        message = f'clusters "{row.name}": the teacher holds the clock of everybody'
        raise Refused(failure(409, "Conflict", message, name=row.name, kind="clusters"))


def hold(cluster: str, *, actor: str) -> None:
    """Pauses a clock until `release`; `set_pace` and `step` are refused meanwhile."""
    with journal.exclusive(cluster) as row:
        if row.held_pace is None:
            row.held_pace = row.pace
            row.save(update_fields=["held_pace"])
            wall = time.time()
            turn_clock(row, clock.simulated(row, wall), wall, 0.0, "clock held", actor=actor)


def release(cluster: str, *, actor: str) -> None:
    """Resumes a held clock at its former pace."""
    with journal.exclusive(cluster) as row:
        if row.held_pace is not None:
            pace, row.held_pace = row.held_pace, None
            row.save(update_fields=["held_pace"])
            wall = time.time()
            turn_clock(row, clock.simulated(row, wall), wall, pace, "clock released", actor=actor)


def turn_clock(row: Cluster, now: float, wall: float, pace: float, text: str, *, actor: str) -> Result:
    """Sets the clock and appends the change to the journal. The cluster is due at once, to find its next time on the new
    clock."""
    row.clock_sim, row.clock_wall, row.pace = now, wall, pace
    with journal.write(row.name, actor=actor, wall=wall) as writer:
        is_held = row.decisions is not None
        state = {
            "uid": str(row.pk),
            "name": row.name,
            "pace": pace,
            "now": now,
            "held": is_held,
            "did": text.removeprefix(f"cluster/{row.name} "),
        }
        writer.append("MODIFIED", "Cluster", state, name=row.name)
        row.save(update_fields=["clock_sim", "clock_wall", "pace", "decisions"])
    return Result(rv=writer.head, message=text)
