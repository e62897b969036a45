"""`prove`: a command before and after the planned change, really run, with every request led to a recorder on loopback."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.cli.app import app_main
from migrator.live import prove as proving
from migrator.model import Plan

PYTHON_BODY = '{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}'
URLLIB = """import json, os, urllib.request

BASE = "https://openrouter.ai/api/v1"
request = urllib.request.Request(
    f"{BASE}/chat/completions",
    data=json.dumps({"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}).encode(),
    headers={"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}", "Content-Type": "application/json", "X-Team": "blue"},
)
urllib.request.urlopen(request, timeout=20).read()
"""
OPENAI = """import os
from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"], max_retries=0)
client.chat.completions.create(model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]%s)
"""
HTTPX = """import os, httpx

HEADERS = {"Authorization": f"Bearer {os.environ['OPENROUTER_API_KEY']}"}
BODY = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
httpx.post("https://openrouter.ai/api/v1/chat/completions", headers=HEADERS, json=BODY).raise_for_status()
"""
FETCH = """const response = await fetch("https://openrouter.ai/api/v1/chat/completions", {
  method: "POST",
  headers: { Authorization: `Bearer ${process.env.OPENROUTER_API_KEY}`, "Content-Type": "application/json" },
  body: JSON.stringify({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }),
});
if (!response.ok) process.exit(1);
"""
CURL = """curl -sSf https://openrouter.ai/api/v1/chat/completions -H "Authorization: Bearer $OPENROUTER_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}' >/dev/null
"""
PROGRAMS: dict[str, tuple[str, str]] = {
    "urllib": ("app.py", URLLIB),
    "openai": ("app.py", OPENAI % ""),
    "openai with routing": ("app.py", OPENAI % ', extra_body={"provider": {"order": ["azure"]}}'),
    "openai streaming": ("app.py", OPENAI % ", stream=True, stream_options={'include_usage': True}"),
    "openai with an address variable": (
        "app.py",
        (OPENAI % "").replace('"https://openrouter.ai/api/v1"', 'os.getenv("OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1")'),
    ),
    "httpx": ("app.py", HTTPX),
    "httpx with credits that stay": (
        "app.py",
        HTTPX + 'httpx.get("https://openrouter.ai/api/v1/credits", headers=HEADERS).raise_for_status()\n',
    ),
    "fetch": ("app.mjs", FETCH),
    "fetch twice": ("app.mjs", FETCH + FETCH.replace("const response", "const again").replace("response.ok", "again.ok")),
    "curl": ("app.sh", CURL),
}
RUNNERS = {".py": sys.executable, ".mjs": "node", ".sh": "bash"}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    root = tmp_path / "tree"
    root.mkdir()
    return root


def _prove(tree: Path, name: str, text: str, *options: str) -> int:
    (tree / name).write_text(text)
    runner = RUNNERS[Path(name).suffix]
    if shutil.which(runner) is None or (runner == "bash" and shutil.which("curl") is None):
        pytest.skip(f"{runner} is not installed")
    return app_main(["prove", *options, str(tree), "--", runner, name])


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_migrated_program_sends_what_the_plan_says(program: str, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, text = PROGRAMS[program]
    code = _prove(tree, name, text)
    said = capsys.readouterr().out
    assert code == 0, said
    assert said.startswith("As planned")
    assert "openrouter.ai -> synapse.garden" in said
    assert (tree / name).read_text() == text


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text.replace(', "X-Team": "blue"', ""), "x-team: lost"),
        (lambda text: text.replace('"content": "hi"', '"content": "ho"'), "messages:"),
        (lambda text: text.replace("https://synapse.garden", "https://openrouter.ai"), "the target's key is sent to openrouter.ai"),
        (lambda text: text + "urllib.request.urlopen(request, timeout=20).read()\n", "was not sent before"),
        (lambda text: text.replace("urllib.request.urlopen(request, timeout=20).read()", ""), "is not sent any more"),
    ],
    ids=["lost header", "changed body", "key to the old host", "second request", "missing request"],
)
def test_a_difference_that_the_plan_does_not_say_is_named(
    spoil: Callable[[str], str], told: str, tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = proving.write

    def spoilt(plan: Plan, copy: Path) -> None:
        whole(plan, copy)
        path = copy / "app.py"
        before = path.read_text()
        path.write_text(spoil(before))
        assert path.read_text() != before

    monkeypatch.setattr(proving, "write", spoilt)
    assert _prove(tree, "app.py", URLLIB) == 4
    said = capsys.readouterr().out
    assert said.startswith("NOT as planned")
    assert "NOT PLANNED" in said
    assert told in " ".join(said.split())


def test_the_record_is_json_without_keys(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _prove(tree, "app.py", URLLIB, "--format", "json") == 0
    text = capsys.readouterr().out
    record = json.loads(text)
    assert record["proved"] is True
    assert [row["host_after"] for row in record["requests"]] == ["synapse.garden"]
    assert "sk-or-v1-" not in text
    assert "mg_live_" not in text


def test_a_command_that_sends_nothing_proves_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "app.py").write_text(URLLIB)
    assert app_main(["prove", str(tree), "--", sys.executable, "-c", "print(1)"]) == 4
    assert capsys.readouterr().out.startswith("Nothing is proved")


def test_a_command_that_fails_only_afterwards_is_a_difference(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = proving.write

    def failing(plan: Plan, copy: Path) -> None:
        whole(plan, copy)
        (copy / "app.py").write_text((copy / "app.py").read_text() + "raise SystemExit(3)\n")

    monkeypatch.setattr(proving, "write", failing)
    assert _prove(tree, "app.py", URLLIB) == 4
    assert "code 0 before and code 3 after" in " ".join(capsys.readouterr().out.split())


def test_real_keys_of_this_machine_are_not_given_to_the_command(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "a-real-one")
    monkeypatch.setenv("MG_KEY", "another-real-one")
    check = "import sys\nif any('real-one' in value for value in os.environ.values()):\n    sys.exit(9)\n"
    assert _prove(tree, "app.py", URLLIB + check) == 0


def test_usage_errors(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "app.py").write_text("print(1)\n")
    assert app_main(["prove", str(tree)]) == 2
    assert "a command after two dashes" in capsys.readouterr().err
    assert app_main(["prove", str(tree), "--", "true"]) == 2
    assert "nothing would change" in capsys.readouterr().err
    (tree / "app.py").write_text(URLLIB)
    assert app_main(["prove", str(tree), "--", "no-such-command-at-all"]) == 2
    assert "cannot be started" in capsys.readouterr().err
