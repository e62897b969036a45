"""`python -m tests.new_fixture integrations/camel/openrouter-model`: a new fixture, written by the tool and read by you.

The first call makes the folder with an empty `before/` (or with a copy of `--from DIR`). Put a small program there and call again: the
tool runs, `after/` and the `[[expect]]` and `[[todo]]` rows are what it said. They are a draft: read each one and ask whether it is *right*,
because from then on it is what the tests demand. `--option` is an option of the command line, as often as needed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from migrator.model import Action, Finding, Plan
from migrator.text.source import Lines
from tests.accepting import outcome, write
from tests.harness import FIXTURES, read


def main(arguments: list[str] | None = None) -> int:
    """Make or fill the fixture that the arguments name; 1 where the program is still missing, 2 where the name cannot be one."""
    parser = argparse.ArgumentParser(prog="python -m tests.new_fixture", description=__doc__)
    parser.add_argument("name", help="topic/case-in-plain-words, below fixtures/")
    parser.add_argument("--title", default="", help="one sentence: what this shows")
    parser.add_argument("--from", dest="origin", type=Path, help="a folder whose files become before/")
    parser.add_argument("--option", action="append", default=[], help='an option of the command line, such as --option="--unsafe"')
    given = parser.parse_args(arguments)
    parts = given.name.strip("/").removeprefix("fixtures/").split("/")
    if len(parts) not in (2, 3) or not all(part.replace("-", "").isalnum() and part == part.lower() for part in parts):
        print("a fixture is named topic/case-in-plain-words, in lower case and with dashes", file=sys.stderr)
        return 2
    folder = FIXTURES.joinpath(*parts)
    before = folder / "before"
    if given.origin is not None and not before.exists():
        shutil.copytree(given.origin, before, symlinks=True)
    before.mkdir(parents=True, exist_ok=True)
    case = folder / "case.toml"
    if not case.exists():
        title = given.title or parts[-1].replace("-", " ").capitalize()
        options = f"options = {json.dumps(given.option)}\n" if given.option else ""
        case.write_text(f"title = {json.dumps(title, ensure_ascii=False)}\n{options}", "utf-8")
    if not any(before.iterdir()):
        print(f"Put a small program into {before}, then call this again.")
        return 1
    _fill(folder)
    return 0


def _fill(folder: Path) -> None:
    case = read(folder)
    with tempfile.TemporaryDirectory() as scratch:
        plan, before, after = outcome(case, Path(scratch))
    shutil.rmtree(folder / "after", ignore_errors=True)
    if after != before:
        write(folder / "after", after)
    if case.expect or case.todo:
        print("case.toml has rows already; they stay as they are")
    else:
        with (folder / "case.toml").open("a", encoding="utf-8") as file:
            file.write(rows(plan))
    print(f"Read {folder}: case.toml{' and after/' if after != before else ' (nothing is rewritten, so there is no after/)'}.")
    print("Is each row what should be said, and is anything missing? Does each changed byte have to change?")
    print(f"Then: .venv/bin/pytest tests/test_fixtures.py -k {folder.name}")


def rows(plan: Plan) -> str:
    """The `[[expect]]` and `[[todo]]` tables for what a plan leaves to a person; what it rewrites stands in `after/`."""
    lines = {path: Lines(source.text) for path, source in plan.sources.items()}
    seen: set[tuple[str, int, str, str]] = set()
    tables: list[str] = []
    for finding in plan.findings:
        place = (finding.path, _line(finding, lines), finding.action.value, str(finding.rule))
        if finding.action is Action.FLAG and place not in seen:
            seen.add(place)
            path, line, action, rule = place
            tables.append(f'[[expect]]\npath = "{path}"\nline = {line}\naction = "{action}"\nrule = "{rule}"\n')
    tables += (f"[[todo]]\ncontains = {json.dumps(todo.title, ensure_ascii=False)}\n" for todo in plan.todo)
    return "".join(f"\n{table}" for table in tables)


def _line(finding: Finding, lines: dict[str, Lines]) -> int:
    return 0 if finding.span is None else lines[finding.path].line(finding.span.start)


if __name__ == "__main__":
    sys.exit(main())
