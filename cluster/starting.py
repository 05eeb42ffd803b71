"""A channels worker that starts its consumers itself. A message would start those of one worker only: whichever reads it first."""

from channels.worker import Worker


class StartingWorker(Worker):
    async def handle(self) -> None:
        for channel in self.channels:
            inbox = self.get_or_create_application_instance(channel, {"type": "channel", "channel": channel})
            await inbox.put({"type": "wake"})
        await super().handle()
