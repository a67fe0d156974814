"""Who signs a review for which side. Decides only; as kits are signed."""

from __future__ import annotations

from governance import signing
from reports.models import ReviewSignature

PARTIES = (ReviewSignature.Party.SALES, ReviewSignature.Party.MARKETING)
ROLES = {party.value: signing.SIGNERS[party.value] for party in PARTIES}
"""The roles that sign for each side."""
