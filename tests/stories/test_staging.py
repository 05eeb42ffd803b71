"""What a story does to a cluster."""

from collections.abc import Callable

import pytest

from cluster import models
from cluster.records import journal
from cluster.stories import staging
from cluster.writing import actions
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

Work = Callable[[], int]


@pytest.fixture
def web(cluster: None, work: Work) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.all().delete()
    actions.create(DEFAULT, manifest(), actor="me")
    work()


@pytest.mark.usefixtures("web")
def test_a_drain_is_one_write_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the pods can't be deleted")

    head = journal.head(DEFAULT.cluster)
    with monkeypatch.context() as patch:
        patch.setattr(staging, "terminate", fail)
        with pytest.raises(RuntimeError):
            staging.drain(DEFAULT, "node-1", actor="me")
    assert (journal.head(DEFAULT.cluster), models.Node.objects.filter(unschedulable=True).count()) == (head, 0)
    staging.drain(DEFAULT, "node-1", actor="me")
    assert list(models.Node.objects.filter(unschedulable=True).values_list("name", flat=True)) == ["node-1"]
    assert not models.Pod.objects.filter(node="node-1", deleted_at=None).exists()


@pytest.mark.usefixtures("web")
def test_what_looks_again_at_images_reads_running_pods_only(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    models.Node.objects.update(unschedulable=True)
    actions.scale(DEFAULT, "web", 10, actor="me")
    work()
    models.Pod.objects.filter(node__gt="").update(phase="Running", stage="ready")
    looked, load = [], staging.load_part
    monkeypatch.setattr(staging, "load_part", lambda *given, **named: looked.append(load(*given, **named)) or looked[0])
    staging.look_again(DEFAULT, actor="me")
    assert [len(each.state.pods) for each in looked] == [3]
    assert models.Pod.objects.filter(stage="probed").count() == 3
