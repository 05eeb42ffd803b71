from django.db import migrations, models
from django.db.models import F

LIMITING = ("resourcequotas", "limitranges")


def mark(apps, schema_editor):
    kept = apps.get_model("cluster", "KeptObject").objects.filter(resource__in=LIMITING)
    for cluster, namespace in kept.values_list("cluster_id", "namespace").distinct():
        apps.get_model("cluster", "Namespace").objects.filter(cluster_id=cluster, name=namespace).update(limited=True)
    apps.get_model("cluster", "Cluster").objects.filter(head__gt=F("tail")).update(due=0.0)


class Migration(migrations.Migration):
    dependencies = [("cluster", "0013_kept_objects")]

    operations = [
        migrations.AddField(
            model_name="namespace", name="limited", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
