"""Whether a rollout will ever finish, asked in the page, and one click on what helps."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models, statuses
from cluster.core.manifests import edits
from cluster.live import worker
from cluster.page import forecasting, remedying, sharing, views
from cluster.stories import staging
from cluster.writing import actions, limits, nodes
from tests.spaces import DEFAULT, demo, grant

BASE = "/clusters/demo/namespaces/default/deployments/nginx-deployment/"
EDIT: dict[str, Any] = {"action": "set-image", "body": {"images": {"nginx": "nginx:1.9.1"}}}
GO_ON: dict[str, Any] = {"action": "go-on", "body": {}}


@pytest.fixture(autouse=True)
def anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ANONYMOUS = "admin"
    monkeypatch.setattr(views, "forecast_buckets", limits.Buckets())
    monkeypatch.setattr(forecasting, "shared", sharing.Shared())


@pytest.fixture
def book(cluster: None, work: Any) -> None:  # noqa: ARG001
    """Three pods, at once ready."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()


@pytest.fixture
def full_quota(book: None, work: Any) -> None:  # noqa: ARG001
    spec = {"hard": {"pods": "3"}}
    staging.apply_rule(
        DEFAULT, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": spec}, actor="me"
    )
    work()


@pytest.fixture
def full_nodes(book: None, work: Any) -> None:  # noqa: ARG001
    for name in models.Node.objects.values_list("name", flat=True):
        nodes.change(DEFAULT.cluster, name, actor="me", slots=1)
    work()


def post(client: Client, path: str, body: object) -> Any:
    return client.post(f"{BASE}{path}", json.dumps(body), content_type="application/json")


