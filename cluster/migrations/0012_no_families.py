from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0011_one_memory")]

    operations = [
        migrations.AddField(
            "cluster", "due", models.FloatField(db_index=True, default=0.0, editable=False, null=True)
        ),
        migrations.AddField("cluster", "next_at", models.FloatField(editable=False, null=True)),
        migrations.RemoveIndex("change", "change_family_rv"),
        migrations.RemoveField("change", "family_id"),
        migrations.AddIndex("change", models.Index(fields=["root", "rv"], name="change_root_rv")),
        migrations.RemoveField("deployment", "family"),
        migrations.RemoveField("replicaset", "family"),
        migrations.RemoveField("pod", "family"),
        migrations.RemoveField("event", "family"),
        migrations.DeleteModel("Family"),
    ]
