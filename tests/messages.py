"""The sentences of the tool, read out of its code: what a report may say, and what a command may complain of.

A sentence is a string of three words or more that is neither a docstring nor a pattern. What an f-string puts in is a hole; a text fits a
sentence where the fixed parts stand in it one after the other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import migrator

PACKAGE = Path(migrator.__file__).parent
COMPLAINTS = ("MigratorError", "ApplyRefused", "UndoRefused", "WriteFailed", "Unfit", "Problem", "complain", "hint")
"""Calls whose texts go to standard error."""
_WORDS = re.compile(r"[A-Za-z'’-]{2,}(?:[ ,:;]+[A-Za-z'’-]+){2,}")
_PATTERN = re.compile(r"\\[bdsSwW.(]|\(\?|\[\^|\)\?|\.\*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message as the code writes it."""

    where: str
    """`folder/file.py:line`."""
    parts: tuple[str, ...]
    """Its fixed parts, blanks made single."""
    complaint: bool

    def fits(self, text: str) -> bool:
        """Whether a text, its blanks made single, says this."""
        at = 0
        for part in self.parts:
            at = text.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return True

    def __str__(self) -> str:
        return f"{self.where}  {' … '.join(self.parts)}"


def single(text: str) -> str:
    """A text with its blanks made single, as a wrapped line and the sentence in the code both are."""
    return " ".join(text.split())


def sentences(folders: Iterable[str]) -> Iterator[Sentence]:
    """All of the modules in some folders of the package, in order."""
    for folder in folders:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            yield from _of_module(path)


def _of_module(path: Path) -> Iterator[Sentence]:
    tree = ast.parse(path.read_text("utf-8"))
    said: set[ast.AST] = set()
    complaining: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                said.add(node.value)  # a docstring
            case ast.JoinedStr():
                said.update(value for value in node.values if isinstance(value, ast.Constant))
            case ast.Call(func=ast.Name(id=name)) if name in COMPLAINTS:
                complaining.update(ast.walk(node))
            case ast.AnnAssign(annotation=_):
                said.update(part for part in ast.walk(node.annotation))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
                said.update(ast.walk(node))
            case ast.Call(func=ast.Attribute(attr="Option" | "Argument")) | ast.Assert():
                said.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in said or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        parts = tuple(_fixed(node))
        if any(_WORDS.search(part) for part in parts) and not any(_PATTERN.search(part) for part in parts):
            where = f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
            yield Sentence(where, parts, complaint=node in complaining)


def _fixed(node: ast.Constant | ast.JoinedStr) -> Iterator[str]:
    values = [node] if isinstance(node, ast.Constant) else node.values
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and (text := single(value.value)):
            yield text
