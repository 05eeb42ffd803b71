"""Clusters, the Kubernetes objects in them as rows, and the journal of their changes.

What changes often is in columns; manifests are JSON and stay out of the hot path. `resource_version` is the `rv` of the
newest `Change` of that object. Times named `*_at` are simulated seconds (see `cluster.records.clock`); `created` is wall time.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster.core.objects import NODE_SIZE

NOT_NEGATIVE = [MinValueValidator(0.0)]
SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Described(models.Model):
    """What a client may say of any object. `managed_fields` is metadata.managedFields: who wrote which field."""

    labels: Any = models.JSONField(_("labels"), default=dict, blank=True)
    annotations: Any = models.JSONField(_("annotations"), default=dict, blank=True)
    managed_fields: Any = models.JSONField(default=list, editable=False)

    class Meta:
        abstract = True


class Cluster(models.Model):
    """What a Kubernetes API serves: nodes, namespaces, a clock, image behaviours, a journal, members. Whoever writes to a
    cluster locks this row first, and no other.

    `head` is the newest resource version, `tail` the newest that the journal has forgotten. `due` is the wall time (epoch
    seconds) at which the worker has something to do next, `next_at` the simulated one; null: nothing, or the clock is
    paused. `pace` simulated seconds pass
    per wall second since `clock_wall`, when the simulated time was `clock_sim`; 0 is paused. `decisions`: while a paused clock is
    stepped, how many decisions the controllers may still make (`core.reconcile`); null: any number. `held_pace`: a teacher holds
    the clock, and this is the pace that it had; null: nobody does.

    Counted with each write, for Rollstage's own limits (cluster.writing.capacity): `pods_asked` by Deployments with their
    surge, and by ReplicaSets and pods of nobody; `objects_count`: namespaces, nodes, Deployments, ReplicaSets and kept objects;
    `kept_bytes` is the size of the kept objects' manifests."""

    name = models.CharField(_("name"), max_length=63, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="clusters",
        verbose_name=_("owner"),
    )
    created = models.DateTimeField(_("created"))
    pace = models.FloatField(_("pace"), default=1.0)
    clock_wall = models.FloatField(default=0.0, editable=False)
    clock_sim = models.FloatField(default=0.0, editable=False)
    head = models.BigIntegerField(default=0, editable=False)
    tail = models.BigIntegerField(default=0, editable=False)
    due = models.FloatField(null=True, default=0.0, db_index=True, editable=False)
    next_at = models.FloatField(null=True, editable=False)
    decisions = models.PositiveSmallIntegerField(null=True, editable=False)
    pods_asked = models.BigIntegerField(default=0, editable=False)
    objects_count = models.BigIntegerField(default=0, editable=False)
    kept_bytes = models.BigIntegerField(default=0, editable=False)
    old_versions = models.BooleanField(
        _("old API versions"),
        default=False,
        help_text=_(
            "Serve apps/v1beta1, apps/v1beta2 and extensions/v1beta1 too, which Kubernetes has not since 1.16: for manifests of "
            "the book's days. Some clients find “deployments” ambiguous then."
        ),
    )
    held_pace = models.FloatField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person may do in a cluster or, with `namespace`, in that namespace of it (cluster.permissions). `binding` is the
    RoleBinding or ClusterRoleBinding that the API shows for it: the membership goes with it."""

    ROLES: ClassVar = [("view", _("view")), ("edit", _("edit")), ("admin", _("admin"))]
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("cluster")
    )
    namespace = models.CharField(
        _("namespace"), max_length=63, blank=True, default="", help_text=_("Empty: the whole cluster.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=8, choices=ROLES)
    binding = models.ForeignKey("KeptObject", on_delete=models.CASCADE, related_name="memberships", editable=False)

    class Meta:
        ordering: ClassVar = ["cluster", "namespace", "user"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["binding", "user"], name="membership_of_binding"),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "namespace", "user"], name="membership_place")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Namespace(Described):
    """`pod_quota` is Rollstage's own limit of `pods_asked` (see Cluster). `limited`: the namespace has a ResourceQuota or a
    LimitRange."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="namespaces", verbose_name=_("cluster"))
    name = models.CharField(_("name"), max_length=63)
    pod_quota = models.PositiveIntegerField(_("pod quota"), default=5000)
    limited = models.BooleanField(default=False, editable=False)
    pods_asked = models.BigIntegerField(default=0, editable=False)
    uid = models.CharField(max_length=36, unique=True, editable=False)
    resource_version = models.BigIntegerField(default=0, editable=False)
    created = models.DateTimeField(_("created"))

    class Meta:
        ordering: ClassVar = ["cluster", "name"]
        verbose_name = _("namespace")
        verbose_name_plural = _("namespaces")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "name"], name="namespace_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ClusterObject(models.Model):
    """What every namespaced object has. `deleted_at`: deletion was asked for and is under way."""

    uid = models.CharField(max_length=36, primary_key=True)
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(_("name"), max_length=253)
    resource_version = models.BigIntegerField(default=0)
    created = models.DateTimeField(_("created"))
    created_at = models.FloatField(default=0.0)
    deleted_at = models.FloatField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Deployment(ClusterObject, Described):
    """`status` is the JSON of core's DeploymentStatus (cluster.snapshot)."""

    api_version = models.CharField(max_length=32, default="apps/v1")
    generation = models.BigIntegerField(default=1)
    finalizers: Any = models.JSONField(default=list, blank=True)
    replicas = models.PositiveIntegerField(_("replicas"), default=1)
    selector: Any = models.JSONField(default=dict)
    template: Any = models.JSONField(default=dict)
    strategy = models.CharField(_("strategy"), max_length=16, default="RollingUpdate")
    max_surge = models.CharField(_("max surge"), max_length=16, default="25%")
    max_unavailable = models.CharField(_("max unavailable"), max_length=16, default="25%")
    min_ready_seconds = models.PositiveIntegerField(_("min ready seconds"), default=0)
    revision_history_limit = models.PositiveIntegerField(_("revision history limit"), null=True, default=10)
    progress_deadline_seconds = models.PositiveIntegerField(_("progress deadline seconds"), null=True, default=600)
    paused = models.BooleanField(_("paused"), default=False)
    replicasets_created = models.PositiveIntegerField(default=0)
    status: Any = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="deployment_name"),
        ]


