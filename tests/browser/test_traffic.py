"""A Deployment with a Service: the lane of requests under the chart, its numbers, and a preStop hook as a variant."""

import json
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import ROLLOUT_MS, Stage
from tests.outside.process import BOOK

SERVICE = f"""
from cluster.spaces import Space
from cluster.stories import staging
manifest = {{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "web"}},
             "spec": {{"selector": {{"app": "nginx"}}, "ports": [{{"port": 80}}]}}}}
staging.apply_rule(Space("demo", "%s"), manifest, actor="{BOOK}")
"""


@pytest.fixture
def page_with_service(stage: Stage) -> Page:
    stage.demo.manage("shell", "-c", SERVICE % stage.namespace)
    return stage.open()


def foresee(page: Page) -> None:
    page.locator("form[data-action=set-image] input[name=image]").fill("nginx:1.9.1")


def test_without_a_service_there_is_no_lane(stage: Stage) -> None:
    page = stage.open()
    foresee(page)
    expect(page.locator("#forecast")).to_contain_text("complete after")
    expect(page.locator("#traffic")).to_be_hidden()


def test_lost_requests_are_red_counted_and_said_to_be_a_model(page_with_service: Page) -> None:
    page = page_with_service
    foresee(page)
    words = page.locator("#traffic .words.coming")
    expect(words).to_have_text(re.compile(r"Service web: 100 of \d+ requests lost: 100 refused, 0 broken off\."))
    expect(page.locator("#traffic .coming .lost")).to_have_attribute("d", re.compile(r"^M"))
    expect(page.locator("#traffic summary")).to_have_text("A model: what is assumed")
    page.get_by_label("Proxies hear after (s)").fill("0")
    expect(words).to_have_text(re.compile(r"Service web: none of \d+ requests is lost\."))
    page.get_by_label("Requests a second").fill("10")
    page.get_by_label("Proxies hear after (s)").fill("2")
    expect(words).to_have_text(re.compile(r": 20 refused"))


def test_what_happens_is_drawn_beside_what_was_foretold_and_is_in_the_replay(page_with_service: Page) -> None:
    page = page_with_service
    foresee(page)
    past, coming = page.locator("#traffic .words.past"), page.locator("#traffic .words.coming")
    expect(coming).to_have_text(re.compile(r"^Forecast: Service web: 100 of"))
    page.get_by_role("button", name="Set image").click()
    expect(past).to_have_text(re.compile(r"^So far: Service web: "))
    expect(past).to_have_text(re.compile(r"^Service web: 100 of [\d,]+ requests lost: 100 refused"), timeout=ROLLOUT_MS)
    expect(page.locator("#traffic .past .lost")).to_have_attribute("d", re.compile(r"^M"))
    page.get_by_label("Requests a second").fill("10")
    expect(past).to_have_text(re.compile(r": 10 refused"))
    page.locator("#recordings a").first.click()
    lane = page.locator("[data-part=traffic]")
    expect(lane.locator(".words.past")).to_have_text(re.compile(r"^Service web: 100 of"))
    lane.get_by_label("Proxies hear after (s)").fill("0")
    expect(lane.locator(".words.past")).to_have_text(re.compile(r"none of [\d,]+ requests is lost"))
    expect(page).to_have_url(re.compile(r"belief_delay_seconds=0"))
    page.reload()
    expect(lane.get_by_label("Proxies hear after (s)")).to_have_value("0")
    expect(lane.locator(".words.past")).to_have_text(re.compile(r"none of [\d,]+ requests is lost"))


def test_a_link_to_a_forecast_keeps_the_numbers(page_with_service: Page) -> None:
    page = page_with_service
    asked = {
        "action": "set-image",
        "body": {"images": {"nginx": "nginx:1.9.1"}},
        "traffic": {"requests_per_second": 10},
    }
    page.goto(f"{page.url.partition('?')[0]}?{urlencode({'forecast': json.dumps(asked)})}")
    expect(page.get_by_label("Requests a second")).to_have_value("10")
    expect(page.locator("#traffic .words.coming")).to_have_text(re.compile(r": 10 refused"))


def test_a_hook_is_two_clicks_away(page_with_service: Page) -> None:
    page = page_with_service
    foresee(page)
    page.get_by_role("button", name="Compare variants").click()
    lost = page.locator("#compare-rows [data-result=lost]")
    expect(lost.nth(0)).to_have_text("100")
    expect(lost.nth(1)).to_have_text("0")
    expect(page.locator("#compare-rows [name=pre_stop_seconds]").nth(1)).to_have_value("5")
