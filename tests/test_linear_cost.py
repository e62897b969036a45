"""Twice the input costs about twice as much: many addresses in one program, and many on one line of any format.

What is counted are calls of functions, and the steps of each function by itself: the same on any machine; seconds stand in
`tests/benchmarks`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import migrator
from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.reports import json as report

URL = "https://openrouter.ai/api/v1"
MOST = 2.2
"""Times as many calls for twice the input; quadratic cost would give 4."""
FEW = 600
"""Instructions that are no cost: what is done for a whole file at once, or the more often the longer a number is."""
HERE = str(Path(migrator.__file__).parent)


def _request(number: int) -> str:
    body = '{"model": "openai/gpt-5-mini", "messages": [], "provider": {"only": ["openai"]}}'
    return f'def ask_{number:05}(headers):\n    return requests.post("{URL}/chat/completions", headers=headers, json={body})\n'


def _client(number: int) -> str:
    return f'c{number:05} = OpenAI(base_url="{URL}", api_key=os.environ["OPENROUTER_API_KEY"])\n'


def _ecma_client(number: int) -> str:
    return f'const c{number:05} = new OpenAI({{ baseURL: "{URL}", apiKey: process.env.OPENROUTER_API_KEY }});\n'


_DEFAULTS = (
    'import axios from "axios";\n'
    'axios.defaults.headers.common["Authorization"] = `Bearer ${process.env.OPENROUTER_API_KEY}`;\n'
    f'export const ask = () => axios.post("{URL}/chat/completions", {{}});\n'
)
_MADE = "import { createOpenRouter } from '@openrouter/ai-sdk-provider';\n"


INPUTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "lines of Python": ("a.py", lambda n: "".join(f'a{i:05} = "{URL}"\n' for i in range(n))),
    "a line of Python": ("a.py", lambda n: f'x = "{f"{URL} " * n}"\n'),
    "lines of JavaScript": ("a.js", lambda n: "".join(f'const a{i:05} = "{URL}";\n' for i in range(n))),
    "a line of TypeScript": ("a.ts", lambda n: f'const x = "{f"{URL} " * n}";\n'),
    "requests with routing options": ("a.py", lambda n: "import requests\n" + "".join(map(_request, range(n // 5)))),
    "clients of Python": ("a.py", lambda n: "import os\nfrom openai import OpenAI\n" + "".join(map(_client, range(n // 2)))),
    "providers of TypeScript": (
        "a.ts",
        lambda n: (
            _MADE
            + "".join(f"const c{i:05} = createOpenRouter({{ apiKey: process.env.OPENROUTER_API_KEY }});\n" for i in range(n // 2))
        ),
    ),
    "requests with the headers of a library": (
        "a.ts",
        lambda n: (
            _DEFAULTS + "".join(f'export const f{i:05} = () => axios.get("https://api.example.com/x");\n' for i in range(n // 2))
        ),
    ),
    "lines of TOML": ("a.toml", lambda n: "".join(f'a{i:05} = "{URL}"\n' for i in range(n))),
    "requests of an HTTP file": ("a.http", lambda n: f"POST {URL}/chat/completions\n\n###\n" * (n // 2)),
    "a line of YAML": ("a.yaml", lambda n: f'x: "{f"{URL} " * n}"\n'),
    "entries of YAML": ("a.yaml", lambda n: "".join(f"a{i:05}:\n  url: {URL}\n" for i in range(n))),
    "entries of YAML with keys": (
        "a.yaml",
        lambda n: "".join(f"a{i:05}:\n  url: {URL}\n  api_key: ${{OPENROUTER_API_KEY}}\n" for i in range(n // 2)),
    ),
    "entries of JSON": ("a.json", lambda n: json.dumps({f"a{i:05}": {"url": URL} for i in range(n)})),
    "variables of a .env file": (".env", lambda n: "".join(f"A{i:05}_BASE_URL={URL}\n" for i in range(n))),
    "commands of a script": (
        "a.sh",
        lambda n: "".join(f'curl {URL}/models -H "Authorization: Bearer $OPENROUTER_API_KEY"\n' for _ in range(n // 4)),
    ),
    "clients of JavaScript": ("a.js", lambda n: 'import OpenAI from "openai";\n' + "".join(map(_ecma_client, range(n // 2)))),
    "entries of JSON with keys": (
        "a.json",
        lambda n: json.dumps([{"url": URL, "api_key": "${OPENROUTER_API_KEY}"} for _ in range(n // 2)], indent=1),
    ),
    "tables of TOML with keys": (
        "a.toml",
        lambda n: "".join(f'[a{i:05}]\nurl = "{URL}"\napi_key = "${{OPENROUTER_API_KEY}}"\n' for i in range(n // 2)),
    ),
    "requests of an HTTP file with keys": (
        "a.http",
        lambda n: f"POST {URL}/chat/completions\nAuthorization: Bearer {{{{OPENROUTER_API_KEY}}}}\n\n{{}}\n\n###\n" * (n // 2),
    ),
    "a line of TOML": ("a.toml", lambda n: f'x = "{f"{URL} " * n}"\n'),
    "a line of an HTTP file": ("a.http", lambda n: f'POST {URL}/chat/completions\n\n{{"x": "{f"{URL} " * n}"}}\n'),
    "a line of JSON": ("a.json", lambda n: f'{{"x": "{f"{URL} " * n}"}}'),
}


def _planned(folder: Path, name: str, text: str) -> None:
    folder.mkdir()
    (folder / name).write_text(text, "utf-8")
    plan = make_plan(folder, [folder], Options(target=targets.load()))
    report.render(plan, mode=report.Mode.DRY_RUN, applied=0)
    assert plan.matched == 1


def _calls(folder: Path, name: str, text: str) -> int:
    count = 0

    def note(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        _planned(folder, name, text)
    finally:
        sys.setprofile(before)
    return count


def _steps(folder: Path, name: str, text: str) -> Counter[CodeType]:
    """How many instructions each function of the tool runs, loops inside of it included."""
    steps: Counter[CodeType] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(HERE):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps[frame.f_code] += event == "opcode"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        _planned(folder, name, text)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("kind", INPUTS)
def test_twice_the_input_costs_twice_as_much(kind: str, tmp_path: Path) -> None:
    name, make = INPUTS[kind]
    _calls(tmp_path / "first", name, make(10))  # what is read and compiled once
    small, large = (_calls(tmp_path / str(size), name, make(size)) for size in (400, 800))
    assert large <= MOST * small


@pytest.mark.parametrize("kind", INPUTS)
def test_no_function_looks_at_everything_for_each_thing(kind: str, tmp_path: Path) -> None:
    """A small input is enough where each function is counted by itself: a loop over all in one of them shows at once."""
    name, make = INPUTS[kind]
    _planned(tmp_path / "first", name, make(10))
    small, large = (_steps(tmp_path / str(size), name, make(size)) for size in (20, 40))
    grown = [f"{code.co_qualname}: {small[code]}, {steps}" for code, steps in large.items() if steps > MOST * small[code] + FEW]
    assert grown == []
