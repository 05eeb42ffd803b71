"""channels' runworker, whose workers begin at once: what was due while nobody worked is done first."""

from channels.management.commands.runworker import Command as ChannelsCommand

from cluster.live.starting import StartingWorker


class Command(ChannelsCommand):
    worker_class = StartingWorker
