from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0025_terminating_namespaces")]

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.FloatField(db_index=True)),
            ],
        ),
    ]
