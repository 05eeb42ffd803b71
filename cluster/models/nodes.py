"""Nodes, and the behaviour of images on them."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.core.nodes.reported import is_external
from cluster.core.objects import NODE_SIZE
from cluster.models.clusters import Cluster
from cluster.models.described import Described
from cluster.models.fields import JSONField
from cluster.models.namespaces import Namespace

NOT_NEGATIVE = [MinValueValidator(0.0)]
SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


def node_size() -> dict[str, str]:
    return dict(NODE_SIZE)


class Node(Described):
    """`allocatable`: quantities by resource, except for the number of pods, which is `slots`. `capacity`: likewise; empty: equal
    to allocatable. `uid`, `taints` and `images` are as in the API's Node. `reported`: the rest of the status that a client has
    written for a node with an external kubelet."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="nodes", verbose_name=_("cluster"))
    name = models.CharField(_("name"), max_length=63)
    slots = models.PositiveIntegerField(_("pod slots"), default=2000)
    unschedulable = models.BooleanField(_("cordoned"), default=False)
    taints: Any = JSONField(_("taints"), default=list, blank=True)
    images: Any = JSONField(default=list, blank=True)
    capacity: Any = JSONField(_("capacity"), default=dict, blank=True)
    allocatable: Any = JSONField(_("allocatable"), default=node_size, blank=True)
    reported: Any = JSONField(default=dict, blank=True, editable=False)
    uid = models.CharField(max_length=36, unique=True, editable=False)
    resource_version = models.BigIntegerField(default=0, editable=False)
    created = models.DateTimeField(_("created"))

    class Meta:
        ordering: ClassVar = ["cluster", "name"]
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "name"], name="node_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_external(self) -> bool:
        """Whether its kubelet is an external client, not simulated."""
        return is_external(self.annotations)


class ImageBehaviour(models.Model):
    """See core.objects.ImageBehaviour. The matching rule with the lowest `order` applies, a namespace's own before the cluster's.
    `played`: set by a story, until the next one."""

    FAILURES: ClassVar = [
        ("", _("none")),
        ("image-not-found", _("image not found")),
        ("crash-loop", _("crash loop")),
        ("never-ready", _("never ready")),
        ("ready-then-fails", _("ready, then fails")),
        ("hangs", _("stops answering")),
    ]
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="behaviours", verbose_name=_("cluster"))
    namespace = models.ForeignKey(
        Namespace,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="behaviours",
        verbose_name=_("namespace"),
        help_text=_("Empty: every namespace of the cluster."),
    )
    order = models.IntegerField(_("order"), default=100)
    played = models.BooleanField(_("by a story"), default=False, editable=False)
    pattern = models.CharField(_("image pattern"), max_length=255, help_text=_("A glob, such as nginx:1.9*"))
    pull_seconds = models.FloatField(_("pull seconds"), default=0.0, validators=NOT_NEGATIVE)
    start_seconds = models.FloatField(_("start seconds"), default=0.0, validators=NOT_NEGATIVE)
    ready_seconds = models.FloatField(
        _("ready seconds"),
        default=0.0,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text=_("Empty: never by itself."),
    )
    stop_seconds = models.FloatField(_("stop seconds"), default=0.0, validators=NOT_NEGATIVE)
    jitter = models.FloatField(_("jitter"), default=0.0, validators=SHARE)
    failure = models.CharField(_("failure"), max_length=32, choices=FAILURES, default="", blank=True)
    fails_after_seconds = models.FloatField(_("fails after seconds"), default=0.0, validators=NOT_NEGATIVE)
    affected_share = models.FloatField(_("share of pods affected"), default=1.0, validators=SHARE)

    class Meta:
        ordering: ClassVar = ["order", "id"]
        indexes: ClassVar = [models.Index(fields=["cluster", "order"], name="behaviour_cluster_order")]
        verbose_name = _("image behaviour")
        verbose_name_plural = _("image behaviours")

    def __str__(self) -> str:
        return self.pattern
