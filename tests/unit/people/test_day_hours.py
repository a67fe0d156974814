"""A working day as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import day_hours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("9-17", ((540, 1020),)),
        ("09:00–12:00, 13:00–17:30", ((540, 720), (780, 1050))),
        ("13.00 - 17.30; 9 to 12", ((540, 720), (780, 1050))),
        ("9h-12h,12-18", ((540, 720), (720, 1080))),
        ("0-24", ((0, 1440),)),
        ("22:00—0:00", ((1320, 1440),)),
        ("22-6", ((1320, 360),)),
    ],
)
def test_intervals_are_read_as_they_are_meant(
    text: str, expected: tuple[day_hours.Span, ...]
) -> None:
    assert day_hours.read(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("morning", "is no interval"),
        ("9-12-15", "is no interval"),
        ("9-25", "past 24:00"),
        ("9:75-12", "minutes go from 00 to 59"),
        ("9:60-12", "minutes go from 00 to 59"),
        ("23-24:01", "past 24:00"),
        ("x-12", "no time of day"),
        ("²-12", "no time of day"),
        ("9-9", "ends when it begins"),
        ("24-25", "past 24:00"),
        ("24-5", "can only be an end"),
        ("9-12, 11-14", "join them"),
        ("22-6, 23-24", "join them"),
        ("5-7, 22-6", "into the same day again"),
        (",".join(f"{hour}-{hour}:30" for hour in range(7)), "at most 6"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(day_hours.Unreadable, match=said):
        day_hours.read(text)


@given(st.lists(st.integers(0, 95), min_size=2, max_size=8, unique=True))
def test_what_is_written_is_read_again(marks: list[int]) -> None:
    quarters = sorted(marks)
    spans = tuple((15 * a, 15 * b) for a, b in zip(quarters[::2], quarters[1::2], strict=False))
    assert day_hours.read(day_hours.write(spans)) == spans
