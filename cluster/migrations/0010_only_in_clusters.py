"""Everything is in a cluster; what was kept beside clusters goes."""

import django.db.models.deletion
from django.db import migrations, models


def cluster_key(related_name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="cluster.cluster",
        verbose_name="cluster",
    )


class Migration(migrations.Migration):
    dependencies = [("cluster", "0009_into_clusters")]

    operations = [
        migrations.DeleteModel("OldChange"),
        migrations.DeleteModel("OldBlueprint"),
        migrations.DeleteModel("OldPinnedRollout"),
        migrations.RemoveField("namespace", "pace"),
        migrations.RemoveField("namespace", "clock_wall"),
        migrations.RemoveField("namespace", "clock_sim"),
        migrations.DeleteModel("Journal"),
        migrations.RemoveIndex("imagebehaviour", "behaviour_namespace_order"),
        migrations.AlterField("namespace", "cluster", cluster_key("namespaces")),
        migrations.AlterField("node", "cluster", cluster_key("nodes")),
        migrations.AlterField("imagebehaviour", "cluster", cluster_key("behaviours")),
        migrations.AlterField(
            "imagebehaviour",
            "namespace",
            models.ForeignKey(
                blank=True,
                help_text="Empty: every namespace of the cluster.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="behaviours",
                to="cluster.namespace",
                verbose_name="namespace",
            ),
        ),
        migrations.AlterModelOptions(
            "namespace",
            {"ordering": ["cluster", "name"], "verbose_name": "namespace", "verbose_name_plural": "namespaces"},
        ),
        migrations.AlterModelOptions(
            "node", {"ordering": ["cluster", "name"], "verbose_name": "node", "verbose_name_plural": "nodes"}
        ),
        migrations.AddIndex(
            "imagebehaviour", models.Index(fields=["cluster", "order"], name="behaviour_cluster_order")
        ),
        migrations.AddConstraint(
            "namespace", models.UniqueConstraint(fields=("cluster", "name"), name="namespace_name")
        ),
        migrations.AddConstraint("node", models.UniqueConstraint(fields=("cluster", "name"), name="node_name")),
    ]
