import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0028_reported_statuses")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="ends",
            field=models.DateTimeField(
                blank=True, db_index=True, help_text="Empty: it does not end.", null=True, verbose_name="ends"
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="binding",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="cluster.keptobject",
            ),
        ),
    ]
