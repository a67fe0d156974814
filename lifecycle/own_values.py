"""Own fields of many leads, worked out once: for whoever asks many conditions about them.

In SQL an own field is read out of what touchpoints said each time a condition speaks of it. Here
`own_fields.answer` reads each once, and conditions look the value up.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import BooleanField, DecimalField, F, Field, Func, TextField

from governance.facts import Fact, FactType, Registry
from governance.kit import Kit
from leads import own_fields
from leads.models import Lead
from leads.own_fields import OwnField
from lifecycle.sayings import Sayings

_KINDS: dict[FactType, tuple[str, type[Field[Any, Any]]]] = {
    FactType.NUMBER: ("numeric", DecimalField),
    FactType.BOOLEAN: ("boolean", BooleanField),
}


def laid_out(ids: Sequence[int], kit: Kit, names: frozenset[str]) -> Registry:
    """Have the own fields among these facts in a table until the transaction ends.

    The registry that is returned reads them there for these leads, and for no others; all other
    facts are those of the kit. Two queries; none where no own field is named.
    """
    asked = [one for one in own_fields.of_kit(kit) if one.name in names]
    if not asked:
        return kit.registry
    _write(ids, asked)
    facts = (kit.registry.get(one.name) for one in asked)
    return kit.registry.over(_looked_up(one, fact) for one, fact in zip(asked, facts, strict=True))


def _write(ids: Sequence[int], asked: Sequence[OwnField]) -> None:
    typed = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "own_fields"))
    sayings, rows = Sayings(ids), []
    for pk in ids:
        said = sayings.of(pk)
        found = ((one, own_fields.answer(one, said, typed.get(pk) or {})) for one in asked)
        known = {one.key: _plain(got.value) for one, got in found if got is not None}
        rows.append((pk, json.dumps(known)))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.own_value")
        cursor.execute(
            "CREATE TEMP TABLE own_value (lead bigint PRIMARY KEY, said jsonb) ON COMMIT DROP"
        )
        cursor.execute(
            "INSERT INTO own_value SELECT * FROM unnest(%s::bigint[], %s::text[]::jsonb[])",
            [[pk for pk, _ in rows], [said for _, said in rows]],
        )


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _looked_up(asked: OwnField, fact: Fact) -> Fact:
    return dataclasses.replace(fact, sql=lambda now: _Kept(asked))


class _Kept(Func):
    """What was worked out for a field of a lead."""

    template = "((SELECT v.said ->> %s FROM pg_temp.own_value v WHERE v.lead = {lead})::{kind})"

    def __init__(self, asked: OwnField) -> None:
        self.kind, output = _KINDS.get(asked.type, ("text", TextField))
        super().__init__(F("pk"), output_field=output())
        self.key = asked.key

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        """One look at the table for the lead's row."""
        lead, _none = compiler.compile(self.get_source_expressions()[0])
        return self.template.format(lead=lead, kind=self.kind), [self.key]
