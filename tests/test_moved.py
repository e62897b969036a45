"""After the rewrite: models and the key variable of code that names the target and no longer OpenRouter."""

from __future__ import annotations

from pathlib import Path

from migrator.catalog import targets
from migrator.lifecycle import already_migrated
from migrator.model import EnvRow, Location, ModelRow, Plan
from migrator.options import Options

OPTIONS = Options(target=targets.load())
CODE = """\
import os
from openai import OpenAI

client = OpenAI(base_url="https://synapse.garden/api/v1", api_key=os.environ["MG_KEY"])
client.chat.completions.create(model="anthropic/claude-opus-4.6", messages=[])
"""


def test_models_and_the_variable_are_found_where_the_target_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "compose.yml").write_text("services:\n  a:\n    environment:\n      MG_KEY: ${MG_KEY}\n")
    (tmp_path / "other.py").write_text('model = "openai/gpt-4o"\nMG_KEYS = 1\n')
    (tmp_path / "README.md").write_text("Use `openai/gpt-4o` with MG_KEY.\n")
    (tmp_path / "broken.py").write_text('x = "https://synapse.garden/api/v1\n(((')
    found = already_migrated.look(tmp_path, [tmp_path], OPTIONS)
    assert [(row.id, row.locations) for row in found.models] == [("anthropic/claude-opus-4.6", (Location(path="a.py", line=5),))]
    (variable,) = found.env
    assert variable.readers == (Location(path="a.py", line=4),)
    assert variable.definers == (Location(path="compose.yml", line=4),)


def test_nothing_moved_is_nothing(tmp_path: Path) -> None:
    assert already_migrated.look(tmp_path, [tmp_path], OPTIONS) == already_migrated.Moved(models=(), env=(), sources={})


def test_rows_of_both_are_one_inventory() -> None:
    def row(id_: str, *lines: int, status: str = "unknown") -> ModelRow:
        return ModelRow(id=id_, locations=tuple(Location(path="a", line=line) for line in lines), status=status, note="n")

    variable = EnvRow(name="MG_KEY", new_name=None, decision="keep", because="", readers=(), definers=())
    plan = Plan(tool="0", target=OPTIONS.target, models=(row("x/a", 3, status="same"),), env=(variable,))
    joined = already_migrated.join(
        plan, already_migrated.Moved(models=(row("x/a", 1, 3), row("x/b", 2)), env=(variable,), sources={})
    )
    assert [(row.id, row.status, [place.line for place in row.locations]) for row in joined.models] == [
        ("x/a", "same", [1, 3]),
        ("x/b", "unknown", [2]),
    ]
    assert joined.env == (variable,)
