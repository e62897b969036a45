"""Windows batch files, line by line: what sets a variable, what reads one, and strings."""

from __future__ import annotations

import re

from migrator.formats import shell
from migrator.formats.detect import format_of
from migrator.formats.shell.powershell import DOCKER, DOCKER_FLAG, STORE, STORES
from migrator.formats.spans import flat, joined
from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Module, Name, Node, Region, RegionKind, Str
from migrator.model import Source, Span

_REMARK = re.compile(r"[ \t]*(?:@?[Rr][Ee][Mm](?=[ \t\r\n]|\Z)|::)[^\n]*")
_SET = re.compile(
    r"(?<![\w%!])set[ \t]+(?:/[pP][ \t]+)?(?:\"([A-Za-z_][A-Za-z0-9_]*)=([^\"\n]*)\"?|([A-Za-z_][A-Za-z0-9_]*)=([^&|\r\n)]*))",
    re.IGNORECASE,
)
_SETX = re.compile(
    r"(?<![\w%!])setx[ \t]+(?:/[mM][ \t]+)?\"?([A-Za-z_][A-Za-z0-9_]*)\"?[ \t]+(\"[^\"\n]*\"|[^\s&|]+)", re.IGNORECASE
)
_DEFINED = re.compile(r"\bdefined[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.IGNORECASE)
_PERCENT = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)(?::[^%\r\n]*)?%|!([A-Za-z_][A-Za-z0-9_]*)(?::[^!\r\n]*)?!")
_FETCHING = re.compile(r"(?<![^\s&|(@])(curl|wget)(?:\.exe)?(?=[ \t])", re.IGNORECASE)
_WORD = re.compile(r"\"[^\"\n]*\"?|[^\s\"&|<>()^]+")
_ARGUMENT = re.compile(r"(?:[ \t]|\^\r?\n)+((?:\"[^\"\n]*\"|[^\s\"&|<>()^])+)")
_ECHO = re.compile(r"echo[ \t.:]*[\"']?([A-Za-z_][A-Za-z0-9_]*)=([^>\n]*?)[\"']?[ \t]*[)]?[ \t]*>>?[ \t]*(\S+)", re.IGNORECASE)
_SAY = re.compile(r"(?<![^\s&|(@])(echo)[ \t.:]+([^&|<>\r\n]+)", re.IGNORECASE)
_PATTERN = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{2,})(?==)")


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

    for found in _SET.finditer(text, start, end):
        first = 1 if found[1] else 3
        how = "batch-read" if "/p" in found[0][:8].lower() else "batch-set"
        define(Span(*found.span()), Span(*found.span(first)), found.span(first + 1), how)
    for found in _SETX.finditer(text, start, end):
        define(Span(*found.span()), Span(*found.span(1)), found.span(2), "batch-setx")
    for found in _ECHO.finditer(text, start, end):
        if format_of(found[3].strip("\"'")) == "dotenv":
            define(Span(found.start(1), found.end(2)), Span(*found.span(1)), found.span(2), "echo-dotenv")
    if DOCKER.search(text, start, end):
        owner = next((n.owner for n in shell.nodes("", text[start:end]) if isinstance(n, EnvDef) and n.owner), "")
        for found in DOCKER_FLAG.finditer(text, start, end):
            stop = text.find(found[2], found.end(), end) if found[2] else -1
            word = _WORD.match(text, found.end(), end)
            stop = stop if stop >= 0 else word.end() if word and found[4] else found.end()
            how = "docker-build-arg" if found[1] == "--build-arg" else "docker-run"
            value = _value(text, found.end(), stop) if found[4] else None
            body.append(EnvDef(Span(found.start(), stop), found[3], Span(*found.span(3)), value, how, owner=owner))
            taken.append((found.start(), stop))
    for found in STORE.finditer(text, start, end):
        owner = f"store:{STORES.get(found[1], 'vercel-env')}"
        body.append(EnvDef(Span(*found.span()), found[2], Span(*found.span(2)), None, "store-command", owner=owner))
        taken.append(found.span())
    body += (
        EnvRef(Span(*found.span(1)), found[1], Span(*found.span(1)), "batch-defined")
        for found in _DEFINED.finditer(text, start, end)
    )
    pattern = re.compile(r"[ \t]*(?:.*[|&][ \t]*)?findstr\b", re.IGNORECASE).match(text, start, end)
    for found in _SAY.finditer(text, start, end):
        if not any(found.start() < b and a < found.end() for a, b in taken):
            said = _value(text, found.start(2), found.end(2))
            span = Span(*found.span())
            body.append(Call(span, Name(Span(*found.span(1)), "echo"), (Arg(said.span, said),), span.end))
            taken.append(span)
    fetching = _FETCHING.search(text, start, end)
    if fetching is not None and not any(a <= fetching.start() < b for a, b in taken):
        body.append(call := _fetch(text, fetching, end, regions))
        taken.append(call.span)
    for found in _WORD.finditer(text, start, end):
        quoted = found[0].startswith('"')
        if quoted:
            regions.append(Region(Span(*found.span()), RegionKind.STRING))
        if any(found.start() < b and a < found.end() for a, b in taken):
            continue
        if pattern and quoted and found.start() > pattern.end() - 1 and (name := _PATTERN.search(text, *found.span())):
            body.append(EnvRef(Span(*name.span(1)), name[1], Span(*name.span(1)), "shell-pattern"))
            continue
        node = _value(text, *found.span())
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

    for found in _PERCENT.finditer(text, *inner):
        literal(found.start())
        group = 1 if found[1] else 2
        parts.append(EnvRef(Span(*found.span()), found[group], Span(*found.span(group)), "batch"))
        at = found.end()
    literal(inner.end)
    return joined(Span(start, end), inner, parts)
