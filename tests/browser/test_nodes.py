"""A Deployment by node: what is taken and free, who fits nowhere and why, and the switch that shows it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import FIGURE_3_8, ROLLOUT_MS, Stage, has_no_sideways_scroll, kubernetes
from tests.outside.process import BOOK, Demo, is_complete, wait_until

LARGE, SMALL = ("node-1", "node-2", "node-3"), ("small-1", "small-2")
SIZES = {"cpu": "1", "memory": "2Gi", "pods": "10"}
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.7.9", resources: {requests: {cpu: 600m, memory: 512Mi}}}]}
"""


def cordon(demo: Demo, name: str, *, on: bool) -> None:
    kubernetes(demo, "PATCH", f"api/v1/nodes/{name}", {"spec": {"unschedulable": on}})


@pytest.fixture
def small_nodes(demo: Demo) -> Iterator[None]:
    """Pods go to these two only."""
    for name in SMALL:
        about = {"name": name, "labels": {"topology.kubernetes.io/zone": "zone-a"}}
        body = {"apiVersion": "v1", "kind": "Node", "metadata": about, "status": {"allocatable": SIZES}}
        kubernetes(demo, "POST", "api/v1/nodes", body)
    for name in LARGE:
        cordon(demo, name, on=True)
    yield
    for name in LARGE:
        cordon(demo, name, on=False)
    for name in SMALL:
        kubernetes(demo, "DELETE", f"api/v1/nodes/{name}")


@pytest.fixture
def web(empty: Stage, small_nodes: None) -> Stage:  # noqa: ARG001
    """Two pods, one on each small node."""
    empty.act("deployments/create/", {"yaml": WEB})
    wait_until(lambda: is_complete(empty.demo.deployment("web", empty.namespace)), 60, "the Deployment")
    return empty


def open_by_node(stage: Stage, name: str = "web") -> Page:
    page = stage.page
    page.goto(f"{stage.overview}deployments/{name}/")
    expect(page.locator("#connection")).to_have_text("live")
    page.keyboard.press("n")
    expect(page.locator("svg.by-node")).to_be_visible()
    return page


def board(page: Page, name: str) -> Locator:
    return page.locator(f"svg.by-node .board[data-name={name}]")


def holders(page: Page) -> list[str]:
    """The node that each pod says it is on, of those that live; "" for none."""
    titles = page.locator("svg.by-node .pod[role]:not(.leaving):not([data-state=terminating]) > title")
    found = [re.search(r"small-\d|node-\d", text) for text in titles.all_text_contents()]
    return sorted(each[0] if each else "" for each in found)


def test_the_surge_pod_that_fits_nowhere_stands_apart_with_the_reason_until_there_is_room(web: Stage) -> None:
    page = open_by_node(web)
    cpu = board(page, "small-1").locator(".bar[data-resource=cpu] text")
    expect(cpu).to_have_text(["cpu 600m of 1 (60%)", "400m free"])
    expect(board(page, "small-2").locator(".bar[data-resource=memory] text")).to_have_text(
        ["memory 512Mi of 2Gi (25%)", "1536Mi free"]
    )
    expect(board(page, "small-1").locator(".zone")).to_have_text("zone-a")
    expect(page.locator(".unscheduled .name")).to_have_text("Every pod has a node.")
    assert holders(page) == ["small-1", "small-2"]
    web.act("deployments/web/set-image/", {"images": {"nginx": "nginx:1.9.1"}})
    apart = page.locator(".unscheduled")
    expect(apart.locator(".name")).to_have_text("1 pod has no node", timeout=ROLLOUT_MS)
    expect(apart).to_contain_text("a pod asks for cpu 600m, memory 512Mi")
    expect(apart).to_contain_text("0/5 nodes are available: 2 Insufficient cpu, 3 node(s) were unschedulable.")
    for name in SMALL:
        expect(board(page, name).locator(".refusals")).to_have_text("Insufficient cpu")
    for name in LARGE:
        expect(board(page, name).locator(".marks")).to_contain_text("cordoned")
        expect(board(page, name).locator(".refusals")).to_contain_text("node(s) were unschedulable")
    wait_until_apart(page)
    web.act("deployments/web/tune/", {"max_unavailable": 1})
    web.is_said("Complete")
    expect(apart.locator(".name")).to_have_text("Every pod has a node.")
    expect(page.locator("svg.by-node .pod.rev-2[data-state=available]")).to_have_count(2)
    assert holders(page) == ["small-1", "small-2"]
    expect(cpu).to_have_text(["cpu 600m of 1 (60%)", "400m free"])
    expect(board(page, "small-1").locator(".refusals")).to_have_text("")


ARE_APART = """() => [...document.querySelectorAll("svg.by-node .pod[role]:not(.leaving)")].every(pod => {
  const node = pod.querySelector("title").textContent.match(/small-\\d|node-\\d/)?.[0]
  const frame = document.querySelector(node ? `.board[data-name=${node}] .frame` : ".unscheduled .frame")
  const [inner, outer] = [pod.querySelector(".cell"), frame].map(each => each.getBoundingClientRect())
  return inner.left > outer.left && inner.right < outer.right && inner.top > outer.top && inner.bottom < outer.bottom
})"""


