"""Request files of editors (`.http`, `.rest`): requests, headers, file variables and the environment they read.

A request is a `Call` of its method whose first argument is the address and whose named arguments are the headers; a body is one
string behind them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from migrator.formats.tree import Arg, Assign, Call, EnvRef, Join, Module, Name, Node, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_REQUEST = regex(
    r"[ \t]*(?:(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT|GRAPHQL|WEBSOCKET|GRPC|SSE)[ \t]+)?(\S+)(?:[ \t]+HTTP/[\d.]+)?"
)
_HEADER = regex(r"[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*")
_ASSIGN = regex(r"[ \t]*@([^\s=]+)[ \t]*=[ \t]*")
_CONTINUED = regex(r"[ \t]+[?&/]")
_REFERENCE = regex(
    r"\{\{[ \t]*(?:\$(processEnv|dotenv)[ \t]+(%?)([A-Za-z_][A-Za-z0-9_]*)|\$env\.([A-Za-z_][A-Za-z0-9_]*)|([^{}\s$][^{}\r\n]*?))[ \t]*\}\}"
)


def lower(source: Source) -> Module:
    """Requests and variables of a request file. Never raises."""
    text = source.text
    body: list[Node] = []
    regions: list[Region] = []
    at = 0
    method: tuple[Name, list[Arg]] | None = None
    in_body = False
    payload: tuple[int, int] | None = None

    def flush() -> None:
        nonlocal method, payload, in_body
        if method is not None:
            func, args = method
            if payload is not None:
                args.append(Arg(Span(*payload), _value(text, *payload)))
            end = args[-1].span.end
            body.append(Call(Span(min(func.span.start, args[0].span.start), end), func, tuple(args), end))
        method, payload, in_body = None, None, False

    while at < len(text):
        stop = text.find("\n", at)
        after = len(text) if stop < 0 else stop
        end = at + len(text[at:after].rstrip())
        first = at + len(text[at:end]) - len(text[at:end].lstrip())
        line = text[first:end]
        if line.startswith("###"):
            flush()
            regions.append(Region(Span(first, end), RegionKind.COMMENT))
        elif in_body:
            if line:
                payload = (payload[0] if payload else first, end)
        elif line.startswith(("#", "//")):
            regions.append(Region(Span(first, end), RegionKind.COMMENT))
        elif not line:
            in_body = method is not None
        elif match := _ASSIGN.match(text, at, end):
            span = Span(*match.span(1))
            body.append(Assign(Span(first, end), (Name(span, match[1]),), _value(text, match.end(), max(end, match.end()))))
        elif method is None:
            request = _REQUEST.match(text, at, end)
            if request and (request[1] or "://" in request[2] or request[2].startswith(("{{", "/"))):
                named = Span(*request.span(1)) if request[1] else Span(first, first)
                span = Span(request.start(2), end if not re.search(r"[ \t]HTTP/[\d.]+$", line) else request.end(2))
                method = (Name(named, request[1] or "GET"), [Arg(span, _value(text, *span))])
        elif _CONTINUED.match(text, at, end):
            span = Span(first, end)
            method[1].append(Arg(span, _value(text, *span)))
        elif header := _HEADER.match(text, at, end):
            value = Span(header.end(), max(end, header.end()))
            name = Span(*header.span(1))
            method[1].append(Arg(Span(name.start, value.end), _value(text, *value), header[1], name))
        at = after + 1
    flush()
    body.sort(key=lambda node: (node.span.start, -node.span.end))
    return Module(path=source.path, language="http", body=tuple(body), regions=tuple(regions))


def _value(text: str, start: int, end: int) -> Node:
    """Text with `{{…}}` in it; a name in it that is not the environment's is one of the file's own variables."""
    placeholders = list(_REFERENCE.finditer(text, start, end))
    cuts = [start]
    for placeholder in placeholders:
        cuts += placeholder.span()
    cuts.append(end)
    parts: list[Node] = []
    for index, (a, b) in enumerate(pairwise(cuts)):
        if index % 2:
            placeholder = placeholders[index // 2]
            whole = Span(a, b)
            if placeholder[3] and not placeholder[2]:
                parts.append(EnvRef(whole, placeholder[3], Span(*placeholder.span(3)), "http"))
            elif placeholder[4]:
                parts.append(EnvRef(whole, placeholder[4], Span(*placeholder.span(4)), "http"))
            else:
                parts.append(Name(whole, placeholder[5] or placeholder[3]))
        elif b > a:
            parts.append(Str(Span(a, b), text[a:b], Span(a, b), True))
    if not parts:
        return Str(Span(start, end), "", Span(start, end), True)
    return parts[0] if len(parts) == 1 else Join(Span(start, end), tuple(parts))
