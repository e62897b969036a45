"""W5: the text report, the JSON report, the patch and the tree say the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.proof.examine import Evidence
from tests.proof.laws import Violation
from tests.proof.tool import patched


def told_is_done(evidence: Evidence, scratch: Path) -> Iterator[Violation]:
    """W5."""
    for kind, detail in [
        *_shown_lines(evidence),
        *_patch(evidence, scratch),
        *_counts(evidence),
        *_rewrites(evidence),
        *_rows(evidence),
    ]:
        yield Violation("W5", "-", kind, detail)


def _shown_lines(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Each line that the text report shows as going or coming is in the file and in the patch."""
    migration = evidence.migration
    gone, come = _patch_lines(migration.patch)
    for paths, sign, line in _changes(migration.text):
        for path in paths:
            tree = migration.after if sign == "+" else migration.before
            lines = tree.get(path, b"").decode("utf-8", "replace").splitlines()
            if not _stands(lines, line):
                yield "the text report shows a line that the file has not", f"{path}: {sign} {line}"
            elif path not in migration.left_out and not _stands((come if sign == "+" else gone)[path], line):
                yield "the text report shows a line that the patch has not", f"{path}: {sign} {line}"


def _changes(text: str) -> Iterator[tuple[list[str], str, str]]:
    inside, paths, fresh = False, list[str](), True
    for line in text.splitlines():
        if line[:1].isupper():
            inside = line.startswith("WHAT WILL CHANGE")
        elif inside and (match := re.match(r"    (\S+):\d+(?:  \((?:\d+ places|part of another place)\))?$", line)):
            paths, fresh = ([] if fresh else paths) + [match[1]], False
        elif inside and (match := re.match(r"      ([-+])(?: (.*))?$", line)):
            fresh = True
            yield paths, match[1], (match[2] or "").strip()


def _patch_lines(patch: str) -> tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]]:
    gone, come = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    current = ""
    for line in patch.splitlines():
        if match := re.match(r"(?:---|\+\+\+) (?:[ab]/)?(\S+)", line):
            current = current if match[1] == "/dev/null" else match[1]
        elif line[:1] in ("+", "-"):
            (come if line[0] == "+" else gone)[current].append(line[1:])
    return gone, come


def _stands(lines: list[str], line: str) -> bool:
    """Whether a line reads so, where the report may have masked or shortened it."""
    pattern = re.compile(".*".join(re.escape(part) for part in re.split(r"…(?:\[masked\])?", line)) + "$")
    return any(pattern.match(other.strip()) for other in lines)


def _patch(evidence: Evidence, scratch: Path) -> Iterator[tuple[str, str]]:
    migration = evidence.migration
    tree = patched(migration, scratch)
    if isinstance(tree, str):
        yield "the patch does not apply", tree
        return
    for path in sorted(tree.keys() | migration.after.keys()):
        if path not in migration.left_out and tree.get(path) != migration.after.get(path):
            yield "the patch gives another file than the run", path


def _counts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    migration = evidence.migration
    report, first = migration.report, migration.text.split("\n", 1)[0]
    rewrites = [finding for finding in report["findings"] if finding["action"] == "rewrite"]
    match = re.search(r"(\d+) places? in (\d+) files?", first)
    places = {"text": int(match[1]) if match else 0, "summary": report["summary"]["rewrite"], "findings": len(rewrites)}
    files = {
        "text": int(match[2]) if match else 0,
        "findings": len({finding["path"] for finding in rewrites}),
        "tree": sum(
            migration.before.get(path) != migration.after.get(path) for path in migration.before.keys() | migration.after.keys()
        ),
    }
    for what, numbers in (("places", places), ("files", files)):
        if len(set(numbers.values())) > 1:
            yield f"{what} are counted differently", str(numbers)
    for action in ("rewrite", "flag", "keep"):
        if report["summary"][action] != sum(finding["action"] == action for finding in report["findings"]):
            yield "a count in the summary is not the number of findings", action


def _rewrites(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What the JSON report calls rewritten is in the file; a connection called moved no longer names OpenRouter's address."""
    after = evidence.migration.after
    for finding in evidence.migration.report["findings"]:
        if finding["action"] != "rewrite" or not finding["after"]:
            continue
        text = after.get(finding["path"], b"").decode("utf-8", "replace")
        for line in finding["after"].splitlines():
            if line.strip() and not _stands([f"{row}" for row in text.splitlines()], f"…{line.strip()}…"):
                yield (
                    "a finding called rewrite is not in the file",
                    f"{finding['path']}:{finding['line']} {finding['rule']}: {line}",
                )


def _rows(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The tables of the JSON report: each connection has a row, a new name stands in the tree, a to-do is listed once."""
    migration, report = evidence.migration, evidence.migration.report
    calls = sum(len(script) for script in evidence.program.scripts)
    if migration.changed and len(report["connections"]) < calls:
        yield "connections[] lacks a connection", f"{len(report['connections'])} rows for {calls} calls"
    texts = [data.decode("utf-8", "replace") for data in migration.after.values()]
    prefixed = any(key.form == "settings-prefix" for key in evidence.program.keys)  # such a name stands there in two parts
    for row in () if prefixed else report["env"]:
        if migration.changed and row["decision"] in ("rename", "additive") and not any(row["new_name"] in text for text in texts):
            yield "a new name does not stand in the tree", f"{row['name']} -> {row['new_name']}"
    todos = Counter(
        (todo.get("kind"), todo.get("variable"), tuple(todo.get("where") or ()), todo["title"]) for todo in report["todo"]
    )
    for todo, count in todos.items():
        if count > 1:
            yield "a to-do is listed twice", str(todo)
