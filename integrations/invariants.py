"""What is sent: each in one state, borne out by the log of attempts, once a round, in time."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, Severity, query

INVARIANTS = (
    Invariant(
        "sending.state",
        "Everything to be sent is being tried, sent or given up, and its log says the same",
        query("""
            SELECT s.id, s.state || ', yet ' || coalesce(sum(a.arrived::int), 0)
                         || ' attempts of round ' || s.round || ' arrived'
              FROM integrations_sending s
              LEFT JOIN integrations_attempt a ON a.sending_id = s.id AND a.round = s.round
             WHERE s.state NOT IN ('RETRYING', 'DEAD') OR s.attempts > 0
             GROUP BY s.id
            HAVING s.state NOT IN ('RETRYING', 'SENT', 'DEAD')
                OR (s.state = 'SENT') <> (coalesce(sum(a.arrived::int), 0) = 1)
        """),
    ),
    Invariant(
        "sending.once",
        "An endpoint is sent each event under one id, whatever the number of attempts",
        query("""
            SELECT max(id), 'is one of ' || count(*) || ' sendings of event ' || event
              FROM integrations_sending
             WHERE event IS NOT NULL
             GROUP BY endpoint_id, event
            HAVING count(*) > 1
        """),
    ),
    Invariant(
        "sending.tried",
        "What is due to an endpoint that answers was tried within ten minutes",
        query("""
            SELECT s.id, 'is due since ' || to_char(s.due_at, 'YYYY-MM-DD HH24:MI')
              FROM integrations_sending s
              JOIN integrations_endpoint e ON e.id = s.endpoint_id
             WHERE s.state = 'RETRYING' AND s.due_at < %(now)s - interval '10 minutes'
               AND (s.lease_until IS NULL OR s.lease_until < %(now)s)
               AND (e.resting_until IS NULL OR e.resting_until < %(now)s)
        """),
        Severity.WARNING,
    ),
)
