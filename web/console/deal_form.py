"""What the forms of an opportunity have in common."""

from __future__ import annotations

from typing import Any

from governance.kit import Kit
from leads.models import Opportunity
from people.models import User
from web.console.act_form import ActForm


class DealForm(ActForm):
    """One act on an opportunity."""

    def __init__(self, *data: Any, deal: Opportunity, kit: Kit, reader: User) -> None:
        self.deal = deal
        super().__init__(*data, kit=kit, reader=reader)

    @property
    def begin(self) -> dict[str, Any]:
        """What every call begins with."""
        return {"opportunity_id": self.deal.pk, "by": self.reader}
