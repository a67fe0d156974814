"""The stages as a Mermaid diagram, read from the one table of transitions. Pure."""

from __future__ import annotations

from leads.stages import TRANSITIONS, Stage

EVERYWHERE = {"merge", "unmerge"}
"""Steps that would only darken the picture; the page names them in words."""


def mermaid() -> str:
    """The state diagram, one line per step, sorted."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.INQUIRY}: begin"]
    for name, step in TRANSITIONS.items():
        if name in EVERYWHERE:
            continue
        lines += [
            f"    {source} --> {target}: {name}"
            for source in sorted(step.sources)
            for target in sorted(step.targets)
        ]
    return "\n".join(lines)
