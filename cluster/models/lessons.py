"""Lessons: teachers' texts, handouts of classes, self-study, and the learners' progress."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.classes import Classroom, Seat
from cluster.models.clusters import Cluster
from cluster.models.fields import JSONField


class LessonText(models.Model):
    """A lesson written by a teacher (docs/lessons.md); those shipped with Rollstage are files."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lessons")
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"))
    changed = models.DateTimeField(_("changed"))

    class Meta:
        ordering: ClassVar = ["title", "pk"]
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def __str__(self) -> str:
        return self.title


class Handout(models.Model):
    """A copy of a lesson when it was given to a class: later changes of the lesson do not affect it."""

    classroom = models.ForeignKey(Classroom, on_delete=models.CASCADE, related_name="handouts")
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"))
    created = models.DateTimeField(_("created"))

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("handout")
        verbose_name_plural = _("handouts")

    def __str__(self) -> str:
        return self.title


class LessonProgress(models.Model):
    """A learner's progress in a lesson: a fold over the journal of their cluster after `start` (cluster.core.lessons.run),
    computed up to `rv` and stored, as it must outlive the journal. `base` is where that journal starts. `resets` counts how often
    the learner has started again."""

    base = models.BigIntegerField(default=0)
    start = models.BigIntegerField(default=0)
    began = models.FloatField(default=0.0)
    rv = models.BigIntegerField(default=0)
    records: Any = JSONField(default=list)
    resets = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Progress(LessonProgress):
    """The progress of a seat in a handout."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="progress")
    handout = models.ForeignKey(Handout, on_delete=models.CASCADE, related_name="progress")

    class Meta:
        ordering: ClassVar = ["seat", "pk"]
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints: ClassVar = [models.UniqueConstraint(fields=["seat", "handout"], name="progress_seat_handout")]

    def __str__(self) -> str:
        return f"{self.seat}: {self.handout}"


class SelfStudy(LessonProgress):
    """A lesson of the library taken without a class, on a cluster created for it. The row is deleted when the cluster is deleted
    or reset. `lesson` is the name of the lesson's file, `text` the lesson's text at the start."""

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="study")
    lesson = models.CharField(max_length=100)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.lesson} on {self.cluster}"
