from __future__ import annotations

import tomllib

from devtools.database import PROJECT


def test_every_app_stands_in_the_stack_of_layers() -> None:
    rules = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (stack,) = [
        rule for rule in rules["contracts"] if rule["type"] == "layers" and "containers" not in rule
    ]
    layered = {name.strip() for layer in stack["layers"] for name in layer.split("|")}
    apps = {path.parent.name for path in PROJECT.glob("*/apps.py")} | {"core"}
    assert apps == layered == set(rules["root_packages"])
