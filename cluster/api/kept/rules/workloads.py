"""Kinds that create pods (pkg/apis/{apps,batch,core}/validation)."""

from cluster.api.kept.rules.shared import IMMUTABLE, NOT_NEGATIVE, Json, as_json, invalid_json, listed
from cluster.core.selectors import matches
from cluster.core.validation.errors import Errors, FieldError, forbidden, invalid, raw, required
from cluster.core.validation.metadata import label_selector
from cluster.core.validation.pods import pod_template

SCHEDULE_FIELDS = 5
STATEFULSET_MUTABLE = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)  # fmt: skip


def workload(manifest: Json) -> Errors:
    """StatefulSets and DaemonSets: the selector must match the template's labels."""
    spec = manifest.get("spec") or {}
    selector, template = spec.get("selector"), spec.get("template") or {}
    yield from label_selector(selector, "spec.selector")
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector is None or not (selector.get("matchLabels") or selector.get("matchExpressions")):
        shown = "null" if selector is None else "{}"
        detail = f"empty selector is invalid for {manifest['kind'].lower()}"
        yield raw("spec.selector", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")
    elif not matches(selector, labels):
        yield mismatch(labels)
    if (spec.get("replicas") or 0) < 0:
        yield invalid("spec.replicas", spec["replicas"], NOT_NEGATIVE)
    yield from pod_template(template, "spec.template")
    yield from restart_policy(template, "spec.template", ("Always",))


def mismatch(labels: Json) -> FieldError:
    shown = (
        "{" + ",".join(f"{as_json(key)}:{as_json(labels[key])}" for key in sorted(labels)) + "}" if labels else "null"
    )
    detail = "`selector` does not match template `labels`"
    return raw("spec.template.metadata.labels", "FieldValueInvalid", f"Invalid value: {shown}: {detail}")


def replication_controller(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    selector, template = spec.get("selector") or {}, spec.get("template") or {}
    if not selector:
        yield required("spec.selector")
    elif not matches({"matchLabels": selector}, (template.get("metadata") or {}).get("labels") or {}):
        yield mismatch((template.get("metadata") or {}).get("labels") or {})
    yield from pod_template(template, "spec.template")
    yield from restart_policy(template, "spec.template", ("Always",))


def template_only(manifest: Json) -> Errors:
    yield from pod_template(manifest.get("template") or {}, "template")


def job(manifest: Json) -> Errors:
    yield from job_spec(manifest.get("spec") or {}, "spec")


def job_spec(spec: Json, field: str) -> Errors:
    for key in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        if (spec.get(key) or 0) < 0:
            yield invalid(f"{field}.{key}", spec[key], NOT_NEGATIVE)
    template = spec.get("template") or {}
    yield from pod_template(template, f"{field}.template")
    yield from restart_policy(template, f"{field}.template", ("OnFailure", "Never"), job=True)


def restart_policy(template: Json, field: str, allowed: tuple[str, ...], *, job: bool = False) -> Errors:
    found = (template.get("spec") or {}).get("restartPolicy")
    if found in allowed:
        return
    listed = ", ".join(f'"{each}"' for each in allowed)
    if job and found == "Always":
        yield raw(f"{field}.spec.restartPolicy", "FieldValueRequired", f"Required value: valid values: {listed}")
    else:
        message = f'Unsupported value: "{found}": supported values: {listed}'
        yield raw(f"{field}.spec.restartPolicy", "FieldValueNotSupported", message)


def same_job(old: Json, new: Json) -> Errors:
    """A Job's template, selector, completions, completion mode and failure policy are immutable."""
    for key in ("completions", "selector", "template", "completionMode", "podFailurePolicy"):
        before, after = (old.get("spec") or {}).get(key), (new.get("spec") or {}).get(key)
        if before != after:
            yield invalid_json(f"spec.{key}", after, IMMUTABLE)


def cronjob(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    schedule = spec.get("schedule") or ""
    yield from schedule_problems(schedule)
    yield from job_spec((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")


def schedule_problems(schedule: str) -> Errors:
    """Only the number of fields is checked, as by robfig/cron's standard parser: five, or a name such as @daily."""
    fields = schedule.split()
    if not schedule or schedule.startswith("@"):
        return
    if len(fields) != SCHEDULE_FIELDS:
        detail = f"expected exactly {SCHEDULE_FIELDS} fields, found {len(fields)}: {listed(fields)}"
        yield invalid("spec.schedule", schedule, detail)


def same_statefulset(old: Json, new: Json) -> Errors:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    fixed = {*before, *after} - set(STATEFULSET_MUTABLE)
    if any(before.get(key) != after.get(key) for key in fixed):
        named = ", ".join(f"'{each}'" for each in STATEFULSET_MUTABLE[:-1])
        detail = (
            f"updates to statefulset spec for fields other than {named} and '{STATEFULSET_MUTABLE[-1]}' are forbidden"
        )
        yield forbidden("spec", detail)


def same_selector(old: Json, new: Json) -> Errors:
    after = (new.get("spec") or {}).get("selector")
    if (old.get("spec") or {}).get("selector") != after:
        yield invalid_json("spec.selector", after, IMMUTABLE)
