"""A cluster's settings: who has them, what is saved, and what is told at the field."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL
from cluster.core.objects import ImageBehaviour
from cluster.page import recent, settings_page
from cluster.stories import staging
from cluster.writing import actions, clusters, namespaces, pacing
from tests.spaces import DEFAULT, demo, grant, space

SETTINGS = "/clusters/demo/settings/"
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


def page_of(*roles: str, name: str = "ann") -> Client:
    client = Client()
    client.force_login(grant(User.objects.create_user(name), *roles))
    return client


@pytest.fixture
def admin() -> Client:
    return page_of(":admin")


def save(client: Client, do: str, **fields: object) -> Any:
    return client.post(SETTINGS, {"do": do, **fields})


def problems(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 400
    return {key: list(each) for key, each in answer.context["refused"].form.errors.items()}


def roles(name: str) -> list[tuple[str, str]]:
    return sorted(models.Membership.objects.filter(user__username=name).values_list("namespace", "role"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param([":admin"], 200, id="an admin of the cluster"),
        pytest.param(["default:admin"], 200, id="an admin of a namespace"),
        pytest.param([":edit"], 200, id="an editor"),
        pytest.param(["default:view"], 200, id="who views a namespace"),
        pytest.param([], 404, id="nobody"),
    ],
)
def test_members_have_the_page(given: list[str], code: int) -> None:
    assert page_of(*given).get(SETTINGS).status_code == code
    assert Client().get(SETTINGS)["Location"].startswith("/login/")
    assert page_of(*given, name="ben").get("/clusters/none/settings/").status_code == 404


def test_members_are_added_changed_and_removed(admin: Client) -> None:
    User.objects.create_user("ben")
    answer = save(admin, "member", user="ben", role="view", namespace="default")
    assert (answer.status_code, answer["Location"]) == (302, f"{SETTINGS}#members")
    assert "ben has the role view." in admin.get(SETTINGS).content.decode()
    save(admin, "member", user="ben", role="edit", namespace="default")
    save(admin, "member", user="ben", role="view", namespace="")
    assert roles("ben") == [("", "view"), ("default", "edit")]
    row = models.Membership.objects.get(user__username="ben", namespace="default")
    save(admin, "leave", key=row.pk)
    assert roles("ben") == [("", "view")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"user": "zoe", "role": "view"}, {"user": ["Invalid value: 'zoe': there is no account"]}, id="nobody"
        ),
        pytest.param({"user": "ann", "role": "king"}, {"role": ["Select a valid choice."]}, id="no such role"),
        pytest.param(
            {"user": "ann", "role": "view", "namespace": "x"}, {"namespace": ["There is no namespace"]}, id="no place"
        ),
        pytest.param({"role": "view"}, {"user": ["This field is required."]}, id="no name"),
    ],
)
def test_a_member_that_can_not_be_is_told_at_the_field(
    admin: Client, fields: dict[str, str], expected: dict[str, list[str]]
) -> None:
    found = problems(save(admin, "member", **fields))
    assert found.keys() == expected.keys()
    for key, (beginning,) in expected.items():
        assert found[key][0].startswith(beginning)


def test_an_admin_of_a_namespace_has_its_members_and_nothing_else() -> None:
    namespaces.create("demo", "other", actor="me")
    for name, role in (("ben", "other:view"), ("cat", "default:view")):
        grant(User.objects.create_user(name), role)
    client = page_of("default:admin")
    page = client.get(SETTINGS)
    assert [each.user.username for each in page.context["members"]] == ["ann", "cat"]
    assert "nodes" not in page.context
    save(client, "member", user="ben", role="edit", namespace="default")
    assert roles("ben") == [("default", "edit"), ("other", "view")]
    for namespace in ("", "other"):
        assert problems(save(client, "member", user="ben", role="admin", namespace=namespace)) == {
            "namespace": ["You are no admin of that."]
        }
    row = models.Membership.objects.get(user__username="ben", namespace="other")
    assert problems(save(client, "leave", key=row.pk)) == {"__all__": ["You are no admin of that."]}
    for do in ("node", "node-delete", "behaviour", "behaviour-delete", "behaviours-of-story", "clock", "step", "odd"):
        assert save(client, do, key=1, pace=0).status_code == 404
    assert demo().pace == 1.0


def test_members_see_who_is_there_and_who_did_what() -> None:
    namespaces.create("demo", "other", actor="me")
    for name, role in (("ben", "other:view"), ("cat", ":admin")):
        grant(User.objects.create_user(name), role)
    actions.example(DEFAULT, actor="cat")
    actions.example(space("other"), actor="ben")
    client = page_of("default:view")
    page = client.get(SETTINGS)
    assert [each.user.username for each in page.context["members"]] == ["cat", "ann"]
    assert [each.who for each in page.context["edits"]] == ["invite", "cat"]
    assert page.content.decode().count('<form method="post"') == 2, "to log out, and to leave"
    assert save(client, "member", user="ann", role="admin", namespace="default").status_code == 404
    assert save(client, "leave", key=models.Membership.objects.get(user__username="ann").pk).status_code == 404
    whole = page_of(":view", name="dan").get(SETTINGS)
    assert [each.user.username for each in whole.context["members"]] == ["cat", "dan", "ann", "ben"]
    assert "nodes" not in whole.context


def test_visitors_do_not_see_who_is_there(settings: Any) -> None:
    settings.ANONYMOUS = "edit"
    assert Client().get(SETTINGS)["Location"].startswith("/login/")


def test_nodes_are_added_changed_and_deleted(admin: Client) -> None:
    save(admin, "node", name="node-4", slots=10, labels="disk=ssd, zone=a")
    row = models.Node.objects.get(name="node-4")
    assert (row.slots, row.labels, row.unschedulable) == (10, {"disk": "ssd", "zone": "a"}, False)
    save(admin, "node", key=row.pk, slots=20, labels="disk=ssd", unschedulable="on")
    row.refresh_from_db()
    assert (row.slots, row.labels, row.unschedulable) == (20, {"disk": "ssd"}, True)
    head = demo().head
    save(admin, "node", key=row.pk, slots=20, labels="disk=ssd", unschedulable="on")
    assert demo().head == head, "what is as before is not written"
    save(admin, "node-delete", key=row.pk)
    assert not models.Node.objects.filter(name="node-4").exists()
    told = models.Change.objects.filter(kind="Node").order_by("rv").values_list("verb", "actor")
    assert list(told) == [("ADDED", "ann"), ("MODIFIED", "ann"), ("DELETED", "ann")]


def test_a_node_whose_kubelet_is_somebody_else_s_says_so(admin: Client) -> None:
    assert "external kubelet" not in admin.get(SETTINGS).content.decode()
    models.Node.objects.filter(name="node-2").update(annotations={ANNOTATION: EXTERNAL})
    assert admin.get(SETTINGS).content.decode().count("external kubelet") == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"name": "Node_4", "slots": 1}, "name", id="a bad name"),
        pytest.param({"name": "node-1", "slots": 1}, "name", id="taken"),
        pytest.param({"name": "n", "slots": -1}, "slots", id="negative"),
        pytest.param({"name": "n", "slots": 10**9}, "slots", id="too many"),
        pytest.param({"name": "n", "slots": 1, "labels": "a"}, "labels", id="no value"),
        pytest.param({"name": "n", "slots": 1, "labels": "a b=c"}, "labels", id="a bad key"),
    ],
)
def test_a_node_that_can_not_be_is_told_at_the_field(admin: Client, fields: dict[str, Any], field: str) -> None:
    answer = save(admin, "node", **fields)
    assert list(problems(answer)) == [field]
    assert 'class="problem"' in answer.content.decode()
    assert models.Node.objects.count() == 3


RULE = {
    "pattern": "web:*", "order": 1, "pull_seconds": 0, "start_seconds": 0, "ready_seconds": "", "stop_seconds": 1,
    "jitter": 0, "failure": "", "fails_after_seconds": 0, "affected_share": 1,
}  # fmt: skip


def test_behaviours_are_added_changed_and_deleted(admin: Client) -> None:
    save(admin, "behaviour", **RULE, within="default")
    row = models.ImageBehaviour.objects.get(pattern="web:*")
    assert (row.namespace and row.namespace.name, row.ready_seconds) == ("default", None)
    save(admin, "behaviour", **(RULE | {"ready_seconds": 2}), key=row.pk)
    row.refresh_from_db()
    assert (row.namespace, row.ready_seconds) == (None, 2.0)
    assert list(problems(save(admin, "behaviour", **(RULE | {"jitter": 7}), key=row.pk))) == ["jitter"]
    assert list(problems(save(admin, "behaviour", **RULE, within="nowhere"))) == ["within"]
    save(admin, "behaviour-delete", key=row.pk)
    assert not models.ImageBehaviour.objects.filter(pattern="web:*").exists()


def test_a_story_s_rules_are_listed_as_such_and_deleted_together(admin: Client) -> None:
    rules = (ImageBehaviour(pattern="web:2", failure="crash-loop"), ImageBehaviour(pattern="*", ready_seconds=9.0))
    staging.behave(DEFAULT, rules, actor="story")
    page = admin.get(SETTINGS)
    ((namespace, found),) = page.context["played"]
    assert (namespace.name, [each.pattern for each in found]) == ("default", ["web:2", "*"])
    assert "web:2" not in [each.pattern for each, _ in page.context["behaviours"]]
    assert "by a story or lesson" in page.content.decode()
    own = models.ImageBehaviour.objects.filter(played=False).count()
    assert save(admin, "behaviours-of-story", key=namespace.pk)["Location"] == f"{SETTINGS}#behaviours"
    assert not models.ImageBehaviour.objects.filter(played=True).exists()
    assert models.ImageBehaviour.objects.count() == own
    assert not admin.get(SETTINGS).context["played"]


def test_a_new_rule_is_offered_before_all_others(admin: Client) -> None:
    order = admin.get(SETTINGS).context["behaviour_form"].initial["order"]
    assert order < min(models.ImageBehaviour.objects.values_list("order", flat=True))


def test_the_clock_is_paused_stepped_and_set(admin: Client) -> None:
    assert problems(save(admin, "step"))["__all__"][0].endswith("pause it to go step by step")
    save(admin, "clock", pace=0)
    assert demo().pace == 0
    assert save(admin, "step").status_code == 302
    save(admin, "clock", pace=5)
    assert demo().pace == 5
    assert problems(save(admin, "clock", pace=0.01)) == {
        "pace": ["Invalid value: 0.01: must be 0 (paused), or from 0.1 to 60"]
    }


def test_the_books_api_versions_are_switched(admin: Client) -> None:
    save(admin, "versions")
    assert not demo().old_versions
    head = demo().head
    save(admin, "versions")
    assert demo().head == head
    save(admin, "versions", old_versions="on")
    assert demo().old_versions
    save(admin, "versions")
    assert [each.what for each in recent.edits(demo())][:2] == [
        "old API versions no longer served",
        "old API versions served",
    ]


@pytest.mark.parametrize("do", ["node", "node-delete", "behaviour", "behaviour-delete", "behaviours-of-story", "leave"])
@pytest.mark.parametrize("key", ["0", "x", "9" * 30])
def test_what_is_another_clusters_is_not_there(admin: Client, do: str, key: str) -> None:
    clusters.create("blue")
    fields = {"node": {"slots": 1}, "behaviour": RULE}.get(do, {})
    assert "That is no longer there." in str(problems(save(admin, do, key=key, **fields)))
    if do == "node-delete":
        row = models.Node.objects.filter(cluster__name="blue")[0]
        assert "That is no longer there." in str(problems(save(admin, do, key=row.pk)))


def test_nothing_is_saved_without_the_pages_token(settings: Any) -> None:
    settings.ANONYMOUS = "admin"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SETTINGS, {"do": "clock", "pace": 0}).status_code == 403
    assert demo().pace == 1.0


def test_recent_edits_tell_who_did_what(admin: Client) -> None:
    actions.example(DEFAULT, actor="ben")
    actions.act(DEFAULT, "nginx-deployment", "scale", 5, actor="cat")
    pacing.set_pace("demo", 0, actor="ann")
    namespaces.create("demo", "other", actor="story")
    told = [(each.who, each.what) for each in recent.edits(demo())]
    assert told[:4] == [
        ("story", "namespace/other created"),
        ("ann", "clock paused"),
        ("cat", "deployment/nginx-deployment changed in default"),
        ("ben", "deployment/nginx-deployment created in default"),
    ]
    page = admin.get(SETTINGS).content.decode()
    assert "deployment/nginx-deployment changed in default" in page


def test_recent_edits_of_a_namespace_and_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    namespaces.create("demo", "other", actor="me")
    actions.example(DEFAULT, actor="ann")
    actions.example(space("other"), actor="ben")
    assert [each.who for each in recent.edits(demo(), frozenset({"other"}))] == ["ben"]
    for replicas in range(4, 9):
        actions.act(DEFAULT, "nginx-deployment", "scale", replicas, actor="cat")
    monkeypatch.setattr(recent, "MOST_EDITS", 3)
    assert [each.who for each in recent.edits(demo())] == ["cat"] * 3


def test_one_write_is_one_line() -> None:
    actions.example(DEFAULT, actor="ann")
    namespaces.create("demo", "other", actor="ann")
    actions.example(space("other"), actor="ann")
    namespaces.delete(space("other"), actor="ben")
    first = recent.edits(demo())[0]
    assert first.who == "ben"
    assert [each.who for each in recent.edits(demo())].count("ben") <= 2


def test_long_lists_are_cut(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_page, "MOST_ROWS", 2)
    for name in ("ben", "cat", "dan"):
        grant(User.objects.create_user(name), ":view")
    context = admin.get(SETTINGS).context
    assert ([each.user.username for each in context["members"]], context["is_cut"]) == (["ann", "ben"], True)
    assert len(context["nodes"]) == len(context["behaviours"]) == 2
    found = admin.get(f"{SETTINGS}?member=da").context["members"]
    assert [each.user.username for each in found] == ["dan"]
