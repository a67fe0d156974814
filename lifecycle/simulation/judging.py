"""What a kit makes of a course: qualified or not, scored, sent to which pool. Pure.

The rules are those of live leads: `scoring`, `qualification`, `matching`, `turns`, `raises_hand`.
Who in the pool gets the lead, and when, depends on all leads together: `rota` decides it, and
`ticking` then runs the clocks over the marks that are left here.
"""

from __future__ import annotations

import dataclasses
from typing import cast

from governance.kit import Kit
from governance.moments import Moment
from leads import enrichment, qualification, quality_floor
from leads.models import Touch
from leads.stages import CLOSED, RESTING, TRANSITIONS, Stage
from lifecycle import turns
from lifecycle.case import OF_LEAD, standing_facts
from lifecycle.ownership import INBOUND
from lifecycle.simulation import questions
from lifecycle.simulation.course import PASSED, Course, Doing, Heard, Step, Stood
from lifecycle.simulation.judgement import (
    NOTHING,
    Facts,
    Judgement,
    Mark,
    Marked,
    Question,
    Reasons,
)
from lifecycle.simulation.state import State
from routing import escalation, matching, rules
from routing.matching import Match
from sla.clock import MOMENT_OF_STEP

__all__ = ["NOTHING", "Facts", "Judgement", "Mark", "Marked", "Reasons", "judge"]


def judge(course: Course, kit: Kit) -> Judgement:
    """Take a lead through its course under a kit, with the facts as they were at each step."""
    return _Judge(course, kit).run()


