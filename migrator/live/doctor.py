"""What this installation is made of and what each command would send: for the first run, and for a report of a fault.

Nothing is sent and nothing is written but an empty file in the state folder, which is removed at once, where that folder is there.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from migrator import __version__
from migrator.apply import journal
from migrator.apply.journal import Status
from migrator.apply.state import state_folder
from migrator.catalog import targets
from migrator.lifecycle.receipt import rules_version
from migrator.live import http, keys
from migrator.model import MigratorError, Target
from migrator.records import asdict, dataclass
from migrator.reports.text import count, escape, wrap

SCHEMA = "migrate-openrouter/doctor/1"
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "fast": ("stringzilla",),
    "live": ("httpx",),
    "rehearse": ("starlette", "uvicorn"),
    "prove": ("httpx", "starlette", "trustme"),
}
"""Packages of each extra; a test compares them with the project's metadata."""
_USED_BY = {"fast": "a faster search", "live": "preflight, verify", "rehearse": "rehearse", "prove": "prove"}


class State(StrEnum):
    """How an item stands."""

    OK = "ok"
    MISSING = "missing"
    """Optional, and not installed."""
    FAIL = "fail"
    """A run would be refused, or would leave less behind than it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that a command needs."""

    topic: str
    state: State
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What commands send, and where to."""

    commands: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The whole answer."""

    items: tuple[Item, ...]
    sends: tuple[Sending, ...]

    def failed(self) -> tuple[Item, ...]:
        """What keeps a run from working."""
        return tuple(item for item in self.items if item.state is State.FAIL)


def examine(root: Path, target: Target, env_file: Path | None, environ: Mapping[str, str]) -> Examination:
    """Look at the installation, the state folder and the tree at `root`. Raises `MigratorError` where `env_file` cannot be read."""
    items = (
        Item(topic="tool", state=State.OK, says=f"migrate-openrouter {__version__}, rules {rules_version()}"),
        Item(
            topic="Python",
            state=State.OK,
            says=f"{platform.python_version()} ({sys.executable or 'unknown path'}), {platform.system()} {platform.machine()}",
        ),
        _git(root),
        _state(root),
        _unfinished(root),
        *_extras(),
    )
    return Examination(items=items, sends=tuple(_sends(target, env_file, environ)))


def render(seen: Examination, *, width: int) -> str:
    """The answer for people: the verdict first, and again at the end."""
    verdict = wrap(_verdict(seen), width)
    lines = [*verdict, ""]
    column = max(len(item.topic) for item in seen.items)
    for item in seen.items:
        lead = f"  {item.state:<8} {item.topic:<{column}}  "
        text = escape(item.says) + (f": {escape(item.remedy)}" if item.remedy else "")
        lines += wrap(text, width, first=lead, rest=" " * len(lead))
    lines += ["", "WHAT IS SENT WHERE"]
    for sending in seen.sends:
        lines += wrap(escape(sending.commands), width, first="  ", rest="  ")
        lines += wrap(escape(sending.says), width, first="      ", rest="      ")
    return "\n".join((*lines, "", *verdict))


def dump(seen: Examination) -> str:
    """The answer as a document."""
    return json.dumps({"schema": SCHEMA, "ready": not seen.failed(), **asdict(seen)}, indent=2)


def _verdict(seen: Examination) -> str:
    if failed := seen.failed():
        return f"Not ready: {count(len(failed), 'fault')} ({', '.join(item.topic for item in failed)})."
    missing = [item.topic.removeprefix("extra ") for item in seen.items if item.state is State.MISSING]
    without = f"; extras not installed: {', '.join(missing)} (for {_commands(missing)} only)" if missing else ""
    return f"Ready: all that a run needs is there{without}."


def _commands(extras: list[str]) -> str:
    names = [_USED_BY[name] for name in extras if name in _USED_BY]
    return ", ".join(names)


def _git(root: Path) -> Item:
    try:
        told = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, check=True, timeout=30, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return Item(
            topic="git",
            state=State.FAIL,
            says="does not run, so uncommitted changes cannot be told from committed files",
            remedy="install git, or run with --allow-dirty on a copy",
        )
    inside = any((folder / ".git").exists() for folder in (root, *root.parents))
    where = "the tree is under version control" if inside else "the tree is in no git repository: undo is the only way back"
    return Item(topic="git", state=State.OK, says=f"{told.stdout.strip().removeprefix('git version ')}; {where}")


