from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.stated_files import days

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


@pytest.mark.parametrize(
    "text",
    ["2026-10-03", "2026-10-03 00:00:00", "2026/10/3", "3.10.2026", "03.10.26", "3. 10. 2026",
     "3 Oct 2026", "3. Oktober 2026", "03 Okt. 2026", "Oct 3, 2026", "October 3 2026",
     "3-Oct-26"],
)  # fmt: skip
def test_a_day_is_read_in_english_and_german(text: str) -> None:
    assert days.day(text) == dt.date(2026, 10, 3)


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("3/4/2026", "day", dt.date(2026, 4, 3)),
        ("3/4/2026", "month", dt.date(2026, 3, 4)),
        ("03-04-26", "day", dt.date(2026, 4, 3)),
    ],
)
def test_slashes_are_read_as_the_file_tells(text: str, order: str, found: dt.date) -> None:
    assert days.day(text, order) == found


def test_slashes_that_nothing_tells_apart_are_refused() -> None:
    with pytest.raises(days.NoDays, match="may be two days"):
        days.day("3/4/2026")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["1/10/2026", "31/10/2026"], "day"),
        (["10/1/2026", "10/31/2026"], "month"),
        (["1/10/2026", "2/10/2026"], ""),
        (["31/10/2026", "10/31/2026"], ""),
        (["31.10.2026"], ""),
    ],
)
def test_the_dates_of_a_file_tell_what_stands_first(texts: list[str], order: str) -> None:
    assert days.order_of(texts) == order


@pytest.mark.parametrize(
    "text",
    ["2026-10", "10/2026", "10.2026", "2026/10", "October 2026", "Oktober 2026", "Oct 2026",
     "Okt. 2026", "Okt 26", "Oct-26", "OKT '26", "2026-10-01", "2026-10-01 00:00:00",
     "01.10.2026"],
)  # fmt: skip
def test_a_month_is_read_in_english_and_german(text: str) -> None:
    assert days.span(text) == (dt.date(2026, 10, 1), dt.date(2026, 10, 31))


@pytest.mark.parametrize(
    "text", ["Q4 2026", "q4/2026", "2026-Q4", "2026 Q4", "4. Quartal 2026", "Q4 26", "Q4'26"]
)
def test_a_quarter_is_read(text: str) -> None:
    assert days.span(text) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))


def test_a_year_is_read() -> None:
    assert days.span("2024") == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))


@pytest.mark.parametrize(
    "text", ["", "soon", "31.02.2026", "2026-13-01", "Oct", "2026-10-03x", "٣/٤/٢٠٢٦x", "45931"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(days.NoDays):
        days.day(text)


@pytest.mark.parametrize("text", ["", "2026-10-15", "Q5 2026", "13/2026", "Foo 2026", "1999x"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(days.NoDays):
        days.span(text)


@given(one=DAYS)
def test_every_day_is_read_as_it_is_written(one: dt.date) -> None:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y"):
        assert days.day(one.strftime(pattern)) == one


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (days.day, days.span):
        with contextlib.suppress(days.NoDays):
            read(text)
