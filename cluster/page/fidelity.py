"""The page on what the controllers were compared with and where they differ: docs/fidelity.json, which a test keeps current."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

PROOF = Path("docs") / "fidelity.json"


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Open to every client: it shows no data of clusters."""
    proof = read_proof()
    return render(request, "fidelity.html", proof | {"cases": f"{sum(each['cases'] for each in proof['compared']):,}"})


def read_proof() -> dict[str, Any]:
    """docs/fidelity.json with its `differences` grouped: [{title, differences}]."""
    proof = json.loads((settings.BASE_DIR / PROOF).read_text())
    grouped = [
        {"title": title, "differences": [each for each in proof["differences"] if each["group"] == key]}
        for key, title in proof["groups"].items()
    ]
    return {"compared": proof["compared"], "groups": grouped}