class _Judge(State):
    """One lead under one kit."""

    def run(self) -> Judgement:
        """The whole course."""
        if self._course.queue:
            self._wait_on()
        elif self._course.owner is not None and escalation.gives_anew(self._kit):
            self._learn_at_start()
        for step in self._course.steps:
            first = len(self._marks)
            self._take(step)
            if self._stage != step.real_stage:
                lost = [dataclasses.replace(one, astray=True) for one in self._marks[first:]]
                self._marks[first:] = lost
        reasons = Reasons(
            self._verdict,
            self._judged_at,
            self._score,
            self._scored_at,
            tuple(self._matches),
            tuple(self._skipped),
        )
        band = self._score.band if self._score is not None else ""
        return Judgement(self._stage, self._qualified_at, band, tuple(self._marks), reasons)

    def _take(self, step: Step) -> None:
        ways = {
            Doing.STEPPED: self._stepped, Doing.CONTACTED: self._contacted,
            Doing.ANSWERED: self._answered, Doing.ASKED: self._ask_again,
            Doing.CLEANSED: self._cleansed, Doing.BOOKED: self._booked,
            Doing.LEARNT: self._learnt_more, Doing.WOKEN: self._day_came, Doing.SET: self._set,
        }  # fmt: skip
        if step.doing is Doing.TOUCHED and step.touch is not None:
            self._touched(step, step.touch)
        else:
            ways.get(step.doing, self._owned_otherwise)(step)

    # A touch, as `pipeline` judges it.

    def _touched(self, step: Step, touch: Heard) -> None:
        self._signals += touch.signals
        self._rescore(step, fresh=True)
        if touch.historical:
            return
        raised = enrichment.raises_hand(cast("Touch", touch), self._kit)
        kept_out = self._keeps_out(step, raised=raised)
        if not kept_out and step.known.account_status not in turns.UNWANTED:
            self._judged_touch(step, touch, raised=self._hears() or raised)
        if self._floors() or standing_facts(self._kit) & OF_LEAD:
            self._rescore(step, fresh=False)

    def _judged_touch(self, step: Step, touch: Heard, *, raised: bool) -> None:
        if raised and self._reopened(step) and self._keeps_out(step, raised=raised):
            return
        if raised and self._stage not in CLOSED:
            self._asked = True
        said = {"channel": step.known.channel, "account_status": step.known.account_status}
        known = turns.of(self._kit, stage=self._stage, **said) is turns.Turn.KNOWN
        self._hold_back(step, known=known)
        called = known and self._call_keeper(step, touch, raised=raised)
        if not known:
            self._qualify(step)
        if touch.after and touch.is_word(at=step.at, raised=raised):
            self._ask_again(step)
        if raised and not known and self._stage not in CLOSED:
            self._happen(step, Moment.HAND_RAISED)
        if turns.needs_owner(self._stage, asked=self._asked or called, held=self._held):
            self._ask(step)
        elif self._held and escalation.gives_anew(self._kit):
            self._learn(step)

    def _reopened(self, step: Step) -> bool:
        if not turns.may_reopen(self._stage, step.known.account_status):
            return False
        self._move(step, Stage.INQUIRY.value)
        self._begin_cycle()
        self._happen(step, Moment.REOPENED)
        return True

    def _ask_again(self, step: Step) -> None:
        """As `pipeline`: an answer is owed once more, where somebody owns the lead."""
        if self._stage not in CLOSED:
            self._mark(step, Mark.IF_OWNED, moment=Moment.TOUCHED)

    def _hold_back(self, step: Step, *, known: bool) -> None:
        """As `quarantine.judge`: whether the lead has to wait for better data."""
        allowed = turns.may_be_quarantined(
            self._stage, asked=self._asked, held=self._held, passed=self._passed
        )
        below = not known and allowed and self._is_below(step)
        if self._waits and not below:
            self._leave_quarantine(step)
        elif below and not self._waits:
            self._waits = True
            self._happen(step, Moment.QUARANTINED)

    def _is_below(self, step: Step) -> bool:
        return quality_floor.decide(self._kit, lambda names: self._facts(step, names)).is_below

    def _leave_quarantine(self, step: Step) -> None:
        self._waits = False
        self._happen(step, Moment.CLEANSED)
        self._mark(step, Mark.LET_GO)

    def _cleansed(self, step: Step) -> None:
        """More became known, or somebody let it pass: judged again, as `reconsidering` does."""
        self._passed = self._passed or step.transition == PASSED
        if not self._waits:
            return
        self._hold_back(step, known=False)
        self._qualify(step)
        if turns.needs_owner(self._stage, asked=self._asked, held=self._held):
            self._ask(step)

    # Who is no buyer, as `exclusions` takes them out and lets them in.

    def _keeps_out(self, step: Step, *, raised: bool = False) -> bool:
        fate = self._out.judge(
            self._stage, owned=self._held and step.owned, raised=raised, asked=self._asked,
            known=lambda names: self._facts(step, names),
        )  # fmt: skip
        if fate.let_in:
            self._let_in(step)
        if fate.taken:
            self._out.stood = Stood(self._stage, self._entered_at, self._wake_on)
            self._waits = False
            self._move(step, Stage.DISQUALIFIED.value)
            self._happen(step, Moment.DISQUALIFIED)
            self._let_go(step)
        return fate.kept_out

    def _let_in(self, step: Step) -> None:
        if step.to:
            self._out.stood = Stood(step.to)
        self._rescore(step, fresh=False)
        total = self._score.total if self._score is not None else 0.0
        again = self._out.leads_to(
            account_status=step.known.account_status, total=total, at=step.at
        )
        self._stage, self._wake_on = again.stage, again.wake_on
        self._entered_at = again.since or step.at
        self._happen(step, Moment.REOPENED)
        if self._stage == Stage.MQL:
            self._happen(step, Moment.QUALIFIED)

    def _hears(self) -> bool:
        """Whether what was asked for meanwhile is open now."""
        heard = self._stage not in CLOSED and self._out.hears()
        self._asked = self._asked or heard
        return heard

    def _learnt_more(self, step: Step) -> None:
        """Facts changed, or somebody let it pass: as `reconsidering` does."""
        back = step.transition == PASSED and self._out.passes(step.reason)
        if back:
            self._let_in(step)
        self._judge_anew(step, back=back or bool(self._out.key))

    def _judge_anew(self, step: Step, *, back: bool, woken: bool = False) -> None:
        """Of who has come `back`, or rested until now, as `reconsidering` does."""
        self._rescore(step, fresh=False)
        if self._keeps_out(step) or step.known.account_status in turns.UNWANTED:
            return
        if not (back or woken):
            return
        heard = self._hears()
        if back:
            self._hold_back(step, known=False)
        self._qualify(step)
        if heard and self._stage not in CLOSED:
            self._happen(step, Moment.HAND_RAISED)
        if turns.needs_owner(self._stage, asked=self._asked, held=self._held):
            self._ask(step)

    # Who rests until something comes, as `waking` wakes them.

    def _day_came(self, step: Step) -> None:
        """On the day on which it really did; who does not qualify stays."""
        if self._stage != Stage.NURTURE:
            return
        self._wake_on, self._woken = "", True
        said = {"channel": step.known.channel, "account_status": step.known.account_status}
        if turns.of(self._kit, stage=self._stage, **said) is not turns.Turn.KNOWN:
            self._judge_anew(step, back=False, woken=True)
        self._woken = False

    def _begin_cycle(self) -> None:
        self._cycle += 1
        self._passed, self._out.passed = False, frozenset()

    def _call_keeper(self, step: Step, touch: Heard, *, raised: bool) -> bool:
        """A known account: as `pipeline` calls who keeps it; says whether it did."""
        held = self._held
        qualifies = not (raised or held) and self._meets_criteria(step)
        if not turns.calls_keeper(self._stage, raised=raised, held=held, qualifies=qualifies):
            return False
        if not held and touch.keeper is not None:
            quiet = self._stage != Stage.MQL
            self._mark(step, Mark.HANDED, user=touch.keeper, quiet=quiet)
            self._held = True
        self._happen(step, Moment.KNOWN_ACCOUNT)
        self._kept = True
        return True

    def _meets_criteria(self, step: Step) -> bool:
        if not turns.may_qualify(self._stage):
            return False
        since = None if self._is_woken() else turns.fresh_since(self._stage, self._entered_at)
        verdict = qualification.decide(self._kit, self._facts(step, self._names.mql, since=since))
        if self._qualified_at is None:
            self._verdict, self._judged_at = verdict, step.at
        return verdict.qualified

    def _qualify(self, step: Step) -> None:
        if self._meets_criteria(step):
            self._qualified_at = self._qualified_at or step.at
            self._returned = self._stage == Stage.NURTURE
            self._cycle += int(self._returned)
            self._move(step, Stage.MQL.value)
            self._happen(step, Moment.QUALIFIED)
            if self._held:
                self._mark(step, Mark.IF_OWNED, moment=Moment.ASSIGNED)

    # What people did, where it is possible under this kit.

    def _stepped(self, step: Step) -> None:
        known = TRANSITIONS.get(step.transition)
        to = self._target(step)
        if known is None or self._stage not in known.sources or to not in known.targets:
            self._skip(step, step.transition)
            return
        self._move(step, to)
        self._waits = False
        if step.transition == "reopen":
            self._begin_cycle()
        if step.transition in MOMENT_OF_STEP:
            self._happen(step, MOMENT_OF_STEP[step.transition])
        if to in RESTING:
            self._let_go(step)

    def _target(self, step: Step) -> str:
        """Where the step leads: a rejection goes where this kit's reason says."""
        reason = self._kit.reasons.get(step.reason) if step.transition == "reject" else None
        return (reason.outcome if reason is not None else "") or step.to

    def _contacted(self, step: Step) -> None:
        self._happen(step, Moment.CONTACTED)
        self._asked = False
        if self._kept and turns.rests_once_answered(self._stage, owed=False, asked=False):
            self._let_go(step)
        self._kept = False

    def _booked(self, step: Step) -> None:
        self._happen(step, Moment.MEETING_BOOKED)

    def _answered(self, step: Step) -> None:
        if not turns.may_qualify(self._stage) or not self._held:
            self._skip(step, "answered")
            return
        self._happen(step, Moment.ANSWERED)
        self._let_go(step)

    def _owned_otherwise(self, step: Step) -> None:
        """A lead that nobody works under this kit is not handed on either."""
        worked = self._held or self._waits or step.cause is not None
        kept = bool(step.moment) and not rules.has(rules.of_kit(self._kit), step.moment)
        if step.cause in self._not_taken or not worked or kept or self._stage in CLOSED:
            self._skip(step, "handed on")
            return
        if self._waits:
            self._leave_quarantine(step)
        if step.doing is Doing.HANDED:
            self._mark(step, Mark.HANDED, user=step.user)
            self._held = True
        else:
            self._ask(step, anew=True)

    def _skip(self, step: Step, what: str) -> None:
        self._skipped.append((what, step.at))
        self._not_taken.add(step.order)

    # What follows from it.

    def _wait_on(self) -> None:
        """It waited in a queue when the window began; both versions find it there."""
        self._matches.append(None)
        self._marks.append(
            Marked(
                self._course.since,
                0,
                Mark.ASKS,
                self._stage,
                astray=False,
                known=self._known_at_start(),
                pool=self._course.queue,
            )
        )

    def _known_at_start(self) -> Facts:
        """The facts that clock policies speak of, as they were when the window began."""
        known = self._course.known
        if known is None or not self._names.clocks:
            return NOTHING
        return self._kit.registry.read_all(self._snapshot(known, None), self._names.clocks)

    def _ask(self, step: Step, *, anew: bool = False) -> None:
        self._moment = step.moment or self._moment_of(anew=anew)
        match, question = self._matched(step)
        self._matches.append(match)
        pool = match.pool if match is not None else ""
        self._mark(step, Mark.ASKS, pool=pool, anew=anew, question=question)
        self._held = True

    def _matched(self, step: Step) -> tuple[Match | None, Question | None]:
        """What the rules say by now, and what they want to know of people; no match: no rule."""
        known, moment = self._facts(step, self._names.routing), self._moment
        try:
            fitted = matching.fit(rules.of_kit(self._kit), known, moment=moment)
            match = matching.settle(fitted)
        except matching.NoRule:
            return None, None
        return match, questions.of(fitted, step, lead=self._course.lead, moment=moment)

    def _learn(self, step: Step) -> None:
        """More is known of a lead that somebody has: where the rules would send it now."""
        self._moment = self._moment_of(anew=True)
        match, question = self._matched(step)
        pool = match.pool if match is not None else ""
        self._mark(step, Mark.LEARNT, pool=pool, question=question)

    def _learn_at_start(self) -> None:
        """The same of a lead that somebody had when the window began."""
        course, parts = self._course, self._parts
        if course.known is None:
            return
        step = Step(at=course.since, order=0, doing=Doing.TOUCHED, known=course.known,
                    real_stage=course.stage, real_held=True, ties=course.ties)  # fmt: skip
        self._rescore(step, fresh=True)
        self._learn(step)
        self._parts, self._score, self._scored_at = parts, None, None

    def _moment_of(self, *, anew: bool) -> str:
        """As `routing_moments`: who is given anew is asked for as at first."""
        if anew and self._moment:
            return self._moment
        back = self._cycle > 1 or self._returned or self._stage == Stage.NURTURE
        known = rules.of_kit(self._kit)
        return rules.REENTRY if back and rules.has(known, rules.REENTRY) else INBOUND
