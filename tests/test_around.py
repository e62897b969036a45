"""Which files beside those that were given are read, so that no variable is renamed for some of its readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan

GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
COMPOSE = "services:\n  a:\n    build: .\n    environment:\n      OPENROUTER_API_KEY: ${OPENROUTER_API_KEY}\n"
FILES = {
    "docker-compose.yml": COMPOSE,
    "apps/docker-compose.yml": COMPOSE,
    "apps/a/app.py": GOOD,
    "apps/a/deep/app.py": GOOD,
    "apps/b/app.py": GOOD,
    "apps/b/docker-compose.yml": COMPOSE,
    "main.py": GOOD,
}
ALL = set(FILES)
ABOVE = {"docker-compose.yml", "apps/docker-compose.yml", "main.py"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    return tmp_path


def _read(root: Path, *given: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> set[str]:
    plan = make_plan(root, [root / path for path in given], Options(target=targets.load(), include=include, exclude=exclude))
    (row,) = (row for row in plan.env if row.name == "OPENROUTER_API_KEY")
    return {place.path for place in (*row.readers, *row.definers)}


def test_the_whole_tree(root: Path) -> None:
    plan = make_plan(root, [root], Options(target=targets.load()))
    assert set(plan.edits()) == ALL


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (("apps/a",), {"apps/a/app.py", "apps/a/deep/app.py"} | ABOVE),
        (("apps/a/deep",), {"apps/a/deep/app.py", "apps/a/app.py"} | ABOVE),
        (("apps/a", "apps/b"), ALL),
        (("apps/b",), {"apps/b/app.py", "apps/b/docker-compose.yml"} | ABOVE),
        (("apps",), ALL),
        (("apps/a/app.py",), ALL),
        (("apps/a", "main.py"), ALL),
    ],
)
def test_around_a_folder_what_can_set_its_variables_and_around_a_file_everything(
    root: Path, given: tuple[str, ...], read: set[str]
) -> None:
    assert _read(root, *given) == read
    assert not make_plan(root, [root / path for path in given], Options(target=targets.load())).edits().keys() & (ALL - read)


@pytest.mark.parametrize("more", [{"include": ("apps/a/**",)}, {"exclude": ("apps/b/*",)}])
def test_what_patterns_leave_out_is_read_all_the_same(root: Path, more: dict[str, tuple[str, ...]]) -> None:
    assert _read(root, ".", **more) == ALL


def test_a_file_that_names_nothing_is_no_reader(root: Path) -> None:
    (root / "apps/c").mkdir()
    (root / "apps/c/app.py").write_text("print(1)\n", "utf-8")
    plan = make_plan(root, [root / "apps/c"], Options(target=targets.load()))
    assert (plan.env, plan.findings, plan.scanned) == ((), (), 1)


SDK = """import { OpenRouter } from "@openrouter/sdk";

export const client = new OpenRouter({ apiKey: process.env.OPENROUTER_API_KEY });
"""
ASK = """import { client } from "./client.js";

export const ask = (text) => client.chat.send({ model: "openai/gpt-4o", messages: [{ role: "user", content: text }] });
"""


@pytest.mark.parametrize(
    ("given", "edited"),
    [
        (("app",), {"app/client.js", "app/ask.js"}),
        (("app/client.js", "app/ask.js"), {"app/client.js", "app/ask.js"}),
        (("app/client.js",), set()),
    ],
)
def test_a_file_that_uses_a_client_of_another_is_edited_with_it_or_keeps_it(
    tmp_path: Path, given: tuple[str, ...], edited: set[str]
) -> None:
    """`ask.js` does not name OpenRouter, and a call in it has to change with the class."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/client.js").write_text(SDK, "utf-8")
    (tmp_path / "app/ask.js").write_text(ASK, "utf-8")
    (tmp_path / "docker-compose.yml").write_text("# OpenRouter\nservices: {}\n", "utf-8")
    plan = make_plan(tmp_path, [tmp_path / path for path in given], Options(target=targets.load()))
    assert set(plan.edits()) == edited
