"""Windows batch files, line by line: what sets a variable, what reads one, and strings."""

from __future__ import annotations

import re

from migrator.formats import shell
from migrator.formats.detect import format_of
from migrator.formats.shell.powershell import DOCKER, DOCKER_FLAG, STORE, STORES
from migrator.formats.spans import flat, joined
from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Module, Name, Node, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_REMARK = regex(r"[ \t]*(?:@?[Rr][Ee][Mm](?=[ \t\r\n]|\Z)|::)[^\n]*")
_SET = regex(
    r"(?<![\w%!])set[ \t]+(?:/[pP][ \t]+)?(?:\"([A-Za-z_][A-Za-z0-9_]*)=([^\"\n]*)\"?|([A-Za-z_][A-Za-z0-9_]*)=([^&|\r\n)]*))",
    re.IGNORECASE,
)
_SETX = regex(r"(?<![\w%!])setx[ \t]+(?:/[mM][ \t]+)?\"?([A-Za-z_][A-Za-z0-9_]*)\"?[ \t]+(\"[^\"\n]*\"|[^\s&|]+)", re.IGNORECASE)
_DEFINED = regex(r"\bdefined[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.IGNORECASE)
_PERCENT = regex(r"%([A-Za-z_][A-Za-z0-9_]*)(?::[^%\r\n]*)?%|!([A-Za-z_][A-Za-z0-9_]*)(?::[^!\r\n]*)?!")
_FETCHING = regex(r"(?<![^\s&|(@])(curl|wget)(?:\.exe)?(?=[ \t])", re.IGNORECASE)
_WORD = regex(r"\"[^\"\n]*\"?|[^\s\"&|<>()^]+")
_ARGUMENT = regex(r"(?:[ \t]|\^\r?\n)+((?:\"[^\"\n]*\"|[^\s\"&|<>()^])+)")
_ECHO = regex(r"echo[ \t.:]*[\"']?([A-Za-z_][A-Za-z0-9_]*)=([^>\n]*?)[\"']?[ \t]*[)]?[ \t]*>>?[ \t]*(\S+)", re.IGNORECASE)
_SAY = regex(r"(?<![^\s&|(@])(echo)[ \t.:]+([^&|<>\r\n]+)", re.IGNORECASE)
_PATTERN = regex(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{2,})(?==)")


def lower(source: Source) -> Module:
    """Variables and strings of a batch file. Never raises."""
    text = source.text
    body: list[Node] = []
    regions: list[Region] = []
    at = 0
    while at < len(text):
        stop = text.find("\n", at)
        after = len(text) if stop < 0 else stop
        end = at + len(text[at:after].rstrip())
        while text[at:end].endswith("^") and stop >= 0 and not _REMARK.match(text, at, end):
            stop = text.find("\n", after + 1)
            after = len(text) if stop < 0 else stop
            end = at + len(text[at:after].rstrip())
        if _REMARK.match(text, at, end):
            begin = at + len(text[at:end]) - len(text[at:end].lstrip())
            regions.append(Region(Span(begin, end), RegionKind.COMMENT))
        else:
            _line(text, at, end, body, regions)
        at = after + 1
    body.sort(key=lambda node: (node.span.start, -node.span.end))
    return Module(path=source.path, language="batch", body=tuple(body), regions=tuple(flat(regions)))


def _line(text: str, start: int, end: int, body: list[Node], regions: list[Region]) -> None:
    taken: list[tuple[int, int]] = []

    def define(span: Span, name: Span, value: tuple[int, int], how: str) -> None:
        node = _value(text, *value)
        body.append(EnvDef(span, text[name.start : name.end], name, node, how))
        taken.append(span)

    for match in _SET.finditer(text, start, end):
        first = 1 if match[1] else 3
        how = "batch-read" if "/p" in match[0][:8].lower() else "batch-set"
        define(Span(*match.span()), Span(*match.span(first)), match.span(first + 1), how)
    for match in _SETX.finditer(text, start, end):
        define(Span(*match.span()), Span(*match.span(1)), match.span(2), "batch-setx")
    for match in _ECHO.finditer(text, start, end):
        if format_of(match[3].strip("\"'")) == "dotenv":
            define(Span(match.start(1), match.end(2)), Span(*match.span(1)), match.span(2), "echo-dotenv")
    if DOCKER.search(text, start, end):
        owner = next((n.owner for n in shell.nodes("", text[start:end]) if isinstance(n, EnvDef) and n.owner), "")
        for match in DOCKER_FLAG.finditer(text, start, end):
            stop = text.find(match[2], match.end(), end) if match[2] else -1
            word = _WORD.match(text, match.end(), end)
            stop = stop if stop >= 0 else word.end() if word and match[4] else match.end()
            how = "docker-build-arg" if match[1] == "--build-arg" else "docker-run"
            value = _value(text, match.end(), stop) if match[4] else None
            body.append(EnvDef(Span(match.start(), stop), match[3], Span(*match.span(3)), value, how, owner=owner))
            taken.append((match.start(), stop))
    for match in STORE.finditer(text, start, end):
        owner = f"store:{STORES.get(match[1], 'vercel-env')}"
        body.append(EnvDef(Span(*match.span()), match[2], Span(*match.span(2)), None, "store-command", owner=owner))
        taken.append(match.span())
    body += (
        EnvRef(Span(*match.span(1)), match[1], Span(*match.span(1)), "batch-defined")
        for match in _DEFINED.finditer(text, start, end)
    )
    pattern = re.compile(r"[ \t]*(?:.*[|&][ \t]*)?findstr\b", re.IGNORECASE).match(text, start, end)
    for match in _SAY.finditer(text, start, end):
        if not any(match.start() < b and a < match.end() for a, b in taken):
            said = _value(text, match.start(2), match.end(2))
            span = Span(*match.span())
            body.append(Call(span, Name(Span(*match.span(1)), "echo"), (Arg(said.span, said),), span.end))
            taken.append(span)
    fetching = _FETCHING.search(text, start, end)
    if fetching is not None and not any(a <= fetching.start() < b for a, b in taken):
        body.append(call := _fetch(text, fetching, end, regions))
        taken.append(call.span)
    for match in _WORD.finditer(text, start, end):
        quoted = match[0].startswith('"')
        if quoted:
            regions.append(Region(Span(*match.span()), RegionKind.STRING))
        if any(match.start() < b and a < match.end() for a, b in taken):
            continue
        if pattern and quoted and match.start() > pattern.end() - 1 and (name := _PATTERN.search(text, *match.span())):
            body.append(EnvRef(Span(*name.span(1)), name[1], Span(*name.span(1)), "shell-pattern"))
            continue
        node = _value(text, *match.span())
        if quoted or not isinstance(node, Str) or "://" in node.value:
            body.append(node)


def _fetch(text: str, program: re.Match[str], end: int, regions: list[Region]) -> Call:
    """`curl` or `wget` with its arguments, up to the next command or redirection."""
    args: list[Arg] = []
    at = program.end()
    while match := _ARGUMENT.match(text, at, end):
        words = list(_WORD.finditer(text, match.start(1), match.end(1)))
        regions += (Region(Span(*word.span()), RegionKind.STRING) for word in words if word[0].startswith('"'))
        node = _value(text, *match.span(1))
        args.append(Arg(node.span, node))
        at = match.end()
    name = Span(*program.span(1))
    return Call(Span(name.start, at), Name(name, program[1].lower()), tuple(args), at)


def _value(text: str, start: int, end: int) -> Node:
    """A value with `%X%` in it; quotes around it are taken off."""
    inner = Span(start, end)
    if end - start > 1 and text[start] == '"' and text[end - 1] == '"':
        inner = Span(start + 1, end - 1)
    parts: list[Node] = []
    at = inner.start

    def literal(until: int) -> None:
        if until > at:
            span = Span(at, until)
            parts.append(Str(span, text[at:until], span, True))

    for match in _PERCENT.finditer(text, *inner):
        literal(match.start())
        group = 1 if match[1] else 2
        parts.append(EnvRef(Span(*match.span()), match[group], Span(*match.span(group)), "batch"))
        at = match.end()
    literal(inner.end)
    return joined(Span(start, end), inner, parts)
