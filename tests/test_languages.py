"""Languages that are read with a table each: their grammars are loaded when they occur, and their fixtures are enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator.formats.detect import LANGUAGES
from tests.harness import FIXTURES, cases

FEWEST = 12
_LOADED = """
import sys
from migrator.cli.app import app_main
try:
    app_main([sys.argv[1], "--dry-run", "-q"])
except SystemExit:
    pass
print(*sorted(name for name in sys.modules if name.startswith(("tree_sitter_", "migrator.formats.languages."))), file=sys.stderr)
"""
_SHARED = {f"migrator.formats.languages.{name}" for name in ("expressions", "literals", "lowering", "reading", "statements")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixtures_are_enough_and_a_third_of_them_refuse(language: str) -> None:
    own = [case for case in cases() if case.folder.is_relative_to(FIXTURES / language)]
    assert len(own) >= FEWEST
    assert 3 * sum(case.refusal for case in own) >= len(own)


@pytest.mark.parametrize(
    ("name", "text", "loaded"),
    [
        ("app.py", 'URL = "https://openrouter.ai/api/v1"\n', set()),
        (
            "main.go",
            'package main\n\nconst url = "https://openrouter.ai/api/v1"\n',
            {"tree_sitter_go", "migrator.formats.languages.go"},
        ),
        ("app.rb", 'URL = "https://openrouter.ai/api/v1"\n', {"tree_sitter_ruby", "migrator.formats.languages.ruby"}),
    ],
)
def test_only_the_grammars_of_languages_that_occur_are_loaded(tmp_path: Path, name: str, text: str, loaded: set[str]) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "-c", _LOADED, str(tmp_path)], capture_output=True, text=True, check=True)
    names = {name for name in done.stderr.split() if not name.endswith("._binding")}
    assert names - _SHARED == loaded
