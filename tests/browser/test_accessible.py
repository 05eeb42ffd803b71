"""axe finds nothing to complain of, on every kind of page, light and dark."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.stage import FIGURE_3_8, Complaints, Stage, form

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@pytest.fixture(autouse=True)
def needs_axe() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(stage: Stage, scheme: Any, complaints: Complaints) -> None:
    complaints.allow("404|Not Found")
    page = stage.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in (f"{stage.demo.url}fidelity/", f"{stage.demo.url}login/", stage.overview, f"{stage.overview}nothing/"):
        page.goto(path)
        assert complaints_of(page) == {}, path
    stage.open()
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


def complaints_of(page: Page) -> dict[str, list[str]]:
    """Each rule that is broken, with where."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return {each["id"]: [f"{node['target']}: {node['failureSummary']}" for node in each["nodes"]] for each in found}
