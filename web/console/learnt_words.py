"""That more is known of a buyer, as a sentence: told by a provider, or changed by somebody here."""

from __future__ import annotations

from core.texts import _
from leads.models import EventKind, LeadEvent
from lifecycle.company_naming import NAMED
from lifecycle.taking_over import PART
from web.console import field_words
from web.console.sentence import Known, Piece, Sentence


def tell(event: LeadEvent, known: Known) -> Sentence:
    """The sentence of what was learnt or edited."""
    by_hand = event.kind == EventKind.EDITED
    provider = str(event.because.get("provider", ""))
    label = known.providers.get(provider, provider)
    who = known.who(event) if by_hand else Piece(label, strong=True)
    fields = [str(one) for one in event.because.get("fields") or []]
    names = Piece(field_words.listed(fields), strong=True)
    if not by_hand:
        return Sentence("plus", "none", (who, Piece(_(" told more: ")), names, Piece(".")))
    if "undone" in event.because:
        took = Piece(_(" took back the change of "))
        return Sentence("pencil", "none", (who, took, names, Piece(".")))
    named = _named(event, known) if NAMED in fields else ()
    rest = [one for one in fields if one != NAMED]
    changed = (Piece(_(", and changed: ") if named else " changed: "),
               Piece(field_words.listed(rest), strong=True)) if rest else ()  # fmt: skip
    return Sentence("pencil", "none", (who, *named, *changed, Piece(".")))


def _named(event: LeadEvent, known: Known) -> tuple[Piece, ...]:
    """`named its company: Acme`; whoever finds it gone is told nothing more."""
    told = event.because.get("company") or {}
    account = known.accounts.get(told.get("account") or 0)
    if account is None:
        return (Piece(_(" named its company")),)
    name = account.name or account.domain or _("account {pk}").format(pk=account.pk)
    did = _(" made its company a part of ") if told.get("by") == PART else _(" named its company: ")
    return (Piece(did), Piece(name, strong=True, url=f"/accounts/{account.pk}/"))
