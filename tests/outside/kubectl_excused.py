"""Recorded commands that are answered otherwise here: why, and what they answer instead, whole."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.outside.kubectl_rules import normal
from tests.outside.kubectl_session import Outcome

NO_SERVICES = "services are not served: nothing is networked"
NO_SCALERS = "autoscalers are not served"
LEFT_TO_KUBECTL = "1.20 left this to kubectl; today's server finds unknown fields"
BAD = "Error from server (BadRequest): error when"
UNKNOWN_FIELD = (
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"'
)
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


def not_served(why: str, resource: str) -> Excuse:
    return Excuse(why=why, stderr=f'error: the server doesn\'t have a resource type "{resource}"\n')


def schemas_index() -> str:
    versions = ("apps/v1", "apps/v1beta2", "apps/v1beta1", "extensions/v1beta1")
    reviews = ("authorization.k8s.io/v1", "authentication.k8s.io/v1")
    paths = ["api/v1", *(f"apis/{each}" for each in ("events.k8s.io/v1", *versions, *reviews))]
    index = {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=<hash>"} for path in paths}
    return json.dumps({"paths": index}, separators=(",", ":")) + "\n"


EXCUSED: Mapping[str, Excuse] = {
    "007_cluster-info": replace(
        not_served(NO_SERVICES, "services"),
        stdout="\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n",
    ),
    "046_get_svc": not_served(NO_SERVICES, "svc"),
    "053_logs_pod": Excuse(why="the recorded cluster had no kubelets to ask", stdout=STARTED, code=0),
    "054_logs_deploy": Excuse(
        why="the recorded cluster had no kubelets to ask",
        stdout=STARTED,
        stderr="Found 3 pods, using pod/nginx-deployment-5d59d67564-*****\n",
        code=0,
    ),
    "055_exec_fail": Excuse(
        why="no containers run",
        stderr="error: unable to upgrade connection: the server could not find the requested resource\n",
    ),
    "094_logs_bad": Excuse(
        why="the recorded cluster had no kubelets to ask; these are a kubelet's words",
        stderr=(
            'Error from server (BadRequest): container "nginx" in pod "nginx-deployment-<hash>-*****" is waiting to '
            "start: trying and failing to pull image\n"
        ),
    ),
    "132_get_all_after_delete": Excuse(
        why=NO_SERVICES, stderr="No resources found in default namespace.\n", code=0
    ),
    "145_expose": Excuse(why=NO_SERVICES, stderr='error: no matches for kind "Service" in version "v1"\n'),
    "147_get_hpa": not_served(NO_SCALERS, "hpa"),
    "create -f - (unknown field, default validation)": Excuse(
        why=LEFT_TO_KUBECTL, stderr=f'{BAD} creating "STDIN": {UNKNOWN_FIELD}\n'
    ),
    "apply -f - (unknown field, default validation)": Excuse(
        why=LEFT_TO_KUBECTL,
        stderr=f'''{BAD} applying patch:
<patch>
to:
Resource: "apps/v1, Resource=deployments", GroupVersionKind: "apps/v1, Kind=Deployment"
Name: "nginx", Namespace: "n-invalid"
for: "STDIN": error when patching "STDIN": {UNKNOWN_FIELD}
''',
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
