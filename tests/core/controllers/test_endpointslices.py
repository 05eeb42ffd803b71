"""EndpointSlices are what upstream's controller makes of a Service and its pods (k8s.io/endpointslice reconciler_test.go)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import timestamp
from cluster.core.objects import Create, Delete, Event, ImageBehaviour, Kept, Node, Update
from cluster.core.reconcile import reconcile
from cluster.core.services import endpoints
from cluster.core.services.index import SLICE
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import NOW, owner_of
from tests.core.services.builders import CREATED, behind, endpoints_of, listed, service, slices_of


def test_a_slice_is_named_labelled_and_owned_as_upstreams() -> None:
    state, _ = behind(service(labels={"team": "a"}))
    (found,) = slices_of(state)
    about = found["metadata"]
    assert about["name"].startswith("web-") and len(about["name"]) == len("web-") + 5
    assert (about["generateName"], found["addressType"]) == ("web-", "IPv4")
    assert about["labels"] == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    (owner,) = about["ownerReferences"]
    assert owner["uid"] == "uid-of-web" and owner["controller"] is True
    pod = next(iter(state.pods.values()))
    (endpoint,) = [each for each in found["endpoints"] if each["targetRef"]["name"] == pod.name]
    assert endpoint["nodeName"] == pod.node
    assert endpoint["targetRef"] == {"kind": "Pod", "namespace": "default", "name": pod.name, "uid": pod.uid}
    assert found["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]


def test_a_pod_is_listed_once_it_has_an_address_ready_once_it_is_and_terminating_to_its_end() -> None:
    state = builders.cluster(
        builders.deployment(1),
        behaviour=ImageBehaviour(pattern="*", start_seconds=1.0, ready_seconds=2.0, stop_seconds=3.0),
    )
    builders.change(state, service())
    seen = []
    now: float | None = NOW
    while now is not None:
        seen.append(list(listed(state).values()))
        now = reconcile(state, now).due
    seen.append(list(listed(state).values()))
    pod = next(iter(state.pods.values()))
    state.apply(terminate(pod, NOW + 100))
    now = NOW + 100
    while now is not None:
        result = reconcile(state, now)
        one = listed(state).get(pod.uid)
        seen.append([one] if one else [])
        now = result.due
    assert [each for place, each in enumerate(seen) if place == 0 or seen[place - 1] != each] == [
        [],
        [(False, False, False)],
        [(True, True, False)],
        [(False, True, True)],
        [],
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, (False, False, False), id="not ready"),
        pytest.param({"ready": True}, (True, True, False), id="ready"),
        pytest.param({"ready": True, "deleted_at": NOW}, (False, True, True), id="ready and terminating"),
        pytest.param({"deleted_at": NOW}, (False, False, True), id="terminating"),
        pytest.param({"phase": "Succeeded"}, None, id="succeeded"),
        pytest.param({"phase": "Failed", "deleted_at": NOW}, None, id="failed"),
        pytest.param({"started_at": None}, None, id="no address yet"),
        pytest.param({"labels": {"app": "other"}}, None, id="not selected"),
        pytest.param({"namespace": "elsewhere"}, None, id="another namespace"),
    ],
)
@pytest.mark.parametrize("publishes", [False, True], ids=["ready ones", "publishNotReadyAddresses"])
def test_conditions(fields: dict[str, Any], expected: tuple[bool, bool, bool] | None, publishes: bool) -> None:
    pod = builders.pod("p", **{"owner_uid": None, "started_at": NOW, "ready_since": NOW, **fields})
    state = builders.cluster(pods=[pod])
    builders.change(state, service(publishNotReadyAddresses=publishes))
    reconcile(state, NOW)
    wanted = (True, *expected[1:]) if expected and publishes else expected
    assert listed(state) == ({"p": wanted} if wanted else {})


@pytest.mark.parametrize(
    ("spec", "slices"),
    [
        pytest.param({"selector": None}, 0, id="no selector"),
        pytest.param({"selector": {}}, 0, id="an empty selector"),
        pytest.param({"type": "ExternalName"}, 0, id="an external name"),
        pytest.param({"selector": {"app": "nobody"}}, 1, id="nobody: a placeholder"),
        pytest.param({"ipFamilies": ["IPv4", "IPv6"]}, 2, id="a slice for each family"),
        pytest.param({"clusterIP": "None", "ports": []}, 1, id="headless without ports"),
    ],
)
def test_which_services_have_slices(spec: dict[str, Any], slices: int) -> None:
    state, _ = behind(service(**spec))
    assert len(slices_of(state)) == slices


def test_a_placeholder_is_empty_and_becomes_the_first_slice() -> None:
    state = builders.change(builders.cluster(), service())
    reconcile(state, NOW)
    (empty,) = slices_of(state)
    assert (empty["endpoints"], empty["ports"]) == (None, None)
    assert empty["metadata"]["annotations"][endpoints.TRIGGER_TIME] == CREATED
    assert reconcile(state, NOW).changes == []
    builders.change(state, builders.pod("p", owner_uid=None, started_at=NOW, ready=True, ready_since=NOW))
    reconcile(state, NOW)
    (filled,) = slices_of(state)
    assert filled["metadata"]["uid"] == empty["metadata"]["uid"]
    assert (filled["metadata"]["generation"], len(filled["endpoints"])) == (2, 1)


def test_a_hundred_endpoints_fill_a_slice_and_the_fullest_takes_the_next() -> None:
    pods = [builders.pod(f"p{n:03}", owner_uid=None, started_at=NOW, ready=True, ready_since=NOW) for n in range(250)]
    state = builders.change(builders.cluster(pods=pods), service())
    reconcile(state, NOW)
    assert sorted(len(each["endpoints"]) for each in slices_of(state)) == [50, 100, 100]
    state.apply([Delete(object=pods[0]), Delete(object=pods[1])])
    builders.change(state, builders.pod("new", owner_uid=None, started_at=NOW))
    reconcile(state, NOW)
    assert sorted(len(each["endpoints"]) for each in slices_of(state)) == [50, 99, 100]


def test_pods_whose_ports_differ_are_in_slices_of_their_own() -> None:
    def pod(name: str, number: int) -> Any:
        ports = [{"name": "http", "containerPort": number}]
        spec = {"containers": [{"name": "c", "image": "i", "ports": ports}]}
        return builders.pod(name, owner_uid=None, started_at=NOW, spec=spec)

    other = builders.pod("none", owner_uid=None, started_at=NOW, spec={"containers": [{"name": "c", "image": "i"}]})
    state = builders.cluster(pods=[pod("a", 8080), pod("b", 9090), pod("c", 8080), other])
    builders.change(state, service(ports=[{"name": "web", "port": 80, "protocol": "TCP", "targetPort": "http"}]))
    reconcile(state, NOW)
    found = {each["ports"][0]["port"] if each["ports"] else None: len(each["endpoints"]) for each in slices_of(state)}
    assert found == {8080: 2, 9090: 1, None: 1}


def test_zone_and_hostname_are_told() -> None:
    spec = {"hostname": "first", "subdomain": "web", "containers": [{"name": "c", "image": "i"}]}
    pod = builders.pod("p", owner_uid=None, started_at=NOW, spec=spec)
    state = builders.cluster(pods=[pod])
    builders.change(state, Node(name="node-1", labels={endpoints.ZONE: "north"}), service())
    reconcile(state, NOW)
    ((endpoint,),) = [each["endpoints"] for each in slices_of(state)]
    assert (endpoint["zone"], endpoint["hostname"]) == ("north", "first")


def test_the_trigger_is_the_earliest_change_of_readiness_and_none_of_a_deletion() -> None:
    state, now = behind(service())
    times = {pod.uid: timestamp(endpoints.became(pod)) for pod in state.pods.values()}
    (found,) = slices_of(state)
    assert found["metadata"]["annotations"][endpoints.TRIGGER_TIME] == min(times.values())
    state.apply(terminate(next(iter(state.pods.values())), now + 1))
    reconcile(state, now + 1)
    (found,) = slices_of(state)
    assert endpoints.TRIGGER_TIME not in found["metadata"].get("annotations", {})


def test_what_others_do_to_a_slice_is_mended() -> None:
    state, now = behind(service())
    (held,) = [each for each in state.kept.values() if each.resource == SLICE]
    before = listed(state)
    state.apply([Update(object=replace(held, manifest={**held.manifest, "endpoints": None}))])
    reconcile(state, now)
    assert listed(state) == before
    state.apply([Delete(object=each) for each in list(state.kept.values()) if each.resource == SLICE])
    reconcile(state, now)
    assert listed(state) == before


def test_a_service_takes_its_slices_and_endpoints_with_it() -> None:
    state, now = behind(service(), service("other"))
    state.apply([Delete(object=service())])
    reconcile(state, now)
    assert (slices_of(state), endpoints_of(state)) == ([], None)
    assert slices_of(state, "other") and endpoints_of(state, "other")


def test_a_slice_with_a_finalizer_waits_for_it() -> None:
    state, now = behind(service())
    (held,) = [each for each in state.kept.values() if each.resource == SLICE]
    about = {**held.manifest["metadata"], "finalizers": ["example.com/f"]}
    state.apply([Update(object=replace(held, manifest={**held.manifest, "metadata": about}))])
    state.apply([Delete(object=service())])
    reconcile(state, now)
    (found,) = slices_of(state)
    assert found["metadata"]["deletionTimestamp"]


def test_a_service_of_the_same_name_begins_anew() -> None:
    state, now = behind(service())
    (old,) = slices_of(state)
    state.apply([Delete(object=service()), Create(object=service(uid="another"))])
    reconcile(state, now)
    (new,) = slices_of(state)
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert new["metadata"]["ownerReferences"][0]["uid"] == "another"


def test_a_pod_on_a_node_that_is_not_there_is_left_out_and_tried_again() -> None:
    pod = builders.pod("p", owner_uid=None, node="gone", started_at=NOW)
    state = builders.change(builders.cluster(pods=[pod]), service())
    assert reconcile(state, NOW).due is not None
    assert listed(state) == {}
    builders.change(state, Node(name="gone"))
    builders.settle(state, NOW)
    assert list(listed(state)) == ["p"]


def test_a_namespace_without_services_costs_nothing() -> None:
    state, _ = behind()
    assert state.services.places == {}


def test_the_same_history_gives_the_same_slices() -> None:
    first, second = behind(service())[0], behind(service())[0]
    assert slices_of(first) == slices_of(second)


selectors = st.sampled_from([{"app": "nginx"}, {"app": "other"}, {"app": "nginx", "tier": "x"}, {}])
acts = st.lists(
    st.tuples(
        st.sampled_from(["scale", "image", "select", "label", "kill", "delete", "wait"]), st.integers(0, 5), selectors
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(acts=acts)
def test_slices_are_always_the_pods_selected(acts: list[tuple[str, int, dict[str, str]]]) -> None:
    state, now = behind(service())
    for what, number, selector in acts:
        now += 0.7
        act(state, what, number, selector, now)
        result = reconcile(state, now)
        check(state)
        if what == "wait":
            while result.due is not None:
                now = result.due
                result = reconcile(state, now)
                check(state)
    twin = state.copy()
    builders.settle(twin, now)
    check(twin)
    check(state)


def act(state: State, what: str, number: int, selector: dict[str, str], now: float) -> None:
    pods = [each for each in state.pods.values() if each.deleted_at is None]
    if what == "scale":
        builders.edit(state, edits.scale(owner_of(state), number))
    elif what == "image":
        builders.edit(state, edits.set_images(owner_of(state), {"nginx": f"nginx:{number}"}))
    elif what == "select":
        builders.change(state, service(selector=selector))
    elif what == "delete":
        state.apply([Delete(object=service())] if number % 2 else [Create(object=service())])
    elif pods and what == "label":
        state.apply([Update(object=replace(pods[number % len(pods)], labels={**selector, "pod-template-hash": "x"}))])
    elif pods and what == "kill":
        state.apply(terminate(pods[number % len(pods)], now))


def check(state: State) -> None:
    there = [each for each in state.kept.values() if each.resource == "services"]
    selector = there[0].manifest["spec"]["selector"] if there else {}
    selected = {
        uid: (pod.ready and pod.deleted_at is None, pod.ready, pod.deleted_at is not None)
        for uid, pod in state.pods.items()
        if selector and selector.items() <= pod.labels.items() and endpoints.belongs(pod, include_terminating=True)
    }
    if selector or not there:
        assert listed(state) == selected
        addresses = endpoints_of(state)
        found = [one for each in (addresses or {}).get("subsets", ()) for one in each.get("addresses", ())]
        assert {each["targetRef"]["uid"] for each in found} == {uid for uid, (ready, *_) in selected.items() if ready}


def test_its_own_writing_does_not_wake_the_controller() -> None:
    state, now = behind(service())
    state.apply(terminate(next(iter(state.pods.values())), now))
    result = reconcile(state, now)
    written = [each for each in result.changes if not isinstance(each, Event) and isinstance(each.object, Kept)]
    assert [each.object.resource for each in written] == [SLICE, "endpoints"]  # type: ignore[union-attr]
    assert state.services.expected == {}
