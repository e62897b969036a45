"""What is said of a command line that is not understood, what help shows, and what a shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.cli import usage
from migrator.cli.app import app_main


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "app.py").write_text('URL = "https://openrouter.ai/api/v1"\n')
    return tmp_path / "tree"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("inventori .", "inventori: no such command, file or folder, did you mean inventory?"),
        ("verfy", "verfy: no such command, file or folder, did you mean verify?"),
        (". --dryrun", "--dryrun: no such option, did you mean --dry-run? See migrate-openrouter run --help"),
        (
            ". --select base-urls",
            "--select base-urls: no such rule, did you mean base-url? `migrate-openrouter rules` lists them.",
        ),
        (". --target synaps", "--target synaps: no such target, did you mean synapse-garden? There are: synapse-garden, vercel;"),
        ("preflight --gateway openroute", "--gateway openroute: no such gateway, did you mean openrouter?"),
        (". --format xml", "--format: 'xml' is not one of 'text', 'json', "),
        ("estimate", "ACTIVITY is missing. See migrate-openrouter estimate --help"),
        ("guard", "PATH... is missing. See migrate-openrouter guard --help"),
        ("rehearse --port 99999999", "--port: 99999999 is not in the range 0<=x<=65535. See migrate-openrouter rehearse --help"),
        ("explain base-url more", "got unexpected extra argument(s) (more). See migrate-openrouter explain --help"),
        (". --include nothing/**", "--include nothing/**: no file that may be looked at matches."),
    ],
)
def test_what_is_not_understood_is_named_in_one_style(
    line: str, said: str, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tree)
    assert app_main(line.split()) == 2
    seen = capsys.readouterr()
    assert seen.err.startswith(f"migrate-openrouter: error: {said}")
    assert seen.out == ""


def test_the_first_page_of_help_lists_the_main_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main(["--help"]) == 0
    page = capsys.readouterr().out
    main = page.split("Main options of a run:")[1].split("Commands:")[0]
    assert [option for option in usage.MAIN_OPTIONS if option not in main] == []
    assert "..." not in page.split("Commands:")[1].split("Exit codes:")[0], "a sentence is cut"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("run . --format s", "sarif"),
        ("run . --target v", "vercel"),
        ("run . --select base-u", "base-url"),
        ("explain env-ren", "env-rename"),
        ("preflight --gateway o", "openrouter"),
        ("doct", "doctor"),
    ],
)
def test_values_are_completed(
    words: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_MIGRATE_OPENROUTER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"migrate-openrouter {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    app_main([])
    assert offered in capsys.readouterr().out.split()
