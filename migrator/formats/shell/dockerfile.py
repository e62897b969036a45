"""Dockerfiles: `ENV` and `ARG` define, `RUN` is shell, everything else is words that may hold `$X`.

tree-sitter-dockerfile stands at 0.2.0 from before here-documents, and would leave what matters, the shell inside, to this package all the same.
"""

from __future__ import annotations

import re

from migrator.formats import shell
from migrator.formats.detect import format_of
from migrator.formats.shell.scanner import Dialect
from migrator.formats.shell.words import NAME
from migrator.formats.spans import flat
from migrator.formats.tree import Arg, Call, EnvDef, Join, Module, Name, Node, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_DIRECTIVE = regex(r"\s*#[ \t]*escape[ \t]*=[ \t]*(`)", re.IGNORECASE)
_INSTRUCTION = regex(r"[ \t]*([A-Za-z]+)(?=[ \t\r\n\\`]|\Z)")
_COMMENT = regex(r"[ \t]*(#[^\n]*)")
_COMMENTED = regex(r"#+[ \t]*(ENV|ARG)[ \t]+(?=[A-Za-z_][A-Za-z0-9_]*(?:=|[ \t\r]*\Z))", re.IGNORECASE)
_HEREDOC = regex(r"<<-?[ \t]*([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1")
_FLAG = regex(r"(?:[ \t]|\\\r?\n)*--[a-z-]+(?:=[^ \t\r\n]*)?(?=[ \t\r\n])")
_MOUNTED = regex(r"(?<=[,=])env=([A-Za-z_][A-Za-z0-9_]*)")
_STRING = regex(r'"((?:[^"\\\n]|\\.)*)"')
_CMD = regex(r"(?:^|[ \t\n])CMD(?=[ \t\n\\])")
_HEREDOC_WORDS = frozenset({"RUN", "COPY", "ADD"})


def lower(source: Source) -> Module:
    """The variables, commands and words of a Dockerfile. Never raises."""
    reader = _Reader(source.text)
    reader.file()
    body = sorted(reader.body, key=lambda node: (node.span.start, -node.span.end))
    return Module(path=source.path, language="dockerfile", body=tuple(body), regions=tuple(flat(reader.regions)))


