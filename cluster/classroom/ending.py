"""Ends a class: counts what would be erased, and erases it."""

from django.db import transaction

from cluster.classroom import seats
from cluster.models import Change, Classroom, Progress, Seat
from cluster.writing import clusters


def what_goes(room: Classroom) -> dict[str, int]:
    """Counts of what `erase` would erase."""
    return {
        "seats": Seat.objects.filter(classroom=room).count(),
        "clusters": Seat.objects.filter(classroom=room, cluster__isnull=False).count() + (room.cluster is not None),
        "changes": Change.objects.filter(cluster__seat__classroom=room).count(),
        "results": Progress.objects.filter(seat__classroom=room).count(),
    }


def erase(room: Classroom) -> None:
    """Erases the seats with their accounts, keys and clusters, the class's cluster, the results, and the class. The teacher's
    account and own lessons stay."""
    Classroom.objects.filter(pk=room.pk).update(is_open=False)
    for seat in Seat.objects.filter(classroom=room).select_related("cluster", "user", "classroom"):
        seats.remove(seat)
    name = room.cluster.name if room.cluster else None
    with transaction.atomic():
        Classroom.objects.filter(pk=room.pk).delete()
        if name:
            clusters.delete(name)
