"""Whom a rule wanted, and why they could or could not take the lead, in the reader's zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from routing import decision_sentence
from web.console import words

users = decision_sentence.users
load = decision_sentence.load


def wanted(tried: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """“the account's owner, Katrin Vogel, who is on leave until Monday”; empty for pools."""
    return decision_sentence.wanted(tried, names, when)


def when(at: datetime) -> str:
    """An instant in the reader's zone."""
    return words.moment(at, now=timezone.now(), zone=timezone.get_current_timezone())
