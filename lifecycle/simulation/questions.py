"""What is to be asked of people for a lead when the turns are played. Pure."""

from __future__ import annotations

import dataclasses

from leads.models import AccountStatus
from lifecycle import partner_meant
from lifecycle.simulation.course import Step
from lifecycle.simulation.judgement import Question
from routing import rules
from routing.matching import Fit
from routing.named import Asking
from routing.territories import Place


def of(fitted: Fit, step: Step, *, lead: int, moment: str) -> Question | None:
    """The question for people and queues; None where the rules that fit mean pools only."""
    if all(rule.target == rules.POOL for rule in fitted.fitting):
        return None
    known = step.known
    home = Place(known.company_country, known.company_region, known.company_postal_code)
    asking = Asking(
        lead,
        step.ties.person,
        moment,
        fitted.fitting,
        account=step.ties.account,
        account_owner=known.account_owner,
        is_partner=known.account_status == AccountStatus.PARTNER,
        partner=partner_meant.of(
            known.partner_name,
            known.partner_manager,
            named_status=known.named_status,
            named_partner=known.named_partner,
            named_manager=known.named_manager,
        ),
        place=home if home.country else Place(known.person_country),
    )
    return Question(_bare(fitted), asking)


def _bare(fitted: Fit) -> Fit:
    """The rules that fit, without what they saw: a few bytes, kept until all leads are judged."""
    fitting = ((rule, seen) for rule, seen in fitted.tried if seen.matched)
    return Fit(tuple((rule, dataclasses.replace(seen, facts=())) for rule, seen in fitting))
