"""The YAML dialog: errors at their lines, and a conflict that is shown and settled."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Complaints, Stage, form
from tests.outside.process import BOOK


def test_an_edit_is_applied(stage: Stage) -> None:
    page = open_editor(stage)
    replace(page, "replicas: 3", "replicas: 2")
    expect(page.locator("#yaml-forecast")).to_contain_text("at least 2 available")
    page.locator("#yaml-save").click()
    expect(page.locator("#yaml-dialog")).to_be_hidden()
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(2)


def test_each_error_leads_to_its_line(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("4(00|22)")
    page = open_editor(stage)
    replace(page, "replicas: 3", "replicas: -3")
    replace(page, "image: nginx:1.7.9", 'image: ""')
    page.locator("#yaml-save").click()
    expect(page.locator("#yaml-errors li")).to_have_count(2)
    for field, text in {"spec.replicas": "replicas: -3", "spec.template.spec.containers[0].image": 'image: ""'}.items():
        error = page.locator("#yaml-errors li").filter(has_text=field)
        error.get_by_role("button").click()
        assert text in selected(page)
        number = int(error.get_attribute("data-line") or 0)
        expect(page.locator("#yaml-lines li").nth(number - 1)).to_have_class("wrong")


def test_text_that_is_no_yaml_leads_to_its_line_too(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("400")
    page = open_editor(stage)
    page.locator("#yaml-text").fill("kind: Deployment\nspec: [")
    page.locator("#yaml-save").click()
    expect(page.locator("#yaml-errors li")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#yaml-dialog")).to_be_hidden()


@pytest.mark.parametrize(("button", "replicas"), [("#yaml-mine", 4), ("#yaml-theirs", 5)], ids=["mine", "theirs"])
def test_a_conflict_is_shown_and_settled(stage: Stage, complaints: Complaints, button: str, replicas: int) -> None:
    complaints.allow("409")
    page = open_editor(stage)
    replace(page, "replicas: 3", "replicas: 4")
    stage.act(f"deployments/{BOOK}/scale/", {"replicas": 5})
    page.locator("#yaml-save").click()
    expect(page.locator("#yaml-diff .minus").filter(has_text="replicas: 5")).to_be_visible()
    expect(page.locator("#yaml-diff .plus").filter(has_text="replicas: 4")).to_be_visible()
    page.locator(button).click()
    expect(page.locator("#yaml-conflict")).to_be_hidden()
    page.locator("#yaml-save").click()
    expect(page.locator("#yaml-dialog")).to_be_hidden()
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(replicas)


def test_other_kinds_are_created_with_a_deployment_and_each_error_is_at_its_document(
    stage: Stage, complaints: Complaints
) -> None:
    complaints.allow("422")
    page = stage.page
    page.goto(stage.overview)
    page.locator("#new").click()
    expect(page.locator("#yaml-hint")).to_contain_text("Services, ConfigMaps")
    area = page.locator("#yaml-text")
    area.fill(area.input_value() + SERVICE)
    page.locator("#yaml-save").click()
    error = page.locator("#yaml-errors li").first
    expect(error).to_contain_text("document 2, spec.ports[0].port: Invalid value: 0")
    assert "port: 0" in selected(page)
    replace(page, "port: 0", "port: 80")
    page.locator("#yaml-save").click()
    expect(page).to_have_url(re.compile("/deployments/web/$"))
    form(page, "set-image").locator("input").fill("nginx:1.7.9")
    expect(page.locator("#traffic")).to_be_visible()  # of the Service


SERVICE = """---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 0
"""


def open_editor(stage: Stage) -> Page:
    page = stage.open()
    page.locator("button[data-action=edit]").click()
    expect(page.locator("#yaml-text")).to_have_value(re.compile("replicas: 3"))
    return page


def replace(page: Page, before: str, after: str) -> None:
    text = page.locator("#yaml-text").input_value()
    assert before in text
    page.locator("#yaml-text").fill(text.replace(before, after))


def selected(page: Page) -> str:
    area = "document.getElementById('yaml-text')"
    return str(page.evaluate(f"{area}.value.slice({area}.selectionStart, {area}.selectionEnd)"))
