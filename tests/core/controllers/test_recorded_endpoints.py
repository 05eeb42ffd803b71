"""Endpoints and EndpointSlices as the controllers of a real 1.20.2 wrote them of the same Services and pods: addresses and ports in
their order, subsets in their order, which slice has which ports. What 1.20 had otherwise is named where it is left out."""

import hashlib
import json
from typing import Any

import pytest

from cluster.core.controllers.endpointslices import spewed
from cluster.core.nodes.addresses import pod_address
from cluster.core.objects import Node, Pod
from cluster.core.reconcile import reconcile
from cluster.core.services.endpoints import TERMINAL, ZONE
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW
from tests.core.recordings import GOLDEN
from tests.core.services.builders import endpoints_of, service, slices_of

RECORDED: list[Any] = json.loads((GOLDEN / "endpoints.json").read_text())
cases = pytest.mark.parametrize("case", [pytest.param(each, id=each["case"]) for each in RECORDED])


def played(case: Any) -> State:
    state = builders.cluster(pods=[pod_of(each) for each in case["pods"]], nodes=0)
    builders.change(state, Node(name="node-1", labels={ZONE: "north"}))
    builders.change(state, service(**{"ports": [], **case["service"]}, labels={"team": "a"}))
    reconcile(state, NOW)
    return state


def pod_of(each: Any) -> Pod:
    container = {"name": "c", "image": "i:1", "ports": [{"protocol": "TCP", **port} for port in each.get("ports", ())]}
    spec = {"containers": [container], **{key: each[key] for key in ("hostname", "subdomain") if key in each}}
    return builders.pod(
        each["name"], uid=each["uid"], owner_uid=None, labels=each["labels"], spec=spec, phase=each["phase"],
        ready=each["ready"], started_at=NOW if each["address"] else None, deleted_at=NOW if each["going"] else None,
    )  # fmt: skip


def is_ended(case: Any, uid: str) -> bool:
    """1.20 listed pods that had ended, if their restart policy was Always; since 1.22 they are out."""
    return next(each["phase"] for each in case["pods"] if each["uid"] == uid) in TERMINAL


@cases
def test_endpoints(case: Any) -> None:
    found = endpoints_of(played(case))
    recorded = [comparable(case, each) for each in case["subsets"]]
    assert in_order(found.get("subsets", [])) == in_order(recorded)
    own = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}  # since 1.33
    assert found["metadata"]["labels"] == {**case["labels"], **own}


def in_order(subsets: list[Any]) -> list[Any]:
    """Several subsets are sorted by the hash of all that is in them, resource versions too."""
    return sorted(subsets, key=json.dumps)


def comparable(case: Any, subset: Any) -> Any:
    there = {**subset, "addresses": addresses(case, subset, "addresses")}
    there["notReadyAddresses"] = addresses(case, subset, "notReadyAddresses")
    return {key: each for key, each in there.items() if each}


def addresses(case: Any, subset: Any, key: str) -> list[Any]:
    """Ours are all of one namespace."""
    found = [each for each in subset.get(key) or () if not is_ended(case, each["targetRef"]["uid"])]
    return [{**each, "targetRef": {**each["targetRef"], "namespace": "default"}} for each in found]


@cases
def test_slices(case: Any) -> None:
    """1.20 left terminating pods out, and gave headless Services that name no family slices of both."""
    going = {each["uid"] for each in case["pods"] if each["going"]}
    ours = [[told(each, going), by_name(each["ports"])] for each in slices_of(played(case))]
    theirs = [
        [{uid: told for uid, told in of_recorded(case, each).items() if uid not in going}, by_name(each["ports"])]
        for each in case["slices"]
        if each["addressType"] == "IPv4"
    ]
    assert sizes(ours) == sizes(theirs)
    if len(ours) > 1 and case["case"] == "more than a slice":
        ours, theirs = joined(ours), joined(theirs)
    assert sorted(ours, key=json.dumps) == sorted(theirs, key=json.dumps)


@cases
def test_the_order_of_ports_is_that_of_what_is_hashed(case: Any) -> None:
    """1.20 hashed the structs of v1beta1 with MD5; today it is those of v1 with FNV-128a: the text is proved here."""
    for each in case["slices"]:
        ports = each["ports"] or []
        assert ports == sorted(ports, key=lambda port: hashlib.md5(spewed(port, "v1beta1").encode()).digest())  # noqa: S324


def by_name(ports: Any) -> list[Any]:
    return sorted(ports or [], key=lambda each: str(each["name"]))


def told(found: Any, going: set[str]) -> Any:
    listed = {
        each["targetRef"]["uid"]: each for each in found["endpoints"] or () if each["targetRef"]["uid"] not in going
    }
    return {
        uid: [each["conditions"]["ready"], each.get("hostname"), each.get("zone")]
        for uid, each in sorted(listed.items())
    }


def of_recorded(case: Any, found: Any) -> Any:
    listed = {each["uid"]: each for each in found["endpoints"] if not is_ended(case, each["uid"])}
    return {uid: [each["ready"], each.get("hostname"), each["zone"]] for uid, each in sorted(listed.items())}


def sizes(slices: list[Any]) -> list[int]:
    return sorted(len(each) for each, _ in slices)


def joined(slices: list[Any]) -> list[Any]:
    """Which pods are in which of several slices with the same ports is chance upstream."""
    together: dict[str, Any] = {}
    for each, _ in slices:
        together |= each
    return [[dict(sorted(together.items())), slices[0][1]]]


@cases
def test_the_addresses_are_those_that_were_recorded(case: Any) -> None:
    """So that their order means something."""
    found = [
        one for each in case["subsets"] for one in (*each.get("addresses", ()), *each.get("notReadyAddresses", ()))
    ]
    assert {each["ip"] for each in found} == {pod_address(each["targetRef"]["uid"]) for each in found}
