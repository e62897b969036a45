"""Runs one application through everything: before, the tool, after in each environment; then the laws."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.model import Plan
from tests.proof import user
from tests.proof.deploy import Deployment, address_variables, key_variables, old_deployment, process_env
from tests.proof.grammar import LIBRARY_CLIENTS, Program
from tests.proof.parts import script_names
from tests.proof.render import tree_of
from tests.proof.runners import Result, Runner
from tests.proof.tool import Migration, Tree, migrate, write

FOREIGN = {"OPENAI_API_KEY": "sk-proj-" + "c" * 40, "ANTHROPIC_API_KEY": "sk-ant-" + "d" * 40}
Runs = Mapping[str, tuple[Result, ...]]
"""Environment to the result of each script."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the laws look at."""

    program: Program
    tree: dict[str, str]
    migration: Migration
    before: Runs
    """`old`, `foreign-old` (another vendor's keys as well), `foreign-only` (OpenRouter's key is not set) and `foreign-bare` (started by hand)."""
    after: Runs
    """Empty where the tool changed nothing."""
    told: Deployment


def _foreign(program: Program) -> dict[str, str]:
    """Keys of other vendors that the host sets: those that a library of the program reads by itself."""
    clients = {call.client for calls in program.scripts for call in calls}
    if "vendor-client" not in program.extras and not clients & LIBRARY_CLIENTS:
        return {}
    return {name: value for name, value in FOREIGN.items() if all(name not in key.names for key in program.keys)}


def _without_keys(program: Program, tree: Tree) -> Tree:
    """A tree whose own env file holds no key; the addresses in it stay, as they do after a run."""
    if program.delivery.kind != "dotenv":
        return tree
    return {path: re.sub(rb"(?m)=sk-.*$", b"=", data) if path == ".env" else data for path, data in tree.items()}


class Lab:
    """Runs applications in folders of its own."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner, self.folder = runner, folder
        self._count = 0

    def _run(
        self,
        program: Program,
        tree: Tree,
        deployment: Deployment,
        more: Mapping[str, str],
        fill: Mapping[str, str],
        *,
        bare: bool = False,
    ) -> tuple[Result, ...]:
        """All scripts of a tree in one deployment; `more` is exported to each process, `fill` goes into the tree's own `.env`; with `bare` the scripts
        are started by hand, without what the tree's definers give them."""
        self._count += 1
        root = self.folder / "runs" / f"run{self._count}" / "tree"
        write(root, tree)
        rest = user.fill(root, fill) if fill else {}
        deployment = Deployment({**deployment.values, **rest}, deployment.files)
        results = []
        for index, script in enumerate(script_names(program)):
            given = process_env(program, root, index, deployment)
            env = {**more, **({} if bare else given)}
            results.append(self.runner.run(program.language, root, script, env))
        shutil.rmtree(root.parent)
        return tuple(results)

    def evidence(
        self, program: Program, *, mutate: Callable[[Plan], Plan] | None = None, only: frozenset[str] = frozenset()
    ) -> Evidence:
        """One application, before and after; `mutate` breaks a rule of the tool on purpose, `only` names the environments to run (none: all)."""
        tree = tree_of(program)
        root, state = self.folder / "root", self.folder / "state"
        for folder in (root, state):
            shutil.rmtree(folder, ignore_errors=True)
        write(root, tree)
        migration = migrate(root, state, mutate=mutate)
        old = old_deployment(program)
        before: dict[str, tuple[Result, ...]] = {}
        original = migration.before
        foreign = _foreign(program)
        before["old"] = self._run(program, original, old, {}, {})
        after: dict[str, tuple[Result, ...]] = {}
        told = user.follow(migration.report, old, remove=False)
        if migration.changed:
            keyless, unset = _without_keys(program, original), Deployment({}, old.files)
            before["foreign-bare"] = self._run(program, keyless, unset, foreign, {}, bare=True)
            if foreign:
                before["foreign-only"] = self._run(program, keyless, unset, foreign, {})
                before["foreign-old"] = self._run(program, original, old, foreign, {})
            after = self._after(program, migration, old, told, foreign, only)
        return Evidence(program, tree, migration, before, after, told)

    def _after(
        self,
        program: Program,
        migration: Migration,
        old: Deployment,
        told: Deployment,
        foreign: Mapping[str, str],
        only: frozenset[str],
    ) -> dict[str, tuple[Result, ...]]:
        new = user.follow(migration.report, old, remove=True)
        sets = user.settings(migration.report, old.values) if program.delivery.kind == "dotenv" else {}
        if sets:  # they have a line in the tree's own file
            told, new = (Deployment({n: v for n, v in d.values.items() if n not in sets}, d.files) for d in (told, new))
        addresses = address_variables(program)
        from_file = program.delivery.kind in ("dotenv", "own-dotenv")  # then the host may export what an older file held
        own = {address.name for address in program.addresses if address.form == "library"}
        from_file = from_file and not own  # an exported value of a variable that the library reads wins whatever the tree says
        addresses = {name: value for name, value in addresses.items() if name not in own}
        shown = {**key_variables(program), **addresses} if from_file else {}
        stale = addresses if from_file else {}
        nothing = Deployment({}, old.files)
        plans: dict[str, tuple[Deployment, Mapping[str, str], Mapping[str, str]]] = {
            "old": (old, {}, {}),
            "told": (told, {}, sets),
            "new": (new, {}, sets),
            "both": (Deployment({**told.values, **old.values}, {**old.files, **told.files}), shown, sets),
            "stale-address": (Deployment({**new.values, **addresses}, new.files), stale, sets),
            "nothing": (nothing, {}, {}),
            "foreign-only": (nothing, foreign, {}),
            "foreign-old": (old, foreign, {}),
            "foreign-new": (new, foreign, sets),
        }
        unwanted = {name for name in plans if (only and name not in only) or (not foreign and name.startswith("foreign"))}
        plans = {name: plan for name, plan in plans.items() if name not in unwanted}
        obeyed = user.pass_on(migration.report, migration.before, migration.after)
        trees = {
            name: obeyed if deployment not in (old, nothing) else migration.after for name, (deployment, _, _) in plans.items()
        }
        results: dict[str, tuple[Result, ...]] = {}
        seen: dict[str, str] = {}
        for name, (deployment, more, fill) in plans.items():
            identity = repr(
                (sorted(deployment.values.items()), sorted(deployment.files.items()), sorted(more.items()), sorted(fill.items()))
            )
            if identity not in seen:
                seen[identity] = name
                results[name] = self._run(program, trees[name], deployment, more, fill)
            else:
                results[name] = results[seen[identity]]
        return results
