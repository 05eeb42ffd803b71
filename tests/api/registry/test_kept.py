"""Objects of kinds that nothing acts on: created, read, watched, changed, deleted as on a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.api.watch import changes
from cluster.machinery import patches
from cluster.records import journal
from cluster.writing import clusters, namespaces
from tests.api.conftest import Api, Work
from tests.spaces import DEFAULT, space

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cluster")]
CORE = "/api/v1/namespaces/default"
MAPS, SERVICES, SECRETS = f"{CORE}/configmaps", f"{CORE}/services", f"{CORE}/secrets"
MAP = {"metadata": {"name": "settings", "labels": {"app": "web"}}, "data": {"colour": "blue"}}
SERVICE = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
SECRET = {"metadata": {"name": "key"}, "stringData": {"password": "x"}}


def test_a_config_map_is_made_read_changed_and_deleted(api: Api) -> None:
    made = api("POST", MAPS, MAP)
    assert made.status_code == 201
    about = made.json()["metadata"]
    assert about["uid"]
    assert api.get(f"{MAPS}/settings") == made.json()
    assert [each["metadata"]["name"] for each in api.get(f"{MAPS}?labelSelector=app=web")["items"]] == ["settings"]
    assert api.get(f"{MAPS}?labelSelector=app=other")["items"] == []
    changed = api("PATCH", f"{MAPS}/settings", {"data": {"colour": "green"}}, patches.MERGE_PATCH).json()
    assert changed["data"] == {"colour": "green"}
    assert int(changed["metadata"]["resourceVersion"]) > int(about["resourceVersion"])
    assert changed["metadata"]["uid"] == about["uid"]
    assert api("DELETE", f"{MAPS}/settings").status_code == 200
    assert api("GET", f"{MAPS}/settings").status_code == 404


def test_two_can_not_have_one_name(api: Api) -> None:
    api("POST", MAPS, MAP)
    answer = api("POST", MAPS, MAP)
    assert (answer.status_code, answer.json()["message"]) == (409, 'configmaps "settings" already exists')


def test_a_stale_version_is_a_conflict(api: Api) -> None:
    made = api("POST", MAPS, MAP).json()
    api("PATCH", f"{MAPS}/settings", {"data": {"colour": "green"}}, patches.MERGE_PATCH)
    assert api("PUT", f"{MAPS}/settings", made).status_code == 409


def test_a_service_gets_an_address_that_no_other_has_and_keeps_it(api: Api) -> None:
    one = api("POST", SERVICES, SERVICE).json()
    other = api("POST", SERVICES, {**SERVICE, "metadata": {"name": "other"}}).json()
    assert one["spec"]["clusterIP"] != other["spec"]["clusterIP"]
    assert one["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    body: Any = {**SERVICE, "spec": {**SERVICE["spec"], "ports": [{"port": 81}]}}  # type: ignore[dict-item]
    body["metadata"] = {"name": "web", "resourceVersion": one["metadata"]["resourceVersion"]}
    assert api("PUT", f"{SERVICES}/web", body).json()["spec"]["clusterIP"] == one["spec"]["clusterIP"]


def test_a_new_cluster_has_the_service_of_its_api(api: Api) -> None:
    assert api.get(f"{SERVICES}/kubernetes")["spec"]["clusterIP"] == "10.96.0.1"


def test_wrong_fields_are_refused_in_upstreams_words(api: Api) -> None:
    answer = api("POST", SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 99999}]}})
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert "spec.ports[0].port" in answer.json()["message"]


def test_who_may_only_view_reads_no_secrets(api: Api, member: Callable[[str], Api]) -> None:
    api("POST", SECRETS, SECRET)
    viewer = member("default:view")
    assert viewer("GET", f"{SECRETS}/key").status_code == 403
    assert viewer("GET", MAPS).status_code == 200
    assert member("default:edit")("GET", f"{SECRETS}/key").json()["data"] == {"password": "eA=="}


def test_a_page_is_not_told_of_them(api: Api) -> None:
    api("POST", SECRETS, SECRET)
    assert not [each for each in journal.changes_since(*DEFAULT, 0, 100) if each["kind"] == "Secret"]


def test_what_the_journal_tells_is_the_object(api: Api) -> None:
    made = api("POST", MAPS, MAP).json()
    api("DELETE", f"{MAPS}/settings")
    target = changes.Target(
        cluster=DEFAULT.cluster, group="", version="v1", kind=changes_kind("configmaps"), namespace="default"
    )
    items, _ = changes.since(target, int(made["metadata"]["resourceVersion"]) - 1)
    assert [each.verb for each in items] == ["ADDED", "DELETED"]
    assert items[0].manifest == made


def changes_kind(plural: str) -> Any:
    from cluster.api.kinds import BY_PLURAL

    return BY_PLURAL[plural]


def test_they_go_with_their_namespace_and_their_cluster(api: Api, work: Work) -> None:
    namespaces.ensure(space("brief"), actor="me")
    api("POST", "/api/v1/namespaces/brief/configmaps", MAP)
    namespaces.delete(space("brief"), actor="me")
    work()
    assert not models.KeptObject.objects.filter(namespace="brief").exists()
    api("POST", MAPS, MAP)
    clusters.reset(DEFAULT.cluster)
    assert api.get(MAPS)["items"] == []


def test_one_of_another_cluster_is_not_seen(api: Api) -> None:
    clusters.create("other")
    api("POST", MAPS, MAP)
    assert api.get("/clusters/other/api/v1/namespaces/default/configmaps")["items"] == []
    assert api("GET", "/clusters/other/api/v1/namespaces/default/configmaps/settings").status_code == 404


def service_with(name: str, **spec: Any) -> dict[str, Any]:
    about = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}}
    return {**about, "spec": {"type": "NodePort", "ports": [{"port": 80}], **spec}}


def test_an_address_or_a_port_that_somebody_has_is_refused(api: Api) -> None:
    held = api("POST", SERVICES, service_with("one")).json()["spec"]
    address, port = held["clusterIP"], held["ports"][0]["nodePort"]
    ports = [{"port": 80, "nodePort": port}]
    answer = api("POST", SERVICES, service_with("two", clusterIP=address, ports=ports)).json()
    assert [(each["field"], each["message"]) for each in answer["details"]["causes"]] == [
        (
            "spec.clusterIPs",
            f'Invalid value: ["{address}"]: failed to allocate IP {address}: provided IP is already allocated',
        ),
        ("spec.ports[0].nodePort", f"Invalid value: {port}: provided port is already allocated"),
    ]
    api("DELETE", f"{SERVICES}/one")
    assert api("POST", SERVICES, service_with("two", clusterIP=address, ports=ports)).status_code == 201
    taken = api("POST", SERVICES, service_with("three", clusterIP="10.96.0.1")).json()
    assert taken["code"] == 422  # the API server's own


@pytest.mark.parametrize(
    ("name", "verb", "expected"),
    [
        pytest.param(
            "new",
            "POST",
            (
                "spec.clusterIPs",
                'Invalid value: ["10.0.0.12"]: failed to allocate IP 10.0.0.12: the provided IP (10.0.0.12) is not in the valid '
                "range. The range of valid IPs is 10.96.0.0/12",
            ),
            id="of a new Service",
        ),
        pytest.param(
            "one",
            "PUT",
            ("spec.clusterIPs[0]", 'Invalid value: "10.0.0.12": may not change once set'),
            id="of one that has an address",
        ),
    ],
)
def test_an_address_out_of_the_range_is_told_of_alone(
    api: Api, name: str, verb: str, expected: tuple[str, str]
) -> None:
    api("POST", SERVICES, service_with("one"))
    path = SERVICES if verb == "POST" else f"{SERVICES}/{name}"
    answer = api(verb, path, service_with(name, clusterIP="10.0.0.12")).json()
    assert [(each["field"], each["message"]) for each in answer["details"]["causes"]] == [expected]


def test_a_service_costs_the_same_however_many_there_are(api: Api) -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api("POST", SERVICES, service_with(name)).status_code == 201
        return len(queries)

    cost("first")
    few = cost("few")
    for number in range(30):
        api("POST", SERVICES, service_with(f"s-{number}"))
    assert cost("many") <= few + 2  # chance may have found ports that were taken


def test_no_token_is_made_for_a_service_account(api: Api) -> None:
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    assert api("POST", f"{accounts}/bot/token", {}).status_code == 404
    api("POST", accounts, {"metadata": {"name": "bot"}})
    answer = api("POST", f"{accounts}/bot/token", {})
    assert (answer.status_code, "no token is made" in answer.json()["message"]) == (405, True)