class ReplicaSet(ClusterObject, Described):
    number = models.PositiveIntegerField(default=0)
    owner_uid = models.CharField(max_length=36, null=True)
    generation = models.BigIntegerField(default=1)
    finalizers: Any = models.JSONField(default=list, blank=True)
    replicas = models.PositiveIntegerField(_("desired"), default=1)
    selector: Any = models.JSONField(default=dict)
    template: Any = models.JSONField(default=dict)
    min_ready_seconds = models.PositiveIntegerField(default=0)
    pods_created = models.PositiveBigIntegerField(default=0)
    status: Any = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["created_at", "number"]
        verbose_name = _("replica set")
        verbose_name_plural = _("replica sets")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="replicaset_name"),
        ]


class Pod(ClusterObject):
    """`owner_uid`: its ReplicaSet. `spec`, `labels` and `annotations` null: those of its template; `finalizers` and
    `managed_fields` null: none. The rest are the hot columns of core's Pod."""

    owner_uid = models.CharField(max_length=36, null=True, db_index=True)
    labels: Any = models.JSONField(null=True)
    annotations: Any = models.JSONField(null=True)
    node = models.CharField(_("node"), max_length=63, default="", db_index=True)
    phase = models.CharField(_("phase"), max_length=16, default="Pending")
    ready = models.BooleanField(_("ready"), default=False)
    ready_since = models.FloatField(null=True)
    started_at = models.FloatField(null=True)
    reason = models.CharField(_("reason"), max_length=64, default="")
    message = models.TextField(_("message"), default="")
    restarts = models.PositiveIntegerField(_("restarts"), default=0)
    attempts = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=32, default="unscheduled")
    next_at = models.FloatField(null=True)
    spec: Any = models.JSONField(null=True)
    finalizers: Any = models.JSONField(null=True)
    grace_seconds = models.FloatField(null=True)
    containers: Any = models.JSONField(null=True)
    managed_fields: Any = models.JSONField(null=True)
    scheduled_at = models.FloatField(null=True)
    nominated_node = models.CharField(max_length=63, default="")
    disruption: Any = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("pod")
        verbose_name_plural = _("pods")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "name"], name="pod_name"),
        ]


