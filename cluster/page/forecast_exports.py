"""Downloads of a forecast: a picture, and a self-contained page. The address carries the edit and the assumptions."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from cluster import statuses
from cluster.page import export, forecasting
from cluster.page.downloads import download
from cluster.page.views import answers, check_forecast_rate, question
from cluster.spaces import Space
from cluster.stories import rehearsal_svg

ENTRY = export.STATIC / "js" / "page" / "forecast.js"
Draw = Callable[[Space, str, forecasting.Answer, str], HttpResponse]  # the text: the action of the forecast


def of_query(draw: Draw) -> Callable[..., HttpResponse]:
    """Reads `?forecast=`: the JSON of a forecast's request, without variants."""

    @require_GET
    @answers("view")
    @wraps(draw)
    def view(request: HttpRequest, space: Space, name: str) -> HttpResponse:
        check_forecast_rate(request)
        try:
            asked = json.loads(request.GET.get("forecast", ""))
        except (ValueError, RecursionError) as error:
            raise statuses.Refused(statuses.bad_request(f"forecast: not valid JSON: {error}")) from error
        if not isinstance(asked, dict):
            raise statuses.Refused(statuses.bad_request("forecast: expected a JSON object"))
        wanted = question({**asked, "variants": [{}]})
        (answer,) = forecasting.foresee(space, name, wanted)
        return draw(space, name, answer, wanted.action)

    return view


@of_query
def as_svg(space: Space, name: str, answer: forecasting.Answer, action: str) -> HttpResponse:  # noqa: ARG001
    return download(rehearsal_svg.draw(answer.rehearsed), "image/svg+xml", f"forecast-{name}.svg")


@of_query
def as_html(space: Space, name: str, answer: forecasting.Answer, action: str) -> HttpResponse:
    """The texts are those of static/js/page/forecast.js, in the reader's language."""
    lines = [each.as_json() for each in answer.rehearsed.lines]
    context: dict[str, Any] = {
        "space": space,
        "name": name,
        "picture": mark_safe(rehearsal_svg.draw(answer.rehearsed)),  # noqa: S308 drawn here, its texts escaped
        **export.scripts(ENTRY, {"forecast": answer.as_json(), "action": action, "lines": lines}),
    }
    return download(render_to_string("forecast.html", context), "text/html; charset=utf-8", f"forecast-{name}.html")
