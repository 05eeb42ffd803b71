"""Clusters begun anew as the stage of a story: its nodes, its image behaviours, its Deployment."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cluster import models
from cluster.records import journal
from cluster.stories import staging, story_files
from cluster.writing import actions, behaviours, clusters
from tests.spaces import DEFAULT, demo
from tests.writing.test_actions import manifest, refused

pytestmark = pytest.mark.usefixtures("cluster")
STORY = """
name: Two nodes
nodes: [{name: big, slots: 20}, {name: small, slots: 2}]
behaviours: [{image: "web:*", ready: 3s}]
manifest:
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    replicas: 4
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec: {containers: [{name: web, image: "web:1"}]}
steps: [{apply: manifest}, {wait: complete}]
"""


def reset(*arguments: str) -> str:
    out = StringIO()
    call_command("cluster", "reset", "demo", *arguments, stdout=out)
    return out.getvalue()


def test_a_cluster_is_reset_to_a_storys_stage(tmp_path: Path, work: Callable[[], int]) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(STORY)
    assert reset("--story", str(file)) == "cluster/demo reset\n"
    assert list(demo().nodes.order_by("name").values_list("name", "slots")) == [("big", 20), ("small", 2)]
    first = demo().behaviours.order_by("order")[0]
    assert (first.pattern, first.ready_seconds, first.namespace) == ("web:*", 3.0, None)
    row = models.Deployment.objects.get()
    assert (row.name, row.namespace.name, row.replicas) == ("web", "shop", 4)
    work()
    assert models.Pod.objects.count() == 4


@pytest.mark.parametrize("name", [*story_files.library()])
def test_every_story_of_the_library_has_a_stage(name: str) -> None:
    story = story_files.library()[name]
    clusters.reset("demo", staging.stage_named(name))
    assert models.Deployment.objects.get().name == story.deployment_name
    assert demo().nodes.count() == len(story.nodes)


def test_the_library_has_the_stories_and_not_the_books_plain_manifest() -> None:
    names = set(story_files.library())
    assert {"book", "drain", "rollover"} <= names
    assert "nginx-deployment" not in names


@pytest.mark.parametrize(("arguments", "count"), [((), 0), (("--example",), 1)])
def test_a_cluster_is_reset_to_nothing_or_to_the_example(arguments: tuple[str, ...], count: int) -> None:
    reset(*arguments)
    assert list(models.Deployment.objects.values_list("name", flat=True)) == ["nginx-deployment"][:count]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--story", "nowhere"), "nowhere: No such file or directory; the stories that come", id="no file"),
        pytest.param(("--story", "README.md"), "README.md: ", id="no story"),
        pytest.param(("--story", "drain", "--example"), "--example and --story are two stages", id="both"),
    ],
)
def test_what_is_no_stage_is_refused_and_changes_nothing(arguments: tuple[str, ...], message: str) -> None:
    clusters.reset("demo", clusters.example())
    with pytest.raises(CommandError, match=message):
        reset(*arguments)
    assert models.Deployment.objects.count() == 1


def test_a_stage_by_name_is_one_that_is_known() -> None:
    answer = refused(lambda: staging.stage_named("../secrets"))
    assert answer["message"].startswith(
        "stage: Unsupported value: '../secrets': supported values: empty, example, book"
    )


def test_a_stage_that_can_not_be_set_up_leaves_the_cluster_as_it_was() -> None:
    clusters.reset("demo", clusters.example())
    uid = models.Deployment.objects.get().uid
    too_many = clusters.example().deployments[0][1].replace("replicas: 3", "replicas: 9999")
    refused(lambda: clusters.reset("demo", clusters.Stage(deployments=(("default", too_many),))))
    assert models.Deployment.objects.get().uid == uid


@pytest.fixture
def web(cluster: None, work: Callable[[], int]) -> None:  # noqa: ARG001
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
def test_what_looks_again_at_images_reads_running_pods_only(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    models.Node.objects.update(unschedulable=True)
    actions.act(DEFAULT, "web", "scale", 10, actor="me")
    work()
    models.Pod.objects.filter(node__gt="").update(phase="Running", stage="living", started_at=1.0)
    looked, load = [], behaviours.load_part
    monkeypatch.setattr(
        behaviours, "load_part", lambda *given, **named: looked.append(load(*given, **named)) or looked[0]
    )
    behaviours.changed(DEFAULT, actor="me")
    assert [len(each.state.pods) for each in looked] == [3]
    assert models.Pod.objects.filter(stage="probed").count() == 3


def test_what_a_story_says_is_told_in_every_language() -> None:
    staging.say(DEFAULT, "Look.", actor="story", translations={"zh-hans": "看。"})
    state = models.Change.objects.filter(kind="Say").latest("rv").state
    assert (state["text"], state["translations"]) == ("Look.", {"zh-hans": "看。"})
