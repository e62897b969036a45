"""Runs the tool on a tree, in this process, and keeps all that it says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.apply import apply as applying
from migrator.apply.undo import undo
from migrator.catalog.targets import load
from migrator.model import Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan, reparse
from migrator.reports import diff, terminal
from migrator.reports.json import Mode, document

Tree = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Migration:
    """What the tool said and did."""

    report: Mapping[str, Any]
    text: str
    patch: str
    left_out: tuple[str, ...]
    """Files that the patch leaves out, because a hunk would show a secret."""
    before: Tree
    after: Tree
    restored: Tree

    @property
    def changed(self) -> bool:
        return self.before != self.after


def read(root: Path) -> Tree:
    """Path to bytes."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def write(root: Path, tree: Mapping[str, bytes | str]) -> None:
    """The opposite of `read`."""
    for path, data in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data.encode() if isinstance(data, str) else data)


def migrate(root: Path, state: Path, *, unsafe: bool = False, mutate: Callable[[Plan], Plan] | None = None) -> Migration:
    """A dry run, a run, and its undo. The tree is as before afterwards; the result is in `after`. `mutate` breaks a rule of the tool on purpose."""
    options = Options(target=load(), unsafe=unsafe)
    before = read(root)
    plan = make_plan(root, [root], options)
    if mutate is not None:
        plan = mutate(plan)
    report, text = document(plan, mode=Mode.DRY_RUN), terminal.render(plan, terminal.View(mode=Mode.DRY_RUN, width=100))
    patch, left_out = diff.render_with_omissions(plan)
    after, restored = before, before
    if any(change.selected for change in plan.changes):
        done = applying.apply(plan, root, allow_dirty=True, state=state, reparse=reparse)
        after = read(root)
        if done.written:
            undo(root, state=state)
            restored = read(root)
    return Migration(report, text, patch, left_out, before, after, restored)


def patched(migration: Migration, root: Path) -> Tree | str:
    """The tree that the patch makes of the original, or what `git apply` says."""
    write(root, migration.before)
    if re.search(r"\S", migration.patch):
        done = subprocess.run(["git", "apply", "-"], input=migration.patch.encode(), cwd=root, capture_output=True, check=False)
        if done.returncode:
            return done.stderr.decode("utf-8", "replace").strip()
    return read(root)
