"""Files that start a program and choose its variables, where the key stood in the program until now: no line there passes the new variable on.

A step of a workflow has the variables that it is given and no others, and so has a service of compose. Nothing there named a key, so that
nothing follows: the program would run without one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.variables.decide import typed
from migrator.analysis.variables.typed_reads import typed_reads
from migrator.facts.collector import PROGRAMS
from migrator.formats.tree import Str
from migrator.model import Todo
from migrator.patterns import regex
from migrator.resolve.environment import VariableRole

_CHOOSES = regex(
    r"(^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$|(^|/)[^/]*compose[^/]*\.ya?ml$"
    r"|(^|/)(?:\.gitlab-ci|bitbucket-pipelines|azure-pipelines)\.ya?ml$"
)
"""Files whose entries start programs with chosen variables."""
_COMPOSE = regex(r"(^|/)[^/]*compose[^/]*\.ya?ml$")
_BUILDS = regex(r"^[ \t]*build:", re.MULTILINE)
_IMAGE = regex(r"(^|/)(?:[^/]*\.)?(?:Docker|Container)file[^/]*$")
_STEPS = 6
"""Imports between the file that is started and the one that reads the key."""


def started_by(analysis: Analysis) -> Iterator[Todo]:
    """One to-do for each file that starts a program whose key was typed in."""
    name = analysis.target.key_env
    readers = _typed_in(analysis)
    words = _words(analysis, readers) if readers else {}
    if not words:
        return
    found = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-]|\.\w)" for word in sorted(words, key=len, reverse=True)))
    images = any(_IMAGE.search(path) and found.search(_text(analysis, path)) for path in sorted(analysis.repository.paths))
    for path in sorted(analysis.repository.paths):
        text = _text(analysis, path) if _CHOOSES.search(path) else ""
        if not text or _gives(analysis, path, name):
            continue
        starts = [match.start() for match in found.finditer(text)]
        if not starts and images and _COMPOSE.search(path):
            starts = [match.end() for match in _BUILDS.finditer(text)]
        lines = sorted({text.count("\n", 0, start) + 1 for start in starts})
        if lines:
            where = tuple(f"{path}:{line}" for line in lines)
            yield Todo(
                title=f"Give {name} to the program that is started at {', '.join(where)}",
                detail=f"{', '.join(sorted(readers))} reads it from now on. Until now the key stood in the program, and nothing there passes one on.",
                command=None, because="a program that is started there has the variables that it is given, and no others",
                kind="set", variable=name, where=where, secret=True,
            )  # fmt: skip


def _typed_in(analysis: Analysis) -> set[str]:
    """The files in which a read of the new variable takes the place of a typed key."""
    moved = [move for move in analysis.moves if not move.unsafe or analysis.options.unsafe]
    paths = {read.path for move in moved for party in move.connections for read in typed_reads(analysis, party)}
    return paths | {
        fact.path
        for move in moved
        for fact in move.envs
        if fact.how.startswith("shell-") and fact.role is VariableRole.DEFINE and fact.identity not in move.staying
        if isinstance(fact.value, Str) and typed(fact.value.value)
    }


def _words(analysis: Analysis, readers: set[str]) -> dict[str, str]:
    """How a command names the programs that these files are part of, with their paths."""
    programs = set(readers)
    for _ in range(_STEPS):
        more = {path for path in analysis.repository.files if path not in programs and programs & _used(analysis, path)}
        if not more:
            break
        programs |= more
    words: dict[str, str] = {}
    for path in programs:
        words[posixpath.basename(path)] = path
        if path.endswith(".py"):
            words[path.removesuffix(".py").removesuffix("/__main__").replace("/", ".")] = path
    return words


def _used(analysis: Analysis, path: str) -> set[str]:
    """The files that a program imports; for a script those that it names."""
    if analysis.language(path) in PROGRAMS:
        return analysis.imported(path)
    text = analysis.repository.files[path].source.text if analysis.language(path) == "shell" else ""
    return {other for other in analysis.facts if other != path and text and posixpath.basename(other) in text}


def _text(analysis: Analysis, path: str) -> str:
    file = analysis.repository.file(path) if analysis.code(path) else None
    return file.source.text if file is not None else ""


def _gives(analysis: Analysis, path: str, name: str) -> bool:
    """Does a file give the new variable after this run, because it defines one that becomes it?"""
    becoming = {variable.name for variable in analysis.variables if variable.new_name == name and variable.moves} | {name}
    facts = analysis.facts[path].envs if path in analysis.facts else []
    return any(fact.name in becoming and fact.role is not VariableRole.MESSAGE for fact in facts)
