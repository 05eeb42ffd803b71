"""Classes and their seats."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.models.clusters import Cluster
from cluster.models.fields import JSONField


class Classroom(models.Model):
    """A class: anyone with its `code` (six letters and digits; "": none) may take a seat while it is open, up to `most_seats`.
    `cluster` is the class's own, in which the teacher acts and seats watch. `seats_made` numbers the seats, without reuse;
    `version` grows with each change of seats or settings; `link_number` is sealed in the teacher's link. `handout` is the lesson
    for new seats. `place`: what the presenter shows: its `path` and more data for the pages that follow; null: no
    presentation."""

    slug = models.SlugField(max_length=48, unique=True)
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="classrooms", verbose_name=_("owner")
    )
    cluster = models.ForeignKey(Cluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    code = models.CharField(_("code"), max_length=6, unique=True)
    is_open = models.BooleanField(_("open"), default=True)
    most_seats = models.PositiveIntegerField(_("most seats"), default=40)
    seats_made = models.PositiveIntegerField(default=0, editable=False)
    link_number = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=0, editable=False)
    created = models.DateTimeField(_("created"))
    handout = models.ForeignKey("Handout", on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    is_frozen = models.BooleanField(_("frozen"), default=False, editable=False)
    shows_progress = models.BooleanField(_("shows progress to all"), default=False, editable=False)
    place: Any = JSONField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """One student of a class: an account without a password, and a cluster. `link_number` is sealed in the seat's link. `help`:
    asked for by the student, offered by the teacher, or given: then the teacher may act in the cluster."""

    HELP: ClassVar = [("", _("none")), ("asked", _("asked")), ("offered", _("offered")), ("given", _("given"))]

    classroom = models.ForeignKey(Classroom, on_delete=models.CASCADE, related_name="seats", verbose_name=_("class"))
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=40)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="seat")
    cluster = models.OneToOneField(Cluster, on_delete=models.SET_NULL, null=True, related_name="seat")
    joined = models.DateTimeField(_("joined"))
    link_number = models.PositiveIntegerField(default=0, editable=False)
    help = models.CharField(max_length=8, choices=HELP, default="", editable=False)
    help_since = models.FloatField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["classroom", "number"]
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["classroom", "number"], name="seat_number"),
            models.UniqueConstraint(fields=["classroom", "name"], name="seat_name"),
        ]

    def __str__(self) -> str:
        return self.name
