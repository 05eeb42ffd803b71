"""Objects of any kind from one YAML text: all of them or none, by the API's rules and roles."""

import pytest
from django.contrib.auth.models import User

from cluster import models, statuses
from cluster.api import creating
from tests.spaces import DEFAULT, grant
from tests.writing.test_actions import manifest

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: colours}\ndata: {sky: blue}\n"
QUOTA = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: team}\nspec: {hard: {pods: '4'}}\n"
PRIORITY = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n"
LIST = (
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n- {kind: Nope}\n"
)


@pytest.fixture
def admin(cluster: None) -> User:  # noqa: ARG001
    return grant(User.objects.create_user("ann"), ":admin")


@pytest.fixture
def editor(cluster: None) -> User:  # noqa: ARG001
    return grant(User.objects.create_user("eve"), "default:edit")


def documents(*texts: str) -> str:
    return "---\n".join(texts)


def refused(user: User, text: str) -> dict[str, object]:
    """The Status; nothing was written."""
    before = models.Change.objects.count()
    with pytest.raises(statuses.Refused) as caught:
        creating.create(user, DEFAULT, text, actor="me")
    assert models.Change.objects.count() == before
    assert not models.Deployment.objects.exists() and not models.KeptObject.objects.filter(name="colours").exists()
    return caught.value.status


def test_what_is_around_a_deployment_is_created_with_it(admin: User) -> None:
    result = creating.create(admin, DEFAULT, documents(SERVICE, CONFIG, manifest(), QUOTA, PRIORITY), actor="ann")
    assert result.message.splitlines() == [
        "service/web created", "configmap/colours created", "deployment.apps/web created", "resourcequota/team created",
        "priorityclass.scheduling.k8s.io/high created",
    ]  # fmt: skip
    assert result.rv == models.Change.objects.latest("rv").rv
    kept = models.KeptObject.objects.get(name="web", resource="services")
    assert kept.manifest["spec"]["ports"][0]["targetPort"] == 80, "with the API's defaults"
    assert [each["manager"] for each in kept.manifest["metadata"]["managedFields"]] == ["rollstage"]


def test_other_kinds_may_come_alone(editor: User) -> None:
    assert creating.create(editor, DEFAULT, CONFIG, actor="eve").message == "configmap/colours created"


def test_a_list_counts_as_its_items(editor: User) -> None:
    text = LIST.replace("kind: Nope", "apiVersion: v1, kind: ConfigMap, metadata: {name: two}")
    assert creating.create(editor, DEFAULT, text, actor="eve").message.splitlines() == [
        "configmap/one created", "configmap/two created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        pytest.param(documents(CONFIG, manifest(replicas=-1).lstrip()), 422, "spec.replicas: Invalid value: -1", id="a Deployment"),
        pytest.param(documents(CONFIG, SERVICE.replace("80", "0")), 422, "spec.ports[0].port: Invalid value", id="a Service"),
        pytest.param(documents(CONFIG, SERVICE.replace("ports", "prots")), 400, 'unknown field "spec.prots"', id="a typo"),
        pytest.param(documents(CONFIG, QUOTA.replace("'4'", "x")), 400, "quantities must match", id="no quantity"),
        pytest.param(documents(CONFIG, CONFIG), 409, 'configmaps "colours" already exists', id="twice the same"),
        pytest.param(documents(CONFIG, SERVICE.replace("v1", "v9")), 400, 'kind "Service" in version "v9"', id="no such kind"),
        pytest.param(documents(CONFIG, SERVICE.replace("Service", "Binding")), 400, 'kind "Binding"', id="nothing to keep"),
        pytest.param(
            documents(CONFIG, SERVICE.replace("name: web", "name: web, namespace: other")), 400,
            "namespace of the provided object", id="of another namespace",
        ),
        pytest.param(documents(CONFIG, LIST), 400, 'no matches for kind "Nope"', id="an item of a List"),
        pytest.param(documents(CONFIG, "apiVersion: v1\nkind: List\nitems: 3\n"), 400, "items: expected a list", id="no items"),
        pytest.param(documents(CONFIG, "kind: [1]\napiVersion: {}\n"), 400, "no matches for kind", id="no kind at all"),
    ],
)  # fmt: skip
def test_all_is_created_or_nothing_and_the_document_is_named(admin: User, text: str, code: int, part: str) -> None:
    status = refused(admin, text)
    assert status["code"] == code
    assert str(status["message"]).startswith("document 2, line 6: ") and part in str(status["message"])
    assert (status["details"]["document"], status["details"]["line"]) == (2, 6)  # type: ignore[index]


def test_a_single_document_is_not_numbered(admin: User) -> None:
    status = refused(admin, SERVICE.replace("80", "0"))
    assert str(status["message"]).startswith('Service "web" is invalid: [spec.ports[0].port: ')
    assert "document" not in status["details"]  # type: ignore[operator]


@pytest.mark.parametrize("beside", [QUOTA, PRIORITY], ids=["a quota", "a cluster's object"])
def test_the_api_s_roles_are_asked(editor: User, beside: str) -> None:
    status = refused(editor, documents(CONFIG, manifest(), beside))
    assert status["code"] == 403
    assert 'is forbidden: User "eve" cannot create resource' in str(status["message"])


def test_an_empty_list_is_nothing_to_create(admin: User) -> None:
    assert refused(admin, "apiVersion: v1\nkind: List\nitems: []\n")["message"] == "no objects passed to create"


def test_a_request_has_so_many_objects_and_no_more(admin: User) -> None:
    assert "at most 200" in str(refused(admin, documents(*[CONFIG] * 201))["message"])
