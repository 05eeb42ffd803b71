"""Changes that begin a rollout, or give a ReplicaSet another revision, are marked; those of the retained journal too."""

from django.db import migrations, models


def mark(apps, schema_editor):
    changes = apps.get_model("cluster", "Change").objects
    begin = models.Q(verb="ADDED") | models.Q(why__rule="template-changed")
    changes.filter(begin, kind="Deployment").update(mark="rollout")
    carried = {}
    first = []
    revisions = changes.filter(kind="ReplicaSet").exclude(verb="DELETED").order_by("pk")
    for key, uid, revision in revisions.values_list("pk", "uid", "state__revision").iterator():
        if revision and carried.get(uid) != revision:
            carried[uid] = revision
            first.append(key)
    for start in range(0, len(first), 500):
        changes.filter(pk__in=first[start : start + 500]).update(mark="revision")


class Migration(migrations.Migration):
    dependencies = [("cluster", "0023_scheduling")]

    operations = [
        migrations.AddField("change", "mark", models.CharField(max_length=8, null=True)),
        migrations.RunPython(mark, migrations.RunPython.noop),
        migrations.AddIndex(
            "change",
            models.Index(condition=models.Q(mark__isnull=False), fields=["root", "mark", "rv"], name="change_marked"),
        ),
    ]
