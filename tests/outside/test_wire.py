"""What a browser takes over the wire: static files once and for good, pages and pictures packed."""

import gzip
import re
import urllib.request
from typing import Any

from websockets.sync.client import connect

from tests.outside.process import BOOK, HOST, Demo

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
FOR_GOOD = "max-age=315360000, public, immutable"
PAGE = f"clusters/demo/namespaces/default/deployments/{BOOK}/"
LARGEST_PICTURE = 500_000
PODS = 2000


def fetch(demo: Demo, address: str) -> tuple[Any, bytes, bytes]:
    """(headers, the body as it came, the body)."""
    request = urllib.request.Request(demo.url + address.lstrip("/"), headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body = answer.read()
        return answer.headers, body, gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body


def linked(text: str) -> set[str]:
    return set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))


def imported(address: str, text: str) -> set[str]:
    found = re.findall(r'(?:from|import)\s*"(\.[^"]+)"', text)
    return {urllib.parse.urljoin(address, each) for each in found}


def test_a_page_s_modules_styles_and_fonts_have_hashed_names_and_are_kept_for_good(quick: Demo) -> None:
    headers, _, page = fetch(quick, PAGE)
    assert (headers["Content-Encoding"], headers["Vary"] and "Accept-Encoding" in headers["Vary"]) == ("gzip", True)
    todo, seen = linked(page.decode()), set[str]()
    while todo:
        address = todo.pop()
        seen.add(address)
        headers, _, body = fetch(quick, address)
        assert (bool(HASHED.search(address)), headers["Cache-Control"]) == (True, FOR_GOOD), address
        if address.endswith((".js", ".css")):
            assert headers["Content-Encoding"] == "gzip" or len(body) < 500, address
        if address.endswith(".js"):
            todo |= imported(address, body.decode()) - seen
    assert len([each for each in seen if "/js/" in each]) > 20
    assert all(HASHED.search(each) for each in linked(fetch(quick, "admin/login/")[2].decode()))


def test_the_first_picture_of_thousands_of_pods_is_small_on_the_wire(quick: Demo) -> None:
    quick.act(f"deployments/{BOOK}/scale/", {"replicas": PODS})
    address = f"ws://{HOST}:{quick.port}/ws/clusters/demo/namespaces/default/?packed=1"
    size = len(fetch(quick, PAGE)[1])
    pods: list[Any] = []
    while len(pods) < PODS:
        with connect(address, origin=quick.url.rstrip("/"), max_size=None) as viewer:  # type: ignore[arg-type]
            first = viewer.recv(timeout=20)
        assert isinstance(first, str | bytes)
        text = gzip.decompress(first) if isinstance(first, bytes) else first.encode()
        pods = re.findall(rb'"phase":', text)
    assert size + len(first) < LARGEST_PICTURE
