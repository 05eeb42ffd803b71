"""The demo's kubeconfig and its ports: what is kept from start to start, and what gives way to another demo."""

import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from cluster import models
from cluster.api.auth import certificates
from cluster.management.commands.demo import ensure_kubeconfig
from cluster.writing import clusters
from rollout_site.demo_environment import HOST, free_port
from tests.spaces import DEFAULT


def test_a_busy_port_gives_way_to_the_next_free_one() -> None:
    with socket.socket() as first:
        first.bind((HOST, 0))
        first.listen()
        busy = first.getsockname()[1]
        assert free_port(busy) > busy


@pytest.mark.django_db
def test_the_kubeconfig_keeps_its_token_and_follows_the_port(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    User.objects.create_superuser("admin")
    ca, _, _ = certificates.ensure(tmp_path / "tls")

    def written(port: int) -> Any:
        return yaml.safe_load(ensure_kubeconfig(f"https://127.0.0.1:{port}", ca).read_text())

    first, second = written(8443), written(8444)
    assert second["users"] == first["users"]
    assert [each["clusters"][0]["cluster"]["server"][-4:] for each in (first, second)] == ["8443", "8444"]
    models.Token.objects.all().delete()
    assert written(8443)["users"] != first["users"]


@pytest.mark.django_db
def test_a_colleagues_kubeconfig_leads_to_the_demo_that_runs(tmp_path: Path, settings: Any, capsys: Any) -> None:
    settings.DATA_DIR = tmp_path
    clusters.ensure(DEFAULT.cluster)
    User.objects.create_superuser("admin")
    User.objects.create_user("ann")
    with pytest.raises(CommandError, match="give --server"):
        call_command("kubeconfig", "ann")
    call_command("kubeconfig", "ann", "--server", "https://rollstage.example.org")
    assert "certificate-authority-data" not in capsys.readouterr().out
    assert not (tmp_path / "tls").exists(), "no authority is made that nobody serves"
    ensure_kubeconfig("https://127.0.0.1:8450", certificates.ensure(tmp_path / "tls")[0])
    call_command("kubeconfig", "ann")
    assert server_of(capsys.readouterr().out) == "https://127.0.0.1:8450"
    call_command("kubeconfig", "ann", "--server", "https://rollstage.example.org")
    written = capsys.readouterr()
    assert server_of(written.out) == "https://rollstage.example.org"
    assert "certificate-authority-data" in written.out
    assert written.err == "ann has 2 other tokens; --only revokes them.\n"
    call_command("kubeconfig", "ann", "--only")
    assert (capsys.readouterr().err, models.Token.objects.filter(user__username="ann").count()) == ("", 1)


def server_of(text: str) -> Any:
    return yaml.safe_load(text)["clusters"][0]["cluster"]["server"]
