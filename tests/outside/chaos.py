"""A team server whose processes are killed, frozen and cut off again and again, and what must be true of it all the same.

tests/outside/test_chaos.py is the short form, bench/chaos.py the long one.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.outside.process import HOST, ROOT, environment, free_port, lend_static, manage, wait_until
from tests.outside.servers import Postgres, Redis
from tests.soaking import manifest

SHOWN = ("Deployment", "ReplicaSet", "Pod", "Event", "Namespace", "Say", "Story")
STRATEGIC = "application/strategic-merge-patch+json"
NAME = "web"
SET_UP = """
from django.contrib.auth.models import User
from django.core.management import call_command
from cluster.api.auth import tokens
from cluster.models import Cluster, ImageBehaviour
from cluster.writing import clusters
call_command("migrate", verbosity=0)
for number in range({count}):
    clusters.create(f"c{{number}}")
    row = Cluster.objects.get(name=f"c{{number}}")
    times = dict.fromkeys(("pull_seconds", "start_seconds", "ready_seconds"), {seconds})
    ImageBehaviour.objects.create(cluster=row, order=0, pattern="*", **times)
print("token", tokens.make_token(User.objects.create_superuser("admin")))
"""


@dataclass
class Team:
    """`webs` and `workers`: what they are started with, and the process that runs now."""

    postgres: Postgres
    redis: Redis | None
    variables: dict[str, str]
    token: str
    clusters: list[str]
    ports: list[int]
    processes: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    written: dict[str, set[int]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        process = subprocess.Popen(
            manage(*command), cwd=ROOT, env=self.variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.processes[name] = (list(command), process)

    def kill(self, name: str) -> None:
        command, process = self.processes[name]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        self.start(name, *command)

    def end(self) -> None:
        for _, process in self.processes.values():
            process.kill()
            process.wait(10)

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple[int, Any]:
        """Of the web process that answers; (0, None) if none does."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        for port in random.sample(self.ports, len(self.ports)):
            connection = http.client.HTTPConnection(HOST, port, timeout=30)
            try:
                connection.request(method, path, json.dumps(body) if body is not None else None, headers)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                continue
            finally:
                connection.close()
        return 0, None

    def insist(self, method: str, path: str, body: Any, kind: str = "application/json", *, seconds: float = 120) -> Any:
        """Until it is answered; a create that was done by a request without an answer is there already."""

        def done() -> Any:
            code, answer = self.ask(method, path, body, kind)
            return answer if code in (200, 201, 409) else None

        return wait_until(done, seconds, f"{method} {path}", poll=0.2)

    def create(self, cluster: str, replicas: int) -> None:
        self.insist(
            "POST", f"/clusters/{cluster}/apis/apps/v1/namespaces/default/deployments", manifest(NAME, replicas)
        )

    def set_image(self, cluster: str, image: str) -> None:
        path = f"/clusters/{cluster}/apis/apps/v1/namespaces/default/deployments/{NAME}"
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}
        answer = self.insist("PATCH", path, patch, STRATEGIC)
        self.images[cluster] = image
        self.written.setdefault(cluster, set()).add(int(answer["metadata"]["resourceVersion"]))

    def state(self, cluster: str) -> dict[str, Any] | None:
        return self.ask("GET", f"/clusters/{cluster}/apis/apps/v1/namespaces/default/deployments/{NAME}")[1]

    def is_complete(self, cluster: str) -> bool:
        found = self.state(cluster)
        if not found or found.get("kind") != "Deployment":
            return False
        status, replicas = found["status"], found["spec"]["replicas"]
        counts = [status.get(key) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return counts == [replicas] * 3 and status["observedGeneration"] == found["metadata"]["generation"]


@contextlib.contextmanager
def team(
    folder: Path, *, clusters: int, webs: int, workers: int, with_redis: bool, seconds: float = 0.2
) -> Iterator[Team]:
    """Whatever happens, nothing of it is left. `seconds`: what a pod takes to be pulled, to start and to be ready, each."""
    postgres = Postgres(folder)
    redis = Redis(folder) if with_redis else None
    found: Team | None = None
    try:
        lend_static(folder / "data")
        own = {"DATABASE_URL": postgres.url, "ROLLSTAGE_DATA": str(folder / "data"), "ROLLSTAGE_ANONYMOUS": "edit"}
        own |= {"ROLLSTAGE_API_RATE": "0", **({"REDIS_URL": redis.url} if redis else {})}
        variables = {**environment(), **own}
        script = SET_UP.format(count=clusters, seconds=seconds)
        done = subprocess.run(manage("shell", "-c", script), cwd=ROOT, env=variables, check=True, capture_output=True)
        token = done.stdout.decode().rpartition("token ")[2].strip()
        names = [f"c{number}" for number in range(clusters)]
        found = Team(postgres, redis, variables, token, names, [free_port() for _ in range(webs)])
        for port in found.ports:
            found.start(f"web-{port}", "serve", "--port", str(port))
        for number in range(workers):
            found.start(f"worker-{number}", "runworker", "reconciler")
        wait_until(lambda: found is not None and all(answers(port) for port in found.ports), 120, "the web processes")
        yield found
    finally:
        if found:
            found.end()
        if redis:
            redis.stop()
        with contextlib.suppress(subprocess.CalledProcessError):
            postgres.stop()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Follower(threading.Thread):
    """Follows one cluster from process to process; `seen` are the resource versions that it was told, in order."""

    def __init__(self, team: Team, cluster: str) -> None:
        super().__init__(daemon=True)
        self.team, self.cluster = team, cluster
        self.first: int | None = None
        self.last = 0
        self.seen: list[int] = []
        self.problems: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, WebSocketException, EOFError):
                self.follow(random.choice(self.team.ports))
            self.over.wait(0.1)

    def follow(self, port: int) -> None:
        raise NotImplementedError

    def told(self, rv: int) -> None:
        self.seen.append(rv)
        self.last = rv

    def missed(self, expected: list[int]) -> str | None:
        wanted = [rv for rv in expected if self.first is not None and rv > self.first]
        if self.problems or not self.seen or self.seen != wanted:
            lost, more = sorted(set(wanted) - set(self.seen)), sorted(set(self.seen) - set(wanted))
            return f"{type(self).__name__} of {self.cluster}: missed {lost[:9]}, beyond {more[:9]}; {self.problems[:3]}"
        return None