class _Reader:
    """The instructions of one file, one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.escape = "`" if _DIRECTIVE.match(text) else "\\"
        self.body: list[Node] = []
        self.regions: list[Region] = []
        self.unclosed = 0
        """Here-documents that nothing closes; after a few, none is looked for, or a hostile file would cost its square."""

    def file(self) -> None:
        text, at = self.text, 0
        while at < len(text):
            stop = self.line_end(at)
            if comment := _COMMENT.match(text, at, stop):
                self.comment(comment.start(1), stop)
            elif text[at:stop].strip():
                at = self.logical(at)
                continue
            at = stop + 1

    def line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def trimmed(self, start: int, end: int) -> int:
        return start + len(self.text[start:end].rstrip())

    def comment(self, start: int, end: int) -> None:
        """A comment line, and the `ENV` or `ARG` that it switches off."""
        self.regions.append(Region(Span(start, self.trimmed(start, end)), RegionKind.COMMENT))
        if match := _COMMENTED.match(self.text, start, end):
            how = f"dockerfile-{match[1].lower()}"
            for definition in self.pairs(match.end(), self.trimmed(match.end(), end), how):
                definition.commented = True
                definition.span = Span(start, definition.span.end)
                self.body.append(definition)

    def logical(self, at: int) -> int:
        """One instruction with its continued lines and here-documents; where the next one may begin."""
        text, start = self.text, at
        while True:
            line, stop = at, self.line_end(at)
            at = stop + 1
            if not text[line:stop].rstrip(" \t\r").endswith(self.escape) or at > len(text):
                break
            while at < len(text):  # comments and empty lines do not end a continued instruction
                after = self.line_end(at)
                if comment := _COMMENT.match(text, at, after):
                    self.regions.append(Region(Span(comment.start(1), self.trimmed(at, after)), RegionKind.COMMENT))
                elif text[at:after].strip():
                    break
                at = after + 1
            if at >= len(text):
                break
        word = _INSTRUCTION.match(text, start, stop)
        if not word:
            return at
        keyword = word[1].upper()
        head = stop
        bodies: list[tuple[int, int, bool]] = []
        if keyword in _HEREDOC_WORDS and self.unclosed < 20:
            for match in _HEREDOC.finditer(text, word.end(), head):
                closing = re.compile(rf"^[ \t]*{re.escape(match[2])}[ \t\r]*$", re.MULTILINE).search(text, at)
                if closing is None:
                    self.unclosed += 1
                    break
                bodies.append((at, closing.start(), not match[1]))
                stop = self.trimmed(closing.start(), closing.end())
                at = self.line_end(closing.start()) + 1
        self.instruction(keyword, Span(*word.span(1)), word.end(), head, stop, bodies)
        return at

    def instruction(self, keyword: str, span: Span, start: int, head: int, stop: int, bodies: list[tuple[int, int, bool]]) -> None:
        text = self.text
        while start < head and text[start] in " \t":
            start += 1
        head = self.trimmed(start, head)
        match keyword:
            case "ENV" | "ARG":
                self.body += self.pairs(start, head, f"dockerfile-{keyword.lower()}")
            case "RUN" | "CMD" | "ENTRYPOINT" | "SHELL":
                flags = start
                while match := _FLAG.match(text, flags, head):
                    self.flag(*match.span())
                    flags = match.end()
                if text[flags:head].lstrip().startswith("[") and not bodies:
                    self.strings(keyword, span, flags, head)
                else:
                    self.shell(flags, max(head, stop))
            case "HEALTHCHECK" if match := _CMD.search(text, start, head):
                self.instruction("CMD", span, match.end(), head, stop, bodies)
            case "ONBUILD" if match := _INSTRUCTION.match(text, start, head):
                self.instruction(match[1].upper() if match[1].upper() != "ONBUILD" else "", span, match.end(), head, stop, bodies)
            case _:
                words = shell.words(text, start, head, Dialect.DOCKER)
                args = tuple(Arg(word.span, word) for word in words)
                self.body.append(Call(Span(span.start, max(head, span.end)), Name(span, keyword), args, max(head, span.end)))
                for begin, end, expand in bodies:
                    self.file_body(words, begin, end, expand=expand)

    def pairs(self, start: int, end: int, how: str) -> list[EnvDef]:
        """`K=V K2=V2`, the old `K V`, and a bare `K` of `ARG`."""
        text = self.text
        name = NAME.match(text, start, end)
        if how == "dockerfile-env" and name and text[name.end() : name.end() + 1] in (" ", "\t") and name.end() < end:
            at = name.end()
            while at < end and text[at] in " \t":
                at += 1
            value = shell.value(text, at, end, Dialect.DOCKER)
            return [EnvDef(Span(name.start(), end), name[0], Span(*name.span()), value, how)]
        out: list[EnvDef] = list(shell.assignments(text, start, end, how, Dialect.DOCKER))
        if how == "dockerfile-arg":
            out += (
                EnvDef(word.span, word.value, word.inner, None, how)
                for word in shell.words(text, start, end, Dialect.DOCKER)
                if isinstance(word, Str) and word.exact and NAME.fullmatch(word.value)
            )
            out.sort(key=lambda definition: definition.span.start)
        return out

    def flag(self, start: int, end: int) -> None:
        """`--mount=type=secret,id=…,env=X`: the secret comes in as a variable."""
        self.body += shell.words(self.text, start, end, Dialect.DOCKER)
        for match in _MOUNTED.finditer(self.text, start, end):
            self.body.append(EnvDef(Span(*match.span()), match[1], Span(*match.span(1)), None, "dockerfile-secret"))

    def strings(self, keyword: str, span: Span, start: int, end: int) -> None:
        """The exec form, `["program", "argument"]`: no shell, no expansion."""
        args: list[Arg] = []
        for match in _STRING.finditer(self.text, start, end):
            whole, inner = Span(*match.span()), Span(*match.span(1))
            args.append(Arg(whole, Str(whole, match[1], inner, "\\" not in match[1])))
            self.regions.append(Region(whole, RegionKind.STRING))
        values = [arg.value.value for arg in args if isinstance(arg.value, Str)]
        if len(values) > 2 and values[0].rsplit("/", 1)[-1] in ("sh", "bash") and re.fullmatch(r"-[a-z]*c", values[1]):
            script = args.pop(2).value
            if isinstance(script, Str) and script.exact:
                self.body += shell.nodes("", script.value, script.inner.start)
            else:
                self.body.append(script)
        self.body.append(Call(Span(span.start, end), Name(span, keyword), tuple(args), end))

    def shell(self, start: int, end: int) -> None:
        text = self.text[start:end]
        if self.escape == "`":
            from migrator.formats.shell import powershell

            nodes, regions = powershell.scan(text, start)
        else:
            nodes, regions = shell.scan(text, start, Dialect.DOCKER)
        self.body += nodes
        self.regions += regions

    def file_body(self, words: tuple[Node, ...], start: int, end: int, *, expand: bool) -> None:
        """A file that `COPY <<EOF /path` writes."""
        target = words[-1] if words else None
        if isinstance(target, Join):
            target = target.parts[-1]
        self.regions.append(Region(Span(start, end), RegionKind.STRING))
        if isinstance(target, Str) and format_of(target.value) == "dotenv":
            self.body += shell.dotenv_lines(self.text, start, end, "heredoc-dotenv", expand=expand)
        else:
            self.body.append(shell.value(self.text, start, end, Dialect.DOCKER) if expand else self.plain(start, end))

    def plain(self, start: int, end: int) -> Str:
        span = Span(start, end)
        return Str(span, self.text[start:end], span, True)
