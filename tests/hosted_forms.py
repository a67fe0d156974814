"""The forms of a fresh installation, and others made for a test."""

from __future__ import annotations

import importlib
from typing import Any

from django.apps import apps

from web.models import FormQuestion, HostedForm

FIRST = ("demo", "contact")


def first() -> None:
    """Those every installation begins with, where a test has emptied the tables."""
    importlib.import_module("web.migrations.0002_first_forms").create(apps)


def changed(key: str = "demo", **columns: Any) -> HostedForm:
    """A form with other words or limits."""
    HostedForm.objects.filter(key=key).update(**columns)
    return HostedForm.objects.get(key=key)


def ask(key: str = "demo", **columns: Any) -> FormQuestion:
    """One question more, of the form's own unless it is named."""
    form = HostedForm.objects.get(key=key)
    return FormQuestion.objects.create(form=form, position=90, **columns)
