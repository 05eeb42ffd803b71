"""A team server behind https: Django's own checks find nothing to say, and answers carry what a browser needs to be strict."""

import os
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from tests.outside.process import ROOT, manage

TEAM = {
    "SECRET_KEY": "a-secret-of-more-than-fifty-characters-that-nobody-guesses-0123456789",
    "ALLOWED_HOSTS": "rollstage.example.org",
    "HTTPS": "1",
}


def test_the_deployment_check_is_silent(tmp_path: Path) -> None:
    variables = {**os.environ, **TEAM, "ROLLSTAGE_DATA": str(tmp_path)}
    command = manage("check", "--deploy", "--fail-level", "WARNING")
    found = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert not list(tmp_path.iterdir()), "with a key of its own nothing is written"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        pytest.param("ROLLSTAGE_ANONYMOUS", "none, view, edit, admin", id="visitors"),
        pytest.param("ROLLSTAGE_REGISTRATION", "none, invitation, open", id="registration"),
    ],
)
def test_a_setting_that_means_nothing_gets_one_line(tmp_path: Path, name: str, allowed: str) -> None:
    variables = {**os.environ, **TEAM, "ROLLSTAGE_DATA": str(tmp_path), name: "all"}
    found = subprocess.run(manage("check"), cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)
    assert found.returncode != 0
    assert found.stderr.splitlines() == [f"{name} is 'all'; it must be one of {allowed}."]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/admin/login/", "/livez", "/nowhere/", "/static/css/base.css"])
def test_every_answer_is_strict(path: str) -> None:
    headers = Client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost", 200, id="its own name"),
        pytest.param("evil.example.org", 400, id="another name (DNS rebinding)"),
    ],
)
def test_it_answers_to_its_own_names_only(host: str, status: int) -> None:
    assert Client().get("/login/", headers={"host": host}).status_code == status


@pytest.mark.django_db
def test_behind_https_cookies_are_secure_and_plain_http_is_sent_there(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # type: ignore[attr-defined]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # type: ignore[attr-defined]
    client = Client()
    moved = client.get("/login/")
    assert (moved.status_code, moved["Location"]) == (301, "https://testserver/login/")
    assert client.get("/livez").status_code == 200
    answer = client.get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert answer.cookies["csrftoken"]["secure"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/logout/", "/admin/login/"])
def test_a_post_without_a_token_is_refused(path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {}).status_code == 403
