"""The admin's Deployment forms. They write through `actions`, so what the API refuses is refused here, at the field."""

import json
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster import documents, models, statuses
from cluster.core.manifests.deployments import editable
from cluster.core.manifests.verbs import LIMITS
from cluster.core.objects import Deployment
from cluster.records.rows import deployment_value
from cluster.spaces import Space
from cluster.writing import actions

FIELDS_OF_CAUSES = (
    ("spec.replicas", "replicas"),
    *((f"spec.{'.'.join(limit.path)}", name) for name, limit in LIMITS.items()),
    ("spec.strategy", "strategy"),
    ("spec.revisionHistoryLimit", "revision_history_limit"),
    ("spec.template", "template"),
)

EDITED = (
    "images", "replicas", "strategy", "max_surge", "max_unavailable", "min_ready_seconds",
    "progress_deadline_seconds", "revision_history_limit", "paused", "template",
)  # fmt: skip


def columns(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 100, "class": "yaml"})


class NewDeploymentForm(forms.ModelForm):
    """A manifest, as for `kubectl create -f`."""

    manifest = forms.CharField(label=capfirst(_("manifest (YAML)")), widget=columns(28))
    actor = ""

    class Meta:
        model = models.Deployment
        fields = ("namespace",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                space = Space(cleaned["namespace"].cluster.name, cleaned["namespace"].name)
                actions.create(space, cleaned["manifest"], actor=self.actor)
                document = documents.load_documents(cleaned["manifest"])[0].manifest
            except statuses.Refused as refused:
                self.add_error("manifest", messages_of(refused.status))
            else:
                name = document["metadata"]["name"]
                self.instance = models.Deployment.objects.get(namespace=cleaned["namespace"], name=name)
        return cleaned

    def _post_clean(self) -> None:
        """Does nothing: the write has validated the object."""


class DeploymentForm(forms.ModelForm):
    """A Deployment's spec. `seen` has the values and the version that the user was shown: the second of two users who save gets a
    conflict, keeps what they typed, and sees the other's values in the fields that they did not touch."""

    seen = forms.CharField(widget=forms.HiddenInput)
    images = forms.CharField(
        label=capfirst(_("images")),
        widget=columns(2),
        help_text=_("One container=image a line."),
    )
    replicas = forms.IntegerField(label=capfirst(_("replicas")))
    strategy = forms.ChoiceField(
        label=capfirst(_("strategy")), choices=[(each, each) for each in ("RollingUpdate", "Recreate")]
    )
    min_ready_seconds = forms.IntegerField(label=capfirst(_("min ready seconds")))
    progress_deadline_seconds = forms.IntegerField(label=capfirst(_("progress deadline seconds")), required=False)
    revision_history_limit = forms.IntegerField(label=capfirst(_("revision history limit")), required=False)
    template = forms.CharField(
        label=capfirst(_("pod template (YAML)")),
        widget=columns(24),
    )
    actor = ""

    class Meta:
        model = models.Deployment
        fields = EDITED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value = deployment_value(self.instance, self.instance.namespace.name)
        template = editable(value)["spec"]["template"]
        self.initial = {**self.initial, "images": images_text(value), "template": documents.dump(template)}
        self.now = {
            "version": self.instance.resource_version,
            **{name: self.initial[name] for name in EDITED},
        }
        self.initial["seen"] = json.dumps(self.now)
        self.value = value

    def clean_seen(self) -> dict[str, Any]:
        try:
            seen = json.loads(self.cleaned_data["seen"])
            return {"version": int(seen["version"]), **{name: seen[name] for name in EDITED}}
        except (ValueError, TypeError, LookupError) as error:
            raise forms.ValidationError(_("This form is broken; open it anew.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                text = documents.dump(self.wanted(cleaned))
                version = cleaned["seen"]["version"]
                space = Space(self.instance.namespace.cluster.name, self.value.namespace)
                actions.edit(space, self.value.name, text, actor=self.actor, resource_version=version)
            except (statuses.Refused, documents.DocumentError) as refused:
                self.refuse(refused, cleaned)
        return cleaned

    def wanted(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        manifest = editable(self.value)
        spec = {
            "selector": self.value.selector,
            "replicas": cleaned["replicas"],
            "minReadySeconds": cleaned["min_ready_seconds"],
            "progressDeadlineSeconds": cleaned["progress_deadline_seconds"],
            "revisionHistoryLimit": cleaned["revision_history_limit"],
            "paused": cleaned["paused"] or None,
            "strategy": strategy(cleaned),
            "template": read_template(cleaned["template"]),
        }
        if "images" in self.changed_data:
            put_images(spec["template"], cleaned["images"])
        return {**manifest, "spec": {key: value for key, value in spec.items() if value is not None}}

    def refuse(self, refused: Exception, cleaned: dict[str, Any]) -> None:
        status = getattr(refused, "status", None) or {"message": str(refused)}
        if status.get("reason") == "Conflict":
            self.show_conflict(status, cleaned)
            return
        causes = status.get("details", {}).get("causes", [])
        for cause in causes:
            self.add_error(field_of(cause["field"]), f"{cause['field']}: {cause['message']}")
        if not causes:
            at = "template" if isinstance(refused, documents.DocumentError) else None
            self.add_error(at, status["message"])

    def show_conflict(self, status: dict[str, Any], cleaned: dict[str, Any]) -> None:
        """Shows the newest values, so that saving again applies to the newest version."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        seen = cleaned["seen"]
        for name in EDITED:
            mine, theirs = cleaned[name], self.now[name]
            if same(theirs, seen[name]):
                continue
            if same(mine, seen[name]):
                self.put(name, theirs)
            elif not same(mine, theirs):
                self.add_error(name, _("changed meanwhile to: %(theirs)s") % {"theirs": theirs})
        self.data["seen"] = json.dumps(self.now)  # type: ignore[index]
        advice = _("What you did not touch shows the newest values; check, and save again.")
        difference = format_html("<pre>{}</pre>", status["details"].get("diff", ""))
        self.add_error(None, forms.ValidationError([status["message"], advice, difference]))

    def put(self, name: str, value: Any) -> None:
        data: Any = self.data
        if value is True or (value not in (False, None)):
            data[name] = "on" if value is True else str(value)
        else:
            data.pop(name, None)

    def _post_clean(self) -> None:
        """Does nothing: the write has validated the object."""


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same text, regardless of line endings and surrounding space."""
    return text_of(one) == text_of(other)


def text_of(value: Any) -> str:
    return "" if value is None else "\n".join(str(value).strip().splitlines())


def read_template(text: str) -> dict[str, Any]:
    """Raises DocumentError."""
    found = documents.load_documents(text)
    if len(found) != 1:
        raise documents.DocumentError(f"expected one pod template, found {len(found)} documents")
    return found[0].manifest


def strategy(cleaned: dict[str, Any]) -> dict[str, Any]:
    if cleaned["strategy"] == "Recreate":
        return {"type": "Recreate"}
    limits = {"maxSurge": number(cleaned["max_surge"]), "maxUnavailable": number(cleaned["max_unavailable"])}
    return {"type": "RollingUpdate", "rollingUpdate": limits}


def number(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdecimal() else text


def images_text(deployment: Deployment) -> str:
    return "\n".join(f"{each['name']}={each.get('image', '')}" for each in deployment.template["spec"]["containers"])


def put_images(template: dict[str, Any], text: str) -> None:
    images = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line)
    for container in template.get("spec", {}).get("containers") or []:
        container["image"] = images.get(container.get("name", ""), container.get("image", ""))


def field_of(path: str) -> str | None:
    if path.endswith(".image"):
        return "images"
    return next((field for prefix, field in FIELDS_OF_CAUSES if path.startswith(prefix)), None)


def messages_of(status: dict[str, Any]) -> list[str]:
    """The Status's messages with the Deployment's name, as a text may have several."""
    details = status.get("details", {})
    name = f"{details['name']}: " if details.get("name") else ""
    return [f"{name}{each['field']}: {each['message']}" for each in details.get("causes", [])] or [status["message"]]
