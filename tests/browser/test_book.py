"""The book's update in a real browser, read off the drawn page: Figure 3.8, frame by frame."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.outside.process import BOOK, Demo

OLD, NEW = f"{BOOK}-4087004473", f"{BOOK}-3599678771"
FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
CEILING, FLOOR = 4, 3
ROLLOUT_MS = 60_000

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


def test_the_update_plays_as_figure_3_8(page: Page, demo: Demo, complaints: list[str]) -> None:
    open_deployment(page, demo)
    page.evaluate(WATCH)
    set_image(page, "nginx:1.9.1")
    expect(page.locator("#strip > li[data-frame]")).to_have_count(len(FIGURE_3_8), timeout=ROLLOUT_MS)
    expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    assert cards(page) == FIGURE_3_8
    assert drawn_sets(page) == [(OLD, "0"), (NEW, "3")]
    assert_within_limits(page.evaluate("window.drawn"))
    assert complaints == []


def test_the_strip_is_there_again_after_a_reload(page: Page, demo: Demo, complaints: list[str]) -> None:
    open_deployment(page, demo)
    set_image(page, "nginx:1.9.1")
    expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    page.reload()
    expect(page.locator("#strip > li[data-frame]")).to_have_count(len(FIGURE_3_8))
    assert cards(page) == FIGURE_3_8
    assert complaints == []


def test_a_typo_in_the_tag_leaves_the_old_pods_and_undo_mends_it(page: Page, demo: Demo, complaints: list[str]) -> None:
    open_deployment(page, demo)
    page.evaluate(WATCH)
    set_image(page, "nginx:1.91")
    expect(page.locator("svg.figure .pod[data-state=failed]")).to_have_count(1, timeout=ROLLOUT_MS)
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)
    page.locator("button[data-action=undo]").click()
    expect(page.locator("svg.figure .pod")).to_have_count(3, timeout=ROLLOUT_MS)
    expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    assert_within_limits(page.evaluate("window.drawn"))
    assert complaints == []


def test_the_page_follows_a_restart_of_the_server(page: Page, demo: Demo) -> None:
    open_deployment(page, demo)
    demo.stop()
    expect(page.locator("#connection")).not_to_have_text("live")
    demo.start()
    expect(page.locator("#connection")).to_have_text("live", timeout=30_000)
    demo.set_image("nginx:1.9.1")
    expect(page.locator("#strip > li[data-frame]")).to_have_count(len(FIGURE_3_8), timeout=ROLLOUT_MS)
    assert cards(page) == FIGURE_3_8


def test_the_overview_leads_to_the_deployment(page: Page, demo: Demo, complaints: list[str]) -> None:
    page.goto(demo.url)
    page.get_by_role("link", name=BOOK).first.click()
    expect(page).to_have_url(re.compile(rf"/namespaces/default/deployments/{BOOK}/$"))
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)
    assert complaints == []


def open_deployment(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}namespaces/default/deployments/{BOOK}/")
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)


def set_image(page: Page, image: str) -> None:
    form = page.locator("form[data-action=set-image]")
    form.locator("input[name=image]").fill(image)
    form.get_by_role("button", name="Set image").click()


def cards(page: Page) -> list[tuple[int, int]]:
    """(old, new) desired pods of each card, from left to right."""
    found = page.locator("#strip > li[data-frame]").evaluate_all("all => all.map(each => ({...each.dataset}))")
    assert [int(each["frame"]) for each in found] == list(range(len(found)))
    return [(int(each["old"]), int(each["new"])) for each in found]


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
