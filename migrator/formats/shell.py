"""Shell scripts: bash, zsh, sh, and the little fish and csh that sets variables.

One linear scanner instead of a grammar: half of the shell that matters stands inside something else (a `RUN` line, a recipe, a
fenced block, a CI step) and much of it is not a whole program. The scanner reads every text, never raises, and takes time
in proportion to the text; what it cannot follow becomes plain words.

A simple command becomes a `Call` whose arguments are `Str`, `Join` or `EnvRef`; a redirection is an argument named by its
operator (`>`); `$(…)` is an `Other` of kind `substitution` that holds its own commands; a here-document is an `Other` of kind
`heredoc`. What defines a variable is an `EnvDef` beside the call, and is not repeated among the call's arguments, so that
every mention is in the tree exactly once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from migrator.formats import format_of
from migrator.model import Source, Span
from migrator.tree import Arg, Call, EnvDef, EnvRef, Join, Module, Name, Node, Other, Region, RegionKind, Seq, Str

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\s]*\])?\+?=")
_BLANK = re.compile(r"[ \t\r\f\v]+")
_PLAIN = re.compile(r"[^ \t\r\n\f\v'\"`$\\()<>|&;]+")
_PLAIN_TEST = re.compile(r"[^ \t\r\n\f\v'\"`$\\]+")
_PLAIN_DOUBLE = re.compile(r'[^"`$\\]+')
_PLAIN_HERE = re.compile(r"[^`$\\]+")
_PLAIN_BRACE = re.compile(r"[^}'\"`$\\\n]+")
_PLAIN_SUM = re.compile(r"[^()'\"`$\\]+")
_CONTINUED = re.compile(r"\\\r?\n")
_DOCKER_COMMENT = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_REDIRECT = re.compile(r"&>>?|<<<|<<-?|<&|>&|<>|>\||>>|[<>]")
_OPERATOR = re.compile(r"(?:\[[^\]\n]*\])?(:?[-=?+]|##?|%%?|//?|\^\^?|,,?|@|:)?")
_TAG = re.compile(r"(?:\s(?:-t|--tag)[= ]\s*|\b(?:docker|podman)\s+push\s+|\b(?:docker|podman)\s+tag\s+\S+\s+)[\"']?([^\s\"';|&]+)")
_LINE = re.compile(r"[ \t]*(#+[ \t]*)?((?:export|set)[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_COMMENTED = re.compile(r"#+[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s'\"]*)[ \t\r]*\Z")
_PATTERN = re.compile(r"(?<![A-Za-z0-9_$])([A-Z][A-Z0-9_]{2,})(?=(?: |\\s\*|\[\[:space:\]\]\*)?=)")
_ONLY_NAME = re.compile(r"(?<=\A)\^?([A-Z][A-Z0-9_]{2,})(?=\$?\Z)")
_INLINE = re.compile(
    r"(?:process\.env\.|process\.env\[\\?[\"']|environ\[\\?[\"']|environ\.get\(\\?[\"']|getenv\(\\?[\"']|ENV\[\\?[\"'])([A-Za-z_][A-Za-z0-9_]*)"
)
_JQ = re.compile(r"(?:\$ENV\.|(?<![A-Za-z0-9_.$])env\.)([A-Za-z_][A-Za-z0-9_]*)")
_DOLLAR = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")

_DEEPEST = 40
"""Levels of nesting that are followed; below that, text is text."""

_KEYWORDS = frozenset({"if", "then", "else", "elif", "while", "until", "!", "time", "do", "{", "fi", "done", "}", "begin"})
_DECLARE = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_PATTERNED = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "sed", "gsed", "awk", "gawk", "findstr"})
_INTERPRETERS = frozenset({"python", "python3", "py", "node", "bun", "deno", "ruby", "perl", "tsx", "uv"})
_WRAPPERS = frozenset({
    "sudo", "doas", "env", "cross-env", "cross-env-shell", "nohup", "exec", "command", "time", "nice", "timeout",
})  # fmt: skip
_RUNNERS = frozenset({"npx", "bunx", "pnpx", "uvx", "yarn", "pnpm", "bun", "npm"})
_PROFILES = (".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", ".zshenv", ".envrc", "/etc/environment")
_CONTAINERS = frozenset({"docker", "podman", "nerdctl", "docker-compose", "podman-compose"})
_RUN_SWITCHES = frozenset({
    "--rm", "--init", "--privileged", "--read-only", "--publish-all", "--no-healthcheck", "--oom-kill-disable", "--detach",
    "--interactive", "--tty", "--quiet", "--no-deps", "--service-ports", "--build", "--no-TTY", "--use-aliases", "--no-trunc",
})  # fmt: skip
_SUDO_VALUE = frozenset({"-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"})
_STORE_SWITCHES = frozenset({
    "--no-store", "--sensitive", "--force", "--stage", "--detach", "--user", "--yes", "-y", "--prod", "--no-repos-selected",
})  # fmt: skip


class _Take(StrEnum):
    """How a store command names variables: `X` read from elsewhere, `X=v` any number of times, `X v`, or only mentions it."""

    NAME = "name"
    PAIRS = "pairs"
    VALUE = "value"
    MENTION = "mention"


_STORES: tuple[tuple[tuple[str, ...], str, _Take], ...] = (
    (("gh", "secret", "set"), "github-secrets", _Take.NAME),
    (("gh", "secret", "delete"), "github-secrets", _Take.MENTION),
    (("gh", "secret", "remove"), "github-secrets", _Take.MENTION),
    (("gh", "variable", "set"), "github-variables", _Take.NAME),
    (("glab", "variable", "set"), "gitlab-variables", _Take.VALUE),
    (("fly", "secrets", "set"), "fly-secrets", _Take.PAIRS),
    (("flyctl", "secrets", "set"), "fly-secrets", _Take.PAIRS),
    (("fly", "secrets", "unset"), "fly-secrets", _Take.MENTION),
    (("flyctl", "secrets", "unset"), "fly-secrets", _Take.MENTION),
    (("wrangler", "secret", "put"), "wrangler-secrets", _Take.NAME),
    (("wrangler", "secret", "delete"), "wrangler-secrets", _Take.MENTION),
    (("wrangler", "pages", "secret", "put"), "wrangler-secrets", _Take.NAME),
    (("vercel", "env", "add"), "vercel-env", _Take.NAME),
    (("vercel", "env", "rm"), "vercel-env", _Take.MENTION),
    (("heroku", "config:set"), "heroku-config", _Take.PAIRS),
    (("heroku", "config:add"), "heroku-config", _Take.PAIRS),
    (("heroku", "config:get"), "heroku-config", _Take.MENTION),
    (("heroku", "config:unset"), "heroku-config", _Take.MENTION),
    (("railway", "variables"), "railway-variables", _Take.PAIRS),
    (("railway", "variable"), "railway-variables", _Take.PAIRS),
    (("netlify", "env:set"), "netlify-env", _Take.VALUE),
    (("netlify", "env:get"), "netlify-env", _Take.MENTION),
    (("supabase", "secrets", "set"), "supabase-secrets", _Take.PAIRS),
    (("modal", "secret", "create"), "modal-secrets", _Take.PAIRS),
    (("doppler", "secrets", "set"), "doppler-secrets", _Take.PAIRS),
    (("infisical", "secrets", "set"), "infisical-secrets", _Take.PAIRS),
    (("convex", "env", "set"), "convex-env", _Take.VALUE),
    (("kubectl", "create", "secret"), "kubernetes-secrets", _Take.PAIRS),
    (("kubectl", "set", "env"), "kubernetes-env", _Take.PAIRS),
    (("gcloud", "run"), "cloud-run-env", _Take.PAIRS),
    (("gcloud", "functions"), "cloud-functions-env", _Take.PAIRS),
    (("az", "webapp", "config", "appsettings", "set"), "azure-settings", _Take.PAIRS),
    (("az", "containerapp"), "azure-settings", _Take.PAIRS),
)
"""Commands that put a value into a hosted store, the store's name, and where the variable's name stands."""

_PAIR_FLAGS = ("--from-literal=", "--set-env-vars=", "--update-env-vars=", "--set-secrets=", "--update-secrets=", "--set=")


class Dialect(StrEnum):
    """Who reads the text before the shell does."""

    SHELL = "shell"
    MAKE = "make"
    """`$(X)` and `${X}` are make's; `$$X` is the shell's `$X`."""
    DOCKER = "docker"
    """A comment line may stand inside a continued command."""


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    parts: list[Node]
    """Literal pieces have `span == inner`, without quotes."""

    @property
    def literal(self) -> str | None:
        values = [part.value for part in self.parts if isinstance(part, Str)]
        return "".join(values) if len(values) == len(self.parts) else None


@dataclass(slots=True, eq=False)
class _Command:
    start: int
    assigns: list[tuple[_Word, Node | None]] = field(default_factory=list)
    words: list[_Word] = field(default_factory=list)
    arrays: dict[int, Node] = field(default_factory=dict)
    """Index of a word to the array that follows it: `declare -a X=(…)`."""
    redirects: list[tuple[str, Span, _Word]] = field(default_factory=list)
    targets: list[_Word] = field(default_factory=list)
    """Files that its output goes to, through `tee` and through the group it stands in."""
    before: _Command | None = None
    """What is piped into it."""


def lower(source: Source) -> Module:
    """The commands and variables of a shell script. Never raises."""
    body, regions = scan(source.text)
    return Module(path=source.path, language="shell", body=body, regions=regions)


def nodes(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:  # noqa: ARG001 - the signature all formats share
    """The nodes of a piece of shell that stands at `offset` of a file; `text` is that piece as it is written there."""
    return scan(text, offset)[0]


def scan(text: str, offset: int = 0, dialect: Dialect = Dialect.SHELL) -> tuple[tuple[Node, ...], tuple[Region, ...]]:
    """Nodes in text order, and where comments and strings are; spans count from `offset`."""
    scanner = _Scanner(text, dialect)
    found = scanner.commands("")
    regions = flat(scanner.regions)
    if offset:
        for node in found:
            shift(node, offset)
        for region in regions:
            region.span = Span(region.span.start + offset, region.span.end + offset)
    return tuple(found), tuple(regions)


def shift(node: Node | Arg, offset: int) -> None:
    """Move a freshly built node of a configuration format by `offset`."""
    a, b = node.span
    node.span = Span(a + offset, b + offset)
    match node:
        case Str(inner=inner):
            node.inner = Span(inner.start + offset, inner.end + offset)
        case Arg(value=value, name_span=name_span):
            if name_span is not None:
                node.name_span = Span(name_span.start + offset, name_span.end + offset)
            shift(value, offset)
        case EnvRef(name_span=name_span, default=value) | EnvDef(name_span=name_span, value=value):
            node.name_span = Span(name_span.start + offset, name_span.end + offset)
            if value is not None:
                shift(value, offset)
        case Call(func=func, args=args, close=close):
            node.close = close + offset
            shift(func, offset)
            for arg in args:
                shift(arg, offset)
        case Join(parts=parts) | Seq(items=parts) | Other(children=parts):
            for part in parts:
                shift(part, offset)


def dotenv_lines(text: str, start: int, end: int, how: str, *, expand: bool) -> tuple[Node, ...]:
    """`KEY=value` lines between two offsets as `EnvDef`s, `# KEY=value` ones `commented`, and the references of other lines.

    `expand`: the shell substitutes `$X` in them before they reach the file.
    """
    scanner = _Scanner(text, Dialect.SHELL)
    scanner.end = end
    return tuple(scanner.pairs(start, end, re.compile(r"\r?\n"), how, "", expand=expand))


def assignments(text: str, start: int, end: int, how: str, dialect: Dialect = Dialect.SHELL) -> tuple[EnvDef, ...]:
    """The `NAME=value` words between two offsets, where `|`, `;` and `&` mean nothing (Dockerfile `ENV`, systemd)."""
    scanner = _Scanner(text, dialect)
    scanner.pos, scanner.end = start, end
    return tuple(found for word in scanner.plain_words() if (found := scanner.define(word, how)))


def words(text: str, start: int, end: int, dialect: Dialect = Dialect.SHELL) -> tuple[Node, ...]:
    """The words between two offsets, where `|`, `;` and `&` mean nothing."""
    scanner = _Scanner(text, dialect)
    scanner.pos, scanner.end = start, end
    return tuple(_node(word.parts, word.start, word.end) for word in scanner.plain_words())


def value(text: str, start: int, end: int, dialect: Dialect = Dialect.SHELL) -> Node:
    """One value that fills a stretch, quotes around it taken off, `$X` in it expanded."""
    scanner = _Scanner(text, dialect)
    sign = text[start : start + 1]
    inner = (start + 1, end - 1) if end - start > 1 and sign in ("'", '"') and text[end - 1] == sign else (start, end)
    return _node(scanner.expanded(*inner, expand=sign != "'"), start, end)


def flat(regions: list[Region]) -> list[Region]:
    """Sorted, the inner ones of nested regions dropped."""
    out: list[Region] = []
    for region in sorted(regions, key=lambda r: (r.span.start, -r.span.end)):
        if not out or region.span.start >= out[-1].span.end:
            out.append(region)
    return out


def _strings(parts: Iterable[Node]) -> bool:
    return all(isinstance(part, Str) for part in parts)


def _split(parts: list[Node], pattern: re.Pattern[str], how: str) -> list[Node]:
    """Literal pieces cut at the names that `pattern` finds in them (its last matching group)."""
    out: list[Node] = []
    for part in parts:
        if not isinstance(part, Str) or not part.exact:
            out.append(part)
            continue
        base, at = part.inner.start, 0
        for found in pattern.finditer(part.value):
            group = found.lastindex or 1
            whole = found.span() if pattern is not _ONLY_NAME else found.span(group)
            if whole[0] > at:
                piece = Span(base + at, base + whole[0])
                out.append(Str(piece, part.value[at : whole[0]], piece, True))
            name = Span(base + found.start(group), base + found.end(group))
            out.append(EnvRef(Span(base + whole[0], base + whole[1]), found[group], name, how))
            at = whole[1]
        if at < len(part.value) or not part.value:
            piece = Span(base + at, base + len(part.value))
            out.append(Str(piece, part.value[at:], piece, True))
    return out


def _node(parts: Sequence[Node], start: int, end: int) -> Node:
    """The node of pieces that stand between two offsets, quotes included."""
    kept = [part for part in parts if not (isinstance(part, Str) and not part.value)]
    if not kept:
        inner = parts[0].span if parts else Span(end, end)
        return Str(Span(start, end), "", inner, inner.start == inner.end)
    match kept:
        case [Str(value=value, inner=inner, exact=exact)]:
            return Str(Span(start, end), value, inner, exact)
        case [EnvRef() as ref]:
            return ref
    return Join(Span(start, end), tuple(kept))


class _Scanner:
    """A position in a text. Every method moves forward only."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.pos = 0
        self.end = len(text)
        self.depth = 0
        self.quotes = 0
        self.regions: list[Region] = []
        self.pending: list[tuple[_Command, str, bool]] = []
        self.known: dict[str, str] = {}
        """Variables with one literal value, to see that `> "$ENV_FILE"` writes a `.env`."""
        self._line_starts: dict[str, list[int]] | None = None
        self._built: frozenset[str] | None = None

    # -- words ---------------------------------------------------------------------------------------------------

    def word(self, plain: re.Pattern[str]) -> _Word:
        """One word; at least one character is taken."""
        start = self.pos
        text, end = self.text, self.end
        parts: list[Node] = []
        run, chunks = self.pos, list[str]()

        def close(at: int) -> None:
            if chunks:
                value, span = "".join(chunks), Span(run, at)
                parts.append(Str(span, value, span, text[run:at] == value))
                chunks.clear()

        while self.pos < end:
            at = self.pos
            if not chunks:
                run = at
            if found := plain.match(text, at, end):
                chunks.append(found[0])
                self.pos = found.end()
                continue
            match text[at]:
                case "\\":
                    if skipped := self.continuation():
                        chunks.append("")
                        self.pos = skipped
                    else:
                        chunks.append(text[at + 1 : min(at + 2, end)] or "\\")
                        self.pos = min(at + 2, end)
                case "'":
                    shut = text.find("'", at + 1, end)
                    if shut < 0:
                        chunks.append("'")
                        self.pos += 1
                        continue
                    close(at)
                    parts.append(self.literal(at + 1, shut))
                    self.pos = shut + 1
                    self.region(at, self.pos)
                case '"':
                    close(at)
                    parts += self.double()
                case "`" | "$":
                    node = self.expansion(quoted=False)
                    if node is None:
                        chunks.append(text[at : self.pos])
                    else:
                        close(at)
                        parts += node
                case "<" | ">" if text.startswith("(", at + 1) and self.depth < _DEEPEST:
                    close(at)
                    self.pos = at + 2
                    parts.append(self.substitution(at))
                case _:
                    break
        close(self.pos)
        if self.pos == start:
            self.pos += 1
            parts.append(self.literal(start, self.pos))
        return _Word(start, self.pos, parts)

    def plain_words(self) -> Iterator[_Word]:
        """Words until the end, over line ends."""
        while True:
            self.blanks()
            if self.pos >= self.end:
                return
            if self.text[self.pos] == "\n":
                self.pos += 1
            else:
                yield self.word(_PLAIN_TEST)

    def literal(self, start: int, end: int) -> Str:
        """Text that stands for itself, but for what docker takes out of it."""
        value, span = self.text[start:end], Span(start, end)
        if self.dialect is Dialect.DOCKER and "\\\n" in value:
            value = value.replace("\\\n", "")
        if self.dialect is Dialect.MAKE and "$$" in value:
            value = value.replace("$$", "$")
        return Str(span, value, span, value == self.text[start:end])

    def region(self, start: int, end: int, kind: RegionKind = RegionKind.STRING) -> None:
        self.regions.append(Region(Span(start, end), kind))

    def continuation(self) -> int:
        """Where the text goes on after a backslash at the end of a line; 0 where there is none."""
        found = _CONTINUED.match(self.text, self.pos, self.end)
        if not found:
            return 0
        at = found.end()
        if self.dialect is Dialect.DOCKER:
            while at < self.end and (comment := _DOCKER_COMMENT.match(self.text, at, self.end)) and comment.end() > at:
                if "#" in comment[0]:
                    begin = at + comment[0].index("#")
                    self.region(begin, begin + len(comment[0][comment[0].index("#") :].rstrip("\r\n")), RegionKind.COMMENT)
                at = comment.end()
        return at

    def pieces(self, plain: re.Pattern[str], stop: str, *, quoted: bool) -> list[Node]:
        """What stands until one of `stop` (not taken) or the end, expanded as between double quotes when `quoted`."""
        text, end = self.text, self.end
        parts: list[Node] = []
        run, chunks = self.pos, list[str]()

        def close(at: int) -> None:
            if chunks:
                value, span = "".join(chunks), Span(run, at)
                parts.append(Str(span, value, span, text[run:at] == value))
                chunks.clear()

        while self.pos < end and text[self.pos] not in stop:
            at = self.pos
            if not chunks:
                run = at
            if found := plain.match(text, at, end):
                chunks.append(found[0])
                self.pos = found.end()
                continue
            match text[at]:
                case "\\":
                    if skipped := self.continuation():
                        chunks.append("")
                        self.pos = skipped
                    else:
                        after = text[at + 1 : min(at + 2, end)]
                        chunks.append(after if after and (not quoted or after in '$`"\\') else "\\" + after)
                        self.pos = min(at + 2, end)
                case "`" | "$":
                    node = self.expansion(quoted=quoted)
                    if node is None:
                        chunks.append(text[at : self.pos])
                    else:
                        close(at)
                        parts += node
                case '"' if not quoted or plain is _PLAIN_BRACE:
                    close(at)
                    parts += self.double()
                case "'" if not quoted and (shut := text.find("'", at + 1, end)) >= 0:
                    close(at)
                    parts.append(self.literal(at + 1, shut))
                    self.pos = shut + 1
                    self.region(at, self.pos)
                case other:
                    chunks.append(other)
                    self.pos += 1
        close(self.pos)
        return parts

    def double(self) -> list[Node]:
        """A double-quoted string from its opening quote."""
        start = self.pos
        self.pos += 1
        if self.depth >= _DEEPEST:
            return [self.literal(start, self.pos)]
        self.depth += 1
        parts = self.pieces(_PLAIN_DOUBLE, '"', quoted=True)
        self.depth -= 1
        if not parts:
            parts = [self.literal(self.pos, self.pos)]
        self.pos = min(self.pos + 1, self.end)
        self.region(start, self.pos)
        return parts

    def expansion(self, *, quoted: bool) -> list[Node] | None:
        """What `$` or a backtick starts; None where it stands for itself (it is taken all the same)."""
        start, text = self.pos, self.text
        if text[start] == "`":
            return self.backticks()
        at = start + 1
        if self.dialect is Dialect.MAKE:
            if text[at : at + 1] != "$" or at >= self.end:
                return self.make_reference()
            at += 1
        after = text[at : min(at + 1, self.end)]
        if after == "(" and self.depth < _DEEPEST:
            if text.startswith("((", at):
                return [self.arithmetic(at + 2)]
            self.pos = at + 1
            return [self.substitution(start)]
        if after == "{" and self.depth < _DEEPEST:
            self.pos = at + 1
            return [self.parameter(start, quoted=quoted)]
        if after == "'" and not quoted:
            return self.ansi(start, at + 1)
        if after == '"' and not quoted:
            self.pos = at
            return self.double()
        if found := NAME.match(text, at, self.end):
            self.pos = found.end()
            return [EnvRef(Span(start, self.pos), found[0], Span(*found.span()), "shell")]
        self.pos = min(at + 1, self.end) if after and after in "@*#?$!-0123456789" else at
        return None

    def backticks(self) -> list[Node] | None:
        start = self.pos
        shut = start + 1
        while shut < self.end and self.text[shut] != "`":
            shut += 2 if self.text[shut] == "\\" else 1
        if shut >= self.end or self.depth >= _DEEPEST:
            self.pos += 1
            return None
        outer, self.end, self.pos = self.end, shut, start + 1
        self.depth += 1
        inside = self.commands("")
        self.depth -= 1
        self.end, self.pos = outer, shut + 1
        return [Other(Span(start, self.pos), "substitution", tuple(inside))]

    def substitution(self, start: int) -> Node:
        """The commands of `$(`, `<(` or `>(`, from behind the parenthesis."""
        self.depth += 1
        inside = self.commands(")")
        self.depth -= 1
        if self.pos < self.end:
            self.pos += 1
        return Other(Span(start, self.pos), "substitution", tuple(inside))

    def arithmetic(self, at: int) -> Node:
        """`$((…))` or `((…))`, from behind the second parenthesis: only the references in it."""
        start = self.pos
        self.pos, level = at, 2
        self.depth += 1
        found: list[Node] = []
        while self.pos < self.end and level:
            if skip := _PLAIN_SUM.match(self.text, self.pos, self.end):
                self.pos = skip.end()
                continue
            match self.text[self.pos]:
                case "(":
                    level += 1
                    self.pos += 1
                case ")":
                    level -= 1
                    self.pos += 1
                case "$" | "`":
                    found += self.expansion(quoted=True) or ()
                case _:
                    self.pos += 1
        self.depth -= 1
        return Other(Span(start, self.pos), "arithmetic", tuple(found))

    def parameter(self, start: int, *, quoted: bool) -> Node:
        """`${…}` from behind the brace."""
        text = self.text
        if text.startswith("{", self.pos) and (shut := text.find("}}", self.pos, self.end)) >= 0 and "\n" not in text[start:shut]:
            self.pos = shut + 2  # `${{ … }}` of a workflow: whoever fills it in has read it
            return Other(Span(start, self.pos), "template", ())
        indirect = text.startswith("!", self.pos)
        if text.startswith(("!", "#"), self.pos):
            self.pos += 1
        name = NAME.match(text, self.pos, self.end)
        if name:
            self.pos = name.end()
        operator, begin = "", self.pos
        if found := _OPERATOR.match(text, self.pos, self.end):
            operator, begin = found[1] or "", found.end()
        self.pos = min(begin, self.end)
        self.depth += 1
        operand = self.pieces(_PLAIN_BRACE, "}\n", quoted=quoted)
        self.depth -= 1
        stop = self.pos
        if text.startswith("}", self.pos) and self.pos < self.end:
            self.pos += 1
        span = Span(start, self.pos)
        if name is None or indirect:
            kind = "indirect" if indirect else "expansion"
            return Other(span, kind, tuple(part for part in operand if not isinstance(part, Str)))
        reference = EnvRef(span, name[0], Span(*name.span()), "shell")
        if operator in (":-", "-", ":=", "="):
            reference.default = _node(operand, begin, stop)
        elif not _strings(operand):
            return Other(span, "expansion", (reference, *(part for part in operand if not isinstance(part, Str))))
        return reference

    def ansi(self, start: int, at: int) -> list[Node]:
        """`$'…'`: escapes that nothing here needs to understand, so its value is the text between the quotes."""
        shut = at
        while shut < self.end and self.text[shut] != "'":
            shut += 2 if self.text[shut] == "\\" else 1
        shut = min(shut, self.end)
        self.pos = min(shut + 1, self.end)
        self.region(start, self.pos)
        span, value = Span(at, shut), self.text[at:shut]
        return [Str(span, value, span, "\\" not in value)]

    def make_reference(self) -> list[Node] | None:
        """`$(X)`, `${X}`, `$(func …)` as make reads them, from the dollar sign."""
        start, text = self.pos, self.text
        opening = text[start + 1 : min(start + 2, self.end)]
        if opening not in ("(", "{") or self.depth >= _DEEPEST:
            self.pos = start + 1
            return None
        closing = ")" if opening == "(" else "}"
        name = NAME.match(text, start + 2, self.end)
        if name and text.startswith((closing, ":"), name.end()) and name.end() < self.end:
            shut = text.find(closing, name.end(), self.end)
            if shut >= 0 and "\n" not in text[name.end() : shut]:
                self.pos = shut + 1
                return [EnvRef(Span(start, self.pos), name[0], Span(*name.span()), "make")]
        self.pos = start + 2
        self.depth += 1
        if name and name[0] == "shell":
            self.pos = name.end()
            inside: list[Node] = self.commands(closing)
        else:
            inside = self.call_parts(opening, closing)
        self.depth -= 1
        self.pos = min(self.pos + 1, self.end)
        return [Other(Span(start, self.pos), "substitution", tuple(inside))]

    def call_parts(self, opening: str, closing: str) -> list[Node]:
        """The text and references of a make function until its closing bracket, which is not taken; it ends at its line."""
        plain = re.compile(rf"[^$\n\\{re.escape(opening + closing)}]+")
        parts: list[Node] = []
        level = 0
        while self.pos < self.end:
            at = self.pos
            if found := plain.match(self.text, at, self.end):
                parts.append(self.literal(at, found.end()))
                self.pos = found.end()
                continue
            match self.text[at]:
                case "\n":
                    break
                case "\\":
                    self.pos = self.continuation() or min(at + 2, self.end)
                case "$":
                    parts += self.expansion(quoted=True) or ()
                case other:
                    if other == closing and not level:
                        break
                    level += 1 if other == opening else -1
                    self.pos += 1
        return parts

    # -- commands --------------------------------------------------------------------------------------------------

    def commands(self, close: str) -> list[Node]:
        """Commands until `close` (not taken) or the end, in text order."""
        text = self.text
        out: list[Node] = []
        done: list[_Command] = []
        patterns: list[bool] = []  # one a `case`: is a pattern next?
        groups: list[int] = []
        parens: list[int] = []
        previous: _Command | None = None
        outer_pending, self.pending = self.pending, []
        bodies: list[tuple[_Command, int, int, bool]] = []
        while True:
            self.blanks()
            if self.pos >= self.end:
                break
            at = self.pos
            symbol = text[at]
            if symbol == "\n":
                self.pos += 1
                previous = None
                self.here_documents(bodies)
            elif symbol == "#":
                out += self.comment()
            elif symbol == close and not parens and not (patterns and patterns[-1]):
                break
            elif symbol == ")":
                self.pos += 1
                if patterns and patterns[-1]:
                    patterns[-1] = False
                elif parens:
                    first = parens.pop()
                    self.group_end(done, first)
                previous = None
            elif symbol == "(":
                if patterns and patterns[-1]:
                    self.pos += 1
                elif text.startswith("((", at) and self.depth < _DEEPEST:
                    out.append(self.arithmetic(at + 2))
                else:
                    self.pos += 1
                    parens.append(len(done))
            elif symbol == ";":
                run = 1 + text.startswith(";", at + 1)
                self.pos += run
                if run == 2 and patterns:
                    patterns[-1] = True
                previous = None
            elif symbol == "|" and not text.startswith("||", at):
                self.pos += 1 + text.startswith("&", at + 1)
                previous = done[-1] if done else None
            elif symbol in "|&" and not text.startswith("&>", at):
                self.pos += 1 + (text[at + 1 : at + 2] == symbol)
                previous = None
            elif patterns and patterns[-1]:
                word = self.word(_PLAIN)
                if word.literal == "esac":
                    patterns.pop()
                else:
                    out.append(_node(word.parts, word.start, word.end))
            else:
                self.simple(done, patterns, groups, previous, close)
                previous = None
        for command in done:
            if command.before is not None and self.program(command, 0)[0] == "tee":
                command.before.targets += command.words[1:]
        for command in done:
            out += self.finish(command)
        for command, start, end, expand in bodies:
            out += self.here_document(command, start, end, expand=expand)
        self.pending = outer_pending
        out.sort(key=lambda node: (node.span.start, -node.span.end))
        return out

    def blanks(self) -> None:
        while self.pos < self.end:
            if found := _BLANK.match(self.text, self.pos, self.end):
                self.pos = found.end()
            elif self.text[self.pos] == "\\" and (at := self.continuation()):
                self.pos = at
            else:
                return

    def comment(self) -> list[Node]:
        """A comment, and the assignment that it switches off, if that is all there is in it."""
        start = self.pos
        shut = self.text.find("\n", start, self.end)
        shut = self.end if shut < 0 else shut
        while shut > start and self.text[shut - 1] == "\r":
            shut -= 1
        self.pos = shut
        self.region(start, shut, RegionKind.COMMENT)
        head = self.text.rfind("\n", 0, start) + 1
        if self.text[head:start].strip() or not _COMMENTED.match(self.text, start, shut):
            return []
        at = start
        while self.text[at] in "# \t":
            at += 1
        found, _ = scan(self.text[at:shut])
        out: list[Node] = []
        for node in found:
            if isinstance(node, EnvDef):
                node.commented = True
                shift(node, at)
                node.span = Span(start, node.span.end)
                out.append(node)
        return out

    def simple(self, done: list[_Command], patterns: list[bool], groups: list[int], previous: _Command | None, close: str) -> None:
        """One simple command with its assignments and redirections; keywords before it are passed over."""
        text = self.text
        command = _Command(self.pos, before=previous)
        done.append(command)
        in_test = False
        while True:
            self.blanks()
            at = self.pos
            if at >= self.end or text[at] == "\n" or (text[at] == close and not in_test):
                return
            if in_test:
                word = self.word(_PLAIN_TEST)
                command.words.append(word)
                if word.literal == "]]":
                    in_test = False
                continue
            if text[at] == "#":
                return
            if (redirect := _REDIRECT.match(text, at, self.end)) and not text.startswith(("<(", ">("), at):
                self.redirect(command, redirect, patterns)
                continue
            if text[at] in "();|&":
                if text[at] == "(" and text.startswith("()", at) and len(command.words) == 1:
                    self.pos += 2
                    command.words.clear()  # the name of a function
                    continue
                return
            word = self.word(_PLAIN)
            if text.startswith(("<", ">"), self.pos) and self.pos < self.end and text[at : self.pos].isdigit():
                continue  # a file descriptor
            starts = text[at : at + 1] not in ("'", '"')
            literal = word.literal if starts else None
            if not command.words:
                if literal in _KEYWORDS and not command.assigns:
                    match literal:
                        case "{" | "do" if len(groups) < _DEEPEST:
                            groups.append(len(done) - 1)
                        case "}" | "done" if groups:
                            self.group_wait(done, command, groups.pop())
                    command.start = self.pos
                    continue
                if literal == "esac" and patterns:
                    patterns.pop()
                    continue
                if literal == "function":
                    self.blanks()
                    if self.pos < self.end and text[self.pos] not in "\n(){};|&":
                        self.word(_PLAIN)
                    continue
                if starts and self.is_assign(word):
                    command.assigns.append((word, self.array(word)))
                    continue
                command.start = word.start
                in_test = literal == "[["
            elif command.words[0].literal in _DECLARE and self.is_assign(word) and (array := self.array(word)):
                command.arrays[len(command.words)] = array
            command.words.append(word)
            if literal == "in" and command.words[0].literal == "case":
                patterns.append(True)
                return

    def group_wait(self, done: list[_Command], command: _Command, first: int) -> None:
        """The redirections of `}` and `done` are those of every command in the group."""
        at, known = self.pos, len(command.redirects)
        self.blanks()
        while (redirect := _REDIRECT.match(self.text, self.pos, self.end)) and not redirect[0].startswith("<<"):
            self.redirect(command, redirect, [])
            self.blanks()
        if fresh := command.redirects[known:]:
            targets = [word for operator, _, word in fresh if operator in (">", ">>", ">|", "&>", "&>>")]
            for inner in done[first:]:
                inner.targets += targets
        else:
            self.pos = at

    def group_end(self, done: list[_Command], first: int) -> None:
        """As `group_wait`, for a closing parenthesis."""
        command = _Command(self.pos)
        self.group_wait(done, command, first)
        if command.redirects:
            done.append(command)

    def is_assign(self, word: _Word) -> re.Match[str] | None:
        first = word.parts[0]
        if not isinstance(first, Str):
            return None
        return _ASSIGN.match(self.text, first.inner.start, first.inner.end)

    def array(self, word: _Word) -> Node | None:
        """The `(…)` right behind `X=`; None where there is none."""
        text = self.text
        if not (text.startswith("(", self.pos) and self.pos < self.end and text[self.pos - 1] == "=") or self.depth >= _DEEPEST:
            return None
        start = self.pos
        self.pos += 1
        self.depth += 1
        items: list[Node] = []
        while True:
            self.blanks()
            if self.pos >= self.end or text[self.pos] == ")":
                break
            if text[self.pos] == "\n":
                self.pos += 1
            elif text[self.pos] == "#":
                items += self.comment()
            else:
                entry = self.word(_PLAIN)
                items.append(_node(entry.parts, entry.start, entry.end))
        self.depth -= 1
        self.pos = min(self.pos + 1, self.end)
        word.end = self.pos
        return Seq(Span(start, self.pos), tuple(items))

    def redirect(self, command: _Command, found: re.Match[str], patterns: list[bool]) -> None:  # noqa: ARG002
        operator = found[0]
        self.pos = found.end()
        self.blanks()
        if self.pos >= self.end or self.text[self.pos] in "\n();|&":
            return
        if operator in ("<<", "<<-"):
            raw = self.pos
            word = self.word(_PLAIN)
            quoted = any(sign in self.text[raw : self.pos] for sign in "'\"\\")
            delimiter = word.literal
            if delimiter:
                self.pending.append((command, delimiter.strip(), quoted))
            return
        command.redirects.append((operator, Span(*found.span()), self.word(_PLAIN)))

    # -- here-documents ----------------------------------------------------------------------------------------------

    def here_documents(self, bodies: list[tuple[_Command, int, int, bool]]) -> None:
        """At the start of a line: pass over the bodies that the line before has announced."""
        for command, delimiter, quoted in self.pending:
            start = self.pos
            if self._line_starts is None:
                self._line_starts = {}
                at = 0
                for line in self.text.split("\n"):
                    self._line_starts.setdefault(line.strip(), []).append(at)
                    at += len(line) + 1
            starts = self._line_starts.get(delimiter, [])
            index = bisect_left(starts, start)
            if index == len(starts) or starts[index] >= self.end:
                continue  # never closed: then it was no here-document
            shut = starts[index]
            bodies.append((command, start, shut, not quoted))
            self.region(start, shut)
            after = self.text.find("\n", shut, self.end)
            self.pos = self.end if after < 0 else after
        self.pending = []

    def here_document(self, command: _Command, start: int, end: int, *, expand: bool) -> list[Node]:
        kind = self.target_kind(command)
        if kind:
            how = {"dotenv": "heredoc-dotenv", "github-env": "github-env", "profile": "heredoc-export"}[kind]
            return self.pairs(start, end, re.compile(r"\r?\n"), how, "", expand=expand)
        program, _ = self.program(command, 0)
        script = program in _SHELLS or program == "ssh" or (self.dialect is Dialect.DOCKER and not command.words)
        if script and self.depth < _DEEPEST:
            outer, self.end, self.pos = self.end, end, start
            self.depth += 1
            inside = self.commands("")
            self.depth -= 1
            self.end = outer
            return [Other(Span(start, end), "heredoc", tuple(inside))]
        parts = self.expanded(start, end, expand=expand)
        if program in _INTERPRETERS:
            parts = _split(parts, _INLINE, "inline-code")
        return [Other(Span(start, end), "heredoc", (_node(parts, start, end),))]

    def expanded(self, start: int, end: int, *, expand: bool) -> list[Node]:
        """The pieces of a stretch that is expanded as a here-document is, or not at all."""
        if not expand or self.depth >= _DEEPEST:
            return [self.literal(start, end)]
        outer, where = self.end, self.pos
        self.end, self.pos = end, start
        self.depth += 1
        self.quotes += 1
        parts = self.pieces(_PLAIN_HERE, "", quoted=True)
        self.quotes -= 1
        self.depth -= 1
        self.end, self.pos = outer, where
        return parts

    def pairs(self, start: int, end: int, separator: re.Pattern[str], how: str, owner: str, *, expand: bool) -> list[Node]:
        """`KEY=value` entries of a stretch, cut at `separator`; what else it reads."""
        out: list[Node] = []
        text = self.text
        bounds = [start]
        for found in separator.finditer(text, start, end):
            bounds += found.span()
        bounds.append(end)
        for at, stop in zip(bounds[::2], bounds[1::2], strict=True):
            entry = _LINE.match(text, at, stop)
            if not entry:
                out += (part for part in self.expanded(at, stop, expand=expand) if not isinstance(part, Str))
                continue
            while stop > entry.end() and text[stop - 1] in " \t\r":
                stop -= 1
            value, inner = entry.end(), (entry.end(), stop)
            sign = text[value : value + 1]
            if sign and sign in "'\"" and (shut := text.find(sign, value + 1, stop)) > 0:
                inner, stop = (value + 1, shut), shut + 1
            elif (hash_at := text.find(" #", value, stop)) >= 0:
                stop = hash_at
                while stop > value and text[stop - 1] in " \t":
                    stop -= 1
                inner = (value, stop)
            out.append(
                EnvDef(
                    Span(at + len(text[at:stop]) - len(text[at:stop].lstrip()), stop),
                    entry[3],
                    Span(*entry.span(3)),
                    _node(self.expanded(*inner, expand=expand), value, stop),
                    how,
                    commented=bool(entry[1]),
                    owner=owner,
                )
            )
        return out

    def target_kind(self, command: _Command) -> str:
        """Whether its output goes to an env file (`dotenv`), to the shell's own start files (`profile`), or to `GITHUB_ENV`."""
        words = [word for operator, _, word in command.redirects if operator in (">", ">>", ">|", "&>", "&>>")]
        words += command.targets
        if self.program(command, 0)[0] == "tee":
            words += command.words[1:]
        for word in words:
            match word.parts[-1]:
                case EnvRef(name="GITHUB_ENV"):
                    return "github-env"
                case EnvRef(name=name):
                    path = self.known.get(name, "")
                    if not path and re.search(r"(?i)(?:^|_)(?:dot_?)?env_?(?:file|path)?$", name):
                        return "dotenv"
                case Str(value=path):
                    pass
                case _:
                    continue
            if path and format_of(path) == "dotenv":
                return "dotenv"
            if path.endswith(_PROFILES):
                return "profile"
        return ""

    # -- what a command says ------------------------------------------------------------------------------------------

    def program(self, command: _Command, at: int) -> tuple[str, int]:
        """The name of the program a command runs at or after word `at`, without its folder; its index."""
        while at < len(command.words):
            literal = command.words[at].literal or ""
            name = literal.rsplit("/", 1)[-1]
            if name not in _WRAPPERS:
                return name, at
            at += 1
            while at < len(command.words):
                word = command.words[at].literal
                if self.is_assign(command.words[at]):
                    at += 1
                elif word and word.startswith("-"):
                    at += 2 if word in _SUDO_VALUE or (name == "env" and word == "-u") else 1
                elif name == "timeout" and word and word[0].isdigit():
                    at += 1
                else:
                    break
        return "", at

    def define(self, word: _Word, how: str, owner: str = "", span: Span | None = None) -> EnvDef | None:
        """The definition that a word `X=…` is; None for another word."""
        found = self.is_assign(word)
        if not found:
            return None
        first = word.parts[0]
        assert isinstance(first, Str)
        parts = list(word.parts)
        rest = first.value[found.end() - found.start() :]
        piece = Span(found.end(), first.inner.end)
        parts[0] = Str(piece, rest, piece, rest == self.text[piece.start : piece.end])
        if len(parts) > 1 and not rest:
            del parts[0]
        end = word.end if first.inner.start == word.start else max(part.span.end for part in word.parts)
        if len(parts) == 1 and isinstance(parts[0], Str) and not parts[0].value:
            value: Node = Str(Span(found.end(), end), "", parts[0].inner, True)
        else:
            value = _node(parts, found.end(), end)
        return EnvDef(span or Span(word.start, word.end), found[1], Span(*found.span(1)), value, how, owner=owner)

    def bare(self, word: _Word) -> Str | None:
        """The piece of a word that is nothing but a variable's name."""
        match word.parts:
            case [Str(exact=True, value=value) as piece] if NAME.fullmatch(value):
                return piece
        return None

    def tail(self, word: _Word, count: int) -> _Word:
        """A word without its first characters, which must not be quoted."""
        first = word.parts[0]
        assert isinstance(first, Str)
        cut = Span(first.inner.start + count, first.inner.end)
        rest = first.value[count:]
        head: list[Node] = [Str(cut, rest, cut, first.exact)] if rest or len(word.parts) == 1 else []
        return _Word(word.start + count, word.end, [*head, *word.parts[1:]])

    def finish(self, command: _Command) -> list[Node]:
        """The nodes of one simple command."""
        out: list[Node] = []
        for word, array in command.assigns:
            how = "shell-prefix" if command.words else "shell-assign"
            definition = self.define(word, how)
            if definition is not None:
                if array is not None:
                    definition.value = array
                elif isinstance(definition.value, Str):
                    self.known[definition.name] = definition.value.value
                out.append(definition)
        words = command.words
        taken: set[int] = set()
        instead: dict[int, Node] = {}
        if words:
            self.wrappers(command, out, taken, instead)
            program, at = self.program(command, 0)
            end = words[-1].end
            if program in _DECLARE:
                self.declare(command, program, at, out, taken, instead)
            elif program in ("unset", "printenv"):
                self.mentions(words, at + 1, f"shell-{program}", instead)
            elif program in ("[", "[[", "test"):
                for index in range(at + 1, len(words) - 1):
                    if words[index].literal == "-v":
                        self.mentions(words[: index + 2], index + 1, "shell-test", instead)
            elif program == "read":
                self.reads(words, at, out, taken)
            elif program == "set":
                self.fish(words, at, end, out, taken, instead)
            elif program == "setenv" and len(words) > at + 2 and (piece := self.bare(words[at + 1])):
                value = _node(words[at + 2].parts, words[at + 2].start, words[at + 2].end)
                out.append(EnvDef(Span(words[at].start, words[at + 2].end), piece.value, piece.inner, value, "shell-export"))
                taken |= {at + 1, at + 2}
            elif program in ("echo", "printf", "Write-Output"):
                self.echo(command, program, at, out, taken)
            elif program in _PATTERNED:
                self.patterns(command, at)
            elif program in _CONTAINERS:
                self.containers(words, at, out, taken)
            else:
                self.stores(words, at, out, taken, instead)
            self.inline(words, program, at, instead)
        args: list[Arg] = []
        for index, word in enumerate(words[1:], 1):
            if index not in taken:
                node = instead.get(index) or _node(word.parts, word.start, word.end)
                args.append(Arg(Span(word.start, word.end), node))
        last = words[-1].end if words else command.start
        for operator, span, word in command.redirects:
            node = _node(word.parts, word.start, word.end)
            args.append(Arg(Span(span.start, word.end), node, name=operator, name_span=span))
            last = max(last, word.end)
        if not words:
            out += (arg.value for arg in args if not isinstance(arg.value, Str))
        elif args or words[0].literal not in _DECLARE:
            first = words[0]
            literal = first.literal
            span = Span(first.start, first.end)
            func: Node = Name(span, literal) if literal is not None else _node(first.parts, first.start, first.end)
            args.sort(key=lambda arg: arg.span)
            out.append(Call(Span(command.start if not command.assigns else first.start, last), func, tuple(args), last))
        return out

    def wrappers(self, command: _Command, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
        """`env X=v cmd`, `sudo X=v cmd`, `npx cross-env X=v cmd`, `env -u X cmd`."""
        words = command.words
        first = 1 if words[0].literal in _RUNNERS and len(words) > 1 else 0
        name = (words[first].literal or "").rsplit("/", 1)[-1]
        if name not in _WRAPPERS:
            return
        _, until = self.program(command, first)
        for index in range(first + 1, min(until, len(words))):
            definition = self.define(words[index], "shell-prefix")
            if definition is not None:
                out.append(definition)
                taken.add(index)
            elif words[index - 1].literal == "-u" and name == "env":
                self.mentions(words[: index + 1], index, "shell-unset", instead)

    def mentions(self, words: Sequence[_Word], at: int, how: str, instead: dict[int, Node], owner: str = "") -> None:
        for index in range(at, len(words)):
            if piece := self.bare(words[index]):
                instead[index] = EnvRef(piece.inner, piece.value, piece.inner, how, owner=owner)

    def declare(self, command: _Command, program: str, at: int, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
        words = command.words
        flags = "".join(word.literal or "" for word in words[at + 1 :] if (word.literal or "").startswith("-"))
        how = "shell-export" if program == "export" or "x" in flags else "shell-assign"
        named = [i for i in range(at + 1, len(words)) if self.is_assign(words[i]) or self.bare(words[i])]
        for index in range(at + 1, len(words)):
            word = words[index]
            span = Span(command.start, word.end) if named == [index] else None
            if definition := self.define(word, how, span=span):
                if index in command.arrays:
                    definition.value = command.arrays[index]
                elif isinstance(definition.value, Str):
                    self.known[definition.name] = definition.value.value
                out.append(definition)
                taken.add(index)
            elif (word.literal or "").startswith("-"):
                taken.add(index)
            elif program == "export" and (piece := self.bare(word)) and "f" not in flags:
                if "n" in flags:
                    instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "shell-unset")
                else:
                    out.append(EnvDef(span or piece.inner, piece.value, piece.inner, None, how))
                    taken.add(index)

    def reads(self, words: Sequence[_Word], at: int, out: list[Node], taken: set[int]) -> None:
        """`read -rsp "Key: " X`: the value comes from whoever types it."""
        index = at + 1
        while index < len(words):
            literal = words[index].literal or ""
            if literal.startswith("-"):
                index += 2 if literal[-1] in "pntudiN" else 1
                continue
            if piece := self.bare(words[index]):
                out.append(EnvDef(piece.inner, piece.value, piece.inner, None, "shell-read"))
                taken.add(index)
            index += 1

    def fish(self, words: Sequence[_Word], at: int, end: int, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
        """fish's `set -x X v`; in other shells `set -x` stands alone."""
        index, flags = at + 1, ""
        while index < len(words) and (words[index].literal or "").startswith("-"):
            literal = words[index].literal or ""
            flags += {"--export": "x", "--erase": "e"}.get(literal, "" if literal.startswith("--") else literal)
            index += 1
        if index >= len(words) or not (piece := self.bare(words[index])):
            return
        if "x" in flags and index + 1 < len(words):
            values = [_node(word.parts, word.start, word.end) for word in words[index + 1 :]]
            value = values[0] if len(values) == 1 else Seq(Span(values[0].span.start, end), tuple(values))
            out.append(EnvDef(Span(words[at].start, end), piece.value, piece.inner, value, "shell-export"))
            taken |= set(range(at + 1, len(words)))
        elif "e" in flags and "x" not in flags:
            instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "shell-unset")

    def echo(self, command: _Command, program: str, at: int, out: list[Node], taken: set[int]) -> None:
        """`echo "X=…" >> .env`."""
        kind = self.target_kind(command)
        if not kind:
            return
        how = {"dotenv": "echo-dotenv", "github-env": "github-env", "profile": "echo-export"}[kind]
        words = command.words
        for index in range(at + 1, len(words)):
            word = words[index]
            sign, last = self.text[word.start], self.text[word.end - 1]
            raw = self.text[word.start : word.end]
            whole = sign in "'\"" and sign == last and raw.count(sign) - raw.count("\\" + sign) == 2
            if not whole:
                definition = self.define(word, how)
                if definition is not None:
                    out.append(definition)
                    taken.add(index)
                continue
            start, end = word.start + 1, word.end - 1
            if not _LINE.match(self.text, start, end) and "=" not in raw:
                continue
            found = self.pairs(start, end, re.compile(r"\r?\n|\\n"), how, "", expand=sign == '"')
            definitions = [node for node in found if isinstance(node, EnvDef)]
            if not definitions:
                continue
            out += found
            taken.add(index)
            if program == "printf":
                following = [i for i in range(index + 1, len(words)) if i not in taken]
                for definition in definitions:
                    if isinstance(definition.value, Str) and definition.value.value == "%s" and following:
                        i = following.pop(0)
                        definition.value = _node(words[i].parts, words[i].start, words[i].end)
                        taken.add(i)
            break

    def patterns(self, command: _Command, at: int) -> None:
        """`grep -q "X=" .env`, `sed -i "s/^X=.*/…/" .env`, `env | grep X`."""
        words = command.words
        piped = command.before is not None and self.program(command.before, 0)[0] in ("env", "printenv", "set", "export", "")
        piped = piped and command.before is not None and bool(command.before.words)
        about_env = piped or any(format_of(word.literal or "") == "dotenv" for word in words[at + 1 :] if word.literal)
        about_env = about_env or any(
            isinstance(word.parts[-1], Str) and format_of(word.parts[-1].value) == "dotenv" for word in words[at + 1 :]
        )
        for word in words[at + 1 :]:
            if (word.literal or "").startswith("-"):
                continue
            word.parts = _split(word.parts, _PATTERN, "shell-pattern")
            if about_env and len(word.parts) == 1:
                word.parts = self.only_name(word.parts)

    def only_name(self, parts: list[Node]) -> list[Node]:
        piece = parts[0]
        if isinstance(piece, Str) and piece.exact and (found := re.fullmatch(r"\^?([A-Z][A-Z0-9_]{2,})\$?", piece.value)):
            base = piece.inner.start
            name = Span(base + found.start(1), base + found.end(1))
            out: list[Node] = [EnvRef(name, found[1], name, "shell-pattern")]
            if found.start(1):
                head = Span(base, name.start)
                out.insert(0, Str(head, "^", head, True))
            if name.end < piece.inner.end:
                foot = Span(name.end, piece.inner.end)
                out.append(Str(foot, "$", foot, True))
            return out
        return parts

    def containers(self, words: Sequence[_Word], at: int, out: list[Node], taken: set[int]) -> None:
        """`docker run -e X=…`, `docker build --build-arg X=…` and their relatives."""
        verb = next((i for i in range(at + 1, len(words)) if words[i].literal in ("run", "create", "exec", "build", "up")), None)
        if verb is None:
            return
        building = words[verb].literal == "build"
        own = building or words[verb].literal in ("exec", "up") or any(word.literal == "compose" for word in words[at:verb])
        own = own or (words[at].literal or "").endswith("-compose")
        flags = ("--build-arg",) if building else ("-e", "--env")
        how = "docker-build-arg" if building else "docker-run"
        found: list[EnvDef] = []
        index, image = verb + 1, None
        while index < len(words):
            word = words[index]
            head = word.parts[0].value if isinstance(word.parts[0], Str) and word.parts[0].inner.start == word.start else ""
            if head in flags and len(word.parts) == 1 and index + 1 < len(words):
                self.container_variable(words[index + 1], word.start, how, found, taken, (index, index + 1))
                index += 2
                continue
            flag = next((flag for flag in flags if head.startswith(flag + "=")), None)
            if flag:
                self.container_variable(self.tail(word, len(flag) + 1), word.start, how, found, taken, (index,))
            elif not building and head.startswith("-e") and len(head) > 2 and (head[2].isupper() or head[2] == "_"):
                self.container_variable(self.tail(word, 2), word.start, how, found, taken, (index,))
            elif not building and head.startswith("-"):
                switch = head in _RUN_SWITCHES or "=" in head or re.fullmatch(r"-[ditTPq]+", head)
                index += 1 if switch else 2
                continue
            elif not building:
                image = word.literal
                break
            index += 1
        if image and not own and "/" in image and image.lstrip("./") == image and not self.builds(image):
            for definition in found:
                definition.owner = f"image:{image}"
        out += found

    def container_variable(
        self, word: _Word, start: int, how: str, found: list[EnvDef], taken: set[int], indices: tuple[int, ...]
    ) -> None:
        span = Span(start, word.end)
        definition = self.define(word, how, span=span) if word.parts else None
        if definition is None and word.parts and (piece := self.bare(word)):
            definition = EnvDef(span, piece.value, piece.inner, None, how)
        if definition is not None:
            found.append(definition)
            taken.update(indices)

    def builds(self, image: str) -> bool:
        """Whether this text builds, tags or pushes the image itself."""
        if self._built is None:
            self._built = frozenset(_untagged(found[1]) for found in _TAG.finditer(self.text))
        return _untagged(image) in self._built

    def stores(self, words: Sequence[_Word], at: int, out: list[Node], taken: set[int], instead: dict[int, Node]) -> None:
        """Commands that put a value into somebody's store: `gh secret set X`, `fly secrets set X=…`."""
        while at < len(words) and words[at].literal in (*_RUNNERS, "dlx", "exec", "x", "--", "-y", "--yes"):
            at += 1
        if at >= len(words):
            return
        for prefix, store, take in _STORES:
            if words[at].literal != prefix[0] and (words[at].literal or "").split("@")[0] != prefix[0]:
                continue
            if tuple(word.literal for word in words[at + 1 : at + len(prefix)]) == prefix[1:]:
                self.store(words, at, at + len(prefix), f"store:{store}", take, out, taken, instead)
                return

    def store(
        self, words: Sequence[_Word], at: int, index: int, owner: str, take: _Take, out: list[Node], taken: set[int],
        instead: dict[int, Node],
    ) -> None:  # fmt: skip
        whole = Span(words[at].start, words[-1].end)
        while index < len(words):
            word = words[index]
            head = word.parts[0].value if isinstance(word.parts[0], Str) and word.parts[0].inner.start == word.start else ""
            if take is _Take.PAIRS:
                flag = next((flag for flag in _PAIR_FLAGS if head.startswith(flag)), None)
                rest = self.tail(word, len(flag)) if flag else word
                raw = self.text[rest.start : rest.end]
                listed = (flag or (words[index - 1].literal or "")).rstrip("=").endswith(("env-vars", "secrets"))
                if listed and "," in raw and not raw.startswith(("'", '"')):
                    out += self.pairs(rest.start, rest.end, re.compile(","), "store-command", owner, expand=True)
                    taken.add(index)
                elif rest.parts and (flag or not head.startswith("-")):
                    made = self.define(rest, "store-command", owner, Span(word.start, word.end))
                    if made is not None:
                        out.append(made)
                        taken.add(index)
                index += 1
                continue
            if head.startswith("-"):
                index += 1 if "=" in head or head in _STORE_SWITCHES else 2
                continue
            piece = self.bare(word)
            if piece is None:
                return
            if take is _Take.MENTION:
                instead[index] = EnvRef(piece.inner, piece.value, piece.inner, "store-command", owner=owner)
                index += 1
                continue
            value: Node | None = None
            if take is _Take.VALUE and index + 1 < len(words) and not (words[index + 1].literal or "").startswith("-"):
                value = _node(words[index + 1].parts, words[index + 1].start, words[index + 1].end)
                taken.add(index + 1)
            out.append(EnvDef(whole, piece.value, piece.inner, value, "store-command", owner=owner))
            taken.add(index)
            return

    def inline(self, words: Sequence[_Word], program: str, at: int, instead: dict[int, Node]) -> None:
        """Programs inside an argument: `bash -c '…'`, `python -c "…"`, `jq '…env.X…'`, `envsubst '$X'`."""
        if program == "jq":
            for word in words[at + 1 :]:
                word.parts = _split(word.parts, _JQ, "jq")
        elif program == "envsubst":
            for word in words[at + 1 :]:
                word.parts = _split(word.parts, _DOLLAR, "shell")
        elif any(word.literal in _INTERPRETERS for word in words[at:]):
            for word in words[at + 1 :]:
                word.parts = _split(word.parts, _INLINE, "inline-code")
        shell_at = next((i for i in range(at, len(words)) if (words[i].literal or "").rsplit("/", 1)[-1] in _SHELLS), None)
        if shell_at is None or self.depth >= _DEEPEST:
            return
        for index in range(shell_at + 1, len(words) - 1):
            if re.fullmatch(r"-[a-z]*c", words[index].literal or ""):
                word = words[index + 1]
                quoted = self.text[word.start] == "'" and len(word.parts) == 1
                match word.parts:
                    case [Str(inner=inner, exact=True)] if quoted:
                        outer, where, self.end, self.pos = self.end, self.pos, inner.end, inner.start
                        self.depth += 1
                        inside = self.commands("")
                        self.depth -= 1
                        self.end, self.pos = outer, where
                        instead[index + 1] = Other(Span(word.start, word.end), "script", tuple(inside))
                return


def _untagged(image: str) -> str:
    """An image's name without its digest and tag."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.split(":", 1)[0]
