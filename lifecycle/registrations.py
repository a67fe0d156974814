"""What partners have registered, as far as the companies at hand need it. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from core import reading
from leads import registration
from leads.registration import Registration


class Register:
    """The registrations of some companies; one that was not asked about is asked then."""

    def __init__(self) -> None:
        self._known: dict[int, list[Registration]] = {}

    def ask(self, accounts: Iterable[int]) -> list[reading.Question[Registration]]:
        """The question about these companies, to be asked with others; none without companies.

        Its answer is to be given to `learn`.
        """
        ids = sorted(set(accounts) - self._known.keys())
        self._known |= {pk: [] for pk in ids}
        return [reading.Question(_REGISTERED, ids, made=_made)] if ids else []

    def learn(self, asked: Iterable[reading.Question[Registration]]) -> None:
        """Keep the answers."""
        for question in asked:
            for one in question.found:
                self._known[one.account].append(one)

    def note_new(self, accounts: Iterable[int]) -> None:
        """These companies are made just now: nobody can have registered them."""
        self._known |= {pk: [] for pk in accounts}

    def of(self, account: int | None, now: dt.datetime) -> Registration | None:
        """The registration of a company that is in force at this instant."""
        if account is None:
            return None
        if account not in self._known:
            asked = self.ask([account])
            reading.ask(*asked)
            self.learn(asked)
        return registration.in_force(self._known[account], now)


def _made(row: tuple[object, ...]) -> Registration:
    return Registration(*row)  # type: ignore[arg-type]


_REGISTERED = """
    SELECT r.id, r.account_id, r.partner_id,
           coalesce(nullif(p.name, ''), p.domain, 'account ' || p.id), p.owner_id,
           r.from_at, r.until_at
      FROM leads_partnerregistration r JOIN leads_account p ON p.id = r.partner_id
     WHERE r.account_id = ANY(%s) AND r.state = 'ACTIVE'
     ORDER BY r.account_id, r.from_at
"""
