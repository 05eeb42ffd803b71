"""The core's values: what controllers read and return.

Times are floats: simulated seconds since the epoch (the namespace's clock, see `cluster.records.clock`).
Names and meanings follow staging/src/k8s.io/api/apps/v1/types.go and core/v1/types.go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Labels: TypeAlias = Mapping[str, str]
Manifest: TypeAlias = Mapping[str, Any]
IntOrPercent: TypeAlias = int | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    type: str
    status: str
    reason: str
    message: str
    last_update_time: float
    last_transition_time: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentStatus:
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    terminating_replicas: int = 0
    collision_count: int | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """`api_version` is the one in which it was written: it determines the pod-template-hash rule. `selector` and `template` are
    defaulted API JSON (LabelSelector, PodTemplateSpec). `replicasets_created` numbers its ReplicaSets, from 1, over its
    whole life. With `deleted_at` set it is being deleted and waits for its `finalizers`."""

    uid: str
    name: str
    namespace: str = "default"
    api_version: str = "apps/v1"
    generation: int = 1
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    created_at: float = 0.0
    deleted_at: float | None = None
    finalizers: tuple[str, ...] = ()
    replicas: int = 1
    selector: Manifest = field(default_factory=dict)
    template: Manifest = field(default_factory=dict)
    strategy: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    max_surge: IntOrPercent = "25%"
    max_unavailable: IntOrPercent = "25%"
    min_ready_seconds: int = 0
    revision_history_limit: int | None = 10
    progress_deadline_seconds: int | None = 600
    paused: bool = False
    replicasets_created: int = 0
    status: DeploymentStatus = DeploymentStatus()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSetStatus:
    observed_generation: int = 0
    replicas: int = 0
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    terminating_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSet:
    """`number` is its place in the order of creation under its Deployment; `owner_uid` is the uid of the Deployment that
    controls it; `pods_created` numbers its pods over its whole life."""

    uid: str
    name: str
    namespace: str = "default"
    number: int = 0
    owner_uid: str | None = None
    generation: int = 1
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    created_at: float = 0.0
    deleted_at: float | None = None
    finalizers: tuple[str, ...] = ()
    replicas: int = 1
    selector: Manifest = field(default_factory=dict)
    template: Manifest = field(default_factory=dict)
    min_ready_seconds: int = 0
    pods_created: int = 0
    status: ReplicaSetStatus = ReplicaSetStatus()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a container ended (ContainerStateTerminated): times in seconds, the exit code, and `Completed` or `Error`."""

    started_at: float
    finished_at: float
    exit_code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container's state. `stage` says what the kubelet does with the container at `next_at` (see `nodes.containers`); next_at
    None: nothing by itself. `reason` and `message` are those of a container that waits. `started` is true once the startup
    probe has succeeded, or at once without one. The image's behaviour counts from `since`: the start of the container, or
    the time at which the behaviour was changed. `attempts` counts back-offs in a row; `last` is how the container last
    ended."""

    name: str
    stage: str = "waiting"
    next_at: float | None = None
    reason: str = ""
    message: str = ""
    ready: bool = False
    started: bool = False
    started_at: float | None = None
    since: float = 0.0
    restarts: int = 0
    attempts: int = 0
    last: Ended | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disruption:
    """The condition DisruptionTarget of a pod that is deleted for a reason outside the pod."""

    reason: str
    message: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Pod:
    """A pod's state. `spec` is its own; None: that of its ReplicaSet's template.

    `stage` is explained in `nodes.kubelet`; at `next_at` the scheduler or the kubelet acts next, None: only after a change.
    `containers` has the init containers first, in the order of the spec; empty until the kubelet has seen the pod.
    `restarts` is kubectl's RESTARTS (see `nodes.podstatus`). `reason` is what kubectl prints in STATUS when it is not the
    phase (ContainerCreating, ErrImagePull, CrashLoopBackOff ...), `message` its text. `ready_since` is the Ready condition's
    last transition time. `deleted_at` is when deletion was requested (deletionTimestamp less the grace period); a pod with
    it set is terminating: no longer active, not counted by its ReplicaSet. `grace_seconds` is the grace period of the
    deletion request; None: the spec's terminationGracePeriodSeconds. `scheduled_at` is when the pod got its node;
    `nominated_node` is where the scheduler makes room for it. While the pod waits for a node, `message` says why. `reported`
    is its status as a client has written it (API JSON), from which the fields above are read (`nodes.reported`); None: the
    simulated kubelet writes the status. `client_conditions` are the conditions (API JSON) that clients have written beside the
    simulated kubelet's; readiness gates need them (`nodes.gates`)."""

    uid: str
    name: str
    namespace: str = "default"
    owner_uid: str | None = None
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    created_at: float = 0.0
    deleted_at: float | None = None
    node: str = ""
    phase: Literal["Pending", "Running", "Succeeded", "Failed"] = "Pending"
    ready: bool = False
    ready_since: float | None = None
    started_at: float | None = None
    reason: str = ""
    message: str = ""
    restarts: int = 0
    attempts: int = 0
    stage: str = "unscheduled"
    next_at: float | None = 0.0
    spec: Manifest | None = None
    finalizers: tuple[str, ...] = ()
    grace_seconds: float | None = None
    containers: tuple[Container, ...] = ()
    scheduled_at: float | None = None
    nominated_node: str = ""
    disruption: Disruption | None = None
    reported: Manifest | None = None
    client_conditions: tuple[Manifest, ...] = ()


