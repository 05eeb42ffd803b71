from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0027_playing")]

    operations = [
        migrations.AddField(
            model_name="node",
            name="reported",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="pod",
            name="reported",
            field=models.JSONField(null=True),
        ),
    ]
