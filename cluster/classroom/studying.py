"""A lesson of the library without a class: begun on a cluster of the user's own, restarted there, and ended. Only one row is
stored (models.SelfStudy), which is deleted when the cluster is deleted or reset."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from cluster.classroom import lesson_files, setting_up
from cluster.models import SelfStudy
from cluster.records import journal
from cluster.statuses import Refused, not_found
from cluster.writing import clusters


def begin(name: str, owner: Any) -> SelfStudy:
    """Creates a cluster with a lesson of the library. `owner` None: the cluster has no owner. Raises Refused."""
    text = lesson_files.shipped().get(name)
    if text is None:
        raise Refused(not_found("lessons", name))
    return clusters.under_free_name(cluster_name(name), lambda cluster: make(name, text, cluster, owner))


def cluster_name(lesson: str) -> str:
    """The lesson's name without its number: 02-rolling-update is rolling-update."""
    return re.sub(r"^\d+-", "", lesson)


def make(name: str, text: str, cluster: str, owner: Any) -> SelfStudy:
    """Creates the cluster and the lesson's row. Raises Refused."""
    with transaction.atomic():
        clusters.found(cluster, owner)
        with journal.exclusive(cluster) as held:
            row = SelfStudy(cluster=held, lesson=name, text=text)
            fill(row)
    return row


def start_over(cluster: str) -> None:
    """Resets the cluster, and restarts the lesson from its first task. Raises Refused."""
    with opened(cluster) as row:
        clusters.reset(cluster)
        row.resets += 1
        fill(row)


def end(cluster: str) -> None:
    """Deletes the cluster, and with it the lesson's row. Raises Refused."""
    with opened(cluster):
        clusters.delete(cluster)


@contextmanager
def opened(cluster: str) -> Iterator[SelfStudy]:
    """The row of a cluster's lesson, with the cluster locked. Raises Refused."""
    with journal.exclusive(cluster) as held:
        row = SelfStudy.objects.filter(cluster=held).first()
        if row is None:
            raise Refused(not_found("lessons", cluster))
        row.cluster = held
        yield row


def fill(row: SelfStudy) -> None:
    """Sets the lesson up in a new or reset cluster, under the cluster's lock, and inserts the row. Raises Refused."""
    name = row.cluster.name
    base = journal.tail(name)
    setting_up.set_up(setting_up.load(row.text), name)
    for field, value in setting_up.beginning(base, journal.head(name)).items():
        setattr(row, field, value)
    row.save(force_insert=True)
