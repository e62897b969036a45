"""References to variables inside a scalar: `${X}`, `${{ secrets.X }}`, `$X`, `os.environ/X`, `{env:X}` and their kin.

A scalar is seldom written as it is read: it has escapes, folded lines, indentation that is not part of it. A `View` is the text as
the program sees it together with where each character stands in the file, so everything here works on the former and answers in
spans of the latter.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from migrator.formats.tree import EnvRef, Join, Node, Other, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass


class Dialect(StrEnum):
    """Which reader expands the scalar; the value is the `how` of a plain `${X}`."""

    COMPOSE = "compose"
    """`$X` in any case, `$$` is a dollar sign."""
    DOTENV = "dotenv"
    PLACEHOLDER = "placeholder"
    """Nobody in particular: `${X}` in any case, a bare `$X` only in capitals."""
    EXPRESSION = "expression"
    """Shell text: only what is expanded before the shell sees it."""
    MACRO = "macro"
    """As `PLACEHOLDER`, and `$(X)` too: Kubernetes and Azure Pipelines."""


@dataclass(slots=True)
class View:
    """Text as a program reads it, with the place of each character in the file."""

    source: str
    text: str
    starts: Sequence[int]
    """Where character i begins in `source`."""
    ends: Sequence[int]
    """Where what stands for character i ends in `source`."""
    base: int
    """Where an empty text would stand."""

    def span(self, start: int, end: int) -> Span:
        """Place in the file of `text[start:end]`."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else self.ends[-1] if self.ends else self.base
            return Span(at, at)
        return Span(self.starts[start], self.ends[end - 1])

    def cut(self, start: int, end: int) -> View:
        """The view of `text[start:end]`."""
        return View(self.source, self.text[start:end], self.starts[start:end], self.ends[start:end], self.span(start, start).start)

    def exact(self, start: int, end: int) -> bool:
        """True where the file holds `text[start:end]` literally."""
        span = self.span(start, end)
        return span.end - span.start == end - start and self.source[span.start : span.end] == self.text[start:end]


def verbatim(source: str, start: int, end: int) -> View:
    """A view of text that is read as it is written."""
    return View(source, source[start:end], range(start, end), range(start + 1, end + 1), start)


def unescaped(source: str, start: int, end: int, escape: re.Pattern[str], decode: Callable[[re.Match[str]], str]) -> View:
    """A view in which every match of `escape` reads as `decode` says."""
    raw = source[start:end]
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in escape.finditer(raw):
        pieces.append(raw[at : match.start()])
        starts.extend(range(start + at, start + match.start()))
        ends.extend(range(start + at + 1, start + match.start() + 1))
        read = decode(match)
        pieces.append(read)
        starts.extend([start + match.start()] * len(read))
        ends.extend([start + match.end()] * len(read))
        at = match.end()
    if at == 0 and not pieces:
        return verbatim(source, start, end)
    pieces.append(raw[at:])
    starts.extend(range(start + at, end))
    ends.extend(range(start + at + 1, end + 1))
    return View(source, "".join(pieces), starts, ends, start)