def wait_until_apart(page: Page) -> None:
    """Until each pod lies inside the board of its node, the one without a node inside the frame of those: pods travel there."""
    wait_until(lambda: page.evaluate(ARE_APART), 20, "the pods to be where they belong")


def test_a_budget_that_holds_a_drain_says_so_on_the_node(web: Stage) -> None:
    budget = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    body = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "two"}, "spec": budget}
    kubernetes(web.demo, "POST", f"apis/policy/v1/namespaces/{web.namespace}/poddisruptionbudgets", body)
    page = open_by_node(web)
    expect(page.locator(".bands")).to_contain_text(
        "PodDisruptionBudget two: 0 disruptions allowed, 2 healthy of 2 needed"
    )
    expect(board(page, "small-1").locator(".refusals")).to_have_text("")
    cordon(web.demo, "small-1", on=True)
    expect(board(page, "small-1").locator(".refusals")).to_contain_text(
        "the disruption budget two needs 2 healthy pods and has 2"
    )
    expect(board(page, "small-2").locator(".refusals")).to_have_text("")
    patch = {"spec": {"minAvailable": 1}}
    kubernetes(web.demo, "PATCH", f"apis/policy/v1/namespaces/{web.namespace}/poddisruptionbudgets/two", patch)
    expect(page.locator(".bands")).to_contain_text("1 disruption allowed")
    expect(board(page, "small-1").locator(".refusals")).to_have_text("")
    evict(web, page)
    expect(board(page, "small-1").locator(".marks")).to_contain_text("1 pod is being evicted")


def evict(stage: Stage, page: Page) -> None:
    """The pod on small-1, from its own time on: it takes a while to stop."""
    stage.act("pace/", {"pace": 0.1})
    titles = page.locator("svg.by-node .pod[role] > title").all_text_contents()
    name = next(text for text in titles if "small-1" in text).split(":")[0]
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": stage.namespace}}
    kubernetes(stage.demo, "POST", f"api/v1/namespaces/{stage.namespace}/pods/{name}/eviction", body)


def test_the_view_is_switched_by_keyboard_and_stays(stage: Stage) -> None:
    page = stage.open()
    by_set, by_node = (page.get_by_role("radio", name=name) for name in ("by ReplicaSet", "by node"))
    expect(by_set).to_be_checked()
    by_set.focus()
    page.keyboard.press("ArrowRight")
    expect(by_node).to_be_checked()
    expect(page.locator("svg.by-node .pod[data-state=available]")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"\?view=nodes$"))
    page.reload()
    expect(by_node).to_be_checked()
    expect(page.locator("svg.by-node .board")).to_have_count(3)
    page.goto(stage.address)
    expect(page.locator("svg.by-node")).to_be_visible()  # remembered without the address
    page.goto(f"{stage.address}?view=sets")
    expect(page.locator("svg.figure .replicaset")).to_have_count(1)
    page.keyboard.press("n")
    cells = page.locator("svg.by-node .pod[role]")
    expect(cells).to_have_count(3)
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    name = page.locator("svg.by-node .pod:focus").get_attribute("data-name")
    page.keyboard.press("Enter")
    expect(page.locator("#pod-title")).to_have_text(str(name))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_contain_text("by node")


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_boards_fit_the_screen(stage: Stage, width: int) -> None:
    page = stage.page
    page.set_viewport_size({"width": width, "height": 900})
    open_by_node(stage, BOOK)
    expect(page.locator("svg.by-node .board")).to_have_count(3)
    assert has_no_sideways_scroll(page)
    right = page.locator("svg.by-node .board .frame").evaluate_all(
        "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
    )
    assert right <= width


def test_a_replay_and_the_file_taken_along_show_nodes_as_they_were(stage: Stage, tmp_path: Path) -> None:
    page = stage.open()
    stage.set_image("nginx:1.9.1")
    stage.cards(len(FIGURE_3_8))
    stage.is_said("Complete")
    page.locator("#recordings a").first.click()
    expect(page).to_have_url(re.compile("/rollouts/"))
    page.locator(".views label").filter(has_text="by node").click()
    expect(page.locator("svg.by-node .board")).not_to_have_count(0)
    expect(page.locator("svg.by-node .bar")).to_have_count(9)
    pods = page.locator("svg.by-node .bar[data-resource=pods] .taken")
    before = taken_pods(pods)  # with those of other namespaces
    page.get_by_role("button", name="Next step").click()
    assert taken_pods(pods) == before + 1, "the surge"
    page.get_by_role("button", name="To the start").click()
    assert taken_pods(pods) == before
    with page.expect_download() as download:
        page.get_by_role("link", name="Download HTML player").click()
    download.value.save_as(tmp_path / "film.html")
    page.goto((tmp_path / "film.html").as_uri())
    page.keyboard.press("n")
    expect(page.locator("svg.by-node .pod[role]")).to_have_count(3)
    assert taken_pods(pods) == before
    page.keyboard.press("n")
    expect(page.locator("svg.figure .replicaset")).not_to_have_count(0)


def taken_pods(bars: Locator) -> int:
    """Of all nodes, of "pods 1 of 2000 (0%)"."""
    return sum(int(each.split()[1]) for each in bars.all_text_contents())
