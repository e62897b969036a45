"""Python: arguments put into a call the way it is laid out, and imports the way the file has them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from migrator.formats.tree import Call, Import, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.context import NodePath
from migrator.resolve.objects import entries, objects
from migrator.resolve.scopes import ScopeKind

if TYPE_CHECKING:
    from migrator.resolve.repository import ParsedFile, Repository

_IMPORT = regex(r"(?:from (?P<module>[\w.]+) )?import (?P<name>[\w.]+)(?: as \w+)?$")


def arguments(repository: Repository, call: Call, node_path: NodePath) -> set[str] | None:
    """Names of all arguments of a call; None where some come from elsewhere."""
    names: set[str] = set()
    for arg in call.args:
        if not arg.star:
            names |= {arg.name} if arg.name is not None else set()
            continue
        pairs = objects(repository, arg.value, node_path.scope)
        items = [item for obj, scope in pairs for item, _ in entries(repository, obj, scope)]
        if not pairs or not all(isinstance(item.key, Str) for item in items):
            return None
        names |= {item.key.value for item in items if isinstance(item.key, Str)}
    return names


def quote(text: str, *, notebook: bool) -> str:
    """The quotes that the file uses most; in a notebook those that need no escape."""
    return "'" if notebook or text.count("'") > text.count('"') else '"'


def insert(path: str, text: str, call: Call, written: Sequence[str], *, notebook: bool) -> tuple[Edit, ...]:
    """Edits that put arguments behind those that a call has, on lines of their own where these stand so."""
    if not call.args:
        inside = text[: call.close]
        at = len(inside.rstrip()) if inside.rstrip().endswith("(") else call.close
        return (Edit(path=path, span=Span(at, call.close), old=text[at : call.close], new=", ".join(written)),)
    end = max(arg.span.end for arg in call.args)
    comma = re.compile(r"\s*,").match(text, end, call.close)
    after = comma.end() if comma else end
    first = min(call.args, key=lambda arg: arg.span.start)
    line = text.rfind("\n", 0, first.span.start) + 1
    indent = text[line : first.span.start]
    if notebook or indent.strip() or "\n" not in text[call.span.start : first.span.start]:
        lead = "" if comma else ","
        return (Edit(path=path, span=Span(after, after), old="", new=f"{lead} {', '.join(written)}"),)
    new_line = "\r\n" if text[: text.find("\n")].endswith("\r") else "\n"
    stop = text.find("\n", after, call.close)
    stop = call.close if stop < 0 else stop - (text[stop - 1] == "\r")
    lines = "".join(f"{new_line}{indent}{argument}," for argument in written)
    if comma:
        return (Edit(path=path, span=Span(stop, stop), old="", new=lines),)
    if stop == after:
        return (Edit(path=path, span=Span(stop, stop), old="", new=f",{lines[:-1]}"),)
    # a comment stands behind the last argument
    return (
        Edit(path=path, span=Span(after, after), old="", new=","),
        Edit(path=path, span=Span(stop, stop), old="", new=lines[:-1]),
    )


def at_load(node_path: NodePath) -> bool:
    """Does this run when the module is loaded, rather than when a function is called?"""
    scope = node_path.scope
    while scope.parent is not None:
        if scope.kind is ScopeKind.FUNCTION:
            return False
        scope = scope.parent
    return True


# -- imports -----------------------------------------------------------------------------------------------------------------------


def environment(node_path: NodePath, read: str) -> str:
    """A read of `os.environ` as the file spells it: `environ[…]` where that name is imported and `os` is not."""
    os_names = node_path.scope.lookup("os")
    names = node_path.scope.lookup("environ")
    imported = any(binding.imported and (binding.imported.module, binding.imported.name) == ("os", "environ") for binding in names)
    return read.replace("os.environ", "environ") if imported and not os_names else read


def missing(node_path: NodePath, statements: Sequence[str]) -> list[str] | str:
    """The imports among `statements` that the file lacks, or why one of them cannot be added."""
    lacking: list[str] = []
    for statement in statements:
        match = _IMPORT.fullmatch(statement)
        assert match is not None, statement
        local = match["name"].split(".")[0]
        bindings = node_path.scope.lookup(local)
        if not bindings:
            lacking.append(statement)
        elif not any(_is_it(binding.imported, match["module"], match["name"]) for binding in bindings):
            return f"the name {local} is taken in this file"
    return lacking


def _is_it(node: Import | None, module: str | None, name: str) -> bool:
    if node is None:
        return False
    return (node.module, node.name) == (module, name) if module else node.module.split(".")[0] == name and node.name is None


def import_edits(file: ParsedFile, statements: Sequence[str]) -> tuple[Edit, ...]:
    """Import statements that a file lacks, each put where a formatter would leave it: among those of its kind, in order."""
    text = file.source.text
    imports = [
        node
        for node in file.module.body
        if isinstance(node, Import) and node.module != "__future__" and _whole_line(text, node) and not node.reexport
    ]
    places: dict[int, list[str]] = {}
    end = "\r\n" if "\r\n" in text else "\n"
    for statement in statements:
        at, lead, tail = _place(text, imports, statement, end)
        places.setdefault(at, []).append(f"{lead}{statement}{tail}")
    return tuple(Edit(path=file.path, span=Span(at, at), old="", new="".join(lines)) for at, lines in sorted(places.items()))


def _whole_line(text: str, node: Import) -> bool:
    start = text.rfind("\n", 0, node.span.start) + 1
    return not text[start : node.span.start].strip() and not text[start : node.span.start]


def _place(text: str, imports: Sequence[Import], statement: str, end: str) -> tuple[int, str, str]:
    """Where a statement goes, and what stands before and behind it."""
    module = _module(statement)
    group = _group(module)
    plain = statement.startswith("import ")
    same = [node for node in imports if _group(node.module) == group]
    for node in same:
        other_plain = text.startswith("import", node.span.start)
        later = (not other_plain, node.module.lower()) > (not plain, module.lower())
        if later:
            return node.span.start, "", end
    if same:
        at = _line_end(text, same[-1].span.end)
        return at, "" if text[at - 1 : at] == "\n" else end, end
    if imports:
        later_group = [node for node in imports if _group(node.module) > group]
        if later_group:
            return later_group[0].span.start, "", f"{end}{end}"
        at = _line_end(text, imports[-1].span.end)
        return at, end, end
    return _top(text), "", f"{end}{end}"


def _module(statement: str) -> str:
    match = _IMPORT.fullmatch(statement)
    assert match is not None
    return match["module"] or match["name"]


def _group(module: str) -> int:
    """Standard library, packages, own modules: the order that formatters keep."""
    if module.startswith("."):
        return 2
    return 0 if module.split(".")[0] in sys.stdlib_module_names else 1


def _line_end(text: str, offset: int) -> int:
    at = text.find("\n", offset)
    return len(text) if at < 0 else at + 1


def _top(text: str) -> int:
    """Behind a first line that names the interpreter, comments and a docstring."""
    match = re.match(
        r"""(?:#[^\n]*\n|\s*\n)*(?:[rRuU]?(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')[ \t]*\r?\n)?\s*""", text
    )
    return match.end() if match else 0


def needs(source: str, extra: Sequence[str]) -> list[str]:
    """Imports that a piece of source needs: its own, and `os` where it reads the environment."""
    return [*(["import os"] if re.search(r"\bos\.environ\b", source) else []), *extra]
