"""A cluster's settings, as its admins use them; and a clock that others may not turn."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PREPARED
from tests.browser.stage import Complaints
from tests.outside import process
from tests.outside.process import BOOK, Demo


@pytest.fixture
def settings(page: Page, demo: Demo) -> Page:
    page.goto(f"{demo.url}clusters/demo/settings/")
    return page


def test_a_node_is_cordoned_and_a_rule_is_refused_at_its_field(settings: Page, complaints: Complaints) -> None:
    node = settings.locator("#nodes details").first
    node.locator("summary").click()
    node.get_by_label("Cordoned").check()
    node.get_by_role("button", name="Save").click()
    expect(settings.locator(".said")).to_have_text("node/node-1 changed")
    expect(settings.locator("#nodes details").first).to_contain_text("cordoned")
    expect(settings.locator("#edits li").first).to_contain_text("node/node-1 changed")
    expect(settings.locator("#edits time").first).to_have_text(re.compile(r"^[A-Z][a-z]{2} \d+, \d{4}, \d+:\d\d:\d\d"))
    node = settings.locator("#nodes details").first
    node.locator("summary").click()
    node.get_by_label("Cordoned").uncheck()
    node.get_by_role("button", name="Save").click()
    expect(settings.locator("#nodes .chip")).to_have_count(0)

    complaints.allow("400")
    rule = settings.locator("#behaviours details").last
    rule.locator("summary").click()
    rule.locator("[name=pattern]").fill("web:*")
    rule.locator("[name=jitter]").fill("7")
    rule.get_by_role("button", name="Add").click()
    rule = settings.locator("#behaviours details").last
    expect(rule.locator("label", has=settings.locator("[name=jitter]"))).to_contain_text("less than or equal to 1")
    expect(rule.locator("[name=pattern]")).to_have_value("web:*")


def test_somebody_without_an_account_is_told_at_the_field(settings: Page, complaints: Complaints) -> None:
    complaints.allow("400")
    settings.locator("#members form.row [name=user]").fill("zoe")
    settings.locator("#members").get_by_role("button", name="Add").click()
    expect(settings.locator("#members .problem")).to_contain_text("there is no account of that name")


def test_on_a_phone_nothing_sticks_out(settings: Page) -> None:
    settings.set_viewport_size({"width": 390, "height": 844})
    for each in settings.locator("details").all():
        each.locator("summary").click()
    assert settings.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def editors(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """A demo whose visitors have the role edit."""
    kept = tuple(each for each in process.DROPPED if each != "ROLLSTAGE_ANONYMOUS")
    monkeypatch.setattr(process, "DROPPED", kept)
    monkeypatch.setenv("ROLLSTAGE_ANONYMOUS", "edit")
    demo = Demo(tmp_path_factory.mktemp("editors"))
    demo.manage("migrate", "--verbosity=0")
    demo.manage("shell", "-c", PREPARED)
    try:
        yield demo.start()
    finally:
        demo.stop()


def test_who_edits_does_not_turn_the_clock(editors: Demo, page: Page) -> None:
    page.goto(f"{editors.url}clusters/demo/namespaces/default/deployments/{BOOK}/")
    expect(page.locator("#connection")).to_have_text("live")
    toggle = page.locator("#clock-toggle")
    expect(toggle).to_have_attribute("aria-disabled", "true")
    expect(toggle).to_have_attribute("title", "Only admins of the cluster turn its clock.")
    expect(page.locator("#clock-pace")).to_be_disabled()
    toggle.click(force=True)
    page.keyboard.press(" ")
    expect(toggle).to_have_text("Pause time")
    expect(page.get_by_role("button", name="Set image")).to_have_attribute(
        "title", "The container has this image already."
    )
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
