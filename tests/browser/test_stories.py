"""A story from the library to its end: found, played, seen by others, turned by keys, and nothing of it is left."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import Complaints, has_no_sideways_scroll, show_stage_alone
from tests.browser.test_accessible import AXE, complaints_of
from tests.outside.process import Demo

STORY_MS = 90_000
CAPTIONS = ["Three pods run nginx:1.7.9. Now the image changes.", "The old ReplicaSet stays, empty, for an undo."]

REMEMBER = """() => {
  const texts = () => ["[data-part=place]", "code"].map(each => document.querySelector(`#story ${each}`)?.textContent)
  window.told = []
  const note = new MutationObserver(() => told.push(texts()))
  note.observe(document.getElementById("story"), { subtree: true, childList: true, characterData: true })
}"""


@pytest.fixture
def library(page: Page, demo: Demo) -> Iterator[Page]:
    page.goto(f"{demo.url}stories/")
    yield page
    page.goto("about:blank")
    demo.manage("shell", "-c", "from cluster.models import Cluster; Cluster.objects.exclude(name='demo').delete()")


def play(page: Page, name: str) -> None:
    page.locator(f"[data-play={name}]").click()
    expect(page).to_have_url(re.compile(f"/clusters/{name}/"))
    expect(page.locator("#story")).to_be_visible()


def place(page: Page, text: str) -> None:
    expect(page.locator("#story [data-part=place]")).to_have_text(text, timeout=STORY_MS)


def names(page: Page, demo: Demo) -> list[str]:
    page.goto(f"{demo.url}clusters/")
    board = json.loads(page.locator("#board").text_content() or "")
    return [each["name"] for each in board["rows"]]


def test_stories_and_lessons_are_found_by_typing(library: Page) -> None:
    expect(library.locator("#stories > li:visible")).to_have_count(28)
    expect(library.locator("#lessons > li:visible")).to_have_count(12)
    library.keyboard.press("/")
    library.keyboard.type("budget drain")
    expect(library.locator("#stories > li:visible")).to_have_count(2)
    expect(library.locator(".lessons")).to_be_hidden()
    library.locator("#filter").fill("nothing like this")
    expect(library.locator("#none")).to_be_visible()


def test_a_story_is_played_to_its_end_before_others_and_nothing_is_left(
    library: Page, demo: Demo, browser: Browser, complaints: Complaints
) -> None:
    play(library, "book")
    other = browser.new_page()
    complaints.listen(other)
    complaints.allow(r"^404 .*/clusters/")  # a stage that asks at the moment at which the cluster goes
    complaints.allow("status of 404")
    other.goto(library.url)
    for page in (library, other):
        page.evaluate(REMEMBER)
        expect(page.locator("#caption p")).to_have_text(CAPTIONS[0], timeout=STORY_MS)
    place(library, "Step 6 of 6")
    expect(library.locator("#story [data-part=state]")).to_have_text("over")
    expect(library.locator("#state")).to_have_text("Complete")
    command = "kubectl set image deployment/nginx-deployment nginx=nginx:1.9.1"
    for page in (library, other):
        expect(page.locator("#caption p")).to_have_text(CAPTIONS[1])
        assert ["Step 4 of 6", command] in page.evaluate("told")
    library.get_by_role("button", name="End", exact=True).click()
    expect(library).to_have_url(f"{demo.url}stories/")
    expect(other.locator("#connection")).to_contain_text("no access")
    other.close()
    assert "book" not in names(library, demo)


def test_by_keys_step_by_step_and_back(library: Page) -> None:
    play(library, "typo-and-undo")
    expect(library.locator("#story [data-part=place]")).to_contain_text("Step")
    library.locator("#story [data-press=pause]").click()
    library.get_by_role("button", name="Back to the start").click()
    place(library, "8 steps")
    for step in range(1, 5):
        library.keyboard.press("n")
        place(library, f"Step {step} of 8")
    expect(library.locator("#story code")).to_have_text("kubectl set image deployment/web app=nginx:1.91")
    expect(library.get_by_role("button", name="Back", exact=True)).to_have_attribute("aria-disabled", "true")
    library.keyboard.press("n")
    place(library, "Step 5 of 8")
    library.keyboard.press("p")
    place(library, "Step 4 of 8")
    expect(library.locator("svg.by-node")).to_have_count(0)
    library.keyboard.press("Shift+N")
    expect(library.locator("svg.by-node")).to_be_visible()
    library.keyboard.press("Shift+N")
    show_stage_alone(library)
    expect(library.locator("#story code")).to_be_visible()
    expect(library.locator("#caption p")).to_have_text("The tag 1.91 does not exist.")
    library.keyboard.press("n")
    place(library, "Step 5 of 8")
    library.keyboard.press("Escape")
    library.get_by_role("button", name="End", exact=True).click()
    library.locator("#confirm-dialog").get_by_role("button", name="End").click()
    expect(library).to_have_url(re.compile("/stories/$"))


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (npm ci)")
def test_axe_finds_nothing_at_a_story(library: Page) -> None:
    play(library, "forgotten-pause")
    place(library, "Step 4 of 4")
    expect(library.locator("#story [data-part=state]")).to_have_text("over")
    assert complaints_of(library) == {}


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_sticks_out(library: Page, width: int) -> None:
    library.set_viewport_size({"width": width, "height": 844})
    assert has_no_sideways_scroll(library)
    play(library, "full-nodes")
    place(library, "Step 3 of 4")
    assert has_no_sideways_scroll(library)
