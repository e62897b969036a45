"""Reads words of the shell: quotes, expansions, and the commands inside of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from migrator.formats.shell.words import NAME, Command, Word, node_of, only_literals
from migrator.formats.tree import EnvRef, Node, Other, Region, RegionKind, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field

_BLANK = regex(r"[ \t\r\f\v]+")
PLAIN = regex(r"[^ \t\r\n\f\v'\"`$\\()<>|&;]+")
PLAIN_TEST = regex(r"[^ \t\r\n\f\v'\"`$\\]+")
_PLAIN_DOUBLE = regex(r'[^"`$\\]+')
_PLAIN_BRACE = regex(r"[^}'\"`$\\\n]+")
_PLAIN_SUM = regex(r"[^()'\"`$\\]+")
_CONTINUED = regex(r"\\\r?\n")
_DOCKER_COMMENT = regex(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_OPERATOR = regex(r"(?:\[[^\]\n]*\])?(:?[-=?+]|##?|%%?|//?|\^\^?|,,?|@|:)?")
DEEPEST = 40
"""Levels of nesting that are followed; below that, text is text."""


class Dialect(StrEnum):
    """Who reads the text before the shell does."""

    SHELL = "shell"
    MAKE = "make"
    """`$(X)` and `${X}` are make's; `$$X` is the shell's `$X`."""
    DOCKER = "docker"
    """A comment line may stand inside a continued command."""


@dataclass(slots=True)
class _Run:
    """Characters that stand for themselves, until something is expanded: then they are a part of their own."""

    text: str
    parts: list[Node]
    start: int = 0
    chunks: list[str] = field(default_factory=list)

    def add(self, at: int, chunk: str) -> None:
        """What the program sees of the text at an offset."""
        if not self.chunks:
            self.start = at
        self.chunks.append(chunk)

    def close(self, at: int) -> None:
        """The run ends before an offset."""
        if self.chunks:
            value, span = "".join(self.chunks), Span(self.start, at)
            self.parts.append(Str(span, value, span, self.text[self.start : at] == value))
            self.chunks.clear()


class Scanner:
    """A position in a text. Every method moves forward only."""

    def __init__(self, text: str, dialect: Dialect, commands: Callable[[Scanner, str], list[Node]]) -> None:
        self.text = text
        self.commands = commands
        """Reads commands until a sign; a field, because words hold commands and commands are made of words."""
        self.dialect = dialect
        self.pos = 0
        self.end = len(text)
        self.depth = 0
        self.quotes = 0
        self.regions: list[Region] = []
        self.pending: list[tuple[Command, str, bool]] = []
        self.known: dict[str, str] = {}
        """Variables with one literal value, to see that `> "$ENV_FILE"` writes a `.env`."""
        self.line_starts: dict[str, list[int]] | None = None
        self.built: frozenset[str] | None = None

    def word(self, plain: re.Pattern[str]) -> Word:
        """One word; at least one character is taken."""
        start = self.pos
        text, end = self.text, self.end
        parts: list[Node] = []
        run = _Run(text, parts)
        while self.pos < end:
            at = self.pos
            if self.taken(run, plain):
                continue
            match text[at]:
                case "\\":
                    run.add(at, text[at + 1 : min(at + 2, end)] or "\\")
                    self.pos = min(at + 2, end)
                case "'":
                    shut = text.find("'", at + 1, end)
                    if shut < 0:
                        run.add(at, "'")
                        self.pos += 1
                        continue
                    self.single(run, shut)
                case '"':
                    run.close(at)
                    parts += self.double()
                case "`" | "$":
                    self.expanded(run, quoted=False)
                case "<" | ">" if text.startswith("(", at + 1) and self.depth < DEEPEST:
                    run.close(at)
                    self.pos = at + 2
                    parts.append(self.substitution(at))
                case _:
                    break
        run.close(self.pos)
        if self.pos == start:
            self.pos += 1
            parts.append(self.literal(start, self.pos))
        return Word(start, self.pos, parts)

    def taken(self, run: _Run, plain: re.Pattern[str]) -> bool:
        """Take what stands for itself here, or a line that goes on in the next one; False where neither does."""
        at = self.pos
        if match := plain.match(self.text, at, self.end):
            run.add(at, match[0])
            self.pos = match.end()
        elif self.text[at] == "\\" and (skipped := self.continuation()):
            run.add(at, "")
            self.pos = skipped
        else:
            return False
        return True

    def single(self, run: _Run, shut: int) -> None:
        """A single-quoted string from its opening quote to the closing one."""
        at = self.pos
        run.close(at)
        run.parts.append(self.literal(at + 1, shut))
        self.pos = shut + 1
        self.region(at, self.pos)

    def expanded(self, run: _Run, *, quoted: bool) -> None:
        """What `$` or a backtick starts, or the character itself."""
        at = self.pos
        node = self.expansion(quoted=quoted)
        if node is None:
            run.add(at, self.text[at : self.pos])
        else:
            run.close(at)
            run.parts += node

    def literal(self, start: int, end: int) -> Str:
        """Text that stands for itself, but for what docker takes out of it."""
        value, span = self.text[start:end], Span(start, end)
        if self.dialect is Dialect.DOCKER and "\\\n" in value:
            value = value.replace("\\\n", "")
        if self.dialect is Dialect.MAKE and "$$" in value:
            value = value.replace("$$", "$")
        return Str(span, value, span, value == self.text[start:end])

    def region(self, start: int, end: int, kind: RegionKind = RegionKind.STRING) -> None:
        """Note what a stretch of text is."""
        self.regions.append(Region(Span(start, end), kind))

    def continuation(self) -> int:
        """Where the text goes on after a backslash at the end of a line; 0 where there is none."""
        match = _CONTINUED.match(self.text, self.pos, self.end)
        if not match:
            return 0
        at = match.end()
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
        run = _Run(text, parts)
        while self.pos < end and text[self.pos] not in stop:
            at = self.pos
            if self.taken(run, plain):
                continue
            match text[at]:
                case "\\":
                    after = text[at + 1 : min(at + 2, end)]
                    run.add(at, after if after and (not quoted or after in '$`"\\') else "\\" + after)
                    self.pos = min(at + 2, end)
                case "`" | "$":
                    self.expanded(run, quoted=quoted)
                case '"' if not quoted or plain is _PLAIN_BRACE:
                    run.close(at)
                    parts += self.double()
                case "'" if not quoted and (shut := text.find("'", at + 1, end)) >= 0:
                    self.single(run, shut)
                case other:
                    run.add(at, other)
                    self.pos += 1
        run.close(self.pos)
        return parts

    def double(self) -> list[Node]:
        """A double-quoted string from its opening quote."""
        start = self.pos
        self.pos += 1
        if self.depth >= DEEPEST:
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
        if after == "(" and self.depth < DEEPEST:
            if text.startswith("((", at):
                return [self.arithmetic(at + 2)]
            self.pos = at + 1
            return [self.substitution(start)]
        if after == "{" and self.depth < DEEPEST:
            self.pos = at + 1
            return [self.parameter(start, quoted=quoted)]
        if after == "'" and not quoted:
            return self.ansi(start, at + 1)
        if after == '"' and not quoted:
            self.pos = at
            return self.double()
        if match := NAME.match(text, at, self.end):
            self.pos = match.end()
            return [EnvRef(Span(start, self.pos), match[0], Span(*match.span()), "shell")]
        self.pos = min(at + 1, self.end) if after and after in "@*#?$!-0123456789" else at
        return None

    def backticks(self) -> list[Node] | None:
        """The commands between two backticks; None where there is no second one."""
        start = self.pos
        shut = start + 1
        while shut < self.end and self.text[shut] != "`":
            shut += 2 if self.text[shut] == "\\" else 1
        if shut >= self.end or self.depth >= DEEPEST:
            self.pos += 1
            return None
        outer, self.end, self.pos = self.end, shut, start + 1
        self.depth += 1
        inside = self.commands(self, "")
        self.depth -= 1
        self.end, self.pos = outer, shut + 1
        return [Other(Span(start, self.pos), "substitution", tuple(inside))]

    def substitution(self, start: int) -> Node:
        """The commands of `$(`, `<(` or `>(`, from behind the parenthesis."""
        self.depth += 1
        inside = self.commands(self, ")")
        self.depth -= 1
        if self.pos < self.end:
            self.pos += 1
        return Other(Span(start, self.pos), "substitution", tuple(inside))

    def arithmetic(self, at: int) -> Node:
        """`$((…))` or `((…))`, from behind the second parenthesis: only the references in it."""
        start = self.pos
        self.pos, level = at, 2
        self.depth += 1
        nodes: list[Node] = []
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
                    nodes += self.expansion(quoted=True) or ()
                case _:
                    self.pos += 1
        self.depth -= 1
        return Other(Span(start, self.pos), "arithmetic", tuple(nodes))

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
        if match := _OPERATOR.match(text, self.pos, self.end):
            operator, begin = match[1] or "", match.end()
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
            reference.default = node_of(operand, begin, stop)
        elif not only_literals(operand):
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
        if opening not in ("(", "{") or self.depth >= DEEPEST:
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
            inside: list[Node] = self.commands(self, closing)
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
            if match := plain.match(self.text, at, self.end):
                parts.append(self.literal(at, match.end()))
                self.pos = match.end()
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

    def blanks(self) -> None:
        """Pass over blanks and continued lines."""
        while self.pos < self.end:
            if match := _BLANK.match(self.text, self.pos, self.end):
                self.pos = match.end()
            elif self.text[self.pos] == "\\" and (at := self.continuation()):
                self.pos = at
            else:
                return
