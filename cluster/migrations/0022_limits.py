import json

from django.db import migrations, models

from cluster.core.controllers.rounding import resolve_fenceposts

COUNTERS = (("cluster", "kept_bytes"), ("cluster", "objects_count"), ("cluster", "pods_asked"), ("namespace", "pods_asked"))
LIMITING = ("resourcequotas", "limitranges")


def count(apps, schema_editor):
    """What is there, and which namespaces have quotas or limit ranges."""
    kept, space = apps.get_model("cluster", "KeptObject"), apps.get_model("cluster", "Namespace")
    for cluster in apps.get_model("cluster", "Cluster").objects.all():
        own = kept.objects.filter(cluster=cluster)
        limited = set(own.filter(resource__in=LIMITING).values_list("namespace", flat=True))
        pods = objects = size = 0
        for row in space.objects.filter(cluster=cluster):
            row.pods_asked, row.limited = asked(apps, row), row.name in limited
            row.save(update_fields=["pods_asked", "limited"])
            pods += row.pods_asked
            objects += 1 + sum(
                apps.get_model("cluster", each).objects.filter(namespace=row).count() for each in ("Deployment", "ReplicaSet")
            )
        for manifest in own.values_list("manifest", flat=True).iterator():
            size += len(json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode())
            objects += 1
        cluster.pods_asked, cluster.kept_bytes = pods, size
        cluster.objects_count = objects + apps.get_model("cluster", "Node").objects.filter(cluster=cluster).count()
        cluster.save(update_fields=["pods_asked", "kept_bytes", "objects_count"])


def asked(apps, space):
    """By Deployments with their surge, by ReplicaSets and pods of nobody."""
    columns = ("replicas", "strategy", "max_surge", "max_unavailable")
    total = sum(ceiling(*each) for each in apps.get_model("cluster", "Deployment").objects.filter(namespace=space).values_list(*columns))
    bare = {"namespace": space, "owner_uid": None}
    total += sum(apps.get_model("cluster", "ReplicaSet").objects.filter(**bare).values_list("replicas", flat=True))
    return total + apps.get_model("cluster", "Pod").objects.filter(**bare).count()


def ceiling(replicas, strategy, surge, unavailable):
    if strategy != "RollingUpdate":
        return replicas
    limits = (each if each.endswith("%") else int(each) for each in (surge, unavailable))
    return replicas + resolve_fenceposts(*limits, replicas)[0]


def allocate(apps, schema_editor):
    """What the Services that are there have; where two have the same, the older one's."""
    made = {}
    rows = apps.get_model("cluster", "KeptObject").objects.filter(resource="services").order_by("resource_version")
    for cluster, uid, manifest in rows.values_list("cluster_id", "uid", "manifest"):
        for value in sorted(values_of(manifest)):
            made.setdefault((cluster, value), uid)
    allocation = apps.get_model("cluster", "Allocation")
    allocation.objects.bulk_create(
        (allocation(cluster_id=cluster, value=value, uid=uid) for (cluster, value), uid in made.items()), batch_size=500
    )


def values_of(manifest):
    spec = manifest.get("spec") or {}
    addresses = {*(spec.get("clusterIPs") or ()), spec.get("clusterIP")} - {None, "", "None"}
    return addresses | {f"port/{each['nodePort']}" for each in spec.get("ports") or () if each.get("nodePort")}


class Migration(migrations.Migration):
    dependencies = [("cluster", "0021_lessons")]

    operations = [
        *(
            migrations.AddField(model_name=model, name=name, field=models.BigIntegerField(default=0, editable=False))
            for model, name in COUNTERS
        ),
        migrations.AddField(
            model_name="namespace", name="limited", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=64)),
                ("uid", models.CharField(db_index=True, max_length=36)),
                (
                    "cluster",
                    models.ForeignKey(
                        db_index=False, on_delete=models.CASCADE, related_name="allocations", to="cluster.cluster"
                    ),
                ),
            ],
            options={
                "ordering": ["cluster", "value"],
                "constraints": [models.UniqueConstraint(fields=("cluster", "value"), name="allocation_value")],
            },
        ),
        migrations.RunPython(allocate, migrations.RunPython.noop),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
