"""Every kind of event reads as a sentence; what is unknown is said without breaking."""

from __future__ import annotations

import pytest

from leads import stages
from leads.models import Account, Activity, EventKind, LeadEvent, Touch
from web.console import sentences
from web.console.sentence import Known

KNOWN = Known(
    names={1: "Anna Keller", 2: "Mia Sommer"},
    pools={"dach": "DACH"},
    touches={5: Touch(channel="FORM", campaign="DACH-Q4", payload={"note": "Call me"})},
    activities={
        7: Activity(kind="CALL", outcome="NO_ANSWER", direction="OUTBOUND", by_id=1, note="Voice"),
        8: Activity(kind="NOTE", by_id=1, note="Too small for us"),
    },
    accounts={4: Account(domain="acme.co.uk"), 6: Account(pk=6, name="Nordwind")},
    providers={"firm": "Firm data"},
    reasons={9: "The market has grown"},
    moment=lambda at: f"{at:%H:%M on %d}",
)


def moved(to: str | None, outcome: str = "MOVES") -> dict[str, object]:
    """One clock of a recalculation, due at ten before."""
    return {"obligation": "accept", "policy": "accept", "from": "2026-03-03T10:00:00+00:00",
            "to": to, "outcome": outcome}  # fmt: skip


def said(event: LeadEvent) -> str:
    return "".join(piece.text for piece in sentences.tell(event, KNOWN).pieces)


def event(kind: str, **columns: object) -> LeadEvent:
    return LeadEvent(kind=kind, actor="user", **columns)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (event("TOUCHED", because={"touch": 5}), "Touchpoint: Web form, campaign DACH-Q4."),
        (event("TOUCHED", because={"touch": 99, "channel": "CHAT"}), "Touchpoint: Chat."),
        (
            event("TOUCHED", because={"touch": 5, "company": {"by": "DOMAIN", "account": 4}}),
            "Touchpoint: Web form, campaign DACH-Q4. Account: matched by domain acme.co.uk.",
        ),
        (
            event("ASSIGNED", owner_id=1, because={"why": "known account", "account": 4}),
            "Handed to Anna Keller, who keeps this known account: no new MQL.",
        ),
        (
            event("ENRICHED", because={"provider": "firm", "fields": ["company.employees"]}),
            "Firm data told more: employees.",
        ),
        (
            event("ENRICHED", because={"provider": "gone", "fields": ["person.title"]}),
            "gone told more: job title.",
        ),
        (
            event("EDITED", by_id=1, because={"company": {"account": 6, "made": True}, "fields": [
                "lead.company", "company.industry"]}),
            "Anna Keller named its company: Nordwind, and changed: industry.",
        ),
        (
            event("EDITED", by_id=1, because={"company": {"account": 99}, "fields": [
                "lead.company"]}),
            "Anna Keller named its company.",
        ),
        (
            event("EDITED", by_id=1, because={"undone": 3, "fields": ["lead.company"]}),
            "Anna Keller took back the change of company.",
        ),
        (event("STAGE", transition="begin"), "The lead came in as an inquiry."),
        (event("STAGE", transition="accept", by_id=1), "Anna Keller accepted it as SAL."),
        (
            event("STAGE", transition="reject", by_id=1, because={"reason": "too_small"}),
            "Anna Keller rejected it: too small.",
        ),
        (
            event("ASSIGNED", owner_id=1, because={"rule": "dach", "pool": "dach", "why": "next"}),
            "Routed to Anna Keller by rule “dach” in pool DACH: next.",
        ),
        (
            event("ASSIGNED", owner_id=1, by_id=2, because={"why": "reassigned"}),
            "Mia Sommer gave it to Anna Keller: reassigned.",
        ),
        (
            event("ASSIGNED", owner_id=1, by_id=1, because={"why": "claimed"}),
            "Anna Keller took it: claimed.",
        ),
        (
            event("QUEUED", queue="dach", because={"why": "nobody is here"}),
            "Waits in the queue DACH: nobody is here.",
        ),
        (event("RELEASED", because={"why": "return_to_nurture"}),
         "Nobody holds it any more: returned to nurture."),
        (event("ACTIVITY", because={"activity": 7}), "Anna Keller logged: call, no answer."),
        (
            event("BREACHED", because={"obligation": "first_contact", "holder": 1}),
            "The clock “first contact” passed its deadline, held by Anna Keller.",
        ),
        (
            event("ESCALATED", because={"obligation": "first_contact", "level": "sales"}),
            "The clock “first contact” is still overdue. Escalated to the level “sales”.",
        ),
        (
            event("RECALCULATED", by_id=2, because={"kit": 2, "application": 9, "clocks": [
                moved("2026-03-05T10:00:00+00:00"), moved(None, "EXEMPT"), moved(None, "ENDS"),
                moved("2026-03-03T10:00:00+00:00"),
            ]}),
            "Mia Sommer recalculated the SLAs under kit v2: “accept” is due 10:00 on 05, it was "
            "10:00 on 03; “accept” is exempt there; “accept” is not owed any more; “accept” warns "
            "at another time, due 10:00 on 03 as before.",
        ),
        (
            event("STAGE", transition="qualify", by_id=2, because={"application": 9}),
            "Mia Sommer re-qualified it as MQL.",
        ),
        (
            event("STAGE", transition="recycle", by_id=2,
                  because={"why": "the criteria in force are not met", "application": 9}),
            "Mia Sommer recycled it to nurture: the criteria in force are not met.",
        ),
        (event("WARNED", because={"obligation": "accept"}),
         "The clock “accept” falls due soon; a warning went out."),
    ],
)  # fmt: skip
def test_each_kind_has_its_sentence(told: LeadEvent, sentence: str) -> None:
    assert said(told) == sentence


@pytest.mark.parametrize("kind", ["RECALCULATED", "STAGE"])
def test_why_a_kit_was_brought_to_older_leads_is_the_note(kind: str) -> None:
    told = event(kind, by_id=2, transition="qualify", because={"application": 9})
    assert sentences.tell(told, KNOWN).note == "The market has grown"


@pytest.mark.parametrize("kind", EventKind.values)
def test_an_event_of_which_nothing_else_is_known_still_reads(kind: str) -> None:
    assert said(event(kind)).strip().endswith(".")


@pytest.mark.parametrize("transition", [*stages.TRANSITIONS, stages.BEGIN, stages.UNDO])
def test_every_step_has_words_of_its_own(transition: str) -> None:
    text = said(event("STAGE", transition=transition, by_id=1))
    assert transition not in text.split() or transition in {"reopen", "merge"}
    assert text.endswith(".")


def test_the_note_of_a_step_is_shown_beside_it() -> None:
    told = event("STAGE", transition="reject", by_id=1, because={"reason": "x", "note": 8})
    assert sentences.tell(told, KNOWN).note == "Too small for us"
