"""Roles as the API shows them: ClusterRoles with upstream's rules, bindings that are memberships, and what follows from them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster import models
from cluster.api.auth import tokens
from cluster.records import journal
from cluster.writing import accounts, memberships, namespaces
from tests.api.conftest import Api
from tests.spaces import DEFAULT, demo, grant

pytestmark = pytest.mark.usefixtures("cluster")
RBAC = "/apis/rbac.authorization.k8s.io/v1"
BINDINGS = f"{RBAC}/namespaces/default/rolebindings"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
Json = dict[str, Any]
Member = Callable[[str], Api]


def binding(name: str = "crew", role: str = "edit", *subjects: str | Json, kind: str = "RoleBinding") -> Json:
    """`subjects`: names of people, or whole subjects."""
    people = [{"kind": "User", "name": each} if isinstance(each, str) else each for each in subjects]
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "roleRef": ref,
        "subjects": people,
    }


def roles_of(user: User) -> list[tuple[str, str]]:
    return sorted(user.memberships.values_list("namespace", "role"))


def may(one: Api, verb: str, resource: str, group: str = "", namespace: str = "default") -> bool:
    plural, _, part = resource.partition("/")
    asked = {"verb": verb, "resource": plural, "subresource": part, "group": group, "namespace": namespace}
    found = one("POST", REVIEW, {"spec": {"resourceAttributes": asked}}).json()
    return bool(found["status"]["allowed"])


RIGHTS = [
    pytest.param("get", "pods", "", ["view", "edit", "admin"], id="reads pods"),
    pytest.param("get", "pods/log", "", ["view", "edit", "admin"], id="reads logs"),
    pytest.param("get", "secrets", "", ["edit", "admin"], id="reads secrets"),
    pytest.param("create", "pods/exec", "", ["edit", "admin"], id="enters pods"),
    pytest.param("patch", "deployments", "apps", ["edit", "admin"], id="changes deployments"),
    pytest.param("patch", "deployments/scale", "apps", ["edit", "admin"], id="scales"),
    pytest.param("patch", "deployments/status", "apps", [], id="writes a status"),
    pytest.param("list", "resourcequotas", "", ["view", "edit", "admin"], id="reads quotas"),
    pytest.param("create", "resourcequotas", "", [], id="makes quotas"),
    pytest.param("create", "limitranges", "", [], id="makes limits"),
    pytest.param("list", "rolebindings", "rbac.authorization.k8s.io", ["admin"], id="reads bindings"),
    pytest.param("create", "rolebindings", "rbac.authorization.k8s.io", ["admin"], id="makes bindings"),
    pytest.param("list", "nodes", "", ["view", "edit", "admin"], id="reads nodes"),
    pytest.param("patch", "nodes", "", [], id="changes nodes"),
    pytest.param("list", "persistentvolumes", "", [], id="reads what belongs to the cluster"),
    pytest.param("create", "namespaces", "", [], id="makes namespaces"),
    pytest.param("delete", "*", "*", [], id="everything"),
]


@pytest.mark.parametrize("role", ["view", "edit", "admin"])
@pytest.mark.parametrize(("verb", "resource", "group", "allowed"), RIGHTS)
def test_a_role_in_a_namespace_allows_what_upstreams_does(
    member: Member, role: str, verb: str, resource: str, group: str, allowed: list[str]
) -> None:
    one = member(f"default:{role}")
    assert may(one, verb, resource, group) is (role in allowed)
    namespaced = resource not in ("nodes", "persistentvolumes")
    assert not (namespaced and may(one, verb, resource, group, "other"))


@pytest.mark.parametrize(
    ("role", "allowed"), [("view", ["get"]), ("edit", ["get"]), ("admin", ["create", "delete", "get", "patch"])]
)
def test_an_admin_of_the_cluster_is_its_cluster_admin(member: Member, role: str, allowed: list[str]) -> None:
    one = member(f":{role}")
    for resource in ("nodes", "resourcequotas"):
        assert [verb for verb in ("create", "delete", "get", "patch") if may(one, verb, resource)] == allowed
    assert may(one, "get", "clusterroles", "rbac.authorization.k8s.io") is (role == "admin")


@pytest.mark.parametrize("role", ["view", "edit"])
def test_what_is_told_is_what_is_done(member: Member, role: str) -> None:
    one = member(f"default:{role}")
    for path, resource in (("secrets", "secrets"), ("resourcequotas", "resourcequotas"), ("pods", "pods")):
        done = one("GET", f"/api/v1/namespaces/default/{path}").status_code == 200
        assert done is may(one, "list", resource)
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}
    answer = one("POST", "/api/v1/namespaces/default/resourcequotas", quota)
    name = f"of-default:{role}"
    message = (
        f'resourcequotas is forbidden: User "{name}" cannot create resource "resourcequotas" in API group "" in the '
        'namespace "default"'
    )
    assert (answer.status_code, answer.json()["message"]) == (403, message)


def test_a_namespace_is_read_by_who_has_a_role_in_it(member: Member) -> None:
    namespaces.create("demo", "other", actor="me")
    one = member("default:view")
    assert one("GET", "/api/v1/namespaces/default").status_code == 200
    answer = one("GET", "/api/v1/namespaces/other")
    message = (
        'namespaces "other" is forbidden: User "of-default:view" cannot get resource "namespaces" in API group "" '
    )
    assert (answer.status_code, answer.json()["message"]) == (403, f'{message}in the namespace "other"')


def test_the_roles_are_there_with_upstreams_rules(api: Api) -> None:
    found = {each["metadata"]["name"]: each for each in api.get(f"{RBAC}/clusterroles")["items"]}
    assert {"admin", "cluster-admin", "edit", "view"} <= found.keys()
    assert found["cluster-admin"]["rules"] == [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]
    one = api.get(f"{RBAC}/clusterroles/view")
    assert one == found["view"] | {"kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1"}
    assert one["metadata"]["labels"] == {
        "kubernetes.io/bootstrapping": "rbac-defaults",
        "rbac.authorization.k8s.io/aggregate-to-edit": "true",
    }
    resources = {each for rule in one["rules"] for each in rule["resources"]}
    assert "secrets" not in resources
    assert {"get", "list", "watch"} == {verb for rule in one["rules"] for verb in rule["verbs"]}
    paged = api.get(f"{RBAC}/clusterroles?limit=3")
    assert [each["metadata"]["name"] for each in paged["items"]] == sorted(found)[:3]


@pytest.mark.parametrize(
    ("method", "body"),
    [
        pytest.param("DELETE", None, id="deleted"),
        pytest.param("PATCH", {"rules": []}, id="patched"),
    ],
)
def test_the_servers_own_roles_stay(api: Api, method: str, body: Json | None) -> None:
    answer = api(method, f"{RBAC}/clusterroles/view", body, "application/merge-patch+json")
    message = 'clusterroles.rbac.authorization.k8s.io "view" is forbidden: the server\'s own roles and bindings can not be changed'
    assert (answer.status_code, answer.json()["message"]) == (403, message)
    new = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "view"},
        "rules": [],
    }
    assert api("POST", f"{RBAC}/clusterroles", new).status_code == 409


def test_members_are_shown_by_bindings(api: Api) -> None:
    grant(User.objects.create_user("Ada.L@example.org"), "default:view", ":admin")
    (one,) = api.get(BINDINGS)["items"]
    assert (one["metadata"]["name"], one["roleRef"]["name"]) == ("Ada.L@example.org-view", "view")
    assert one["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "Ada.L@example.org"}]
    whole = api.get(f"{RBAC}/clusterrolebindings")["items"]
    assert {each["metadata"]["name"]: each["roleRef"]["name"] for each in whole} == {
        "Ada.L@example.org-cluster-admin": "cluster-admin",
        "cluster-admin": "cluster-admin",
        "rollstage:member": "rollstage:member",
        "system:basic-user": "system:basic-user",
        "system:discovery": "system:discovery",
    }


def test_what_visitors_may_is_a_binding_too(api: Api, settings: Any) -> None:
    settings.ANONYMOUS = "edit"
    found = api.get(f"{RBAC}/clusterrolebindings/rollstage:visitors")
    assert found["roleRef"]["name"] == "edit"
    assert [each["name"] for each in found["subjects"]] == ["system:authenticated", "system:unauthenticated"]


def test_a_binding_makes_memberships_and_takes_them_away(member: Member) -> None:
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    admin = member("default:admin")
    assert admin("POST", BINDINGS, binding("crew", "edit", "ann", "bob")).status_code == 201
    assert roles_of(ann) == roles_of(bob) == [("default", "edit")]
    only_ann = {"subjects": binding("crew", "edit", "ann")["subjects"]}
    assert admin("PATCH", f"{BINDINGS}/crew", only_ann, "application/merge-patch+json").status_code == 200
    assert (roles_of(ann), roles_of(bob)) == ([("default", "edit")], [])
    assert may(Api(tokens.make_token(ann)), "patch", "deployments", "apps")
    assert admin("DELETE", f"{BINDINGS}/crew").status_code == 200
    assert roles_of(ann) == []


def test_two_bindings_of_one_person_add_up(member: Member) -> None:
    ann = User.objects.create_user("ann")
    admin = member("default:admin")
    admin("POST", BINDINGS, binding("one", "view", "ann"))
    admin("POST", BINDINGS, binding("two", "edit", "ann"))
    assert roles_of(ann) == [("default", "edit"), ("default", "view")]
    admin("DELETE", f"{BINDINGS}/two")
    assert roles_of(ann) == [("default", "view")]


def test_a_role_given_on_the_page_takes_the_place_of_bindings(api: Api) -> None:
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    api("POST", BINDINGS, binding("crew", "edit", "ann", "bob"))
    memberships.add(DEFAULT, "ann", "view", actor="me")
    assert (roles_of(ann), roles_of(bob)) == ([("default", "view")], [("default", "edit")])
    found = {each["metadata"]["name"]: each["subjects"] for each in api.get(BINDINGS)["items"]}
    assert {name: [each["name"] for each in people] for name, people in found.items()} == {
        "ann-view": ["ann"],
        "crew": ["bob"],
    }


def test_a_trial_gives_nothing(member: Member) -> None:
    ann = User.objects.create_user("ann")
    assert member("default:admin")("POST", f"{BINDINGS}?dryRun=All", binding("crew", "edit", "ann")).status_code == 201
    assert roles_of(ann) == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param(
            binding("b", "edit", "nobody"),
            'subjects[0].name: Invalid value: "nobody": there is no account of that name on this server',
            id="nobody",
        ),
        pytest.param(
            binding("b", "edit", {"kind": "Group", "name": "crew"}),
            "subjects[0].kind: Forbidden: groups of people are not served; bind each person by a subject of kind User",
            id="a group",
        ),
        pytest.param(
            binding("b", "cluster-admin", "ann"),
            'roleRef.name: Unsupported value: "cluster-admin": supported values: "view", "edit", "admin"',
            id="a role of clusters",
        ),
        pytest.param(
            {**binding("b", "x", "ann"), "roleRef": {"kind": "Role", "name": "x"}},
            'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
            id="a role of one's own",
        ),
    ],
)
def test_a_binding_that_could_not_be_kept_is_refused(member: Member, wanted: Json, message: str) -> None:
    User.objects.create_user("ann")
    answer = member("default:admin")("POST", BINDINGS, wanted)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        f'RoleBinding.rbac.authorization.k8s.io "b" is invalid: {message}',
    )
    assert not models.KeptObject.objects.filter(name="b").exists()


def test_service_accounts_are_bound_to_anything(member: Member) -> None:
    account = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    wanted = {**binding("b", "x", account), "roleRef": {"kind": "Role", "name": "x"}}
    assert member("default:admin")("POST", BINDINGS, wanted).status_code == 201
    assert models.Membership.objects.count() == 1, "of the admin alone"


@pytest.mark.parametrize("role", ["view", "edit"])
def test_others_bind_nobody(member: Member, role: str) -> None:
    User.objects.create_user("ann")
    one = member(f"default:{role}")
    answer = one("POST", BINDINGS, binding("b", "view", "ann"))
    message = (
        'cannot create resource "rolebindings" in API group "rbac.authorization.k8s.io" in the namespace "default"'
    )
    assert (answer.status_code, message in answer.json()["message"]) == (403, True)


def test_an_admin_of_a_namespace_binds_nobody_elsewhere(member: Member) -> None:
    User.objects.create_user("ann")
    namespaces.create("demo", "other", actor="me")
    one = member("default:admin")
    assert one("POST", BINDINGS.replace("default", "other"), binding("b", "view", "ann")).status_code == 403
    whole = binding("b", "view", "ann", kind="ClusterRoleBinding")
    assert one("POST", f"{RBAC}/clusterrolebindings", whole).status_code == 403
    assert member(":admin")("POST", f"{RBAC}/clusterrolebindings", whole).status_code == 201


def test_a_namespace_takes_its_memberships_along(api: Api) -> None:
    namespaces.create("demo", "other", actor="me")
    ann = grant(User.objects.create_user("ann"), "other:edit", "default:view")
    namespaces.remove(models.Namespace.objects.get(name="other"), actor="me")
    assert roles_of(ann) == [("default", "view")]
    assert len(api.get(f"{RBAC}/rolebindings")["items"]) == 1


def test_who_gives_up_an_account_leaves_no_binding(api: Api) -> None:
    ann = grant(User.objects.create_user("ann"), "default:edit", ":view")
    memberships.leave_all(ann, actor="me")
    assert roles_of(ann) == []
    assert api.get(BINDINGS)["items"] == []


def test_memberships_are_bounded(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    monkeypatch.setattr(memberships, "MOST_IN_A_CLUSTER", 1)
    grant(User.objects.create_user("ann"), "default:edit")
    with pytest.raises(memberships.Refused, match="1 memberships are the most that a cluster may have"):
        grant(User.objects.create_user("bob"), "default:edit")
    assert api("POST", BINDINGS, binding("b", "view", "bob")).status_code == 403
    grant(User.objects.get(username="ann"), "default:edit")


def test_the_journal_tells_of_members() -> None:
    ann = User.objects.create_user("ann")
    accounts.join(ann, DEFAULT, "view", actor="ben")
    accounts.join(ann, DEFAULT, "view", actor="ben")
    accounts.join(ann, DEFAULT, "edit", actor="ben")
    told = models.Change.objects.filter(cluster=demo(), kind="RoleBinding").order_by("rv")
    assert list(told.values_list("verb", "name", "actor")) == [
        ("ADDED", "ann-view", "ben"),
        ("DELETED", "ann-view", "ben"),
        ("ADDED", "ann-edit", "ben"),
    ]
    assert journal.head("demo") == 3