def node_size() -> dict[str, str]:
    return dict(NODE_SIZE)


class Node(Described):
    """`allocatable`: quantities by resource, but for the number of pods, which is `slots`. `capacity` likewise; empty: what is
    allocatable is all there is. `uid`, `taints` and `images` are as in the API's Node."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="nodes", verbose_name=_("cluster"))
    name = models.CharField(_("name"), max_length=63)
    slots = models.PositiveIntegerField(_("pod slots"), default=2000)
    unschedulable = models.BooleanField(_("cordoned"), default=False)
    taints: Any = models.JSONField(_("taints"), default=list, blank=True)
    images: Any = models.JSONField(default=list, blank=True)
    capacity: Any = models.JSONField(_("capacity"), default=dict, blank=True)
    allocatable: Any = models.JSONField(_("allocatable"), default=node_size, blank=True)
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


class ImageBehaviour(models.Model):
    """See core.objects.ImageBehaviour. The lowest `order` that matches wins, a namespace's own before the cluster's.
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


class KeptObject(models.Model):
    """An object of a kind that nothing here acts on: a ConfigMap, a Service ... `resource` as services or jobs.batch,
    `namespace` is "" for what belongs to none. `manifest` is the whole object but for its resourceVersion."""

    uid = models.CharField(max_length=36, primary_key=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="kept_objects", db_index=False)
    namespace = models.CharField(_("namespace"), max_length=63, blank=True, default="")
    resource = models.CharField(_("resource"), max_length=255)
    name = models.CharField(_("name"), max_length=253)
    manifest: Any = models.JSONField()
    resource_version = models.BigIntegerField(default=0)
    recorded_kind = models.CharField(max_length=32, default="", db_default="", editable=False)

    class Meta:
        ordering: ClassVar = ["cluster", "resource", "namespace", "name"]
        verbose_name = _("kept object")
        verbose_name_plural = _("kept objects")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "resource", "namespace", "name"], name="kept_object_name"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.name}"

    @property
    def recorded_as(self) -> str:
        """The kind under which the journal has its changes: a custom kind's own word, so that it may be named as any other."""
        return self.recorded_kind or self.manifest["kind"]


