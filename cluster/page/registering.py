"""The pages for creating an account and for logging in."""

import math
from typing import Any

from django import forms
from django.contrib.auth import get_user_model, login, password_validation
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from cluster.writing import attempts, registering
from cluster.writing.logins import LoginForm, address_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = {"autocomplete": "new-password"}


class LoginPage(LoginView):
    template_name = "login.html"
    authentication_form = LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, may_register=registering.is_open())


class AccountForm(forms.Form):
    username = UsernameField(
        label=_("User"), max_length=registering.LONGEST_NAME, validators=[UnicodeUsernameValidator()]
    )
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput(attrs=NEW))
    again = forms.CharField(label=_("The password again"), strip=False, widget=forms.PasswordInput(attrs=NEW))

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        registering.check_name(name)
        return name

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        password = found.get("password")
        if password and "again" in found and found["again"] != password:
            self.add_error("again", _("The two passwords are not the same."))
        if password:
            try:
                password_validation.validate_password(password, get_user_model()(username=found.get("username", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return found

    def account(self) -> Any:
        """The account of the form, not saved yet."""
        return registering.prepared(self.cleaned_data["username"], self.cleaned_data["password"])


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class RegisterPage(RedirectURLMixin, FormView):  # type: ignore[type-arg]
    """Open to all visitors where registration is open."""

    template_name = "register.html"
    form_class = AccountForm
    next_page = "home"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not registering.is_open():
            raise Http404
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, next=self.get_redirect_url())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = attempts.wait((*self.limits, *self.names))
        if wait:
            form = self.get_form()
            form.add_error(None, too_many(wait))
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)

    @property
    def limits(self) -> Any:
        return registering.limits_of(address_of(self.request))

    @property
    def names(self) -> Any:
        return registering.names_of(address_of(self.request))

    def form_valid(self, form: AccountForm) -> HttpResponse:
        attempts.add(self.limits)
        account = form.account()
        try:
            registering.save(account)
        except ValidationError as error:
            form.add_error("username", error)
            return self.form_invalid(form)
        login(self.request, account, backend=BACKEND)
        return redirect(self.get_success_url())

    def form_invalid(self, form: AccountForm) -> HttpResponse:
        """Counts a taken name as an attempt, so that clients that probe for names have to wait too."""
        if form.has_error("username", "taken"):
            attempts.add(self.names)
        return self.render_to_response(self.get_context_data(form=form), status=400)


def too_many(wait: float) -> str:
    minutes = max(math.ceil(wait / 60), 1)
    text = ngettext(
        "Too many accounts were made from here. Try again in %(minutes)d minute.",
        "Too many accounts were made from here. Try again in %(minutes)d minutes.",
        minutes,
    )
    return text % {"minutes": minutes}
