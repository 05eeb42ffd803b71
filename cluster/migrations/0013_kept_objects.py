"""Objects of kinds that are only kept."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cluster', '0012_no_families'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptObject',
            fields=[
                ('uid', models.CharField(max_length=36, primary_key=True, serialize=False)),
                ('namespace', models.CharField(blank=True, default='', max_length=63, verbose_name='namespace')),
                ('resource', models.CharField(max_length=255, verbose_name='resource')),
                ('name', models.CharField(max_length=253, verbose_name='name')),
                ('manifest', models.JSONField()),
                ('resource_version', models.BigIntegerField(default=0)),
                ('cluster', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='kept_objects', to='cluster.cluster')),
            ],
            options={
                'verbose_name': 'kept object',
                'verbose_name_plural': 'kept objects',
                'ordering': ['cluster', 'resource', 'namespace', 'name'],
                'constraints': [models.UniqueConstraint(fields=('cluster', 'resource', 'namespace', 'name'), name='kept_object_name')],
            },
        ),
    ]
