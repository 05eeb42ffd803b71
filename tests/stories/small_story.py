"""A story that is over in a moment, as the only one of the library."""

from collections.abc import Mapping

import pytest

from cluster.core.rehearsals.stories.story import Story
from cluster.stories import plays, story_files

NAME = "small"
TEXT = """
name: Two become three
purpose: A third pod comes.
manifest:
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec:
    replicas: 2
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec: {containers: [{name: web, image: "web:1"}]}
behaviours:
  - {image: "*"}
nodes:
  - {name: node-1, allocatable: {cpu: "4", memory: 8Gi}, labels: {disk: ssd}}
  - {name: node-2, taints: [{key: dedicated, value: db, effect: NoSchedule}]}
objects:
  - {apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: "9"}}}
steps:
  - apply: manifest
  - wait: complete
  - say: Two pods run.
  - scale: 3
  - wait: complete
  - wait: 10s
  - say: Three pods run.
translations:
  zh-hans:
    name: 两个变三个
    purpose: 第三个 Pod 来了。
    say: [两个 Pod 在运行。, 三个 Pod 在运行。]
"""


def read(text: str = TEXT, name: str = NAME) -> Story:
    (story,) = story_files.load_stories(text, name=name)
    return story


def with_steps(steps: str, *, objects: str = "") -> str:
    """The same story with other steps (and objects, both as YAML), in English alone."""
    before = TEXT.partition("steps:")[0]
    if objects:
        before = f"{before.partition('objects:')[0]}objects: {objects}\n"
    return f"{before}steps: {steps}\n"


def put_into_library(monkeypatch: pytest.MonkeyPatch, texts: Mapping[str, str] | None = None) -> None:
    known = {name: read(text, name) for name, text in (texts or {NAME: TEXT}).items()}
    monkeypatch.setattr(story_files, "library", lambda: known)
    quicken(monkeypatch)


def quicken(monkeypatch: pytest.MonkeyPatch, step_seconds: float = 0.0, reading_seconds: float = 0.0) -> None:
    """Nobody has to see the steps, or to read."""
    monkeypatch.setattr(plays, "STEP_SECONDS", step_seconds)
    monkeypatch.setattr(plays, "READING_SECONDS", reading_seconds)
