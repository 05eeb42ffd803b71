"""A lesson from the library by one person: begun, a task done, a hint, other tasks read, begun anew, gone on with, and ended."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Complaints, has_no_sideways_scroll, show_stage_alone
from tests.browser.test_accessible import AXE, complaints_of
from tests.browser.test_stories import names
from tests.outside.process import Demo

WAIT_MS = 60_000
LESSON, NAME = "04-failing-image", "failing-image"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def library(page: Page, demo: Demo, complaints: Complaints) -> Iterator[Page]:
    complaints.allow(rf"^404 .*/clusters/{NAME}")  # a stage that asks when its cluster is reset, or gone
    complaints.allow("status of 404")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{demo.url}stories/")
    yield page
    page.goto("about:blank")
    demo.manage("shell", "-c", "from cluster.models import Cluster; Cluster.objects.exclude(name='demo').delete()")


def begin(page: Page, lesson: str = LESSON, name: str = NAME) -> None:
    page.locator(f"[data-begin='{lesson}']").click()
    expect(page).to_have_url(re.compile(f"/clusters/{name}/"))
    expect(page.locator("#lesson-body")).to_be_visible()


def task(page: Page, number: int) -> None:
    expect(page.locator("#lesson-place")).to_have_text(f"Task {number} of 4", timeout=WAIT_MS)


def state(page: Page, text: str | None) -> None:
    if text is None:
        expect(page.locator("#lesson-state")).to_be_hidden()
        expect(page.locator("#to-work")).to_be_hidden()
    else:
        expect(page.locator("#lesson-state")).to_have_text(text)


@pytest.mark.parametrize("size", SIZES)
def test_from_begin_to_end(library: Page, demo: Demo, size: Any) -> None:
    library.set_viewport_size(SIZES[size])
    assert has_no_sideways_scroll(library)
    begin(library)
    task(library, 1)
    for part in ("ask-help", "frozen", "others", "following"):
        expect(library.locator(f"#{part}")).to_have_count(0)
    assert has_no_sideways_scroll(library)
    do_the_first_task(library)
    read_other_tasks(library)
    go_away_and_come_back(library, demo)
    start_over(library)
    library.get_by_role("button", name="End", exact=True).click()
    expect(library).to_have_url(f"{demo.url}stories/")
    expect(library.locator(f"[data-begin='{LESSON}']")).to_be_visible()
    assert NAME not in names(library, demo)


def do_the_first_task(page: Page) -> None:
    """With a hint; what is missing is said live."""
    page.get_by_role("button", name="Show a hint (1 left)").click()
    expect(page.locator("#hints li")).to_have_count(1)
    expect(page.locator("#hint")).to_be_hidden()
    expect(page.locator("#verdicts li").first).to_have_text("image is nginx:1.7.9, expected nginx:1.91.")
    form = page.locator("form[data-action=set-image]")
    form.locator("input[name=image]").fill("nginx:1.91")
    form.get_by_role("button", name="Set image").click()
    task(page, 2)
    expect(page.locator("#done-list summary")).to_have_text("1 task done")
    expect(page.locator("#ask-form")).to_be_visible()
    page.locator("h1").click()  # keys are the page's, not the field's


def read_other_tasks(page: Page) -> None:
    """By keys and buttons; N stays the view by node, and beyond the last task is the one under way."""
    page.keyboard.press("n")
    task(page, 3)
    state(page, "task ahead")
    expect(page.locator("#task-text")).to_contain_text("The controller removes no more old pods.")
    for hidden in ("work", "try"):
        expect(page.locator(f"#{hidden}")).to_be_hidden()
    expect(page.locator("#ticks .now")).to_have_count(1)
    expect(page.locator("#ticks [data-read=yes]")).to_have_count(1)
    expect(page.get_by_role("button", name="Back to task 2, which is under way")).to_be_visible()
    expect(page.locator("svg.by-node")).to_have_count(0)
    assert has_no_sideways_scroll(page)
    page.keyboard.press("n")
    task(page, 4)
    page.keyboard.press("n")
    task(page, 2)
    state(page, None)
    page.keyboard.press("p")
    task(page, 1)
    state(page, "task that is done")
    expect(page.locator("#try-kubectl")).to_have_text("kubectl set image deployment/nginx-deployment nginx=nginx:1.91")
    page.get_by_role("button", name="Back to task 2, which is under way").click()
    task(page, 2)
    page.get_by_role("button", name="Read the next task (n)").click()
    task(page, 3)
    page.get_by_role("button", name="Read the previous task (p)").click()
    task(page, 2)
    page.locator("h1").click()
    page.keyboard.press("Shift+N")
    expect(page.locator("svg.by-node")).to_be_visible()
    task(page, 2)
    page.keyboard.press("Shift+N")
    expect(page.locator("svg.by-node")).to_have_count(0)


def go_away_and_come_back(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}stories/")
    expect(page.locator(f"[data-begin='{LESSON}']")).to_have_count(0)
    page.get_by_role("link", name="Go on with The failing image and the floor on failing-image").click()
    task(page, 2)
    expect(page.locator("#verdicts li")).to_have_count(0)


def start_over(page: Page) -> None:
    page.get_by_role("button", name="Start over").click()
    task(page, 1)
    expect(page.locator("#done-list")).to_be_hidden()
    expect(page.locator("#hint")).to_have_text("Show a hint (1 left)")
    expect(page.locator("#images input")).to_have_value("nginx:1.7.9", timeout=WAIT_MS)


def test_on_a_projector_the_task_stands_above_the_stage(library: Page) -> None:
    begin(library)
    library.keyboard.press("?")
    expect(library.locator("#keys-dialog")).to_contain_text("The lesson: read the next task, or the previous one")
    library.keyboard.press("Escape")
    show_stage_alone(library)
    expect(library.locator("html")).to_have_attribute("data-present", "")
    expect(library.locator("#task-text")).to_contain_text("Set the image to nginx:1.91")
    expect(library.locator("#try-kubectl")).to_be_visible()
    for hidden in ("start-over", "end", "hint", "verdicts"):
        expect(library.locator(f"#{hidden}")).to_be_hidden()
    library.keyboard.press("n")
    task(library, 2)
    state(library, "task ahead")
    library.keyboard.press("p")
    task(library, 1)
    assert has_no_sideways_scroll(library)
    library.keyboard.press("Escape")
    expect(library.locator("#start-over")).to_be_visible()


def test_a_lesson_that_begins_without_a_deployment_begins_in_the_list(library: Page) -> None:
    begin(library, "01-create-and-look", "create-and-look")
    library.get_by_role("button", name="Deploy the book's example").click()
    expect(library.locator("#lesson-place")).to_have_text("Task 2 of 5", timeout=WAIT_MS)
    library.get_by_role("link", name=re.compile("nginx-deployment")).click()
    expect(library.locator("#connection")).to_have_text("live")
    library.get_by_role("button", name="Start over").click()
    expect(library).to_have_url(re.compile("/clusters/create-and-look/namespaces/default/$"))
    expect(library.locator("#lesson-place")).to_have_text("Task 1 of 5")


def test_it_says_so_when_its_cluster_is_reset_elsewhere(library: Page, demo: Demo) -> None:
    begin(library)
    demo.manage("cluster", "reset", NAME)
    expect(library.locator("#ended")).to_contain_text("This lesson has ended")
    for hidden in ("lesson-body", "foot"):
        expect(library.locator(f"#{hidden}")).to_be_hidden()
    expect(library.locator("#connection")).to_have_text("live")
    library.locator("#ended").get_by_role("link").click()
    expect(library.locator(f"[data-begin='{LESSON}']")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (npm ci)")
def test_axe_finds_nothing_at_a_lesson(library: Page) -> None:
    assert complaints_of(library) == {}
    begin(library)
    expect(library.locator(".pod[data-uid][data-state=available]")).to_have_count(3, timeout=WAIT_MS)
    assert complaints_of(library) == {}
    library.keyboard.press("n")
    state(library, "task ahead")
    assert complaints_of(library) == {}
