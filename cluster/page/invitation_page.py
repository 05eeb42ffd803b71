"""The page of an invitation's link: a logged-in user joins; others log in first or, where the server allows it, create an
account."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cluster import statuses
from cluster.models import Invitation
from cluster.page.registering import BACKEND, AccountForm, too_many
from cluster.statuses import Refused
from cluster.writing import attempts, invitations, registering
from cluster.writing.invitations import NoInvitation
from cluster.writing.logins import address_of

Json = dict[str, Any]


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        row = invitations.find(secret, address_of(request))
        return join(request, row) if request.method == "POST" else shown(request, row)
    except NoInvitation as refusal:
        return render(request, "invitation.html", {"refusal": refusal}, status=refusal.code)


def shown(
    request: HttpRequest, row: Invitation, *, refusal: Any = None, form: AccountForm | None = None, code: int = 200
) -> HttpResponse:
    may_register = registering.is_open_to_invited() and not request.user.is_authenticated
    context = {"invitation": row, "refusal": refusal, "form": form or AccountForm() if may_register else None}
    return render(request, "invitation.html", context, status=code)


def join(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Accepts the invitation, with a new account where the form is filled in. Raises NoInvitation."""
    form = AccountForm(request.POST) if request.POST.get("do") == "register" else None
    if form and (request.user.is_authenticated or not registering.is_open_to_invited()):
        raise Http404
    if not form and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    if form and (wait := attempts.wait(registering.names_of(address_of(request)))):
        form.add_error(None, too_many(wait))
        return shown(request, row, form=form, code=429)
    if form and not form.is_valid():
        return refused_form(request, row, form)
    try:
        if form:
            return register(request, row, form)
        invitations.accept(row.pk, request.user)
    except Refused as refused:
        return shown(request, row, refusal=refused, code=refused.status["code"])
    except DatabaseError as error:
        status = statuses.of_database(error)
        return shown(request, row, refusal=status["message"], code=status["code"])
    return there(row)


def register(request: HttpRequest, row: Invitation, form: AccountForm) -> HttpResponse:
    """Creates an account and its membership, or neither. Raises NoInvitation and Refused."""
    account = form.account()
    try:
        with invitations.held(row.pk) as held:
            registering.save(account)
            invitations.admit(held, account)
    except ValidationError as error:
        form.add_error("username", error)
        return refused_form(request, row, form)
    login(request, account, backend=BACKEND)
    return there(row)


def refused_form(request: HttpRequest, row: Invitation, form: AccountForm) -> HttpResponse:
    if form.has_error("username", "taken"):
        attempts.add(registering.names_of(address_of(request)))
    return shown(request, row, form=form, code=400)


def there(row: Invitation) -> HttpResponse:
    if row.namespace:
        return redirect("overview", row.cluster.name, row.namespace)
    return redirect("cluster", row.cluster.name)
