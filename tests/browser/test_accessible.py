"""axe finds nothing to complain of, on every kind of page, light and dark."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.stage import FIGURE_3_8, Complaints, Stage, form

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RUN = "async (about) => (await axe.run(document, {resultTypes: ['violations'], ...about})).violations"
SCHEMES: dict[Any, dict[str, Any]] = {  # in the dark only colours are others
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
    "light": {},
}


@pytest.fixture(autouse=True)
def needs_axe() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci)")


def test_axe_finds_nothing(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("404|Not Found")
    page = stage.page
    own = [f"{stage.demo.url}{each}/" for each in ("fidelity", "login", "stories")]
    for path in (*own, stage.overview, f"{stage.overview}nothing/"):
        page.goto(path)
        assert complaints_of(page) == {}, path
    stage.open()
    page.keyboard.press("n")
    expect(page.locator("svg.by-node .bar")).to_have_count(9)
    assert complaints_of(page) == {}
    page.keyboard.press("n")
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    page.locator("#assumes-line").click()
    assert complaints_of(page) == {}
    page.locator("#compare").click()
    expect(page.locator("#compare-rows dd").first).not_to_have_text("…")
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    form(page, "set-image").get_by_role("button", name="Set image").click()
    stage.cards(len(FIGURE_3_8))
    stage.is_said("Complete")
    page.locator("svg.figure .pod[data-state=available]").first.click()
    expect(page.locator("#pod-dialog .log")).to_be_visible()
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    page.locator("[data-action=edit]").click()
    expect(page.locator("#yaml-dialog")).to_be_visible()
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    page.locator("#recordings a").first.click()
    expect(page).to_have_url(re.compile("/rollouts/"))
    expect(page.locator(".strip .card")).to_have_count(len(FIGURE_3_8))
    assert complaints_of(page) == {}
    page.keyboard.press("n")
    expect(page.locator("svg.by-node .board")).not_to_have_count(0)
    assert complaints_of(page) == {}


# Addresses under the demo's, and a node that is there once the page is drawn.
CHINESE_PAGES = {
    "login/": "form [name=username]",
    "fidelity/": "main h1, main h2",
    "clusters/": "#clusters li",
    "clusters/demo/settings/": "#edits li",
    "clusters/demo/namespaces/{namespace}/": "#deployments li .chip",
    "clusters/demo/namespaces/{namespace}/nothing/": "main",
}


def test_axe_finds_nothing_in_chinese(stage: Stage, complaints: Complaints) -> None:
    """The language is another, and so are the widths of all words."""
    complaints.allow("404|Not Found")
    page = stage.page
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": stage.demo.url}])
    for path, drawn in CHINESE_PAGES.items():
        page.goto(f"{stage.demo.url}{path.format(namespace=stage.namespace)}")
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        expect(page.locator(drawn).first).to_be_attached()
        assert complaints_of(page) == {}, path
    page.goto(stage.address)
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_contain_text("预测")
    page.locator("#assumes-line").click()
    assert complaints_of(page) == {}
    page.locator("#compare").click()
    expect(page.locator("#compare-rows dd").first).not_to_have_text("…")
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    page.locator("svg.figure .pod").first.click()
    expect(page.locator("#pod-dialog .log")).to_be_visible()
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    page.locator("[data-action=edit]").click()
    expect(page.locator("#yaml-dialog")).to_be_visible()
    assert complaints_of(page) == {}
    page.keyboard.press("Escape")
    page.locator("#recordings a").first.click()
    expect(page).to_have_url(re.compile("/rollouts/"))
    expect(page.locator(".strip .card").first).to_be_visible()
    assert complaints_of(page) == {}


def complaints_of(page: Page) -> dict[str, list[str]]:
    """Each rule that is broken, with where, light and dark."""
    page.evaluate(AXE.read_text())
    found: dict[str, list[str]] = {}
    for scheme, about in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another
        for each in page.evaluate(RUN, about):
            found[f"{each['id']}, {scheme}"] = [f"{node['target']}: {node['failureSummary']}" for node in each["nodes"]]
    return found
