import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0026_attempts")]

    operations = [
        migrations.CreateModel(
            name="Playing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("story", models.CharField(max_length=100)),
                ("namespace", models.CharField(max_length=63)),
                ("state", models.CharField(default="playing", max_length=8)),
                ("next", models.PositiveIntegerField(default=0)),
                ("began", models.FloatField(null=True)),
                ("draining", models.JSONField(default=dict)),
                ("since", models.FloatField(default=0.0)),
                ("problem", models.TextField(default="")),
                ("shown", models.JSONField(default=dict)),
                (
                    "cluster",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="playing", to="cluster.cluster"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