class Allocation(models.Model):
    """An address or a port that a Service has, so that nobody else gets it: `value` is 10.96.1.1, or port/30086; `uid` is the
    Service's."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="allocations", db_index=False)
    value = models.CharField(max_length=64)
    uid = models.CharField(max_length=36, db_index=True)

    class Meta:
        ordering: ClassVar = ["cluster", "value"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "value"], name="allocation_value")]

    def __str__(self) -> str:
        return self.value


class Event(models.Model):
    """A Kubernetes event; repeats raise `count` and `last_seen`. `why` is the controller's explanation."""

    uid = models.CharField(max_length=36, primary_key=True)
    name = models.CharField(max_length=253)
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=32)
    object_uid = models.CharField(max_length=36, db_index=True)
    object_name = models.CharField(_("object"), max_length=253)
    type = models.CharField(_("type"), max_length=8)
    reason = models.CharField(_("reason"), max_length=64)
    message = models.TextField(_("message"))
    source = models.CharField(_("source"), max_length=64)
    count = models.PositiveIntegerField(_("count"), default=1)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    at = models.FloatField(default=0.0)
    why: Any = models.JSONField(null=True)
    resource_version = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        ordering: ClassVar = ["-resource_version"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


class Change(models.Model):
    """One row of a cluster's journal: what one object became. `rv` is the resourceVersion: one order over all kinds of a
    cluster, committed in that order. `state` is the object's compact state (docs/protocol.md), the last one for DELETED;
    with the `blueprint` it is the whole object. `before`: the labels and selectable fields that this change changed, as
    they were. `root`: the uid of the Deployment that the object belongs to, at last by its ReplicaSet; else the uid of
    its highest owner, or its own."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="changes", db_index=False)
    rv = models.BigIntegerField(_("resource version"))
    namespace = models.CharField(max_length=63)
    root = models.CharField(max_length=36, default="")
    kind = models.CharField(max_length=32)
    uid = models.CharField(max_length=36)
    name = models.CharField(max_length=253)
    verb = models.CharField(max_length=8)
    at = models.FloatField()
    wall = models.FloatField()
    actor = models.CharField(max_length=150, default="")
    state: Any = models.JSONField()
    why: Any = models.JSONField(null=True)
    blueprint = models.CharField(max_length=32, default="")
    before: Any = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["cluster", "rv"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes: ClassVar = [models.Index(fields=["root", "rv"], name="change_root_rv")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "rv"], name="change_rv")]

    def __str__(self) -> str:
        return f"{self.rv} {self.verb} {self.kind} {self.name}"


class Blueprint(models.Model):
    """What compact states leave out of an object (template, selector, labels ...), kept once for all changes of a cluster
    that share it (cluster.blueprints). `newest` is the last change that named it: compaction goes by it."""

    pk = models.CompositePrimaryKey("cluster_id", "digest")
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=32)
    value = models.TextField()
    newest = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["cluster", "newest"], name="blueprint_newest")]

    def __str__(self) -> str:
        return self.digest


class PinnedRollout(models.Model):
    """A recorded rollout that outlives the journal (cluster.rollouts). `rv` is the resource version of the edit that began it."""

    rv = models.BigIntegerField(_("resource version"))
    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="pinned_rollouts")
    deployment = models.CharField(_("deployment"), max_length=253)
    pinned_by = models.CharField(_("pinned by"), max_length=150)
    created = models.DateTimeField(_("created"))
    summary: Any = models.JSONField()
    film: Any = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-rv"]
        indexes: ClassVar = [models.Index(fields=["namespace", "deployment"], name="pinned_deployment")]
        verbose_name = _("pinned rollout")
        verbose_name_plural = _("pinned rollouts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["namespace", "rv"], name="pinned_rv")]

    def __str__(self) -> str:
        return f"{self.deployment} {self.rv}"


class Token(models.Model):
    """A key to the API. Only its SHA-256 is kept; `expires` is when it stops to open anything, `last_used` is right to a
    minute."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100, blank=True)
    created = models.DateTimeField(_("created"))
    expires = models.DateTimeField(_("expires"))
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created"]
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return self.name or f"token of {self.user}"


class Heartbeat(models.Model):
    """One row, which no write locks: the wall time (epoch seconds) at which a worker last said that it lives."""

    at = models.FloatField(default=0.0)


class Classroom(models.Model):
    """A class: who has its `code` (six letters and digits; "" is none) may take a seat while it is open, at most `most_seats`
    at a time. `cluster` is the class's own: the teacher acts there, seats look on. `seats_made` numbers the seats, and no
    number is given twice; `version` grows whenever seats or settings change; the teacher's link is sealed with
    `link_number`. `handout` is the lesson that new seats get. `place` is where the presenter is: `path`, and what else the pages
    that follow need; null: nobody presents."""

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
    place: Any = models.JSONField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """One student of a class: an account without a password, and a cluster. The seat's link is sealed with `link_number`.
    `help`: the student asked for it, the teacher offers it, or it is given: then the teacher may act in the cluster."""

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


class LessonText(models.Model):
    """A lesson that a teacher wrote (docs/lessons.md); those that come with Rollstage are files."""

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
    """A lesson as it was when a class got it: changing the lesson changes nothing for who is at it."""

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


class Progress(models.Model):
    """A seat's way through a handout: a fold over the journal of its cluster after `start` (cluster.core.lessons.run), kept up to
    `rv`, so that it outlives the journal. `base` is where that journal begins. `resets` counts how often the seat began anew."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="progress")
    handout = models.ForeignKey(Handout, on_delete=models.CASCADE, related_name="progress")
    base = models.BigIntegerField(default=0)
    start = models.BigIntegerField(default=0)
    began = models.FloatField(default=0.0)
    rv = models.BigIntegerField(default=0)
    records: Any = models.JSONField(default=list)
    resets = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["seat", "pk"]
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints: ClassVar = [models.UniqueConstraint(fields=["seat", "handout"], name="progress_seat_handout")]

    def __str__(self) -> str:
        return f"{self.seat}: {self.handout}"
