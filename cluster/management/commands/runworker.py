"""channels' runworker, whose workers begin at once, with what became due while no worker ran."""

from channels.management.commands.runworker import Command as ChannelsCommand

from cluster.live.starting import StartingWorker


class Command(ChannelsCommand):
    worker_class = StartingWorker
