"""Forecast, the clock, and looking back, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import FIGURE_3_8, NEW, ROLLOUT_MS, Stage, form, has_no_sideways_scroll, living, step_until
from tests.outside.process import BOOK


def test_an_edit_shows_its_forecast_and_a_variant_is_applied_with_one_click(stage: Stage) -> None:
    page = stage.open()
    page.locator("form[data-action=set-image] input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_contain_text(
        "at most 4 pods (5 including terminating pods), at least 3 available"
    )
    assert page.locator("path.forecast").get_attribute("d")
    expect(page.locator("#strip .coming")).to_have_count(len(FIGURE_3_8) - 1)
    expect(page.locator("#strip .coming .time").first).to_have_text("0.0 s")  # from now on
    expect(page.locator("#assumes-line")).to_have_text(
        "Assumes nginx:1.9.1: pull 0.3 s, start 0.3 s, ready 0.4 s, stop 0.3 s (image rule *); "
        "nginx:1.7.9 (replaced): stop 0.3 s (image rule *)"
    )
    form(page, "tune").locator("[name=max_surge]").fill("2")
    expect(page.locator("#forecast")).to_have_text("No rollout: only the limits change.")
    form(page, "tune").locator("[name=max_surge]").press("Escape")
    form(page, "set-image").locator("input").press("End")
    form(page, "set-image").locator("input").hover()
    expect(page.locator("#forecast")).to_contain_text("at most 4 pods")
    page.locator("#compare").click()
    variants = page.locator("#compare-rows > li")
    expect(variants).to_have_count(4)
    for each in variants.all():
        expect(each.locator("[data-result=takes]")).to_have_text(re.compile(r"^\d+\.\d s$"))
        expect(each.locator("[data-result=ends]")).to_have_text("complete")
    expect(variants.first.locator("[name=max_surge]")).to_have_attribute("placeholder", "25%")
    variants.nth(3).locator("[name=ready_seconds]").fill("30")
    expect(variants.nth(3).locator("[data-result=takes]")).to_have_text(re.compile(r"^(\d\d\d?\.\d s|\d+ min.*)$"))
    expect(page.locator(".best:visible")).not_to_have_count(0)
    variants.nth(1).get_by_role("button").click()
    expect(page.locator("svg.figure .limits")).to_have_text("1 max surge, 0 max unavailable")
    stage.cards(len(FIGURE_3_8))
    stage.is_said("Complete")
    expect(page.locator("path.forecast")).to_have_attribute("d", re.compile("^M"))


def test_a_forecast_assumes_what_is_typed_and_is_shared_as_a_link(stage: Stage, tmp_path: Path) -> None:
    page = stage.open()
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    took = re.compile(r"complete after 9[01]\.\d s")  # three times 30 s, and what the nodes have to pull
    page.locator("#assumes-line").click()
    page.locator("#assumes-rows [name=ready_seconds]").fill("30")
    expect(page.locator("#forecast")).to_contain_text(took)
    expect(page.locator("#assumes-rows li").first).to_contain_text("your values, else image rule *")
    with page.expect_download() as picture:
        page.locator("#forecast-svg").click()
    assert "ceiling 4" in picture.value.path().read_text()
    with page.expect_download() as kept:
        page.locator("#forecast-html").click()
    kept.value.save_as(tmp_path / "forecast.html")
    alone = page.context.new_page()
    alone.goto((tmp_path / "forecast.html").as_uri())
    expect(alone.locator("#result")).to_contain_text(took)
    expect(alone.locator("#assumptions li").first).to_contain_text("ready 30.0 s")
    expect(alone.locator("#steps tr").first).to_contain_text("created with 1")
    expect(alone.locator("#steps tr").first).to_contain_text("leaves room for 1 new pod")
    alone.close()
    link = page.evaluate("document.getElementById('forecast-svg').href").replace("forecast.svg", "")
    page.goto(link)
    expect(page.locator("#forecast")).to_contain_text(took)
    expect(form(page, "set-image").locator("input")).to_have_value("nginx:1.9.1")
    page.locator("#assumes-line").click()
    expect(page.locator("#assumes-rows [name=ready_seconds]")).to_have_value("30")
    page.locator("#assumes-reset").click()
    expect(page.locator("#forecast")).not_to_contain_text(took)


def test_a_paused_clock_is_stepped_before_everybody(stage: Stage) -> None:
    page = stage.open()
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock-toggle")).to_have_text("Resume time")
    stage.set_image(f"nginx:{stage.namespace}")  # on no node yet
    expect(page.locator("svg.figure .pod")).to_have_count(4)
    expect(page.locator("svg.figure .pod[data-state=waiting]")).to_have_count(1)
    page.locator("#event-filter").select_option("pods")
    newest = page.locator("#events li").first
    step_until(page.locator("#clock-step").click, lambda: "Started" in newest.inner_text())
    expect(page.locator("svg.figure .pod[data-state=running]")).to_have_count(1)
    page.locator("#clock-toggle").click()
    page.locator("#clock-pace").select_option("10")
    stage.is_said("Complete")


def test_each_state_of_figure_3_8_is_stood_on_live(stage: Stage) -> None:
    page = stage.open()
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock-toggle")).to_have_text("Resume time")
    page.locator("#clock-step").click()
    expect(page.locator("#clock-held")).to_be_visible()
    stage.set_image("nginx:1.9.1")
    expect(page.locator("#narration .lead")).to_have_text("Starting the rollout.")
    seen = [living(page)]
    while seen[-1] != FIGURE_3_8[-1]:
        step_until(page.locator("#clock-step").click, lambda: living(page) != seen[-1])
        seen.append(living(page))
    assert seen == FIGURE_3_8
    page.locator("#clock-toggle").click()
    expect(page.locator("#clock-held")).to_be_hidden()
    stage.is_said("Complete")


def test_a_recorded_rollout_is_played_step_by_step_and_taken_away(stage: Stage, tmp_path: Path) -> None:
    page = stage.open()
    stage.set_image("nginx:1.9.1")
    stage.cards(len(FIGURE_3_8))
    expect(page.locator("#recordings li")).to_have_count(2)
    page.locator("#recordings a").first.click()
    expect(page).to_have_url(re.compile(r"/clusters/demo/rollouts/\d+/"))
    expect(page.locator(".strip .card")).to_have_count(len(FIGURE_3_8))
    expect(current(page)).to_have_attribute("data-frame", re.compile("[01]"))
    page.keyboard.press("End")
    expect(current(page)).to_have_attribute("data-frame", "6")
    page.keyboard.press("Home")
    for place, sizes in enumerate(FIGURE_3_8):
        expect(current(page)).to_have_attribute("data-frame", str(place))
        assert living(page) == sizes
        page.keyboard.press("ArrowRight")
    for place in (6, 5, 4):
        page.keyboard.press("ArrowLeft")
        expect(current(page)).to_have_attribute("data-frame", str(place))
        assert living(page) == FIGURE_3_8[place]
    page.locator(".strip [data-frame='2']").hover()
    expect(page.locator(".strip [data-frame='2'] .pick")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    page.locator(".strip [data-frame='2']").click()
    assert living(page) == (2, 1)
    moment = page.url
    page.goto(moment)
    expect(current(page)).to_have_attribute("data-frame", "2")
    assert living(page) == (2, 1)
    page.keyboard.press("Shift+ArrowRight")  # frames 4 and 5 are of one instant, as are 2 and 3
    expect(current(page)).to_have_attribute("data-frame", "5")
    page.keyboard.press("Shift+ArrowLeft")
    expect(current(page)).to_have_attribute("data-frame", "3")
    page.locator(".strip [data-frame='3']").click()
    expect(page.locator("[data-part=why]")).to_contain_text("leaves room for 1 new pod")
    page.keyboard.press("Space")
    expect(page.locator("[data-do=play]")).to_have_text("Stop")
    page.keyboard.press("Space")
    page.locator("[data-part=steps] li").nth(4).click()
    page.locator("[data-do=forward]").click()
    expect(current(page)).to_have_attribute("data-frame", "5")
    with page.expect_download() as picture:
        page.get_by_role("link", name="Film strip (SVG)").click()
    assert picture.value.path().read_text().startswith("<svg")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download HTML player").click()
    kept = tmp_path / "rollout.html"
    download.value.save_as(kept)
    page.context.set_offline(True)
    page.goto(kept.as_uri())
    page.locator("[data-do=last]").click()
    expect(page.locator(f"svg.figure .replicaset[data-name={NEW}] .pod[data-state=available]")).to_have_count(3)
    page.locator("[data-do=first]").click()
    page.locator("[data-do=play]").click()
    expect(page.locator("[data-do=play]")).to_have_text("Stop")
    expect(current(page)).to_have_attribute("data-frame", "6", timeout=ROLLOUT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    assert has_no_sideways_scroll(page)


def test_a_rollout_is_looked_back_on_while_it_still_goes_on(stage: Stage) -> None:
    page = stage.page
    stage.act("pace/", {"pace": 0})
    rv = stage.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": "nginx:1.9.1"}})["rv"]
    page.goto(f"{stage.demo.url}clusters/demo/rollouts/{rv}/")
    expect(page.locator(".strip .card")).to_have_count(2)
    expect(page.locator("#open")).to_be_visible()
    stage.act("pace/", {"pace": 20})
    expect(page.locator(".strip .card")).to_have_count(len(FIGURE_3_8), timeout=ROLLOUT_MS)
    expect(page.locator("#open")).to_be_hidden(timeout=ROLLOUT_MS)
    page.locator("#pin").click()
    expect(page.locator("#pin")).to_have_text("Unpin")


def current(page: Page) -> Locator:
    return page.locator(".strip [aria-current]")
