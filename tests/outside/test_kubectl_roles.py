"""Roles with the real kubectl: what one may, bindings that are memberships, and what is refused."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.outside.process import ROOT, Demo, environment, manage
from tests.outside.test_kubectl import typing_at

Kubectl = Callable[..., str]
PEOPLE = """
from django.contrib.auth import get_user_model
from cluster.api.auth import kubeconfig, tokens
from cluster.spaces import Space
from cluster.writing import accounts, namespaces
namespaces.ensure(Space("demo", "other"), actor="test")
for name, role, namespace in (("ann", "view", "default"), ("ben", "edit", "default"), ("cat", "admin", "default"), ("dan", "", "")):
    user = get_user_model().objects.create_user(name)
    if role:
        accounts.join(user, Space("demo", namespace), role)
    token = tokens.make_token(user)
    print(f"token {name} {token}")
"""


@pytest.fixture(scope="module")
def typed(quick_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Kubectl]]:
    """kubectl of each person, on one closed demo: ann views the namespace default, ben edits, cat administers, dan has nothing."""
    folder = tmp_path_factory.mktemp("roles")
    demo = Demo(Path(shutil.copytree(quick_data, folder / "data", symlinks=True)))
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr("tests.outside.process.DROPPED", ("DATABASE_URL", "REDIS_URL", "ROLLSTAGE_DATA"))
    monkeypatch.setenv("ROLLSTAGE_ANONYMOUS", "none")
    try:
        demo.start()
        found = {"root": typing_at(demo, folder / "root")}
        found["root"]("version")
        tokens = people(demo)
        for name, token in tokens.items():
            found[name] = as_person(typing_at(demo, folder / name), token)
        yield found
    finally:
        demo.stop()
        monkeypatch.undo()


def people(demo: Demo) -> dict[str, str]:
    variables = {**environment(), "ROLLSTAGE_DATA": str(demo.data)}
    done = subprocess.run(
        manage("shell", "-v", "0", "-c", PEOPLE),
        cwd=ROOT,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("token ")]
    return {name: token for _, name, token in lines}


def as_person(kubectl: Kubectl, token: str) -> Kubectl:
    def run(command: str, *, fails: bool = False) -> str:
        return kubectl(f"--token={token} {command}", fails=fails)

    return run


@pytest.mark.parametrize(
    ("who", "question", "answer"),
    [
        pytest.param("ann", "get pods", "yes", id="view reads pods"),
        pytest.param("ann", "get secrets", "no", id="view reads no secrets"),
        pytest.param("ann", "delete pods", "no", id="view deletes nothing"),
        pytest.param("ann", "get pods -n other", "no", id="view of another namespace"),
        pytest.param("ben", "get secrets", "yes", id="edit reads secrets"),
        pytest.param("ben", "patch deployments.apps", "yes", id="edit changes deployments"),
        pytest.param("ben", "create resourcequotas", "no", id="edit makes no quotas"),
        pytest.param("ben", "create rolebindings", "no", id="edit binds nobody"),
        pytest.param("cat", "create rolebindings", "yes", id="admin binds"),
        pytest.param("cat", "delete nodes", "no", id="admin of a namespace has no nodes"),
        pytest.param("dan", "list pods", "no", id="nobody"),
        pytest.param("root", "*", "yes", id="a superuser, everything"),
    ],
)
def test_can_i(typed: dict[str, Kubectl], who: str, question: str, answer: str) -> None:
    verb, _, resource = question.partition(" ")
    told = typed[who](f"auth can-i {verb} {resource or '*'}", fails=answer == "no")
    assert answer in told.splitlines()


def test_can_i_list_and_whoami(typed: dict[str, Kubectl]) -> None:
    told = typed["ann"]("auth can-i --list")
    rows = {line.split()[0]: line for line in told.splitlines() if line and not line.startswith(" ")}
    assert rows["pods"].endswith("[get list watch]")
    assert "secrets" not in rows
    assert rows["nodes"].endswith("[get list watch]")
    assert "[create delete deletecollection patch update" in typed["ben"]("auth can-i --list")
    assert "rollstage:members" in typed["ann"]("auth whoami")


def test_the_roles_and_the_bindings_are_shown(typed: dict[str, Kubectl]) -> None:
    table = typed["cat"]("get rolebindings").splitlines()
    assert table[0].split() == ["NAME", "ROLE", "AGE"]
    assert [line.split()[:2] for line in table[1:]] == [
        ["ann-view", "ClusterRole/view"],
        ["ben-edit", "ClusterRole/edit"],
        ["cat-admin", "ClusterRole/admin"],
    ]
    assert "ClusterRole/cluster-admin" in typed["root"]("get clusterrolebindings")
    yaml = typed["root"]("get clusterroles view -o yaml")
    assert "rbac.authorization.k8s.io/aggregate-to-view" in yaml
    assert "- secrets" not in yaml
    assert "deployments.apps/scale" in typed["root"]("describe clusterrole edit")


def test_a_binding_is_a_membership(typed: dict[str, Kubectl]) -> None:
    cat, dan = typed["cat"], typed["dan"]
    assert "rolebinding.rbac.authorization.k8s.io/crew created" in cat(
        "create rolebinding crew --clusterrole=edit --user=dan"
    )
    assert dan("auth can-i create pods").splitlines()[-1] == "yes"
    assert "No resources found" in dan("get configmaps") or "kube-root-ca.crt" in dan("get configmaps")
    assert "deleted" in cat("delete rolebinding crew")
    refused = dan("get configmaps", fails=True)
    assert refused == (
        'Error from server (Forbidden): configmaps is forbidden: User "dan" cannot list resource "configmaps" in API group "" '
        'in the namespace "default"\n'
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(
            "create rolebinding b --clusterrole=edit --user=nobody",
            'subjects[0].name: Invalid value: "nobody": there is no account of that name on this server',
            id="nobody",
        ),
        pytest.param(
            "create rolebinding b --clusterrole=edit --group=crew",
            "subjects[0].kind: Forbidden: groups of people are not served; bind each person by a subject of kind User",
            id="a group",
        ),
        pytest.param(
            "create rolebinding b --role=own --user=dan",
            'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
            id="a role of one's own",
        ),
        pytest.param(
            "create clusterrolebinding b --clusterrole=view --user=dan",
            'cannot create resource "clusterrolebindings" in API group "rbac.authorization.k8s.io" at the cluster scope',
            id="the whole cluster",
        ),
    ],
)
def test_what_can_not_be_bound_is_refused(typed: dict[str, Kubectl], command: str, message: str) -> None:
    assert message in typed["cat"](command, fails=True)
