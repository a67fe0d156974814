"""Every row of an imported file is accounted for, and says what became of it."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, Severity, query

INVARIANTS = (
    Invariant(
        "import.sums",
        "The tallies of an import are those of its rows, and the rows are numbered to its place",
        query("""
            SELECT r.id, 'tells ' || r.done || ' rows as ' || r.tallies || ', but has '
                         || coalesce(c.rows, 0) || ' as ' || coalesce(c.tallies, '{}')
                         || ' up to number ' || coalesce(c.last, 0)
              FROM lifecycle_importrun r
              LEFT JOIN (SELECT run_id, sum(rows) AS rows, max(last) AS last,
                                jsonb_object_agg(verdict, rows) AS tallies
                           FROM (SELECT run_id, verdict, count(*) AS rows, max(number) AS last
                                   FROM lifecycle_importrow GROUP BY 1, 2) v
                          GROUP BY 1) c
                ON c.run_id = r.id
             WHERE r.tallies IS DISTINCT FROM coalesce(c.tallies, '{}')
                OR r.done <> coalesce(c.rows, 0) OR r.done <> coalesce(c.last, 0)
        """),
    ),
    Invariant(
        "import.whole",
        "A finished import did every row of its file",
        query("""
            SELECT id, 'is ' || state || ' with ' || done || ' of '
                       || coalesce(total::text, 'uncounted') || ' rows'
              FROM lifecycle_importrun
             WHERE state IN ('DONE', 'READY') AND done IS DISTINCT FROM total
        """),
    ),
    Invariant(
        "import.row_has_touch",
        "An imported row names its touch, until it is undone; a rejected row and one of a dry run "
        "have none",
        query("""
            SELECT w.id, CASE WHEN w.touch_id IS NULL THEN 'was ' || w.verdict || ' without a touch'
                              ELSE 'was ' || w.verdict || ' and has touch ' || w.touch_id END
              FROM lifecycle_importrow w JOIN lifecycle_importrun r ON r.id = w.run_id
             WHERE (w.touch_id IS NOT NULL)
                   <> (r.subject = 'LEADS' AND NOT r.dry_run AND w.verdict <> 'REJECTED'
                       AND w.undone <> 'REMOVED')
        """),
    ),
    Invariant(
        "import.row_has_account",
        "An imported row of accounts names its account; a rejected row and one of leads has none",
        query("""
            SELECT w.id, CASE WHEN w.account_id IS NULL
                              THEN 'was ' || w.verdict || ' without an account'
                              ELSE 'was ' || w.verdict || ' and has account ' || w.account_id END
              FROM lifecycle_importrow w JOIN lifecycle_importrun r ON r.id = w.run_id
             WHERE CASE WHEN r.subject = 'LEADS' OR w.verdict = 'REJECTED'
                        THEN w.account_id IS NOT NULL
                        ELSE w.account_id IS NULL AND NOT r.dry_run END
        """),
    ),
    Invariant(
        "import.undone",
        "Of an import that was undone, no touch counts any more",
        query("""
            SELECT w.id, 'is of import ' || w.run_id || ', which was undone, but '
                         || CASE WHEN w.undone = '' THEN 'nothing was done about it'
                                 ELSE 'its touch ' || w.touch_id || ' is ' || t.status END
              FROM lifecycle_importrow w JOIN lifecycle_importrun r ON r.id = w.run_id
              JOIN leads_touch t ON t.id = w.touch_id
             WHERE r.state = 'UNDONE' AND w.verdict <> 'REPLAYED'
               AND (w.undone = '' OR t.status <> 'WITHDRAWN')
        """),
    ),
    Invariant(
        "import.held",
        "A held touch is of a list whose release is planned",
        query("""
            SELECT t.id, 'is held, but no list that is to be released has it'
              FROM leads_touch t
             WHERE t.status = 'HELD' AND t.next_attempt_at IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM lifecycle_importrow w
                                 JOIN lifecycle_importrun r ON r.id = w.run_id
                                WHERE w.touch_id = t.id AND w.verdict = 'HELD' AND w.undone = ''
                                  AND r.releases_at IS NOT NULL AND r.state <> 'UNDONE')
        """),
    ),
    Invariant(
        "import.left_behind",
        "No import lies for more than ten minutes without a sign of life",
        query("""
            SELECT id, 'is ' || state || ' and silent since ' || coalesce(beat_at, asked_at)
              FROM lifecycle_importrun
             WHERE state IN ('CHECKING', 'RUNNING', 'UNDOING')
               AND coalesce(beat_at, asked_at) < %(now)s - interval '10 minutes'
        """),
        Severity.WARNING,
    ),
)
