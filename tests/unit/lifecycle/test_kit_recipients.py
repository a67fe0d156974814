"""Who must hear of a step of the kit, judged from ids alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.models import KitEvent
from lifecycle import kit_recipients
from lifecycle.kit_recipients import Around, Part
from lifecycle.models import KitNews

OLIVIA, ARTHUR, SALLY, SAM, MARK, SID = 1, 2, 3, 4, 5, 6
Step = KitEvent.Kind


def around(**changes: object) -> Around:
    """Olivia submitted and Sam scheduled what Sally has signed; Mark's signature is missing."""
    values: dict[str, object] = {
        "by": None,
        "asked": (MARK,),
        "signers": (SALLY, SAM, MARK),
        "signed": (SALLY,),
        "submitted_by": OLIVIA,
        "begun_by": (OLIVIA, SAM, None),
        "revops": (OLIVIA, ARTHUR),
        "readers": frozenset({OLIVIA, ARTHUR, SALLY, SAM, MARK}),
    }
    return Around(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "given_around", "asked", "told"),
    [
        (KitNews.REVIEW, around(by=OLIVIA), {MARK}, set()),
        (KitNews.REVIEW, around(by=MARK), set(), set()),
        (KitNews.SIGNED, around(by=SALLY), set(), {OLIVIA}),
        (KitNews.SIGNED, around(by=OLIVIA), set(), set()),
        (KitNews.ALL_SIGNED, around(by=MARK), set(), {OLIVIA}),
        (KitNews.SCHEDULED, around(by=SAM), set(), {OLIVIA, ARTHUR}),
        (KitNews.PUBLISHED, around(), set(), {OLIVIA, SAM, ARTHUR}),
        (KitNews.SET_BACK, around(), set(), {OLIVIA, SAM, ARTHUR}),
        (KitNews.EMERGENCY, around(by=OLIVIA), {MARK}, {SALLY, SAM, ARTHUR}),
        (KitNews.HALF_TIME, around(), {MARK}, {OLIVIA, SAM, ARTHUR}),
        (KitNews.REVERTED, around(), set(), {SALLY, OLIVIA, SAM, ARTHUR}),
        (KitNews.REOPENED, around(by=OLIVIA), set(), {SALLY, SAM}),
        (KitNews.WITHDRAWN, around(signed=()), set(), set()),
        (KitNews.PUBLISHED, around(readers=frozenset({ARTHUR})), set(), {ARTHUR}),
    ],
)
def test_who_is_asked_and_who_is_told(
    kind: KitNews, given_around: Around, asked: set[int], told: set[int]
) -> None:
    found = kit_recipients.decide(kind, given_around)
    assert {one.user for one in found if one.part is Part.ASKED} == asked
    assert {one.user for one in found if one.part is Part.TOLD} == told


ids = st.integers(0, 127).map(lambda bits: tuple(n for n in range(1, 8) if bits >> (n - 1) & 1))


@given(
    kind=st.sampled_from(KitNews),
    by=st.none() | st.integers(1, 7),
    asked=ids,
    signers=ids,
    signed=ids,
    submitted_by=st.none() | st.integers(1, 7),
    revops=ids,
    readers=ids.map(frozenset),
)
def test_nobody_hears_twice_nor_of_their_own_step_nor_of_what_they_cannot_open(
    kind: KitNews, by: int | None, asked: tuple[int, ...], signers: tuple[int, ...],
    signed: tuple[int, ...], submitted_by: int | None, revops: tuple[int, ...],
    readers: frozenset[int],
) -> None:  # fmt: skip
    given_around = Around(
        by, asked, signers, signed, submitted_by, (submitted_by, None), revops, readers
    )
    users = [one.user for one in kit_recipients.decide(kind, given_around)]
    assert len(users) == len(set(users))
    assert set(users) <= readers - {by}


@pytest.mark.parametrize(
    ("step", "known", "kind"),
    [
        (Step.SUBMITTED, {}, KitNews.REVIEW),
        (Step.SIGNED, {"missing": ["SALES"]}, KitNews.SIGNED),
        (Step.SIGNED, {}, KitNews.ALL_SIGNED),
        (Step.COUNTERSIGNED, {"missing": ["SALES"]}, KitNews.SIGNED),
        (Step.COUNTERSIGNED, {}, KitNews.COUNTERSIGNED),
        (Step.PUBLISHED, {"by": 1}, KitNews.PUBLISHED),
        (Step.PUBLISHED, {"by": 1, "expires": True}, KitNews.EMERGENCY),
        (Step.PUBLISHED, {"by": 1, "restores": True}, KitNews.ROLLED_BACK),
        (Step.PUBLISHED, {"restores": True}, KitNews.REVERTED),
        (Step.SET_BACK, {}, KitNews.SET_BACK),
    ],
)
def test_a_step_means_something_to_people(
    step: KitEvent.Kind, known: dict[str, object], kind: KitNews
) -> None:
    facts = {"by": None, "missing": [], "expires": False, "restores": False} | known
    assert kit_recipients.news_of(step, **facts) is kind  # type: ignore[arg-type]


def test_every_step_means_something() -> None:
    for step in KitEvent.Kind:
        kit_recipients.news_of(step, by=None, missing=(), expires=False, restores=False)


def matter(kind: KitNews, *, text: str = "a", base: int = 1, step: int = 7, at: str = "") -> str:
    return kit_recipients.matter(kind, text=text, base=base, step=step, details={"at": at})


def test_a_text_is_asked_for_once_on_each_base_and_any_other_text_anew() -> None:
    assert matter(KitNews.REVIEW, step=7) == matter(KitNews.REVIEW, step=8)
    assert matter(KitNews.REVIEW, base=1) != matter(KitNews.REVIEW, base=2)
    assert matter(KitNews.REVIEW, text="a") != matter(KitNews.REVIEW, text="b")


def test_a_schedule_is_told_again_only_for_another_instant() -> None:
    assert matter(KitNews.SCHEDULED, at="x", step=7) == matter(KitNews.SCHEDULED, at="x", step=8)
    assert matter(KitNews.SCHEDULED, at="x") != matter(KitNews.SCHEDULED, at="y")


def test_each_setback_is_news() -> None:
    assert matter(KitNews.SET_BACK, step=7) != matter(KitNews.SET_BACK, step=8)


def test_a_matter_fits_its_column() -> None:
    at = "2026-03-02T09:00:00.123456+00:00"
    for kind in KitNews:
        found = matter(kind, text="f" * 64, base=2_000_000_000, at=at)
        assert len(found) <= 120
        assert kind is not KitNews.SCHEDULED or found.endswith(at)
