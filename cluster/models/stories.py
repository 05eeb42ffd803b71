"""Stories that are played on clusters of their own."""

from typing import Any, ClassVar

from django.db import models

from cluster.models.clusters import Cluster


class Playing(models.Model):
    """A story of the library, played on a cluster that was made for it and is deleted with it. Everything that a process has to know
    to go on is here. `next` is the index of the step that comes next. `began`: the simulated time since which that step, a wait,
    is waited for; null: it was not begun. `draining`: nodes, and the simulated times at which what their budgets hold is asked for
    again. `since`: the wall time (epoch seconds) of the last step or press of a button. `problem`: why the story stopped, "" where it
    did not. `shown` is what viewers were told last (docs/protocol.md, Story)."""

    PLAYING, PAUSED, OVER = "playing", "paused", "over"
    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="playing")
    story = models.CharField(max_length=100)
    namespace = models.CharField(max_length=63)
    state = models.CharField(max_length=8, default=PLAYING)
    next = models.PositiveIntegerField(default=0)
    began = models.FloatField(null=True)
    draining: Any = models.JSONField(default=dict)
    since = models.FloatField(default=0.0)
    problem = models.TextField(default="")
    shown: Any = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.story} on {self.cluster}"
