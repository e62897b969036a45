"""A series of applications with one set of workers: checks them, shrinks what fails, writes it down."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from migrator.model import Plan
from tests.proof.examine import Evidence, Lab
from tests.proof.grammar import LANGUAGES, NEEDS, Program, Scope, draw, values
from tests.proof.laws import WIRE_LAWS, Violation, by_tag, keys_in, side
from tests.proof.runners import Runner, node_packages
from tests.proof.shrink import features, shrink
from tests.proof.told import told_is_done


@dataclass(frozen=True, slots=True)
class Failure:
    """An application that breaks a law, as small as it was made."""

    seed: int
    signature: str
    program: Program
    violations: tuple[Violation, ...]
    tree: dict[str, str]
    note: str


def available(runner: Runner, languages: str = "", without: str = "") -> Scope:
    """What can be run on this machine, less what is not wanted."""
    wanted = languages.split(",") if languages else list(LANGUAGES)
    if node_packages() is None:
        wanted = [language for language in wanted if language not in ("typescript", "javascript")]
    if "python" in wanted:
        runner.start_python()
    missing = {form for form, package in NEEDS.items() if package not in runner.modules}
    return Scope(languages=tuple(wanted), without=frozenset(missing | set(filter(None, without.split(",")))))


class Session:
    """Workers, gateways and a folder, for as long as it is open."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")  # the tool syncs what it writes, which takes longer than all else on a disk
        self._folder = Path(tempfile.mkdtemp(prefix="proof-", dir=memory if os.access(memory, os.W_OK) else None))
        self.runner = Runner(self._folder)
        self._lab = Lab(self.runner, self._folder / "lab")
        self.statistics: Counter[str] = Counter()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.runner.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def look(
        self, program: Program, *, mutate: Callable[[Plan], Plan] | None = None, focus: Violation | None = None
    ) -> tuple[Evidence, tuple[Violation, ...]]:
        """One application and the laws that it breaks; `mutate` breaks a rule of the tool on purpose.

        With `focus` only what is needed to see this violation again is run.
        """
        only = frozenset({"new" if focus.environment == "-" else focus.environment}) if focus else frozenset()
        evidence = self._lab.evidence(program, mutate=mutate, only=only)
        sent = sum(len(requests) for label, requests in by_tag(evidence.before["old"]).items() if label)
        wanted = sum(map(len, program.scripts))
        if sent != wanted:
            output = " | ".join(result.output for result in evidence.before["old"])
            return evidence, (
                Violation("W0", "old", "the application does not run", f"{sent} of {wanted} requests: {output[-300:]}"),
            )
        scratch = self._folder / "patched"
        shutil.rmtree(scratch, ignore_errors=True)
        violations = [violation for law in WIRE_LAWS for violation in law(evidence)]
        if focus is None or focus.law == "W5":
            violations += told_is_done(evidence, scratch)
        return evidence, tuple(dict.fromkeys(violations))

    def check(self, seed: int, scope: Scope) -> tuple[Violation, ...]:
        """The violations of a seed's application, one of each kind."""
        program = draw(seed, scope)
        evidence, violations = self.look(program)
        self.statistics[program.language] += 1
        self.statistics["moved"] += evidence.migration.changed
        first = {(violation.law, violation.kind, violation.environment): violation for violation in reversed(violations)}
        return tuple(first.values())

    def failure(self, seed: int, scope: Scope, violation: Violation, *, shrinks: bool) -> Failure:
        """The application of a seed, made smaller as long as it breaks the same law in the same way."""
        program = draw(seed, scope)

        def fails(candidate: Program) -> bool:
            return violation.signature in {other.signature for other in self.look(candidate, focus=violation)[1]}

        small = shrink(program, fails) if shrinks else program
        evidence, violations = self.look(small)
        note = _note(seed, violation.signature, small, evidence, violations)
        return Failure(seed, violation.signature, small, violations, evidence.tree, note)


