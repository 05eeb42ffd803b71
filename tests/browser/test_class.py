"""A class in a room: a teacher and three students, one with a phone, through join, lesson, help, follow, reset and export."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.stage import Complaints
from tests.browser.test_accessible import complaints_of
from tests.outside.test_class import ClassProcess

WAIT_MS = 30_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NewPage = Callable[..., Page]


@pytest.fixture
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassProcess]:
    held = ClassProcess(tmp_path_factory.mktemp("class")).start()
    try:
        yield held
    finally:
        held.stop()


@pytest.fixture
def somebody(browser: Browser) -> Iterator[NewPage]:
    """A page with cookies of its own, which agrees to everything it is asked. What a browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    found = Complaints()
    found.allow(r"^401 .*/traffic/")  # a stage that asks at the moment at which the class is erased
    found.allow("status of 401")

    def make(address: str, size: dict[str, int] = DESK) -> Page:
        contexts.append(browser.new_context(viewport=size, accept_downloads=True))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        found.listen(page)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address)
        return page

    yield make
    for each in contexts:
        each.close()
    assert found.left() == []


def join(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator("svg.figure")).to_be_visible(timeout=WAIT_MS)


def set_image(page: Page, image: str) -> None:
    form = page.locator("form[data-action=set-image]")
    form.locator("input[name=image]").fill(image)
    form.get_by_role("button", name="Set image").click()


def task(page: Page) -> str:
    return page.locator("#lesson-place").inner_text()


def test_a_lesson_from_the_code_on_the_wall_to_the_results(held: ClassProcess, somebody: NewPage) -> None:
    told = held.told
    teacher = somebody(told["teacher_url"])
    expect(teacher.locator("#code")).to_have_text(f"{told['code'][:3]} {told['code'][3:]}")

    ada = somebody(told["address"])
    ada.get_by_label("Code").fill("aaa aaa")
    ada.get_by_label("Your name").fill("Ada")
    response = ada.request.post(f"{told['address']}/join/", headers={"Accept": "application/json"}, data={"code": "x"})
    assert response.json()["reason"] == "WrongCode"
    ada.get_by_label("Code").fill(told["code"].lower())
    join(ada, "Ada")
    ben, mo = somebody(told["join_url"]), somebody(told["join_url"], PHONE)
    join(ben, "Ada")
    join(mo, "Mo")
    expect(teacher.locator(".seat-name")).to_have_text(["Ada", "Ada 2", "Mo"])
    teacher.locator(".seat-name").nth(1).click()
    teacher.get_by_label("Name").fill("Ben")
    teacher.get_by_role("button", name="Rename").click()
    expect(teacher.locator(".seat-name")).to_have_text(["Ada", "Ben", "Mo"])
    assert mo.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a phone does not scroll sideways"

    axe_finds_nothing(teacher, told["address"], "#who-title")
    hand_out(teacher, told["address"])
    axe_finds_nothing(teacher, told["address"], ".tile")
    axe_finds_nothing(mo, told["address"], "#lesson-title")
    for student in (ada, ben, mo):
        expect(student.locator("#lesson-title")).to_have_text("The failing image and the floor", timeout=WAIT_MS)
        expect(student.locator("#lesson-place")).to_have_text("Task 1 of 4")
    read_in_chinese(ben, told["address"])
    do_the_lesson(ada, teacher)
    get_help(mo, teacher)
    follow(ben, mo, teacher, told["address"])
    reset(ada, teacher)
    export(teacher, told["address"])


def axe_finds_nothing(page: Page, address: str, drawn: str) -> None:
    """In both languages. `drawn`: what is there once the page is."""
    for language in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(drawn).first).to_be_visible(timeout=WAIT_MS)
        expect(page.locator(drawn).first).not_to_be_empty()
        assert complaints_of(page) == {}, (page.url, language)


def hand_out(teacher: Page, address: str) -> None:
    teacher.get_by_role("link", name="Go to the board").click()
    expect(teacher.locator(".tile")).to_have_count(3)
    teacher.locator("select[name=lesson]").select_option(label="The failing image and the floor")
    teacher.get_by_role("button", name="Hand out").click()
    expect(teacher.locator("#now")).to_have_text("Handed out: The failing image and the floor", timeout=WAIT_MS)
    assert address in teacher.url


def read_in_chinese(ben: Page, address: str) -> None:
    """What is missing too, which the lesson's file does not say."""
    ben.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": address}])
    ben.reload()
    expect(ben.locator("#verdicts li")).to_have_text(
        ["image 为 nginx:1.7.9，应为 nginx:1.91。", "0 个 Pod 处于 ImagePullBackOff，共需 1 个（未就绪：无）。"],
        timeout=WAIT_MS,
    )
    ben.context.add_cookies([{"name": "django_language", "value": "en", "url": address}])
    ben.reload()


