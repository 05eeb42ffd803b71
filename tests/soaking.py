"""Writers that never rest and watchers that keep every byte: what the soak test and bench/soak.py share."""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

APPS = "/apis/apps/v1/namespaces/default"
CORE = "/api/v1/namespaces/default"
MERGE = "application/merge-patch+json"
NAMES = tuple(f"soak-{number}" for number in range(8))
EXPECTED_CODES = (200, 201, 404, 409, 422)
# (collection, query): every watcher takes one of them.
WATCHED = (
    (f"{APPS}/deployments", ""),
    (f"{APPS}/deployments", "labelSelector=colour%3Dred"),
    (f"{APPS}/replicasets", ""),
    (f"{CORE}/pods", ""),
    (f"{CORE}/pods", "fieldSelector=status.phase%3DPending"),
    (f"{CORE}/pods", "labelSelector=app+in+(soak-1,soak-2)"),
    (f"{CORE}/events", ""),
    ("/apis/apps/v1/deployments", f"fieldSelector=metadata.name%3D{NAMES[0]}"),
)
Call = Callable[[str, str, Any, str], tuple[int, Any]]  # (method, path, body, content type) -> (code, answer)


def manifest(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx:1.7.9"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    about = {"name": name, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec}


@dataclass
class Writer:
    """Does one thing after the other; `done` keeps the (uid, resourceVersion)s of the objects that its writes were answered with."""

    call: Call
    seed: int
    done: list[tuple[str, int]] = field(default_factory=list)
    problems: list[Any] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        chance = random.Random(self.seed)
        while not stop.is_set():
            method, path, body, kind = self.next(chance)
            code, answer = self.call(method, path, body, kind)
            if code not in EXPECTED_CODES:
                self.problems.append((method, path, code, answer))
            elif code < 300 and method in ("POST", "PATCH") and answer.get("kind") == "Deployment":
                about = answer["metadata"]
                self.done.append((about["uid"], int(about["resourceVersion"])))

    def next(self, chance: random.Random) -> tuple[str, str, Any, str]:
        name = chance.choice(NAMES)
        path = f"{APPS}/deployments/{name}"
        dice = chance.random()
        if dice < 0.15:
            return "POST", f"{APPS}/deployments", manifest(name, chance.randint(0, 4)), "application/json"
        if dice < 0.2:
            return "DELETE", path, None, "application/json"
        if dice < 0.5:
            return "PATCH", path, {"metadata": {"labels": {"colour": chance.choice(("red", "blue", None))}}}, MERGE
        if dice < 0.75:
            return "PATCH", path, {"spec": {"replicas": chance.randint(0, 5)}}, MERGE
        image = f"nginx:1.{chance.randint(7, 9)}.1"
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}
        return "PATCH", path, patch, "application/strategic-merge-patch+json"


def objects(lines: bytes) -> list[tuple[str, int]]:
    """(uid, resourceVersion) of each event of a watch."""
    found = (json.loads(line)["object"]["metadata"] for line in lines.splitlines())
    return [(each["uid"], int(each["resourceVersion"])) for each in found]


def versions(lines: bytes) -> list[int]:
    return [rv for _, rv in objects(lines)]


def expected(path: str, query: str, since: int) -> bytes:
    """What a watch from `since` on must have been told by now, of the journal."""
    from urllib.parse import parse_qsl

    from cluster.api import options, targets
    from cluster.api.printers import negotiation
    from cluster.api.watch import changes, watch_events

    target = targets.parse(path)
    assert target
    chosen = options.read(dict(parse_qsl(query)), target, watch=True)
    view = watch_events.View(target, negotiation.Format(), chosen.include, chosen.selector)
    items, _ = changes.since(target, since, limit=1_000_000, selected=True)
    return watch_events.chunk(items, view, {}, columns=True)
