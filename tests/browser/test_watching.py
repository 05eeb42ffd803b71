"""Whoever watches: the overview, two tabs, small and large screens, the dark, a keyboard alone; and the pages around."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.stage import (
    FIGURE_3_8,
    ROLLOUT_MS,
    Complaints,
    Stage,
    has_no_sideways_scroll,
    show_stage_alone,
    step_until,
)
from tests.outside.process import BOOK, Demo

LONG = "a-deployment-with-quite-a-long-name-such-as-teams-like-them-v"
LONG_MANIFEST = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {LONG}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: long}}}}
  template:
    metadata: {{labels: {{app: long}}}}
    spec: {{containers: [{{name: app, image: "registry.example.org/some/long/path/to/an-image-of-a-long-name:2024.11"}}]}}
"""


def test_an_empty_namespace_helps_to_begin(empty: Stage, complaints: Complaints) -> None:
    complaints.allow("422|400")
    page = empty.page
    page.goto(empty.overview)
    expect(page.locator("#empty h2").first).to_have_text("An empty namespace")
    page.locator("#paste-text").fill(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: -1\n"
    )
    page.locator("#paste-create").click()
    expect(page.locator("#paste-errors li").filter(has_text="spec.replicas")).to_contain_text("line 6")
    page.locator("#paste-text").fill("")
    page.locator("#example").click()
    expect(page.locator(".deployments .chip")).to_have_text("Complete", timeout=ROLLOUT_MS)
    expect(page.locator("#empty")).to_be_hidden()
    expect(page.locator("#tally")).to_have_text("1 Deployment")


def test_a_new_deployment_begins_with_a_template_and_is_looked_at_next(stage: Stage) -> None:
    page = stage.page
    page.goto(stage.overview)
    page.get_by_role("button", name="New Deployment").click()
    expect(page.locator("#yaml-text")).to_have_value(re.compile("kind: Deployment"))
    page.locator("#yaml-save").click()
    expect(page).to_have_url(re.compile(r"/deployments/web/$"))
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(3)


def test_the_overview_tells_of_each_deployment(stage: Stage) -> None:
    page = stage.page
    page.goto(stage.overview)
    row = page.locator(".deployments li")
    expect(row.locator(".number")).to_have_text("3/3 ready")
    stage.act("pace/", {"pace": 5})
    stage.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": "nginx:1.91"}})
    expect(row.locator(".chip")).to_contain_text("Failing", timeout=ROLLOUT_MS)
    expect(row.locator(".reason")).to_contain_text("nginx:1.91")
    expect(row.locator(".images")).to_have_text("#2 nginx:1.7.9 → nginx:1.91")
    expect(row.locator(".meter")).to_have_attribute("aria-label", "3 old and 1 new pods, 1 not ready")
    expect(page).to_have_title(re.compile("^1 failing"))
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect(page.locator("#none")).to_be_visible()
    page.locator("#spaces").select_option(label="default")
    expect(page).to_have_url(re.compile("/clusters/demo/namespaces/default/$"))


def test_two_tabs_agree_and_are_counted(stage: Stage, complaints: Complaints) -> None:
    first = stage.open()
    second = first.context.new_page()
    complaints.listen(second)
    second.goto(stage.address)
    for page in (first, second):
        expect(page.locator("#viewers")).to_have_text("2 watching")
    first.locator("#clock-toggle").click()
    expect(second.locator("#clock-toggle")).to_have_text("Resume time")
    second.locator("#clock-pace").select_option("10")
    stage.set_image("nginx:1.9.1")
    for page in (first, second):
        expect(page.locator("#strip > li[data-frame]")).to_have_count(len(FIGURE_3_8), timeout=ROLLOUT_MS)
        expect(page.locator("#state")).to_have_text("Complete", timeout=ROLLOUT_MS)
    second.close()
    expect(first.locator("#viewers")).to_have_text("1 watching")


SAY = """
from cluster.spaces import Space
from cluster.stories import staging
staging.say(Space("demo", "{namespace}"), "{text}", actor="story", translations={{"zh-hans": "看。"}})
"""


def test_a_story_s_caption_is_closed_and_comes_again_with_the_next_words(stage: Stage) -> None:
    page = stage.open()
    caption = page.locator("#caption")
    expect(caption).to_be_hidden()
    for text in ("Look.", "Look again."):
        stage.demo.manage("shell", "-c", SAY.format(namespace=stage.namespace, text=text))
        expect(caption.locator("p")).to_have_text(text)
        caption.get_by_role("button", name="Close the caption").press("Enter")
        expect(caption).to_be_hidden()
        expect(page.locator("#strip")).to_be_focused()


def test_the_keyboard_alone_is_enough(stage: Stage) -> None:
    page = stage.open()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    cells = page.locator("svg.figure .pod[role]")
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("svg.figure .pod:focus")).to_have_count(1)
    name = page.locator("svg.figure .pod:focus").get_attribute("data-name")
    page.keyboard.press("Enter")
    expect(page.locator("#pod-title")).to_have_text(str(name))
    page.keyboard.press("Escape")
    expect(page.locator("#pod-dialog")).to_be_hidden()
    field = page.locator("form[data-action=set-image] input")
    field.focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("nginx:1.9.1")
    page.keyboard.press("Escape")
    expect(field).to_have_value("nginx:1.7.9")
    page.locator("#state").click()
    page.keyboard.press("f")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator("svg.figure")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".side")).to_be_visible()


