"""A binding for each membership that is there."""

import uuid

from django.db import migrations
from django.utils import timezone

GROUP = "rbac.authorization.k8s.io"


def bind(apps, schema_editor):
    Membership = apps.get_model("cluster", "Membership")
    KeptObject = apps.get_model("cluster", "KeptObject")
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    for each in Membership.objects.filter(binding=None).select_related("user", "cluster"):
        kind = "RoleBinding" if each.namespace else "ClusterRoleBinding"
        role = each.role if each.namespace or each.role != "admin" else "cluster-admin"
        name, uid = f"{each.user.username}-{role}", str(uuid.uuid4())
        place = {"namespace": each.namespace} if each.namespace else {}
        manifest = {
            "apiVersion": f"{GROUP}/v1",
            "kind": kind,
            "metadata": {"name": name, **place, "uid": uid, "creationTimestamp": now},
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": GROUP, "kind": "User", "name": each.user.username}],
        }
        where = {
            "cluster": each.cluster,
            "resource": f"{kind.lower()}s.{GROUP}",
            "namespace": each.namespace,
        }
        while KeptObject.objects.filter(**where, name=manifest["metadata"]["name"]).exists():
            manifest["metadata"]["name"] = f"{name}-{uuid.uuid4().hex[:5]}"
        head = max(each.cluster.head, 1)
        each.binding = KeptObject.objects.create(
            **where, uid=uid, name=manifest["metadata"]["name"], manifest=manifest, resource_version=head
        )
        each.save(update_fields=["binding"])


class Migration(migrations.Migration):
    dependencies = [("cluster", "0016_bindings")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
