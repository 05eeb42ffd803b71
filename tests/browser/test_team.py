"""A team on a closed server: an admin makes a link, somebody without an account comes through it on a phone, and sees the stage."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PREPARED, TOURED
from tests.browser.stage import Complaints, has_no_sideways_scroll
from tests.outside import process
from tests.outside.process import BOOK, Demo

PASSWORD = "three old nodes"
OWNED = f"""
from django.contrib.auth.models import User
from cluster.writing import memberships
ann = User.objects.create_user("ann", password={PASSWORD!r})
memberships.grant(Space("demo", ""), ann, "admin", actor="demo")
"""
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
WAIT_MS = 30_000
NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A server that lets nobody in who has no account, and lets who is invited make one."""
    kept = ("ROLLSTAGE_ANONYMOUS", "ROLLSTAGE_REGISTRATION")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "DROPPED", tuple(each for each in process.DROPPED if each not in kept))
        patch.setenv("ROLLSTAGE_ANONYMOUS", "none")
        patch.setenv("ROLLSTAGE_REGISTRATION", "invitation")
        demo = Demo(tmp_path_factory.mktemp("closed"))
        demo.manage("migrate", "--verbosity=0")
        demo.manage("shell", "-c", PREPARED + OWNED)
        try:
            yield demo.start()
        finally:
            demo.stop()


@pytest.fixture
def somebody(browser: Browser) -> Iterator[NewPage]:
    """A page with cookies of its own. What a browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    found = Complaints()

    def make(address: str, size: dict[str, int] = DESK) -> Page:
        contexts.append(browser.new_context(viewport=size))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.add_init_script(TOURED)
        found.listen(page)
        page.goto(address)
        return page

    yield make
    for each in contexts:
        each.close()
    assert found.left() == []


def log_in(page: Page, name: str) -> None:
    page.get_by_label("User").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").click()


def test_somebody_joins_through_a_link_and_is_seen(closed: Demo, somebody: NewPage) -> None:
    ann = somebody(f"{closed.url}clusters/demo/settings/")
    log_in(ann, "ann")
    panel = ann.locator("#invitations")
    panel.get_by_text("Invite by link").click()
    panel.get_by_label("Role").select_option("edit")
    panel.get_by_label("People at most").fill("1")
    panel.get_by_role("button", name="Make a link").click()
    link = panel.locator("#link").inner_text()
    assert link.startswith(f"{closed.url}invitations/")
    expect(panel.locator(".links li")).to_contain_text("0 of 1 joined")

    zoe = somebody(link, PHONE)
    expect(zoe.locator("main")).to_contain_text("ann invites you to the cluster demo.")
    assert has_no_sideways_scroll(zoe)
    zoe.get_by_label("User").fill("zoe")
    zoe.get_by_label("Password", exact=True).fill(PASSWORD)
    zoe.get_by_label("The password again").fill(PASSWORD)
    zoe.get_by_role("button", name="Make the account and join").click()
    zoe.wait_for_url("**/clusters/demo/namespaces/default/")
    zoe.get_by_role("link", name=BOOK).first.click()
    expect(zoe.locator("#connection")).to_have_text("live")
    expect(zoe.locator("svg.figure .pod[data-state=available]")).to_have_count(3, timeout=WAIT_MS)
    assert has_no_sideways_scroll(zoe)

    def is_seen() -> bool:
        ann.goto(f"{closed.url}clusters/demo/settings/")
        return ann.locator("#members tr", has_text="zoe").get_by_text("here now").count() == 1

    process.wait_until(is_seen, 30, "zoe to be seen")
    expect(ann.locator("#members tr", has_text="zoe")).to_contain_text("edit")
    expect(ann.locator("#invitations .links li")).to_contain_text("used up")
    assert ann.locator("#link").count() == 0, "the link was shown once"


def test_on_a_phone_nothing_of_the_settings_sticks_out(closed: Demo, somebody: NewPage) -> None:
    ann = somebody(f"{closed.url}clusters/demo/settings/", PHONE)
    log_in(ann, "ann")
    expect(ann.locator("#edits")).to_be_visible()  # the last of the page
    for each in ann.locator("#members details, #invitations details").all():
        each.locator("summary").click()
    ann.locator("#invitations").get_by_role("button", name="Make a link").click()
    expect(ann.locator("#link")).to_be_visible()
    assert has_no_sideways_scroll(ann)
