"""Tables point down the stack, are protected, and migrations match them."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from governance.models import KitPart
from governance.models.part import part_models
from tests.architecture.source import APPS

RANK = {app: place for place, app in enumerate(APPS)}
OURS = [model for model in apps.get_models() if model._meta.app_label in RANK]


def test_foreign_keys_point_down_the_stack() -> None:
    up = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in OURS
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and isinstance(field.related_model, type)
        and RANK.get(field.related_model._meta.app_label, -1) > RANK[model._meta.app_label]
    ]
    assert up == []


def test_references_are_protected() -> None:
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in OURS
        if not model.__name__.startswith("Historical")
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is not models.PROTECT
    ]
    assert loose == []


def test_every_kind_of_part_is_frozen_by_the_database_once_published() -> None:
    kinds = part_models()
    assert len(kinds) >= 11
    for model in kinds:
        names = {trigger.name for trigger in model._meta.triggers}
        assert "part_of_published_kit_is_frozen" in names, model
        unique = {constraint.name for constraint in model._meta.constraints}
        expected = f"{model._meta.app_label}_{model._meta.model_name}_key_once_per_kit"
        assert expected in unique, model
    assert len({model.kind for model in kinds}) == len(kinds)


def test_parts_name_other_things_by_key_and_never_by_foreign_key() -> None:
    own = {field.name for field in KitPart._meta.get_fields()}
    keys = [
        f"{model._meta.label}.{field.name}"
        for model in part_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.name not in own
    ]
    assert keys == []


def test_history_has_big_ids() -> None:
    small = [
        model._meta.label
        for model in OURS
        if model.__name__.startswith("Historical")
        and not isinstance(model._meta.pk, models.BigAutoField)
    ]
    assert small == []


@pytest.mark.django_db
def test_migrations_match_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())
