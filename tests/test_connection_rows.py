"""What the table of connections says of tests: one whose address is rewritten follows the code, one with a key of its own is kept."""

from __future__ import annotations

from pathlib import Path

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan

PROGRAM = """
import os
import requests

requests.post("https://openrouter.ai/api/v1/chat/completions", headers={"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}"})
"""


def test_a_test_that_is_rewritten_is_no_row_that_is_kept(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "tests" / "test_live.py").write_text(PROGRAM)
    (tmp_path / "tests" / "test_stored.py").write_text(
        'import requests\nfrom store import rows\n\nkey = rows("settings")[0].value\n'
        'requests.get("https://openrouter.ai/api/v1/models", headers={"Authorization": f"Bearer {key}"})\n'
    )
    plan = make_plan(tmp_path, [tmp_path], Options(target=targets.chosen(None, None, None, None)))
    assert {row.path: row.decision for row in plan.connections} == {
        "app.py": "rewrite",
        "tests/test_live.py": "rewrite",
        "tests/test_stored.py": "keep",
    }
