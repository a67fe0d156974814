"""What every page of the console shows around itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Defaults of the page frame; pages that have one add to it."""
    return {}
