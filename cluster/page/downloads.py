"""Responses that a browser saves as a file."""

from typing import Any

from django.http import HttpResponse


def download(text: str, kind: str, name: str) -> HttpResponse:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=kind, headers=headers)
