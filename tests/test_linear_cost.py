"""Twice the input costs about twice the time: many addresses in one program, and many on one line of any format."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.reports import json as report

URL = "https://openrouter.ai/api/v1"
MOST = 2.9
"""Times as long for twice the input; quadratic cost would give 4. Above 2 because a busy machine measures badly."""


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
    "a line of JSON": ("a.json", lambda n: f'{{"x": "{f"{URL} " * n}"}}'),
}


def _cost(folder: Path, name: str, text: str) -> float:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    began = time.process_time()
    plan = make_plan(folder, [folder], Options(target=targets.load()))
    report.render(plan, mode=report.Mode.DRY_RUN, applied=0)
    assert plan.matched == 1
    return time.process_time() - began


@pytest.mark.parametrize("kind", INPUTS)
def test_twice_the_input_costs_twice_the_time(kind: str, tmp_path: Path) -> None:
    name, make = INPUTS[kind]
    small, large = make(700), make(1_400)
    _cost(tmp_path / "warm", name, make(10))
    ratios = []
    for attempt in range(4):
        ratios.append(_cost(tmp_path / f"b{attempt}", name, large) / _cost(tmp_path / f"a{attempt}", name, small))
        if ratios[-1] <= MOST:
            return
    pytest.fail(f"{kind}: {', '.join(f'{ratio:.1f}' for ratio in ratios)} times as long for twice the input")
