"""`preflight` and `verify` fit a screen of 80 columns, also where the table of both gateways does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from migrator.catalog import targets
from migrator.cli import lifecycle
from migrator.live.gateway import Record
from migrator.live.rehearse import bases, running

KEYS = {"MG_KEY": "mg_live_" + "a1b2" * 10, "OPENROUTER_API_KEY": "sk-or-v1-" + "0" * 64}
CODE = """\
import os
from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
client.chat.completions.create(model="openai/gpt-4o-mini", messages=[], stream=True)
client.chat.completions.create(model="openai/gpt-4o-of-a-name-that-no-gateway-lists", messages=[])
"""


@pytest.mark.parametrize("command", [("preflight",), ("preflight", "--probe", "--probe-features"), ("verify",)])
def test_a_live_check_fits_80_columns(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.py").write_text(CODE)
    for name, value in {**KEYS, "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    app = typer.Typer()
    lifecycle.register(app)
    old = targets.gateway("openrouter")
    with running(targets.load(), Record()) as port, running(old, Record()) as there:
        words = [command[0], str(tmp_path), "--base-url", bases(targets.load(), port)[0], "--yes", *command[1:]]
        if command[0] == "verify":
            words += ["--from-base-url", bases(old, there)[0]]
        assert typer.main.get_command(app).main(words, "migrate-openrouter", standalone_mode=False) == 4
    shown = capfd.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    said = " ".join(shown.split())
    assert "is not on the list of Synapse Garden" in said or "is not compared" in said
    if command[0] == "verify":
        assert "openai/gpt-4o-mini, english: ok openrouter 25 prompt tokens, 10 completion tokens, cost $" in said
