"""What the page explains, assumes, leaves out, and says in another language."""

import re

from playwright.sync_api import expect

from tests.browser.stage import Stage, form

WITH_MORE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: more}
spec:
  replicas: 1
  selector: {matchLabels: {app: more}}
  template:
    metadata: {labels: {app: more}}
    spec:
      readinessGates: [{conditionType: example.com/gate}]
      initContainers: [{name: migrate, image: "busybox:1"}]
      containers: [{name: app, image: "nginx:1.7.9", lifecycle: {preStop: {sleep: {seconds: 2}}}}]
"""


def test_a_term_is_explained_by_the_pointer_the_keyboard_and_a_tap(stage: Stage) -> None:
    page = stage.open()
    tip = page.get_by_role("tooltip")
    term = page.locator("#max-surge")
    expect(tip).to_have_count(0)
    field = form(page, "tune").locator("[name=max_surge]")
    before = field.bounding_box()
    term.hover()
    expect(tip).to_contain_text("pods allowed above the desired number")
    assert field.bounding_box() == before
    tip.hover()
    expect(tip).to_be_visible()
    page.locator("#state").hover()
    expect(tip).to_have_count(0)
    term.focus()
    expect(tip).to_be_visible()
    assert term.get_attribute("aria-describedby") == tip.get_attribute("id")
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    expect(term).to_be_focused()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.locator(".legend").get_by_role("button", name="terminating").click()
    expect(tip).to_contain_text("Deletion was asked for")
    page.locator("#stage").click(position={"x": 5, "y": 5})
    expect(tip).to_have_count(0)


def test_a_term_in_a_forecast_and_in_a_dialog(stage: Stage) -> None:
    page = stage.open()
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_contain_text("at least 3 available")
    page.locator("#forecast .term", has_text="available").focus()
    expect(page.get_by_role("tooltip")).to_contain_text("Ready for at least minReadySeconds")
    page.keyboard.press("Escape")
    page.locator("svg.figure .pod").first.click()
    drawer = page.locator("#pod-dialog")
    drawer.get_by_role(
        "button", name="ReplicaSet"
    ).focus()  # what is still loaded may move lines from beneath a pointer
    expect(drawer.get_by_role("tooltip")).to_contain_text("pod-template-hash")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_forecast_tells_of_every_container_and_of_what_is_not_acted_on(stage: Stage) -> None:
    stage.act("deployments/create/", {"yaml": WITH_MORE})
    page = stage.page
    page.goto(f"{stage.overview}deployments/more/")
    page.locator("form[data-container=app] input").fill("nginx:1.9.1")
    rows = page.locator("#assumes-rows li")
    expect(rows).to_have_count(3)
    page.locator("#assumes-line").click()
    expect(rows.nth(0)).to_contain_text("busybox:1 (init container migrate)")
    expect(rows.nth(0).locator("label")).to_have_text(["Pull (s)", "Start (s)", "Runs for (s)"])
    expect(rows.nth(1)).to_contain_text("its preStop hook takes 2.0 s")
    expect(rows.nth(2)).to_contain_text("nginx:1.7.9 (replaced)")
    page.get_by_text("1 field is kept and not acted on").click()
    expect(page.locator("#unacted li")).to_have_text(
        "readinessGates Clients set the conditions of readiness gates. A rehearsal counts the gates as met at once."
    )


def test_typed_times_are_kept_as_a_rule(stage: Stage) -> None:
    page = stage.open()
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    page.locator("#assumes-line").click()
    keep = page.locator("#assumes-keep")
    expect(keep).to_be_hidden()
    page.locator("#assumes-rows [name=ready_seconds]").fill("30")
    expect(page.locator("#assumes-rows li").first).to_contain_text("your values, else image rule *")
    keep.click()
    expect(page.locator("#toasts")).to_contain_text("Kept as image rules of the namespace.")
    expect(page.locator("#assumes-rows li").first).to_contain_text("image rule nginx:1.9.1")
    expect(page.locator("#assumes-rows [name=ready_seconds]")).to_have_value("")
    expect(page.locator("#assumes-rows [name=ready_seconds]")).to_have_attribute("placeholder", "30")
    expect(keep).to_be_hidden()
    page.goto(f"{stage.demo.url}clusters/demo/settings/")
    expect(page.locator("#behaviours summary", has_text="nginx:1.9.1").filter(has_text=stage.namespace)).to_be_visible()


def test_in_chinese_numbers_times_and_punctuation_are_chinese(stage: Stage) -> None:
    page = stage.page
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": stage.demo.url}])
    page.goto(stage.address)
    form(page, "set-image").locator("input").fill("nginx:1.9.1")
    expect(page.locator("#forecast")).to_have_text(
        re.compile(r"^预测：\d\.\d 秒后完成，最多 4 个 Pod（含正在终止的共 5 个），至少 3 个可用。$")
    )
    page.locator("#forecast .term", has_text="可用").focus()
    expect(page.get_by_role("tooltip")).to_contain_text("已持续就绪至少 minReadySeconds")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
