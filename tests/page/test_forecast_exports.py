"""A forecast to take away speaks its reader's language: the picture, and the page with all its words inside."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from cluster import models
from cluster.page import forecasting, sharing, views
from cluster.writing import actions, limits
from tests.spaces import DEFAULT, demo

BASE = "/clusters/demo/namespaces/default/deployments/nginx-deployment/"
EDIT = {"action": "set-image", "body": {"images": {"nginx": "nginx:1.9.1"}}}


@pytest.fixture(autouse=True)
def book(cluster: None, work: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Three pods, at once ready."""
    settings.ANONYMOUS = "view"
    monkeypatch.setattr(views, "forecast_buckets", limits.Buckets())
    monkeypatch.setattr(forecasting, "shared", sharing.Shared())
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()


def exported(client: Client, kind: str, language: str) -> str:
    query = urlencode({"forecast": json.dumps(EDIT)})
    answer = client.get(f"{BASE}forecast.{kind}?{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_picture_speaks_the_reader_s_language(client: Client) -> None:
    english, chinese = (exported(client, "svg", language) for language in ("en", "zh-hans"))
    assert ">ceiling 4<" in english and "at least 3 available" in english
    assert ">上限 4<" in chinese and "至少 3 个可用" in chinese
    assert not re.search(r">(ceiling|floor|available) ", chinese)


def test_the_page_has_its_words_and_its_numbers_inside(client: Client) -> None:
    english, chinese = (exported(client, "html", language) for language in ("en", "zh-hans"))
    assert '<html lang="en">' in english and "globals.gettext" not in english
    assert '<html lang="zh-hans">' in chinese and "globals.gettext" in chinese
    data = json.loads(re.findall(r'id="forecast-data">(.*?)</script>', english)[0])
    assert data["action"] == "set-image"
    assert data["forecast"]["verdict"]["answer"] == "complete"
    first = data["lines"][0]
    assert (first["rule"], first["inputs"]["after"], first["why"]["rule"]) == ("created", 1, "surge-room")


def test_the_api_speaks_english(client: Client) -> None:
    answer = client.post(
        f"{BASE}forecast/", json.dumps({}), content_type="application/json", headers={"Accept-Language": "zh-hans"}
    )
    assert answer.json()["message"] == "action: Required value"
