"""The command line: what it takes, where it prints, and its exit codes. Plans are made by hand, so that only the paint is tested."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import migrator.catalog.rules
from migrator import __version__
from migrator.apply.apply import WriteFailed
from migrator.catalog import targets
from migrator.catalog.rules import Rule, RuleId
from migrator.cli import app, output
from migrator.cli.app import app_main, with_command
from migrator.model import Action, MigratorError, Plan, Problem, Source
from migrator.options import EnvStrategy, Options
from migrator.reports.json import schema as report_schema
from tests.plans import NEW, OLD, finding, plan, source, write

CODE = source("app.py", f'client = OpenAI(base_url="{OLD}")\n')
KEY = "sk-or-v1-" + "0123456789abcdef" * 4

Seen = list[tuple[Path, list[Path], Options]]
Planner = Callable[..., Seen]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "_MIGRATE_OPENROUTER_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    known = (
        Rule(
            id=RuleId.BASE_URL,
            file="",
            title="OpenRouter's address",
            about="What it is.\n\nWhy it moves.",
            source="https://example.org/doc",
        ),
        Rule(id=RuleId.ENV_RENAME, file="", title="The key's variable", about="All or nothing."),
    )
    monkeypatch.setattr(migrator.catalog.rules, "RULES", known, raising=False)


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> Planner:
    """Puts a hand-made plan, or a failure, in the place of planning; what was asked for is noted."""

    def give(outcome: Plan | BaseException, *, reparse: Callable[[Source], None] = lambda _source: None) -> Seen:
        seen: Seen = []

        def make_plan(root: Path, paths: Sequence[Path], options: Options, **_more: Any) -> Plan:
            seen.append((root, list(paths), options))
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        pipeline = ModuleType("migrator.plan.pipeline")
        vars(pipeline).update(make_plan=make_plan, reparse=reparse)
        monkeypatch.setitem(sys.modules, "migrator.plan.pipeline", pipeline)
        return seen

    return give


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    write(root, CODE)
    return root


MOVES = plan([CODE], [finding(CODE, OLD, NEW)])
FLAGS = plan([CODE], [finding(CODE, "OpenAI(")])
NOTHING = plan()


def _failing(made: Plan) -> Plan:
    return plan(
        made.sources.values(),
        made.findings,
        problems=(Problem(path="bad.py", line=3, message="cannot be parsed", remedy="Repair it"),),
    )


# --- exit codes --------------------------------------------------------------------------------------------------------------


def test_the_numbers_are_frozen() -> None:
    assert (
        output.OK,
        output.OPEN,
        output.USAGE,
        output.PARTIAL,
        output.LIVE,
        output.INTERNAL,
        output.INTERRUPTED,
        output.TERMINATED,
    ) == (
        0,
        1,
        2,
        3,
        4,
        5,
        130,
        143,
    )


@pytest.mark.parametrize(
    ("made", "options", "code"),
    [
        (NOTHING, [], 0),
        (NOTHING, ["--check", "--strict"], 0),
        (MOVES, ["--dry-run"], 0),
        (MOVES, ["--diff"], 0),
        (MOVES, ["--dry-run", "--strict"], 0),
        (MOVES, ["--check"], 1),
        (MOVES, ["--check", "--dry-run"], 1),
        (MOVES, [], 0),
        (MOVES, ["--strict"], 0),
        (FLAGS, [], 0),
        (FLAGS, ["--dry-run", "--strict"], 0),
        (FLAGS, ["--check"], 0),
        (FLAGS, ["--check", "--strict"], 1),
        (FLAGS, ["--strict"], 1),
        (_failing(NOTHING), ["--dry-run"], 3),
        (_failing(MOVES), ["--check"], 3),
        (_failing(MOVES), [], 3),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "diff"])
def test_the_exit_code_says_what_happened(
    planner: Planner, tree: Path, made: Plan, options: list[str], code: int, form: str
) -> None:
    planner(made)
    if "--diff" in options and form != "diff":
        form = "diff"
    assert app_main([str(tree), "--format", form, *options]) == code


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--dry-run"],
        ["{tree}", "--no-such-option"],
        ["{tree}", "--format", "yaml"],
        ["{tree}", "--format"],
        ["{tree}/missing"],
        ["{tree}", "{tree}/missing"],
        [""],
        ["{tree}", "--select", "no-such-rule"],
        ["{tree}", "--ignore", "no-such-rule"],
        ["{tree}", "--select", ""],
        ["{tree}", "--select", "base-url", "--ignore", "base-url"],
        ["{tree}", "-q", "-v"],
        ["{tree}", "--diff", "--format", "json"],
        ["{tree}", "--target", "nowhere"],
        ["{tree}", "--target", "custom"],
        ["{tree}", "--base-url", "not a url"],
        ["{tree}", "--base-url", OLD],
        ["{tree}", "--key-env", "not a name"],
        ["{tree}", "--models-from", "{tree}/missing.json"],
        ["explain", "no-such-rule"],
        ["explain"],
        ["undo", "{tree}"],
        ["undo", "{tree}/missing"],
    ],
)
def test_a_mistake_in_the_command_line_is_2_one_clear_line_and_nothing_on_standard_output(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    seen = planner(MOVES)
    assert app_main([word.replace("{tree}", str(tree)) for word in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len([line for line in said.err.splitlines() if "rror" in line]) == 1
    assert seen == []
    assert (tree / "app.py").read_text() == CODE.text


def test_a_near_name_is_offered(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree), "--select", "base-urls"]) == 2
    assert "--select base-urls: no such rule, did you mean base-url?" in capsys.readouterr().err


def test_a_refused_write_is_2_and_says_which_file_stands_in_the_way(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planner(MOVES)
    (tree / "app.py").write_text("something else\n")
    assert app_main([str(tree)]) == 2
    assert "app.py: has changed since the plan was made" in capsys.readouterr().err


def test_a_write_that_the_system_refuses_is_3(planner: Planner, tree: Path) -> None:
    planner(WriteFailed("app.py: could not be written (No space left on device). Every file was put back.", {}))
    assert app_main([str(tree)]) == 3


def test_a_file_that_would_no_longer_parse_is_left_and_is_3(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from migrator.formats.tree import Unreadable

    def reparse(_source: Source) -> None:
        raise Unreadable(1, "invalid syntax")

    planner(MOVES, reparse=reparse)
    assert app_main([str(tree), "--format", "json"]) == 3
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["summary"]["applied"] == 0
    assert [each["action"] for each in document["findings"]] == ["flag"]
    assert "app.py" in said.err
    assert (tree / "app.py").read_text() == CODE.text


def test_an_internal_error_is_5_in_one_line_that_quotes_no_file(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planner(RuntimeError(f"what stood in the file: {KEY}"))
    assert app_main([str(tree)]) == 5
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "internal error (RuntimeError at test_cli.py:" in said.err
    assert KEY[9:] not in said.err


def test_v_shows_the_traceback_masked(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(RuntimeError(f"what stood in the file: {KEY}"))
    assert app_main([str(tree), "-v"]) == 5
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "what stood in the file" in said
    assert KEY[9:] not in said


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_an_interruption_says_how_far_it_got(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    planner(error)
    assert app_main([str(tree)]) == code
    assert "interrupted. No file was written." in capsys.readouterr().err


def test_an_interruption_after_the_writing_does_not_claim_that_nothing_was_written(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from migrator.reports import terminal

    def render(*_arguments: object) -> str:
        raise KeyboardInterrupt

    planner(MOVES)
    monkeypatch.setattr(terminal, "render", render)
    assert app_main([str(tree)]) == 130
    said = capsys.readouterr().err
    assert "The files were written" in said
    assert "No file was written" not in said


# --- the parts of a command line ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["."], ["run", "."]),
        (["run", "."], ["run", "."]),
        (["--dry-run", "."], ["run", "--dry-run", "."]),
        (["--format", "json", "."], ["run", "--format", "json", "."]),
        (["--format=json", "run", "."], ["run", "--format=json", "."]),
        (["-q", "undo", "."], ["undo", "-q", "."]),
        (["--select", "rules", "."], ["run", "--select", "rules", "."]),
        (["--", "undo"], ["run", "--", "undo"]),
        (["--check", "--", "--odd"], ["run", "--check", "--", "--odd"]),
        (["./undo"], ["run", "./undo"]),
        ([".", "undo"], ["run", ".", "undo"]),
        (["--help"], ["--help"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
        (["--help", "."], ["run", "--help", "."]),
        (["undo", "--help"], ["undo", "--help"]),
        (["verify", "."], ["verify", "."]),
        (["--", "--help"], ["run", "--", "--help"]),
        (["--dry-run"], ["run", "--dry-run"]),
        ([], ["run"]),
    ],
)
def test_run_is_the_command_where_none_is_named(given: list[str], understood: list[str]) -> None:
    assert with_command(given) == understood


def test_the_options_that_take_a_value_are_known() -> None:
    command = typer.main.get_command(app.app).commands["run"]  # type: ignore[attr-defined]
    options = [each for each in command.params if each.param_type_name == "option"]
    taking = {name for each in options if not each.is_flag for name in each.opts}
    assert taking == app._takes_value()


def test_paths_with_blanks_a_leading_dash_and_a_command_s_name_are_paths(
    planner: Planner, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = planner(NOTHING)
    for name in ("a b", "--odd", "undo"):
        (tree / name).mkdir()
    monkeypatch.chdir(tree)
    assert app_main(["--dry-run", "--", "a b", "--odd", "undo"]) == 0
    assert seen[0][1] == [Path("a b"), Path("--odd"), Path("undo")]


def test_options_reach_the_planner(planner: Planner, tree: Path) -> None:
    seen = planner(NOTHING)
    (tree / "models.json").write_text("{}")
    (tree / ".migrate-openrouter.toml").write_text('exclude = ["legacy"]\nignore = ["base"]\nkeep = ["OLD_KEY"]\n')
    words = "--unsafe --select env-rename --include *.py --exclude docs --env-strategy keep --docs --dry-run"
    assert app_main([*words.split(), "--models-from", str(tree / "models.json"), str(tree)]) == 0
    root, paths, options = seen[0]
    assert (root, paths) == (tree.resolve(), [tree])
    assert options == Options(
        target=targets.load(),
        unsafe=True,
        select=("env-rename",),
        ignore=("base",),
        include=("*.py",),
        exclude=("docs", "legacy"),
        env_strategy=EnvStrategy.KEEP,
        keep_variables=("OLD_KEY",),
        docs=True,
        models_from=str(tree / "models.json"),
    )


@pytest.mark.parametrize(
    ("arguments", "base", "key", "name"),
    [
        ([], NEW, "MG_KEY", "synapse-garden"),
        (["--key-env", "OTHER"], NEW, "OTHER", "synapse-garden"),
        (["--base-url", "https://staging.example/api/v1"], "https://staging.example/api/v1", "MG_KEY", "synapse-garden"),
        (["--base-url", "https://gw.example/v1", "--key-env", "GW"], "https://gw.example/v1", "GW", "custom"),
        (["--target", "custom", "--base-url", "https://gw.example/v1"], "https://gw.example/v1", "LLM_API_KEY", "custom"),
    ],
)
def test_the_target_is_a_profile_another_host_of_one_or_described(
    planner: Planner, tree: Path, arguments: list[str], base: str, key: str, name: str
) -> None:
    seen = planner(NOTHING)
    assert app_main([str(tree), "--dry-run", *arguments]) == 0
    chosen = seen[0][2].target
    assert (chosen.openai_base, chosen.key_env, chosen.name) == (base, key, name)


def test_the_base_for_anthropic_can_be_given(planner: Planner, tree: Path) -> None:
    seen = planner(NOTHING)
    assert app_main([str(tree), "--dry-run", "--anthropic-base-url", "https://gw.example/anthropic"]) == 0
    assert seen[0][2].target.anthropic_base == "https://gw.example/anthropic"


def test_a_mistake_in_the_configuration_is_2_and_named_with_its_line(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planner(MOVES)
    (tree / "pyproject.toml").write_text('[tool.migrate-openrouter]\nignore = ["base-url", "no-such"]\n')
    assert app_main([str(tree)]) == 2
    assert "pyproject.toml:2: ignore 'no-such': no such rule" in capsys.readouterr().err
    (tree / "pyproject.toml").write_text('[tool.migrate-openrouter]\ntarget = "evil"\n')
    assert app_main([str(tree)]) == 2
    assert "pyproject.toml:2: 'target' is not a key" in capsys.readouterr().err


# --- what is printed, and where ----------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_a_run_writes_what_it_showed_and_undo_takes_it_back(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planner(MOVES)
    assert app_main([str(tree), "--dry-run"]) == 0
    assert (tree / "app.py").read_text() == CODE.text
    assert f"migrate-openrouter undo {tree}" in capsys.readouterr().out
    assert app_main([str(tree)]) == 0
    assert (tree / "app.py").read_text() == CODE.text.replace(OLD, NEW)
    assert "WHAT CHANGED" in capsys.readouterr().out
    assert app_main(["undo", str(tree)]) == 0
    assert capsys.readouterr().out == "restored app.py\n"
    assert (tree / "app.py").read_text() == CODE.text


def test_json_is_all_that_stands_on_standard_output(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(_failing(MOVES))
    app_main([str(tree), "--dry-run", "--format", "json"])
    said = capsys.readouterr()
    assert json.loads(said.out)["mode"] == "dry-run"
    assert "bad.py:3: cannot be parsed; Repair it" in said.err


def test_a_diff_is_a_patch_that_git_takes(planner: Planner, tree: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    planner(MOVES)
    assert app_main([str(tree), "--diff"]) == 0
    patch = capfdbinary.readouterr().out
    assert patch.startswith(b"diff --git a/app.py b/app.py\n")
    subprocess.run(["git", "apply"], input=patch, cwd=tree, check=True)
    assert (tree / "app.py").read_text() == CODE.text.replace(OLD, NEW)


def test_what_a_patch_cannot_show_is_named_on_standard_error(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = source(".env", f"OPENROUTER_API_KEY={KEY}\n")
    planner(plan([env], [finding(env, "OPENROUTER_API_KEY", "MG_KEY")]))
    assert app_main([str(tree), "--diff"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert ".env: left out of the patch" in said.err
    assert KEY[9:] not in said.err


def test_quiet_prints_one_line_and_no_hints(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(MOVES)
    assert app_main([str(tree), "--dry-run", "--strict", "-q"]) == 0
    said = capsys.readouterr()
    assert said.out == "1 place to rewrite in 1 file, 0 to do, 0 to look at, 0 left alone\n"
    assert said.err == ""


def test_a_hint_goes_to_standard_error(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(MOVES)
    assert app_main([str(tree), "--dry-run", "--strict"]) == 0
    assert "--strict decides nothing without --check" in capsys.readouterr().err


def test_the_command_to_apply_is_the_one_that_was_given_without_the_dry_run(
    planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planner(MOVES)
    place = tree / "a b"
    place.mkdir()
    app_main(["--dry-run", "--unsafe", str(place)])
    assert f"Next: migrate-openrouter --unsafe '{place}'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environ", "arguments", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
    ],
)
def test_colour_by_environment_and_option(
    planner: Planner,
    tree: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    arguments: list[str],
    coloured: bool,
) -> None:
    planner(MOVES)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    app_main([str(tree), "--dry-run", *arguments])
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_json_is_never_coloured(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(MOVES)
    app_main([str(tree), "--dry-run", "--format", "json", "--color", "always"])
    assert "\x1b" not in capsys.readouterr().out


def test_version_rules_explain_and_schema(capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for arguments in (["--version"], ["rules"], ["explain", "base-url"], ["schema"]):
        assert app_main(arguments) == 0
        answers.append(capsys.readouterr().out)
    version, rules, explained, schema = answers
    assert version == f"migrate-openrouter {__version__}\n"
    assert rules == "base-url    OpenRouter's address\nenv-rename  The key's variable\n"
    assert explained == "base-url: OpenRouter's address\n\nWhat it is.\n\nWhy it moves.\n\nSource: https://example.org/doc\n"
    assert schema == report_schema()


def test_help_lists_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main(["--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for word in ("run", "undo", "explain", "rules", "schema", "preflight", "verify", "retire", "Exit codes"):
        assert word in said
    assert app_main(["run", "--help"]) == 0
    said = capsys.readouterr().out
    for option in (
        "--dry-run",
        "--check",
        "--strict",
        "--diff",
        "--format",
        "--unsafe",
        "--allow-dirty",
        "--env-strategy",
        "--color",
    ):
        assert option in said


def test_the_live_commands_are_those_that_are_registered() -> None:
    from migrator.cli import lifecycle

    other = typer.Typer()
    lifecycle.register(other)
    names = {info.name or getattr(info.callback, "__name__", "") for info in other.registered_commands}
    assert names == app._LIVE_COMMANDS


# --- as a process ------------------------------------------------------------------------------------------------------------

_STUB = """
import sys, time, types
sys.path.insert(0, {repository!r})
import migrator.catalog.rules
migrator.catalog.rules.RULES = ()
from tests.plans import *
pipeline = types.ModuleType("migrator.plan.pipeline")
def make_plan(root, paths, options, **more):
    {body}
