"""Documents: prose is prose, and only a fenced block that somebody would copy into a shell or a `.env` holds variables.

Their `how` begins with `fence:`, so that whoever rewrites programs can leave documents alone. Only fences are looked for, line by line:
tree-sitter-markdown takes five times as long for a tree that nothing here asks about.
"""

from __future__ import annotations

import re

from migrator.formats import shell
from migrator.formats.spans import shift
from migrator.formats.tree import Arg, EnvDef, EnvRef, Item, Module, Node, Param, Region, RegionKind, children
from migrator.model import Source, Span
from migrator.patterns import regex

_OPENING = regex(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})[ \t]*([^\n]*)")
_DIRECTIVE = regex(r"([ \t]*)\.\. (?:code-block|code|sourcecode|prompt)::[ \t]*(\w*)[^\n]*")
_ASCIIDOC = regex(r"\[source,[ \t]*%?(\w+)[^\]\n]*\]")
_PROMPT = regex(r"[ \t]*(?:\([\w.-]+\)[ \t]*)?(?:[\w.-]+@[\w.-]+[:~/\w.-]*)?(?:\$|%|❯|➜|>)[ \t]+(?=\S)")
_LOOKS_SHELL = regex(r"^[ \t]*(?:\$[ \t]+)?(?:export[ \t]+[A-Za-z_][A-Za-z0-9_]*=|(?:docker|podman)[ \t]+run\b)", re.MULTILINE)
_LOOKS_DOTENV = regex(r"[ \t]*(?:#[^\n]*|[A-Z_][A-Z0-9_]*=[^\n]*|)[ \t\r]*")
_ENTRY = regex(r"^[ \t]*(?:#[ \t]*)?[A-Z_][A-Z0-9_]*=", re.MULTILINE)
_KINDS = {
    **dict.fromkeys(("bash", "sh", "shell", "zsh", "fish", "shellscript", "ksh", "shell-script"), "shell"),
    **dict.fromkeys(("console", "shell-session", "sh-session", "shellsession", "terminal", "bash-session", "session"), "console"),
    **dict.fromkeys(("env", "dotenv", ".env", "properties", "envfile"), "dotenv"),
    **dict.fromkeys(("powershell", "ps1", "pwsh", "posh", "ps"), "powershell"),
    **dict.fromkeys(("bat", "batch", "cmd", "dosbatch"), "batch"),
    **dict.fromkeys(("dockerfile", "docker"), "dockerfile"),
    **dict.fromkeys(("", "text", "txt", "plaintext", "plain", "ini", "conf", "none", "code"), "guess"),
}


def lower(source: Source) -> Module:
    """Prose and fences of a document, and the variables in fences of shell and env files. Never raises."""
    text = source.text
    body: list[Node] = []
    regions: list[Region] = []
    prose, at = 0, 0

    def close_prose(until: int) -> None:
        if until > prose:
            regions.append(Region(Span(prose, until), RegionKind.MARKUP))

    while at < len(text):
        end = _line_end(text, at)
        block: tuple[int, int, int, str] | None = None
        if opening := _OPENING.match(text, at, end):
            block = _fence(text, opening, end)
        elif directive := _DIRECTIVE.match(text, at, end):
            block = _indented(text, directive, end)
        elif adoc := _ASCIIDOC.match(text, at, end):
            block = _delimited(text, adoc, end)
        if block is None:
            at = end + 1
            continue
        start, stop, after, tag = block
        close_prose(start)
        if stop > start:
            regions.append(Region(Span(start, stop), RegionKind.FENCE))
            body += _contents(source.path, text[start:stop], start, tag)
        prose, at = max(start, stop), after
    close_prose(len(text))
    return Module(path=source.path, language="markdown", body=tuple(body), regions=tuple(regions))


def _line_end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop


def _fence(text: str, opening: re.Match[str], end: int) -> tuple[int, int, int, str] | None:
    """Start, end, where to go on, and language of a fenced block; it ends with the text where nothing closes it."""
    ticks, info = opening[1], opening[2].strip()
    if ticks[0] == "`" and "`" in info:
        return None
    tag = re.split(r"[\s{},:]", info.lstrip("{. "), maxsplit=1)[0].lower() if info else ""
    if "title=" in info or "filename=" in info:
        tag = "dotenv" if re.search(r"(?:title|filename)=[\"']?\S*\.env\b", info) else tag
    start = at = min(end + 1, len(text))
    closing = re.compile(rf"[ \t>]*{re.escape(ticks[0])}{{{len(ticks)},}}[ \t\r]*")
    while at < len(text):
        stop = _line_end(text, at)
        if closing.fullmatch(text, at, stop):
            return start, at, stop + 1, tag
        at = stop + 1
    return start, len(text), len(text), tag


