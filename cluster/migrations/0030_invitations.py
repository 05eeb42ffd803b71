import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cluster", "0029_membership_ends"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("namespace", models.CharField(blank=True, default="", max_length=63, verbose_name="namespace")),
                (
                    "role",
                    models.CharField(
                        choices=[("view", "view"), ("edit", "edit"), ("admin", "admin")],
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                (
                    "seats",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="people at most",
                    ),
                ),
                ("used", models.PositiveSmallIntegerField(default=0, verbose_name="people joined")),
                ("ends", models.DateTimeField(blank=True, null=True, verbose_name="memberships end")),
                ("created", models.DateTimeField(verbose_name="created")),
                ("expires", models.DateTimeField(db_index=True, verbose_name="good until")),
                ("revoked", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                (
                    "cluster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="cluster.cluster",
                        verbose_name="cluster",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={"verbose_name": "invitation", "verbose_name_plural": "invitations", "ordering": ["-created"]},
        ),
    ]
