from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0032_self_study")]

    operations = [
        migrations.AddField(model_name="pod", name="client_conditions", field=models.JSONField(null=True)),
    ]
