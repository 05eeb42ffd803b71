"""channels' runworker, whose workers begin at once, with what became due while no worker ran."""

import logging
from typing import Any

from channels.management.commands.runworker import Command as ChannelsCommand
from channels.management.commands.runworker import logger

from cluster.live import worker_process
from cluster.live.starting import StartingWorker


class Command(ChannelsCommand):
    worker_class = StartingWorker

    def handle(self, *args: Any, **options: Any) -> None:
        if worker_process.is_beside_a_server():
            logger.setLevel(logging.WARNING)
        super().handle(*args, **options)
