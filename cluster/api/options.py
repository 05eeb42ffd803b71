"""Parses and validates the query of a list or a watch (meta/v1 ListOptions) as upstream does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.api import selectors
from cluster.api.targets import Target
from cluster.core.validation import errors
from cluster.statuses import Refused, bad_request, failure

NOT_OLDER_THAN, EXACT = "NotOlderThan", "Exact"
INTEGER = re.compile(r"[+-]?\d+")
LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """`rv` "" is the newest state, "0" any state. `initial` None: sendInitialEvents was not given."""

    selector: selectors.Selector
    limit: int = 0
    token: str = ""
    rv: str = ""
    match: str = ""
    timeout_seconds: int = 0
    bookmarks: bool = False
    initial: bool | None = None
    include: str = "Metadata"

    @property
    def version(self) -> int:
        """The resource version as a number; 0 for the newest or any."""
        return int(self.rv or 0)


def read(query: Mapping[str, str], target: Target, *, watch: bool) -> Options:
    """`query`: the first value of each name. Raises Refused (400, 422)."""
    options = decoded(query, target, watch=watch)
    problems = watch_problems(options) if watch else list_problems(options)
    if problems:
        raise Refused(errors.status(problems, kind="ListOptions", name="", group="meta.k8s.io"))
    check_version(options, target, watch=watch)
    return options


def decoded(query: Mapping[str, str], target: Target, *, watch: bool) -> Options:
    try:
        selector = selectors.parse(
            query.get("labelSelector", ""), query.get("fieldSelector", ""), target.kind.name, target.group
        )
    except selectors.BadSelector as error:
        raise Refused(bad_request(str(error))) from error
    initial = flag(query["sendInitialEvents"]) if "sendInitialEvents" in query else None
    rv, match = query.get("resourceVersion", ""), query.get("resourceVersionMatch", "")
    if watch and initial is None and not match and rv in ("", "0"):  # SetListOptionsDefaults
        initial, match = True, NOT_OLDER_THAN
    return Options(
        selector=selector,
        limit=max(number(query.get("limit", "")), 0),
        token=query.get("continue", ""),
        rv=rv,
        match=match,
        timeout_seconds=number(query.get("timeoutSeconds", "")),
        bookmarks="allowWatchBookmarks" in query and flag(query["allowWatchBookmarks"]),
        initial=initial,
        include=included(query.get("includeObject", "")),
    )


def number(text: str) -> int:
    """An int64. Raises Refused."""
    if not text:
        return 0
    if not INTEGER.fullmatch(text) or not text.isascii():
        raise Refused(bad_request(f"strconv.ParseInt: parsing {errors.go(text)}: invalid syntax"))
    if len(text) > 20 or abs(int(text)) > LARGEST:
        raise Refused(bad_request(f"strconv.ParseInt: parsing {errors.go(text)}: value out of range"))
    return int(text)


def flag(text: str) -> bool:
    """False only for "0" and "false", as in ParameterCodec."""
    return text != "0" and text.lower() != "false"


def included(text: str) -> str:
    if text not in ("", "None", "Metadata", "Object"):
        message = f"unrecognized includeObject value: {errors.go(text)}"
        raise Refused(failure(400, "BadRequest", message))
    return text or "Metadata"


def list_problems(options: Options) -> list[errors.FieldError]:
    found = []
    if options.match:
        if not options.rv:
            found.append("resourceVersionMatch is forbidden unless resourceVersion is provided")
        if options.token:
            found.append("resourceVersionMatch is forbidden when continue is provided")
    problems = [errors.forbidden("resourceVersionMatch", text) for text in found]
    if options.match not in ("", EXACT, NOT_OLDER_THAN):
        problems.append(errors.unsupported("resourceVersionMatch", options.match, (EXACT, NOT_OLDER_THAN, "")))
    if options.match == EXACT and options.rv == "0":
        text = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        problems.append(errors.forbidden("resourceVersionMatch", text))
    if options.initial is not None:
        problems.append(errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return problems


def watch_problems(options: Options) -> list[errors.FieldError]:
    field, match = "resourceVersionMatch", options.match
    problems = []
    if options.initial is not None and match != NOT_OLDER_THAN:
        text = f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER_THAN}"
        problems.append(errors.forbidden(field, text))
    if match and options.initial is None:
        text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        problems.append(errors.forbidden(field, text))
    if match and match != NOT_OLDER_THAN:
        problems.append(errors.unsupported(field, match, (NOT_OLDER_THAN,)))
    if match and options.token:
        problems.append(errors.forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    return problems


def check_version(options: Options, target: Target, *, watch: bool) -> None:
    """The storage's check of resourceVersion: an Invalid status for a watch, a bad request for a list."""
    text = options.rv
    if not text or (text.isascii() and text.isdigit() and int(text[:21]) < 2**64 and len(text) <= 20):
        return
    wrong = "value out of range" if text.isascii() and text.isdigit() else "invalid syntax"
    problem = errors.invalid("resourceVersion", text, f"strconv.ParseUint: parsing {errors.go(text)}: {wrong}")
    if not watch:
        raise Refused(bad_request(f"invalid resource version: {problem}"))
    raise Refused(errors.status([problem], kind=target.kind.plural, name="", group=target.group))


def too_large(wanted: int, newest: int) -> Refused:
    """The refusal (504) of a resource version that does not exist yet."""
    status: dict[str, Any] = failure(
        504, "Timeout", f"Timeout: Too large resource version: {wanted}, current: {newest}"
    )
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    status["details"] = {"causes": [cause], "retryAfterSeconds": 1}
    return Refused(status)


def expired(message: str) -> Refused:
    return Refused({**failure(410, "Expired", message)})