def do_the_lesson(ada: Page, teacher: Page) -> None:
    """What is missing is said with numbers, an answer is judged by the cluster, and the board follows."""
    expect(ada.locator(".pod[data-uid][data-state=available]")).to_have_count(3, timeout=WAIT_MS)
    expect(ada.locator("#verdicts li").first).to_contain_text("image is nginx:1.7.9, expected nginx:1.91")
    set_image(ada, "nginx:1.91")
    expect(ada.locator("#lesson-place")).to_have_text("Task 2 of 4", timeout=WAIT_MS)
    ada.get_by_role("button", name=re.compile("Show a hint")).click()
    expect(ada.locator("#hints li")).to_have_count(1)
    ada.get_by_label("Your answer").fill("2")
    ada.get_by_role("button", name="Answer").click()
    expect(ada.locator("#feedback")).to_contain_text("Not right.")
    ada.get_by_label("Your answer").fill("3")
    ada.get_by_role("button", name="Answer").click()
    expect(ada.locator("#lesson-place")).to_have_text("Task 3 of 4")
    tile = teacher.locator(".tile", has_text="Ada")
    expect(tile.locator(".ticks")).to_have_text("✓✓··")
    expect(tile.locator(".last")).to_contain_text("image nginx:1.91")
    ada.get_by_label("Your answer").fill("3")
    ada.get_by_role("button", name="Answer").click()
    ada.locator("button[data-action=undo]").click()
    expect(ada.locator("#over")).to_be_visible(timeout=WAIT_MS)
    expect(tile).to_have_attribute("data-state", "over")


def get_help(mo: Page, teacher: Page) -> None:
    mo.get_by_role("button", name="Ask for help").click()
    tile = teacher.locator(".tile", has_text="Mo")
    expect(tile).to_have_attribute("data-state", "help")
    expect(teacher.locator(".tile .name").first).to_have_text("Mo")
    tile.locator(".help").click()
    mo.get_by_role("button", name="Accept").click()
    expect(tile).to_have_attribute("data-help", "given")
    tile.locator(".name").click()
    expect(teacher.locator("svg.figure")).to_be_visible(timeout=WAIT_MS)
    expect(teacher.locator("#connection")).to_have_text("live")
    set_image(teacher, "nginx:1.9.1")
    expect(mo.locator("#stage")).to_contain_text("nginx:1.9.1", timeout=WAIT_MS)
    mo.get_by_role("button", name="End the help").click()
    expect(mo.get_by_role("button", name="Ask for help")).to_be_visible()
    teacher.go_back()
    expect(teacher.locator(".tile", has_text="Mo")).to_have_attribute("data-help", "")


def follow(ben: Page, mo: Page, teacher: Page, address: str) -> None:
    """Pages go where the presenter goes; who looks elsewhere is left alone, and can return."""
    teacher.get_by_role("button", name="Present my cluster").click()
    teacher.get_by_role("link", name="nginx-deployment").click()
    stage = f"{address}/clusters/class/namespaces/default/deployments/nginx-deployment/"
    expect(teacher).to_have_url(stage)
    for student in (ben, mo):
        student.wait_for_url(stage, timeout=WAIT_MS)
        expect(student.locator("#following-text")).to_have_text("You follow the presenter.")
    ben.get_by_role("button", name="Go to your own cluster").click()
    ben.wait_for_url("**/clusters/class-02/**")
    teacher.keyboard.press("f")
    expect(mo.locator("html")).to_have_attribute("data-present", "")
    teacher.keyboard.press("f")
    expect(mo.locator("html")).not_to_have_attribute("data-present", "")
    expect(ben.locator("#following-text")).to_have_text("The presenter shows something else.")
    ben.get_by_role("button", name="Return to the presenter").click()
    ben.wait_for_url(stage)
    teacher.get_by_role("button", name="End the presentation").click()
    expect(ben.locator("#following")).to_be_hidden()


def reset(ada: Page, teacher: Page) -> None:
    expect(teacher.locator(".tile")).to_have_count(3)
    teacher.get_by_role("button", name="Freeze everybody").click()
    expect(ada.locator("#frozen")).to_be_visible()
    teacher.get_by_role("button", name="Let everybody go on").click()
    expect(ada.locator("#frozen")).to_be_hidden()
    ada.get_by_role("link", name="Ada").click()
    ada.get_by_role("link", name="Go to your cluster").click()
    ada.get_by_role("button", name="Start over").click()
    expect(ada.locator("#lesson-place")).to_have_text("Task 1 of 4")
    teacher.get_by_role("button", name="Reset all").click()
    expect(teacher.locator(".tile .ticks")).to_have_text(["····"] * 3)


def export(teacher: Page, address: str) -> None:
    teacher.get_by_role("link", name="Results and end").click()
    with teacher.expect_download() as download:
        teacher.get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [(row["student"], row["task"]) for row in rows] == [
        (name, str(number)) for name in ("Ada", "Ben", "Mo") for number in (1, 2, 3, 4)
    ]
    assert {row["resets"] for row in rows if row["student"] == "Ada"} == {"2"}
    with teacher.expect_download() as download:
        teacher.get_by_role("link", name="Download JSON").click()
    assert len(json.loads(download.value.path().read_text())["results"]) == len(rows)
    teacher.get_by_label("The name of the class").fill("Class")
    teacher.get_by_role("button", name="Erase the class").click()
    teacher.wait_for_url(f"{address}/classes/")
    expect(teacher.get_by_text("You have no class yet.")).to_be_visible()
