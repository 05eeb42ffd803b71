"""Draws docs/figure.svg: starts a demo, updates the book's image, and saves the page's own figure and film strip in the middle
of the rollout, with their styles inlined.

    .venv/bin/python docs/draw_figure.py
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.outside.process import BOOK, Demo, is_complete, wait_until  # noqa: E402

HERE = Path(__file__).parent
CARDS = 6  # 3/0, 3/1, 2/1, 2/2, 1/2, 1/3: the third new pod is on its way


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder)).start()
        try:
            wait_until(lambda: is_complete(demo.deployment()), 60, "the book's Deployment")
            (HERE / "figure.svg").write_text(draw(demo))
        finally:
            demo.stop()


def draw(demo: Demo) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": 1420, "height": 1000}, color_scheme="light", reduced_motion="reduce", bypass_csp=True
        )
        page.goto(f"{demo.url}namespaces/default/deployments/{BOOK}/")
        page.wait_for_selector("svg.figure .pod[data-state=available]")
        demo.set_image("nginx:1.9.1")
        return save_at_the_moment(page)


def save_at_the_moment(page: Page) -> str:
    """While an old pod terminates and a new one starts, and no cell is between two colours."""
    moment = f"""document.querySelectorAll("#strip > li[data-frame]").length === {CARDS}
        && document.querySelector("#strip > .coming")
        && document.querySelector("svg.figure .pod[data-state=running], svg.figure .pod[data-state=waiting]")
        && document.querySelector(".link.active")
        && document.getAnimations().length === 0"""
    page.wait_for_function(moment, polling="raf", timeout=60_000)
    return str(page.evaluate((HERE / "draw_figure.js").read_text())) + "\n"


if __name__ == "__main__":
    main()
