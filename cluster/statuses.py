"""Status bodies (apimachinery pkg/apis/meta/v1/types.go), and the exception that carries one."""

from typing import Any

from django.db import DatabaseError

Status = dict[str, Any]


class Refused(Exception):
    """Raised when an operation is refused; `status` is the Kubernetes Status body with the reason."""

    def __init__(self, status: Status) -> None:
        super().__init__(status["message"])
        self.status = status


class Undecodable(Refused):
    """Raised for an object that does not match its kind's schema; `problem`: the decoder's message."""

    def __init__(self, status: Status, problem: str) -> None:
        super().__init__(status)
        self.problem = problem


# Reasons for which the API server sends details even if they are empty (NewGenericServerResponse).
WITH_DETAILS = ("NotFound", "MethodNotAllowed", "NotAcceptable", "UnsupportedMediaType", "Invalid")


def failure(code: int, reason: str, message: str, **details: Any) -> Status:
    known = {key: value for key, value in details.items() if value}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        **({"details": known} if known or reason in WITH_DETAILS else {}),
        "code": code,
    }


def not_found(resource: str, name: str) -> Status:
    """`resource`: such as deployments.apps."""
    kind, _, group = resource.partition(".")
    return failure(404, "NotFound", f'{resource} "{name}" not found', name=name, group=group, kind=kind)


def already_exists(resource: str, name: str) -> Status:
    kind, _, group = resource.partition(".")
    return failure(409, "AlreadyExists", f'{resource} "{name}" already exists', name=name, group=group, kind=kind)


def bad_request(message: str) -> Status:
    return failure(400, "BadRequest", message)


def undecodable(kind: str, api_version: str, problem: str) -> Undecodable:
    version = api_version.rpartition("/")[2]
    text = f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}'
    return Undecodable(bad_request(text), problem)


def conflict(resource: str, name: str, problem: str) -> Status:
    kind, _, group = resource.partition(".")
    message = f'Operation cannot be fulfilled on {resource} "{name}": {problem}'
    return failure(409, "Conflict", message, name=name, group=group, kind=kind)


BUSY_STATES = ("55P03", "57014", "25P03")  # PostgreSQL: lock, statement and idle transaction timed out
TIMED_OUT = "Timeout: request did not complete within requested timeout - context deadline exceeded"


def of_database(error: DatabaseError) -> Status:
    """The Status for a write that timed out in the database (apimachinery pkg/api/errors, NewTimeoutError), or failed otherwise.
    The exception's text names the server and is only logged."""
    if getattr(error.__cause__, "sqlstate", None) in BUSY_STATES or str(error) == "database is locked":
        return failure(504, "Timeout", TIMED_OUT)
    return failure(500, "InternalError", INTERNAL)


INTERNAL = "Internal error occurred: the server's log has the reason"
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