def _note(seed: int, signature: str, program: Program, evidence: Evidence, violations: tuple[Violation, ...]) -> str:
    lines = [f"# {signature}", "", f"Seed {seed}. What breaks:", ""]
    lines += [f"* {v.law} in *{v.environment}*: {v.kind}. {v.detail}" for v in violations]
    lines += ["", "Requests:", "", "| environment | requests |", "| --- | --- |"]
    for phase, runs in (("before, ", evidence.before), ("after, ", evidence.after)):
        for environment, results in runs.items():
            sent = [
                f"{r.method} {r.host}{r.path} with {', '.join(sorted(keys_in(r))) or 'no key'}" for x in results for r in x.requests
            ]
            lines.append(f"| {phase}{environment} | {'; '.join(sent) or 'none'} |")
    wrong = {side(r) for x in evidence.after.get("new", ()) for r in x.requests}
    lines += [
        "",
        f"Hosts in *new*: {', '.join(sorted(wrong)) or 'none'}. Set by the user: {', '.join(evidence.told.values) or 'nothing'}.",
        "",
    ]
    lines += ["Rows of `env[]`:", ""]
    lines += [
        f"* {row['name']}: {row['decision']} {row['new_name'] or ''} ({row['because']})" for row in evidence.migration.report["env"]
    ]
    lines += ["", "Connections:", ""]
    lines += [
        f"* {row['path']}:{row['line']} {row['decision']}: {row['because']}" for row in evidence.migration.report["connections"]
    ]
    todos = evidence.migration.report["todo"]
    lines += [
        "",
        "To-dos:",
        "",
        *(f"* {todo.get('kind')} {todo.get('variable')} {todo.get('where')}: {todo['title']}" for todo in todos),
    ]
    lines += [
        "",
        "Patch:",
        "",
        "```diff",
        evidence.migration.patch.rstrip(),
        "```",
        "",
        f"Application: `{json.dumps(values(program))}`",
        "",
    ]
    return "\n".join(lines)


def write_failure(out: Path, failure: Failure) -> Path:
    """A fixture folder: `before/`, a `case.toml` to complete, and `note.md`."""
    words = re.sub(r"[^a-z0-9]+", "-", failure.signature.lower()).strip("-")
    made = "-".join(re.sub(r"[^a-z0-9]+", "-", feature.lower()) for feature in sorted(features(failure.program)))
    digest = hashlib.sha256(made.encode()).hexdigest()[:4]
    folder = out / f"{words}--{made[:90].strip('-')}-{digest}"
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in failure.tree.items():
        (folder / "before" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "before" / path).write_text(re.sub(r"sk-or-v1-[0-9a-f]{64}", "@@REAL_KEY@@", text))
    (folder / "case.toml").write_text(f'title = "{failure.signature}"\n')
    (folder / "note.md").write_text(failure.note)
    return folder


_TOLD_EVERY = 100
"""Applications between two lines of progress."""


def work(
    seeds: range, languages: str, without: str, shrinks: bool, each: int, out: Path | None
) -> tuple[list[Failure], Counter[str], Counter[str]]:
    """One process: its share of the seeds. Shrinks those failures that no earlier one explains, at most `each` of a kind."""
    with Session() as session:
        scope = available(session.runner, languages, without)
        counts, failures = Counter[str](), list[Failure]()
        for number, seed in enumerate(seeds, 1):
            violations = session.check(seed, scope)
            if number % _TOLD_EVERY == 0:
                print(f"{number} of {len(seeds)} applications", file=sys.stderr, flush=True)
            counts.update({violation.signature for violation in violations})
            made = features(draw(seed, scope)) if violations else frozenset[str]()
            for violation in {violation.signature: violation for violation in reversed(violations)}.values():
                earlier = [features(failure.program) for failure in failures if failure.signature == violation.signature]
                if len(earlier) >= each or any(other <= made for other in earlier):
                    continue
                failures.append(session.failure(seed, scope, violation, shrinks=shrinks))
                if out is not None:
                    print(f"{violation.signature}: seed {seed}: {write_failure(out, failures[-1])}", file=sys.stderr, flush=True)
        return failures, counts, session.statistics
