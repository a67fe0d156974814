"""Where the parts of the kit stand that come with many rejections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from people.models import User
from reports import rules_to_look_at
from reports.declaration import Report, Row

KEY = rules_to_look_at.DECLARATION.key
SECTIONS = {"criterion": "criteria", "reason": "reasons", "rule": "routing", "band": "scores"}
LISTED = ("criterion", "reason", "source")
"""Of these the rejections can be listed."""


def links(_report: Report, row: Row, _query: str, _days: tuple[date, date]) -> dict[str, str]:
    """What it is leads to its part of the kit, how many were rejected to the rejections."""
    kind, _, value = row.key.partition(".")
    found = {}
    if kind in SECTIONS:
        found["kind"] = f"{reverse('console:kit')}#{SECTIONS[kind]}"
    if kind in LISTED:
        found["rejected"] = f"{reverse('console:rejections')}?{urlencode({kind: value})}"
    return found


def build(_reader: User, _report: Report, _query: Mapping[str, str]) -> None:
    """Nothing is listed below."""
