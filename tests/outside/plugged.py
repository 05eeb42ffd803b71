"""A scheduler, a kubelet and a person who know the server by its API alone, and what they see of a Deployment there."""

import base64
import http.client
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlparse

import yaml

from cluster.core.controllers.revisions import HASH_LABEL, LAST_APPLIED
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL
from tests.outside.process import Demo, wait_until

NAME, NODE, SCHEDULER, END = "nginx", "plugged", "mine", "the-end"
JSON, MERGE, STRATEGIC = (f"application/{kind}" for kind in ("json", "merge-patch+json", "strategic-merge-patch+json"))
STILL_SECONDS = 0.3
Json = dict[str, Any]


class Server:
    """A cluster's API, with the token of the demo's kubeconfig."""

    def __init__(self, demo: Demo) -> None:
        config = yaml.safe_load((demo.data / "kubeconfig").read_text())
        about, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.place = urlparse(about["server"])
        self.trust = ssl.create_default_context(cadata=base64.b64decode(about["certificate-authority-data"]).decode())
        self.headers = {"Authorization": f"Bearer {user['token']}", "Accept": JSON}
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(str(self.place.hostname), self.place.port, timeout=20, context=self.trust)

    def __call__(self, method: str, path: str, body: Any = None, kind: str = JSON) -> tuple[int, Json]:
        data = None if body is None else json.dumps(body)
        self.connection.request(method, self.place.path + path, data, {**self.headers, "Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def get(self, path: str) -> Json:
        code, found = self("GET", path)
        assert code == 200, found
        return found

    def done(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Json:
        code, found = self(method, path, body, kind)
        assert code < 300, found
        return found

    def watch(self, path: str, since: str, last: str) -> Iterator[tuple[str, Json]]:
        """The events up to that of the object of this name."""
        connection = self.connect()
        connection.request("GET", f"{self.place.path}{path}?watch=1&resourceVersion={since}", headers=self.headers)
        with connection.getresponse() as answer:
            for line in answer:
                event = json.loads(line)
                yield event["type"], event["object"]
                if event["object"]["metadata"]["name"] == last:
                    return


class Plugged:
    """A namespace of its own, and an external node that is there already. `numbers`: of ReplicaSets' uids, in the order in which
    they are seen."""

    def __init__(self, server: Server, namespace: str) -> None:
        self.server = server
        server.done("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        self.core = f"/api/v1/namespaces/{namespace}"
        self.apps = f"/apis/apps/v1/namespaces/{namespace}"
        self.deployment = f"{self.apps}/deployments/{NAME}"
        self.since = server.get(f"{self.apps}/replicasets")["metadata"]["resourceVersion"]
        self.numbers: dict[str, int] = {}
        self.names: dict[str, int] = {}
        self.still: tuple[str, float] = ("", 0.0)

    # The person

    def perform(self, step: Mapping[str, Any]) -> Json:
        """The state once nothing moves any more."""
        ((verb, value),) = step.items()
        getattr(self, verb.replace("-", "_"))(value)
        self.still = ("", 0.0)
        wait_until(self.is_quiet, 30, f"quiet after {step}")
        return self.state()

    def apply(self, manifest: Json) -> None:
        made = json.loads(json.dumps(manifest))
        made["spec"]["template"]["spec"]["schedulerName"] = SCHEDULER
        self.server.done("POST", f"{self.apps}/deployments", made)

    def patch(self, change: Json) -> None:
        self.server.done("PATCH", self.deployment, change, STRATEGIC)

    def set_image(self, images: Mapping[str, str]) -> None:
        containers = [{"name": name, "image": image} for name, image in images.items()]
        self.patch({"spec": {"template": {"spec": {"containers": containers}}}})

    def scale(self, replicas: int) -> None:
        self.server.done("PATCH", f"{self.deployment}/scale", {"spec": {"replicas": replicas}}, MERGE)

    def pause(self, _: Json) -> None:
        self.patch({"spec": {"paused": True}})

    def resume(self, _: Json) -> None:
        self.patch({"spec": {"paused": None}})

    def ready(self, counts: Mapping[str, int]) -> None:
        self.turn(counts, is_ready=True)

    def unready(self, counts: Mapping[str, int]) -> None:
        self.turn(counts, is_ready=False)

    def turn(self, counts: Mapping[str, int], *, is_ready: bool) -> None:
        for number, count in counts.items():
            for pod in [each for each in self.live(number) if is_pod_ready(each) is not is_ready][:count]:
                self.report(pod, is_ready=is_ready)

    def delete_pod(self, words: Mapping[str, str]) -> None:
        for number, word in words.items():
            found = [each for each in self.live(number) if is_pod_ready(each) is (word == "ready")]
            self.server.done("DELETE", f"{self.core}/pods/{found[0]['metadata']['name']}")

    def live(self, number: str) -> list[Json]:
        pods = sorted(self.items(f"{self.core}/pods"), key=lambda each: each["metadata"]["creationTimestamp"])
        return [each for each in pods if self.owner(each) == number and not is_going(each)]

    # The scheduler and the kubelet

    def tend(self, pods: list[Json]) -> bool:
        """Gives pods their node, starts them, and takes those away that are told to stop; False if there is nothing to do."""
        acts = [act for pod in pods if (act := self.act_of(pod))]
        for act, pod in acts:
            act(pod)
        return bool(acts)

    def act_of(self, pod: Json) -> Any:
        if is_going(pod):
            return self.take_away, pod
        if not pod["spec"].get("nodeName"):
            return self.bind, pod
        return None if pod["status"].get("containerStatuses") else (self.start, pod)

    def bind(self, pod: Json) -> None:
        about = {key: pod["metadata"][key] for key in ("name", "uid")}
        body = {"metadata": about, "target": {"kind": "Node", "name": NODE}}
        self.server.done("POST", f"{self.core}/pods/{about['name']}/binding", body)

    def start(self, pod: Json) -> None:
        self.report(pod, is_ready=False)

    def report(self, pod: Json, *, is_ready: bool) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        status = pod["status"]
        held = {each["type"]: each for each in status.get("conditions", [])}
        told = {"type": "Ready", "status": str(is_ready), "lastTransitionTime": now}
        running = {"ready": is_ready, "restartCount": 0, "state": {"running": {"startedAt": now}}}
        containers = [{**running, "name": each["name"], "image": each["image"]} for each in pod["spec"]["containers"]]
        written = {
            "phase": "Running",
            "startTime": status.get("startTime", now),
            "conditions": [*{**held, "Ready": told}.values()],
            "containerStatuses": containers,
        }
        body = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": written}
        self.server.done("PATCH", f"{self.core}/pods/{pod['metadata']['name']}/status", body, MERGE)

    def take_away(self, pod: Json) -> None:
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": pod["metadata"]["uid"]}}
        self.server.done("DELETE", f"{self.core}/pods/{pod['metadata']['name']}", body)

    # What is seen

    def items(self, path: str) -> list[Json]:
        found: list[Json] = self.server.get(path)["items"]
        return found

    def is_quiet(self) -> bool:
        """Everything is observed, counted and in place, and has been so for a while."""
        listed = self.server.get(f"{self.core}/pods")
        deployment, replicasets = self.server.get(self.deployment), self.items(f"{self.apps}/replicasets")
        if self.tend(listed["items"]) or not all(map(is_observed, (deployment, *replicasets))):
            return False
        counts = [(each["spec"]["replicas"], each["status"]["replicas"]) for each in replicasets]
        is_counted = sum(has for _, has in counts) == deployment["status"].get("replicas", 0) == len(listed["items"])
        if any(wanted != has for wanted, has in counts) or not is_counted:
            return False
        head, since = self.still
        if head != listed["metadata"]["resourceVersion"]:
            self.still = (listed["metadata"]["resourceVersion"], time.monotonic())
            return False
        return time.monotonic() - since >= STILL_SECONDS

    def owner(self, pod: Json) -> str:
        uid = next((each["uid"] for each in pod["metadata"].get("ownerReferences", ()) if each["controller"]), "")
        return str(self.numbers.get(uid, "-"))

    def number(self, replicaset: Json) -> int:
        found = self.numbers.setdefault(replicaset["metadata"]["uid"], len(self.numbers) + 1)
        self.names[replicaset["metadata"]["name"]] = found
        return found

    def state(self) -> Json:
        """In the words of the recordings."""
        order = sorted(self.items(f"{self.apps}/replicasets"), key=lambda each: each["metadata"]["creationTimestamp"])
        replicasets = {str(self.number(each)): replicaset_state(each) for each in order}
        pods: dict[str, list[int]] = {}
        for each in self.items(f"{self.core}/pods"):
            pods.setdefault(self.owner(each), [0, 0, 0])[0 if is_pod_ready(each) else 1] += 1
        return {"deployment": self.deployment_state(), "replicasets": replicasets, "pods": pods}

    def deployment_state(self) -> Json:
        found = self.server.get(self.deployment)
        metadata, spec, status = found["metadata"], found["spec"], found["status"]
        return {
            "generation": metadata["generation"],
            "replicas": spec["replicas"],
            "paused": spec.get("paused", False),
            "annotations": {key: each for key, each in metadata["annotations"].items() if key != LAST_APPLIED},
            "strategy": spec["strategy"],
            "status": {key: each for key, each in status.items() if key != "conditions" and each},
            "conditions": [
                [each["type"], each["status"], each["reason"], self.unnamed(each["message"])]
                for each in status.get("conditions", ())
            ],
        }

    def unnamed(self, text: str) -> str:
        for name, number in self.names.items():
            text = text.replace(name, f"RS{number}")
        return text

    def scalings(self) -> list[list[Any]]:
        """Every change of a ReplicaSet's size since the beginning, in order: [number, before, after]."""
        empty = {"metadata": {"labels": {"a": END}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        spec = {"replicas": 0, "selector": {"matchLabels": {"a": END}}, "template": empty}
        self.server.done("POST", f"{self.apps}/replicasets", {"metadata": {"name": END}, "spec": spec})
        sizes: dict[int, int] = {}
        found: list[list[Any]] = []
        for kind, each in self.server.watch(f"{self.apps}/replicasets", self.since, END):
            if each["metadata"]["name"] == END:
                break
            number, size = self.number(each), each["spec"]["replicas"]
            if kind == "DELETED":
                sizes.pop(number, None)
                found.append([number, "deleted", None])
            elif sizes.get(number) != size:
                found.append([number, sizes.get(number), size])
                sizes[number] = size
        return found


def replicaset_state(found: Json) -> Json:
    metadata, status = found["metadata"], found["status"]
    apart = ("conditions", "observedGeneration")
    return {
        "spec": found["spec"]["replicas"],
        "status": {key: each for key, each in status.items() if key not in apart and each},
        "generation": metadata["generation"],
        "observed": status["observedGeneration"],
        "annotations": metadata["annotations"],
        "labels": {key: each for key, each in metadata["labels"].items() if key != HASH_LABEL},
        "image": found["spec"]["template"]["spec"]["containers"][0]["image"],
        "owned": any(each["kind"] == "Deployment" for each in metadata.get("ownerReferences", ())),
        "conditions": [[each["type"], each["status"], each["reason"]] for each in status.get("conditions", ())],
    }


def is_observed(found: Json) -> bool:
    return bool(found["status"].get("observedGeneration", 0) >= found["metadata"]["generation"])


def is_going(found: Json) -> bool:
    return "deletionTimestamp" in found["metadata"]


def is_pod_ready(pod: Json) -> bool:
    return any((each["type"], each["status"]) == ("Ready", "True") for each in pod["status"].get("conditions", ()))


def plug_in(server: Server) -> None:
    about = {"name": NODE, "annotations": {ANNOTATION: EXTERNAL}, "labels": {"kubernetes.io/hostname": NODE}}
    server.done("POST", "/api/v1/nodes", {"metadata": about})
