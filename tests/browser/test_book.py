"""The book's update in a real browser, read off the drawn page: Figure 3.8, frame by frame."""

import re
import signal
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.stage import FIGURE_3_8, NEW, OLD, ROLLOUT_MS, Complaints, Stage
from tests.outside.process import BOOK

CEILING, FLOOR = 4, 3
STEPS = [
    "The state before the rollout.",
    "New ReplicaSet scaled up to 1.",
    "Old ReplicaSet scaled down to 2.",
    "New ReplicaSet scaled up to 2.",
    "Old ReplicaSet scaled down to 1.",
    "New ReplicaSet scaled up to 3.",
    "Old ReplicaSet scaled down to 0.",
]

# Counts the figure's cells at every animation frame in which it differs from the frame before.
WATCH = """() => {
  window.drawn = []
  const count = () => {
    const cells = [...document.querySelectorAll("svg.figure .pod")].map(cell => cell.dataset.state)
    const seen = {total: cells.filter(each => each !== "terminating").length,
                  available: cells.filter(each => each === "available").length,
                  terminating: cells.filter(each => each === "terminating").length}
    if (JSON.stringify(seen) !== JSON.stringify(window.drawn.at(-1))) window.drawn.push(seen)
    requestAnimationFrame(count)
  }
  count()
}"""


def test_the_update_plays_as_figure_3_8(stage: Stage) -> None:
    page = stage.open()
    page.evaluate(WATCH)
    stage.set_image("nginx:1.9.1")
    assert stage.cards(len(FIGURE_3_8)) == FIGURE_3_8
    stage.is_said("Complete")
    assert drawn_sets(page) == [(OLD, "0"), (NEW, "3")]
    expect(page.locator("#steps li b")).to_have_text(STEPS)
    expect(page.locator("#steps .because")).to_have_count(len(STEPS) - 1)
    assert_within_limits(page.evaluate("window.drawn"))
    expect(page.locator("#narration .why")).to_have_text(re.compile("^At most 4 pods .* never fewer than 3 available"))
    expect(page).to_have_title(re.compile("^Complete"))
    page.reload()
    assert stage.cards(len(FIGURE_3_8)) == FIGURE_3_8


def test_steps_to_come_are_faint_until_they_are_taken(stage: Stage) -> None:
    page = stage.open()
    stage.act("pace/", {"pace": 0})
    stage.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": "nginx:1.9.1"}})
    assert stage.cards(2) == FIGURE_3_8[:2]
    expect(page.locator("#strip .coming")).to_have_count(len(FIGURE_3_8) - 2)
    expect(page.locator("#strip .coming .label").last).to_have_text("old down to 0")
    expect(page.locator(".narration .now")).to_have_text("Waiting for 1 new pod to become available.")
    stage.act("pace/", {"pace": 20})
    assert stage.cards(len(FIGURE_3_8)) == FIGURE_3_8
    expect(page.locator("#strip .coming")).to_have_count(0)


def test_a_typo_in_the_tag_leaves_the_old_pods_and_undo_mends_it(stage: Stage) -> None:
    page = stage.open()
    page.evaluate(WATCH)
    stage.set_image("nginx:1.91")
    expect(page.locator("svg.figure .pod[data-state=failed]")).to_have_count(1, timeout=ROLLOUT_MS)
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)
    expect(page.locator("#state")).to_contain_text("Failing")
    expect(page.locator(".narration .now")).to_contain_text(
        "3 pods must stay available, so no more old pods are removed"
    )
    expect(page.locator(".narration .now")).to_contain_text("The progress deadline passes in ")
    page.get_by_role("button", name="Show the pod").click()
    expect(page.locator("#pod-dialog")).to_contain_text("Failed to pull image")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo the rollout", exact=True).click()
    expect(page.locator("svg.figure .pod")).to_have_count(3, timeout=ROLLOUT_MS)
    expect(page.locator("#undo-call")).to_be_hidden()
    stage.is_said("Complete")
    assert_within_limits(page.evaluate("window.drawn"))


GONE_AT_ONCE = """async () => {
  const [{ Figure }, { Cluster }] = await Promise.all([
    import("/static/js/figure/figure.js"), import("/static/js/model/cluster.js")])
  const host = document.body.appendChild(document.createElement("div"))
  const figure = new Figure(host)
  const status = {observed_generation: 1, replicas: 1, updated_replicas: 1, ready_replicas: 1, available_replicas: 1, conditions: []}
  const deployment = {uid: "d", name: "web", generation: 1, replicas: 1, strategy: "RollingUpdate", surge: 1, unavailable: 0,
                      containers: [{name: "web", image: "web:1"}], revision: "1", status}
  const replicaset = {uid: "r", name: "web-1", number: 1, owner_uid: "d", revision: "1", containers: deployment.containers,
                      replicas: 1, min_ready_seconds: 0, status}
  const pod = {uid: "p", name: "web-1-abcde", owner_uid: "r", created_at: 0, deleted_at: null, node: "node-1", phase: "Running",
               ready: true, ready_since: 0, status: "Running"}
  const cluster = new Cluster()
  cluster.applySnapshot({rv: 1, now: 9, pace: 0, deployments: [deployment], replicasets: [replicaset], pods: [pod]})
  figure.draw(cluster, deployment)
  const gone = {rv: 2, kind: "Pod", verb: "DELETED", at: 9, state: pod}
  cluster.applyChanges({from: 1, to: 2, now: 9, pace: 0, items: [gone]})
  figure.draw(cluster, deployment)
  const states = [...host.querySelectorAll(".pods .pod")].map(cell => cell.dataset.state)
  host.remove()
  return states
}"""


