"""Workers take the steps of stories between their passes. A look only reads; for a step, a cluster that no other transaction has
locked is locked, and everything is read again under the lock. So any number of workers may look, and any may die."""

import time

from django.db.models import Q

from cluster.core.rehearsals.stories.story import StoryError
from cluster.models import Cluster, Playing
from cluster.records.troubles import Troubles
from cluster.statuses import Refused
from cluster.stories import plays, story_files
from cluster.stories.playing import ACTOR
from cluster.stories.plays import Play
from cluster.writing import clusters, termination

LOOK_SECONDS = 0.25
IDLE_SECONDS = 1.0
LEFT_SECONDS = 600.0  # a finished story's cluster is deleted this long after the last press or edit by a person
FORGOTTEN_SECONDS = 86_400.0  # the same for an unfinished story
BUDGET_SECONDS = 0.1  # per look, so that passes are not delayed
LONGEST_PAUSE_SECONDS = 300.0
NOBODY = ("", ACTOR, clusters.ACTOR, termination.ACTOR)


class Driver:
    """One worker's driver of stories. `look` is the worker's errand in each round."""

    def __init__(self) -> None:
        self.at = 0.0
        self.troubles = Troubles(first_seconds=IDLE_SECONDS, longest_seconds=LONGEST_PAUSE_SECONDS)
        self.not_before: dict[int, float] = {}
        self.last = 0

    def look(self) -> float:
        """Advances every story that is ready, for BUDGET_SECONDS; returns the seconds until the next look."""
        now = time.monotonic()
        if now < self.at:
            return self.at - now
        found = under_way()
        self.not_before = {row.pk: at for row in found if (at := self.not_before.get(row.pk, now)) > now}
        for row in self.in_turn(found):
            if row.pk not in self.not_before:
                self.attempt(row)
            self.last = row.pk
            if time.monotonic() > now + BUDGET_SECONDS:
                return 0.0
        self.at = time.monotonic() + (LOOK_SECONDS if found else IDLE_SECONDS)
        return self.at - time.monotonic()

    def in_turn(self, found: list[Playing]) -> list[Playing]:
        """The stories, beginning after the one handled last."""
        place = next((number for number, row in enumerate(found) if row.pk > self.last), 0)
        return [*found[place:], *found[:place]]

    def attempt(self, row: Playing) -> None:
        """Drives one story; a failure is logged and delays only this story."""
        about = f"The story on the cluster {row.cluster.name}"
        try:
            drive(row)
        except Exception:
            self.not_before[row.pk] = time.monotonic() + self.troubles.met(row.pk, about)
        else:
            self.not_before.pop(row.pk, None)
            self.troubles.over(row.pk, about)


def under_way() -> list[Playing]:
    """The stories that play, that drain nodes, or whose time may be up."""
    wall = time.time()
    over = Q(state=Playing.OVER, since__lte=wall - LEFT_SECONDS) | Q(since__lte=wall - FORGOTTEN_SECONDS)
    rows = Playing.objects.select_related("cluster").order_by("pk")
    return list(rows.filter(Q(state=Playing.PLAYING) | ~Q(draining={}) | over))


def drive(row: Playing) -> None:
    """Takes at most one step. Where it is refused, the story pauses there with the reason."""
    if is_time_up(row):
        end(row)
    elif row.story not in story_files.library():
        lose(row)
    else:
        try:
            drain_again(row)
            take(row)
        except (Refused, StoryError) as error:
            stop(row, str(error).removeprefix("error: "))


def take(row: Playing) -> None:
    """Takes the next step, if it is due."""
    if not Play(row).is_ripe(time.time()):
        return
    with plays.claimed(row) as held:
        play = Play(held) if held else None
        if play and play.is_ripe(time.time()):
            play.take()


def drain_again(row: Playing) -> None:
    """Retries evictions that a disruption budget refused, even while the story is paused, as kubectl drain does."""
    if not row.draining or not Play(row).player.may_drain():
        return
    with plays.claimed(row) as held:
        if held:
            player = Play(held).player
            player.drain_again()
            held.draining = row.draining = player.draining
            held.save(update_fields=["draining"])


def stop(row: Playing, problem: str) -> None:
    """Pauses the story with a problem, unless it has advanced since."""
    with plays.claimed(row) as held:
        if held and (held.next, held.began, held.state) == (row.next, row.began, row.state):
            held.state, held.problem, held.draining = Playing.PAUSED, problem, {}
            plays.tell(Play(held))


def lose(row: Playing) -> None:
    """Ends a story that is not in this version's library."""
    with plays.claimed(row) as held:
        if held and held.state != Playing.OVER:
            held.state, held.draining, held.since = Playing.OVER, {}, time.time()
            plays.record(held, {**held.shown, "state": Playing.OVER})


def is_time_up(row: Playing) -> bool:
    return row.since <= time.time() - (LEFT_SECONDS if row.state == Playing.OVER else FORGOTTEN_SECONDS)


def end(row: Playing) -> None:
    """Deletes the cluster, unless a person has written to it: then the time counts from that write."""
    with plays.claimed(row) as held:
        if held is None or not is_time_up(held):
            return
        held.since = max(held.since, last_written(held.cluster))
        if is_time_up(held):
            clusters.delete(held.cluster.name)
        else:
            held.save(update_fields=["since"])


def last_written(cluster: Cluster) -> float:
    """The wall time of the newest change by a person; 0 where there is none."""
    own = cluster.changes.exclude(actor__in=NOBODY).order_by("-rv")
    return own.values_list("wall", flat=True).first() or 0.0
