"""A team's people: invited in one command, each into a namespace of their own."""

from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cluster import models
from cluster.api.auth import tokens
from cluster.writing import namespaces
from cluster.writing.permissions import allowed_clusters, may
from tests.spaces import space

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


def invite(*arguments: str) -> str:
    out = StringIO()
    call_command("invite", *arguments, stdout=out)
    return out.getvalue()


def password_in(text: str) -> str:
    return text.partition("password ")[2].split()[0]


def test_an_invited_person_logs_in_and_has_a_cluster() -> None:
    text = invite("ann", "--example")
    client = Client()
    answer = client.post("/login/", {"username": "ann", "password": password_in(text)}, follow=True)
    assert answer.redirect_chain[-1][0] == "/clusters/ann/namespaces/default/"
    assert (answer.status_code, answer.context["can_edit"]) == (200, True)
    assert client.get("/clusters/demo/namespaces/default/").status_code == 404
    assert models.Deployment.objects.get().namespace.cluster.name == "ann"
    assert allowed_clusters(User.objects.get(username="ann")) == ["ann"]


def test_the_password_is_shown_once_and_kept_hashed() -> None:
    password = password_in(invite("ann"))
    assert password not in User.objects.get().password
    assert "as before" in invite("ann")
    assert User.objects.get().check_password(password)
    newer = password_in(invite("ann", "--new-password"))
    assert User.objects.get().check_password(newer)


def test_a_new_password_is_all_that_is_new() -> None:
    User.objects.create_superuser("admin", password="forgotten")
    password = password_in(invite("admin", "--new-password"))
    assert User.objects.get().check_password(password)
    assert {each.name for each in models.Namespace.objects.all()} == {*namespaces.KEPT_FOR_EVER}
    with pytest.raises(CommandError, match="no user 'nobody'"):
        invite("nobody", "--new-password")


def test_a_second_namespace_is_opened_to_edit_and_closed_to_look() -> None:
    invite("ann", "--namespace", "blue")
    ann = User.objects.get(username="ann")
    assert [may(ann, verb, space("blue")) for verb in ("view", "edit", "admin")] == [True, True, False]
    invite("ann", "--namespace", "blue", "--level", "view")
    assert [may(ann, verb, space("blue")) for verb in ("view", "edit", "admin")] == [True, False, False]


def test_a_role_may_end_with_a_day() -> None:
    today = timezone.now().date()
    invite("ann", "--cluster", "demo", "--role", "view", "--last-day", f"{today}")
    (row,) = models.Membership.objects.filter(user__username="ann")
    assert (row.role, row.ends) == ("view", datetime.combine(today + timedelta(days=1), time(), UTC))
    for bad in ("2020-01-01", "9999-12-31", "tomorrow"):
        with pytest.raises(CommandError, match=bad):
            invite("ben", "--cluster", "demo", "--last-day", bad)
    with pytest.raises(CommandError, match="shared cluster"):
        invite("ben", "--last-day", f"{today}")
    assert not User.objects.filter(username="ben").exists()


def test_a_name_that_no_namespace_can_have_leaves_nothing_behind() -> None:
    with pytest.raises(CommandError, match="'Blue_1' can't be the name of a cluster or a namespace"):
        invite("ann", "--namespace", "Blue_1")
    assert not User.objects.exists()


def test_whatever_a_person_is_called_their_cluster_gets_a_name() -> None:
    assert "cluster    ann-l, role admin, new" in invite("Ann.L@example.org")
    assert "cluster    ann-l-2, role admin, new" in invite("ann.l@example.com")
    assert "cluster    ann-l, role admin\n" in invite("Ann.L@example.org"), "the second time nothing is new"


def test_a_password_is_changed_by_its_owner() -> None:
    password = password_in(invite("ann"))
    client = Client()
    assert client.get("/password/").status_code == 302
    client.login(username="ann", password=password)
    assert client.get("/password/").status_code == 200
    new = {"old_password": password, "new_password1": "three old nodes", "new_password2": "three old nodes"}
    assert client.post("/password/", {**new, "new_password2": "two"}).status_code == 200
    assert client.post("/password/", new).status_code == 302
    assert User.objects.get().check_password("three old nodes")


def test_a_namespace_that_nobody_could_have_is_not_seeded() -> None:
    with pytest.raises(CommandError, match="metadata.name: Invalid value: 'Blue_1'"):
        call_command("seed", "Blue_1")
    assert not models.Namespace.objects.filter(name="Blue_1").exists()


def test_a_kubeconfig_for_a_public_server_names_no_authority(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    invite("ann")
    out = StringIO()
    address = "https://rollstage.example.org"
    call_command("kubeconfig", "ann", "--cluster", "ann", "--server", address, "--public-ca", stdout=out)
    config = yaml.safe_load(out.getvalue())
    assert config["clusters"][0]["cluster"] == {"server": f"{address}/clusters/ann"}
    user = tokens.user_of(f"Bearer {config['users'][0]['user']['token']}")
    assert user is not None
    assert user.username == "ann"
    assert not list(tmp_path.iterdir())
