"""Demos that are gone when their test is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.outside.process import Demo

MakeDemo = Callable[..., Demo]


@pytest.fixture
def make_demo(tmp_path: Path) -> Iterator[MakeDemo]:
    made: list[Demo] = []

    def make(folder: str = "data") -> Demo:
        made.append(Demo(tmp_path / folder))
        return made[-1]

    yield make
    for demo in made:
        if demo.process and demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


@pytest.fixture
def demo(make_demo: MakeDemo) -> Demo:
    return make_demo().start()
