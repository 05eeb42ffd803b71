"""What the real kubectl says of a Service: who is behind it, while they come and go."""

import re
from pathlib import Path

import pytest

from tests.outside.process import BOOK, Demo, wait_until
from tests.outside.test_kubectl import Kubectl, typing_at


@pytest.fixture
def kubectl(quick: Demo, tmp_path: Path) -> Kubectl:
    return typing_at(quick, tmp_path / "home")


def test_get_and_describe_tell_who_is_behind_a_service(kubectl: Kubectl) -> None:
    kubectl(f"expose deployment {BOOK} --name web --port 80 --target-port 8080")
    wait_until(lambda: kubectl("get endpoints").count(":8080") == 3, 20, "the addresses")
    addresses = set(kubectl("get pods -o jsonpath={.items[*].status.podIP}").split())
    described = kubectl("describe service web")
    (line,) = re.findall(r"^Endpoints:\s+(\S.*)$", described, re.MULTILINE)
    assert {each.partition(":")[0] for each in line.split(",")} == addresses
    (header, row) = kubectl("get endpointslices").splitlines()
    assert header.split() == ["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"]
    assert re.match(r"web-[b-z2-9]{5}\s+IPv4\s+8080\s+(\S+,){2}\S+\s+\d+s", row)
    assert len(re.findall(r"Ready:\s+true", kubectl("describe endpointslices"))) == 3
    kubectl(f"scale deployment {BOOK} --replicas 0")
    wait_until(lambda: "<unset>" in kubectl("get endpointslices"), 30, "nobody to be behind it")
    assert re.search(r"^Endpoints:\s+$", kubectl("describe service web"), re.MULTILINE)
    assert "<none>" in kubectl("get endpoints web")
    kubectl("delete service web")
    wait_until(lambda: "No resources" in kubectl("get endpointslices,endpoints"), 20, "both to be gone")
