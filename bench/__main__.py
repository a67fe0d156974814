"""Measurements: `python -m bench` runs every one, `python -m bench NAME [OPTIONS]` one of them.

What follows a name is passed on to it: `python -m bench pipeline --existing 0,100000`, `--help`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(words: list[str]) -> int:
    """Run the named measurement with its options, or all with their own; 0 when each ran through.

    Several names may stand one after the other, each with the options that follow it.
    """
    here = Path(__file__).parent
    known = sorted(path.stem for path in here.glob("[!_]*.py"))
    asked = _by_name(words, known) if words else [[name] for name in known]
    unknown = [name for name, *_ in asked if name not in known]
    if unknown:
        print(f"No measurement is called {', '.join(unknown)}; there are: {', '.join(known)}.")
        return 1
    worst = 0
    for name, *options in asked:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *options]
        worst = max(worst, subprocess.run(command, cwd=here.parent, check=False).returncode)
    return worst


def _by_name(words: list[str], known: list[str]) -> list[list[str]]:
    """Each name with the options that follow it; the first word is always a name."""
    found: list[list[str]] = []
    for word in words:
        if not found or word in known:
            found.append([])
        found[-1].append(word)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
