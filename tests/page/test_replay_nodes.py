"""What was taken of the nodes during a recorded rollout: the sums are those that were there."""

import json
import time
from typing import Any

import pytest
from django.test import Client

from cluster import models
from cluster.core.scheduling.requested import Amount
from cluster.page import lanes, replay_nodes, sharing
from cluster.records import journal, requested
from cluster.writing import actions, limits, nodes
from tests.records.test_requested import asking
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("cluster")
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ANONYMOUS = "admin"
    monkeypatch.setattr(replay_nodes, "shared", sharing.Shared())
    monkeypatch.setattr(lanes, "buckets", limits.Buckets())


@pytest.fixture
def rollout(cluster: None, work: Any) -> int:  # noqa: ARG001
    """Of `web`, beside `other`; a node is cordoned on the way, and `other` has a pod more."""
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    for name in ("web", "other"):
        actions.create(DEFAULT, asking(name), actor="me")
    nodes.change(DEFAULT.cluster, "node-1", actor="me", unschedulable=False)
    work()
    rv = actions.act(DEFAULT, "web", "set-image", {"web": "nginx:2"}, actor="me").rv
    work()
    nodes.change(DEFAULT.cluster, "node-1", actor="me", unschedulable=True)
    actions.act(DEFAULT, "other", "scale", 4, actor="me")
    work()
    return rv


def frames(client: Client, rv: int) -> list[Json]:
    answer = client.get(f"/clusters/demo/rollouts/{rv}/nodes/")
    assert answer.status_code == 200, answer.content
    found: list[Json] = answer.json()["frames"]
    return found


def played(told: list[Json], rv: int | None = None) -> dict[str, Json]:
    """The nodes as a browser has them after these frames."""
    rows: dict[str, Json] = {}
    for each in told:
        if rv is None or each["rv"] <= rv:
            rows |= {row["name"]: row for row in each.get("nodes", ())}
            rows = {name: row for name, row in rows.items() if name not in each.get("gone", ())}
    return rows


def total(rows: dict[str, Json], key: str = "") -> list[int]:
    """Of all nodes: what others take, or the Deployment's own."""
    amounts = [row["others"] for row in rows.values()] if key else [
        amount for row in rows.values() for amount in row.get("own", {}).values()
    ]  # fmt: skip
    return [sum(each) for each in zip(*amounts, strict=True)]


def test_the_last_frame_is_what_is_there(client: Client, rollout: int) -> None:
    known = requested.load(DEFAULT.cluster)
    asked = requested.asks(DEFAULT, "web")
    rows = played(frames(client, rollout))
    assert rows.keys() == known.nodes.keys()
    for name, row in rows.items():
        own, others = known.requested.of(name, asked)
        assert {uid: Amount(*each) for uid, each in row.get("own", {}).items()} == own
        assert Amount(*row["others"]) == others
    assert rows["node-1"]["unschedulable"] is True


def test_the_first_frame_is_what_was_there_before(client: Client, rollout: int) -> None:
    first, *later = frames(client, rollout)
    assert (first["all"], first["rv"]) == (True, rollout - 1)
    assert total(played([first])) == total(played([first]), "others") == [3 * 350, 3 * 2**20, 3]
    assert set(first["asks"]) == set(
        models.ReplicaSet.objects.filter(name__startswith="web").values_list("uid", flat=True)
    )
    assert "unschedulable" not in played([first])["node-1"]
    assert [each["rv"] for each in later] == sorted(each["rv"] for each in later)


def test_on_the_way_the_surge_takes_more(client: Client, rollout: int) -> None:
    told = frames(client, rollout)
    pods = [total(played(told, each["rv"]))[2] for each in told]
    assert min(pods) == 3 < max(pods)


def test_a_later_rollout_is_left_out(client: Client, rollout: int, work: Any) -> None:
    later = actions.act(DEFAULT, "web", "set-image", {"web": "nginx:3"}, actor="me").rv
    work()
    assert max(each["rv"] for each in frames(client, rollout)) < later


def test_a_pinned_rollout_keeps_its_nodes(client: Client, rollout: int) -> None:
    before = frames(client, rollout)
    assert client.post(f"/clusters/demo/rollouts/{rollout}/pin/").status_code == 200
    journal.compact(time.time() + 2 * journal.KEEP_SECONDS)
    assert frames(client, rollout) == before
    assert "nodes" not in client.get(f"/clusters/demo/rollouts/{rollout}/film/").json()


def test_the_file_taken_along_has_them(client: Client, rollout: int) -> None:
    page = client.get(f"/clusters/demo/rollouts/{rollout}/film.html").content.decode()
    data = json.loads(page.split('id="film-data">')[1].split("</script>")[0])
    assert data["nodes"] == frames(client, rollout)


def test_too_many_changes_end_the_frames_and_too_many_pods_are_refused(
    client: Client, rollout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(frames(client, rollout))
    monkeypatch.setattr(replay_nodes, "shared", sharing.Shared())
    monkeypatch.setattr(replay_nodes, "MOST_CHANGES", 3)
    assert len(frames(client, rollout)) < whole
    monkeypatch.setattr(replay_nodes, "shared", sharing.Shared())
    monkeypatch.setattr(replay_nodes, "MOST_PODS", 3)
    answer = client.get(f"/clusters/demo/rollouts/{rollout}/nodes/")
    assert answer.status_code == 400 and "a replay of its nodes takes 3 at most" in answer.json()["message"]
