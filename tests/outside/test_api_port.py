"""The port of the API, asked as any client asks a server: by bytes."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from tests.outside.process import BOOK, HOST, Demo, wait_until
from tests.outside.test_kubectl import Kubectl, typing_at

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "v5.channel.k8s.io",
}


@pytest.fixture(scope="module")
def server(quick_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(Path(shutil.copytree(quick_data, tmp_path_factory.mktemp("port") / "data", symlinks=True)))
    try:
        yield demo.start()
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def kubectl(server: Demo, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return typing_at(server, tmp_path_factory.mktemp("typing") / "home")


def ask(server: Demo, method: str, path: str, body: str = "", **headers: str) -> tuple[HTTPResponse, str]:
    connection = HTTPSConnection(HOST, server.api_port, context=server.trust, timeout=20)
    connection.request(method, path, body or None, {"Authorization": f"Bearer {server.token}", **headers})
    response = connection.getresponse()
    return response, response.read().decode()


def test_pages_are_not_served_there_and_the_index_is(server: Demo) -> None:
    response, text = ask(server, "GET", "/")
    assert (response.status, "/apis/apps/v1" in json.loads(text)["paths"]) == (200, True)
    assert json.loads(ask(server, "GET", "/clusters/demo/")[1])["paths"]
    for path in ("/login/", "/fidelity/", "/admin/", "/static/css/base.css", "/clusters/demo/namespaces/default/"):
        response, text = ask(server, "GET", path)
        assert (response.status, text) == (404, "404 page not found\n"), path
    assert ask(server, "GET", "/clusters/demo/api/v1/nodes")[0].status == 200
    assert ask(server, "GET", "/readyz")[1] == "ok"


def test_codes_have_their_reason_phrases(server: Demo) -> None:
    pod = {"metadata": {"name": "x"}, "spec": {"containers": []}}
    path = "/api/v1/namespaces/default/pods"
    response, _ = ask(server, "POST", path, json.dumps(pod), **{"Content-Type": "application/json"})
    assert (response.status, response.reason) == (422, "Unprocessable Entity")


def test_large_headers_are_read(server: Demo) -> None:
    assert ask(server, "GET", "/version", **{"X-Large": "a" * 80_000})[0].status == 200


@pytest.mark.parametrize(
    ("part", "words"),
    [
        pytest.param("exec", "no command can be executed", id="exec"),
        pytest.param("attach", "there is no process to attach to", id="attach"),
        pytest.param("portforward", "no port can be forwarded", id="port-forward"),
    ],
)
def test_a_handshake_is_refused_with_a_status(server: Demo, kubectl: Kubectl, part: str, words: str) -> None:
    pod = kubectl("get pods -o jsonpath={.items[0].metadata.name}")
    response, text = ask(server, "GET", f"/api/v1/namespaces/default/pods/{pod}/{part}?command=ls", **UPGRADE)
    status = json.loads(text)
    assert (response.status, status["kind"], status["reason"]) == (404, "Status", "NotFound")
    assert words in status["message"]


def test_kubectl_prints_why_nothing_can_be_executed(kubectl: Kubectl) -> None:
    wait_until(lambda: "3" in kubectl(f"get deploy {BOOK} -o jsonpath={{.status.readyReplicas}}"), 20, "its pods")
    refused = 'container "nginx" is simulated: nothing runs in it, so no command can be executed'
    assert refused in kubectl(f"exec deploy/{BOOK} -- ls", fails=True)
    assert "no port can be forwarded" in kubectl(f"port-forward deploy/{BOOK} 8080:80", fails=True)
    assert "is not valid for pod" in kubectl(f"exec deploy/{BOOK} -c other -- ls", fails=True)


def test_http_1_1_wants_a_host(server: Demo) -> None:
    command = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host:"]
    done = subprocess.run(
        [*command, f"https://{HOST}:{server.api_port}/livez"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "400"
