"""The commands as a user runs them: exit codes, what is asked and what is not, and a whole way from code to a finished check."""

from __future__ import annotations

import builtins
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from migrator.catalog import targets
from migrator.cli import lifecycle
from migrator.live.gateway import Record
from migrator.live.rehearse import bases, running
from migrator.model import MigratorError
from tests.live.servers import Answer, scripted

KEY = "mg_live_" + "a1b2" * 10
OLD = "sk-or-v1-" + "0" * 64
CODE = """\
import os
from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
client.chat.completions.create(model="openai/gpt-4o-mini", messages=[], stream=True)
"""
MOVED = CODE.replace("https://openrouter.ai/api/v1", "https://synapse.garden/api/v1").replace("OPENROUTER_API_KEY", "MG_KEY")


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    lifecycle.register(made)
    lifecycle.register(made)
    assert len(made.registered_commands) == 7, "a second call mounts nothing twice"
    return made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("openai\n")
    (tmp_path / "app.py").write_text(CODE)
    return tmp_path


@pytest.fixture
def gateway() -> Iterator[tuple[str, Record]]:
    record = Record()
    with running(targets.load(), record) as port:
        yield bases(targets.load(), port)[0], record


def run(app: typer.Typer, *arguments: object) -> int:
    code = typer.main.get_command(app).main([str(argument) for argument in arguments], "migrate-openrouter", standalone_mode=False)
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize("code", [CODE, MOVED])
def test_preflight_checks_the_models_of_the_code_before_and_after_the_rewrite(
    code: str,
    app: typer.Typer,
    tree: Path,
    gateway: tuple[str, Record],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    base, record = gateway
    (tree / "app.py").write_text(code)
    monkeypatch.setenv("MG_KEY", KEY)
    # moved code is known by its key variable even where --base-url names another host
    assert run(app, "preflight", tree, "--base-url", base, "--probe", "--probe-features", "--yes") == 0
    shown = capfd.readouterr().out
    assert max(map(len, shown.splitlines())) <= 100
    said = " ".join(shown.split())
    assert "openai/gpt-4o-mini is on the list (app.py:5)" in said
    assert "features streaming" in said
    assert "10 s to connect" in said
    assert KEY[8:] not in said
    assert len(re.findall(r"\b(?:GET|POST) http", said)) == len(record.arrivals) == 3


def test_a_failed_check_exits_4_and_a_wrong_call_2(
    app: typer.Typer, tree: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(app, "preflight", tree) == 4, "no key"
    monkeypatch.setenv("MG_KEY", KEY)
    with scripted({"/v1/models": Answer(status=503)}) as server:
        assert run(app, "preflight", tree, "--base-url", f"{server.url}/v1", "--format", "json") == 4
        document = json.loads(
            re.split(r"FAILED: \d of \d checks \(key\); 0 requests sent\.\nFirst: [^{]+\n", capfd.readouterr().out)[1]
        )
        assert document["checks"][-1]["failure"] == "503"
        assert len(server.seen) == 1
        for wrong in (
            ("--gateway", "openrouter", "--target", "vercel"),
            ("--target", "nowhere"),
            ("--base-url", "http://llm.example/v1"),
            ("--env-file", tree / "none.env"),
        ):
            with pytest.raises(MigratorError):
                run(app, "preflight", tree, *wrong)
        assert len(server.seen) == 1


def test_nobody_is_asked_without_a_terminal(
    app: typer.Typer, tree: Path, gateway: tuple[str, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, record = gateway
    monkeypatch.setenv("MG_KEY", KEY)
    monkeypatch.setenv("OPENROUTER_API_KEY", OLD)
    for command in (("preflight", "--probe"), ("preflight", "--probe-features"), ("verify",)):
        with pytest.raises(MigratorError, match="add --yes"):
            run(app, command[0], tree, "--base-url", base, *command[1:])
    assert record.arrivals == []


def test_verify_over_two_rehearsals(
    app: typer.Typer, tree: Path, gateway: tuple[str, Record], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    base, new = gateway
    (tree / "keys.env").write_text(f"MG_KEY={KEY}\nOPENROUTER_API_KEY={OLD}\n")
    with running(targets.gateway("openrouter"), old := Record()) as port:
        there = ("--base-url", base, "--from-base-url", bases(targets.gateway("openrouter"), port)[0])
        common = (tree, *there, "--env-file", tree / "keys.env", "--yes")
        assert run(app, "verify", *common) == 0
        text = capfd.readouterr().out
        assert text.count("prompt tokens are equal") == 3
        assert run(app, "verify", *common, "--format", "json", "--model", "anthropic/claude-opus-4.6") == 0
        assert json.loads(capfd.readouterr().out)["rows"][0]["model"] == "anthropic/claude-opus-4.6"
        assert run(app, "verify", *common, "--max-cost", "0") == 4
    assert len(old.arrivals) == len(new.arrivals) == 4 + 4 + 1
    assert OLD[9:] not in text
    with pytest.raises(MigratorError, match="--max-cost x"):
        run(app, "verify", *common, "--max-cost", "x")
    with pytest.raises(MigratorError, match="read for both gateways"):
        run(app, "verify", tree, "--from-key-env", "MG_KEY", "--yes")


def test_what_sends_nothing_needs_no_key(app: typer.Typer, tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(app, "inventory", tree) == 0
    assert "openai/gpt-4o-mini" in capfd.readouterr().out
    assert run(app, "inventory", tree, "--allowlist") == 0
    assert capfd.readouterr().out == "openai/gpt-4o-mini\n"
    for more in (
        ("--format", "json"),
        ("--format", "csv"),
        ("--projects",),
        ("--projects", "--format", "json"),
        ("--allowlist", "--format", "json"),
    ):
        assert run(app, "inventory", tree, *more) == 0
        assert "openai/gpt-4o-mini" in capfd.readouterr().out
    with pytest.raises(MigratorError, match="ask for one"):
        run(app, "inventory", tree, "--allowlist", "--projects")


def test_retire_exits_1_while_something_is_open(app: typer.Typer, tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(app, "retire", tree) == 1
    assert "app.py" in capfd.readouterr().out
    (tree / "app.py").write_text(MOVED)
    assert run(app, "retire", tree) == 0
    assert "Nothing is open" in capfd.readouterr().out
    assert run(app, "retire", tree, "--no-history", "--format", "json") == 1
    assert json.loads(capfd.readouterr().out)["open"] == 1


def test_estimate_reads_an_export(app: typer.Typer, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "activity.csv"
    file.write_text("date,model,usage,prompt_tokens,completion_tokens\n2026-01-01,a/b,1,2,3\n")
    assert run(app, "estimate", file) == 0
    assert "█" in capfd.readouterr().out
    assert run(app, "estimate", file, "--format", "json") == 0
    assert json.loads(capfd.readouterr().out)["rows"] == 1
    file.write_text("date,model,usage,prompt_tokens,completion_tokens\n2026-01-01,a/b,1,2,3\nx,a/b,1,2,3\n")
    assert run(app, "estimate", file, "--no-chart") == 3


@pytest.mark.parametrize(
    ("package", "command", "says"),
    [
        ("httpx", ("preflight", "."), r"pip install 'migrate-openrouter\[live\]'"),
        ("httpx", ("verify", ".", "--yes"), r"pip install 'migrate-openrouter\[live\]'"),
        ("uvicorn", ("rehearse",), r"pip install 'migrate-openrouter\[rehearse\]'"),
    ],
)
def test_a_missing_extra_is_one_clear_line(
    package: str, command: tuple[str, ...], says: str, app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MigratorError, match=says):
        run(app, *command)


def test_the_real_program_knows_the_commands_and_their_exit_codes(tree: Path, tmp_path: Path) -> None:
    def program(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "migrator", *(str(argument) for argument in arguments)]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

    assert program("preflight", tree).returncode == 4
    refused = program("preflight", tree, "--probe")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "add --yes" in refused.stderr
    assert program("retire", tree).returncode == 1
    assert program("inventory", tree, "--format", "csv").stdout.startswith("service,kind,")
    assert program("estimate", tmp_path / "none.csv").returncode == 2
    assert program("rehearse", "--fail", "200").returncode == 2
    assert "preflight" in program("--help").stdout
