"""The guided tour of the demo: what each role is shown, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from people.models import Role, User


@dataclass(frozen=True, slots=True)
class Step:
    """One stop: the name of the page's address, what is to be seen there, and what of it."""

    page: str
    title: str
    text: str


STEPS: dict[str, tuple[Step, ...]] = {
    Role.SDR: (
        Step("inbox", "Your leads, the first due on top",
             "Beside the lead in hand stand why it came to you, why it is an MQL, and by when it "
             "is to be accepted."),
        Step("inbox", "All by keyboard",
             "j and k go from lead to lead, a accepts, r rejects, c logs a contact, u takes the "
             "last step back. ? shows all keys."),
        Step("lead", "One lead",
             "What is known and from where, everything that happened, what to do next, the clocks, "
             "and the decision that gave it to you."),
        Step("leads", "The list of leads",
             "Filter it, choose columns, keep filters by name. Tick some to act on them at once."),
        Step("search", "Find anything",
             "Ctrl-K goes to any lead, company or page as you type; / stays at the search box."),
        Step("time", "Your time",
             "Your hours, leave, and being away for an hour. Nobody gets leads outside theirs."),
    ),
    Role.MANAGER: (
        Step("team", "Your team",
             "What escalated to you, what has no owner, what is overdue, disputed rejections, and "
             "each rep with shift, load and attainment."),
        Step("escalations", "Escalated to you",
             "What was done with each lead since its clock began, what is asked of you now, and "
             "the acts to do it."),
        Step("board", "The board",
             "Who holds what. Drag a lead to somebody else, or press m on it; you are asked why."),
        Step("roster", "The leave calendar",
             "Who is there this month, who covers, and on which days nobody of a pool is."),
        Step("queues", "Queues",
             "What waits for people: leads without an owner, thin records, what failed."),
        Step("report-sla", "Attainment",
             "How many promises were kept, with what chance alone would explain. Each number opens "
             "to its leads."),
    ),
    Role.MARKETING: (
        Step("home", "Your home",
             "The numbers that must be 0, definitions to sign, rejections you may dispute, and "
             "what became of each source."),
        Step("rejections", "Rejections",
             "What Sales rejected and why. Where the facts contradict it you may dispute it; "
             "RevOps decides."),
        Step("kit", "The kit",
             "What an MQL, SAL and SQL are, how fast each step must be, who gets what: signed by "
             "both sides, and executed exactly so."),
        Step("reports", "Reports",
             "Each measure with its meaning and its owner; the funnel by source and campaign."),
        Step("import", "Import",
             "A file is checked by a dry run first: what each row would become. It can be undone."),
        Step("queues", "Queues",
             "Records that are too thin wait in quarantine until you complete them."),
    ),
    Role.REVOPS: (
        Step("home", "Your home",
             "Numbers that must be 0, the kit on its way, drift since its publication, disputes to "
             "decide."),
        Step("kit", "The kit",
             "New draft copies it. A draft is checked, simulated on real leads, signed and "
             "published; what is in force never changes."),
        Step("decisions", "Decisions",
             "Why each lead went where it went, with every candidate, and the same decision again "
             "under other rules."),
        Step("score-lab", "Is the score any good?",
             "How leads of each score convert, and a draft with points that fit better."),
        Step("routes", "Where would a lead go?",
             "Describe a buyer, choose an instant, and see the rule, the pool and the rep."),
        Step("operations", "Operations",
             "What waits, what failed and why, and what is to be done about it."),
    ),
}  # fmt: skip


def of(user: User) -> tuple[Step, ...]:
    """The tour of their main role; empty where there is none."""
    return STEPS.get(user.role, ())