# A node's default resources, besides its pod slots: large, so that a demo's rollouts have room.
NODE_SIZE: Manifest = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """`taints` are API JSON. `allocatable`: what its pods may request, quantities by resource; their number is limited by
    `slots`. `images` are present on the node, so they need no pull; the oldest is first. `is_external`: a client is its
    kubelet, and its pods are not simulated."""

    name: str
    labels: Labels = field(default_factory=dict)
    taints: tuple[Manifest, ...] = ()
    slots: int = 2000
    allocatable: Manifest = field(default_factory=lambda: NODE_SIZE)
    unschedulable: bool = False
    images: tuple[str, ...] = ()
    is_external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageBehaviour:
    """How containers of the images matching the glob `pattern` behave. `jitter` 0..1: each duration varies by up to that share,
    by pod uid. `failure` affects the `affected_share` (0..1) of the pods, by uid. `ready_seconds` None: readiness is set by
    hand only (stories' `ready` and `unready`)."""

    pattern: str
    pull_seconds: float = 0.0
    start_seconds: float = 0.0
    ready_seconds: float | None = 0.0
    stop_seconds: float = 0.0
    jitter: float = 0.0
    failure: Literal["", "image-not-found", "crash-loop", "never-ready", "ready-then-fails", "hangs"] = ""
    fails_after_seconds: float = 0.0
    affected_share: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An object that is stored whole: a ResourceQuota, a LimitRange, a PodDisruptionBudget, a Service, its EndpointSlices and
    Endpoints. `resource` is its name in error texts (poddisruptionbudgets.policy); `manifest` has all fields except the
    resourceVersion."""

    uid: str
    resource: str
    name: str
    namespace: str
    manifest: Manifest


Object: TypeAlias = Deployment | ReplicaSet | Pod | Node | Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a controller decided as it did: `rule` names the rule (`surge-room`, `availability-floor` ...), `inputs` the
    numbers it read, `text` one English sentence with those numbers, for people."""

    rule: str
    inputs: Mapping[str, Any]
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "inputs": dict(self.inputs), "text": self.text}


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    object: Object
    why: Explanation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """`object` is the whole new value; its uid (a Node's name) identifies the object that it replaces."""

    object: Object
    why: Explanation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delete:
    object: Object
    why: Explanation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A Kubernetes event about an object, before it is counted and deduplicated."""

    kind: Literal["Deployment", "ReplicaSet", "Pod", "Node", "PodDisruptionBudget"]
    uid: str
    name: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    source: str
    why: Explanation | None = None


Change: TypeAlias = Create | Update | Delete | Event
