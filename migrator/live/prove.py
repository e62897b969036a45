"""The user's own command before and after the planned change, in throw-away copies, with every request led to a recorder.

Both runs get the variables that the report speaks of with values made for this purpose: the old ones before, and after what the to-do list
says. So no real key is sent anywhere, and each key that arrives can be told by its variable. Nothing leaves the machine.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from migrator.catalog.targets import gateway
from migrator.catalog.variables import names_url
from migrator.live.differences import Difference, Expected, Pair, compare
from migrator.live.interception import environment
from migrator.live.recorder import Recording, recording
from migrator.model import MigratorError, Plan
from migrator.records import dataclass
from migrator.text.source import encode
from migrator.text.splice import splice

_LINKED = ("node_modules", ".venv", "venv", "env", ".tox", "vendor", "target", ".gradle")
"""Folders of installed packages: linked into the copies, not copied."""
_LEFT_OUT = (".git", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of the command."""

    code: int | None
    """None: it was stopped after the time that it may take."""
    output: str
    recorded: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Both runs, compared."""

    before: Ran
    after: Ran
    pairs: tuple[Pair, ...]
    ends: tuple[Difference, ...]
    """Differences of the runs as a whole."""

    def unplanned(self) -> list[Difference]:
        """What the plan does not say."""
        return [
            each
            for each in (*self.ends, *(difference for pair in self.pairs for difference in pair.differences))
            if not each.planned
        ]

    def proves(self) -> bool:
        """Something was sent, and nothing differs that the plan does not say."""
        return bool(self.pairs) and not self.unplanned()


def prove(plan: Plan, root: Path, command: Sequence[str], *, seconds: float = 300) -> Proof:
    """Run `command` on the tree and on the changed tree. Raises `MigratorError` where it cannot be started."""
    old = gateway("openrouter")
    hosts = {host: each for each in (old, plan.target) for base in (each.openai_base, each.anthropic_base) if (host := _host(base))}
    before, after, expected = variables(plan)
    with tempfile.TemporaryDirectory(prefix="migrate-openrouter-prove-") as name:
        scratch = Path(name).resolve()
        trees = {"before": scratch / "before", "after": scratch / "after"}
        for tree in trees.values():
            copy(root, tree)
        write(plan, trees["after"])
        with recording(hosts, scratch) as (port, certificate, recorder):
            ran = {}
            for title, given in (("before", before), ("after", after)):
                environ = environment({**_without(plan), **given}, port, certificate, scratch)
                ran[title] = _run(command, root, trees[title], environ, seconds, recorder)
    pairs = compare(ran["before"].recorded.requests, ran["after"].recorded.requests, expected)
    return Proof(before=ran["before"], after=ran["after"], pairs=tuple(pairs), ends=tuple(_ends(ran["before"], ran["after"])))


def variables(plan: Plan) -> tuple[dict[str, str], dict[str, str], Expected]:
    """The environment before, the one after, and what the keys in them are.

    A secret of the to-do list gets a key of the target's shape, every other entry its value; what it says to remove is not set. A variable
    that stays keeps what it had.
    """
    old_key = "sk-or-v1-" + secrets.token_hex(32)
    new_key = (plan.target.key_prefixes[0] if plan.target.key_prefixes else "key-") + secrets.token_hex(24)
    addresses = {row.name for row in plan.env if names_url(row.name)}
    before = {row.name: old_key for row in plan.env if row.name not in addresses}
    after = {row.name: old_key for row in plan.env if row.name in before and row.decision != "rename"}
    for todo in plan.todo:
        if todo.variable and todo.kind == "set" and (todo.secret or todo.value is not None):
            after[todo.variable] = new_key if todo.value is None else todo.value
        elif todo.variable and todo.kind == "remove":
            after.pop(todo.variable, None)
    for row in plan.env:
        if row.name in before and row.new_name and row.decision in ("rename", "additive"):
            after.setdefault(row.new_name, new_key)
        if row.decision == "keep" and row.name in before:
            after[row.name] = new_key
    names = {old_key: ", ".join(before) or "OpenRouter's key", new_key: plan.target.key_env}
    expected = Expected(
        plan=plan, old=gateway("openrouter"), keys=names, old_keys=frozenset({old_key}), new_keys=frozenset({new_key})
    )
    return before, after, expected


def _without(plan: Plan) -> dict[str, str]:
    """The environment of this process without the variables that the plan speaks of, whatever they hold."""
    spoken = {name for row in plan.env for name in (row.name, row.new_name)} | {row.variable for row in plan.todo}
    return {name: value for name, value in os.environ.items() if name not in spoken}


def copy(root: Path, to: Path) -> None:
    """A copy of a tree to run something in; folders of installed packages are links to the real ones. Raises `MigratorError`."""

    def leave_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in _LEFT_OUT or (name in _LINKED and (Path(folder) / name).is_dir())}

    try:
        shutil.copytree(root, to, symlinks=True, ignore=leave_out, ignore_dangling_symlinks=True)
        for folder, names, _ in os.walk(root):
            for name in [name for name in names if name in _LINKED or name in _LEFT_OUT]:
                names.remove(name)
                if name in _LINKED:
                    (to / Path(folder).relative_to(root) / name).symlink_to(Path(folder) / name, target_is_directory=True)
    except (OSError, shutil.Error) as error:
        raise MigratorError(f"{root}: cannot be copied to {to.parent}: {error}") from None


def write(plan: Plan, tree: Path) -> None:
    """Make the selected changes of a plan in a copy that nobody else uses."""
    for path, edits in plan.edits().items():
        source = plan.sources[path]
        (tree / path).write_bytes(encode(source, splice(source.text, edits)))


def _run(command: Sequence[str], root: Path, tree: Path, environ: Mapping[str, str], seconds: float, recorder: Recording) -> Ran:
    current = Path.cwd()
    inside = current.relative_to(root) if current.is_relative_to(root) else Path()
    words = [word.replace(str(root), str(tree)) if Path(word).is_absolute() else word for word in command]
    try:
        done = subprocess.run(
            words, cwd=tree / inside, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"") + (error.stderr or b"")
        return Ran(code=None, output=said.decode("utf-8", "replace"), recorded=recorder.take())
    except OSError as error:
        raise MigratorError(f"{command[0]}: cannot be started ({error.strerror}).") from None
    return Ran(code=done.returncode, output=(done.stdout + done.stderr).decode("utf-8", "replace"), recorded=recorder.take())


def _ends(before: Ran, after: Ran) -> list[Difference]:
    codes = f"the command ended with {ending(before)} before and {ending(after)} after"
    refused = sorted(after.recorded.refused - before.recorded.refused)
    clients = [f"a client that asks {host} did not accept the recorder's certificate" for host in refused]
    return [
        *([] if before.code == after.code else [Difference(what="exit", text=codes, planned=False)]),
        *(Difference(what="request", text=text, planned=False) for text in clients),
    ]


def ending(ran: Ran) -> str:
    """How a run ended, in words."""
    return "a time-out" if ran.code is None else f"code {ran.code}"


def _host(base: str | None) -> str | None:
    return urlsplit(base).hostname if base else None
