"""A temporary embedded Rollstage for measuring: SQLite in its own folder, the real worker, actions and journal.

Import this before anything of Django: it chooses the data folder.
"""

import asyncio
import contextlib
import os
import resource
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

FOLDER = tempfile.TemporaryDirectory(prefix="rollstage-bench-")
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {"ROLLSTAGE_DATA": FOLDER.name, "DJANGO_SETTINGS_MODULE": "rollout_site.settings"}
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)

import django  # noqa: E402 the settings read the environment

django.setup()

from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import get_default_application  # noqa: E402
from channels.worker import Worker  # noqa: E402
from django.core.management import call_command  # noqa: E402

from cluster import models  # noqa: E402
from cluster.records import doorbell, journal  # noqa: E402
from cluster.writing import actions, clusters  # noqa: E402
from tests.spaces import DEFAULT, demo  # noqa: E402

NAME = "web"
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - {{name: nginx, image: "nginx:1.7.9"}}
"""


def prepare(*, pods: int) -> None:
    """Empty tables, nodes with room for `pods` each, a quota of twice as many, and containers that are ready at once."""
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    clusters.ensure(DEFAULT.cluster)
    instant()
    models.Namespace.objects.update(pod_quota=max(2 * pods, 4))  # an update surges
    models.Node.objects.update(slots=pods + 10)


def instant() -> None:
    """Makes containers ready at once."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def create(replicas: int, name: str = NAME) -> None:
    actions.create(DEFAULT, MANIFEST.format(name=name, replicas=replicas), actor="bench")


def is_complete(deployment: dict[str, Any]) -> bool:
    """Whether the rollout of a Deployment's compact state is complete."""
    status = deployment["status"]
    counts = [status[key] for key in ("replicas", "updated_replicas", "available_replicas")]
    return status["observed_generation"] >= deployment["generation"] and counts == [deployment["replicas"]] * 3


@contextlib.asynccontextmanager
async def worker() -> AsyncIterator[None]:
    """The channels worker on this loop, as in `manage.py demo`."""
    task = asyncio.create_task(
        Worker(get_default_application(), [doorbell.WORKER_CHANNEL], get_channel_layer()).handle()
    )
    await asyncio.sleep(0)
    doorbell.ring({}, wake_worker=True)
    try:
        yield
    finally:
        task.cancel()
        others = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def follow(since: int) -> AsyncIterator[dict[str, Any]]:
    """Every change after `since`, read from the journal whenever the doorbell rings, as a viewer's feed does."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("cluster.demo", channel)
    while True:
        items = await asyncio.to_thread(journal.changes_since, *DEFAULT, since, 5000)
        for item in items:
            since = item["rv"]
            yield item
        if not items:
            await layer.receive(channel)


async def completed(since: int, name: str = NAME) -> int:
    """Waits for the Deployment's complete state after `since`; returns how many changes a viewer received until then."""
    seen = 0
    async for item in follow(since):
        seen += 1
        if item["kind"] == "Deployment" and item["state"]["name"] == name and is_complete(item["state"]):
            return seen
    raise AssertionError("the journal ended")


def peak_mb() -> float:
    """The process's highest resident memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
