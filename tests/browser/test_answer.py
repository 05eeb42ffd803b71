"""Will the rollout ever finish? Asked before the edit and on the stage, and helped with one click, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stage import ROLLOUT_MS, Stage, form, kubernetes
from tests.outside.process import BOOK

QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": {"pods": "3"}}}
NO_ROOM = "The quota team has no room: requested pods=1, used pods=3, limited pods=3. (revision 2, 1 pod)"


@pytest.fixture
def full(stage: Stage) -> Stage:
    """The quota has no room for a fourth pod."""
    kubernetes(stage.demo, "POST", f"api/v1/namespaces/{stage.namespace}/resourcequotas", QUOTA)
    return stage


def test_an_edit_that_can_never_complete_says_so_and_is_made_with_what_helps(full: Stage) -> None:
    page = full.open()
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_have_text(
        "Forecast: never complete, at most 3 pods, at least 3 available.", timeout=ROLLOUT_MS
    )
    expect(page.locator("#causes li")).to_have_text([NO_ROOM])
    helps = page.locator("#helps-rows li")
    expect(helps.locator("b")).to_have_text(
        [
            "Set max unavailable to 1",
            "Set max surge to 0 and max unavailable to 1",
            "Raise the quota team to pods 4",
        ]
    )
    quota = helps.filter(has_text="Raise the quota")
    expect(quota.locator(".quiet")).to_have_text(re.compile(r"complete after \d+\.\d s, at least 3 available"))
    expect(quota.locator("code")).to_have_text(
        f'kubectl patch resourcequota/team -p \'{{"spec":{{"hard":{{"pods":"4"}}}}}}\' -n {full.namespace}'
    )
    quota.get_by_role("button", name="Apply: Raise the quota team to pods 4").click()
    full.is_said("Complete")
    expect(page.locator("#causes li")).to_have_count(0)
    expect(page.locator("#helps")).to_be_hidden()
    assert full.deployment()["containers"][0]["image"] == "nginx:1.9.1"  # type: ignore[index]


def test_a_rollout_that_stands_says_why_and_is_helped_on(full: Stage) -> None:
    page = full.open()
    full.set_image("nginx:1.9.1")
    page.locator("#events").focus()
    expect(page.locator("#forecast")).to_have_text("This rollout: never complete.", timeout=ROLLOUT_MS)
    expect(page.locator("#causes li")).to_have_text([NO_ROOM])
    full.is_said("Failing: FailedCreate")
    page.get_by_role("button", name="Apply: Undo the rollout").click()
    full.is_said("Complete")
    expect(page.locator("#forecast")).to_be_empty()


def test_the_overview_says_which_rollout_never_completes(full: Stage) -> None:
    """Of those that fail: here the progress deadline has passed."""
    full.act(f"deployments/{BOOK}/tune/", {"progress_deadline_seconds": 2})
    full.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": "nginx:1.9.1"}})
    full.page.goto(full.overview)
    row = full.page.locator("#deployments > li")
    expect(row.locator(".chip")).to_have_text("Failing: progress deadline exceeded", timeout=ROLLOUT_MS)
    expect(row.locator(".answer")).to_have_text("This rollout: never complete.", timeout=ROLLOUT_MS)
