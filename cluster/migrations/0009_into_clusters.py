"""Everything of a server without clusters becomes the cluster `demo`. A namespace whose clock was turned has times of its
own: it becomes a cluster of its own, with the same nodes and image behaviours. Groups become memberships."""

import uuid
from collections import Counter, defaultdict

from django.conf import settings
from django.db import migrations
from django.utils import timezone

DEMO = "demo"
LEVELS = ("view", "edit", "admin")
UNTURNED = (1.0, 0.0)
CHANGE = (
    "namespace, family_id, kind, uid, name, verb, at, wall, actor, state, why, blueprint, before"
)


def fill(apps, schema_editor):
    of = {name: apps.get_model("cluster", name) for name in
          ("Cluster", "Namespace", "Node", "ImageBehaviour", "Journal", "Membership", "Pod", "OldPinnedRollout",
           "PinnedRollout")}
    namespaces = list(of["Namespace"].objects.order_by("name"))
    if not namespaces and not of["Node"].objects.exists():
        return
    journal = of["Journal"].objects.filter(pk=1).first()
    bounds = {"head": journal.head, "tail": journal.tail} if journal else {}
    demo, others = shared_out(namespaces)
    first = of["Cluster"].objects.create(name=DEMO, created=timezone.now(), **clock(demo), **bounds)
    nodes, behaviours = list(of["Node"].objects.all()), list(of["ImageBehaviour"].objects.all())
    of["Node"].objects.update(cluster=first)
    of["ImageBehaviour"].objects.update(cluster=first)
    places = {each.pk: first for each in demo}
    for each in others:
        name = DEMO + "-2" if each.name == DEMO else each.name
        made = of["Cluster"].objects.create(name=name, created=timezone.now(), **clock([each]), **bounds)
        places[each.pk] = made
        furnish(of, made, each, nodes, behaviours)
    for each in namespaces:
        of["Namespace"].objects.filter(pk=each.pk).update(cluster=places[each.pk])
    count_pods(of)
    move_journal(schema_editor, namespaces, places, first)
    for each in of["OldPinnedRollout"].objects.iterator():
        kept = {name: getattr(each, name) for name in ("deployment", "pinned_by", "created", "summary", "film")}
        of["PinnedRollout"].objects.create(rv=each.pk, namespace_id=each.namespace_id, **kept)
    give_roles(apps, of, namespaces, places)


def shared_out(namespaces):
    """(the namespaces of the cluster demo, those with a clock of their own). If every clock was turned, demo takes the
    clock of the namespace default."""
    usual = [each for each in namespaces if line(each) == UNTURNED]
    if not usual:
        main = next((each for each in namespaces if each.name == "default"), *namespaces[:1]) if namespaces else None
        usual = [each for each in namespaces if line(each) == line(main)]
    chosen = {each.pk for each in usual}
    return usual, [each for each in namespaces if each.pk not in chosen]


def line(namespace):
    """(pace, simulated time when the wall clock was 0): equal for namespaces whose times agree."""
    return namespace.pace, round(namespace.clock_sim - namespace.clock_wall * namespace.pace, 3)


def clock(namespaces):
    if not namespaces:
        return {}
    return {key: getattr(namespaces[0], key) for key in ("pace", "clock_wall", "clock_sim")}


def furnish(of, cluster, namespace, nodes, behaviours):
    for each in nodes:
        values = {name: getattr(each, name) for name in
                  ("name", "slots", "unschedulable", "taints", "images", "labels", "annotations", "managed_fields",
                   "resource_version", "created")}
        of["Node"].objects.create(cluster=cluster, uid=str(uuid.uuid4()), **values)
    if namespace.name != "default":
        of["Namespace"].objects.create(
            cluster=cluster, name="default", uid=str(uuid.uuid4()), resource_version=cluster.head, created=timezone.now()
        )
    of["ImageBehaviour"].objects.filter(namespace=namespace).update(cluster=cluster)
    for each in behaviours:
        if each.namespace_id is None:
            each.pk, each.cluster = None, cluster
            each.save(force_insert=True)


def count_pods(of):
    counts = Counter(of["Pod"].objects.exclude(node="").values_list("namespace__cluster", "node"))
    for node in of["Node"].objects.all():
        of["Node"].objects.filter(pk=node.pk).update(pods=counts[node.cluster_id, node.name])


def move_journal(schema_editor, namespaces, places, first):
    """Each cluster's changes keep their resource versions; what belongs to no namespace goes to every cluster."""
    names = defaultdict(list)
    for each in namespaces:
        names[places[each.pk].pk].append(each.name)
    copied = f"INSERT INTO cluster_change (cluster_id, rv, {CHANGE}) SELECT %s, id, {CHANGE} FROM cluster_oldchange"
    lost = ", ".join(["%s"] * sum(len(each) for pk, each in names.items() if pk != first.pk))
    with schema_editor.connection.cursor() as cursor:
        others = [name for pk, each in names.items() if pk != first.pk for name in each]
        where = f" WHERE namespace NOT IN ({lost})" if others else ""
        cursor.execute(copied + where, [first.pk, *others])
        for pk, own in names.items():
            if pk != first.pk:
                marks = ", ".join(["%s"] * (len(own) + 1))
                cursor.execute(f"{copied} WHERE namespace IN ({marks})", [pk, "", *own])
        for pk in {first.pk, *names}:
            cursor.execute(
                "INSERT INTO cluster_blueprint (cluster_id, digest, value, newest) "
                "SELECT %s, digest, value, newest FROM cluster_oldblueprint",
                [pk],
            )


def give_roles(apps, of, namespaces, places):
    groups = apps.get_model("auth", "Group").objects
    for each in namespaces:
        for level in LEVELS:  # the highest last
            group = groups.filter(name=f"{each.name}:{level}").first()
            if group is None:
                continue
            for user in group.user_set.all():
                of["Membership"].objects.update_or_create(
                    cluster=places[each.pk], namespace=each.name, user_id=user.pk, defaults={"role": level}
                )
            group.delete()


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("cluster", "0008_clusters"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
