"""A temporary embedded Rollstage for measuring: SQLite in its own folder, the real worker, actions and journal.

Import this before anything of Django: it chooses the data folder.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

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
from cluster.records import doorbell  # noqa: E402
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


@contextlib.asynccontextmanager
async def worker() -> AsyncIterator[None]:
    """A channels worker on this loop."""
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
