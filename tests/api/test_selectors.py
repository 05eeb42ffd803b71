"""Selectors: what they choose, and the words in which upstream refuses them."""

from typing import Any

import pytest

from cluster.api import selectors

POD: dict[str, Any] = {
    "metadata": {"name": "web-1", "namespace": "default", "labels": {"app": "web", "tier": "", "size": "7"}},
    "spec": {"nodeName": "node-1", "schedulerName": "default-scheduler"},
    "status": {"phase": "Running", "podIP": "10.244.0.2", "podIPs": [{"ip": "10.244.0.2"}]},
}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        pytest.param("", True, id="everything"),
        pytest.param("app=web", True, id="equal"),
        pytest.param("app == web , tier=", True, id="spaces, and an empty value"),
        pytest.param("app!=web", False, id="unequal"),
        pytest.param("colour!=red", True, id="unequal to what is not there"),
        pytest.param("app", True, id="exists"),
        pytest.param("colour", False, id="does not exist"),
        pytest.param("!colour", True, id="absent"),
        pytest.param("! app", False, id="not absent"),
        pytest.param("app in (x, web)", True, id="in"),
        pytest.param("app in (x,y)", False, id="not in"),
        pytest.param("tier in ()", True, id="in nothing is in the empty value"),
        pytest.param("tier in (,x)", True, id="in with an empty value"),
        pytest.param("app notin (x)", True, id="notin"),
        pytest.param("colour notin (red)", True, id="notin of what is not there"),
        pytest.param("app in (in,notin,web)", True, id="operators as values"),
        pytest.param("size>6,size<8", True, id="numbers"),
        pytest.param("size>7", False, id="not greater"),
        pytest.param("app>1", False, id="no number"),
        pytest.param("app=web,app=web", True, id="twice"),
        pytest.param("app=web,app=x", False, id="contradiction"),
    ],
)
def test_labels_choose(text: str, chosen: bool) -> None:
    assert selectors.parse(text, "", "Pod", "").fits(POD) is chosen


NAME_PART = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
LABEL = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a=b=c", "found '=', expected: ',' or 'end of string'", id="two signs"),
        pytest.param("=x", "found '=', expected: !, identifier, or 'end of string'", id="no key"),
        pytest.param("a,", "found '', expected: identifier after ','", id="comma at the end"),
        pytest.param("a,,b", "found ',', expected: identifier after ','", id="two commas"),
        pytest.param("!", "unable to parse requirement: found '', expected: identifier", id="nothing absent"),
        pytest.param(
            "a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt", id="two words"
        ),
        pytest.param("a in x", "unable to parse requirement: found 'x' expected: '('", id="no set"),
        pytest.param(
            "a in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'", id="no comma in a set"
        ),
        pytest.param("a in (x", "unable to parse requirement: found '', expected: ',' or ')'", id="open set"),
        pytest.param("a=(", "unable to parse requirement: found '(', expected: identifier", id="no value"),
        pytest.param("a_=b", f'unable to parse requirement: <nil>: Invalid value: "a_": {NAME_PART}', id="key"),
        pytest.param("a=b_", f'unable to parse requirement: values[0][a]: Invalid value: "b_": {LABEL}', id="value"),
        pytest.param(
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
            id="no integer",
        ),
    ],
)
def test_labels_that_cannot_be_read_are_refused_in_upstreams_words(text: str, message: str) -> None:
    with pytest.raises(selectors.BadSelector) as refused:
        selectors.parse(text, "", "Pod", "")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        pytest.param("metadata.name=web-1", True, id="name"),
        pytest.param("metadata.name!=web-1", False, id="other name"),
        pytest.param("status.phase==Running,spec.nodeName=node-1", True, id="two"),
        pytest.param("spec.host=node-1", True, id="old name"),
        pytest.param("spec.nodeName=", False, id="empty"),
        pytest.param("spec.hostNetwork=false", True, id="flag"),
        pytest.param("status.podIP=10.244.0.2", True, id="address"),
        pytest.param("status.nominatedNodeName=", True, id="nothing"),
        pytest.param(",metadata.name=web-1,", True, id="empty terms"),
        pytest.param(r"metadata.name=web\,1", False, id="escaped"),
    ],
)
def test_fields_choose(text: str, chosen: bool) -> None:
    assert selectors.parse("", text, "Pod", "").fits(POD) is chosen


@pytest.mark.parametrize(
    ("text", "kind", "group", "message"),
    [
        pytest.param("spec.x=1", "Pod", "", "field label not supported: spec.x", id="pod"),
        pytest.param("spec.x=1", "Node", "", "field label not supported: spec.x", id="node"),
        pytest.param("regarding.name=x", "Event", "", "field label not supported: regarding.name", id="event"),
        pytest.param(
            "spec.replicas=1",
            "Deployment",
            "apps",
            '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
            id="deployment",
        ),
        pytest.param("x", "Pod", "", "invalid selector: 'x'; can't understand 'x'", id="no sign"),
        pytest.param(
            r"metadata.name=a\b", "Pod", "", r"invalid field selector: invalid escape sequence: \b", id="escape"
        ),
        pytest.param(
            "metadata.name=a=b", "Pod", "", "invalid field selector: unescaped character in value: 61", id="bare sign"
        ),
    ],
)
def test_fields_that_are_not_known_are_refused_in_upstreams_words(
    text: str, kind: str, group: str, message: str
) -> None:
    with pytest.raises(selectors.BadSelector) as refused:
        selectors.parse("", text, kind, group)
    assert str(refused.value) == message


def test_events_are_chosen_by_the_names_of_their_version() -> None:
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "web-1"},
        "source": {"component": "kubelet"},
    }
    assert selectors.parse("", "regarding.name=web-1,source=kubelet", "Event", "events.k8s.io").fits(event)
    assert selectors.parse("", "involvedObject.name=web-1,involvedObject.kind=Pod", "Event", "").fits(event)


def test_the_state_before_a_change_is_chosen_by_what_was_otherwise() -> None:
    ready = selectors.parse("app=web", "status.phase=Running", "Pod", "")
    assert ready.fits(POD)
    assert not ready.fits(POD, {"fields": {"status.phase": "Pending"}})
    assert not ready.fits(POD, {"labels": {"app": "other"}})
    assert ready.fits(POD, {"fields": {"spec.nodeName": ""}})
