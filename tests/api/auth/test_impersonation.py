"""--as: whose rights count, and who may ask for it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.api.conftest import Api
from tests.spaces import grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("book")]
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def test_an_administrator_sees_what_somebody_may(api: Api) -> None:
    grant(User.objects.create_user("ann"), "default:view")
    headers = {"Impersonate-User": "ann"}
    assert len(api.get(DEPLOYMENTS, **headers)["items"]) == 1
    answer = api("DELETE", f"{DEPLOYMENTS}/nginx-deployment", **headers)
    assert (answer.status_code, 'User "ann" cannot delete resource' in answer.json()["message"]) == (403, True)


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        pytest.param("", 403, id="none"),
        pytest.param("system:masters", 200, id="the masters"),
        pytest.param("default:edit", 403, id="a group, which has no roles"),
    ],
)
def test_a_name_without_an_account_has_the_rights_of_its_groups(api: Api, groups: str, code: int) -> None:
    assert api("GET", DEPLOYMENTS, **{"Impersonate-User": "bob", "Impersonate-Group": groups}).status_code == code


def test_who_is_acted_is_told(api: Api) -> None:
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    found = api("POST", path, {}, **{"Impersonate-User": "bob"}).json()["status"]["userInfo"]
    assert (found["username"], found["groups"]) == ("bob", ["system:authenticated"])


def test_others_may_not_act(member: Callable[[str], Api]) -> None:
    answer = member("default:edit")("GET", DEPLOYMENTS, **{"Impersonate-User": "bob"})
    message = 'users "bob" is forbidden: User "of-default:edit" cannot impersonate resource "users" in API group "" at the cluster scope'
    assert (answer.status_code, answer.json()["message"]) == (403, message)


def test_groups_of_nobody_are_refused(api: Api) -> None:
    assert api("GET", DEPLOYMENTS, **{"Impersonate-Group": "default:view"}).status_code == 400
