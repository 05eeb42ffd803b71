"""The page's forecast and `manage.py rehearse` say the same of the same input."""

import io
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour
from cluster.page import forecasting
from cluster.page.forecasting import Question
from cluster.stories import staging
from cluster.writing import actions, pacing
from tests.spaces import DEFAULT

BOOK = "nginx-deployment"
MANIFEST: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "stories" / "nginx-deployment.yaml").read_text())
LIMITS: list[tuple[int | str, int | str]] = [(1, 0), ("25%", "25%"), ("50%", 0), (0, 1), (3, "50%")]
SIZES = [3, 10]
TIMES = [
    {"pull_seconds": 2.0, "start_seconds": 0.5, "ready_seconds": 30.0, "stop_seconds": 1.0},
    {"pull_seconds": 0.0, "start_seconds": 1.0, "ready_seconds": 4.0, "stop_seconds": 12.0},
]
CASES = list(product(SIZES, LIMITS, TIMES))
COMPARED = ("outcome", "duration_seconds", "peak_pods", "peak_pods_with_terminating", "min_available", "floor_held")


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(("replicas", "limits", "times"), CASES, ids=str)
def test_page_and_command_give_the_same_numbers(
    replicas: int,
    limits: tuple[int | str, int | str],
    times: dict[str, float],
    work: Callable[[], int],
    tmp_path: Path,
) -> None:
    surge, unavailable = limits
    manifest = {**MANIFEST, "spec": {**MANIFEST["spec"], "replicas": replicas}}
    manifest["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    text = yaml.safe_dump(manifest)
    pacing.set_pace(DEFAULT.cluster, 0, actor="me")
    staging.behave(DEFAULT, (ImageBehaviour(pattern="*"),), actor="me")
    actions.create(DEFAULT, text, actor="me")
    work()
    staging.behave(DEFAULT, behaviour.DEFAULTS, actor="me")
    asked = Question(action="set-image", body={"images": {"nginx": "nginx:1.9.1"}}, overrides={"*": times})
    (answer,) = forecasting.foresee(DEFAULT, BOOK, asked)
    file = tmp_path / "manifest.yaml"
    file.write_text(text)
    options = {f"{key.removesuffix('_seconds')}_after": [f"{seconds}s"] for key, seconds in times.items()}
    out = io.StringIO()
    call_command("rehearse", str(file), image=["nginx=nginx:1.9.1"], json=True, stdout=out, **options)
    told, found = json.loads(out.getvalue())["summary"], answer.as_json()
    assert {key: found[key] for key in COMPARED} == pytest.approx({key: told[key] for key in COMPARED})


def test_there_are_twenty() -> None:
    assert len(CASES) == 20
