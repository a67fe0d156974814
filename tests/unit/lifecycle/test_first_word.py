"""Who spoke first counts: whatever the order of hearing, however often a batch is taken again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.first_word import FirstWord

ACCOUNT = 7
SAID = st.dictionaries(
    st.integers(1, 30), st.sets(st.sampled_from(["owner", "status", "name"])), min_size=1
)


@given(said=SAID, row=st.integers(1, 31), what=st.sampled_from(["owner", "status"]))
def test_the_first_row_above_that_spoke_of_it_counts(
    said: dict[int, set[str]], row: int, what: str
) -> None:
    first = FirstWord()
    for one, words in [*said.items(), *said.items()]:
        first.hear(ACCOUNT, one, words)
    above = [one for one, words in said.items() if one < row and what in words]
    assert first.before(ACCOUNT, row, what) == (min(above) if above else None)
    assert first.before(ACCOUNT + 1, row, what) is None
    assert first.is_shared(ACCOUNT) == (len(said) > 1)


def test_the_row_that_counts_is_told_of_some_and_how_many_more_there_are() -> None:
    first = FirstWord()
    for row in range(2, 11):
        first.contradict(1, row, "owner")
        first.contradict(1, row, "owner")
    told = first.told_first(1)
    assert told.startswith("Row 2 (owner), row 3 (owner)")
    assert "and 4 more" in told
    assert first.told_first(2) == ""
