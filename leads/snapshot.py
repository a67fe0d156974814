"""What is known of one lead at one instant, as plain frozen data. Facts read it; nothing writes it.

Pure: who builds one from the tables stands in `selectors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from leads.own_fields import Saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One lead at `now`. Empty text and None mean missing; `signals` are newest first."""

    now: datetime
    stage: str = ""
    channel: str = ""
    category: str = ""
    campaign: str = ""
    cycle: int = 1
    hand_raiser: bool = False
    potential_value: Decimal | None = None
    person_country: str = ""
    person_language: str = ""
    person_title: str = ""
    person_seniority: str = ""
    person_function: str = ""
    has_email: bool = False
    has_phone: bool = False
    has_name: bool = False
    email_host: str = ""
    phone_valid: bool = False
    company_name: str = ""
    company_domain: str | None = None
    company_industry: str = ""
    company_employees: int | None = None
    company_annual_revenue: Decimal | float | None = None
    company_country: str = ""
    company_region: str = ""
    company_postal_code: str = ""
    territory: str = ""
    account_status: str = ""
    account_has_owner: bool = False
    account_owner: int | None = None
    partner_registered: bool = False
    partner_name: str = ""
    partner_manager: int | None = None
    named_status: str = ""
    named_partner: str = ""
    named_manager: int | None = None
    signals: tuple[tuple[str, datetime], ...] = ()
    score_fit: float | None = None
    score_engagement: float | None = None
    score_intent: float | None = None
    touches: int = 0
    last_touch_at: datetime | None = None
    sayings: tuple[Saying, ...] = ()
    """What touchpoints said in the kit's own fields; left out where nothing speaks of them."""
    typed: Mapping[str, Any] = field(default_factory=dict)
    """What people typed into them: by key, the text and the instant."""
    own: Mapping[str, object] = field(default_factory=dict)
    """Values of own fields, by key, that are stated and rest on nothing: those of examples."""

    @property
    def last_touch_days(self) -> int | None:
        """Whole days since the last touch; one dated ahead of now counts as now."""
        if self.last_touch_at is None:
            return None
        return max(0, (self.now - self.last_touch_at) // timedelta(days=1))

    def count(self, kind: str, *, days: int) -> int:
        """How often a behaviour was shown within so many days, up to and including now."""
        since = self.now - timedelta(days=days)
        return sum(name == kind and at > since for name, at in self.signals)

    def days_since(self, kind: str) -> int | None:
        """Whole days since a behaviour was last shown; None if it never was."""
        last = max((at for name, at in self.signals if name == kind), default=None)
        return None if last is None else max(0, (self.now - last) // timedelta(days=1))
