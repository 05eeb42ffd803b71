"""Lists: selection, resource version and pages (apiserver pkg/storage/etcd3, pkg/storage/continue.go)."""

import base64
import binascii
import re
from typing import Any

import orjson
from django.http import HttpRequest

from cluster.api import options, reading
from cluster.api.options import EXACT, Options
from cluster.api.printers import negotiation, shapes
from cluster.api.targets import Target
from cluster.api.watch import changes
from cluster.machinery import strict_json
from cluster.records import journal
from cluster.statuses import Refused, bad_request

Json = dict[str, Any]
JSON = "application/json"
TOKEN_VERSION = "meta.k8s.io/v1"
LARGEST_PAGE = 10_000  # read by uids in a statement; larger pages are cut from the whole list
ANY_VERSION = -1  # a page of the present state: the first page's version is no longer available
WRONG_TYPES = "json: cannot unmarshal the token into Go value of type storage.continueToken"
TOO_OLD = "The resourceVersion for the provided list is too old."
TOKEN_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted "
    "between the time the first chunk was returned and now may show up in the list."
)


def listed(request: HttpRequest, target: Target, visible: set[str], *, plain: bool = False) -> Json:
    """`visible`: the namespaces that the user may see, for lists of namespaces. `plain`: all objects in full, regardless of the
    Accept header and limit."""
    form = negotiation.Format() if plain else negotiation.chosen(request.headers.get("Accept", ""))
    chosen = options.read(request.GET.dict(), target, watch=False)
    if not plain and is_whole(request, target, chosen, form):
        with journal.reading():
            about = {"resourceVersion": str(journal.head(target.cluster))}
            return shapes.of_list(reading.fragments(target), target, form, about, chosen.include)
    after, rv = start(chosen)
    read = None if plain else rows_of_page(target, chosen, after, rv)
    if read:
        rv, page, more = read
    else:
        rv, items = found(target, chosen, rv)
        items = [each for each in items if chosen.selector.fits(each)]
        if target.kind.name == "Namespace":
            items = [each for each in items if each["metadata"]["name"] in visible]
        page, more = (items, {}) if plain else cut(items, chosen, after, rv)
    shown = [reading.in_version(each, target.group, target.version) for each in page]
    return shapes.of_list(shown, target, form, {"resourceVersion": str(rv), **more}, chosen.include)


def is_whole(request: HttpRequest, target: Target, chosen: Options, form: negotiation.Format) -> bool:
    """Whether the request is for all pods in their present state, as JSON that is not indented."""
    is_all = not (chosen.selector or chosen.limit or chosen.token or chosen.version)
    is_plain = form.media == JSON and not form.shape and not negotiation.is_indented(request)
    return target.kind.resource == "pods" and is_all and is_plain


def shown(request: HttpRequest, target: Target, one: Json) -> Json:
    """One object, in the shape requested by the Accept header."""
    form = negotiation.chosen(request.headers.get("Accept", ""))
    return shapes.of_object(one, target, form, options.included(request.GET.get("includeObject", "")))


def start(chosen: Options) -> tuple[str, int]:
    """(the key at which the page starts, its resource version; ANY_VERSION: the newest)."""
    if not chosen.token:
        exact = chosen.match == EXACT or (chosen.limit and not chosen.match)
        return "", chosen.version if exact and chosen.version else ANY_VERSION
    if chosen.version:
        raise Refused(bad_request("specifying resource version is not allowed when using continue"))
    return read_token(chosen.token)


def found(target: Target, chosen: Options, rv: int) -> tuple[int, list[Json]]:
    """(version, objects). Raises Refused (410, 504)."""
    with journal.reading():
        head = journal.head(target.cluster)
        if max(chosen.version, rv) > head:
            raise options.too_large(max(chosen.version, rv), head)
        if rv in (ANY_VERSION, head):
            return head, reading.read(target, name=chosen.selector.name)
    try:
        return rv, changes.at(target, rv)
    except journal.Gone as gone:
        raise expired(chosen) from gone


def rows_of_page(target: Target, chosen: Options, after: str, rv: int) -> tuple[int, list[Json], Json] | None:
    """As `cut`, but reads only the rows of the page. None where that is not possible: a selector is given, or objects have
    changed since rv."""
    if not 0 < chosen.limit <= LARGEST_PAGE or chosen.selector or target.kind.name == "Namespace":
        return None
    with journal.reading():
        head = journal.head(target.cluster)
        if max(chosen.version, rv) > head or (rv != ANY_VERSION and changes.any_since(target, rv)):
            return None
        uids, left = reading.page(target, after, chosen.limit)
        page = reading.read(target, uids=uids)
    rv = head if rv == ANY_VERSION else rv
    return rv, page, {"continue": token(key_of(page[-1]), rv), "remainingItemCount": left} if left else {}


def expired(chosen: Options) -> Refused:
    if not chosen.token:
        return options.expired(TOO_OLD)
    refused = options.expired(TOKEN_TOO_OLD)
    after, _ = read_token(chosen.token)
    refused.status["metadata"] = {"continue": token(after, ANY_VERSION)}
    return refused


def cut(items: list[Json], chosen: Options, after: str, rv: int) -> tuple[list[Json], Json]:
    """(a page, its `continue` and `remainingItemCount`). With a selector the remaining number is not given."""
    rest = [each for each in items if key_of(each) > after] if after else items
    if not chosen.limit or len(rest) <= chosen.limit:
        return rest, {}
    page = rest[: chosen.limit]
    more: Json = {"continue": token(key_of(page[-1]), rv)}
    return page, more if chosen.selector else {**more, "remainingItemCount": len(rest) - len(page)}


def key_of(manifest: Json) -> str:
    """The key at which the objects after this one start: its own key and a NUL."""
    return f"{reading.sort_key(manifest)}\0"


def token(after: str, rv: int) -> str:
    text = orjson.dumps({"v": TOKEN_VERSION, "rv": rv, "start": after})
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_token(text: str) -> tuple[str, int]:
    """Raises Refused (400)."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError, ValueError) as error:
        wrong = re.search(r"[^A-Za-z0-9_-]", text)
        place = wrong.start() if wrong else max(len(text) - 1, 0)
        raise bad_token(f": illegal base64 data at input byte {place}") from error
    try:
        value, _ = strict_json.loads(decoded.decode("utf-8", "replace"))
        version, rv, after = value.get("v", ""), value.get("rv", 0), value.get("start", "")
        if not isinstance(rv, int) or not isinstance(after, str) or abs(rv) > options.LARGEST:
            raise TypeError(WRONG_TYPES)
    except ValueError as error:
        raise bad_token(f": {error}") from error
    except (TypeError, AttributeError) as error:
        raise bad_token(f": {WRONG_TYPES}") from error
    if version != TOKEN_VERSION:
        raise bad_token(f": server does not recognize this encoded version {version}")
    if rv == 0:
        raise bad_token(f": incorrect encoded start resourceVersion (version {TOKEN_VERSION})")
    if not after:
        raise bad_token(f": encoded start key empty (version {TOKEN_VERSION})")
    if any(each in ("", ".", "..") for each in after.split("/")):
        raise bad_token(f": {after}")
    return after, max(rv, ANY_VERSION)


def bad_token(problem: str) -> Refused:
    return Refused(bad_request(f"invalid continue token: continue key is not valid{problem}"))
