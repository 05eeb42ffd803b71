"""Demos that are gone when their test is."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.outside.process import WITH_BOOK, Demo, behaviour, is_complete, wait_until

MakeDemo = Callable[..., Demo]
QUICK = (
    "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
    + WITH_BOOK
    + behaviour(0, "nginx:1.91", failure="image-not-found")
    + behaviour(1, "*", pull_seconds=0.2, start_seconds=0.2, ready_seconds=0.2)
)


@pytest.fixture
def make_demo(tmp_path: Path) -> Iterator[MakeDemo]:
    made: list[Demo] = []

    def make(folder: str = "data") -> Demo:
        made.append(Demo(tmp_path / folder))
        return made[-1]

    yield make
    for demo in made:
        end(demo)


@pytest.fixture
def demo(make_demo: MakeDemo) -> Demo:
    return make_demo().start()


@pytest.fixture(scope="session")
def quick_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo whose pods need half a second, stopped when the book's Deployment was complete."""
    demo = Demo(tmp_path_factory.mktemp("quick"))
    demo.manage("shell", "-c", QUICK)
    try:
        demo.start()
        wait_until(lambda: is_complete(demo.deployment()), 60, "the book's Deployment")
        demo.stop()
    finally:
        end(demo)
    return demo.data


@pytest.fixture
def quick(make_demo: MakeDemo, quick_data: Path) -> Demo:
    """A demo on a copy of it."""
    demo = make_demo()
    shutil.copytree(quick_data, demo.data, symlinks=True)
    return demo.start()


def end(demo: Demo) -> None:
    if demo.process and demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()
