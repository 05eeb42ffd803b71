"""channels' runworker, which also wakes the reconciler once: what was due while nobody worked is done first."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.management.commands.runworker import Command as ChannelsCommand

from cluster import journal


class Command(ChannelsCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        async_to_sync(journal.ring_async)({}, wake_worker=True)
        super().handle(*args, **options)
