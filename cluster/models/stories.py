"""Stories that are played on clusters of their own."""

from typing import Any, ClassVar

from django.db import models

from cluster.models.clusters import Cluster
from cluster.models.fields import JSONField


class Playing(models.Model):
    """A story of the library, played on a cluster that was created for it and is deleted with it. The row has everything that a
    process needs to continue. `next`: the index of the next step. `began`: the simulated time at which that step, if a wait,
    began; null: not begun. `draining`: nodes, and the simulated times of the next try to evict pods that their budgets did not
    allow. `since`: the wall time (epoch seconds) of the last step or button press. `problem`: why the story stopped, or "".
    `shown`: the state last sent to viewers (docs/protocol.md, Story)."""

    PLAYING, PAUSED, OVER = "playing", "paused", "over"
    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="playing")
    story = models.CharField(max_length=100)
    namespace = models.CharField(max_length=63)
    state = models.CharField(max_length=8, default=PLAYING)
    next = models.PositiveIntegerField(default=0)
    began = models.FloatField(null=True)
    draining: Any = JSONField(default=dict)
    since = models.FloatField(default=0.0)
    problem = models.TextField(default="")
    shown: Any = JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.story} on {self.cluster}"
