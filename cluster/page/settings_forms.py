"""The forms of a cluster's settings: each validates its fields, and `save` writes them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster import models
from cluster.core.rehearsals.stories.values import FASTEST, SLOWEST
from cluster.core.validation import formats, metadata
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request
from cluster.stories import staging
from cluster.writing import behaviours, clusters, invitations, memberships, nodes, owners, pacing
from cluster.writing.invitations import Offer

MOST_LABELS_CHARACTERS = 4096
Places = Collection[str] | None  # namespaces that a user administers; None: the whole cluster


class Setting(forms.Form):
    """`key` names the object that is changed, "" for a new one; `user` changes it. `shown_once`: a text that only the response to
    saving shows."""

    use_required_attribute = False
    shown_once = ""
    key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, cluster: str, places: Places = None, user: Any = None, **named: Any
    ) -> None:
        super().__init__(data, auto_id=False, **named)
        self.cluster, self.places, self.user = cluster, places, user

    def save(self, actor: str) -> str:
        """Writes the setting and returns a sentence about it. Raises Refused."""
        raise NotImplementedError

    def row(self, rows: Any) -> Any:
        """The row that the key names. Raises Refused (400)."""
        key = self.cleaned_data["key"]
        found = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
        if found is None:
            raise Refused(bad_request(str(_("That is no longer there."))))
        return found


class LastDayField(forms.DateField):
    """The last day (UTC) of something. Its value is the moment at which that day ends; None: it does not end."""

    def __init__(self) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        about = _("By UTC. Empty: it does not end.")
        super().__init__(
            label=_("Last day"), required=False, widget=widget, input_formats=["%Y-%m-%d"], help_text=about
        )

    def clean(self, value: Any) -> datetime | None:
        day: date | None = super().clean(value)
        if day is None:
            return None
        try:
            return memberships.end_of(day)
        except ValueError as error:
            raise forms.ValidationError(_("A day from today on, and within ten years.")) from error


class GivingForm(Setting):
    """Gives a role in a namespace or the cluster, until a day."""

    role = forms.ChoiceField(label=_("Role"), choices=models.Membership.ROLES)
    namespace = forms.CharField(label=_("Namespace"), max_length=63, required=False)
    ends = LastDayField()

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["namespace"].widget.attrs |= {"list": "namespaces", "autocomplete": "off"}
        if self.places is None:
            self.fields["namespace"].help_text = _("Empty: the whole cluster.")

    def clean_namespace(self) -> str:
        name: str = self.cleaned_data["namespace"]
        check_place(name, self.places)
        if name and not models.Namespace.objects.filter(cluster__name=self.cluster, name=name).exists():
            raise forms.ValidationError(_("There is no namespace of that name."))
        return name


class MemberForm(GivingForm):
    user = forms.CharField(label=_("Account"), max_length=150)
    field_order = ("key", "user", "role", "namespace", "ends")

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["user"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}

    def save(self, actor: str) -> str:
        space, name = Space(self.cluster, self.cleaned_data["namespace"]), self.cleaned_data["user"]
        owners.add_member(space, name, self.cleaned_data["role"], actor=actor, ends=self.cleaned_data["ends"])
        return str(_("%(name)s has the role %(role)s.") % {"name": name, "role": self.cleaned_data["role"]})


def check_place(namespace: str, places: Places) -> None:
    if places is not None and namespace not in places:
        raise forms.ValidationError(_("You are no admin of that."))


class LeaveForm(Setting):
    def save(self, actor: str) -> str:
        row = self.row(models.Membership.objects.filter(cluster__name=self.cluster).select_related("user"))
        if self.places is not None and row.namespace not in self.places:
            raise Refused(bad_request(str(_("You are no admin of that."))))
        owners.remove_member(Space(self.cluster, row.namespace), row.user, actor=actor)
        return str(_("%(name)s is no longer a member there.") % {"name": row.user.get_username()})


class LeaveSelfForm(Setting):
    def save(self, actor: str) -> str:  # noqa: ARG002
        owners.leave(self.cluster, self.user)
        return str(_("You have left %(cluster)s.") % {"cluster": self.cluster})


class HandOverForm(Setting):
    user = forms.CharField(label=_("Account of the new owner"), max_length=150)

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["user"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}

    def save(self, actor: str) -> str:  # noqa: ARG002
        name = self.cleaned_data["user"]
        owners.hand_over(self.cluster, name, by=self.user)
        return str(_("%(name)s owns the cluster now. You stay an admin.") % {"name": name})


class InvitationForm(GivingForm):
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days"))],
        initial=7,
    )
    seats = forms.IntegerField(label=_("People at most"), min_value=1, max_value=invitations.MOST_SEATS, initial=1)
    field_order = ("key", "role", "namespace", "days", "seats", "ends")

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["ends"].label = _("Last day of membership")

    def save(self, actor: str) -> str:  # noqa: ARG002
        given = self.cleaned_data
        space = Space(self.cluster, given["namespace"])
        offer = Offer(space=space, role=given["role"], days=given["days"], seats=given["seats"], ends=given["ends"])
        self.shown_once = invitations.make(offer, self.user)
        return str(_("The link is made. Copy it now: it is shown this once."))


class RevokeForm(Setting):
    def save(self, actor: str) -> str:  # noqa: ARG002
        row = self.row(models.Invitation.objects.filter(cluster__name=self.cluster).select_related("cluster"))
        if self.places is not None and row.namespace not in self.places:
            raise Refused(bad_request(str(_("You are no admin of that."))))
        invitations.revoke(row)
        return str(_("The link admits nobody any more. Who has joined by it stays."))


class NodeForm(Setting):
    name = forms.CharField(label=_("Name"), max_length=63, required=False)
    slots = forms.IntegerField(label=_("Pods it has room for"), min_value=0, max_value=100_000, initial=2000)
    labels = forms.CharField(
        label=_("Labels"), required=False, max_length=MOST_LABELS_CHARACTERS, help_text=_("key=value, with commas")
    )
    unschedulable = forms.BooleanField(label=_("Cordoned: no new pods"), required=False)

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        if self["key"].value():
            del self.fields["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        problems = formats.dns_subdomain(name)
        if problems:
            raise forms.ValidationError(problems)
        if models.Node.objects.filter(cluster__name=self.cluster, name=name).exists():
            raise forms.ValidationError(_("There is a node of that name."))
        return name

    def clean_labels(self) -> dict[str, str]:
        found = {}
        for part in filter(None, (each.strip() for each in self.cleaned_data["labels"].split(","))):
            key, separator, value = part.partition("=")
            if not separator:
                raise forms.ValidationError(_("expected key=value, found %(part)s") % {"part": part})
            found[key.strip()] = value.strip()
        problems = [str(each) for each in metadata.labels(found, "labels")]
        if problems:
            raise forms.ValidationError(problems)
        return found

    def save(self, actor: str) -> str:
        fields = {key: value for key, value in self.cleaned_data.items() if key not in ("key", "name")}
        if not self.cleaned_data["key"]:
            nodes.create(self.cluster, self.cleaned_data["name"], actor=actor, **fields)
            return f"node/{self.cleaned_data['name']} created"
        row = self.row(models.Node.objects.filter(cluster__name=self.cluster))
        changed = {key: value for key, value in fields.items() if getattr(row, key) != value}
        if changed:
            nodes.change(self.cluster, row.name, actor=actor, **changed)
        return f"node/{row.name} {'changed' if changed else 'as before'}"

    @classmethod
    def of(cls, row: models.Node, cluster: str) -> "NodeForm":
        labels = ", ".join(f"{key}={value}" for key, value in sorted(row.labels.items()))
        shown = {"key": row.pk, "slots": row.slots, "labels": labels, "unschedulable": row.unschedulable}
        return cls(initial=shown, cluster=cluster)


class NodeDeleteForm(Setting):
    def save(self, actor: str) -> str:
        row = self.row(models.Node.objects.filter(cluster__name=self.cluster))
        nodes.delete(self.cluster, row.name, actor=actor)
        return f"node/{row.name} deleted"


BEHAVIOUR_FIELDS = (
    "pattern", "order", "pull_seconds", "start_seconds", "ready_seconds", "stop_seconds", "jitter", "failure",
    "fails_after_seconds", "affected_share",
)  # fmt: skip


class BehaviourForm(Setting, forms.ModelForm):  # type: ignore[type-arg]
    within = forms.CharField(
        label=_("Namespace"), max_length=63, required=False, help_text=_("Empty: every namespace of the cluster.")
    )

    class Meta:
        model = models.ImageBehaviour
        fields = BEHAVIOUR_FIELDS

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["within"].widget.attrs |= {"list": "namespaces", "autocomplete": "off"}
        for each in self.fields.values():
            each.label = capfirst(each.label)

    def clean_within(self) -> models.Namespace | None:
        name = self.cleaned_data["within"]
        if not name:
            return None
        found = models.Namespace.objects.filter(cluster__name=self.cluster, name=name).first()
        if found is None:
            raise forms.ValidationError(_("There is no namespace of that name."))
        return found

    def save(self, actor: str) -> str:  # type: ignore[override]  # of a Setting
        fields = {name: self.cleaned_data[name] for name in BEHAVIOUR_FIELDS}
        fields["namespace"] = self.cleaned_data["within"]
        if self.cleaned_data["key"]:
            row = self.row(models.ImageBehaviour.objects.filter(cluster__name=self.cluster, played=False))
            behaviours.change(self.cluster, row.pk, actor=actor, **fields)
        else:
            behaviours.create(self.cluster, actor=actor, **fields)
        return str(_("Images of %(pattern)s behave as you say.") % {"pattern": fields["pattern"]})

    @classmethod
    def of(cls, row: models.ImageBehaviour, cluster: str) -> "BehaviourForm":
        within = row.namespace.name if row.namespace else ""
        return cls(initial={"key": row.pk, "within": within}, instance=row, cluster=cluster)


class BehaviourDeleteForm(Setting):
    def save(self, actor: str) -> str:
        row = self.row(models.ImageBehaviour.objects.filter(cluster__name=self.cluster, played=False))
        behaviours.delete(self.cluster, row.pk, actor=actor)
        return str(_("The rule for %(pattern)s is gone.") % {"pattern": row.pattern})


class StoryRulesForm(Setting):
    """`key`: the namespace in which a story was played."""

    def save(self, actor: str) -> str:
        row = self.row(models.Namespace.objects.filter(cluster__name=self.cluster))
        staging.behave(Space(self.cluster, row.name), (), actor=actor)
        return str(_("The story's rules are gone from the namespace %(namespace)s.") % {"namespace": row.name})


class ClockForm(Setting):
    """`pace` 0 pauses."""

    pace = forms.FloatField(label=_("Pace"), min_value=0.0, max_value=FASTEST)

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(data, **named)
        about = _("Simulated seconds in a real one: 0 (paused), or from %(slowest)g to %(fastest)g.")
        self.fields["pace"].help_text = about % {"slowest": SLOWEST, "fastest": FASTEST}

    def save(self, actor: str) -> str:
        return pacing.set_pace(self.cluster, self.cleaned_data["pace"], actor=actor).message


class VersionsForm(Setting):
    old_versions = forms.BooleanField(label=_("Serve the API versions of the book's days too"), required=False)

    def save(self, actor: str) -> str:
        clusters.serve_old_versions(self.cluster, on=self.cleaned_data["old_versions"], actor=actor)
        return str(_("The API versions are as you say."))


class StepForm(Setting):
    def save(self, actor: str) -> str:
        return pacing.step(self.cluster, actor=actor).message


FORMS: dict[str, type[Setting]] = {
    "member": MemberForm,
    "leave": LeaveForm,
    "leave-self": LeaveSelfForm,
    "hand-over": HandOverForm,
    "invite": InvitationForm,
    "revoke": RevokeForm,
    "node": NodeForm,
    "node-delete": NodeDeleteForm,
    "behaviour": BehaviourForm,
    "behaviour-delete": BehaviourDeleteForm,
    "behaviours-of-story": StoryRulesForm,
    "clock": ClockForm,
    "step": StepForm,
    "versions": VersionsForm,
}
ANY_ADMINS = ("member", "leave", "invite", "revoke")  # an admin of one namespace has these, for that namespace
ANY_MEMBERS = ("leave-self",)
