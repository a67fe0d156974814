"""Costs and quotas: one last row in each chain, worth by its rate, spans that make sense; reviews:
closed ones are what was signed, and no month is left out."""

from __future__ import annotations

from lifecycle.invariants.invariant import Context, Found, Invariant, Look, Offence, query
from reports.models import Review, ReviewState
from reports.reviews import packs


def _one_line(table: str) -> Look:
    """Each chain is a line from its first row: versions without gaps, one last row."""
    return query(f"""
        SELECT r.id, 'is version ' || r.version || ' of entry ' || coalesce(r.root_id, r.id)
                     || ' and replaces ' || coalesce('row ' || b.id || ', version ' || b.version,
                                                     'none')
          FROM {table} r
          LEFT JOIN {table} b ON b.id = r.replaces_id
         WHERE (r.root_id IS NULL AND (r.version <> 1 OR b.id IS NOT NULL))
            OR (r.root_id IS NOT NULL
                AND (b.id IS NULL OR b.version <> r.version - 1
                     OR coalesce(b.root_id, b.id) <> r.root_id OR b.recorded_at > r.recorded_at))
    """)  # noqa: S608 - the names of two tables


def _one_head(table: str) -> Look:
    """Not two rows of a chain that nothing replaces."""
    return query(f"""
        SELECT coalesce(r.root_id, r.id), 'has ' || count(*) || ' last rows'
          FROM {table} r
         WHERE NOT EXISTS (SELECT FROM {table} l WHERE l.replaces_id = r.id)
         GROUP BY coalesce(r.root_id, r.id)
        HAVING count(*) > 1
    """)  # noqa: S608 - the names of two tables


def _span(table: str) -> Look:
    """Days in their order, a year at most."""
    return query(f"""
        SELECT id, 'runs from ' || first_day || ' to ' || last_day
          FROM {table}
         WHERE last_day < first_day OR last_day - first_day > 366
            OR first_day < '2000-01-01' OR last_day >= '2100-01-01'
    """)  # noqa: S608 - the names of two tables


def _as_signed(context: Context) -> Found:
    """Closed reviews whose figures, text or pack are not those of the checksums."""
    closed = Review.objects.filter(state=ReviewState.CLOSED).order_by("month")
    told = [(one.pk, "; ".join(packs.faults(one))) for one in closed.iterator(chunk_size=10)]
    found = [Offence(str(pk), what) for pk, what in told if what]
    return Found(len(found), tuple(found[: context.first]))


INVARIANTS = (
    Invariant(
        "cost.one_line",
        "What a cost was said to be follows row upon row, in the order it was written",
        _one_line("reports_costentry"),
    ),
    Invariant("cost.one_head", "Each cost has one row that counts", _one_head("reports_costentry")),
    Invariant(
        "cost.span", "A cost is of days in their order, a year at most", _span("reports_costentry")
    ),
    Invariant(
        "cost.worth_by_its_rate",
        "What a cost is worth in the base currency is its amount at the rate it names",
        query("""
            SELECT id, 'is worth ' || coalesce(amount_base::text, 'nothing known') || ', its '
                       || amount || ' ' || currency || ' by the rate ' || coalesce(rate::text, '–')
              FROM reports_costentry
             WHERE abs(amount_base - amount * rate) > 0.01
                OR (amount_base IS NULL) <> (rate IS NULL OR rate_date IS NULL)
                OR rate_date > last_day
        """),
    ),
    Invariant(
        "quota.one_line",
        "What a quota was said to be follows row upon row, in the order it was written",
        _one_line("reports_quotaentry"),
    ),
    Invariant(
        "quota.one_head", "Each quota has one row that counts", _one_head("reports_quotaentry")
    ),
    Invariant(
        "quota.span",
        "A quota is of days in their order, a year at most",
        _span("reports_quotaentry"),
    ),
    Invariant(
        "quota.apart",
        "No two quotas of a rep, a team or the company that count have a day in common",
        query("""
            WITH counting AS (
                SELECT * FROM reports_quotaentry q
                 WHERE NOT withdrawn
                   AND NOT EXISTS (SELECT FROM reports_quotaentry l WHERE l.replaces_id = q.id))
            SELECT DISTINCT a.id, 'shares days with quota ' || coalesce(b.root_id, b.id)
              FROM counting a
              JOIN counting b ON b.id <> a.id AND b.rep_id IS NOT DISTINCT FROM a.rep_id
                             AND b.team_id IS NOT DISTINCT FROM a.team_id
                             AND b.first_day <= a.last_day AND b.last_day >= a.first_day
        """),
    ),
    Invariant(
        "review.as_signed",
        "Figures, text and pack of each closed review are those of the checksums that were signed",
        _as_signed,
    ),
    Invariant(
        "review.signed_by_both",
        "A closed review bears the signatures of Sales and Marketing, two people, on its text",
        query("""
            SELECT r.id, 'is closed and bears ' || count(DISTINCT s.party) || ' signatures by '
                         || count(DISTINCT s.by_id)
              FROM reports_review r
              LEFT JOIN reports_reviewsignature s
                     ON s.review_id = r.id AND s.checksum = r.checksum
             WHERE r.state = 'CLOSED'
             GROUP BY r.id
            HAVING count(DISTINCT s.party) < 2 OR count(DISTINCT s.by_id) < 2
        """),
    ),
    Invariant(
        "review.no_gap",
        "Reviews follow month upon month",
        query("""
            SELECT id, 'follows a month that has no review' FROM (
                SELECT id, month, lag(month) OVER (ORDER BY month) AS before FROM reports_review
            ) AS r
             WHERE month <> before + interval '1 month'
        """),
    ),
)
