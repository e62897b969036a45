"""Lists that let variables through by a pattern: a variable with a new name is added, or the program would find it unset.

Turborepo's strict mode passes on what `env` and its like name (https://turborepo.com/docs/crafting-your-repository/using-environment-variables),
Vite shows a page what begins with `envPrefix` (https://vite.dev/config/shared-options#envprefix), Deno what `--allow-env` names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.facts.model import EnvFact
from migrator.findings.edits import beside
from migrator.formats.tree import Arg, Item, Node, Param, Seq, Str, children
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.environment import VariableRole

_TURBO = ("env", "passThroughEnv", "globalEnv", "globalPassThroughEnv")
_TURBO_FILE = regex(r"(^|/)turbo\.jsonc?$")
_VITE_FILE = regex(r"(^|/)(vite|vitest)[\w.-]*\.[cm]?[jt]s$")
_DENO = regex(r"--allow-env=(?P<names>[^\s\"']+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """A pattern that fits the old name of a variable and not its new one."""

    move: Move
    path: str
    span: Span
    edits: tuple[Edit, ...]
    """What adds the new name; empty where it has to be added by hand."""
    message: str
    because: str


def wildcards(analysis: Analysis) -> Iterator[Wildcard]:
    """Each pattern that fits the old name of a variable and not its new one."""
    renamed = [
        (move, variable)
        for move in analysis.moves
        if not move.unsafe or analysis.options.unsafe
        for variable in move.variables
        if variable.new_name is not None and variable.moves
    ]
    for path in sorted(analysis.repository.files) if renamed else ():
        if analysis.code(path):
            yield from _in_file(analysis, path, renamed)


def _in_file(analysis: Analysis, path: str, renamed: list[tuple[Move, Variable]]) -> Iterator[Wildcard]:
    for pattern, span, literal in _patterns(analysis, path):
        fitting = [
            (move, renamed_variable)
            for move, renamed_variable in renamed
            if fnmatchcase(renamed_variable.name, pattern) and not fnmatchcase(str(renamed_variable.new_name), pattern)
        ]
        text = analysis.repository.files[path].source.text
        missing = [(move, renamed_variable) for move, renamed_variable in fitting if str(renamed_variable.new_name) not in text]
        for move, variable in missing[:1]:
            names = [str(renamed_variable.new_name) for _, renamed_variable in missing]
            edits = tuple(_added(analysis, path, span, literal, names))
            yield Wildcard(
                move=move, path=path, span=span, edits=edits,
                message=f"{', '.join(names)} beside the pattern {text[span.start : span.end]}",
                because=f"the pattern lets {variable.name} through, and not what takes its place",
            )  # fmt: skip


def _patterns(analysis: Analysis, path: str) -> Iterator[tuple[str, Span, Str | None]]:
    """Each pattern of a file as `fnmatch` has it, with its place and the literal that it fills; None where it is part of a text."""
    file = analysis.repository.files[path]
    if _TURBO_FILE.search(path) or _VITE_FILE.search(path):
        for item in _items(file.module.body):
            assert isinstance(item.key, Str)
            values = item.value.items if isinstance(item.value, Seq) else (item.value,)
            for value in values:
                if isinstance(value, Str) and item.key.value in _TURBO and "*" in value.value:
                    yield value.value, value.inner, value
                elif isinstance(value, Str) and item.key.value == "envPrefix" and value.value:
                    yield f"{value.value}*", value.inner, value
    elif "--allow-env=" in file.source.text:
        for match in _DENO.finditer(file.source.text):
            for name in re.finditer(r"[A-Z0-9_]+\*", match["names"]):
                start = match.start("names") + name.start()
                yield name[0], Span(start, start + len(name[0])), None


def _items(nodes: Iterable[Node | Arg | Item | Param]) -> Iterator[Item]:
    for node in nodes:
        if isinstance(node, Item) and isinstance(node.key, Str):
            yield node
        yield from _items(children(node))


def _added(analysis: Analysis, path: str, span: Span, literal: Str | None, names: list[str]) -> Iterator[Edit]:
    source = analysis.repository.files[path].source
    old = source.text[span.start : span.end]
    if literal is None:
        yield Edit(path=path, span=Span(span.end, span.end), old="", new="".join(f",{name}" for name in names))
        return
    entries: list[Edit] = []
    for name in names:
        entry = EnvFact(path=path, name=old, span=span, role=VariableRole.LIST, how="list", entry=literal.span)
        entries += beside(entry, source, analysis.target, name)
    if entries:
        yield Edit(path=path, span=entries[0].span, old="", new="".join(edit.new for edit in entries))
