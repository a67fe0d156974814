"""What the guide has, in order, and which page of the console each part of it is about."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The day", ("begin-the-day", "work-the-inbox", "list-of-leads", "find-anything",
                 "write-to-buyers", "notices", "read-charts", "working-time", "log-in", "access")),
    ("Leads, companies, opportunities", (
        "lifecycle", "how-buyers-are-recognised", "merge-duplicates", "accounts", "opportunities",
        "customers", "partner-registrations", "own-fields", "privacy", "attribution")),
    ("Who gets which lead", (
        "route-leads", "how-leads-are-shared", "read-decisions", "hand-on-many-leads",
        "realign-territories", "work-the-queues", "exclude-leads")),
    ("By when", ("clocks", "what-stops-clocks", "escalate-overdue-leads", "how-time-is-counted")),
    ("The kit", ("first-hour", "change-the-kit", "simulate-a-draft", "bring-a-kit-to-older-leads",
                 "score-leads", "dispute-rejections", "facts", "kit-as-code",
                 "governance-review")),
    ("How leads come in, and what goes out", (
        "add-a-form", "receive-webhooks", "receive-mail", "track-behaviour", "import-leads",
        "enrich-leads", "send-events")),
    ("Proof", ("read-kpis", "metrics", "get-figures-by-mail", "costs-and-quotas")),
    ("Keep it running", ("operations", "single-sign-on", "saml", "seal-the-logs", "performance")),
    ("Build on it", ("architecture", "translate", "add-a-fact", "add-an-operator", "add-a-stage",
                     "add-a-kind-of-part", "add-a-metric", "add-a-report", "add-a-chart",
                     "add-an-intake-source")),
    ("Words", ("glossary",)),
)  # fmt: skip
"""Each page of the guide once."""

ABOUT: dict[str, str] = {
    "begin-the-day": "start home tour",
    "begin-the-day#the-team": "team board",
    "begin-the-day#escalated-to-you": "escalations escalation-seen",
    "begin-the-day#the-wall": "wall",
    "begin-the-day#numbers-that-must-be-0": "watched",
    "work-the-inbox": "inbox claim lead lead-action",
    "work-the-inbox#add-a-lead": "lead-add lead-alike",
    "work-the-inbox#a-lead-as-it-stood": "lead-as-of",
    "work-the-queues": "queues queue queue-act queue-csv queue-touch",
    "list-of-leads": "leads",
    "list-of-leads#columns-and-order": "lead-columns",
    "get-figures-by-mail": (
        "mailings mailing mailing-new mailing-edit mailing-preview mailing-act"
    ),
    "read-kpis#saved-views": "saved-keep saved-change saved-restore",
    "list-of-leads#a-step-on-many-leads": "leads-act lead-bulk lead-bulk-then",
    "list-of-leads#files": "leads-csv leads-xlsx lead-exports",
    "hand-on-many-leads": "leads-reassign reassignments reassignment reassignment-then",
    "privacy": "lead-permission",
    "privacy#suppression-lists": "suppressions suppression-lift",
    "privacy#everything-about-one-person": "person-privacy person-export",
    "clocks": "lead-clock",
    "score-leads": "lead-score",
    "score-leads#is-the-score-any-good": "score-lab score-lab-draft",
    "read-decisions": "decisions decisions-csv decision decision-raw",
    "dispute-rejections": "rejections rejections-csv",
    "merge-duplicates": (
        "duplicates duplicates-dismiss duplicates-reopen duplicate duplicate-merge merge-undo "
        "lead-same-as account-part"
    ),
    "accounts": "accounts account account-edit account-take-over",
    "read-charts": "report-sla",
    "customers": "customers customer-act",
    "customers#retention": "customer-retention",
    "opportunities": "opportunities opportunities-csv opportunity opportunity-act",
    "partner-registrations": (
        "partner-register partner-withdraw partner-extend partner-extension-undo "
        "partner-conflicts partner-conflict partner-undo"
    ),
    "working-time": "time time-of time-act",
    "working-time#the-leave-calendar": "roster",
    "first-hour": "set-up set-up-dismiss set-up-customer set-up-key",
    "log-in#invitations": "invitations invitation-act invitation",
    "how-leads-are-shared": "pools pool",
    "how-leads-are-shared#the-ledger-for-people": "pool-csv",
    "realign-territories": "territories realign realignment realignment-csv realignment-act",
    "route-leads": "routes",
    "operations": "worker operations operations-act",
    "change-the-kit": (
        "kit kit-deputies kit-deputy-end kit-choose kit-compare kit-version kit-text "
        "kit-version-act kit-condition kit-parts kit-part-new kit-part kit-part-remove"
    ),
    "change-the-kit#calendars": "kit-calendar",
    "operations#drift-after-a-publication": "kit-drift kit-drift-acknowledge",
    "governance-review": "reviews review review-figures",
    "governance-review#findings": "review-finding review-finding-new",
    "governance-review#signing": "review-act",
    "governance-review#the-pack": "review-html review-pdf",
    "how-time-is-counted": "kit-clocks kit-clocks-csv",
    "simulate-a-draft": (
        "kit-shadow kit-shadow-act kit-simulation kit-simulation-start kit-simulation-cancel "
        "kit-simulation-csv kit-simulation-lead"
    ),
    "bring-a-kit-to-older-leads": (
        "kit-recalculate kit-recalculate-csv kit-requalify kit-requalify-csv kit-rescore "
        "kit-application"
    ),
    "import-leads": "import import-run import-csv import-undo import-act",
    "write-to-buyers": "mail-server mail-templates mail-undo mail-again",
    "receive-mail": "mail-address",
    "seal-the-logs": "seals",
    "send-events": "deliveries deliveries-again",
    "notices": ("notices notice-open notices-read notice-choices notice-choices-company"),
    "find-anything": "search palette",
    "costs-and-quotas": "costs costs-csv cost-new cost cost-act costs-value",
    "costs-and-quotas#files": "costs-import quotas-import",
    "costs-and-quotas#quotas": "quotas quotas-csv quota-new quota quota-act",
    "glossary": "reports report-sla-csv",
    "read-kpis": "report report-csv report-xlsx",
    "read-kpis#leads": "metric-leads metric-leads-csv",
    "read-kpis#as-it-was-told": "metric-restated",
    "read-kpis#benchmarks-and-owners": "metric-declared",
}
"""The part of the guide, and the names of the addresses that it is about; each address once."""

_OF = {name: part for part, names in ABOUT.items() for name in names.split()}


def of(request: HttpRequest) -> str:
    """The address of the help for the page that is asked for; the contents where it has none."""
    match = request.resolver_match
    part = _OF.get(match.url_name or "", "") if match is not None else ""
    if not part:
        return reverse("console:help")
    name, _, anchor = part.partition("#")
    return reverse("console:help-page", args=[name]) + (f"#{anchor}" if anchor else "")
