"""JSON columns: what is written is read again, and migrations and forms are as with Django's field."""

import json
from typing import Any

import pytest
from django.db import models

from cluster.models import Node
from cluster.models.fields import JSONField
from tests.spaces import demo

VALUES: dict[str, Any] = {
    "nested": {"a": [1, 2.5, None, True, {"b": "text"}]},
    "other scripts": {"名": "滚动更新", "line": "a\nb\u2028"},
    "empty": {},
    "an integer of 64 bits": {"a": 2**63 - 1},
    "a percent sign": {"%s": "100 %"},
}


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in VALUES.items()])
def test_a_value_is_read_as_it_was_written(value: Any) -> None:
    check_written(value)


@pytest.mark.usefixtures("cluster")
@pytest.mark.on_sqlite  # PostgreSQL's jsonb has no such text
def test_half_of_a_surrogate_pair_is_read_as_it_was_written() -> None:
    check_written({"a": "\ud800"})


def check_written(value: Any) -> None:
    Node.objects.filter(cluster=demo()).update(labels=value)
    assert {json.dumps(each.labels) for each in Node.objects.filter(cluster=demo())} == {json.dumps(value)}


@pytest.mark.usefixtures("cluster")
def test_an_integer_of_more_than_64_bits_is_read_as_a_float() -> None:
    Node.objects.filter(cluster=demo()).update(labels={"a": 2**64, "b": 2**64 - 1})
    labels = Node.objects.filter(cluster=demo())[0].labels
    assert labels == {"a": float(2**64), "b": 2**64 - 1}
    assert isinstance(labels["a"], float)


@pytest.mark.usefixtures("cluster")
def test_keys_of_a_column_can_be_looked_up() -> None:
    Node.objects.filter(cluster=demo()).update(labels={"disk": "ssd", "size": 3})
    found = Node.objects.filter(labels__disk="ssd", labels__size__gt=2)
    assert set(found.values_list("labels__disk", "labels__size")) == {("ssd", 3)}


def test_migrations_see_django_s_field() -> None:
    own, django_s = (kind(default=list, blank=True) for kind in (JSONField, models.JSONField))
    assert own.deconstruct()[1:] == django_s.deconstruct()[1:]


def test_a_form_shows_json_with_spaces() -> None:
    assert JSONField().formfield().prepare_value({"a": [1, "é"]}) == '{"a": [1, "é"]}'
