"""Addresses that a page has hundreds of: resolved once, then filled in."""

from __future__ import annotations

import functools

from django.urls import get_script_prefix, reverse


def of_lead(lead_id: int) -> str:
    """The lead's page."""
    return _pattern("lead", "", get_script_prefix()).replace("/0/", f"/{lead_id}/", 1)


def of_action(lead_id: int, name: str) -> str:
    """The form of an action on the lead."""
    return _pattern("lead-action", name, get_script_prefix()).replace("/0/", f"/{lead_id}/", 1)


@functools.lru_cache(maxsize=128)
def _pattern(name: str, act: str, prefix: str) -> str:
    """What is kept differs by `prefix`, with which addresses begin."""
    return reverse(f"console:{name}", args=[0, act] if act else [0])
