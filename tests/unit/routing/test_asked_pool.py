"""Pools asked in vain are kept whole, and asked again they give the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing import asked_pool
from routing.asked_pool import AskedPool
from routing.strategies import Candidate, Terms, Wanted

TERMS = st.builds(
    Terms,
    strategy=st.sampled_from(["WEIGHTED_ROUND_ROBIN", "LEAST_LOADED", "BEST_PERFORMER"]),
    matches_language=st.booleans(),
    random_percent=st.sampled_from([0, 50]),
    catches_up=st.booleans(),
)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        user=st.integers(1, 99),
        weight=st.integers(1, 9),
        credit=st.integers(-50, 50),
        open_leads=st.integers(0, 5),
        open_cap=st.sampled_from([None, 0, 5]),
        unavailable=st.sampled_from([None, "off shift", "held it before", "works no leads"]),
        until=st.none(),
        languages=st.sampled_from([(), ("de",)]),
    ),
    unique_by=lambda one: one.user,
    max_size=5,
).map(tuple)


@given(TERMS, CANDIDATES, st.sampled_from([Wanted(), Wanted("de", "mid", "1.2")]))
def test_what_is_kept_is_read_again_and_kept_the_same(
    terms: Terms, candidates: tuple[Candidate, ...], wanted: Wanted
) -> None:
    kept = AskedPool("dach", "DACH", terms, candidates, wanted).as_data()
    again = asked_pool.from_data(kept)
    assert again.as_data() == kept
    assert again.pick().user == AskedPool("dach", "DACH", terms, candidates, wanted).pick().user
