"""Clusters, the Kubernetes objects in them as rows, and the journal of their changes.

Fields that change often are columns; manifests are JSON and off the hot path. `resource_version` is the `rv` of the object's
newest `Change`. Times named `*_at` are simulated seconds (see `cluster.records.clock`); `created` is wall time."""

from cluster.models.classes import Classroom, Seat
from cluster.models.clusters import Cluster, Membership, Presence
from cluster.models.described import Described
from cluster.models.invitations import Invitation
from cluster.models.journal import Blueprint, Change, Event, PinnedRollout
from cluster.models.kept import Allocation, KeptObject
from cluster.models.lessons import Handout, LessonText, Progress, SelfStudy
from cluster.models.namespaces import ClusterObject, Namespace
from cluster.models.nodes import ImageBehaviour, Node, node_size
from cluster.models.server import Attempts, Heartbeat, Token
from cluster.models.stories import Playing
from cluster.models.workloads import Deployment, Pod, ReplicaSet

__all__ = [
    "Allocation",
    "Attempts",
    "Blueprint",
    "Change",
    "Classroom",
    "Cluster",
    "ClusterObject",
    "Deployment",
    "Described",
    "Event",
    "Handout",
    "Heartbeat",
    "ImageBehaviour",
    "Invitation",
    "KeptObject",
    "LessonText",
    "Membership",
    "Namespace",
    "Node",
    "PinnedRollout",
    "Playing",
    "Pod",
    "Presence",
    "Progress",
    "ReplicaSet",
    "Seat",
    "SelfStudy",
    "Token",
    "node_size",
]
