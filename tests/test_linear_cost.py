"""Twice the input costs about twice as much: many addresses in one program, and many on one line of any format.

What is counted are calls of functions, the same on any machine; seconds stand in `tests/benchmarks`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.reports import json as report

URL = "https://openrouter.ai/api/v1"
MOST = 2.2
"""Times as many calls for twice the input; quadratic cost would give 4."""


def _request(number: int) -> str:
    body = '{"model": "openai/gpt-5-mini", "messages": [], "provider": {"only": ["openai"]}}'
    return f'def ask_{number}(headers):\n    return requests.post("{URL}/chat/completions", headers=headers, json={body})\n'


def _client(number: int) -> str:
    return f'c{number} = OpenAI(base_url="{URL}", api_key=os.environ["OPENROUTER_API_KEY"])\n'


_MADE = "import { createOpenRouter } from '@openrouter/ai-sdk-provider';\n"


INPUTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "lines of Python": ("a.py", lambda n: "".join(f'a{i} = "{URL}"\n' for i in range(n))),
    "a line of Python": ("a.py", lambda n: f'x = "{f"{URL} " * n}"\n'),
    "lines of JavaScript": ("a.js", lambda n: "".join(f'const a{i} = "{URL}";\n' for i in range(n))),
    "a line of TypeScript": ("a.ts", lambda n: f'const x = "{f"{URL} " * n}";\n'),
    "requests with routing options": ("a.py", lambda n: "import requests\n" + "".join(map(_request, range(n // 5)))),
    "clients of Python": ("a.py", lambda n: "import os\nfrom openai import OpenAI\n" + "".join(map(_client, range(n // 2)))),
    "providers of TypeScript": (
        "a.ts",
        lambda n: (
            _MADE
            + "".join(f"const c{i} = createOpenRouter({{ apiKey: process.env.OPENROUTER_API_KEY }});\n" for i in range(n // 2))
        ),
    ),
    "lines of TOML": ("a.toml", lambda n: "".join(f'a{i} = "{URL}"\n' for i in range(n))),
    "requests of an HTTP file": ("a.http", lambda n: f"POST {URL}/chat/completions\n\n###\n" * (n // 2)),
    "a line of YAML": ("a.yaml", lambda n: f'x: "{f"{URL} " * n}"\n'),
    "entries of YAML": ("a.yaml", lambda n: "".join(f"a{i}:\n  url: {URL}\n" for i in range(n))),
    "entries of YAML with keys": (
        "a.yaml",
        lambda n: "".join(f"a{i}:\n  url: {URL}\n  api_key: ${{OPENROUTER_API_KEY}}\n" for i in range(n // 2)),
    ),
    "entries of JSON": ("a.json", lambda n: json.dumps({f"a{i}": {"url": URL} for i in range(n)})),
    "variables of a .env file": (".env", lambda n: "".join(f"A{i}_BASE_URL={URL}\n" for i in range(n))),
    "commands of a script": (
        "a.sh",
        lambda n: "".join(f'curl {URL}/models -H "Authorization: Bearer $OPENROUTER_API_KEY"\n' for _ in range(n // 4)),
    ),
    "a line of JSON": ("a.json", lambda n: f'{{"x": "{f"{URL} " * n}"}}'),
}


def _calls(folder: Path, name: str, text: str) -> int:
    folder.mkdir()
    (folder / name).write_text(text, "utf-8")
    count = 0

    def note(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        plan = make_plan(folder, [folder], Options(target=targets.load()))
        report.render(plan, mode=report.Mode.DRY_RUN, applied=0)
    finally:
        sys.setprofile(before)
    assert plan.matched == 1
    return count


@pytest.mark.parametrize("kind", INPUTS)
def test_twice_the_input_costs_twice_as_much(kind: str, tmp_path: Path) -> None:
    name, make = INPUTS[kind]
    _calls(tmp_path / "first", name, make(10))  # what is read and compiled once
    small, large = (_calls(tmp_path / str(size), name, make(size)) for size in (400, 800))
    assert large <= MOST * small
