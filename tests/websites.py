"""Websites of a company, made for a test."""

from __future__ import annotations

from typing import Any

from web.models import Site

ORIGIN = "https://www.acme.example"


def site(**columns: Any) -> Site:
    """A website whose prices are a signal, and whose pages may send one of their own."""
    given = {
        "key": "main",
        "label": "Our website",
        "allowed_origins": ORIGIN,
        "rules": "/pricing* pricing_page_view",
        "events": "content_download",
    }
    return Site.objects.create(**{**given, **columns})
