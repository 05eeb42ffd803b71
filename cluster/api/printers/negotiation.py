"""The format of a response, from the Accept header (apiserver pkg/endpoints/handlers/negotiation)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest

from cluster.statuses import Refused, failure

PEOPLE = ("curl", "Wget", "Mozilla/5.0")
ACCEPTED = ("application/json", "application/yaml")
SHAPES = {
    "Table": ("v1", "v1beta1"),
    "PartialObjectMetadata": ("v1", "v1beta1"),
    "PartialObjectMetadataList": ("v1", "v1beta1"),
}


@dataclass(frozen=True, slots=True)
class Format:
    """`shape`: "" (the object itself), Table, PartialObjectMetadata or PartialObjectMetadataList of meta.k8s.io/`version`."""

    media: str = "application/json"
    shape: str = ""
    version: str = "v1"

    @property
    def api_version(self) -> str:
        return f"meta.k8s.io/{self.version}"


@lru_cache(maxsize=256)
def chosen(accept: str) -> Format:
    """The first format of the header that is served. Raises Refused (406)."""
    found = next(formats(accept), None)
    if found is None:
        message = f"only the following media types are accepted: {', '.join(ACCEPTED)}"
        raise Refused(failure(406, "NotAcceptable", message))
    return found


def is_yaml(accept: str) -> bool:
    """Whether YAML is preferred; for responses without shapes, and for refusals, which are sent whatever is accepted."""
    return next((each.media for each in formats(accept)), "") == "application/yaml"


def is_indented(request: HttpRequest) -> bool:
    """Whether to indent: if the request says so, or by default if the client is a browser, curl or wget."""
    asked = request.GET.get("pretty", "")
    return asked.lower() in ("1", "t", "true") if asked else request.headers.get("User-Agent", "").startswith(PEOPLE)


def formats(accept: str) -> Iterator[Format]:
    clauses = [clause(each) for each in accept.split(",") if each.strip()] or [("*/*", {})]
    for media, parameters in sorted(clauses, key=lambda each: -quality(each[1].get("q", "1"))):
        served = next((each for each in ACCEPTED if matches(media, each)), None)
        shape, version = parameters.get("as", ""), parameters.get("v", "v1")
        if served is None or (shape and (parameters.get("g") != "meta.k8s.io" or version not in SHAPES.get(shape, ()))):
            continue
        yield Format(served, shape, version) if shape else Format(served)


def clause(text: str) -> tuple[str, dict[str, str]]:
    media, *parameters = (each.strip() for each in text.split(";"))
    pairs = (each.partition("=") for each in parameters)
    return media.lower(), {key.strip(): value.strip() for key, _, value in pairs}


def quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def matches(wanted: str, served: str) -> bool:
    return wanted in (served, "*/*", "application/*")
