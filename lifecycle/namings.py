"""Partners by what touchpoints call them, as far as the leads at hand need it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core import reading
from leads import partner_lookup, partner_naming
from leads.partner_naming import Keys, Partner

Row = tuple[Any, ...]


class Namings:
    """The partners of some names; a name that was not asked about is asked then."""

    def __init__(self) -> None:
        self._known: dict[Keys, list[Partner]] = {}

    def ask(self, keys: Iterable[Keys]) -> list[reading.Question[Row]]:
        """The question about these names, to be asked with others; none without names.

        Its answer is to be given to `learn`.
        """
        wanted = sorted(set(keys) - self._known.keys() - {partner_naming.NOBODY})
        if not wanted:
            return []
        names, domains = [one.name for one in wanted], [one.domain for one in wanted]
        self._known |= {one: [] for one in wanted}
        return [reading.plain(_MEANT, names, domains)]

    def learn(self, asked: Iterable[reading.Question[Row]]) -> None:
        """Keep the answers."""
        for question in asked:
            for name, domain, pk, called, manager in question.found:
                self._known[Keys(name, domain)].append(Partner(pk, called, manager))

    def note(self, rows: Iterable[Row]) -> None:
        """Answers that came with mentions: name and domain, then the partner or nothing."""
        fresh: dict[Keys, dict[int, Partner]] = {}
        for name, domain, pk, called, manager in rows:
            known = fresh.setdefault(Keys(name, domain), {})
            if pk is not None:
                known[pk] = Partner(pk, called, manager)
        for keys, some in fresh.items():
            self._known.setdefault(keys, list(some.values()))

    def of(self, keys: Keys) -> Sequence[Partner]:
        """The partners whom these keys fit."""
        if keys not in self._known:
            asked = self.ask([keys])
            reading.ask(*asked)
            self.learn(asked)
        return self._known.get(keys, ())


_MEANT = f"""
    SELECT n.name, n.domain, p.id, p.name, p.manager
      FROM unnest(%s::text[], %s::text[]) AS n (name, domain)
     CROSS JOIN LATERAL ({partner_lookup.MEANT}) AS p
     ORDER BY p.id
"""  # noqa: S608 - fragments of ours

# Those of the leads that were merged into one count for it as well.
_MENTIONS = f"""
    SELECT n.lead, n.at, n.touch, n.name, n.domain, p.id, p.name, p.manager
      FROM (SELECT t.lead_id AS lead, t.occurred_at AS at, t.id AS touch,
                   t.partner_key AS name, t.partner_domain AS domain
              FROM leads_touch t
             WHERE t.lead_id = ANY(%s) AND {partner_lookup.STANDING}
             UNION ALL
            SELECT l.merged_into_id, t.occurred_at, t.id, t.partner_key, t.partner_domain
              FROM leads_touch t JOIN leads_lead l ON l.id = t.lead_id
             WHERE l.merged_into_id = ANY(%s) AND {partner_lookup.STANDING}) AS n
      LEFT JOIN LATERAL ({partner_lookup.MEANT}) AS p ON TRUE
     ORDER BY n.touch, p.id
"""  # noqa: S608 - fragments of ours


def mentions(leads: Sequence[int]) -> reading.Question[Row]:
    """Which touchpoints of these leads name a partner, and whom that fits."""
    return reading.plain(_MENTIONS, leads, leads)
