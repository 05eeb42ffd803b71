"""Families go: a cluster is due as a whole, and a change names the Deployment that it belongs to."""

from django.db import migrations, models


def name_roots(apps, schema_editor):
    """Each family held one Deployment at the most; what had none keeps its own uid."""
    changes = apps.get_model("cluster", "Change").objects
    deployments = apps.get_model("cluster", "Deployment").objects
    known = dict(changes.filter(kind="Deployment").exclude(family_id=None).values_list("family_id", "uid"))
    known |= dict(deployments.values_list("family_id", "uid"))
    for family, uid in known.items():
        changes.filter(family_id=family).update(root=uid)
    changes.filter(root="").update(root=models.F("uid"))


class Migration(migrations.Migration):
    dependencies = [("cluster", "0010_only_in_clusters")]

    operations = [
        migrations.AddField("change", "root", models.CharField(default="", max_length=36)),
        migrations.RunPython(name_roots, migrations.RunPython.noop),
    ]
