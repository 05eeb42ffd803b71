"""A data folder of the first release is taken along: what was there is there, moves on, and can be edited."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from cluster import models
from cluster.core.manifests import defaults
from cluster.live import feed, worker
from cluster.page import rollouts
from cluster.records import journal, snapshot
from cluster.spaces import Space
from cluster.writing import actions, clusters, namespaces
from tests.spaces import DEFAULT, demo, space
from tests.writing.test_actions import manifest
from tests.writing.test_capacity import check_counts

FIRST = ("cluster", "0001_initial")


def back_to(target: tuple[str, str]) -> Any:
    """By way of the migrations that the squashed one replaces."""
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


def forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([key for key in executor.loader.graph.leaf_nodes() if key[0] == "cluster"])


def tables() -> dict[str, Any]:
    """Of each table of ours its columns and constraints, whatever their order and those names that Django chose."""
    inspect = connection.introspection
    with connection.cursor() as cursor:
        return {
            name: (
                sorted(
                    (each.name, inspect.get_field_type(each.type_code, each), each.null_ok, each.default)
                    for each in inspect.get_table_description(cursor, name)
                ),
                sorted(
                    (
                        sorted(each["columns"] or ()),
                        each["primary_key"],
                        each["unique"],
                        each["foreign_key"] or (),
                        each["index"],
                    )
                    for each in inspect.get_constraints(cursor, name).values()
                ),
            )
            for name in inspect.table_names(cursor)
            if name.startswith("cluster_")
        }


def test_what_the_first_release_wrote_goes_on(transactional_db: None, work: Callable[[], int]) -> None:  # noqa: ARG001
    """In the tables that a new database has."""
    new = tables()
    try:
        fill(back_to(FIRST))
    finally:
        forward()
    assert tables() == new
    check_counts()
    frame = snapshot.namespace_snapshot(DEFAULT)
    assert [each["name"] for each in frame["deployments"]] == ["web"]
    assert frame["rv"] == 7 + len(namespaces.SYSTEM)
    assert [each["rv"] for each in journal.changes_since(*DEFAULT, 6, 10)] == [7]
    assert feed.Feed(DEFAULT).read_frame(6)["items"][0]["state"]["name"] == "web"
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    work()
    pods = models.Pod.objects.filter(ready=True)
    assert pods.count() == 3
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me", resource_version=7)
    work()
    assert models.Deployment.objects.get().status["updated_replicas"] == 3
    assert models.Event.objects.filter(reason="ScalingReplicaSet").count() > 1


def fill(apps: Any) -> None:
    """The rows of a Deployment that was just created."""
    from cluster.documents import load_documents

    full = defaults.default_deployment(load_documents(manifest())[0].manifest)
    now, spec = timezone.now(), full["spec"]
    of = {
        name: apps.get_model("cluster", name)
        for name in ("Namespace", "Family", "Deployment", "Node", "Change", "Journal")
    }
    space = of["Namespace"].objects.create(
        name="default", uid="n", created=now, clock_wall=time.time(), clock_sim=time.time()
    )
    family = of["Family"].objects.create(namespace=space, due=0.0)
    of["Deployment"].objects.create(
        uid="d", family=family, namespace=space, name="web", resource_version=7, created=now, created_at=time.time(),
        replicas=3, selector=spec["selector"], template=spec["template"], status={},
    )  # fmt: skip
    of["Node"].objects.create(name="node-1", uid="node", created=now)
    state = {"uid": "d", "name": "web", "generation": 1, "labels": {}, "annotations": {}, "rv": 7}
    of["Change"].objects.create(
        id=7, namespace="default", family_id=family.pk, kind="Deployment", uid="d", name="web", verb="ADDED",
        at=time.time(), wall=time.time(), state=state,
    )  # fmt: skip
    of["Journal"].objects.create(pk=1, head=7, tail=6)


# A database of the last release without clusters.

BEFORE_CLUSTERS = ("cluster", "0006_wholes")
BLUE = Space("blue", "blue")
UPDATE = {"web": "nginx:2"}
NAMESPACED = ("Deployment", "ReplicaSet", "Pod", "Event")


@dataclass(frozen=True, kw_only=True)
class World:
    """What was there before: rows by model, the head, and the version of the edit that began the rollout in flight."""

    rows: dict[str, list[dict[str, Any]]]
    head: int
    update: int
    pinned: int
    film: dict[str, Any]
    namespaces: dict[int, str]


@pytest.fixture
def migrated(transactional_db: None, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> World:  # noqa: ARG001
    with monkeypatch.context() as short:
        world = lived(work, lambda: short.setattr(worker, "MOST_CHANGES", 4))
    models.Cluster.objects.all().delete()
    try:
        put_back(back_to(BEFORE_CLUSTERS), world)
    finally:
        forward()
    return world


def lived(work: Callable[[], int], shorten: Callable[[], None]) -> World:
    """A complete and pinned rollout in default, one in flight after it; a complete one in blue."""
    clusters.create(DEFAULT.cluster)
    models.Namespace.objects.filter(name__in=namespaces.SYSTEM).delete()  # they are younger
    models.Change.objects.filter(kind="Namespace", name__in=namespaces.SYSTEM).delete()
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    namespaces.create(DEFAULT.cluster, "blue", actor="me")
    actions.create(DEFAULT, manifest(), actor="me")
    actions.create(space("blue"), manifest(name="sky", replicas=2), actor="me")
    work()
    first = models.Change.objects.filter(kind="Deployment", name="web", verb="ADDED").values_list("rv", flat=True)[0]
    rollouts.pin(DEFAULT.cluster, first, actor="ann")
    update = actions.act(DEFAULT, "web", "set-image", UPDATE, actor="ann").rv
    shorten()
    worker.run_next({})
    assert models.ReplicaSet.objects.filter(number=2).exists()
    assert models.Pod.objects.filter(name__startswith="web-", ready=False).exists()
    names = ("Namespace", "Node", "ImageBehaviour", "Change", "Blueprint", "PinnedRollout", *NAMESPACED)
    return World(
        rows={name: list(getattr(models, name).objects.values()) for name in names},
        head=journal.head(DEFAULT.cluster),
        update=update,
        pinned=first,
        film=rollouts.film(DEFAULT.cluster, update),
        namespaces=dict(models.Namespace.objects.values_list("pk", "name")),
    )


def put_back(apps: Any, world: World) -> None:
    """The same rows in the tables of before: one journal, a clock for each namespace, a family for each Deployment."""
    now = time.time()
    turned = {"pace": 2.0, "clock_wall": now, "clock_sim": now + 5_000.0}
    put(apps, "Journal", pk=1, head=world.head, tail=0)
    for row in world.rows["Namespace"]:
        put(apps, "Namespace", **row, **(turned if row["name"] == "blue" else {}))
    families = {key: put(apps, "Family", namespace_id=key, due=0.0).pk for key in world.namespaces}
    of_names = {world.namespaces[key]: family for key, family in families.items()}
    for name in ("Node", "ImageBehaviour", "Blueprint"):
        for row in world.rows[name]:
            put(apps, name, **row)
    for name in NAMESPACED:
        for row in world.rows[name]:
            put(apps, name, family_id=families[row["namespace_id"]], **row)
    for row in world.rows["Change"]:
        family = of_names[row["namespace"]] if row["kind"] in NAMESPACED else None
        put(apps, "Change", **{**row, "id": row["rv"]}, family_id=family)
    for row in world.rows["PinnedRollout"]:
        put(apps, "PinnedRollout", **{**row, "id": row["rv"]})
    for group, user in (("default:view", "ann"), ("default:admin", "ann"), ("blue:edit", "bob"), ("blue:view", "cyd")):
        found, _ = User.objects.get_or_create(username=user)
        found.groups.add(Group.objects.get_or_create(name=group)[0])
    Group.objects.create(name="teachers").user_set.add(User.objects.get(username="ann"))


def put(apps: Any, kind: str, /, **values: Any) -> Any:
    """What the model of then has of these values."""
    model = apps.get_model("cluster", kind)
    known = {each.attname for each in model._meta.concrete_fields} | {"pk"}
    return model.objects.create(**{key: value for key, value in values.items() if key in known})


def test_a_server_without_clusters_is_taken_along(
    migrated: World, work: Callable[[], int], subtests: pytest.Subtests
) -> None:
    """What is true after one migration, which takes long; last, the rollout goes on."""
    parts = (
        a_namespace_with_a_clock_of_its_own_becomes_a_cluster,
        groups_become_memberships_of_the_highest_role,
        the_journal_goes_on_in_each_cluster,
        every_change_names_its_deployment,
    )
    for part in parts:
        with subtests.test(part.__name__):
            part(migrated)
    rollouts_are_kept_and_the_one_in_flight_completes(migrated, work)


def a_namespace_with_a_clock_of_its_own_becomes_a_cluster(migrated: World) -> None:
    places = models.Namespace.objects.values_list("cluster__name", "name")
    own = [("blue", "blue"), ("blue", "default"), ("demo", "default")]
    assert sorted(places) == sorted(
        [*own, *((each, system) for each in ("blue", "demo") for system in namespaces.SYSTEM)]
    )
    paces = dict(models.Cluster.objects.values_list("name", "pace"))
    assert paces == {"blue": 2.0, "demo": 1.0}
    for name, pods in (("blue", "sky"), ("demo", "web")):
        row = models.Cluster.objects.get(name=name)
        assert list(row.nodes.values_list("name", flat=True)) == ["node-1", "node-2", "node-3"]
        assert list(row.behaviours.values_list("pattern", flat=True)) == ["*"]
        inside = models.Pod.objects.filter(namespace__cluster=row)
        assert {each.name.split("-")[0] for each in inside} == {pods}
    assert migrated.head > 0
    uids = models.Node.objects.values_list("uid", flat=True)
    assert len(set(uids)) == len(uids) == 6


def groups_become_memberships_of_the_highest_role(_: World) -> None:
    found = models.Membership.objects.values_list("user__username", "cluster__name", "namespace", "role")
    assert sorted(found) == [
        ("ann", "demo", "default", "admin"),
        ("bob", "blue", "blue", "edit"),
        ("cyd", "blue", "blue", "view"),
    ]
    assert list(Group.objects.values_list("name", flat=True)) == ["teachers"]
    bound = models.Membership.objects.values_list(
        "binding__namespace", "binding__name", "binding__manifest__roleRef__name"
    )
    assert sorted(bound) == [
        ("blue", "bob-edit", "edit"),
        ("blue", "cyd-view", "view"),
        ("default", "ann-admin", "admin"),
    ]


def the_journal_goes_on_in_each_cluster(migrated: World) -> None:
    before = {row["rv"]: row for row in migrated.rows["Change"]}
    for name, own in (("demo", {"", "default"}), ("blue", {"", "blue"})):
        row = models.Cluster.objects.get(name=name)
        kept = {each.rv: each for each in row.changes.exclude(actor="migration")}
        told = row.changes.filter(actor="migration").values_list("verb", "kind", "name")
        assert set(told) == {("ADDED", "Namespace", each) for each in namespaces.SYSTEM}
        assert sorted(kept) == [rv for rv, each in sorted(before.items()) if each["namespace"] in own]
        for rv, each in kept.items():
            was = before[rv]
            assert (each.uid, each.verb, each.state, each.why, each.blueprint) == (
                was["uid"], was["verb"], was["state"], was["why"], was["blueprint"],
            )  # fmt: skip
        wanted = set(row.changes.exclude(blueprint="").values_list("blueprint", flat=True))
        assert wanted <= set(models.Blueprint.objects.filter(cluster=row).values_list("digest", flat=True))
        assert row.head == migrated.head + len(namespaces.SYSTEM)


def every_change_names_its_deployment(migrated: World) -> None:
    deployments = {each["uid"] for each in migrated.rows["Deployment"]}
    changes = models.Change.objects.filter(kind__in=NAMESPACED)
    assert set(changes.values_list("root", flat=True)) == deployments
    was = {row["rv"]: row["root"] for row in migrated.rows["Change"]}
    own = demo().changes.exclude(actor="migration")
    assert {each.rv: each.root for each in own}.items() <= was.items()


def rollouts_are_kept_and_the_one_in_flight_completes(migrated: World, work: Callable[[], int]) -> None:
    film = rollouts.film(DEFAULT.cluster, migrated.update)
    assert (film, film["is_open"]) == (migrated.film, True)
    pinned = rollouts.film(DEFAULT.cluster, migrated.pinned)
    assert (pinned["rollout"]["pinned"], pinned["is_open"]) == (True, False)
    assert [each["id"] for each in rollouts.list_rollouts(DEFAULT, "web")] == [migrated.update, migrated.pinned]
    work()
    web = models.Deployment.objects.get(name="web")
    assert (web.status["updated_replicas"], web.status["available_replicas"]) == (3, 3)
    later = rollouts.film(DEFAULT.cluster, migrated.update)
    assert later["frames"][: len(film["frames"])] == film["frames"]
    assert (len(later["frames"]) > len(film["frames"]), later["is_open"]) == (True, False)
    actions.act(BLUE, "sky", "set-image", UPDATE, actor="me")
    work()
    assert models.Deployment.objects.get(name="sky").status["updated_replicas"] == 2
    for row in models.Cluster.objects.all():
        versions = list(row.changes.filter(rv__gt=migrated.head).order_by("rv").values_list("rv", flat=True))
        assert versions == list(range(migrated.head + 1, row.head + 1))
        assert models.Pod.objects.filter(namespace__cluster=row, ready=True).count() == (
            models.Pod.objects.filter(namespace__cluster=row).count()
        )
