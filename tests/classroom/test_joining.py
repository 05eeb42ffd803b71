"""The door, by page and by script."""

import json
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client

from cluster.classroom import classes, links
from cluster.classroom.joining import OF_ADDRESS
from cluster.models import Classroom, Seat, Token
from tests.classroom.conftest import sat_down

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def as_script(code: str, name: str, **headers: str) -> Any:
    body = {"code": code, "name": name}
    return Client(enforce_csrf_checks=True).post("/join/", body, headers={**JSON, **headers})


def test_a_script_gets_the_seat_the_cluster_and_a_kubeconfig(room: Classroom) -> None:
    answer = as_script(room.code, "Ada")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["cluster"]) == ("Ada", "blue-class-01")
    assert links.seat_of(told["seat_url"].rstrip("/").rpartition("/")[2]) == Seat.objects.get()
    config = yaml.safe_load(told["kubeconfig"])
    assert config["clusters"][0]["cluster"]["server"] == "http://testserver/clusters/blue-class-01"
    assert not answer.cookies, "a script is not logged in by the way"


def test_a_script_may_send_json_to_the_address_that_has_the_code(room: Classroom) -> None:
    answer = Client().post(f"/join/{room.code}/", {"name": "Ada"}, content_type="application/json", headers=JSON)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "reason", "status"),
    [
        pytest.param(b"{", "BadRequest", 400, id="no JSON"),
        pytest.param(b"[]", "BadRequest", 400, id="no object"),
        pytest.param(b'{"name": 3}', "BadRequest", 400, id="a name that is no text"),
        pytest.param(b'{"name": "Ada"}', "WrongCode", 404, id="no code"),
    ],
)
def test_a_script_is_told_why_it_got_nothing(db: None, body: bytes, reason: str, status: int) -> None:  # noqa: ARG001
    answer = Client().post("/join/", body, content_type="application/json", headers=JSON)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


def test_another_sites_page_gets_nothing(room: Classroom) -> None:
    assert as_script(room.code, "Ada", Origin="http://elsewhere.example").status_code == 403
    assert not Seat.objects.exists()


def test_the_pages_form_wants_its_own_token(room: Classroom) -> None:
    client = Client(enforce_csrf_checks=True)
    body = {"code": room.code, "name": "Ada"}
    assert client.post("/join/", body).status_code == 403
    page = client.get(f"/join/{room.code}/")
    token = page.cookies["csrftoken"].value
    assert client.post("/join/", {**body, "csrfmiddlewaretoken": token}).status_code == 302


def test_the_form_leads_to_the_stage_and_a_reload_back_there(room: Classroom) -> None:
    client = Client()
    stage = "/clusters/blue-class-01/namespaces/default/deployments/nginx-deployment/"
    answer = client.post("/join/", {"code": room.code, "name": "Ada"}, follow=True)
    assert answer.redirect_chain[-1][0] == stage
    assert client.get("/", follow=True).redirect_chain[-1][0] == stage
    assert "You are Ada in Blue class already." in client.get(f"/join/{room.code}/").content.decode()


def test_a_wrong_code_is_told_on_the_form_with_what_was_typed(db: None) -> None:  # noqa: ARG001
    answer = Client().post("/join/", {"code": "aaa aaa", "name": "Ada"})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is no class with this code." in page
    assert 'value="AAAAAA"' in page and 'value="Ada"' in page


def test_after_five_wrong_codes_the_right_one_has_to_wait(room: Classroom) -> None:
    for _ in range(OF_ADDRESS.most):
        assert as_script("AAAAAA", "Ada").json()["reason"] == "WrongCode"
    answer = as_script(room.code, "Ada")
    assert (answer.status_code, answer.json()["reason"]) == (429, "TooManyCodes")
    assert "Wait 12 seconds" in answer.json()["message"]


def test_refusals_of_another_kind_are_no_guesses(room: Classroom) -> None:
    for _ in range(OF_ADDRESS.most + 1):
        assert as_script(room.code, " ").json()["reason"] == "NoName"
    assert as_script(room.code, "Ada").status_code == 201


def test_behind_a_proxy_addresses_are_those_that_the_proxy_saw(room: Classroom, settings: Any) -> None:
    settings.HTTPS = True
    for number in range(OF_ADDRESS.most):
        as_script("AAAAAA", "Ada", **{"X-Forwarded-For": f"{number}.0.0.1, 10.0.0.1"})
    assert as_script(room.code, "Ada", **{"X-Forwarded-For": "10.0.0.1"}).status_code == 429
    assert as_script(room.code, "Ada", **{"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}).status_code == 201


def test_the_seats_link_leads_back_on_any_device(ada: Seat) -> None:
    client = sat_down(ada)
    assert client.get("/seat/").status_code == 200
    page = client.get("/seat/").content.decode()
    assert f"http://testserver/seats/{links.of_seat(ada)}/kubeconfig" in page


def test_a_link_that_was_never_given_out_opens_nothing(ada: Seat) -> None:
    wrong = links.of_seat(ada)[:-1] + "0"
    for path in (f"/seats/{wrong}/", f"/seats/{wrong}/kubeconfig", f"/teach/{wrong}/"):
        client = Client()
        assert client.get(path).status_code == 404
        assert "sessionid" not in client.cookies


def test_the_teachers_link_leads_to_the_class(room: Classroom, teacher: User) -> None:
    client = Client()
    answer = client.get(f"/teach/{links.of_teacher(room)}/", follow=True)
    assert answer.redirect_chain[-1][0] == "/classes/blue-class/"
    assert client.session["_auth_user_id"] == str(teacher.pk)


def test_of_a_seats_kubeconfigs_the_newest_five_work(ada: Seat) -> None:
    client = sat_down(ada)
    first = yaml.safe_load(client.get("/seat/kubeconfig/").content)["users"][0]["user"]["token"]
    for _ in range(5):
        latest = yaml.safe_load(client.get("/seat/kubeconfig/").content)["users"][0]["user"]["token"]
    assert Token.objects.filter(user=ada.user).count() == 5
    opened = [Client().get(path_of(ada), headers={"Authorization": f"Bearer {each}"}) for each in (first, latest)]
    assert [each.status_code for each in opened] == [401, 200]


def path_of(seat: Seat) -> str:
    assert seat.cluster is not None
    return f"/clusters/{seat.cluster.name}/api/v1/namespaces/default/pods"


def test_a_visitor_of_a_class_on_the_network_is_asked_for_the_code(room: Classroom, settings: Any) -> None:
    settings.PUBLIC_ADDRESS = "http://192.168.1.5:8000"
    assert Client().get("/").headers["Location"] == "/join/"
    told = json.loads(as_script(room.code, "Ada").content)
    assert told["seat_url"].startswith("http://192.168.1.5:8000/seats/")


def test_a_closed_class_says_so(room: Classroom) -> None:
    classes.change(room, is_open=False)
    answer = as_script(room.code, "Ada")
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Blue class is closed: nobody can join now. Ask your teacher.",
    )
