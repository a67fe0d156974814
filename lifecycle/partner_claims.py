"""Touches that name a partner other than the one who has registered the company: each a conflict.

Once for each claimant of a registration, whatever was decided of it: a form sent again is no news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads import partner_naming
from leads.company_matching import Directory
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, PartnerConflict
from leads.partner_naming import Keys
from leads.registration import Registration
from lifecycle import companies, partner_conflicts
from lifecycle.gathering import Arrival

BY_TOUCH = "A touchpoint names this partner."


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one touch says, and the registration it says it against."""

    touch: int
    first: Registration
    name: str
    keys: Keys

    def found_in(self, directory: Directory) -> set[int]:
        """The accounts that may be meant."""
        one = (
            directory.domains.get(self.keys.domain),
            directory.domain_aliases.get(self.keys.domain),
            directory.name_aliases.get(self.keys.name),
        )
        same = directory.names.get(self.keys.name, {})
        return {held.account for held in one if held is not None} | set(same)


def record(arrivals: Sequence[Arrival], *, ledger: Ledger) -> None:
    """Keep the conflicts that these make: seven statements at most, none where nobody claims."""
    claims = [claim for one in arrivals if (claim := _claim(one, ledger)) is not None]
    if not claims:
        return
    directory = companies.look_up(
        {one.keys.domain for one in claims if one.keys.domain}, {one.keys.name for one in claims}
    )
    meant = {one.touch: one.found_in(directory) for one in claims}
    wanted = {pk for some in meant.values() for pk in some}
    partners = Account.objects.filter(status=AccountStatus.PARTNER).in_bulk(wanted)
    rows: dict[tuple[int, str], PartnerConflict] = {}
    for one in claims:
        if one.first.partner in meant[one.touch]:
            continue
        known = [partners[pk] for pk in sorted(meant[one.touch]) if pk in partners]
        row = _row(one, known[0] if len(known) == 1 else None, ledger)
        rows.setdefault((row.registration_id, row.claimant_key), row)
    seen = _seen(rows)
    partner_conflicts.open_new([row for key, row in rows.items() if key not in seen], ledger)


def _claim(arrival: Arrival, ledger: Ledger) -> _Claim | None:
    """What a touch claims; None where it names no partner, or nobody has registered the company."""
    name = arrival.said("source").get("partner")
    if not isinstance(name, str) or not name.strip() or arrival.touch.historical:
        return None
    first = arrival.case.registration(ledger.now) if arrival.case is not None else None
    if first is None:
        return None
    name = " ".join(name.split())[: partner_naming.LONGEST_NAME]
    return _Claim(arrival.touch.pk, first, name, partner_naming.keys_of(name))


def _row(claim: _Claim, claimant: Account | None, ledger: Ledger) -> PartnerConflict:
    return PartnerConflict(
        registration_id=claim.first.id,
        claimant=claimant,
        claimant_name=claim.name,
        claimant_key=partner_conflicts.key_of(claimant, claim.keys.name),
        touch_id=claim.touch,
        claim=BY_TOUCH,
        opened_at=ledger.now,
    )


def _seen(rows: dict[tuple[int, str], PartnerConflict]) -> set[tuple[int, str]]:
    """Those that stand already, decided or not."""
    if not rows:
        return set()
    known = PartnerConflict.objects.filter(registration__in={pk for pk, _ in rows})
    return set(known.values_list("registration_id", "claimant_key"))