pipeline.make_plan = make_plan
pipeline.reparse = lambda source: None
sys.modules["migrator.plan.pipeline"] = pipeline
from migrator.__main__ import main
sys.exit(main())
"""


def _process(body: str, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    repository = str(Path(app.__file__).parents[1])
    code = _STUB.format(repository=repository, body=textwrap.indent(body, "    ").strip())
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **pipes)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_in_order(tree: Path, number: int, code: int) -> None:
    body = "print('planning', file=sys.stderr, flush=True)\ntime.sleep(60)"
    with _process(body, str(tree)) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"planning\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert out == b""
    assert b"interrupted. No file was written." in err
    assert b"Traceback" not in err


def test_a_reader_that_goes_away_is_no_error(tree: Path) -> None:
    body = "file = source('a.py', '# openrouter\\n' * 20000)\nreturn plan([file], [finding(file, 'openrouter', nth=0, message='x ' * 200000)])"
    read, out = os.pipe()
    with _process(body, str(tree), "--dry-run", "--format", "json", stdout=out) as process:
        os.close(out)
        os.read(read, 10)
        time.sleep(0)
        os.close(read)
        assert process.stderr is not None
        err = process.stderr.read()
        assert process.wait(30) == 0
    assert err == b""


def test_no_standard_output_at_all_is_no_error(tree: Path) -> None:
    body = f"return plan([source('a.py', {OLD!r})], [])"
    with _process(body, str(tree), "--dry-run", preexec_fn=lambda: os.close(1), stdout=None) as process:
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


def test_a_terminal_s_encoding_that_lacks_a_letter_stops_nothing(tree: Path) -> None:
    body = "file = source('a.py', 'x = 1  # é 漢 openrouter')\nreturn plan([file], [finding(file, 'é 漢', 'e')])"
    with _process(body, str(tree), "--dry-run", env={**os.environ, "PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert rb"\xe9 \u6f22" in out


def test_nothing_heavy_is_imported_to_plan_and_report() -> None:
    code = "import sys, migrator.cli.app; print(*{'rich', 'libcst', 'yaml', 'httpx', 'tree_sitter', 'tomllib', 'json'} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=Path(app.__file__).parents[1]
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("migrate-openrouter un", "undo"),
        ("migrate-openrouter run --dry", "--dry-run"),
        ("migrate-openrouter ./repo --dry", "--dry-run"),
        ("migrate-openrouter --dry", "--dry-run"),
        ("migrate-openrouter ./repo --format js", "json"),
        ("migrate-openrouter undo --qu", "--quiet"),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_offers_commands_and_options(line: str, word: str, shell: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)} if shell == "bash" else {"_TYPER_COMPLETE_ARGS": line}
    environ = {
        **os.environ,
        **words,
        "_MIGRATE_OPENROUTER_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    with _process("raise AssertionError", env=environ) as process:
        out, _ = process.communicate(timeout=30)
    assert word in out.decode().replace('"', " ").split()


def test_an_error_of_ours_is_never_a_traceback(planner: Planner, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planner(MigratorError("a.py:3: says no\nsecond\x1b[2J line"))
    assert app_main([str(tree)]) == 2
    assert capsys.readouterr().err == "migrate-openrouter: error: a.py:3: says no\nsecond\\x1b[2J line\n"


def test_actions_are_still_the_three_that_exit_codes_know() -> None:
    assert {action.value for action in Action} == {"rewrite", "flag", "keep"}
