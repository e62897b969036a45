"""Connections in configuration: which key goes to which address, whatever the shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.model import ConnectionRow
from migrator.options import Options
from migrator.plan.pipeline import make_plan

URL, KEY = "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"


def _rows(root: Path, path: str, text: str) -> list[ConnectionRow]:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")
    return list(make_plan(root, [root], Options(target=targets.chosen(None, None, None, None))).connections)


@pytest.mark.parametrize(
    ("path", "text", "client", "line", "key"),
    [
        ("a.yaml", f"llm:\n  base_url: {URL}\n  api_key: ${{{KEY}}}\n", "config", 2, f"env {KEY}"),
        ("a.yaml", f"llm:\n  apiBase: {URL}\n  apiKeyEnvar: {KEY}\n", "config", 2, f"env {KEY}"),
        ("a.json", f'{{"baseURL": "{URL}",\n"apiKey": "${{{KEY}}}"}}', "config", 1, f"env {KEY}"),
        ("a.toml", f'[p]\nbase_url = "{URL}"\nenv_key = "{KEY}"\n', "config", 2, f"env {KEY}"),
        ("a.toml", f'[p]\nbase_url = "{URL}"\napi_key = ""\n', "config", 2, "not given here"),
        ("compose.yaml", f"services:\n  a:\n    build: .\n    environment:\n      OPENAI_BASE_URL: {URL}\n      OPENAI_API_KEY: ${{{KEY}}}\n", "environment", 5, f"env {KEY}"),
        (".env", f"LLM_BASE_URL={URL}\nLLM_API_KEY=\nOTHER_API_KEY=\n", "environment", 1, "env LLM_API_KEY"),
        ("a.http", f"POST {URL}/chat/completions\nAuthorization: Bearer {{{{$dotenv {KEY}}}}}\n", "POST", 1, f"env {KEY}"),
    ],
)  # fmt: skip
def test_names_both_ends(path: str, text: str, client: str, line: int, key: str, tmp_path: Path) -> None:
    rows = [row for row in _rows(tmp_path, path, text) if row.client == client]
    assert [(row.path, row.line, row.url_from, row.key_from) for row in rows] == [(path, line, f"literal {path}:{line}", key)]


def test_a_mapping_moves_though_a_command_that_shares_its_key_stays(tmp_path: Path) -> None:
    mapping = f"llm:\n  base_url: {URL}\n  api_key: ${{{KEY}}}\n"
    (row,) = _rows(tmp_path, "a.yaml", mapping)
    assert row.decision == "rewrite"
    (tmp_path / "credits.sh").write_text(f'curl {URL}/credits -H "Authorization: Bearer ${KEY}"\n', "utf-8")
    rows = {row.path: row for row in _rows(tmp_path, "a.yaml", mapping)}
    assert {path: row.decision for path, row in rows.items()} == {"a.yaml": "rewrite", "credits.sh": "keep"}
    assert "/credits" in rows["credits.sh"].because


def test_an_address_that_a_program_uses_has_the_programs_row_only(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        f'import os\nfrom openai import OpenAI\nOpenAI(base_url=os.environ["LLM_BASE_URL"], api_key=os.environ["{KEY}"])\n', "utf-8"
    )
    rows = _rows(tmp_path, ".env.example", f"LLM_BASE_URL={URL}\n{KEY}=\n")
    assert [(row.path, row.client) for row in rows] == [("a.py", "openai")]
