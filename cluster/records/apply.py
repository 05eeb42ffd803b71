"""Writes core changes as rows and journal, in one transaction.

Every change becomes one row of the journal, in the controllers' order; of each object only the last state is written."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import F

from cluster import models
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    Explanation,
    Kept,
    Manifest,
    Node,
    Pod,
    ReplicaSet,
    Update,
)
from cluster.core.policies.asking import pods_asked
from cluster.core.recorder import COMBINED, Recorder
from cluster.records import blueprints, kept, rows, states
from cluster.records.journal import Writer
from cluster.records.loading import Loaded, forget, in_chunks
from cluster.records.rows import iso


def apply(loaded: Loaded, changes: Iterable[Change], writer: Writer) -> None:
    """Writes changes of objects of `loaded`. `writer` is the open journal transaction."""
    batch = Batch(loaded=loaded, writer=writer)
    admitted = batch.admit(changes)
    batch.read_counts(admitted)
    for change in admitted:
        batch.record(change)
    batch.write()


@dataclass(kw_only=True)
class Batch:
    """One transaction's rows. `born` and `dead` are uids created and deleted in it; `latest` maps a uid to (object,
    resource version), `columns` the uid of a Deployment or ReplicaSet to the columns of its row."""

    loaded: Loaded
    writer: Writer
    born: set[str] = field(default_factory=set)
    dead: dict[str, Deployment | ReplicaSet | Pod] = field(default_factory=dict)
    latest: dict[str, tuple[Deployment | ReplicaSet | Pod, int]] = field(default_factory=dict)
    columns: dict[str, rows.Columns] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    kept: dict[str, Kept | None] = field(default_factory=dict)
    events: dict[str, list[Any]] = field(default_factory=dict)
    counts: dict[str, tuple[int, datetime, str]] = field(default_factory=dict)
    created: dict[str, datetime] = field(default_factory=dict)
    recorder: Recorder = field(default_factory=Recorder)
    pod_blueprints: dict[str, tuple[Any, blueprints.Blueprint]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.created = self.loaded.created
        self.recorder = self.loaded.recorder
        self.moment = datetime.fromtimestamp(self.writer.wall, UTC)
        self.now = self.writer.now

    def admit(self, changes: Iterable[Change]) -> list[Change]:
        """The changes in their order, with the events as they are written: controllers' events go through the recorder, which
        combines and drops; a pod's events are too few to need it."""
        admitted: list[Change] = []
        for change in changes:
            if isinstance(change, Event) and change.kind != "Pod":
                written = self.recorder.record(change, self.writer.wall)
                if written:
                    admitted.append(written)
                continue
            if isinstance(change, Delete) and not isinstance(change.object, Pod | Node):
                self.recorder.forget(change.object.uid)
            admitted.append(change)
        return admitted

    def record(self, change: Change) -> None:
        if isinstance(change, Event):
            self._record_event(change)
        elif isinstance(change.object, Node):
            self.nodes[change.object.name] = change.object
        elif isinstance(change.object, Kept):
            self._record_kept(change)
        elif isinstance(change, Create):
            self.born.add(change.object.uid)
            self._record_object("ADDED", change)
        elif isinstance(change, Delete):
            self._record_object("DELETED", change)
            self.dead[change.object.uid] = change.object
        else:
            self._record_object("MODIFIED", change)

    def write(self) -> None:
        """Deletes the rows of a kind before inserting, so that a deleted object's name is free for a new one."""
        for kind, model in ((Deployment, models.Deployment), (ReplicaSet, models.ReplicaSet)):
            inserts, updates, deletes = self.of(kind)
            for gone in in_chunks(model, deletes):
                gone.delete()
            for value, rv in (*inserts, *updates):
                columns = {**self.columns[value.uid], "resource_version": rv}
                rows.save(model, columns, born=value.uid in self.born)
        self._write_pods()
        rows.write_events(list(self.events.values()))
        rows.write_nodes(self.loaded.cluster, self.nodes)
        self._write_counts()
        self._write_kept()
        for uid in self.dead:
            forget(self.loaded, uid)

    def _record_kept(self, change: Create | Update | Delete) -> None:
        uid = change.object.uid  # type: ignore[union-attr]
        if isinstance(change, Create):
            self.born.add(uid)
        self.kept[uid] = None if isinstance(change, Delete) else change.object  # type: ignore[assignment]

    def _write_kept(self) -> None:
        """Writes the last state of each object; nothing for those both created and deleted in this batch."""
        living = [each for each in self.kept.values() if each is not None]
        kept.remove(self.writer, [uid for uid, each in self.kept.items() if each is None and uid not in self.born])
        kept.make(self.writer, [each for each in living if each.uid in self.born])
        kept.store(self.writer, [each for each in living if each.uid not in self.born])

    def _write_pods(self) -> None:
        inserts, updates, deletes = self.of(Pod)
        hot = {pod.uid: rows.hot_columns(pod, self._template_of(pod), rv) for pod, rv in (*inserts, *updates)}
        moment, namespaces = rows.as_column(self.moment), self.loaded.namespaces
        rows.insert_pods([(pod.uid, pod.name, *hot[pod.uid], namespaces[pod.namespace], moment) for pod, _ in inserts])
        rows.update_pods([(*hot[pod.uid], pod.uid) for pod, _ in updates])
        for uid in hot.keys() & self.loaded.owners.keys():
            models.Pod.objects.filter(pk=uid).update(managed_fields=self.loaded.owners[uid])
        for gone in in_chunks(models.Pod, deletes):
            gone._raw_delete(using=connection.alias)

    def _template_of(self, pod: Pod) -> Manifest:
        """The template of the pod's ReplicaSet; {} without one, or if it is deleted in this batch."""
        owner = None if pod.owner_uid in self.dead else self._newest(pod.owner_uid)
        return owner.template if owner else {}

    def _columns_of(self, value: Deployment | ReplicaSet) -> rows.Columns:
        """The columns of its row, except for the resource version."""
        beyond = {
            "namespace_id": self.loaded.namespaces[value.namespace],
            "created": self.moment,
            "managed_fields": self.loaded.owners.get(value.uid, []),
        }
        if isinstance(value, Deployment):
            return rows.deployment_columns(value, beyond)
        return rows.replicaset_columns(value, beyond)

    def _write_counts(self) -> None:
        for name, more in self.asked.items():
            self.writer.counts["pods_asked"] += more
            space = models.Namespace.objects.filter(pk=self.loaded.namespaces[name])
            space.update(pods_asked=F("pods_asked") + more)

    def read_counts(self, changes: Iterable[Change]) -> None:
        """Reads how often the events of this batch were seen before; events of objects created in this batch can't have been."""
        born = {each.object.uid for each in changes if isinstance(each, Create) and not isinstance(each.object, Node)}
        seen = [each for each in changes if isinstance(each, Event) and each.uid not in born]
        uids = list({event_uid(event) for event in seen})
        for found in in_chunks(models.Event, uids):
            for uid, *known in found.values_list("uid", "count", "first_seen", "name"):
                self.counts[uid] = tuple(known)

    def of(self, kind: type[Any]) -> tuple[list[Any], list[Any], list[str]]:
        """(to insert, to update, uids to delete) of a kind; the first two as (object, resource version)."""
        living = [(o, rv) for uid, (o, rv) in self.latest.items() if isinstance(o, kind) and uid not in self.dead]
        inserts = [pair for pair in living if pair[0].uid in self.born]
        updates = [pair for pair in living if pair[0].uid not in self.born]
        return inserts, updates, [uid for uid, o in self.dead.items() if isinstance(o, kind) and uid not in self.born]

    def _record_object(self, verb: str, change: Any) -> None:
        thing = change.object
        known = self._known(thing.uid) if verb == "MODIFIED" else None
        self._count(verb, known, thing)
        rv = self.writer.append(
            verb,
            type(thing).__name__,
            self._state(thing),
            name=thing.name,
            namespace=thing.namespace,
            root=self._root(thing),
            why=states.explanation_json(change.why),
            blueprint=self._blueprint(thing),
            before=blueprints.selectable_before(known, thing) if known else None,
            mark=mark_of(verb, thing, known, change.why),
        )
        self.latest[thing.uid] = (thing, rv)

    def _count(self, verb: str, known: Any, thing: Deployment | ReplicaSet | Pod) -> None:
        """Adds a change of an object to the counters of its cluster and namespace."""
        if verb != "MODIFIED" and not isinstance(thing, Pod):
            self.writer.counts["objects_count"] += 1 if verb == "ADDED" else -1
        before = known or (thing if verb == "DELETED" else None)
        more = (0 if verb == "DELETED" else pods_asked(thing)) - (pods_asked(before) if before else 0)
        if more:
            self.asked[thing.namespace] += more

    def _known(self, uid: str) -> Any:
        """The object before this change; None if it did not exist."""
        if uid in self.latest:
            return self.latest[uid][0]
        state = self.loaded.state
        return state.before[uid] if uid in state.before else self._in_state(uid)

    def _newest(self, uid: str | None) -> Any:
        """The object after the changes so far."""
        if uid is None:
            return None
        return self.latest[uid][0] if uid in self.latest else self._in_state(uid)

    def _in_state(self, uid: str) -> Any:
        state = self.loaded.state
        return state.pods.get(uid) or state.replicasets.get(uid) or state.deployments.get(uid) or state.kept.get(uid)

    def _root(self, thing: Deployment | ReplicaSet | Pod | Kept) -> str:
        """The uid of the highest owner that is known (models.Change)."""
        if isinstance(thing, Deployment | Kept) or thing.owner_uid is None:
            return thing.uid
        if isinstance(thing, ReplicaSet):
            return thing.owner_uid
        owner = self._newest(thing.owner_uid)
        return (owner.owner_uid if owner else None) or thing.owner_uid

    def _blueprint(self, thing: Deployment | ReplicaSet | Pod) -> blueprints.Blueprint:
        if isinstance(thing, Pod):
            return self._pod_blueprint(thing)
        columns = self.columns[thing.uid] = self._columns_of(thing)
        owner = self._deployment_name(thing.owner_uid) if isinstance(thing, ReplicaSet) else None
        return blueprints.of_columns(columns, owner)

    def _pod_blueprint(self, pod: Pod) -> blueprints.Blueprint:
        """Nearly all pods of a ReplicaSet share one blueprint, which is encoded once per batch."""
        owner = self._newest(pod.owner_uid)
        owners = self.loaded.owners.get(pod.uid)
        if not isinstance(owner, ReplicaSet):
            return blueprints.of_pod(pod, None, owners)
        if owners or not blueprints.is_common(pod, owner):
            return blueprints.of_pod(pod, owner, owners)
        template, made = self.pod_blueprints.get(owner.uid, (None, None))
        if made is None or template is not owner.template:
            made = blueprints.of_pod(pod, owner)
            self.pod_blueprints[owner.uid] = (owner.template, made)
        return made

    def _deployment_name(self, uid: str | None) -> str | None:
        """The name is queried for a ReplicaSet that was loaded without its Deployment."""
        found = self._newest(uid)
        if found is not None or uid is None:
            return found.name if found is not None else None
        if uid not in self.names:
            self.names[uid] = models.Deployment.objects.filter(pk=uid).values_list("name", flat=True).first() or ""
        return self.names[uid] or None

    def _state(self, thing: Deployment | ReplicaSet | Pod) -> states.State:
        created = iso(self.created.setdefault(thing.uid, self.moment))
        if isinstance(thing, Pod):
            return states.pod_state(thing, created=created)
        if isinstance(thing, ReplicaSet):
            return states.replicaset_state(thing, created=created)
        return states.deployment_state(thing, created=created)

    def _record_event(self, event: Event) -> None:
        uid = event_uid(event)
        count, first_seen, name = self.counts.get(uid, (0, self.moment, self._event_name(event)))
        self.counts[uid] = (count + 1, first_seen, name)
        state = states.event_state(
            event, uid=uid, count=count + 1, first_seen=iso(first_seen), last_seen=iso(self.moment), at=self.now
        )
        verb = "MODIFIED" if count else "ADDED"
        involved = self.dead.get(event.uid) or self._newest(event.uid) or self._known(event.uid)
        namespace = involved.namespace if involved else self.writer.namespace
        row = self._event_row(event, uid, name, count + 1, first_seen, state, namespace)
        root = self._root(involved) if involved else event.uid
        rv = self.writer.append(verb, "Event", state, name=name, namespace=namespace, root=root)
        self.events[uid] = [*row, rv]

    def _event_name(self, event: Event) -> str:
        """The suffix rises with time and resource version, so that a list by name is in chronological order."""
        return f"{event.name}.{int(self.writer.wall * 1e6) * 1000 + self.writer.head % 1000:x}"

    def _event_row(
        self, event: Event, uid: str, name: str, count: int, first_seen: datetime, state: states.State, namespace: str
    ) -> list[Any]:
        why = orjson.dumps(state["why"]).decode() if state["why"] else None
        return [
            uid, name, self.loaded.namespaces[namespace], event.kind,
            event.uid, event.name, event.type, event.reason, event.message, event.source, count, rows.as_column(first_seen),
            rows.as_column(self.moment), self.now, why,
        ]  # fmt: skip


def mark_of(verb: str, thing: Deployment | ReplicaSet | Pod, known: Any, why: Explanation | None) -> str | None:
    """The mark of a change: ROLLOUT, REVISION or None. `known`: the object before the change."""
    if isinstance(thing, Deployment):
        begins = verb == "ADDED" or (why is not None and why.rule == states.TEMPLATE_CHANGED)
        return models.Change.ROLLOUT if begins else None
    if isinstance(thing, ReplicaSet) and verb != "DELETED":
        revision = thing.annotations.get(states.REVISION)
        was = known.annotations.get(states.REVISION) if known else None
        return models.Change.REVISION if revision and revision != was else None
    return None


def event_uid(event: Event) -> str:
    """The uid of an event. Equal events share a uid, and so do combined ones with any message, so that repeats are counted
    (client-go tools/record/events_cache.go)."""
    message = COMBINED if event.message.startswith(COMBINED) else event.message
    key = "\0".join((event.source, event.kind, event.uid, event.type, event.reason, message))
    found = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"
