"""Whom escalations told, and mails: each in one state that its log bears out, none forgotten."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, Severity, query

INVARIANTS = (
    Invariant(
        "escalation.told_another",
        "Nobody who missed a deadline is told of its escalation as the one to see to it",
        query("""
            SELECT n.id, 'tells user ' || n.to_id || ', who had the lead at the deadline'
              FROM lifecycle_notice n
              JOIN sla_clockevent e ON e.event_id = n.event_id AND e.kind = 'ESCALATED'
              JOIN sla_clockevent b ON b.clock_id = e.clock_id AND b.kind = 'BREACHED'
             WHERE n.kind = 'ESCALATED' AND n.words->>'part' = 'MANAGER' AND b.holder_id = n.to_id
        """),
    ),
    Invariant(
        "mail.state",
        "Every mail waits, was sent, was given up or is not needed, and its log says the same",
        query("""
            SELECT m.id, m.state || ', yet ' || coalesce(sum(a.arrived::int), 0)
                         || ' attempts of round ' || m.round || ' arrived'
              FROM lifecycle_mail m
              LEFT JOIN lifecycle_mailattempt a ON a.mail_id = m.id AND a.round = m.round
             GROUP BY m.id
            HAVING (m.state = 'SENT') <> (coalesce(sum(a.arrived::int), 0) = 1)
        """),
    ),
    Invariant(
        "notice.mailed",
        "What a mail was made to tell of counts as mailed when that mail was sent, and not before",
        query("""
            SELECT n.id, 'is mailed at ' || coalesce(n.mailed_at::text, 'no time') || ', its mail '
                         || m.id || ' is ' || m.state
              FROM lifecycle_notice n JOIN lifecycle_mail m ON m.id = n.mail_id
             WHERE (n.mailed_at IS NOT NULL) <> (m.state = 'SENT')
        """),
    ),
    Invariant(
        "notice.on_its_way",
        "What is to be mailed is in a mail within a quarter of an hour of when it is due",
        query("""
            SELECT id, 'is to be mailed since ' || to_char(mail_due_at, 'YYYY-MM-DD HH24:MI')
              FROM lifecycle_notice
             WHERE mail_id IS NULL AND mailed_at IS NULL
               AND mail_due_at < %(now)s - interval '15 minutes'
        """),
        Severity.WARNING,
    ),
)