SCREENS = [(1280, 720), (1440, 900), (1920, 1080), (3840, 2160)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_stage_alone_fits_the_screen(stage: Stage, width: int, height: int) -> None:
    page = stage.open()
    page.set_viewport_size({"width": width, "height": height})
    page.locator("#event-filter").select_option("pods")
    page.locator("#event-filter").blur()
    show_stage_alone(page)
    expect(page.locator(".side")).to_be_hidden()
    page.keyboard.press("Space")
    expect(page.locator("#clock-toggle")).to_have_attribute("data-paused", "true")
    image = f"nginx:{stage.namespace}"  # on no node yet
    stage.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": image}})
    expect(page.locator("svg.figure .pod")).to_have_count(4)
    assert_on_screen(page, height)
    command = f"kubectl set image deployment/{BOOK} nginx={image} -n {stage.namespace}"
    expect(page.locator("#stage-command")).to_have_text(command)
    newest = page.locator("#events li").first
    step_until(lambda: page.keyboard.press("ArrowRight"), lambda: "Started" in newest.inner_text())
    expect(page.locator("svg.figure .pod[data-state=running]")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()


def test_a_replay_fills_the_screen_too(stage: Stage) -> None:
    stage.act("pace/", {"pace": 20})
    rv = stage.act(f"deployments/{BOOK}/set-image/", {"images": {"nginx": "nginx:1.9.1"}})["rv"]
    stage.wait()
    page = stage.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{stage.demo.url}clusters/demo/rollouts/{rv}/")
    expect(page.locator(".strip .card")).to_have_count(len(FIGURE_3_8))
    show_stage_alone(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".strip [aria-current]")).to_have_attribute("data-frame", "1")
    expect(page.locator("[data-part=command]")).to_contain_text("nginx=nginx:1.9.1")
    assert_on_screen(page, 900)


def assert_on_screen(page: Page, height: int) -> None:
    """All of the stage, with pods for the last row of a classroom."""
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    for part in ("svg.figure", ".strip", "svg.chart"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height + 1, part
    cell = page.locator("svg.figure .pod").first.bounding_box()
    assert cell
    assert cell["height"] > height / 18


def test_a_first_visit_is_shown_around_once(stage: Stage) -> None:
    page = stage.page
    page.goto(stage.overview)
    page.evaluate("localStorage.clear(); localStorage.setItem('first visit', 'yes')")
    stage.open()
    for place, marked in enumerate(("#figure", "#images", "#narration", "#clock", "#strip"), 1):
        expect(page.locator(".tour")).to_contain_text(f"step {place} of 5")
        expect(page.locator("[data-toured]")).to_have_id(marked.removeprefix("#"))
        page.locator(".tour .primary").click()
    expect(page.locator(".tour")).to_have_count(0)
    page.reload()
    expect(page.locator("svg.figure .pod")).to_have_count(3)
    expect(page.locator(".tour")).to_have_count(0)
    page.keyboard.press("ControlOrMeta+K")
    page.keyboard.type("tour")
    page.keyboard.press("Enter")
    expect(page.locator(".tour")).to_be_visible()


SHIFTS = """() => {
  window.shifted = 0
  new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value
  }).observe({type: "layout-shift", buffered: true})
}"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_hardly_anything_shifts_while_a_page_opens(stage: Stage, size: tuple[int, int]) -> None:
    page = stage.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(f"({SHIFTS})()")
    for open_page in (lambda: page.goto(stage.overview), stage.open):
        open_page()
        expect(page.locator("#connection")).to_have_text("live")
        page.evaluate("async () => { await document.fonts.ready }")
        assert page.evaluate("window.shifted") < 0.02


def test_commands_are_found_by_typing_and_by_keys(stage: Stage) -> None:
    page = stage.open()
    page.keyboard.press("ControlOrMeta+K")
    page.keyboard.type("another")
    page.keyboard.press("Enter")
    expect(page.locator("form[data-action=set-image] input")).to_be_focused()
    page.locator("#narration").click()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page).to_have_url(stage.overview)
    expect(page.locator(".deployments li")).to_have_count(1)
    page.locator("#sort").select_option("state")
    page.locator("#filter").fill("nobody")
    expect(page.locator("#none")).to_be_visible()
    page.reload()
    expect(page.locator("#filter")).to_have_value("nobody")
    expect(page.locator("#sort")).to_have_value("state")
    page.locator("#filter").fill("")
    page.locator("h1").first.focus()
    page.locator("#filter").blur()
    page.keyboard.press("ControlOrMeta+K")
    page.keyboard.type(BOOK)
    page.keyboard.press("Enter")
    expect(page).to_have_url(stage.address)


def test_steps_and_states_are_announced(stage: Stage) -> None:
    page = stage.open()
    said = "new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, {childList: true})"
    page.evaluate(f"window.said = []; const announcer = document.getElementById('announcer'); {said}")
    stage.set_image("nginx:1.9.1")
    stage.cards(len(FIGURE_3_8))
    stage.is_said("Complete")
    expect(page.locator("#announcer")).to_contain_text("Complete")
    told = page.evaluate("window.said")
    assert any("new up to" in each for each in told), told
    assert len(told) < len(FIGURE_3_8) + 3  # not chatty: what comes quickly is told once


def test_nothing_scrolls_sideways(stage: Stage) -> None:
    stage.act("deployments/create/", {"yaml": LONG_MANIFEST})
    page = stage.page
    paths = ["", f"deployments/{BOOK}/", f"deployments/{LONG}/"]
    for address in [
        *(stage.overview + path for path in paths),
        f"{stage.demo.url}fidelity/",
        f"{stage.demo.url}login/",
    ]:
        page.goto(address)
        expect(page.locator("main h1, main h2, svg.figure, .deployments li").first).to_be_visible()
        for width in (1440, 768, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert has_no_sideways_scroll(page), (address, width)


def test_the_dark_is_chosen_and_kept(stage: Stage) -> None:
    page = stage.open()
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("#theme").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    page.emulate_media(color_scheme="dark")
    page.locator("#theme").click()
    assert page.evaluate(ground) == light


def test_the_page_of_fidelity_says_what_was_compared(page: Page, demo: Demo) -> None:
    page.goto(demo.url)
    page.get_by_role("link", name="How faithful is this?").click()
    expect(page.get_by_role("heading", name="What was compared with what")).to_be_visible()
    assert page.locator(".compared > li").count() > 5
    page.locator("summary").first.click()
    expect(page.locator("details[open] dd").first).to_be_visible()
    expect(page.get_by_role("heading", name="Where it differs, and why")).to_be_visible()
    expect(page.locator("main")).to_contain_text("No containers run")


def test_what_is_not_there_says_so(page: Page, demo: Demo, complaints: Complaints) -> None:
    complaints.allow("404")
    page.goto(f"{demo.url}clusters/demo/namespaces/default/deployments/nope/")
    expect(page.locator("main")).to_contain_text('deployments.apps "nope" not found')
    page.get_by_role("link", name="Go to the clusters").click()
    expect(page.locator("#connection")).to_have_text("live")


def test_the_admin_asks_for_a_login(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}admin/")
    expect(page).to_have_url(re.compile(r"/admin/login/\?next=/admin/$"))


@pytest.mark.parametrize("frame", ["{no JSON", '{"type": "changes", "from": 0, "to": 9}'], ids=["text", "changes"])
def test_a_bad_frame_is_dropped_and_the_page_goes_on(stage: Stage, complaints: Complaints, frame: str) -> None:
    complaints.allow("A frame was dropped")
    routes: list[WebSocketRoute] = []
    addresses: list[str] = []

    def route(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        routes.append(socket)
        addresses.append(socket.url)

    stage.page.route_web_socket(re.compile("/ws/"), route)
    page = stage.open()
    routes[0].send(frame)
    expect(page.locator("#connection")).not_to_have_text("live")
    expect(page.locator("#connection")).to_have_text("live")
    assert "since" not in addresses[1]  # the whole, since nobody knows what was in the frame
    stage.act(f"deployments/{BOOK}/scale/", {"replicas": 4})
    expect(page.locator("svg.figure .pod[data-state=available]")).to_have_count(4)


def test_of_long_images_only_what_differs_is_written(stage: Stage) -> None:
    registry = "registry.example.org:5000/team"
    containers = f'[{{name: app, image: "{registry}/shop:1"}}, {{name: proxy, image: "{registry}/envoy:v1.29.2"}}]'
    manifest = LONG_MANIFEST.replace(LONG, "shop")
    stage.act("deployments/create/", {"yaml": re.sub(r"containers: \[.*\]", f"containers: {containers}", manifest)})
    page = stage.page
    page.goto(f"{stage.overview}deployments/shop/")
    expect(page.locator("svg.figure .replicaset text.image")).to_have_text(["shop:1, envoy:v1.29.2"])
    stage.act("pace/", {"pace": 0})
    stage.act("deployments/shop/set-image/", {"images": {"app": f"{registry}/shop:2"}})
    expect(page.locator("svg.figure .replicaset text.image")).to_have_text(["shop:1", "shop:2"])
    expect(page.locator("svg.figure .replicaset.new > title")).to_contain_text(f"{registry}/envoy:v1.29.2")
    expect(page.locator("#recordings code").first).to_have_text("shop:1 → shop:2")
    expect(page.locator("#revisions code[title]").last).to_have_text("shop:1")
    box = page.locator("#recordings a").first.bounding_box()
    assert box
    assert box["width"] > box["height"]
    page.goto(stage.overview)
    row = page.locator(".deployments li").filter(has_text="shop")
    expect(row.locator(".images")).to_have_text(re.compile("shop:1 → shop:2$"))
