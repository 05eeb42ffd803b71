"""Recorded commands that are answered otherwise here: why, and what they answer instead, whole."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cluster.api import openapi
from tests.outside.kubectl_rules import normal
from tests.outside.kubectl_session import Outcome

LEFT_TO_KUBECTL = "1.20 left this to kubectl; today's server finds unknown fields"
BAD = "Error from server (BadRequest): error when"
UNKNOWN_FIELD = 'strict decoding error: unknown field "spec.replica"'
NO_DEPLOYMENT = 'Deployment in version "v1" cannot be handled as a Deployment'
STARTED = """\
Scheduled: Successfully assigned default/nginx-deployment-5d59d67564-***** to node1
Pulling: Pulling image "nginx:1.7.9"
Pulled: Successfully pulled image "nginx:1.7.9" in <age> (0s including waiting)
Created: Container created
Started: Container started
"""


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """What is answered here, to be compared after the rules for everything."""

    why: str
    stdout: str = ""
    stderr: str = ""
    code: int = 1


def schemas_index() -> str:
    index = {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=<hash>"} for path in openapi.paths()}
    return json.dumps({"paths": index}, separators=(",", ":")) + "\n"


EXCUSED: Mapping[str, Excuse] = {
    "053_logs_pod": Excuse(why="the recorded cluster had no kubelets to ask", stdout=STARTED, code=0),
    "054_logs_deploy": Excuse(
        why="the recorded cluster had no kubelets to ask",
        stdout=STARTED,
        stderr="Found 3 pods, using pod/nginx-deployment-5d59d67564-*****\n",
        code=0,
    ),
    "055_exec_fail": Excuse(
        why="no containers run",
        stderr=(
            'error: unable to upgrade connection: container "nginx" is simulated: nothing runs in it, so no command can be '
            "executed\n"
        ),
    ),
    "094_logs_bad": Excuse(
        why="the recorded cluster had no kubelets to ask; these are a kubelet's words",
        stderr=(
            'Error from server (BadRequest): container "nginx" in pod "nginx-deployment-<hash>-*****" is waiting to '
            "start: trying and failing to pull image\n"
        ),
    ),
    "146_autoscale": Excuse(
        why="1.20 had no autoscaling/v2",
        stdout="horizontalpodautoscaler.autoscaling/nginx-deployment autoscaled\n",
        code=0,
    ),
    "147_get_hpa": Excuse(
        why="1.20 had no autoscaling/v2, so the recorded autoscaler was not made",
        stdout=(
            "NAME  REFERENCE  TARGETS  MINPODS  MAXPODS  REPLICAS  AGE\n"
            "nginx-deployment  Deployment/nginx-deployment  cpu: <unknown>/80%  2  5  0  <age>\n"
        ),
        code=0,
    ),
    "create -f - (unknown field, default validation)": Excuse(
        why=LEFT_TO_KUBECTL, stderr=f'{BAD} creating "STDIN": {NO_DEPLOYMENT}: {UNKNOWN_FIELD}\n'
    ),
    "apply -f - (unknown field, default validation)": Excuse(
        why=LEFT_TO_KUBECTL,
        stderr=f'The request is invalid: patch: Invalid value: "<patch>": {UNKNOWN_FIELD}\n',
    ),
    "162_get_raw_openapi3": Excuse(why="1.20 knew version 2 of OpenAPI only", stdout=schemas_index(), code=0),
}  # fmt: skip


def excused(outcome: Outcome, name: str) -> Excuse:
    """An outcome in the shape of an excuse."""
    return Excuse(
        why=EXCUSED[name].why,
        stdout=normal(outcome.stdout, name, "ours"),
        stderr=normal(outcome.stderr, name, "ours"),
        code=outcome.code or 0,
    )