def test_a_pod_whose_stop_was_never_drawn_does_not_fade_as_available(stage: Stage) -> None:
    """On a loaded machine its stop and its end come in one frame; the ceiling was drawn broken then."""
    assert stage.open().evaluate(GONE_AT_ONCE) == ["terminating"]


def test_recreate_empties_the_old_before_it_fills_the_new(stage: Stage) -> None:
    page = stage.open()
    stage.act(f"deployments/{BOOK}/tune/", {"strategy": "Recreate"})
    expect(page.locator("svg.figure .limits")).to_have_text("Recreate")
    stage.set_image("nginx:1.9.1")
    expect(page.locator("#strip .label")).to_have_text(["start", "old down to 0", "new up to 3"], timeout=ROLLOUT_MS)
    stage.is_said("Complete")


def test_below_the_floor_is_red_with_its_cause(stage: Stage) -> None:
    page = stage.open()
    stage.act(f"deployments/{BOOK}/tune/", {"strategy": "Recreate"})
    stage.act("pace/", {"pace": 0})
    stage.set_image("nginx:1.9.1")
    stage.is_said("Below the floor: 0 of 3")
    expect(page.locator("#state")).to_have_attribute("data-tone", "bad")
    why = "Recreate waits for 3 old pods to stop before any new one starts."
    expect(page.locator(".narration .now")).to_have_text(f"Below the floor: 0 of 3 available. {why}")
    expect(page.locator(".narration .now")).to_have_attribute("data-tone", "bad")
    page.goto(stage.overview)
    expect(page.locator(".deployments .chip")).to_have_text("Below the floor: 0 of 3")
    expect(page.locator(".deployments .reason")).to_have_text(why)
    page.get_by_role("button", name="1 failing").click()
    expect(page.locator(".deployments li")).to_have_count(1)
    stage.act("pace/", {"pace": 20})
    expect(page.locator(".deployments li")).to_have_count(0)
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="1 Deployment").click()
    expect(page.locator(".deployments .chip")).to_have_text("Complete")


def test_the_overview_leads_to_the_deployment(page: Page, stage: Stage) -> None:
    page.goto(stage.overview)
    page.get_by_role("link", name=BOOK).first.click()
    expect(page).to_have_url(re.compile(rf"/clusters/demo/namespaces/{stage.namespace}/deployments/{BOOK}/$"))
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)


def test_a_killed_server_loses_and_doubles_nothing(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("WebSocket|ERR_CONNECTION|Failed to load|50[0-9]")
    page = stage.open()
    stage.set_image("nginx:1.9.1")
    expect(page.locator("#strip > li[data-frame='2']")).to_be_visible()
    stage.demo.stop(signal.SIGKILL)
    expect(page.locator("#connection")).not_to_have_text("live")
    expect(page.locator("#figure")).to_have_css("opacity", "0.45")
    pause = page.locator("button[data-action=pause]")
    expect(pause).to_have_attribute("title", "Not connected to the server.")
    stage.demo.start()
    expect(page.locator("#connection")).to_have_text("live", timeout=30_000)
    assert stage.cards(len(FIGURE_3_8)) == FIGURE_3_8
    stage.is_said("Complete")
    expect(page.locator("svg.figure .pod")).to_have_count(3, timeout=ROLLOUT_MS)
    names = page.locator("svg.figure .pod").evaluate_all("all => all.map(each => each.dataset.name)")
    assert len(set(names)) == 3


def drawn_sets(page: Page) -> list[tuple[str, str]]:
    """(name as it is drawn, desired pods) of each ReplicaSet, from left to right."""
    sets = page.locator("svg.figure .replicaset")
    by_place = sorted(sets.all(), key=lambda each: (each.bounding_box() or {"x": 0})["x"])
    return [
        (each.locator("text.name").text_content() or "", each.get_attribute("data-desired") or "") for each in by_place
    ]


def assert_within_limits(drawn: list[dict[str, Any]]) -> None:
    assert len(drawn) > 1
    assert [each for each in drawn if each["total"] > CEILING] == []
    assert [each for each in drawn if each["available"] < FLOOR] == []
