"""Columns of kinds that create pods, except those with tables of their own."""

from datetime import datetime
from typing import Any

from cluster.api.printers.columns import (
    AGE,
    NAME,
    NONE,
    UNSET,
    Column,
    at,
    column,
    containers_of,
    joined,
    labels,
    path,
    selector,
)
from cluster.api.printers.durations import human_duration, since

Json = dict[str, Any]
APPS, BATCH, CORE, AUTOSCALING = (
    "io.k8s.api.apps.v1",
    "io.k8s.api.batch.v1",
    "io.k8s.api.core.v1",
    "io.k8s.api.autoscaling.v2",
)
TEMPLATE = ("spec", "template", "spec")
MOST_METRICS = 2


def number(name: str, about: tuple[str, str], *names: str) -> Column:
    return column(name, about, path(*names, default=0), type="integer")


def selected(about: tuple[str, str], *names: str) -> Column:
    return column("Selector", about, lambda manifest: selector(at(manifest, *names)), wide=True)


def ready(statefulset: Json) -> str:
    return f"{at(statefulset, 'status', 'readyReplicas', default=0)}/{at(statefulset, 'spec', 'replicas', default=0)}"


def completions(job: Json) -> str:
    done, wanted = at(job, "status", "succeeded", default=0), at(job, "spec", "completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallelism = at(job, "spec", "parallelism", default=0)
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def job_word(job: Json) -> str:
    held = {each["type"] for each in at(job, "status", "conditions", default=()) if each.get("status") == "True"}
    if held & {"Complete", "Failed"}:
        return "Complete" if "Complete" in held else "Failed"
    if at(job, "metadata", "deletionTimestamp"):
        return "Terminating"
    return next((word for word in ("Suspended", "FailureTarget") if word in held), "Running")


def job_duration(job: Json, now: datetime) -> str:
    started, ended = at(job, "status", "startTime"), at(job, "status", "completionTime")
    if started is None:
        return ""
    return human_duration(since(started, datetime.fromisoformat(ended) if ended else now))


def last_schedule(cronjob: Json, now: datetime) -> str:
    last = at(cronjob, "status", "lastScheduleTime")
    return human_duration(since(last, now)) if last else NONE


def suspended(cronjob: Json) -> str:
    found = at(cronjob, "spec", "suspend")
    return UNSET if found is None else "True" if found else "False"


def controller(revision: Json) -> str:
    owners = at(revision, "metadata", "ownerReferences", default=())
    for owner in (each for each in owners if each.get("controller")):
        group = owner["apiVersion"].rpartition("/")[0]
        return f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return NONE


def metrics(autoscaler: Json) -> str:
    """The current and target values: "cpu: 40%/80%"."""
    found = at(autoscaler, "spec", "metrics", default=())
    measured = at(autoscaler, "status", "currentMetrics", default=())
    told = [metric(each, measured[place] if place < len(measured) else {}) for place, each in enumerate(found)]
    text = ", ".join(told[:MOST_METRICS]) or NONE
    return f"{text} + {len(told) - MOST_METRICS} more..." if len(told) > MOST_METRICS else text


def metric(spec: Json, status: Json) -> str:
    kind = spec.get("type", "")
    field = kind[:1].lower() + kind[1:]
    target, current = at(spec, field, "target", default={}), at(status, field, "current", default={})
    if kind in ("Resource", "ContainerResource"):
        return f"{at(spec, field, 'name')}: {resource(target, current)}"
    if kind == "Pods" or (kind in ("External", "Object") and "averageValue" in target):
        mark = "" if kind == "Pods" else " (avg)"
        return f"{current.get('averageValue', '<unknown>')}/{target.get('averageValue')}{mark}"
    if kind in ("External", "Object"):
        return f"{current.get('value', '<unknown>')}/{target.get('value')}"
    return "<unknown type>"


def resource(target: Json, current: Json) -> str:
    if "averageValue" in target:
        return f"{current.get('averageValue', '<unknown>')}/{target['averageValue']}"
    used, wanted = current.get("averageUtilization"), target.get("averageUtilization")
    shown = "<unknown>" if used is None else f"{used}%"
    return f"{shown}/{'<auto>' if wanted is None else f'{wanted}%'}"


def reference(autoscaler: Json) -> str:
    return "/".join(at(autoscaler, "spec", "scaleTargetRef", each, default="") for each in ("kind", "name"))


def least(autoscaler: Json) -> str:
    return str(at(autoscaler, "spec", "minReplicas", default=UNSET))


HPA = f"{AUTOSCALING}.HorizontalPodAutoscaler"
RC = f"{CORE}.ReplicationController"
DS = f"{APPS}.DaemonSet"
COLUMNS: dict[str, tuple[Column, ...]] = {
    "podtemplates": (
        NAME,
        column("Containers", "Names of each container in the template.", joined(("template", "spec"), "name")),
        column("Images", "Images referenced by each container in the template.", joined(("template", "spec"), "image")),
        column("Pod Labels", "The labels for the pod template.", lambda it: labels(at(it, "template", "metadata", "labels"))),
    ),
    "replicationcontrollers": (
        NAME,
        number("Desired", (f"{RC}Spec", "replicas"), "spec", "replicas"),
        number("Current", (f"{RC}Status", "replicas"), "status", "replicas"),
        number("Ready", (f"{RC}Status", "readyReplicas"), "status", "readyReplicas"),
        AGE,
        *containers_of(*TEMPLATE),
        column("Selector", (f"{RC}Spec", "selector"), lambda it: labels(at(it, "spec", "selector")), wide=True),
    ),
    "daemonsets.apps": (
        NAME,
        number("Desired", (f"{DS}Status", "desiredNumberScheduled"), "status", "desiredNumberScheduled"),
        number("Current", (f"{DS}Status", "currentNumberScheduled"), "status", "currentNumberScheduled"),
        number("Ready", (f"{DS}Status", "numberReady"), "status", "numberReady"),
        number("Up-to-date", (f"{DS}Status", "updatedNumberScheduled"), "status", "updatedNumberScheduled"),
        number("Available", (f"{DS}Status", "numberAvailable"), "status", "numberAvailable"),
        column("Node Selector", (f"{CORE}.PodSpec", "nodeSelector"), lambda it: labels(at(it, *TEMPLATE, "nodeSelector"))),
        AGE,
        *containers_of(*TEMPLATE),
        selected((f"{DS}Spec", "selector"), "spec", "selector"),
    ),
    "statefulsets.apps": (NAME, column("Ready", "Number of the pod with ready state", ready), AGE, *containers_of(*TEMPLATE)),
    "controllerrevisions.apps": (
        NAME,
        column("Controller", "Controller of the object", controller),
        column("Revision", (f"{APPS}.ControllerRevision", "revision"), path("revision", default=0)),
        AGE,
    ),
    "jobs.batch": (
        NAME,
        column("Status", "Status of the job.", job_word),
        column("Completions", (f"{BATCH}.JobStatus", "succeeded"), completions),
        Column(name="Duration", type="string", about="Time required to complete the job.", cell=job_duration),
        AGE,
        *containers_of(*TEMPLATE),
        selected((f"{BATCH}.JobSpec", "selector"), "spec", "selector"),
    ),
    "cronjobs.batch": (
        NAME,
        column("Schedule", (f"{BATCH}.CronJobSpec", "schedule"), path("spec", "schedule")),
        column("Timezone", (f"{BATCH}.CronJobSpec", "timeZone"), path("spec", "timeZone", default=NONE)),
        column("Suspend", (f"{BATCH}.CronJobSpec", "suspend"), suspended, type="boolean"),
        column("Active", (f"{BATCH}.CronJobStatus", "active"), lambda it: len(at(it, "status", "active", default=())),
               type="integer"),
        Column(name="Last Schedule", type="string", about=(f"{BATCH}.CronJobStatus", "lastScheduleTime"), cell=last_schedule),
        AGE,
        *containers_of("spec", "jobTemplate", *TEMPLATE),
        selected((f"{BATCH}.JobSpec", "selector"), "spec", "jobTemplate", "spec", "selector"),
    ),
    "horizontalpodautoscalers.autoscaling": (
        NAME,
        column("Reference", (f"{HPA}Spec", "scaleTargetRef"), reference),
        column("Targets", (f"{HPA}Spec", "metrics"), metrics),
        column("MinPods", (f"{HPA}Spec", "minReplicas"), least),
        column("MaxPods", (f"{HPA}Spec", "maxReplicas"), path("spec", "maxReplicas", default=0)),
        column("Replicas", (f"{HPA}Status", "currentReplicas"), path("status", "currentReplicas", default=0)),
        AGE,
    ),
}  # fmt: skip
