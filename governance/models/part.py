"""What every part of the kit has in common.

A part is a row of one kit version with a stable key. Clone, diff, checksum and YAML work on any
subclass, in whatever app it lives: a new kind of part is one model that inherits `KitPart.Meta`.
"""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.base import ModelBase

from core import history
from governance.facts import Subject

validate_key = RegexValidator(
    r"^[a-z][a-z0-9_.-]*$", "Use lower-case letters, digits, “_”, “.” and “-”, a letter first."
)

GUARD = "part_of_published_kit_is_frozen"

# Reads the version FOR SHARE, so that no part can slip in while publishing holds it FOR UPDATE.
FROZEN = """
    IF TG_OP <> 'INSERT' THEN
        SELECT status INTO standing FROM governance_kitversion WHERE id = OLD.kit_id FOR SHARE;
        IF standing IN ('ACTIVE', 'RETIRED') THEN
            RAISE EXCEPTION 'part % belongs to a published kit: it never changes', OLD.key;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT status INTO standing FROM governance_kitversion WHERE id = NEW.kit_id FOR SHARE;
        IF standing IN ('ACTIVE', 'RETIRED') THEN
            RAISE EXCEPTION 'part % cannot enter a published kit', NEW.key;
        END IF;
        RETURN NEW;
    END IF;
    RETURN OLD;
"""


class PartBase(ModelBase):
    """Refuses a kind of part that would escape the guards every part stands under."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: Any, **options: Any) -> Any:
        """The model, unless its `Meta` left the key or the freezing trigger behind.

        Refused before Django knows of it, so that nothing of it stays.
        """
        parts = [base for base in bases if isinstance(base, PartBase)]
        if any(not base._meta.abstract for base in parts):  # type: ignore[attr-defined]
            raise TypeError(f"{name} inherits a concrete part: inherit KitPart itself.")
        meta = attrs.get("Meta")
        if parts and meta is not None and not getattr(meta, "abstract", False):
            _require_guards(name, meta)
        return super().__new__(cls, name, bases, attrs, **options)


def _require_guards(name: str, meta: type) -> None:
    guards = {trigger.name for trigger in getattr(meta, "triggers", ())}
    keys = {
        tuple(one.fields)
        for one in getattr(meta, "constraints", ())
        if isinstance(one, models.UniqueConstraint)
    }
    if GUARD not in guards or ("kit", "key") not in keys:
        raise TypeError(
            f"{name}.Meta lacks what keeps published parts as they are: write "
            "`class Meta(KitPart.Meta)`, and extend `constraints` and `triggers`, if at all."
        )


class KitPart(models.Model, metaclass=PartBase):
    """One rule of the company, in one version. Other parts are named by key, never by id."""

    kind: ClassVar[str]
    """The name of this sort of part in the document and in YAML."""

    needs_both_signatures: ClassVar[bool] = True
    """Whether a change needs Sales *and* Marketing, or one approver who is not the author."""

    speaks_of: ClassVar[Subject] = Subject.LEAD
    """What a condition of this kind of part is about."""

    kit = models.ForeignKey(
        "governance.KitVersion",
        on_delete=models.PROTECT,
        related_name="%(app_label)s_%(class)s_parts",
    )
    key = models.CharField(max_length=60, validators=[validate_key])
    position = models.PositiveIntegerField(default=0, help_text="Order among its kind.")
    history = history.records(inherit=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "key"], name="%(app_label)s_%(class)s_key_once_per_kit"
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name=GUARD,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("standing", "text")],
                func=FROZEN,
            )
        ]

    def __str__(self) -> str:
        return self.key

    def comes_before(self, other: Self) -> bool:
        """Whether a new part goes in front of this other of its kind, and not behind them all."""
        return False

    def entry(self) -> dict[str, Any]:
        """This part as plain data, the same for the same content."""
        skipped = {"id", "kit"}
        return {
            field.name: plain(getattr(self, field.attname))
            for field in self._meta.concrete_fields
            if field.name not in skipped
        }


def plain(value: Any) -> Any:
    """A column's value as documents hold it: decimals, dates and times as text."""
    if isinstance(value, decimal.Decimal):
        normal = value.normalize()
        return str(normal.quantize(1) if normal == normal.to_integral() else normal)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def part_models() -> list[type[KitPart]]:
    """Every kind of part of every app, in a stable order."""

    def below(model: type[KitPart]) -> list[type[KitPart]]:
        found = [] if model._meta.abstract else [model]
        for child in model.__subclasses__():
            found += below(child)
        return found

    return sorted(below(KitPart), key=lambda model: model.kind)  # type: ignore[type-abstract]
