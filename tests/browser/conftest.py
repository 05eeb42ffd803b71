"""One demo process and Debian's Chromium. Its pods take about a second each, so that a test is quick and still sees
them move. Every test has a namespace of its own, and fails if the page complains."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Complaints, Stage, create_namespace
from tests.outside.process import WITH_BOOK, Demo, behaviour

expect.set_options(timeout=20_000)  # of a busy machine: what is there at once costs nothing
# The shell is Chromium without windows: a visit of a page takes 0.4 of the processor's time.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(os.path.exists, BROWSERS), BROWSERS[0]))
ARGUMENTS = ["--no-sandbox", "--font-render-hinting=none"]  # texts are as wide as in a window
# Whoever comes for the first time is shown around; a test that wants that says so.
TOURED = "try { localStorage.getItem('first visit') ?? localStorage.setItem('toured', 'yes') } catch {}"
PREPARED = (
    WITH_BOOK
    + behaviour(1, "nginx:1.91", failure="image-not-found", pull_seconds=0.3, stop_seconds=0.3)
    + behaviour(2, "*", pull_seconds=0.3, start_seconds=0.3, ready_seconds=0.4, stop_seconds=0.3)
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", PREPARED)
    try:
        yield demo.start()
    finally:
        demo.stop()


@pytest.fixture(scope="session")
def names() -> Iterator[str]:
    return (f"stage-{number}" for number in count(1))


@pytest.fixture
def empty(page: Page, demo: Demo, names: Iterator[str]) -> Stage:
    """A namespace without anything in it."""
    stage = Stage(demo=demo, namespace=next(names), page=page)
    create_namespace(demo, stage.namespace)
    stage.act("pace/", {"pace": 1})
    return stage


@pytest.fixture
def stage(empty: Stage) -> Stage:
    """With the book's Deployment complete."""
    empty.act("pace/", {"pace": 20})
    empty.act("deployments/example/", {})
    empty.wait()
    empty.act("pace/", {"pace": 1})
    return empty


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[Complaints]:
    page.add_init_script(TOURED)
    found = Complaints()
    found.listen(page)
    yield found
    assert found.left() == []
