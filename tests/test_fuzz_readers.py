"""Any text in any format: a reader reads it or says why not; nothing else is raised, and no time is lost.

Texts are pieces of the fixtures, cut, doubled and mixed with what is special in some format. `FUZZ_EXAMPLES` sets how many for each
format (nightly: thousands).
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.formats import lower
from migrator.formats.tree import Module, Unreadable
from migrator.text.source import Undecodable, decode

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = (
    "a.py", "a.ipynb", "a.js", "a.ts", "a.tsx", "a.vue", "a.svelte", "a.sh", "Dockerfile", "Makefile", "justfile", "a.ps1", "a.bat", "a.yaml",
    "docker-compose.yml", ".github/workflows/a.yml", "a.json", "package.json", "a.toml", "a.ini", ".env", ".envrc", "a.tf", "a.http", "a.md", "a.html",
    "a.java", "a.cs", "a.php", "a.dart", "a.go", "a.rb", "a.rs", "a.kt", "a.swift", "a.properties", "a.txt",
)  # fmt: skip
SPECIAL = (
    "${", "}", "{{", "}}", "$(", ")", "'", '"', "`", "'''", '"""', "\\", "\\\n", "#", "//", "/*", "*/", "<!--", "-->", "<<EOF\n", "EOF\n", "\t", "\r",
    "\r\n", "\u2028", "\ufeff", "\x0c", "\udc80", "- ", ": ", "? ", "&a ", "*a", "!!x ", "|\n", ">-\n", "[", "]", "(", "=", ":=", "%}", "${{ ", "f'{x!r:>{w}}'",
    "\N{ZERO WIDTH SPACE}", "é", "\U0001f600", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1", "openrouter/auto", "sk-or-v1-", "\n",
)  # fmt: skip


@cache
def _pieces() -> tuple[str, ...]:
    files = sorted(path for path in FIXTURES.rglob("before/**/*") if path.is_file() and path.stat().st_size < 4_000)
    return tuple(path.read_text("utf-8", "surrogateescape") for path in files[::7])


@st.composite
def texts(draw: st.DrawFn) -> str:
    base = draw(st.sampled_from(_pieces()))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(base)))
        match draw(st.integers(0, 3)):
            case 0:
                base = base[:at] + draw(st.sampled_from(SPECIAL)) * draw(st.sampled_from([1, 1, 1, 40])) + base[at:]
            case 1:
                base = base[:at] + base[min(len(base), at + draw(st.integers(1, 30))) :]
            case 2:
                other = draw(st.sampled_from(_pieces()))
                base = base[:at] + other[draw(st.integers(0, len(other))) :][:400] + base[at:]
            case _:
                base = base[:at]
    return base


def _read(name: str, data: bytes) -> tuple[Unreadable | Undecodable, Module | None]:
    try:
        return Unreadable(0, ""), lower(decode(name, data, lenient=True))
    except (Unreadable, Undecodable) as complaint:
        return complaint, None


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_reads_or_says_why_not(name: str) -> None:
    @given(texts())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def check(text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        began = time.process_time()
        complaint, module = _read(name, data)
        if module is not None:
            assert module.path == name
            length = len(decode(name, data, lenient=True).text)
            assert all(0 <= node.span.start <= node.span.end <= length for node in module.body)
        else:
            # the YAML library ends lines at more characters, and names the line behind the last one where more was expected
            assert complaint.line <= sum(map(text.count, "\n\r\x85\u2028\u2029")) + 2
            assert "\n" not in complaint.message
        assert time.process_time() - began < 5

    check()
