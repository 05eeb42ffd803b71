"""The page of clusters, as it is used: made, watched live, found, renamed, reset and deleted; by keyboard, and on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import Complaints
from tests.outside.process import Demo


@pytest.fixture
def clusters(page: Page, demo: Demo, complaints: Complaints) -> Iterator[Page]:  # noqa: ARG001
    page.goto(f"{demo.url}clusters/")
    expect(page.locator("#connection")).to_have_text("live")
    yield page
    demo.manage("shell", "-c", "from cluster.models import Cluster; Cluster.objects.exclude(name='demo').delete()")


def tile(page: Page, name: str) -> Locator:
    return page.locator(f'.cluster[data-name="{name}"]')


def make(page: Page, name: str, stage: str = "empty") -> Locator:
    page.get_by_role("button", name="New cluster").click()
    dialog = page.locator("#create-dialog")
    dialog.locator("[name=name]").fill(name)
    dialog.locator("[name=stage]").select_option(stage)
    dialog.get_by_role("button", name="Create").click()
    expect(tile(page, name)).to_be_visible()
    return tile(page, name)


def test_a_cluster_is_made_watched_renamed_reset_and_deleted(clusters: Page, complaints: Complaints) -> None:
    complaints.allow("400")
    blue = make(clusters, "blue", "example")
    expect(blue.locator("h2 a")).to_be_focused()
    line = blue.locator(".miniatures li").first
    expect(line).to_contain_text("nginx-deployment")
    expect(line).to_contain_text("Complete", timeout=30_000)
    expect(line).to_contain_text("3/3")

    blue.get_by_role("button", name="Rename blue").click()
    dialog = clusters.locator("#rename-dialog")
    dialog.locator("[name=name]").fill("Navy")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.locator(".problem")).to_contain_text("a lowercase RFC 1123 label")
    expect(dialog.locator("[name=name]")).to_be_focused()
    dialog.locator("[name=name]").fill("navy")
    dialog.get_by_role("button", name="Rename").click()
    navy = tile(clusters, "navy")
    expect(navy).to_be_visible()
    expect(tile(clusters, "blue")).to_have_count(0)

    navy.get_by_role("button", name="Reset navy").click()
    dialog = clusters.locator("#reset-dialog")
    dialog.locator("[name=stage]").select_option("drain")
    dialog.get_by_role("button", name="Reset").click()
    expect(navy.locator(".miniatures li").first).to_contain_text("web")
    expect(navy.locator(".miniatures li").first).to_contain_text("6/6", timeout=30_000)

    navy.get_by_role("button", name="Delete navy").click()
    dialog = clusters.locator("#delete-dialog")
    dialog.locator("[name=confirm]").fill("nav")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.locator(".problem")).to_contain_text("type navy to delete it")
    dialog.locator("[name=confirm]").fill("navy")
    dialog.get_by_role("button", name="Delete").click()
    expect(navy).to_have_count(0)


def test_a_rollout_is_seen_in_miniature(clusters: Page) -> None:
    blue = make(clusters, "blue", "example")
    number = blue.locator(".miniatures li .number")
    expect(number).to_have_text("3/3", timeout=30_000)
    address = clusters.url
    clusters.evaluate(
        """async () => {
          const token = document.cookie.match(/csrftoken=([^;]+)/)[1]
          const path = "/clusters/blue/namespaces/default/deployments/nginx-deployment/scale/"
          await fetch(path, { method: "POST", headers: { "X-CSRFToken": token }, body: '{"replicas": 5}' })
        }"""
    )
    expect(number).to_have_text(re.compile("./5"))
    expect(number).to_have_text("5/5", timeout=30_000)
    assert clusters.url == address


def test_clusters_and_namespaces_are_found_by_typing(clusters: Page) -> None:
    make(clusters, "blue")
    clusters.keyboard.press("/")
    expect(clusters.locator("#filter")).to_be_focused()
    clusters.keyboard.type("blu")
    expect(tile(clusters, "demo")).to_have_count(0)
    expect(tile(clusters, "blue")).to_be_visible()
    clusters.locator("#filter").fill("defaul")
    expect(tile(clusters, "demo").get_by_role("link", name="namespace default")).to_be_visible()
    clusters.locator("#filter").fill("nothing like this")
    expect(clusters.locator("#none")).to_be_visible()
    clusters.locator("#filter").fill("")
    expect(clusters.locator(".cluster")).to_have_count(2)


def test_by_keyboard_alone(clusters: Page, complaints: Complaints) -> None:
    complaints.allow("409")
    clusters.keyboard.press("n")
    expect(clusters.locator("#create-dialog input")).to_be_focused()
    clusters.keyboard.type("demo")
    clusters.keyboard.press("Enter")
    expect(clusters.locator("#create-dialog")).to_contain_text('clusters "demo" already exists')
    clusters.keyboard.press("Escape")
    expect(clusters.locator("#create-dialog")).to_be_hidden()
    clusters.locator("body").press("j")
    expect(tile(clusters, "demo").locator("h2 a")).to_be_focused()


def test_on_a_phone_nothing_sticks_out(clusters: Page) -> None:
    clusters.set_viewport_size({"width": 390, "height": 844})
    make(clusters, "a-cluster-with-a-rather-long-name-that-has-to-be-broken", "example")
    width = clusters.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
