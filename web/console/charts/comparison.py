"""Shares side by side with their intervals: no ranking, for chance alone makes people differ.

Wilson's interval at 95 %. Who overlaps with somebody cannot be told from them; that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.texts import _
from reports import intervals
from web.console import words
from web.console.charts import parts

MOST, PAIRS = 60, 3
MANY = 20
"""Of so many pairs one may lie apart by chance; that is said."""
NAME, LOWER_BOUND = "name", "lower bound"
TICKS: tuple[tuple[float, bool, str], ...] = (
    (0, False, "start"), (25, True, "middle"), (50, False, "middle"), (75, True, "middle"),
    (100, False, "end"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """One person, team or source: a part of a whole."""

    label: str
    part: int
    whole: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's at 95 %; everything is possible of nothing."""
        return intervals.wilson(self.part, self.whole) or (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One of them drawn: its dot, its interval, and what can be said of it."""

    label: str
    share: str
    range: str
    n: str
    x: float
    low: float
    high: float
    is_few: bool
    is_told: bool
    """Whether there is anything to draw."""
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(parts.Chart):
    """All of them, and the line of the whole."""

    template = "console/_chart_comparison.html"

    lines: tuple[Line, ...] = ()
    whole: float = 0.0
    whole_text: str = ""
    ticks: tuple[parts.Tick, ...] = ()
    has_few: bool = False


def draw(
    key: str,
    title: str,
    shares: Sequence[Share],
    *,
    whole: Share,
    label: str,
    what: str,
    order: str = NAME,
    digits: int = 0,
) -> Comparison:
    """These shares by name or by the lower bound of their interval; `whole` is all together.

    `label` says what they are (“Rep”), `what` the figure (“Attainment”).
    """
    measure = parts.Measure(parts.Unit.SHARE, digits=digits)
    ordered = sorted(shares, key=_by_name if order == NAME else _by_lower_bound)
    told = [one for one in ordered if one.whole]
    drawn = [_line(one, whole, measure) for one in ordered]
    left_out = len(drawn) - MOST
    return Comparison(
        key=key,
        title=title,
        label=_("{title}: {count}, with intervals; the table below has all").format(
            title=title, count=len(told)
        ),
        table=_table(drawn, _line(whole, whole, measure), label, what),
        lack="" if told else _("Nothing is decided yet in this period."),
        note=" ".join(filter(None, (
            difference(told),
            _("{count} more are in the table only.").format(count=left_out) if left_out > 0 else "",
        ))),
        lines=tuple(drawn[:MOST]) if told else (),
        whole=parts.within(whole.part / whole.whole if whole.whole else 0.0, 1.0),
        whole_text=_("{label}: {share}").format(
            label=whole.label, share=measure.say(whole.part / whole.whole if whole.whole else None)
        ),
        ticks=tuple(parts.Tick(at, f"{at:.0f} %", spare, anchor) for at, spare, anchor in TICKS),
        has_few=any(one.is_few for one in drawn),
    )  # fmt: skip


def difference(shares: Sequence[Share]) -> str:
    """What may be said of all together: whose intervals lie apart, or that nobody’s do."""
    if len(shares) < 2:
        return _("There is nobody to compare with.") if shares else ""
    apart = [
        (one, other) if one.interval[0] > other.interval[1] else (other, one)
        for one, other in combinations(shares, 2)
        if one.interval[0] > other.interval[1] or other.interval[0] > one.interval[1]
    ]
    if not apart:
        return _("All intervals overlap: there is no difference that can be told.")
    pairs = "; ".join(
        _("{one} above {other}").format(one=one.label, other=other.label)
        for one, other in apart[:PAIRS]
    )
    if len(apart) > PAIRS:
        more = words.plural(len(apart) - PAIRS, "more pair")
        pairs = _("{pairs}; and {more}").format(pairs=pairs, more=more)
    told = _(
        "Intervals lie apart: {pairs}. Between all others there is no difference that can be told."
    ).format(pairs=pairs)
    count = len(shares) * (len(shares) - 1) // 2
    chance = _("Of {count} pairs, one or another may lie apart by chance.").format(count=count)
    return f"{told} {chance}" if count >= MANY else told


def _by_name(share: Share) -> tuple[str, str]:
    return share.label.casefold(), share.label


def _by_lower_bound(share: Share) -> tuple[float, str]:
    return (-share.interval[0] if share.whole else 1.0), share.label.casefold()


def _line(one: Share, whole: Share, measure: parts.Measure) -> Line:
    low, high = one.interval
    share = one.part / one.whole if one.whole else None
    return Line(
        label=one.label,
        share=measure.say(share),
        range=_range(low, high, measure) if one.whole else words.DASH,
        n=words.number(one.whole),
        x=parts.within(share or 0.0, 1.0),
        low=parts.within(low, 1.0),
        high=parts.within(high, 1.0),
        is_few=0 < one.whole < parts.FEW,
        is_told=bool(one.whole),
        word=_word(one, whole),
    )


def _range(low: float, high: float, measure: parts.Measure) -> str:
    return _("{low} to {high}").format(
        low=measure.say(low).removesuffix(" %"), high=measure.say(high)
    )


def _word(one: Share, whole: Share) -> str:
    """How it stands to the whole, as far as that can be told."""
    if one is whole:
        return ""
    if not one.whole:
        return _("nothing decided")
    low, high = one.interval
    share = whole.part / whole.whole if whole.whole else 0.0
    few = _("few, ") if one.whole < parts.FEW else ""
    if low > share:
        return _("{few}above the whole").format(few=few)
    if high < share:
        return _("{few}below the whole").format(few=few)
    return _("{few}not to be told from the whole").format(few=few)


def _table(drawn: Sequence[Line], whole: Line, label: str, what: str) -> parts.Table:
    return parts.table(
        [label, what, _("Interval at 95 %"), _("Decided"), _("Against the whole")],
        ([one.label, one.share, one.range, one.n, one.word] for one in (*drawn, whole)),
        texts=(4,),
    )
