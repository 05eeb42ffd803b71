"""ConfigMaps and Secrets (pkg/apis/core/validation)."""

from collections.abc import Mapping

from cluster.api.kept.rules.shared import IMMUTABLE, Json
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, forbidden, invalid, raw, required

LARGEST_CONFIG = 1024 * 1024
SEALED = "field is immutable when `immutable` is set"
SECRET_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def config_map(manifest: Json) -> Errors:
    data, binary = manifest.get("data") or {}, manifest.get("binaryData") or {}
    for key in sorted(data):
        yield from each_invalid(f"data[{key}]", key, formats.config_key(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in sorted(binary):
        yield from each_invalid(f"binaryData[{key}]", key, formats.config_key(key))
    yield from size({**binary, **data}, "")


def secret(manifest: Json) -> Errors:
    data = manifest.get("data") or {}
    for key in sorted(data):
        yield from each_invalid(f"data[{key}]", key, formats.config_key(key))
    yield from size(data, "data")
    for key in SECRET_KEYS.get(manifest.get("type", ""), ()):
        if key not in data:
            yield required(f"data[{key}]")


def size(data: Mapping[str, str], field: str) -> Errors:
    if sum(len(each.encode()) for each in data.values()) > LARGEST_CONFIG:
        yield raw(field, "FieldValueTooLong", f"Too long: may not be more than {LARGEST_CONFIG} bytes")


def sealed(old: Json, new: Json) -> Errors:
    """For a ConfigMap or Secret with `immutable` set."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", SEALED)
    for field in ("data", "binaryData"):
        if (old.get(field) or {}) != (new.get(field) or {}):
            yield forbidden(field, SEALED)


def sealed_secret(old: Json, new: Json) -> Errors:
    if old.get("type") != new.get("type"):
        yield invalid("type", new.get("type"), IMMUTABLE)
    yield from sealed(old, new)