def masked(view: View, spans: Iterable[tuple[int, int]]) -> View:
    """The view with stretches of its text replaced by a command substitution as long, over which no shell parser stumbles."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        size = end - start
        pieces += (view.text[at:start], f"$({'_' * (size - 3)})" if size > 3 else "_" * size)
        at = end
    return View(view.source, "".join((*pieces, view.text[at:])), view.starts, view.ends, view.base)


def relocate(nodes: Iterable[Node], view: View) -> None:
    """Move nodes that were found in `view.text` to where they stand in the file. They are ours alone: they are changed in place."""
    stack: list[object] = list(nodes)
    moved: set[int] = set()
    while stack:
        node = stack.pop()
        if type(node) is tuple:
            stack.extend(node)
        if not dataclasses.is_dataclass(node) or isinstance(node, type) or id(node) in moved:
            continue
        moved.add(id(node))
        for field in dataclasses.fields(node):
            part = getattr(node, field.name)
            if isinstance(part, Span):
                setattr(node, field.name, view.span(*part))
            elif field.name == "close":
                setattr(node, field.name, view.span(part, part).start)
            elif not isinstance(part, str):
                stack.append(part)
        if isinstance(node, Str):
            node.exact = node.exact and view.source[node.inner.start : node.inner.end] == node.value


def scalar(view: View, span: Span, inner: Span, dialect: Dialect, value: str | None = None) -> Str | Join:
    """A `Str`, or a `Join` when references stand in it. `value`: what the program sees, where the view does not say it."""
    parts = references(view, dialect)
    if parts:
        return Join(span, tuple(parts))
    read = view.text if value is None else value
    return Str(span, read, inner, exact=view.source[inner.start : inner.end] == read)


_HINT = regex(r"\$|\{\{|\{env:|<%=|^os\.environ/|^env:")
_TOKEN = regex(
    r"""
    (?P<escaped> \$\$ | \\\$ )
  | (?P<expression> \$\{\{ )
  | (?P<brace> \$\{ )
  | \$[Ee][Nn][Vv]:(?P<powershell> [A-Za-z_]\w* )
  | \$\((?P<macro> [A-Za-z_][A-Za-z0-9_.]* )\)
  | \$(?P<bare> [A-Za-z_][A-Za-z0-9_]* )
  | (?<!\$)\{env:(?P<opencode> [A-Za-z_]\w* )\}
  | \{\{-?[ ]*(?:\$env|env|\.Env|process\.env)\.(?P<template> [A-Za-z_]\w* )[ ]*(?:\|[^{}\n]*)?-?\}\}
  | \{\{-?[ ]*(?:env_var[ ]*\(|env[ ]*[(\[]?|lookup[ ]*\([ ]*["']env["'][ ]*,)[ ]*["'](?P<called> [A-Za-z_]\w* )["'][^{}\n]*\}\}
  | <%=-?[ ]*ENV(?:\[|\.fetch\()[ ]*["'](?P<erb> [A-Za-z_]\w* )["'][ ]*[\])](?:\.to_s)?[ ]*-?%>
  | (?P<code> <%= )
  | \A os\.environ/(?P<litellm> [A-Za-z_]\w* )\Z
  | \A env:(?P<prefixed> [A-Za-z_]\w* )\Z
    """,
    re.VERBOSE,
)
_CAPITALS = regex(r"[A-Z_][A-Z0-9_]+\Z")
_BRACED = regex(r"\??(?:(?P<scheme>oc\.env|env|ENV|localEnv|containerEnv)[:.])?[ ]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ ]*")
_DEFAULT = regex(r":?[-?+=]|[:,][ ]*")
_SCHEMES = {
    "oc.env": "omegaconf",
    "env": "env-scheme",
    "ENV": "env-scheme",
    "localEnv": "devcontainer-local",
    "containerEnv": "devcontainer",
}
_CONTEXT = regex(
    r"'(?:[^']|'')*'|(?<![\w.\]-])(?P<context>secrets|env|vars|inputs)[ ]*"
    r"(?:\.[ ]*(?P<name>[A-Za-z_][\w-]*)|\[[ ]*'(?P<quoted>[^'\]]+)'[ ]*\])"
)
_CONTEXTS = {
    "secrets": ("actions-secret", "store:github-secrets"),
    "vars": ("actions-var", "store:github-variables"),
    "env": ("actions-env-ref", ""),
    "inputs": ("actions-input-ref", "interface:inputs"),
}
_SIMPLE = {
    "powershell": "powershell",
    "opencode": "env-brace",
    "template": "template-env",
    "called": "template-env",
    "erb": "erb",
    "litellm": "litellm",
    "prefixed": "env-prefix",
}
_DEPTH = 8


def references(view: View, dialect: Dialect, depth: int = 0) -> list[Node]:
    """The pieces of a scalar when it refers to variables, literal ones as `Str`; empty when it does not."""
    text = view.text
    if _HINT.search(text) is None:
        return []
    parts: list[Node] = []
    literal = at = 0
    closers: dict[int, int] | None = None
    unclosed = False
    while match := _TOKEN.search(text, at):
        start, end = match.span()
        at = end
        part: Node | None = None
        match match.lastgroup:
            case "expression":
                close = -1 if unclosed else text.find("}}", end)
                if close < 0:
                    unclosed = True
                    continue
                at = close + 2
                part = _expression(view, start, at, end, close)
            case "code":
                close = text.find("%>", end)
                if close < 0:
                    continue
                at = close + 2
                part = _ruby(view, start, at, end, close)
            case "brace":
                if closers is None:
                    closers = _closers(text)
                close = closers.get(start, -1)
                if close < 0 or dialect is Dialect.EXPRESSION:
                    continue
                part = _braced(view, start, close, dialect, depth)
                at = close + 1 if part is not None else end
            case "bare":
                if dialect is Dialect.EXPRESSION or (dialect is not Dialect.COMPOSE and not _CAPITALS.match(match["bare"])):
                    continue
                part = EnvRef(view.span(start, end), match["bare"], view.span(*match.span("bare")), str(_plain(dialect)))
            case "macro":
                if dialect is not Dialect.MACRO:
                    continue
                part = EnvRef(view.span(start, end), match["macro"], view.span(*match.span("macro")), "macro")
            case str(group) if group in _SIMPLE:
                part = EnvRef(view.span(start, end), match[group], view.span(*match.span(group)), _SIMPLE[group])
            case _:
                continue
        if part is None:
            continue
        if literal < start:
            parts.append(_literal(view, literal, start))
        parts.append(part)
        literal = at
    if parts and literal < len(text):
        parts.append(_literal(view, literal, len(text)))
    return parts


def condition(view: View) -> list[Node]:
    """The references of a bare GitHub expression, as `if:` takes one."""
    return _contexts(view, 0, len(view.text))


def _plain(dialect: Dialect) -> Dialect:
    return Dialect.PLACEHOLDER if dialect is Dialect.MACRO else dialect


def _literal(view: View, start: int, end: int) -> Str:
    span = view.span(start, end)
    return Str(span, view.text[start:end], span, view.exact(start, end))


def _closers(text: str) -> dict[int, int]:
    """Where the brace of each `${` closes; one pass, so that unclosed ones cost nothing."""
    closers: dict[int, int] = {}
    stack: list[int] = []
    for match in re.finditer(r"\$\{|\{|\}", text):
        if match[0] == "}":
            if stack:
                closers[stack.pop()] = match.start()
        else:
            stack.append(match.start())
    return closers


def _braced(view: View, start: int, close: int, dialect: Dialect, depth: int) -> Node | None:
    match = _BRACED.match(view.text, start + 2, close)
    if match is None:
        return None
    scheme, rest = match["scheme"], match.end()
    default: Node | None = None
    if rest < close:
        mark = _DEFAULT.match(view.text, rest, close)
        if mark is None:
            return None
        inside = view.cut(mark.end(), close)
        inner = view.span(mark.end(), close)
        parts = references(inside, dialect, depth + 1) if depth < _DEPTH else []
        if len(parts) == 1 and isinstance(parts[0], EnvRef):
            default = parts[0]
        else:
            default = Join(inner, tuple(parts)) if parts else _literal(view, mark.end(), close)
    how = _SCHEMES[scheme] if scheme else str(_plain(dialect))
    return EnvRef(view.span(start, close + 1), match["name"], view.span(*match.span("name")), how, default)


def _contexts(view: View, start: int, end: int) -> list[Node]:
    refs: list[Node] = []
    for match in _CONTEXT.finditer(view.text, start, end):
        if match["context"]:
            how, owner = _CONTEXTS[match["context"]]
            group = "name" if match["name"] else "quoted"
            refs.append(EnvRef(view.span(*match.span()), match[group], view.span(*match.span(group)), how, owner=owner))
    return refs


_RUBY_READ = regex(r"ENV(?:\[|\.fetch\()[ ]*[\"'](?P<name>[A-Za-z_]\w*)[\"']")


def _ruby(view: View, start: int, end: int, inner: int, close: int) -> Node:
    """`<%= … %>` that does more than read one variable: what it gives is not known, the variables that it reads are."""
    reads = _RUBY_READ.finditer(view.text, inner, close)
    refs = (EnvRef(view.span(*match.span()), match["name"], view.span(*match.span("name")), "erb") for match in reads)
    span = view.span(start, end)
    code = Other(span, "code", ())
    return Other(span, "expression", (code, *refs))


def _expression(view: View, start: int, end: int, inner: int, close: int) -> Node | None:
    """`${{ … }}`: an `EnvRef` that covers it all when it is one reference, else an `Other` that holds them."""
    refs = _contexts(view, inner, close)
    whole = view.span(start, end)
    match refs:
        case [EnvRef() as ref] if _CONTEXT.fullmatch(view.text[inner:close].strip()):
            ref.span = whole
            return ref
        case _:
            return Other(whole, "expression", (*refs, *_alternatives(view, inner, close)))


_ALTERNATIVE = regex(r"(?:\|\||&&)[ ]*'(?P<text>(?:[^']|'')*)'")


def _alternatives(view: View, start: int, end: int) -> list[Node]:
    """The texts that an expression may give: `vars.BASE_URL || 'https://…'`. What a value is compared with is none of them."""
    found: list[Node] = []
    for match in _ALTERNATIVE.finditer(view.text, start, end):
        first, last = match.span("text")
        span = view.span(first, last)
        found.append(Str(view.span(first - 1, last + 1), view.text[first:last], span, view.exact(first, last)))
    return found
