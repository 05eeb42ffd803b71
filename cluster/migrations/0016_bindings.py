"""Each membership is shown by a RoleBinding or a ClusterRoleBinding: room for which."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cluster", "0015_step_by_decision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
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
        migrations.RemoveConstraint(model_name="membership", name="membership_user"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("binding", "user"), name="membership_of_binding"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["cluster", "namespace", "user"], name="membership_place"),
        ),
    ]
