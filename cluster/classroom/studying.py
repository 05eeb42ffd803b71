"""A lesson of the library without a class: begun on a cluster of one's own, begun anew there, and ended. All that is kept is a row
(models.SelfStudy), which is deleted when the cluster is deleted or reset."""

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
    """Makes a cluster in which a lesson of the library is set up. `owner` None: the cluster has no owner. Raises Refused."""
    text = lesson_files.shipped().get(name)
    if text is None:
        raise Refused(not_found("lessons", name))
    return clusters.under_free_name(cluster_name(name), lambda cluster: make(name, text, cluster, owner))


def cluster_name(lesson: str) -> str:
    """Without the number by which lessons are in order: 02-rolling-update is rolling-update."""
    return re.sub(r"^\d+-", "", lesson)


def make(name: str, text: str, cluster: str, owner: Any) -> SelfStudy:
    """Raises Refused."""
    with transaction.atomic():
        clusters.found(cluster, owner)
        with journal.exclusive(cluster) as held:
            row = SelfStudy(cluster=held, lesson=name, text=text)
            fill(row)
    return row


def start_over(cluster: str) -> None:
    """The cluster as new, the lesson from its first task. Raises Refused."""
    with opened(cluster) as row:
        clusters.reset(cluster)
        row.resets += 1
        fill(row)


def end(cluster: str) -> None:
    """Deletes the cluster, and the lesson's row with the cluster. Raises Refused."""
    with opened(cluster):
        clusters.delete(cluster)


@contextmanager
def opened(cluster: str) -> Iterator[SelfStudy]:
    """The row of the lesson that is taken on a cluster, the cluster locked. Raises Refused."""
    with journal.exclusive(cluster) as held:
        row = SelfStudy.objects.filter(cluster=held).first()
        if row is None:
            raise Refused(not_found("lessons", cluster))
        row.cluster = held
        yield row


def fill(row: SelfStudy) -> None:
    """Sets the lesson up in a cluster that is as new, under the cluster's lock, and inserts the row. Raises Refused."""
    name = row.cluster.name
    base = journal.tail(name)
    setting_up.set_up(setting_up.load(row.text), name)
    for field, value in setting_up.beginning(base, journal.head(name)).items():
        setattr(row, field, value)
    row.save(force_insert=True)
