"""What the tool makes of a fixture, written down as the fixture's `after/`."""

from __future__ import annotations

import shutil
from pathlib import Path

from migrator.apply import apply as applying
from migrator.model import Plan
from migrator.plan.pipeline import make_plan, reparse
from tests.harness import Case, Tree, lay, options_of, planted, planted_tokens, tree


def outcome(case: Case, scratch: Path) -> tuple[Plan, Tree, Tree]:
    """The plan of a fixture, its tree before, and its tree after a run; secrets are put back as their tokens."""
    root = scratch / "root"
    lay(case.folder / "before", root, case.id)
    before = tree(root)
    plan = make_plan(root, [root], options_of(case, root))
    applying.apply(plan, root, allow_dirty=True, state=scratch / "state", reparse=reparse)
    tokens = {planted(case.id, token).encode(): token.encode() for token in planted_tokens(case.folder / "before")}
    return plan, _with_tokens(before, tokens), _with_tokens(tree(root), tokens)


def _with_tokens(entries: Tree, tokens: dict[bytes, bytes]) -> Tree:
    named: Tree = {}
    for path, entry in entries.items():
        data = entry.data
        for secret, token in tokens.items():
            data = data.replace(secret, token)
        named[path] = type(entry)(data, entry.mode)
    return named


def accept(case: Case, scratch: Path) -> bool:
    """Write `after/` as the tool makes it, or take it away where nothing changes; False where it stood like that already."""
    _, before, after = outcome(case, scratch)
    folder = case.folder / "after"
    standing = tree(folder) if folder.is_dir() else None
    wanted = after if after != before else None
    if _bytes(standing) == _bytes(wanted):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    if wanted is not None:
        write(folder, wanted)
    return True


def _bytes(entries: Tree | None) -> dict[str, tuple[bytes, bool]] | None:
    """What git keeps of a tree: the content and whether a file can be run."""
    return None if entries is None else {path: (entry.data, bool(entry.mode & 0o100)) for path, entry in entries.items()}


def write(folder: Path, entries: Tree) -> None:
    """A tree as files and links below a folder."""
    for path, entry in entries.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode:
            place.write_bytes(entry.data)
            place.chmod(entry.mode)
        else:
            place.symlink_to(entry.data.decode())
