"""Rules a reader relies on: one door, no hidden calls, no drawers, no clock in decisions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from leads import stages
from tests.architecture import source

PURE = (
    "core/phrases.py",
    "core/stamps.py",
    "core/work_calendar.py",
    "core/worktime.py",
    "governance/condition_operators.py",
    "governance/conditions.py",
    "governance/contradictions.py",
    "governance/facts.py",
    "governance/kit.py",
    "governance/possibilities.py",
    "governance/score_reach.py",
    "governance/terms.py",
    "leads/bands.py",
    "leads/attribution.py",
    "leads/cleansing.py",
    "leads/company_matching.py",
    "leads/contact.py",
    "leads/fact_limits.py",
    "leads/identity.py",
    "leads/industries.py",
    "leads/namesakes.py",
    "leads/not_understood.py",
    "leads/recognition.py",
    "leads/likeness.py",
    "leads/name_spelling.py",
    "leads/name_tables.py",
    "leads/personal_names.py",
    "leads/overwriting.py",
    "leads/partner_naming.py",
    "leads/past.py",
    "leads/postal_codes.py",
    "leads/qualification.py",
    "leads/quality_floor.py",
    "leads/referrers.py",
    "leads/scoring.py",
    "leads/sealing.py",
    "leads/snapshot.py",
    "leads/stages.py",
    "leads/survivorship.py",
    "leads/title_words.py",
    "leads/titles.py",
    "leads/validity.py",
    "leads/touchpoint.py",
    "people/availability.py",
    "people/day_hours.py",
    "reports/drift/control_limits.py",
    "reports/drift/verdicts.py",
    "reports/drift/windows.py",
    "routing/batch.py",
    "routing/batch_tally.py",
    "routing/lending.py",
    "routing/caps.py",
    "routing/coverage.py",
    "routing/decision_sentence.py",
    "routing/discretion.py",
    "routing/entitlement.py",
    "routing/escalation.py",
    "routing/fair_shares.py",
    "routing/fates.py",
    "routing/matching.py",
    "routing/presence.py",
    "routing/realignment.py",
    "routing/redeciding.py",
    "routing/rule_index.py",
    "routing/rule_words.py",
    "routing/rules.py",
    "routing/staffing.py",
    "routing/strategies.py",
    "routing/targets.py",
    "routing/area_spelling.py",
    "routing/asked_pool.py",
    "routing/place_spelling.py",
    "routing/territories.py",
    "routing/unknown_branch.py",
    "routing/win_rates.py",
    "sla/clock.py",
    "sla/course.py",
    "sla/event_log.py",
    "sla/evidence.py",
    "sla/hours.py",
    "sla/loose_calendars.py",
    "sla/matrix.py",
    "sla/reach.py",
    "sla/recalculation.py",
    "sla/segments.py",
    "sla/split.py",
    "sla/vectors.py",
    "integrations/answers.py",
    "integrations/retrying.py",
    "integrations/message.py",
    "integrations/signing.py",
    "integrations/slack.py",
    "integrations/teams.py",
    "lifecycle/causes.py",
    "lifecycle/importing/telling.py",
    "lifecycle/possession.py",
    "lifecycle/touch_words.py",
)


def imports_of(path: Path) -> set[str]:
    """Top-level names of the packages a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def calls(path: Path, pattern: str) -> list[str]:
    return [
        f"{source.name(path)}:{number} {line.strip()}"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_stage_steps_are_taken_in_one_place_only() -> None:
    steps = "|".join([*stages.TRANSITIONS, stages.UNDO])
    pattern = rf"\b(?:lead|act\.lead|self\.lead)\.(?:{steps})\(|^\s*[\w.]+\.stage = "
    found = [
        hit
        for path in source.python_files("leads", "routing", "sla", "lifecycle", "reports", "web")
        if source.name(path) not in ("leads/services.py", "leads/models/lead.py")
        for hit in calls(path, pattern)
    ]
    assert found == []


def test_decisions_are_pure() -> None:
    impure = {
        name: sorted(hits)
        for name in PURE
        if (
            hits := {
                one
                for one in imports_of(source.ROOT / name)
                if one.split(".")[0] in {"django", "rest_framework", "django_q"}
                or re.search(r"\.models\b", one)
            }
        )
    }
    assert impure == {}


def test_decisions_never_read_a_clock() -> None:
    pattern = r"timezone\.now\(|datetime\.now\(|date\.today\(|time\.time\("
    hits = [hit for name in PURE for hit in calls(source.ROOT / name, pattern)]
    assert hits == []


def test_only_the_queue_wrapper_knows_the_queue() -> None:
    users = {
        source.name(path)
        for path in source.python_files()
        if any(one.startswith("django_q") for one in imports_of(path))
    }
    known = {"core/queue.py", "core/admin.py", "lifecycle/admin.py", "lifecycle/queue_broker.py"}
    assert users <= known


def test_nothing_hangs_on_signals_save_or_thread_locals() -> None:
    pattern = r"@receiver|\.connect\(|threading\.local|def save\(self"
    allowed = {"core/queue.py"}
    hits = [
        hit
        for path in source.python_files()
        if source.name(path) not in allowed
        for hit in calls(path, pattern)
    ]
    assert hits == []


def test_no_module_is_a_drawer_for_everything() -> None:
    banned = {"utils", "helpers", "common", "misc"}
    names = [source.name(p) for p in source.python_files() if banned & {p.stem, p.parent.name}]
    assert names == []


def test_imports_stand_at_the_top() -> None:
    inside = [
        f"{source.name(path)}:{child.lineno}"
        for path in source.python_files()
        if path.name != "apps.py"
        for node in source.functions(path)
        for child in ast.walk(node)
        if isinstance(child, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_nothing_evaluates_text_or_trusts_markup() -> None:
    pattern = r"\beval\(|\bexec\(|mark_safe\(|pickle\.loads|shell=True|fields = \"__all__\""
    hits = [hit for path in source.python_files() for hit in calls(path, pattern)]
    hits += [
        hit
        for path in (source.ROOT / "templates").rglob("*.html")
        for hit in calls(path, r"\|safe\b|autoescape off|<script>|style=\"")
    ]
    assert hits == []


INCLUDED = re.compile(r'{% include "([^"]+)"([^%]*)%}')


def test_a_template_of_its_own_is_given_the_token_of_the_forms_in_it() -> None:
    """Without it a form works by script, which sends the token itself, and by nothing else."""
    without = [
        f"{source.name(path)}: {found[0]}"
        for path in (source.ROOT / "templates").rglob("*.html")
        for found in INCLUDED.finditer(path.read_text())
        if "only" in found[2].split()
        and "csrf_token=csrf_token" not in found[2]
        and sends_forms(found[1])
    ]
    assert without == []


def sends_forms(template: str) -> bool:
    text = (source.ROOT / "templates" / template).read_text()
    return "{% csrf_token %}" in text or any(
        sends_forms(found[1]) for found in INCLUDED.finditer(text) if found[1] != template
    )


def test_every_public_function_of_the_core_says_what_it_means() -> None:
    silent = [
        f"{source.name(path)}:{node.lineno} {node.name}"
        for path in source.python_files(
            "core", "governance", "leads", "routing", "sla", "lifecycle", "integrations"
        )
        if "management" not in path.parts and path.name not in ("admin.py", "apps.py")
        for node in public_functions(path)
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def public_functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