def remedies(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    found = post(client, "remedies/", asked).json()["remedies"]
    return {each["key"]: each for each in found}


def images() -> str:
    template: Any = models.Deployment.objects.get().template
    return str(template["spec"]["containers"][0]["image"])


@pytest.mark.usefixtures("full_quota")
def test_a_forecast_says_never_and_why(client: Client) -> None:
    (found,) = post(client, "forecast/", EDIT).json()["forecasts"]
    verdict = found["verdict"]
    assert (verdict["answer"], verdict["seconds"]) == ("never", None)
    (cause,) = verdict["because"]
    assert (cause["rule"], cause["pods"], cause["inputs"]["quota"]) == ("quota", 1, "team")


@pytest.mark.usefixtures("full_quota")
def test_the_quota_is_raised_and_the_edit_made_with_one_click(client: Client, work: Any) -> None:
    found = remedies(client, EDIT)["quota"]
    assert found["may"] is True and found["min_available"] == 3
    answer = post(client, "remedies/apply/", {**EDIT, "commands": found["commands"]})
    assert answer.status_code == 200, answer.content
    work()
    quota = models.KeptObject.objects.get(resource="resourcequotas")
    assert quota.manifest["spec"]["hard"]["pods"] == "4"
    assert images() == "nginx:1.9.1"
    assert models.Deployment.objects.get().status["updated_replicas"] == 3


@pytest.mark.usefixtures("full_nodes")
@pytest.mark.parametrize("key", ["max-unavailable", "no-surge", "more-nodes"])
def test_what_is_offered_helps(client: Client, work: Any, key: str) -> None:
    found = remedies(client, EDIT)[key]
    assert post(client, "remedies/apply/", {**EDIT, "commands": found["commands"]}).status_code == 200
    work()
    assert images() == "nginx:1.9.1"
    assert models.Deployment.objects.get().status["updated_replicas"] == 3
    assert not models.Pod.objects.filter(node="").exists()


@pytest.mark.usefixtures("full_nodes")
def test_a_rollout_that_stands_is_helped_from_where_it_stands(client: Client, work: Any) -> None:
    actions.act(DEFAULT, "nginx-deployment", "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    work()
    found = remedies(client, GO_ON)
    assert list(found) == ["max-unavailable", "no-surge", "more-nodes", "undo"]
    assert post(client, "remedies/apply/", {**GO_ON, "commands": found["undo"]["commands"]}).status_code == 200
    work()
    assert images() == "nginx:1.7.9"
    assert not models.Pod.objects.filter(node="").exists()


@pytest.fixture
def needy(cluster: None, work: Any) -> None:  # noqa: ARG001
    """The book's Deployment, whose pods need a ConfigMap's keys, all of a Secret and a volume claim."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    actions.example(DEFAULT, actor="me")
    work()
    key = {"configMapKeyRef": {"name": "settings", "key": "colour"}}
    container = {"name": "nginx", "env": [{"name": "COLOUR", "valueFrom": key}]}
    volumes = [
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    template = {"spec": {"containers": [container], "volumes": volumes}}
    row = models.Deployment.objects.get()
    patch = {"spec": {"template": template}}
    actions.change(DEFAULT, row.name, lambda each, _: edits.patch(each, patch), "changed", looks_back=False, actor="me")
    work()


@pytest.mark.usefixtures("needy")
def test_what_pods_need_is_made_with_one_click(client: Client, work: Any) -> None:
    """Without the claim a pod has no node, and the kubelet has not looked for the others yet."""
    found = remedies(client, GO_ON)["create-absent"]
    assert [each["kind"] for each in found["commands"]] == ["Secret", "ConfigMap", "PersistentVolumeClaim"]
    answer = post(client, "remedies/apply/", {**GO_ON, "commands": found["commands"]})
    assert (answer.status_code, found["may"]) == (200, True), answer.content
    made = dict(models.KeptObject.objects.filter(namespace="default").values_list("name", "manifest"))
    assert (made["settings"]["data"], made["keys"].get("data")) == ({"colour": ""}, None)
    models.Cluster.objects.update(clock_wall=demo().clock_wall - 300)
    work()
    assert models.Deployment.objects.get().status["updated_replicas"] == 3
    assert not models.Pod.objects.filter(ready=False).exists()


@pytest.mark.usefixtures("needy")
def test_an_account_is_made_and_keys_are_added_with_one_click(client: Client, work: Any) -> None:
    post(client, "remedies/apply/", {**GO_ON, "commands": remedies(client, GO_ON)["create-absent"]["commands"]})
    key = {"configMapKeyRef": {"name": "settings", "key": "size"}}
    pod = {"serviceAccountName": "shop", "containers": [{"name": "nginx", "env": [{"name": "SIZE", "valueFrom": key}]}]}
    patch = {"spec": {"template": {"spec": pod}}}
    name = models.Deployment.objects.get().name
    actions.change(DEFAULT, name, lambda each, _: edits.patch(each, patch), "changed", looks_back=False, actor="me")
    worker.run_next({})
    found = remedies(client, GO_ON)["create-absent"]
    assert [(each["verb"], each["kind"], each["name"]) for each in found["commands"]] == [
        ("create", "ServiceAccount", "shop"), ("patch", "ConfigMap", "settings"),
    ]  # fmt: skip
    answer = post(client, "remedies/apply/", {**GO_ON, "commands": found["commands"]})
    assert (answer.status_code, found["may"]) == (200, True), answer.content
    kept = models.KeptObject.objects
    assert kept.get(resource="configmaps", name="settings").manifest["data"] == {"colour": "", "size": ""}
    assert kept.filter(resource="serviceaccounts", name="shop").exists()
    for _ in range(3):
        models.Cluster.objects.update(due=0, clock_wall=demo().clock_wall - 300)
        work()
    assert models.Deployment.objects.get().status["updated_replicas"] == 3
    assert not models.Pod.objects.filter(ready=False).exists()


@pytest.mark.usefixtures("book")
def test_what_completes_needs_no_help(client: Client) -> None:
    assert remedies(client, EDIT) == {}


@pytest.mark.usefixtures("full_nodes")
def test_what_is_found_before_the_time_is_over_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    find = remedying.find_remedies

    def slow(*args: Any, **kwargs: Any) -> Iterator[Any]:
        yield next(find(*args, **kwargs))
        raise statuses.Refused(statuses.failure(504, "Timeout", "the forecast takes too long"))

    monkeypatch.setattr(remedying, "find_remedies", slow)
    told = post(client, "remedies/", EDIT).json()
    assert ([each["key"] for each in told["remedies"]], told["is_cut"]) == (["max-unavailable"], True)


@pytest.mark.usefixtures("full_nodes")
def test_an_editor_of_a_namespace_may_not_make_nodes(client: Client, settings: Any) -> None:
    settings.ANONYMOUS = "none"
    user = User.objects.create_user("ann")
    grant(user, "default:edit")
    client.force_login(user)
    found = remedies(client, EDIT)
    assert {key: each["may"] for key, each in found.items()} == {
        "max-unavailable": True, "no-surge": True, "more-nodes": False,
    }  # fmt: skip
    answer = post(client, "remedies/apply/", {**EDIT, "commands": found["more-nodes"]["commands"]})
    assert answer.status_code == 403 and "nodes is forbidden" in answer.json()["message"]
    assert images() == "nginx:1.7.9", "nothing, if not all of it"


@pytest.mark.usefixtures("full_quota")
@pytest.mark.parametrize(
    ("commands", "code", "part"),
    [
        pytest.param([{"verb": "delete", "kind": "Node"}], 400, "commands[0]: expected verb", id="another verb"),
        pytest.param([{"verb": "patch", "kind": "Role"}], 400, "commands[0]: expected verb", id="another kind"),
        pytest.param(
            [{"verb": "create", "kind": "ConfigMap", "name": "c", "value": {"metadata": {"name": "B A D"}}}],
            422, "B A D", id="no valid name",
        ),
        pytest.param([{"verb": "patch", "kind": "Node", "name": 1, "value": {}}], 400, "a text as name", id="no name"),
        pytest.param(
            [{"verb": "patch", "kind": "Node", "name": "a/status", "value": {}}], 400, "is no name", id="a path"
        ),
        pytest.param([{"verb": "patch", "kind": "Node", "name": "x", "value": {}}], 404, 'nodes "x"', id="no node"),
        pytest.param([{"verb": "undo", "kind": "Deployment", "name": "d", "value": {}}] * 17, 400, "16", id="many"),
        pytest.param(
            [{"verb": "patch", "kind": "ResourceQuota", "name": "team", "value": {"spec": {"hard": {"pods": "x"}}}}],
            400, "quantities must match", id="no quantity",
        ),
        pytest.param(
            [{"verb": "patch", "kind": "Deployment", "name": "d", "value": {"spec": {"replicas": -1}}}],
            400, "must be greater than or equal to 0", id="no valid Deployment",
        ),
    ],
)  # fmt: skip
def test_commands_are_refused_whole(client: Client, commands: Any, code: int, part: str) -> None:
    answer = post(client, "remedies/apply/", {**EDIT, "commands": commands})
    assert (answer.status_code, images()) == (code, "nginx:1.7.9"), answer.content
    assert part in answer.json()["message"]
