"""Each container of a pod has a state of its own."""

from django.db import migrations, models

CHUNK = 500
# A pod's former stage: that of its containers, and (None: kept) that of the pod.
STAGES = {
    "pulling": ("pulling", "living"),
    "starting": ("starting", "living"),
    "running": ("ready", "living"),
    "ready": ("unready", "living"),
    "probed": ("running", "probed"),
    "crashing": ("crash", "retrying"),
    "back-off": ("back-off", "retrying"),
    "pull-failed": ("pull-failed", "retrying"),
    "pull-back-off": ("pull-back-off", "retrying"),
    "terminating": ("running", "terminating"),
    "stopping": ("stopping", "stopping"),
}
WAITING = ("pulling", "starting", "back-off", "pull-failed", "pull-back-off")


def give_containers(apps, schema_editor):
    """To pods on a node. All containers of a pod were in the same state before."""
    Pod, ReplicaSet = apps.get_model("cluster", "Pod"), apps.get_model("cluster", "ReplicaSet")
    names = {}

    def names_of(pod):
        if pod.spec is not None:
            return [each["name"] for each in pod.spec.get("containers") or []]
        if pod.owner_uid not in names:
            template = ReplicaSet.objects.filter(pk=pod.owner_uid).values_list("template", flat=True).first() or {}
            names[pod.owner_uid] = [each["name"] for each in (template.get("spec") or {}).get("containers") or []]
        return names[pod.owner_uid]

    changed = []
    for pod in Pod.objects.exclude(node="").iterator(CHUNK):
        if pod.stage not in STAGES:
            continue
        stage, of_pod = STAGES[pod.stage]
        if stage in ("ready", "unready") and pod.next_at is None:
            stage = "running"
        waits = stage in WAITING or (stage == "running" and pod.started_at is None)
        at = None if of_pod in ("probed", "terminating") else pod.next_at
        started = 0.0 if pod.started_at is None else pod.started_at
        state = [
            "waiting" if waits and stage == "running" else stage, at, pod.reason if waits else "", pod.message if waits else "",
            pod.ready, not waits, pod.started_at, started, pod.restarts, pod.attempts + (pod.restarts > 0),
        ]
        pod.containers = [[name, *state] for name in names_of(pod)]
        pod.stage = of_pod
        changed.append(pod)
        if len(changed) == CHUNK:
            Pod.objects.bulk_update(changed, ["containers", "stage"])
            changed.clear()
    Pod.objects.bulk_update(changed, ["containers", "stage"])


class Migration(migrations.Migration):
    dependencies = [("cluster", "0013_kept_objects")]
    operations = [
        migrations.AddField("pod", "containers", models.JSONField(null=True)),
        migrations.AlterField(
            "imagebehaviour",
            "failure",
            models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("image-not-found", "image not found"),
                    ("crash-loop", "crash loop"),
                    ("never-ready", "never ready"),
                    ("ready-then-fails", "ready, then fails"),
                    ("hangs", "stops answering"),
                ],
                default="",
                max_length=32,
                verbose_name="failure",
            ),
        ),
        migrations.RunPython(give_containers, migrations.RunPython.noop, elidable=True),
    ]
