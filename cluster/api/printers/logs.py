"""The output of `kubectl logs`: a line for each event of a pod, since no container runs and writes anything. Options and refusals
are those of a real server (pkg/registry/core/pod/strategy.go LogLocation, pkg/kubelet/kubelet.go validateContainerLogStatus)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cluster import models
from cluster.core import validation
from cluster.statuses import Refused, bad_request

Json = dict[str, Any]
Options = Mapping[str, str]
NUMBERS = ("tailLines", "sinceSeconds", "limitBytes")
WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}
TRUE = ("true", "1", "t", "T", "TRUE", "True")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    at: datetime
    text: str


def read(pod: Json, query: Options) -> str:
    """The log as text. Raises Refused (400: no such container, or not started yet; 422: an option out of range)."""
    options = parse(query, pod["metadata"]["name"])
    if not pod["spec"].get("nodeName"):
        return ""
    container = container_of(pod, query.get("container", ""))
    check_started(pod, container, is_previous=query.get("previous") in TRUE)
    text = written(chosen(lines_of(pod["metadata"]["uid"]), options, datetime.now(UTC)), query)
    limit = options.get("limitBytes")
    return text if limit is None else text.encode()[:limit].decode(errors="ignore")


def written(lines: list[Line], query: Options) -> str:
    with_times = query.get("timestamps") in TRUE
    return "".join(f"{stamp(each.at) if with_times else ''}{each.text}\n" for each in lines)


def parse(query: Options, pod: str) -> dict[str, Any]:
    """PodLogOptions of a query (pkg/apis/core/validation ValidatePodLogOptions)."""
    numbers = {name: whole_number(name, query[name]) for name in NUMBERS if query.get(name)}
    since = {"sinceTime": moment(query["sinceTime"])} if query.get("sinceTime") else {}
    errors = list(problems(numbers, has_time=bool(since)))
    if errors:
        raise Refused(validation.status(errors, kind="PodLogOptions", name=pod, group=""))
    return {**numbers, **since}


def problems(numbers: Mapping[str, int], *, has_time: bool) -> Iterator[validation.FieldError]:
    if numbers.get("tailLines", 0) < 0:
        yield validation.invalid("tailLines", numbers["tailLines"], "must be greater than or equal to 0")
    if numbers.get("limitBytes", 1) < 1:
        yield validation.invalid("limitBytes", numbers["limitBytes"], "must be greater than 0")
    if "sinceSeconds" in numbers and has_time:
        yield validation.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified")
    elif numbers.get("sinceSeconds", 1) < 1:
        yield validation.invalid("sinceSeconds", numbers["sinceSeconds"], "must be greater than 0")


def whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refused(bad_request(f'{name}: strconv.ParseInt: parsing "{text}": invalid syntax')) from error


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(bad_request(f'sinceTime: parsing time "{text}" as "2006-01-02T15:04:05Z07:00"')) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def container_of(pod: Json, name: str) -> str:
    """The name of the requested container; it may be omitted if the pod has only one."""
    names = [each["name"] for each in pod["spec"].get("containers", [])]
    first = [each["name"] for each in pod["spec"].get("initContainers", [])]
    about = pod["metadata"]["name"]
    if name:
        if name not in (*names, *first):
            raise Refused(bad_request(f"container {name} is not valid for pod {about}"))
        return name
    if len(names) == 1:
        return str(names[0])
    which = f"a container name must be specified for pod {about}, choose one of: [{' '.join(names)}]"
    more = f" or one of the init containers: [{' '.join(first)}]" if first else ""
    raise Refused(bad_request(f"{which}{more}"))


def check_started(pod: Json, container: str, *, is_previous: bool) -> None:
    about = f'container "{container}" in pod "{pod["metadata"]["name"]}"'
    statuses = pod["status"].get("containerStatuses", [])
    status = next((each for each in statuses if each["name"] == container), None)
    if is_previous and not (status and status["lastState"]):
        raise Refused(bad_request(f"previous terminated {about} not found"))
    if status is None or status["state"].get("running") or status["lastState"]:
        return
    reason = (status["state"].get("waiting") or {}).get("reason", "")
    raise Refused(bad_request(f"{about} is waiting to start: {WAITING.get(reason, reason)}"))


def lines_of(uid: str, since: int = 0, upto: int | None = None) -> list[Line]:
    """The lines of the pod with this uid, after one resource version and up to another."""
    rows = models.Event.objects.filter(object_uid=uid, resource_version__gt=since).order_by("resource_version")
    rows = rows if upto is None else rows.filter(resource_version__lte=upto)
    return [Line(at=row.last_seen, text=f"{row.reason}: {row.message}") for row in rows]


def chosen(lines: list[Line], options: Mapping[str, Any], now: datetime) -> list[Line]:
    since = options.get("sinceTime")
    if "sinceSeconds" in options:
        since = now - timedelta(seconds=options["sinceSeconds"])
    found = [each for each in lines if since is None or each.at >= since]
    tail = options.get("tailLines")
    return found if tail is None else found[max(len(found) - tail, 0) :]


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%f')}000Z "
