"""PowerShell scripts.

They are not parsed: a scan over strings, comments and the few forms in which they touch the environment is enough, and it reads
what is broken too (tree-sitter-powershell failed on one of three ordinary scripts). Strings become `Str` or `Join`, in text order; a bare word is a node only where it is a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.formats import shell
from migrator.formats.detect import format_of
from migrator.formats.spans import flat, shift
from migrator.formats.tree import EnvDef, EnvRef, Join, Module, Name, Node, Other, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_VARIABLE = regex(r"\$(?:env:([A-Za-z_][A-Za-z0-9_]*)|\{env:([A-Za-z_][A-Za-z0-9_]*)\})", re.IGNORECASE)
_OTHER_VARIABLE = regex(r"\$(?:script:|global:)?([A-Za-z_][A-Za-z0-9_]*)(?![:\w])|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BECOMES = regex(r"[ \t]*\+?=(?!=)[ \t]*")
_DRIVE = regex(r"(?<![\w$:])env:[\\/]?([A-Za-z_][A-Za-z0-9_]*)", re.IGNORECASE)
_SETTER = regex(r"^[ \t]*(?:Set-Item|New-Item|Set-Content|si|ni)\b[^\n|;]*\Z", re.IGNORECASE)
_VALUE = regex(r"[ \t]+(?:-Value[ \t]+)?(?=[\"'$\w])", re.IGNORECASE)
_METHOD = regex(
    r"\[(?:System\.)?Environment\]::(Set|Get)EnvironmentVariable\([ \t]*([\"'])([A-Za-z_][A-Za-z0-9_]*)\2[ \t]*(,[ \t]*)?",
    re.IGNORECASE,
)
_BARE = regex(r"[^\s\"'`$(){};,|#@]+")
_ESCAPED = regex(r"`(.)", re.DOTALL)
DOCKER = regex(r"(?<![\w-])(?:docker|podman)(?:\.exe)?[ \t]")
DOCKER_FLAG = regex(r"(-e|--env|--build-arg)(?:=|[ \t]+)([\"']?)([A-Za-z_][A-Za-z0-9_]*)(=?)")
STORE = regex(r"(?<![\w-])(gh secret set|gh variable set|wrangler secret put|vercel env add)[ \t]+([A-Za-z_][A-Za-z0-9_]*)")
STORES = {"gh secret set": "github-secrets", "gh variable set": "github-variables", "wrangler secret put": "wrangler-secrets"}
_ENTRY = regex(r"[ \t]*(#+[ \t]*)?([A-Za-z_][A-Za-z0-9_]*)=")
_DEEPEST = 40


def lower(source: Source) -> Module:
    """Variables and strings of a PowerShell script. Never raises."""
    body, regions = scan(source.text)
    return Module(path=source.path, language="powershell", body=body, regions=regions)


def scan(text: str, offset: int = 0) -> tuple[tuple[Node, ...], tuple[Region, ...]]:
    """Nodes of a piece of PowerShell in text order, and its comments and strings; spans count from `offset`."""
    reader = _Reader(text)
    body = sorted(reader.tokens(0, len(text)), key=lambda node: (node.span.start, -node.span.end))
    regions = flat(reader.regions)
    if offset:
        for node in body:
            shift(node, offset)
        for region in regions:
            region.span = Span(region.span.start + offset, region.span.end + offset)
    return tuple(body), tuple(regions)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.regions: list[Region] = []
        self.depth = 0
        self.pos = 0
        self.owners: dict[int, str] = {}
        self.budget = 200_000
        """Characters of `docker` commands that are still read a second time, for the image they name."""
        self.unclosed = ""
        """Quotes of which no here-string ends further on."""

    def tokens(self, start: int, end: int) -> Iterator[Node]:
        """Everything of interest between two offsets."""
        self.pos = start
        while self.pos < end:
            yield from self.token(end)

    def token(self, end: int) -> Iterator[Node]:
        """The next token, which may be nothing of interest; always moves forward."""
        text, at = self.text, self.pos
        match text[at]:
            case "#":
                stop = text.find("\n", at, end)
                self.comment(at, end if stop < 0 else stop)
            case "<" if text.startswith("<#", at):
                stop = text.find("#>", at + 2, end)
                self.comment(at, end if stop < 0 else stop + 2)
            case "@" if text.startswith(('@"', "@'"), at) and (end_of_text := self.here(at, end)):
                yield from end_of_text
            case "'" | '"' as sign:
                yield self.string(at, end, sign)
            case "`":
                self.pos = at + 2
            case "$":
                match = _VARIABLE.match(text, at, end)
                if not match:
                    self.pos = at + 1
                    return
                group = 1 if match[1] else 2
                self.pos = match.end()
                name, name_span = match[group], Span(*match.span(group))
                if becomes := _BECOMES.match(text, self.pos, end):
                    self.pos = becomes.end()
                    value, stop = self.value(end)
                    yield EnvDef(Span(at, stop), name, name_span, value, "powershell-env")
                else:
                    yield EnvRef(Span(*match.span()), name, name_span, "powershell")
            case "[" if match := _METHOD.match(text, at, end):
                self.pos = match.end()
                name, name_span = match[3], Span(*match.span(3))
                if match[1].lower() == "get":
                    yield EnvRef(Span(at, name_span.end + 1), name, name_span, "powershell-method")
                else:
                    nodes = list(self.one(end)) if match[4] else []
                    stop = max(self.pos, match.end())
                    yield EnvDef(Span(at, stop), name, name_span, self.joined(nodes, match.end(), stop), "powershell-method")
            case _:
                yield from self.bare(at, end)

    def bare(self, at: int, end: int) -> Iterator[Node]:
        """A word without quotes."""
        text = self.text
        if match := _DRIVE.match(text, at, end):
            self.pos = match.end()
            name, name_span = match[1], Span(*match.span(1))
            head = text.rfind("\n", 0, at) + 1
            if _SETTER.match(text[head:at]) and (value := _VALUE.match(text, self.pos, end)):
                self.pos = value.end()
                nodes = list(self.one(end))
                made = self.joined(nodes, value.end(), self.pos)
                yield EnvDef(Span(at, max(self.pos, match.end())), name, name_span, made, "powershell-env")
            else:
                yield EnvRef(Span(*match.span()), name, name_span, "powershell-drive")
            return
        word = _BARE.match(text, at, end)
        if not word:
            self.pos = at + 1
            return
        line = text.rfind("\n", 0, at) + 1
        if text[at] == "-" and (flag := DOCKER_FLAG.match(text, at, end)) and (statement := self.statement(line, at)):
            yield from self.docker(flag, end, statement)
            return
        stop = word.end()
        if match := STORE.match(text, at, end):
            owner = f"store:{STORES.get(match[1], 'vercel-env')}"
            self.pos = match.end()
            yield EnvDef(Span(*match.span()), match[2], Span(*match.span(2)), None, "store-command", owner=owner)
            return
        self.pos = stop
        if "://" in word[0]:
            yield Str(Span(at, stop), word[0], Span(at, stop), True)

    def statement(self, line: int, at: int) -> int:
        """Where the `docker` command begins that an offset is part of, 1 up; 0 where there is none."""
        text = self.text
        for _ in range(50):
            if match := DOCKER.search(text, line, at):
                return match.start() + 1
            if line == 0 or text[max(0, line - 3) : line].rstrip("\r\n")[-1:] != "`":
                return 0
            at, line = line, text.rfind("\n", 0, line - 1) + 1
        return 0

    def docker(self, flag: re.Match[str], end: int, statement: int) -> Iterator[Node]:
        """`docker run -e X=…`; the image that follows may say whose variable it is."""
        text = self.text
        name_span = Span(*flag.span(3))
        stop = flag.end()
        value: Node | None = None
        if flag[4]:
            if flag[2]:
                shut = text.find(flag[2], stop, end)
                shut = stop if shut < 0 else shut
                value, stop = self.interpolated(stop, shut, flag[2]), shut
            else:
                match = re.compile(r"[^\s`]*").match(text, stop, end)
                shut = match.end() if match else stop
                value, stop = self.interpolated(stop, shut, '"'), shut
        self.pos = stop + (text[stop : stop + 1] == flag[2] and bool(flag[2]))
        owner = self.owner(statement - 1, end)
        how = "docker-build-arg" if flag[1] == "--build-arg" else "docker-run"
        yield EnvDef(Span(flag.start(), self.pos), flag[3], name_span, value, how, owner=owner)

    def owner(self, start: int, end: int) -> str:
        """Whose variables a `docker` command sets, as the shell's reader says it."""
        if start not in self.owners:
            if self.budget < 0:
                return "image:unknown"  # a name that may be somebody else's is never renamed
            logical = self.logical(start, end).replace("`", "\\")
            self.budget -= len(logical)
            owners = (node.owner for node in shell.nodes("", logical) if isinstance(node, EnvDef) and node.owner)
            self.owners[start] = next(owners, "")
        return self.owners[start]

    def logical(self, start: int, end: int) -> str:
        """A command with its continued lines."""
        at = start
        while True:
            stop = self.text.find("\n", at, end)
            if stop < 0 or stop - start > 20_000:
                return self.text[start : end if stop < 0 else stop]
            if not self.text[start:stop].rstrip("\r").endswith("`"):
                return self.text[start:stop]
            at = stop + 1

    def value(self, end: int) -> tuple[Node, int]:
        """What stands behind `=`, to the end of the statement."""
        text, start = self.text, self.pos
        parts: list[Node] = []
        level, stop = 0, start
        while self.pos < end:
            sign = text[self.pos]
            if (sign in "\n;" or (sign == "}" and level == 0)) and level <= 0:
                break
            if sign == "#":
                break
            if sign in " \t\r":
                self.pos += 1
                continue
            if sign in "({":
                level += 1
            elif sign in ")}":
                level -= 1
                if level < 0:
                    break
            parts += self.token(end)
            stop = min(self.pos, end)
        return self.joined(parts, start, stop), stop

    def one(self, end: int) -> Iterator[Node]:
        """One token as a value: a string, a reference, a bare word."""
        at = self.pos
        if at < end and self.text[at] not in "\"'$@(" and (word := _BARE.match(self.text, at, end)):
            self.pos = word.end()
            yield Str(Span(at, self.pos), word[0], Span(at, self.pos), True)
        elif other := _OTHER_VARIABLE.match(self.text, at, end):
            self.pos = other.end()
            yield Name(Span(*other.span()), other[1] or other[2])
        elif at < end:
            yield from self.token(end)

    def joined(self, parts: list[Node], start: int, stop: int) -> Node:
        match parts:
            case [Str() | Join() | EnvRef() | Name() as single]:
                return single
            case []:
                span = Span(start, stop)
                return Str(span, self.text[start:stop], span, True)
        return Other(Span(start, stop), "expression", tuple(parts))

    def comment(self, start: int, end: int) -> None:
        stop = start + len(self.text[start:end].rstrip("\r\n"))
        self.regions.append(Region(Span(start, stop), RegionKind.COMMENT))
        self.pos = end

    def string(self, start: int, end: int, sign: str) -> Node:
        """A quoted string from its quote; one that never ends goes to the end."""
        text, at = self.text, start + 1
        while at < end:
            if text[at] == sign:
                if text[at + 1 : at + 2] != sign:
                    break
                at += 2
            elif text[at] == "`" and sign == '"':
                at += 2
            elif sign == '"' and text.startswith("$(", at):
                at = self.closing(at + 2, end)
            else:
                at += 1
        at = min(at, end)
        self.pos = min(at + 1, end)
        if not self.depth:
            self.regions.append(Region(Span(start, self.pos), RegionKind.STRING))
        node = self.interpolated(start + 1, at, sign)
        self.pos = min(at + 1, end)
        span = Span(start, self.pos)
        if isinstance(node, Str):
            drive = re.fullmatch(r"(?i)env:[\\/]?([A-Za-z_][A-Za-z0-9_]*)", node.value)
            if drive and node.exact:
                name = Span(node.inner.start + drive.start(1), node.inner.end)
                return EnvRef(node.inner, drive[1], name, "powershell-drive")
        if isinstance(node, Str | Join):
            node.span = span
        return node

    def closing(self, at: int, end: int) -> int:
        """Behind the parenthesis that closes one; quotes inside are passed over without being understood."""
        level = 1
        while at < end and level:
            level += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
        return at

    def interpolated(self, start: int, end: int, sign: str) -> Node:
        """The content of a string; between double quotes `$env:X` and `$(…)` are filled in."""
        text = self.text
        parts: list[Node] = []
        at = run = start

        def literal(until: int) -> None:
            if until > run:
                raw, span = text[run:until], Span(run, until)
                value = raw.replace("''", "'") if sign == "'" else _ESCAPED.sub(r"\1", raw).replace('""', '"')
                parts.append(Str(span, value, span, value == raw))

        while sign == '"' and at < end:
            if text[at] == "`":
                at += 2
            elif match := _VARIABLE.match(text, at, end):
                literal(at)
                group = 1 if match[1] else 2
                parts.append(EnvRef(Span(*match.span()), match[group], Span(*match.span(group)), "powershell"))
                at = run = match.end()
            elif match := _OTHER_VARIABLE.match(text, at, end):
                literal(at)
                parts.append(Name(Span(*match.span()), match[1] or match[2]))
                at = run = match.end()
            elif text.startswith("$(", at) and self.depth < _DEEPEST:
                literal(at)
                stop = min(self.closing(at + 2, end), end)
                where = self.pos
                self.depth += 1
                inside = tuple(self.tokens(at + 2, max(at + 2, stop - 1)))
                self.depth -= 1
                self.pos = where
                parts.append(Other(Span(at, stop), "substitution", inside))
                at = run = stop
            else:
                following = re.compile(r"[^`$]+|\$").match(text, at, end)
                at = following.end() if following else at + 1
        literal(end)
        match parts:
            case []:
                return Str(Span(start, end), "", Span(start, end), start == end)
            case [Str() | EnvRef() as single]:
                return single
        return Join(Span(start, end), tuple(parts))

    def here(self, start: int, end: int) -> list[Node]:
        """A here-string; one full of `KEY=value` that is written to a `.env` defines variables. Empty: it is none."""
        text, sign = self.text, self.text[start + 1]
        head = re.compile(r"[ \t]*\r?\n").match(text, start + 2, end)
        if not head:
            return []
        shut = -1 if sign in self.unclosed else text.find("\n" + sign + "@", head.end() - 1, end)
        if shut < 0:
            self.unclosed += sign if end == len(text) else ""
            return []
        inner = Span(head.end(), max(head.end(), shut - (text[shut - 1] == "\r")))
        stop = shut + 3
        self.pos = stop
        if not self.depth:
            self.regions.append(Region(Span(start, stop), RegionKind.STRING))
        tail = text.find("\n", stop)
        line = text.rfind("\n", 0, start) + 1
        around = text[line:start] + text[stop : tail if tail >= 0 else len(text)]
        assigned = re.search(r"\$(\w+)[ \t]*=[ \t]*\Z", text[line:start])
        if assigned:
            used = re.compile(rf"^[^\n]*\${assigned[1]}\b[^\n]*", re.MULTILINE).search(text, stop, stop + 5_000)
            around += used[0] if used else ""
        named = any(format_of(word.strip("\"'()")) == "dotenv" for word in re.split(r"[\s,=]+", around) if word)
        if named or re.search(r"(?i)\$\w*env_?(?:file|path)\b", around):
            return self.entries(inner, sign)
        node = self.interpolated(inner.start, inner.end, sign)
        if isinstance(node, Str | Join):
            node.span = Span(start, stop)
        return [node]

    def entries(self, inner: Span, sign: str) -> list[Node]:
        """`KEY=value` lines of a here-string."""
        out: list[Node] = []
        at = inner.start
        while at < inner.end:
            stop = self.text.find("\n", at, inner.end)
            after = inner.end if stop < 0 else stop
            end = at + len(self.text[at:after].rstrip())
            if match := _ENTRY.match(self.text, at, end):
                value = self.interpolated(match.end(), end, sign)
                span = Span(match.start(1) if match[1] else match.start(2), end)
                name_span = Span(*match.span(2))
                out.append(EnvDef(span, match[2], name_span, value, "heredoc-dotenv", commented=bool(match[1])))
            elif "$" in self.text[at:end]:
                node = self.interpolated(at, end, sign)
                if not isinstance(node, Str):
                    out.append(node)
            at = after + 1
        return out
