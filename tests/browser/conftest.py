"""A demo process and Debian's Chromium. Its pods take about a second each, so that a test is quick and still sees them move."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.outside.process import Demo, is_complete, wait_until

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
BEHAVIOURS = """
from cluster.models import ImageBehaviour as Behaviour
Behaviour.objects.create(order=1, pattern="nginx:1.91", failure="image-not-found", pull_seconds=0.3, stop_seconds=0.3)
Behaviour.objects.create(order=2, pattern="*", pull_seconds=0.3, start_seconds=0.3, ready_seconds=0.4, stop_seconds=0.3)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """With the book's Deployment complete."""
    demo = Demo(tmp_path)
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", BEHAVIOURS)
    try:
        demo.start()
        wait_until(lambda: is_complete(demo.deployment()), 60, "the book's Deployment")
        yield demo
    finally:
        demo.stop()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page's console and its scripts complain of: Content-Security-Policy violations are among it."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"page error: {error}"))
    page.on(
        "console",
        lambda message: found.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("response", lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    return found
