"""A fault planted in functions of every stage, for files of four languages: it costs that file, never the run and never another file.

Which functions work on a file is seen from a run without a fault; each then fails as often as it is called for that file, until the
file is taken for one that cannot be read. By default some of the functions of each stage are tried; `BOUNDARIES_EVERY=1` tries each
(nightly).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import migrator
from migrator.catalog import targets
from migrator.model import Plan
from migrator.options import Options
from migrator.plan import build
from migrator.plan.pipeline import make_plan

EVERY = int(os.environ.get("BOUNDARIES_EVERY", "9"))
HERE = Path(migrator.__file__).parent
STAGES = ("text", "formats", "facts", "resolve", "routing", "analysis", "findings")
GOOD = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
BAD = {
    "bad.py": (
        "import os\nimport requests\nrequests.post(\n"
        '    "https://openrouter.ai/api/v1/chat/completions",\n'
        '    headers={"Authorization": f"Bearer {os.environ[\'OPENROUTER_KEY_OF_BAD\']}"},\n'
        '    json={"model": "openai/gpt-5-mini", "messages": [], "provider": {"order": ["azure", "openai"]}},\n)\n'
    ),
    "bad.ts": (
        'await fetch("https://openrouter.ai/api/v1/chat/completions", {\n  method: "POST",\n'
        "  headers: { Authorization: `Bearer ${process.env.OPENROUTER_KEY_OF_BAD}` },\n"
        '  body: JSON.stringify({ model: "openai/gpt-5-mini", messages: [], provider: { order: ["azure", "openai"] } }),\n});\n'
    ),
    "bad.go": (
        'package main\n\nimport (\n\t"bytes"\n\t"encoding/json"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n'
        '\tbody, _ := json.Marshal(map[string]any{"model": "openai/gpt-5-mini", "provider": map[string]any{"order": []string{"azure"}}})\n'
        '\treq, _ := http.NewRequest("POST", "https://openrouter.ai/api/v1/chat/completions", bytes.NewReader(body))\n'
        '\treq.Header.Set("Authorization", "Bearer "+os.Getenv("OPENROUTER_KEY_OF_BAD"))\n\thttp.DefaultClient.Do(req)\n}\n'
    ),
    "bad.yaml": (
        "models:\n  - name: mini\n    base_url: https://openrouter.ai/api/v1\n    api_key: ${OPENROUTER_KEY_OF_BAD}\n"
        "    model: openai/gpt-5-mini\n    extra_body:\n      provider:\n        order: [azure, openai]\n"
    ),
}
HOLDERS = ("fact", "file", "source", "scope", "connection", "site", "walk")


class Planted(Exception):  # noqa: N818
    """A fault of the tool."""


def _works_on(frame: FrameType, path: str) -> bool:
    """Whether a function was handed one file, or something that lies in it."""
    return any(_lies_in(value, path) for value in list(frame.f_locals.values()))


def _lies_in(value: object, path: str) -> bool:
    if isinstance(value, str):
        return value == path
    holders = [value]
    if type(value).__module__.startswith("migrator."):
        holders += [getattr(value, name, None) for name in HOLDERS]
    return any(getattr(holder, "path", None) == path for holder in holders if type(holder).__module__.startswith("migrator."))


@contextmanager
def _watched(monkeypatch: pytest.MonkeyPatch, name: str, called: Callable[[FrameType], None]) -> Iterator[None]:
    """Each call of a function goes through `called`, also after an earlier one has raised, until a file is given up."""

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called(frame)

    lower, judge = build._file, build._judge

    def lowered(path: str, *more: Any) -> Any:
        sys.setprofile(note)  # it is switched off by what it raises
        return lower(path, *more)

    def judged(reading: Any, faulty: frozenset[str]) -> Plan:
        sys.setprofile(None if name in faulty else note)
        return judge(reading, faulty)

    with monkeypatch.context() as patch:
        patch.setattr(build, "_file", lowered)
        patch.setattr(build, "_judge", judged)
        try:
            yield
        finally:
            sys.setprofile(None)


def _plan(root: Path) -> Plan:
    return make_plan(root, [root], Options(target=targets.load()))


def _functions(root: Path, name: str, stage: str, monkeypatch: pytest.MonkeyPatch) -> list[CodeType]:
    """The functions of a stage that work on a file, in the order of their first calls."""
    found: dict[CodeType, None] = {}

    def called(frame: FrameType) -> None:
        code = frame.f_code
        if code.co_name == "<genexpr>":  # where one is closed, nobody gets to know what it raises
            return
        if code.co_filename.startswith(f"{HERE / stage}{os.sep}") and code not in found and _works_on(frame, name):
            found[code] = None

    with _watched(monkeypatch, name, called):
        plan = _plan(root)
    assert not plan.problems
    assert set(plan.edits()) == {"good.py", name}
    return list(found)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", BAD)
def test_a_fault_in_any_function_costs_the_file_it_works_on(
    name: str, stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "good.py").write_text(GOOD, "utf-8")
    (root / name).write_text(BAD[name], "utf-8")
    _plan(root)  # what is read and compiled once
    functions = _functions(root, name, stage, monkeypatch)
    assert functions
    for code in functions[::EVERY]:
        failed = 0

        def called(frame: FrameType, code: CodeType = code) -> None:
            nonlocal failed
            if frame.f_code is code and _works_on(frame, name):
                failed += 1
                raise Planted

        with _watched(monkeypatch, name, called):
            plan = _plan(root)
        where = f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}"
        assert failed, where
        assert [problem.path for problem in plan.problems] == [name], where
        assert "internal error of this tool" in plan.problems[0].message, where
        assert "report this" in plan.problems[0].remedy, where
        assert set(plan.edits()) == {"good.py"}, where
