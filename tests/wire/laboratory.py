"""Runs the program of a row before and after the tool, with the pinned version of its library, and says what differs on the wire."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from migrator.catalog.targets import gateway
from migrator.live.differences import key_of
from migrator.live.interception import environment
from migrator.live.prove import copy, variables, write
from migrator.live.recorder import Request, recording
from migrator.model import Plan
from migrator.plan.pipeline import make_plan
from tests.harness import FIXTURES, lay, options_of, read

FOLDER = Path(__file__).parent
VARIABLE = "MIGRATE_OPENROUTER_WIRE"
"""The folder with the environments that `install.py` has made; where it is not set, nothing is run."""
_NOISE = ("host", "authorization", "x-api-key", "user-agent", "content-length", "accept-encoding", "connection", "idempotency-key")
"""Headers that differ anyway, or that are compared as host and key."""
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DISABLE_AIOHTTP_TRANSPORT": "True",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MASTRA_TELEMETRY_DISABLED": "1",
    "OTEL_SDK_DISABLED": "true",
    "VOLTAGENT_TELEMETRY_DISABLED": "true",
}
"""Switches of the libraries that keep their own requests out of the recording, and LiteLLM on a transport that asks a proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table of libraries: how its program is run, and what may differ on the wire besides host and key."""

    name: str
    """The fixture `libraries/NAME`; `libraries/NAME-left` is the one that is not moved."""
    library: str
    """Package and version, as in `environments/`."""
    environment: str
    run: tuple[str, ...]
    removed: tuple[str, ...] = ()
    """Fields of the body that are not sent any more."""
    added: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the body that are sent instead."""
    may_add: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    """Headers that are not sent any more, or with another value."""
    left: str = ""
    """Why there is no fixture that is left."""
    not_run: str = ""
    """Why it is not executed."""


def rows() -> list[Row]:
    """All rows, in the order of the file."""
    data = tomllib.loads((FOLDER / "rows.toml").read_text("utf-8"))
    return [_row(row) for row in data["row"]]


def _row(row: dict[str, Any]) -> Row:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Row(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a program."""

    code: int
    output: str
    requests: list[Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The program before, after with what the report says to set, and after where only the old variables are set."""

    plan: Plan
    before: Ran
    after: Ran
    old: Ran
    keys: tuple[str, str]
    """OpenRouter's and the target's."""


def run(row: Row, envs: Path, scratch: Path) -> Runs:
    """All runs of a row. Files of the environment are linked, nothing is written there."""
    case = read(FIXTURES / "libraries" / row.name)
    root = scratch / "root"
    lay(case.folder / "before", root, case.id)
    plan = make_plan(root, [root], options_of(case, root))
    given, after, expected = variables(plan)
    trees = {"before": scratch / "before", "after": scratch / "after"}
    for tree in trees.values():
        copy(root, tree)
    write(plan, trees["after"])
    _link_packages(row, envs, scratch)
    hosts = {host: each for each in (gateway("openrouter"), plan.target) if (host := urlsplit(each.openai_base or "").hostname)}
    runs: dict[str, Ran] = {}
    with ExitStack() as stack:
        port, certificate, recorder = stack.enter_context(recording(hosts, scratch))
        for name, tree, variables_of_run in (
            ("before", trees["before"], given),
            ("after", trees["after"], after),
            ("old", trees["after"], given),
        ):
            clean = {key: value for key, value in os.environ.items() if not key.endswith(("_KEY", "_TOKEN", "_URL", "_BASE"))}
            home = scratch / "home"
            home.mkdir(exist_ok=True)
            environ = environment({**clean, **_QUIET, "HOME": str(home), **variables_of_run}, port, certificate, scratch)
            done = subprocess.run(
                _command(row, envs),
                cwd=tree,
                env=environ,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=300,
                check=False,
            )
            taken = [request for request in recorder.take().requests if request.host in hosts]
            runs[name] = Ran(code=done.returncode, output=(done.stdout + done.stderr)[-2000:], requests=taken)
    keys = (next(iter(expected.old_keys)), next(iter(expected.new_keys)))
    return Runs(plan=plan, before=runs["before"], after=runs["after"], old=runs["old"], keys=keys)


def _link_packages(row: Row, envs: Path, scratch: Path) -> None:
    modules = envs / "node" / row.environment / "node_modules"
    if modules.is_dir():
        (scratch / "node_modules").symlink_to(modules.resolve(), target_is_directory=True)


def _command(row: Row, envs: Path) -> Sequence[str]:
    program, *arguments = row.run
    if program == "python":
        return [str(envs / "python" / row.environment / "bin" / "python"), *arguments]
    loader = (envs / "node" / row.environment / "node_modules" / "tsx" / "dist" / "loader.mjs").resolve()
    return ["node", "--import", str(loader), *arguments]


def complaints(row: Row, runs: Runs) -> list[str]:
    """What is not as the row says."""
    said = []
    old_key, new_key = runs.keys
    old_host = urlsplit(gateway("openrouter").openai_base or "").hostname
    new_host = urlsplit(runs.plan.target.openai_base or "").hostname
    if runs.before.code or not runs.before.requests:
        return [f"the program does not run before: {runs.before.code}, {runs.before.output[-600:]}"]
    if runs.after.code != runs.before.code:
        said.append(f"it ends with {runs.after.code} after: {runs.after.output[-600:]}")
    if len(runs.after.requests) != len(runs.before.requests):
        said.append(f"{len(runs.before.requests)} requests before and {len(runs.after.requests)} after")
    for before, after in zip(runs.before.requests, runs.after.requests, strict=False):
        if (before.host, key_of(before)) != (old_host, old_key):
            said.append(f"before, a request goes to {before.host} with another key")
        if (after.host, key_of(after)) != (new_host, new_key):
            said.append(f"after, a request goes to {after.host} with {'its' if key_of(after) == new_key else 'another'} key")
        said += _differences(row, before, after)
    said += [
        f"with the old variables alone OpenRouter's key goes to {each.host}"
        for each in runs.old.requests
        if key_of(each) == old_key
    ]
    return said


def _differences(row: Row, before: Request, after: Request) -> list[str]:
    said = []
    if (before.method, before.path) != (after.method, after.path):
        said.append(f"{before.method} {before.path} becomes {after.method} {after.path}")
    was, now = before.headers, after.headers
    names = {name for name in was.keys() | now.keys() if name not in (*_NOISE, *row.headers) and "stainless" not in name}
    changed = sorted(name for name in names if (was.get(name) or "") != (now.get(name) or ""))
    said += [f"header {name}: {was.get(name)!r} becomes {now.get(name)!r}" for name in changed]
    body, sent = json.loads(before.body or b"{}"), json.loads(after.body or b"{}")
    wanted = {name: value for name, value in body.items() if name not in row.removed} | dict(row.added)
    optional = {name for name, value in row.may_add.items() if name not in wanted and sent.get(name) == value}
    left = {name: value for name, value in sent.items() if name not in optional}
    if left != wanted:
        changed = sorted(name for name in left.keys() | wanted.keys() if left.get(name) != wanted.get(name))
        said += [f"body {name}: {wanted.get(name)!r} is wanted, {left.get(name)!r} is sent" for name in changed]
    return said
