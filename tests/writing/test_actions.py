"""Actions through the database: what is written, what is refused, and in whose words."""

import time
from collections.abc import Callable

import pytest

from cluster import models, statuses
from cluster.page import history
from cluster.records import journal
from cluster.writing import actions
from tests.spaces import DEFAULT, demo

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: {label}}}}}
    spec:
      containers:
      - {{name: web, image: "{image}"}}
"""


def manifest(*, name: str = "web", replicas: object = 3, label: str = "web", image: str = "nginx:1") -> str:
    return MANIFEST.format(name=name, replicas=replicas, label=label, image=image)


def refused(call: Callable[[], object]) -> dict[str, object]:
    with pytest.raises(statuses.Refused) as caught:
        call()
    return caught.value.status


@pytest.mark.usefixtures("cluster")
def test_the_book_s_names_appear(work: Callable[[], int]) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    actions.act(DEFAULT, "nginx-deployment", "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    work()
    names = models.ReplicaSet.objects.order_by("number").values_list("name", flat=True)
    assert list(names) == ["nginx-deployment-4087004473", "nginx-deployment-3599678771"]


@pytest.mark.usefixtures("cluster")
def test_today_s_names_appear_for_apps_v1(work: Callable[[], int]) -> None:
    book = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: book}\nspec:\n  selector: {matchLabels: {app: nginx}}\n"
    book += "  template:\n    metadata: {labels: {app: nginx}}\n    spec:\n      containers:\n"
    book += "      - {name: nginx, image: 'nginx:1.7.9', ports: [{containerPort: 80}]}\n"
    actions.create(DEFAULT, book, actor="me")
    work()
    assert models.ReplicaSet.objects.get().name == "book-5d59d67564"


@pytest.mark.usefixtures("cluster")
def test_the_journal_s_order_is_the_resource_version(work: Callable[[], int]) -> None:
    actions.example(DEFAULT, actor="me")
    work()
    ids = list(models.Change.objects.values_list("rv", flat=True))
    assert ids == list(range(1, len(ids) + 1))
    assert journal.head(DEFAULT.cluster) == ids[-1]
    newest = models.Change.objects.filter(kind="Deployment").last()
    assert newest is not None
    assert models.Deployment.objects.get().resource_version == newest.rv


@pytest.mark.usefixtures("cluster")
def test_a_settled_cluster_has_nothing_due(work: Callable[[], int]) -> None:
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    head = journal.head(DEFAULT.cluster)
    assert models.Cluster.objects.get().due is None
    models.Cluster.objects.update(due=0.0)
    assert work() == 1
    assert journal.head(DEFAULT.cluster) == head


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        pytest.param(manifest(replicas=-1), 422, "spec.replicas: Invalid value: -1", id="negative replicas"),
        pytest.param(manifest(replicas="many"), 400, "cannot unmarshal string", id="replicas of the wrong type"),
        pytest.param(manifest(label="other"), 422, "`selector` does not match template `labels`", id="selector"),
        pytest.param(manifest(image=""), 422, "spec.template.spec.containers[0].image: Required value", id="no image"),
        pytest.param(manifest(name="my_app"), 422, "metadata.name: Invalid value", id="bad name"),
        pytest.param(manifest(replicas=10_000_000), 403, "Rollstage limit of the namespace", id="quota"),
        pytest.param(manifest() + "  foo: 1\n", 400, 'unknown field "spec.foo"', id="unknown field"),
        pytest.param("- a\n- b\n", 400, "expected a mapping", id="no mapping"),
        pytest.param(manifest() + "---\n" + manifest(name="two", replicas=-1), 422, '"two" is invalid', id="second"),
        pytest.param("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(6)
        ), 400, "more than 100,000 values", id="YAML bomb"),
        pytest.param("x" * 1_100_000, 400, "larger than", id="too long"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_saves_nothing(text: str, code: int, part: str) -> None:
    status = refused(lambda: actions.create(DEFAULT, text, actor="me"))
    assert status["code"] == code
    assert part in str(status["message"])
    assert not models.Deployment.objects.exists()
    assert not models.Change.objects.exists()


@pytest.mark.usefixtures("cluster")
def test_an_edit_of_what_changed_meanwhile_is_a_conflict_with_the_difference() -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    text, rv = history.manifest_yaml(DEFAULT, "web")
    actions.act(DEFAULT, "web", "scale", 5, actor="other")
    mine = text.replace("nginx:1", "nginx:2")
    status = refused(lambda: actions.edit(DEFAULT, "web", mine, actor="me", resource_version=rv))
    assert status["code"] == 409
    details = status["details"]
    assert isinstance(details, dict)
    assert "-  replicas: 5" in details["diff"]
    assert models.Deployment.objects.get().replicas == 5


@pytest.mark.usefixtures("cluster")
def test_an_edit_of_what_the_journal_has_forgotten_is_no_conflict(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    text, rv = history.manifest_yaml(DEFAULT, "web")
    monkeypatch.setattr(journal, "KEEP_CHANGES", 0)
    journal.compact(time.time())
    assert not models.Change.objects.exists()
    actions.edit(DEFAULT, "web", text.replace("replicas: 3", "replicas: 4"), actor="me", resource_version=rv)
    assert models.Deployment.objects.get().replicas == 4


@pytest.mark.usefixtures("cluster")
def test_a_status_that_moved_on_is_no_conflict(work: Callable[[], int]) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    text, rv = history.manifest_yaml(DEFAULT, "web")
    work()
    actions.edit(DEFAULT, "web", text.replace("replicas: 3", "replicas: 4"), actor="me", resource_version=rv)
    assert models.Deployment.objects.get().replicas == 4


@pytest.mark.usefixtures("cluster")
def test_undo_goes_back_and_pause_forbids_it(work: Callable[[], int]) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me")
    work()
    actions.act(DEFAULT, "web", "undo", actor="me")
    assert models.Deployment.objects.get().template["spec"]["containers"][0]["image"] == "nginx:1"
    actions.act(DEFAULT, "web", "pause", actor="me")
    assert "you cannot rollback a paused deployment" in str(
        refused(lambda: actions.act(DEFAULT, "web", "undo", actor="me"))["message"]
    )


@pytest.mark.usefixtures("cluster")
def test_delete_takes_everything_with_it(work: Callable[[], int]) -> None:
    models.ImageBehaviour.objects.all().delete()
    models.ImageBehaviour.objects.create(cluster=demo(), pattern="*")
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    actions.delete(DEFAULT, "web", actor="me")
    work()
    assert not models.ReplicaSet.objects.exists()
    assert not models.Pod.objects.exists()
