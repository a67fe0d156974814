"""What an imported record says of its past becomes legal steps, and no more than it proves."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import intake, past, stages
from leads.past import Past, Said

CAME = dt.datetime(2024, 1, 10, 9, 0, tzinfo=dt.UTC)


def day(number: int) -> dt.datetime:
    return CAME + dt.timedelta(days=number)


def told(stage: str = "", **days: int) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    said = Said(stage, {name: day(number) for name, number in days.items()})
    found = past.decide(said, received=CAME)
    return [(step.to_stage, (step.at - CAME).days) for step in found.steps], words(found)


def words(found: Past) -> tuple[str, ...]:
    return tuple(f"{one.field}: {one.message}" for one in found.remarks)


@pytest.mark.parametrize(
    ("stage", "days", "steps"),
    [
        ("", {}, []),
        ("INQUIRY", {}, []),
        ("MQL", {}, [("MQL", 0)]),
        ("SAL", {"mql_at": 3}, [("MQL", 3), ("SAL", 3)]),
        ("SQL", {"sql_at": 5}, [("MQL", 5), ("SAL", 5), ("SQL", 5)]),
        ("", {"mql_at": 1, "sal_at": 2}, [("MQL", 1), ("SAL", 2)]),
        ("OPPORTUNITY", {"mql_at": 1, "opportunity_at": 9},
         [("MQL", 1), ("SAL", 9), ("SQL", 9), ("OPPORTUNITY", 9)]),
        ("WON", {"mql_at": 1, "sql_at": 4, "closed_at": 30},
         [("MQL", 1), ("SAL", 4), ("SQL", 4), ("OPPORTUNITY", 30), ("WON", 30)]),
        ("LOST", {"opportunity_at": 7},
         [("MQL", 7), ("SAL", 7), ("SQL", 7), ("OPPORTUNITY", 7), ("LOST", 7)]),
        ("DISQUALIFIED", {"closed_at": 2}, [("DISQUALIFIED", 2)]),
        ("DISQUALIFIED", {"sal_at": 2}, [("MQL", 2), ("SAL", 2), ("DISQUALIFIED", 2)]),
        ("NURTURE", {"mql_at": 2, "closed_at": 8}, [("MQL", 2), ("NURTURE", 8)]),
        ("NURTURE", {"sal_at": 3}, [("MQL", 3), ("SAL", 3), ("NURTURE", 3)]),
    ],
)  # fmt: skip
def test_the_way_to_the_stage_is_filled_in_from_what_is_known(
    stage: str, days: dict[str, int], steps: list[tuple[str, int]]
) -> None:
    assert told(stage, **days) == (steps, ())


@pytest.mark.parametrize(
    ("stage", "days", "steps", "word"),
    [
        ("SQL", {"mql_at": 5, "sql_at": 3}, [("MQL", 5)],
         "history.sql_at: This lies before it became"),
        ("SQL", {"mql_at": -9, "sql_at": 3}, [], "history.mql_at: This lies before it came in"),
        ("WON", {"opportunity_at": 9, "closed_at": 2},
         [("MQL", 9), ("SAL", 9), ("SQL", 9), ("OPPORTUNITY", 9), ("WON", 9)],
         "history.closed_at: This lies before the deal was opened: it counts as closed at"),
        ("LOST", {"closed_at": -3},
         [("MQL", 0), ("SAL", 0), ("SQL", 0), ("OPPORTUNITY", 0), ("LOST", 0)],
         "history.closed_at: This lies before it came in: it counts as closed at that time"),
        ("MQL", {"mql_at": 1, "sql_at": 4}, [("MQL", 1)],
         "history.sql_at: Not used: the stage is MQL"),
        ("INQUIRY", {"closed_at": 4}, [], "history.closed_at: Not used"),
        ("", {"mql_at": 1, "closed_at": 4}, [("MQL", 1)], "history.closed_at: Not used"),
        ("NURTURE", {}, [], "history.stage: No date says that it was ever qualified"),
        ("NURTURE", {"opportunity_at": 3}, [("MQL", 0), ("SAL", 0), ("SQL", 0), ("NURTURE", 0)],
         "history.opportunity_at: Not used"),
    ],
)  # fmt: skip
def test_what_cannot_be_goes_no_further_than_the_dates_prove_and_says_why(
    stage: str, days: dict[str, int], steps: list[tuple[str, int]], word: str
) -> None:
    found, remarks = told(stage, **days)
    assert found == steps
    assert len(remarks) == 1
    assert remarks[0].startswith(word)


@pytest.mark.parametrize(
    ("stage", "stands", "expected", "remarks"),
    [
        ("OPPORTUNITY", "OPPORTUNITY", day(400), ()),
        ("WON", "WON", None, ("history.closed_at: Not used: this lies in the future.",)),
        ("", "MQL", None, ("history.closed_at: Not used: this lies in the future.",)),
    ],
)
def test_a_day_to_come_is_the_plan_of_an_open_deal_and_no_step(
    stage: str, stands: str, expected: dt.datetime | None, remarks: tuple[str, ...]
) -> None:
    section = {"stage": stage, "mql_at": day(1).isoformat(), "closed_at": day(400).isoformat()}
    found = past.decide(past.said_of(section, until=day(30)), received=CAME)
    assert (found.stage, found.expected, words(found)) == (stands, expected, remarks)
    assert all(step.at <= day(30) for step in found.steps)


def test_a_day_without_a_time_is_not_before_an_instant_of_that_day() -> None:
    midnight = CAME.replace(hour=0)
    [step] = past.decide(Said("MQL", {"mql_at": midnight}), received=CAME).steps
    assert step.at == CAME


DAYS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(past.INSTANTS, st.sampled_from([day(n) for n in range(-3, 12)]))
)


@given(st.sampled_from(["", *past.SAYABLE]), DAYS)
def test_every_path_is_legal_and_its_instants_never_fall(
    stage: str, at: dict[str, dt.datetime]
) -> None:
    found = past.decide(Said(stage, at), received=CAME)
    before, floor = "INQUIRY", CAME
    for step in found.steps:
        assert (step.transition, before, step.to_stage) in stages.legal_steps()
        assert floor <= step.at
        before, floor = step.to_stage, step.at
    if not found.remarks and stage:
        assert found.stage == stage


BODY = {"channel": "IMPORT", "external_id": "1", "history": {"stage": "won"}}


def test_only_an_import_of_history_may_tell_of_the_past() -> None:
    [fault] = intake.read(BODY, now=CAME).errors
    assert (fault.field, fault.code) == ("history", "history")
    reading = intake.read(BODY, now=CAME, historical=True)
    assert (reading.errors, reading.payload["history"]) == ([], {"stage": "WON"})


@pytest.mark.parametrize(
    ("history", "field"),
    [
        ("won", "history"),
        ([], "history"),
        ({"stage": "WON", "winner": "me"}, "history"),
        ({"stage": "MERGED"}, "history.stage"),
        ({"stage": ["WON"]}, "history.stage"),
        ({"closed_at": "soon"}, "history.closed_at"),
        ({"closed_at": "2631-01-01T00:00:00Z"}, "history.closed_at"),
        ({"owner": "x" * 300}, "history.owner"),
    ],
)
def test_a_past_that_cannot_be_read_names_its_place(history: object, field: str) -> None:
    faults = intake.read({**BODY, "history": history}, now=CAME, historical=True).errors
    assert [one.field for one in faults] == [field]


@pytest.mark.parametrize(
    ("told", "history", "came"),
    [
        ({}, {"stage": "WON"}, CAME),
        ({}, {"sql_at": day(-30).isoformat(), "mql_at": day(-40).isoformat()}, day(-40)),
        ({}, {"closed_at": day(90).isoformat()}, CAME),
        ({"occurred_at": day(-60).isoformat()}, {"mql_at": day(-40).isoformat()}, day(-60)),
    ],
)
def test_who_came_on_an_unknown_day_came_no_later_than_the_first_known_step(
    told: dict[str, str], history: dict[str, str], came: dt.datetime
) -> None:
    reading = intake.read({**BODY, **told, "history": history}, now=CAME, historical=True)
    assert (reading.errors, reading.occurred_at) == ([], came)