def _state(root: Path) -> Item:
    folder = Path(state_folder())
    elsewhere = "set MIGRATE_OPENROUTER_STATE to a folder of yours outside the tree"
    if folder.resolve().is_relative_to(root):
        return Item(topic="state folder", state=State.FAIL, says=f"{folder} lies inside the tree", remedy=elsewhere)
    try:
        if folder.exists():
            tempfile.TemporaryFile(dir=folder).close()
        else:
            parent = next(above for above in folder.parents if above.exists())
            if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
                raise PermissionError(13, f"no folder can be made in {parent}")
    except OSError as error:
        return Item(
            topic="state folder",
            state=State.FAIL,
            says=f"{folder} cannot be written ({error.strerror}), so a run is refused",
            remedy=elsewhere,
        )
    there = "is writable" if folder.is_dir() else "is made by the first run"
    return Item(topic="state folder", state=State.OK, says=f"{folder} {there}")


def _unfinished(root: Path) -> Item:
    place = journal.place_of(root.resolve(), None)
    try:
        runs = list(journal.journals(place)) if place.is_dir() else []
    except (OSError, MigratorError) as error:
        text = error.strerror if isinstance(error, OSError) else str(error)
        return Item(
            topic="earlier runs", state=State.FAIL, says=f"a journal in {place} cannot be read ({text})", remedy="remove it"
        )
    if runs and runs[0].status in (Status.WRITING, Status.UNDOING):
        return Item(
            topic="earlier runs",
            state=State.FAIL,
            says=f"the last run over {root} ({runs[0].id}) was cut short, or is still at work",
            remedy="migrate-openrouter undo takes it back",
        )
    kept = sum(run.status is Status.DONE for run in runs)
    return Item(
        topic="earlier runs",
        state=State.OK,
        says=f"{count(kept, 'run')} over {root} that undo can take back; none is unfinished" if kept else f"none over {root}",
    )


def _extras() -> Iterator[Item]:
    for extra, packages in EXTRAS.items():
        versions: list[str] = []
        missing: list[str] = []
        for package in packages:
            try:
                versions.append(f"{package} {metadata.version(package)}")
            except metadata.PackageNotFoundError:
                missing.append(package)
        if missing:
            yield Item(
                topic=f"extra {extra}",
                state=State.MISSING,
                says=f"{', '.join(missing)} for {_USED_BY[extra]}",
                remedy=f"pip install 'migrate-openrouter[{extra}]'",
            )
        else:
            yield Item(topic=f"extra {extra}", state=State.OK, says=f"{', '.join(versions)} (for {_USED_BY[extra]})")


def _sends(target: Target, env_file: Path | None, environ: Mapping[str, str]) -> Iterator[Sending]:
    old = targets.gateway("openrouter")
    new_key, old_key = (_key(gateway, env_file, environ) for gateway in (target, old))
    way = http.route(target.openai_base)
    yield Sending(commands="preflight", says=f"GET {target.openai_base}/models with {new_key}; {way.shown}; {way.tls}")
    yield Sending(
        commands="preflight --probe, preflight --probe-features",
        says=f"also requests to {target.openai_base} that cost a little: made-up prompts, never text of the tree; asks first",
    )
    yield Sending(commands="preflight --gateway openrouter", says=f"GET {old.openai_base}/models with {old_key}")
    yield Sending(
        commands="verify",
        says=f"the same prompts (built in, or those of --prompts) to {old.openai_base} with {old_key}, and to {target.openai_base}"
        f" with {new_key}; asks first and stops at --max-cost",
    )
    yield Sending(commands="rehearse", says="nothing leaves this machine; it answers on 127.0.0.1 only")
    yield Sending(
        commands="prove",
        says="nothing leaves this machine: your command's requests end at a recorder on 127.0.0.1"
        " (what ignores proxy variables is not held back)",
    )
    yield Sending(commands="every other command", says="nothing, and no telemetry")


def _key(gateway: Target, env_file: Path | None, environ: Mapping[str, str]) -> str:
    key = keys.find(gateway.key_env, env_file, environ)
    where = keys.place(env_file)
    if key is None or not key.value.strip():
        return f"the key in {gateway.key_env} (not set in {where}; nothing is sent without it)"
    return f"the key in {gateway.key_env} (set in {where}, {keys.shape(key.value)})"
