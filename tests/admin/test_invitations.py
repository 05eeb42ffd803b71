"""Invitations in the admin: read, revoked and deleted, and neither made nor changed."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from cluster.models import Invitation
from cluster.writing import invitations
from cluster.writing.invitations import Offer
from tests.spaces import DEFAULT, grant

LIST = "admin:cluster_invitation_changelist"
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture
def row() -> Invitation:
    ann = grant(User.objects.create_user("ann"), ":admin")
    invitations.make(Offer(space=DEFAULT, role="edit", days=7, seats=3), ann)
    return Invitation.objects.get()


def test_it_is_listed_and_read(admin_client: Client, row: Invitation) -> None:
    page = admin_client.get(reverse(LIST)).content.decode()
    assert "ann" in page
    assert row.digest not in page
    one = admin_client.get(reverse("admin:cluster_invitation_change", args=(row.pk,)))
    assert (one.status_code, row.digest in one.content.decode()) == (200, False)
    assert admin_client.get(reverse("admin:cluster_invitation_add")).status_code == 403


def test_it_is_revoked(admin_client: Client, row: Invitation) -> None:
    admin_client.post(reverse(LIST), {"action": "revoke", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.revoked is not None


def test_it_is_deleted(admin_client: Client, row: Invitation) -> None:
    admin_client.post(reverse("admin:cluster_invitation_delete", args=(row.pk,)), {"post": "yes"})
    assert not Invitation.objects.exists()