def _indented(text: str, directive: re.Match[str], end: int) -> tuple[int, int, int, str]:
    """The block of a reStructuredText directive: everything indented deeper."""
    depth = len(directive[1])
    start = at = min(end + 1, len(text))
    last = at
    while at < len(text):
        stop = _line_end(text, at)
        line = text[at:stop]
        if line.strip() and len(line) - len(line.lstrip(" \t")) <= depth:
            break
        if line.strip():
            last = min(stop + 1, len(text))
        at = stop + 1
    return start, last, max(last, end + 1), directive[2].lower()


def _delimited(text: str, match: re.Match[str], end: int) -> tuple[int, int, int, str] | None:
    """The `----` block behind an AsciiDoc `[source,…]` line."""
    at = end + 1
    stop = _line_end(text, at) if at < len(text) else len(text)
    if not re.fullmatch(r"-{4,}[ \t\r]*", text[at:stop]):
        return None
    mark, start = text[at:stop].strip(), min(stop + 1, len(text))
    at = start
    while at < len(text):
        stop = _line_end(text, at)
        if text[at:stop].strip() == mark:
            return start, at, stop + 1, match[1].lower()
        at = stop + 1
    return start, len(text), len(text), match[1].lower()


def _contents(path: str, text: str, offset: int, tag: str) -> list[Node]:
    """Variables in a block; nothing for a language that no shell reads."""
    kind = _KINDS.get(tag, "")
    if kind == "guess":
        if _LOOKS_SHELL.search(text):
            kind = "console"
        elif _ENTRY.search(text) and all(_LOOKS_DOTENV.fullmatch(line) for line in text.split("\n")):
            kind = "dotenv"
        elif tag in ("", "text", "txt", "code") and _ENTRY.search(text):
            kind = "console"
    nodes: list[Node] = []
    match kind:
        case "shell" if not any(_PROMPT.match(line) for line in text.split("\n")):
            nodes = list(shell.nodes(path, text, offset))
        case "shell" | "console":
            nodes = _session(path, text, offset)
        case "dotenv":
            nodes = list(shell.dotenv_lines(text, 0, len(text), "dotenv", expand=True))
            for node in nodes:
                shift(node, offset)
        case "powershell":
            from migrator.formats.shell import powershell

            nodes = list(powershell.scan(text, offset)[0])
        case "batch" | "dockerfile":
            nodes = _lowered(kind, text, offset)
    for node in nodes:
        _mark(node)
    return nodes


def _lowered(kind: str, text: str, offset: int) -> list[Node]:
    from migrator.formats.shell import batch, dockerfile

    part = Source(path="", text=text, encoding="utf-8", bom=False, digest="")
    nodes = list((batch.lower if kind == "batch" else dockerfile.lower)(part).body)
    for node in nodes:
        shift(node, offset)
    return nodes


def _session(path: str, text: str, offset: int) -> list[Node]:
    """What was typed at a prompt; with no prompt anywhere, everything was."""
    lines: list[tuple[int, int, int]] = []
    at = 0
    while at < len(text):
        stop = _line_end(text, at)
        prompt = _PROMPT.match(text, at, stop)
        lines.append((at, stop, prompt.end() if prompt else -1))
        at = stop + 1
    if all(typed < 0 for _, _, typed in lines):
        return list(shell.nodes(path, text, offset))
    out: list[Node] = []
    index = 0
    while index < len(lines):
        _, stop, typed = lines[index]
        index += 1
        if typed < 0:
            continue
        while text[:stop].rstrip("\r")[-1:] == "\\" and index < len(lines):
            stop = lines[index][1]
            index += 1
        out += shell.nodes(path, text[typed:stop], offset + typed)
    return out


def _mark(node: Node | Arg | Item | Param) -> None:
    """Say of every variable that it stands in a fence."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, EnvDef | EnvRef):
            part.how = f"fence:{part.how}"
        stack += children(part)
