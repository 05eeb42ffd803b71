"""Which pages have a lesson panel, and whose it is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import classes, seats, studying
from cluster.spaces import Space
from cluster.writing import actions
from tests.classroom.conftest import logged_in, sat_down

pytestmark = pytest.mark.usefixtures("cluster")
PLACE = "/clusters/rolling-update/namespaces/default/"
OF_CLASS = ("ask-help", "frozen", "others", "following")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def ann() -> Client:
    user = User.objects.create_user("ann")
    studying.begin("02-rolling-update", user)
    return logged_in(user)


def told(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", [PLACE, f"{PLACE}deployments/nginx-deployment/", "/clusters/rolling-update/settings/"])
def test_the_pages_of_the_cluster_have_it_without_what_belongs_to_a_class(ann: Client, path: str) -> None:
    page = told(ann, path)
    assert 'data-socket="/ws/clusters/rolling-update/lesson/"' in page
    assert 'data-base="/clusters/rolling-update/lesson/"' in page
    assert 'id="end"' in page and "classroom/study" in page
    assert not [each for each in OF_CLASS if f'id="{each}"' in page]
    assert "classroom/presenter" in page  # who presents to a class elsewhere is told so here too


@pytest.mark.parametrize("path", ["/clusters/", "/stories/", "/fidelity/", "/nowhere/", "/clusters/nowhere/"])
def test_other_pages_have_none(ann: Client, path: str) -> None:
    assert 'id="lesson"' not in told(ann, path)


def test_a_student_has_that_of_the_class() -> None:
    room = classes.create("Blue class", owner=User.objects.create_user("tess"))
    page = told(sat_down(seats.join(room.code, "Ada")), "/clusters/blue-class-01/namespaces/default/")
    assert 'data-socket="/ws/seat/"' in page and 'data-base="/seat/"' in page
    assert 'id="end"' not in page and "classroom/student" in page
    assert [each for each in OF_CLASS if f'id="{each}"' in page] == [*OF_CLASS]


def test_the_keys_of_the_panel_are_listed_where_it_is(ann: Client) -> None:
    line = "The lesson: read the next task"
    assert line in told(ann, f"{PLACE}deployments/nginx-deployment/")
    actions.example(Space("demo", "default"), actor="ann")
    root = logged_in(User.objects.create_superuser("root"))
    assert line not in told(root, "/clusters/demo/namespaces/default/deployments/nginx-deployment/")
