"""75 requests and a real API server's answers, and what today's server says otherwise."""

import json

from tests.core.recordings import GOLDEN

RECORDED = json.loads((GOLDEN / "invalid.json").read_text())["api"]
CANNOT = 'Deployment in version "v1" cannot be handled as a Deployment: '
# (code, message) of today's server: another decoder words wrong types, and a version that is no number is the client's fault.
TODAY = {
    "containerPort string": (
        400,
        f"{CANNOT}json: cannot unmarshal string into Go struct field "
        "ContainerPort.spec.template.spec.containers.ports.containerPort of type int32",
    ),
    "resources bad quantity": (
        400,
        f"{CANNOT}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ),
    "yaml body": (
        400,
        f"{CANNOT}json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string",
    ),
    "bad label selector": (400, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    "bad resourceVersion": (
        400,
        'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ),
}
