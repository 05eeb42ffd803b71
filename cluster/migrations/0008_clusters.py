"""Clusters beside what there was: everything gets one in 0009, and must have one from 0010 on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def cluster_key(related_name, **more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="cluster.cluster", **more
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("cluster", "0007_heartbeat"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cluster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=63, unique=True, verbose_name="name")),
                ("created", models.DateTimeField(verbose_name="created")),
                ("pace", models.FloatField(default=1.0, verbose_name="pace")),
                ("clock_wall", models.FloatField(default=0.0, editable=False)),
                ("clock_sim", models.FloatField(default=0.0, editable=False)),
                ("head", models.BigIntegerField(default=0, editable=False)),
                ("tail", models.BigIntegerField(default=0, editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="clusters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={"verbose_name": "cluster", "verbose_name_plural": "clusters", "ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "namespace",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Empty: the whole cluster.",
                        max_length=63,
                        verbose_name="namespace",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("view", "view"), ("edit", "edit"), ("admin", "admin")],
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                ("cluster", cluster_key("memberships", verbose_name="cluster")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["cluster", "namespace", "user"],
                "constraints": [
                    models.UniqueConstraint(fields=("cluster", "namespace", "user"), name="membership_user")
                ],
            },
        ),
        migrations.AddField("namespace", "cluster", cluster_key("namespaces", null=True, verbose_name="cluster")),
        migrations.AddField("node", "cluster", cluster_key("nodes", null=True, verbose_name="cluster")),
        migrations.AddField("imagebehaviour", "cluster", cluster_key("behaviours", null=True, verbose_name="cluster")),
        migrations.AlterField("namespace", "name", models.CharField(max_length=63, verbose_name="name")),
        migrations.AlterField("node", "name", models.CharField(max_length=63, verbose_name="name")),
        migrations.RemoveIndex("change", "change_namespace_id"),
        migrations.RemoveIndex("change", "change_family_id"),
        migrations.RemoveIndex("pinnedrollout", "pinned_deployment"),
        migrations.AlterField(
            "pinnedrollout",
            "namespace",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cluster.namespace"
            ),
        ),
        migrations.RenameModel("Change", "OldChange"),
        migrations.RenameModel("Blueprint", "OldBlueprint"),
        migrations.RenameModel("PinnedRollout", "OldPinnedRollout"),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cluster", cluster_key("changes", db_index=False)),
                ("rv", models.BigIntegerField(verbose_name="resource version")),
                ("namespace", models.CharField(max_length=63)),
                ("family_id", models.BigIntegerField(null=True)),
                ("kind", models.CharField(max_length=32)),
                ("uid", models.CharField(max_length=36)),
                ("name", models.CharField(max_length=253)),
                ("verb", models.CharField(max_length=8)),
                ("at", models.FloatField()),
                ("wall", models.FloatField()),
                ("actor", models.CharField(default="", max_length=150)),
                ("state", models.JSONField()),
                ("why", models.JSONField(null=True)),
                ("blueprint", models.CharField(default="", max_length=32)),
                ("before", models.JSONField(null=True)),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "ordering": ["cluster", "rv"],
                "indexes": [models.Index(fields=["family_id", "rv"], name="change_family_rv")],
                "constraints": [models.UniqueConstraint(fields=("cluster", "rv"), name="change_rv")],
            },
        ),
        migrations.CreateModel(
            name="Blueprint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "cluster_id", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("cluster", cluster_key("+", db_index=False)),
                ("digest", models.CharField(max_length=32)),
                ("value", models.TextField()),
                ("newest", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["cluster", "newest"], name="blueprint_newest")]},
        ),
        migrations.CreateModel(
            name="PinnedRollout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rv", models.BigIntegerField(verbose_name="resource version")),
                ("deployment", models.CharField(max_length=253, verbose_name="deployment")),
                ("pinned_by", models.CharField(max_length=150, verbose_name="pinned by")),
                ("created", models.DateTimeField(verbose_name="created")),
                ("summary", models.JSONField()),
                ("film", models.JSONField()),
                (
                    "namespace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pinned_rollouts",
                        to="cluster.namespace",
                    ),
                ),
            ],
            options={
                "verbose_name": "pinned rollout",
                "verbose_name_plural": "pinned rollouts",
                "ordering": ["-rv"],
                "indexes": [models.Index(fields=["namespace", "deployment"], name="pinned_deployment")],
                "constraints": [models.UniqueConstraint(fields=("namespace", "rv"), name="pinned_rv")],
            },
        ),
    ]