class Viewer(Follower):
    """A page's socket."""

    def follow(self, port: int) -> None:
        since = "" if self.first is None else f"?since={self.last}"
        address = f"ws://{HOST}:{port}/ws/clusters/{self.cluster}/namespaces/default/{since}"
        with connect(address, origin=f"http://{HOST}:{port}", max_size=None, open_timeout=10) as socket:  # type: ignore[arg-type]
            while not self.over.is_set():
                with contextlib.suppress(TimeoutError):
                    self.take(json.loads(socket.recv(timeout=1)), socket)

    def take(self, frame: dict[str, Any], socket: Any) -> None:
        if frame["type"] == "snapshot":
            if self.first is not None:
                self.problems.append(f"a snapshot at {frame['rv']}, after {self.last}")
            self.first = self.last = frame["rv"]
        elif frame["type"] == "changes":
            for item in frame["items"]:
                self.told(item["rv"])
            self.last = frame["to"]
        if frame["type"] in ("snapshot", "changes"):
            socket.send(json.dumps({"type": "ack", "rv": self.last}))


class Watcher(Follower):
    """A watch of the pods."""

    def follow(self, port: int) -> None:
        path = f"/clusters/{self.cluster}/api/v1/namespaces/default/pods"
        headers = {"Authorization": f"Bearer {self.team.token}"}
        connection = http.client.HTTPConnection(HOST, port, timeout=3)
        try:
            if self.first is None:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                if answer.status != 200:
                    return
                self.first = self.last = int(json.loads(answer.read())["metadata"]["resourceVersion"])
            connection.request("GET", f"{path}?watch=1&resourceVersion={self.last}", headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                return
            while not self.over.is_set() and (line := answer.readline()):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    self.problems.append(event["object"]["message"])
                    return
                self.told(int(event["object"]["metadata"]["resourceVersion"]))
        finally:
            connection.close()


def journal_of(postgres: Postgres) -> dict[str, list[tuple[int, str, str, str]]]:
    """Cluster -> (resource version, kind, uid, verb) of each change."""
    found: dict[str, list[tuple[int, str, str, str]]] = {}
    query = (
        "SELECT c.name, h.rv, h.kind, h.uid, h.verb FROM cluster_change h JOIN cluster_cluster c ON c.id = h.cluster_id "
        "WHERE h.namespace = 'default' OR h.namespace = '' ORDER BY c.name, h.rv"
    )
    with postgres.connect() as connection:
        for name, *change in connection.execute(query):
            found.setdefault(name, []).append(tuple(change))
    return found


def violations(team: Team, followers: list[Follower]) -> list[str]:
    """What is wrong; to be called when nothing moves any more."""
    found = []
    journals = journal_of(team.postgres)
    with team.postgres.connect() as connection:
        for name, head, tail, count in connection.execute(
            "SELECT c.name, c.head, c.tail, (SELECT count(*) FROM cluster_change h WHERE h.cluster_id = c.id) FROM cluster_cluster c"
        ):
            if count != head - tail:
                found.append(f"the journal of {name} has a gap: {count} changes up to {head}")
        stored = {
            uid: rv
            for table in ("deployment", "replicaset", "pod")
            for uid, rv in connection.execute(f"SELECT uid, resource_version FROM cluster_{table}")
        }
    told: dict[str, int] = {}
    for name, changes in journals.items():
        living: dict[str, int] = {}
        for rv, kind, uid, verb in changes:
            if kind in ("Deployment", "ReplicaSet", "Pod"):
                if (verb == "ADDED") == (uid in living):
                    found.append(f"{name}: {verb} of {kind} {uid} at {rv}")
                living[uid] = rv
                if verb == "DELETED":
                    del living[uid]
        told |= living
        if missing := team.written.get(name, set()) - {rv for rv, *_ in changes}:
            found.append(f"{name}: answered writes {sorted(missing)} are not in the journal")
    if told != stored:
        found.append(f"rows are not what the journal says: {sorted(told.items() ^ stored.items())[:6]}")
    for each in followers:
        kinds = (*SHOWN, "Cluster") if isinstance(each, Viewer) else ("Pod",)
        expected = [rv for rv, kind, *_ in journals.get(each.cluster, []) if kind in kinds]
        found += [problem] if (problem := each.missed(expected)) else []
    return found


def settle(team: Team, followers: list[Follower], seconds: float) -> None:
    """Every rollout completes, and everybody who follows has been told of it."""
    for cluster in team.clusters:
        wait_until(
            lambda cluster=cluster: team.is_complete(cluster),  # type: ignore[misc]
            seconds,
            lambda cluster=cluster: f"the rollout of {cluster}: {team.state(cluster)}",  # type: ignore[misc]
            poll=0.2,
        )
    heads = journal_of(team.postgres)

    def newest(each: Follower) -> int:
        kinds = (*SHOWN, "Cluster") if isinstance(each, Viewer) else ("Pod",)
        return max((rv for rv, kind, *_ in heads.get(each.cluster, []) if kind in kinds), default=0)

    for each in followers:
        wait_until(lambda each=each: each.last >= newest(each), 60, f"{type(each).__name__} of {each.cluster}")  # type: ignore[misc]
    for each in followers:
        each.over.set()
    for each in followers:
        each.join(20)


def run(team: Team, *, kills: int, pause_seconds: float, followers: list[Follower], chance: random.Random) -> None:
    """Each step kills one process, or restarts a server, or freezes one for a moment, while rollouts begin everywhere."""
    for cluster in team.clusters:
        team.create(cluster, chance.randint(2, 6))
    for each in followers:
        each.start()
    wait_until(lambda: all(each.first is not None for each in followers), 60, "everybody to follow")
    images = 0
    for number in range(kills):
        for cluster in chance.sample(team.clusters, max(1, len(team.clusters) // 6)):
            images += 1
            team.set_image(cluster, f"nginx:{images}")
        team.kill(chance.choice(list(team.processes)))
        if number % 6 == 2:
            team.postgres.restart()
        if number % 6 == 4 and team.redis:
            team.redis.restart()
        if number % 5 == 1:
            freeze(chance.choice([process for _, process in team.processes.values()]), 1.0)
        time.sleep(chance.random() * pause_seconds)
    for cluster in team.clusters:
        team.set_image(cluster, "nginx:last")


def freeze(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGCONT)
