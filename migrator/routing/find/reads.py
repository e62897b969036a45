"""Code that reads the options of a body which a site would rename: `request["provider"]["only"]` in a function that is given the body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from migrator.formats.tree import Assign, Attr, Call, Func, Index, Name, Node, Obj, Str, descendants
from migrator.model import Span
from migrator.resolve import follow as resolve
from migrator.resolve.context import NodePath
from migrator.resolve.follow.values import Kind, Value
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope
from migrator.routing.find.loaded import loaded
from migrator.routing.find.site import RoutingSite
from migrator.routing.find.values import wire_name

_MAX_CALLERS = 12
_MAX_STEPS = 3
"""Functions that hand a body on to each other."""


def callers(repository: Repository, calls: Mapping[str, list[NodePath]], value: Value) -> Iterator[tuple[NodePath, Func]]:
    """The calls in this tree of the function that a parameter belongs to. `calls`: calls by the last word of the callee."""
    file = repository.files.get(value.scope.path)
    opened = file.scopes.opened.values() if file is not None else ()
    functions = (scope.node for scope in opened if isinstance(scope.node, Func))
    func = next((func for func in functions if any(param is value.param for param in func.params)), None)
    if func is not None and func.name:
        for path in calls.get(func.name, ())[:_MAX_CALLERS]:
            yield path, func


def scope_at(file: ParsedFile, at: int) -> Scope:
    """The innermost scope that a place of a file is in."""
    around = [
        (scope.node.span.start, scope)
        for scope in file.scopes.opened.values()
        if scope.node is not None and scope.node.span.start <= at < scope.node.span.end
    ]
    return max(around, key=lambda pair: pair[0])[1] if around else file.scopes.root


def mark_read(
    repository: Repository, calls: Mapping[str, list[NodePath]], paths: Sequence[str], sites: Sequence[RoutingSite]
) -> None:
    """Note at each site where code reads one of its options from the body that it stands in. `paths`: the files that are looked at."""
    bodies = {
        (site.path, obj.span): site
        for site in sites
        if site.dialect == "openrouter"
        for obj in (site.holder, site.root)
        if isinstance(obj, Obj) and any(entry.key is not None for entry in site.entries)
    }
    names = {entry.name for site in bodies.values() for entry in site.entries if "." not in entry.name}
    if not names:
        return
    words = re.compile(rf"[\[(.{{,]\s*['\"]?(?:{'|'.join(sorted(map(re.escape, names)))})\b")
    for path in paths:
        file = repository.files[path]
        if not words.search(file.source.text):
            continue
        for base, option, span in _reads(file, names):
            for body in _bodies(repository, calls, base, scope_at(file, span.start), 0):
                site = bodies.get(body)
                if site is not None and not site.disturbed and _has(site, option) and not _is_part(site, path, span):
                    where = f"line {file.lines.line(span.start)}{'' if path == site.path else f' of {path}'}"
                    site.disturbed = f"{where} reads {option} of the same object"


def _reads(file: ParsedFile, names: set[str]) -> Iterator[tuple[Node, str, Span]]:
    """Each expression that an option is read from, with the option's name: `x["provider"]`, `x.get("provider")`, `const { provider } = x`."""
    ecma = file.module.language == "ecma"
    for node in descendants(file.module):
        match node:
            case Index(base=Name() | Index() | Attr() as base, key=Str(value=key)) if wire_name(key) in names:
                yield base, wire_name(key), node.span
            case Attr(base=Name() | Index() | Attr() as base, name=key) if ecma and wire_name(key) in names:
                yield base, wire_name(key), node.span
            case Call(func=Attr(base=Name() | Index() | Attr() as base, name="get" | "pop"), args=(first, *_)) if (
                isinstance(first.value, Str) and wire_name(first.value.value) in names
            ):
                yield base, wire_name(first.value.value), node.span
            case Assign(targets=(Obj(items=items),), value=value) if ecma and value is not None:
                for item in items:
                    if isinstance(item.key, Str) and wire_name(item.key.value) in names:
                        yield value, wire_name(item.key.value), node.span


def _bodies(
    repository: Repository, calls: Mapping[str, list[NodePath]], node: Node, scope: Scope, depth: int
) -> Iterator[tuple[str, Span]]:
    """The objects that an expression may stand for, also those that callers give for a parameter."""
    if (from_file := loaded(repository, node, scope)) is not None:
        yield from_file[1].path, from_file[0].span
    for value in resolve.follow(repository, node, scope):
        if value.kind is Kind.OBJECT and value.node is not None:
            yield value.path, value.node.span
        elif value.kind is Kind.PARAMETER and depth < _MAX_STEPS:
            for path, func in callers(repository, calls, value):
                for given in _given(path.node, func, value):
                    yield from _bodies(repository, calls, given, path.scope, depth + 1)


def _given(call: object, func: Func, value: Value) -> list[Node]:
    if not isinstance(call, Call):
        return []
    params = [param for param in func.params if param.name not in ("self", "cls")]
    at = next((at for at, param in enumerate(params) if param is value.param), None)
    named = [arg.value for arg in call.args if arg.name == value.name]
    plain = [arg for arg in call.args if arg.name is None]
    if named or at is None or at >= len(plain) or any(arg.star for arg in plain[: at + 1]):
        return named
    return [plain[at].value]


def _has(site: RoutingSite, option: str) -> bool:
    return any(entry.name == option for entry in site.entries)


def _is_part(site: RoutingSite, path: str, span: Span) -> bool:
    """Is a read a part of what the site or one of its companions is written in?"""
    group = site.companions or (site,)
    return any(
        other.path == path
        and (
            other.holder.span.start <= span.start < other.holder.span.end
            or (other.write.container is not None and span.start <= other.write.container.span.start < span.end)
        )
        for other in group
    )
