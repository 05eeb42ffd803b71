import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0031_presence")]

    operations = [
        migrations.CreateModel(
            name="SelfStudy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("base", models.BigIntegerField(default=0)),
                ("start", models.BigIntegerField(default=0)),
                ("began", models.FloatField(default=0.0)),
                ("rv", models.BigIntegerField(default=0)),
                ("records", models.JSONField(default=list)),
                ("resets", models.PositiveIntegerField(default=0)),
                ("lesson", models.CharField(max_length=100)),
                ("text", models.TextField()),
                (
                    "cluster",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="study", to="cluster.cluster"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
