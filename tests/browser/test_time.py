"""Forecast, the clock, and looking back, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_book import FIGURE_3_8, ROLLOUT_MS, open_deployment, set_image
from tests.outside.process import BOOK, Demo


def test_an_edit_shows_its_forecast_and_a_variant_is_applied_with_one_click(
    page: Page, demo: Demo, complaints: list[str]
) -> None:
    open_deployment(page, demo)
    page.locator("form[data-action=set-image] input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_contain_text(
        "at most 4 pods (5 with those that still stop), at least 3 available"
    )
    assert page.locator("path.forecast").get_attribute("d")
    page.locator("#compare").click()
    second = page.locator("#compare-rows > li").nth(1)
    expect(second.locator("[data-result=takes]")).to_have_text(re.compile(r"^\d+\.\d s$"))
    second.get_by_role("button").click()
    expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    expect(page.locator("svg.figure .limits")).to_have_text("1 max surge, 0 max unavailable")
    assert page.locator("path.forecast").get_attribute("d")
    assert complaints == []


def test_a_paused_clock_is_stepped_before_everybody(page: Page, demo: Demo, complaints: list[str]) -> None:
    open_deployment(page, demo)
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock-toggle")).to_have_text("Let time run")
    set_image(page, "nginx:1.9.1")
    expect(page.locator("svg.figure .pod")).to_have_count(4)
    expect(page.locator("svg.figure .pod[data-state=waiting]")).to_have_count(1)
    page.locator("#clock-step").click()
    page.locator("#clock-step").click()
    expect(page.locator("svg.figure .pod[data-state=running]")).to_have_count(1)
    page.locator("#clock-toggle").click()
    page.locator("#clock-pace").select_option("10")
    expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    assert complaints == []


def test_a_recorded_rollout_is_played_step_by_step_and_taken_away(
    page: Page, demo: Demo, complaints: list[str], tmp_path: Path
) -> None:
    open_deployment(page, demo)
    set_image(page, "nginx:1.9.1")
    expect(page.locator("#strip > li[data-frame]")).to_have_count(len(FIGURE_3_8), timeout=ROLLOUT_MS)
    expect(page.locator("#recordings li")).to_have_count(2)
    page.locator("#recordings a").first.click()
    expect(page).to_have_url(re.compile(r"/rollouts/\d+/"))
    expect(page.locator(".strip .card")).to_have_count(len(FIGURE_3_8))
    expect(page.locator(".strip [aria-current]")).to_have_attribute("data-frame", re.compile("[01]"))
    page.keyboard.press("End")
    expect(page.locator(".strip [aria-current]")).to_have_attribute("data-frame", "6")
    page.locator(".strip [data-frame='1']").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".strip [aria-current]")).to_have_attribute("data-frame", "3")
    moment = page.url
    page.goto(moment)
    expect(page.locator(".strip [aria-current]")).to_have_attribute("data-frame", "3")
    expect(page.locator("[data-part=why]")).to_contain_text("leaves room for 1 new pod")
    with page.expect_download() as download:
        page.get_by_role("link", name="Plays offline (HTML)").click()
    kept = tmp_path / "rollout.html"
    download.value.save_as(kept)
    page.context.set_offline(True)
    page.goto(kept.as_uri())
    page.locator("[data-do=last]").click()
    expect(
        page.locator(f"svg.figure .replicaset[data-name={BOOK}-3599678771] .pod[data-state=available]")
    ).to_have_count(3)
    assert complaints == []
