"""The value of an own field of a lead, in SQL: the same as `own_fields.answer` gives."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, DecimalField, F, Field, Func, TextField

from governance.condition_operators import FOLD_FROM, FOLD_TO
from governance.facts import FactType
from leads import own_fields
from leads.models.touch import TouchStatus
from leads.own_fields import OwnField


def _literal(text: str) -> str:
    """Letters of ours as a literal that no parameter is read out of."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def _folded(text: str) -> str:
    return (
        f"(CASE WHEN octet_length({text}) = char_length({text}) "
        f'THEN lower({text} COLLATE "C") '
        f"ELSE translate({text}, {_literal(FOLD_FROM)}, {_literal(FOLD_TO)}) END)"
    )


_SPACE = _literal(own_fields.SPACE)
_TEXT = f"btrim(f.content #>> '{{}}', {_SPACE})"
_NAMED = f"translate({_folded('f.name')}, {_literal(own_fields.SIGNS)}, '')"
_FIRST = f"left(ltrim(f.name, {_literal(own_fields.SIGNS)}), 1)"
_NUMBER = (
    f"CASE WHEN n.text ~ '^{own_fields.PLAIN}$' THEN n.text::numeric "
    f"WHEN n.text ~ '^{own_fields.GROUPED}$' THEN replace(n.text, ',', '')::numeric "
    f"WHEN n.text ~ '^{own_fields.DOTTED}$' OR n.text ~ '^{own_fields.COMMA}$' "
    "THEN replace(replace(n.text, '.', ''), ',', '.')::numeric END"
)
_AS_NUMBER = f"""
    (SELECT {_NUMBER} FROM (SELECT regexp_replace(
        translate(a.text, {_literal(own_fields.IN_NUMBERS)}, ''), '%%$', '') AS text) AS n)
"""  # noqa: S608 - fragments of ours
_AS_CHOICE = f"""
    (SELECT c.own FROM unnest(%s::text[]) WITH ORDINALITY AS c (own, place)
      WHERE {_folded("c.own")} = {_folded("a.text")} ORDER BY c.place LIMIT 1)
"""  # noqa: S608 - fragments of ours
_VALUES = {
    FactType.TEXT: f"left(a.text, {own_fields.LONGEST})",
    FactType.NUMBER: _AS_NUMBER,
    FactType.BOOLEAN: f"CASE WHEN {_folded('a.text')} = ANY(%s::text[]) THEN TRUE "
    f"WHEN {_folded('a.text')} = ANY(%s::text[]) THEN FALSE END",
    FactType.CHOICE: _AS_CHOICE,
}
_OUTPUT: dict[FactType, type[Field[Any, Any]]] = {
    FactType.NUMBER: DecimalField,
    FactType.BOOLEAN: BooleanField,
}

# Names are put in the order of their code points, as Python does. To spell a name as it is compared
# takes a while, so only those are spelt that begin as one that is looked for. OFFSET 0 keeps the
# planner from working out a text anew wherever it is spoken of.
_ANSWERED = f"""
    SELECT s.text
      FROM (SELECT f.name, {_NAMED} AS named
              FROM jsonb_object_keys(CASE jsonb_typeof(t.payload -> 'fields')
                                     WHEN 'object' THEN t.payload -> 'fields' END) AS f (name)
             WHERE {_folded(_FIRST)} = ANY(%s::text[])
            OFFSET 0) AS n
     CROSS JOIN LATERAL (SELECT t.payload -> 'fields' -> n.name AS content) AS f
     CROSS JOIN LATERAL (SELECT {_TEXT} AS text OFFSET 0) AS s
     WHERE n.named = ANY(%s::text[]) AND jsonb_typeof(f.content) IN ('string', 'boolean')
       AND s.text <> '' AND {_folded("s.text")} <> ALL(%s::text[])
     ORDER BY array_position(%s::text[], n.named), n.name COLLATE "C" LIMIT 1
"""  # noqa: S608 - fragments of ours
_ASKED = f"""(
    SELECT @VALUE FROM (
        SELECT coalesce(nullif(btrim(o.typed ->> 0, {_SPACE}), ''), (
                   SELECT said.text
                     FROM (SELECT o.lead AS id UNION ALL
                           SELECT m.id FROM leads_lead m WHERE m.merged_into_id = o.lead) AS own
                     JOIN leads_touch t ON t.lead_id = own.id
                    CROSS JOIN LATERAL ({_ANSWERED}) AS said
                    WHERE t.status <> '{TouchStatus.WITHDRAWN.value}'
                      AND (o.typed IS NULL OR t.occurred_at > (o.typed ->> 1)::timestamptz)
                    ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1)) AS text
          FROM (SELECT x.lead, x.typed -> %s::text AS typed
                  FROM (SELECT @LEAD) AS x (lead, typed)) AS o
        OFFSET 0) AS a)
"""  # noqa: S608 - fragments of ours


class OwnValue(Func):
    """The value of one own field; missing where nobody answered, or nothing it can be."""

    def __init__(self, asked: OwnField) -> None:
        kind = _OUTPUT.get(asked.type, TextField)
        super().__init__(F("pk"), F("own_fields"), output_field=kind())
        self.asked = asked

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """One query below the lead's row, with everything that the kit says as parameters."""
        parts = [compiler.compile(one) for one in self.get_source_expressions()]
        expressions = ", ".join(sql for sql, _ in parts)
        asked = self.asked
        of_value = {
            FactType.BOOLEAN: [list(own_fields.YES), list(own_fields.NO)],
            FactType.CHOICE: [list(asked.choices)],
        }
        reads = list(asked.reads)
        params = [
            *of_value.get(asked.type, []),
            [one[0] for one in reads], reads, list(asked.not_answered), reads, asked.key,
            *(param for _, some in parts for param in some),
        ]  # fmt: skip
        sql = _ASKED.replace("@VALUE", _VALUES[asked.type]).replace("@LEAD", expressions)
        return sql, params
