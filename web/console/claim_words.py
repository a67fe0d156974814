"""What somebody is told who took a lead from a queue."""

from __future__ import annotations

from core.texts import _
from leads.models import Lead
from people.models import User
from routing import selectors as routing


def taken(name: str, reader: User) -> str:
    """That it is theirs, and that they hold more than rules would give them, where they do.

    Caps bind routing, not people: who claims beyond theirs is told.
    """
    over = routing.over_cap(reader.pk)
    told = _("{name} is yours now.").format(name=name)
    return (
        _("{told} You hold {over} of {over2} leads.").format(told=told, over=over[0], over2=over[1])
        if over
        else told
    )


def again(who: str, holder: User | None) -> str:
    """What is said to somebody who took back that they had given a lead away."""
    if holder is None:
        return _("Undone: %(who)s waits in the queue again.") % {"who": who}
    return _("Undone: %(who)s is with %(holder)s again.") % {"who": who, "holder": holder}


def not_taken(who: str, lead: Lead) -> str:
    """What is said to somebody who took back that they had brought a lead in as theirs."""
    told = {"who": who, "stage": lead.get_stage_display()}
    return _("Undone: %(who)s is not yours any more. What was added is kept, at %(stage)s.") % told
