"""No membership without its binding."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0017_bindings_of_members")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="binding",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="cluster.keptobject",
            ),
        ),
    ]
