"""Makefiles, justfiles and Procfiles: three ways to keep commands, told apart by the file's name.

Recipes are shell. In a Makefile `$(X)` is make's variable, which is the environment's where nothing assigns it, and `$$X` is the
shell's. tree-sitter-make failed on 16 of 49 Makefiles and knows no justfile.
"""

from __future__ import annotations

import re

from migrator.formats import shell
from migrator.formats.shell.scanner import Dialect
from migrator.formats.shell.words import NAME
from migrator.formats.spans import flat
from migrator.formats.tree import EnvDef, EnvRef, Join, Module, Node, Other, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_ASSIGN = regex(r"[ \t]*((?:(?:export|override|private)[ \t]+)*)([A-Za-z_][A-Za-z0-9_]*)[ \t]*(\?=|:{1,3}=|\+=|!=|=)[ \t]*")
_TARGETED = regex(
    r"[^\t\n:#=][^\n:#=]*:[ \t]*(?=(?:(?:export|override|private)[ \t]+)*[A-Za-z_][A-Za-z0-9_]*[ \t]*(?:[?+!]|:{1,3})?=)"
)
_EXPORT = regex(r"[ \t]*(export|unexport)\b[ \t]*")
_DEFINED = regex(r"[ \t]*(?:else[ \t]+)?(?:ifdef|ifndef)[ \t]+([A-Za-z_][A-Za-z0-9_]*)")
_DEFINE = regex(r"[ \t]*(?:(?:export|override)[ \t]+)*define\b")
_ENDEF = regex(r"[ \t]*endef\b")
_PREFIX = regex(r"[\t ]*[@+-]*[ \t]*")
_COMMENTED = regex(r"#+[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*[:?]?=")

_JUST_ASSIGN = regex(r"(export[ \t]+)?([A-Za-z_][A-Za-z0-9_-]*)[ \t]*:=[ \t]*")
_JUST_ENV = regex(r"\benv(?:_var(?:_or_default)?)?[ \t]*\([ \t]*([\"'])([A-Za-z_][A-Za-z0-9_]*)\1[ \t]*(,[ \t]*)?")
_JUST_STRING = regex(r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|`[^`\n]*`", re.DOTALL)
_JUST_RECIPE = regex(r"@?[A-Za-z_][A-Za-z0-9_-]*(?:[ \t][^\n]*?)?:(?!=)")
_JUST_PARAMETER = regex(r"(?<=[ \t])[*+]?\$([A-Za-z_][A-Za-z0-9_]*)")
_INTERPOLATION = regex(r"\{\{(?!\{)((?:[^}\n]|\}(?!\}))*)\}\}")

_PROCESS = regex(r"[ \t]*[A-Za-z0-9_-]+[ \t]*:[ \t]*")


def lower(source: Source) -> Module:
    """The variables and commands of a Makefile, justfile or Procfile. Never raises."""
    name = source.path.rsplit("/", 1)[-1].lower()
    reader = _Reader(source.text)
    if name.startswith("procfile"):
        reader.procfile()
    elif name.endswith(("justfile", ".just")):
        reader.justfile()
    else:
        reader.makefile()
    body = sorted(reader.body, key=lambda node: (node.span.start, -node.span.end))
    return Module(path=source.path, language="make", body=tuple(body), regions=tuple(flat(reader.regions)))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.body: list[Node] = []
        self.regions: list[Region] = []

    def lines(self) -> list[tuple[int, int]]:
        """Start and end (without the line end) of each logical line: a backslash at the end joins the next one."""
        out: list[tuple[int, int]] = []
        text, at = self.text, 0
        while at < len(text):
            start = at
            while True:
                stop = text.find("\n", at)
                stop = len(text) if stop < 0 else stop
                at = stop + 1
                while stop > start and text[stop - 1] == "\r":
                    stop -= 1
                if not (stop > start and text[stop - 1] == "\\" and at < len(text)):
                    break
            out.append((start, stop))
        return out

    def comment(self, start: int, end: int) -> None:
        self.regions.append(Region(Span(start, end), RegionKind.COMMENT))

    def shell(self, start: int, end: int, dialect: Dialect = Dialect.MAKE) -> None:
        nodes, regions = shell.scan(self.text[start:end], start, dialect)
        self.body += nodes
        self.regions += regions

    # -- make --------------------------------------------------------------------------------------------------------

    def makefile(self) -> None:
        text = self.text
        recipes = defining = False
        for start, end in self.lines():
            if defining:
                defining = not _ENDEF.match(text, start, end)
                if defining:
                    self.shell(_prefix(text, start, end), end)
                continue
            if text.startswith("\t", start) and recipes:
                self.shell(_prefix(text, start, end), end)
                continue
            if not text[start:end].strip():
                continue
            head = start + len(text[start:end]) - len(text[start:end].lstrip())
            if text[head] == "#":
                self.comment(head, end)
                self.commented(head, end)
                continue
            stop = self.without_comment(start, end)
            if _DEFINE.match(text, start, stop):
                defining = True
            elif match := _DEFINED.match(text, start, stop):
                self.body.append(EnvRef(Span(*match.span(1)), match[1], Span(*match.span(1)), "make"))
            elif assign := _ASSIGN.match(text, start, stop):
                self.assign(assign, stop)
            elif match := _EXPORT.match(text, start, stop):
                self.export(match, stop)
            elif (match := _TARGETED.match(text, start, stop)) and (assign := _ASSIGN.match(text, match.end(), stop)):
                self.assign(assign, stop)
                recipes = True
            else:
                recipes = recipes or ":" in text[start:stop]
                semicolon = text.find(";", start, stop)
                rule = stop if semicolon < 0 or ":" not in text[start:semicolon] else semicolon
                self.references(start, rule)
                if rule < stop:
                    self.shell(rule + 1, stop)

    def without_comment(self, start: int, end: int) -> int:
        """Where the line ends before its comment."""
        at = self.text.find("#", start, end)
        while at > start and self.text[at - 1] == "\\":
            at = self.text.find("#", at + 1, end)
        if at < 0:
            return end
        self.comment(at, end)
        return start + len(self.text[start:at].rstrip())

    def assign(self, match: re.Match[str], end: int, *, commented: bool = False) -> None:
        operator = match[3]
        exported = "export" in match[1]
        how = "make-export" if exported else "make-default" if operator == "?=" else "make-assign"
        start = match.start(2) if not exported else match.start(1)
        value: Node
        if operator == "!=":
            inside, regions = shell.scan(self.text[match.end() : end], match.end(), Dialect.MAKE)
            self.regions += regions
            value = Other(Span(match.end(), max(end, match.end())), "substitution", inside)
        else:
            value = self.value(match.end(), max(end, match.end()))
        self.body.append(EnvDef(Span(start, max(end, match.end(2))), match[2], Span(*match.span(2)), value, how, commented))

    def value(self, start: int, end: int) -> Node:
        """A value; quotes are part of it, since only the shell takes them off, but a whole quoted one is read without them."""
        if self.text[start : start + 1] == "'":
            node = shell.value(self.text, start + 1, end - 1, Dialect.MAKE) if end - start > 1 else None
            if node is not None and self.text[end - 1] == "'":
                return Str(Span(start, end), node.value, node.inner, node.exact) if isinstance(node, Str) else node
        return shell.value(self.text, start, end, Dialect.MAKE)

    def references(self, start: int, end: int) -> None:
        node = shell.value(self.text, start, end, Dialect.MAKE)
        parts = node.parts if isinstance(node, Join) else (node,)
        self.body += (part for part in parts if not isinstance(part, Str))

    def export(self, match: re.Match[str], end: int) -> None:
        for name in re.compile(r"[^ \t]+").finditer(self.text, match.end(), end):
            if NAME.fullmatch(name[0]):
                span = Span(*name.span())
                if match[1] == "export":
                    self.body.append(EnvDef(span, name[0], span, None, "make-export"))
                else:
                    self.body.append(EnvRef(span, name[0], span, "shell-unset"))
            else:
                self.references(*name.span())

    def commented(self, start: int, end: int) -> None:
        if _COMMENTED.match(self.text, start, end):
            at = start
            while self.text[at] in "# \t":
                at += 1
            match = _ASSIGN.match(self.text, at, end)
            if match and " " not in self.text[match.end() : end].strip():
                self.assign(match, match.end() + len(self.text[match.end() : end].rstrip()), commented=True)

    # -- just --------------------------------------------------------------------------------------------------------

    def justfile(self) -> None:
        text = self.text
        lines = self.lines()
        index, taken = 0, 0
        while index < len(lines):
            start, end = lines[index]
            index += 1
            if start < taken:
                continue  # inside a string of several lines
            line = text[start:end]
            if not line.strip():
                continue
            if line[0] in " \t":
                last = index
                while last < len(lines) and (text[lines[last][0] : lines[last][0] + 1] in (" ", "\t", "\n", "\r", "")):
                    last += 1
                self.recipe(lines[index - 1 : last])
                index = last
            elif line[0] == "#":
                self.comment(start, end)
            elif match := _JUST_ASSIGN.match(text, start, end):
                taken = self.just_assign(match, end)
            else:
                self.expressions(start, end)
                if _JUST_RECIPE.match(text, start, end):
                    for parameter in _JUST_PARAMETER.finditer(text, start, end):
                        span = Span(*parameter.span(1))
                        self.body.append(EnvDef(span, parameter[1], span, None, "just-parameter"))

    def just_assign(self, match: re.Match[str], end: int) -> int:
        """`X := expression`; where it ends, which is further on for a string of several lines."""
        at, parts = match.end(), list[Node]()
        while at < end:
            node, at = self.just_token(at, end)
            if node is not None:
                parts.append(node)
            end = max(end, at)
        stop = match.end() + len(self.text[match.end() : end].rstrip())
        stop = max(stop, parts[-1].span.end if parts else stop)
        value: Node
        match parts:
            case []:
                value = Str(Span(stop, stop), "", Span(stop, stop), True)
            case [single]:
                value = single
            case _:
                value = Join(Span(match.end(), stop), tuple(parts))
        if NAME.fullmatch(match[2]):
            how = "just-export" if match[1] else "just-assign"
            self.body.append(EnvDef(Span(match.start(), stop), match[2], Span(*match.span(2)), value, how))
        else:
            self.body += parts
        return end

    def just_token(self, at: int, end: int, depth: int = 0) -> tuple[Node | None, int]:
        """The string, command or environment call at an offset of an expression, and where to go on."""
        text = self.text
        if match := _JUST_ENV.match(text, at, end):
            default, stop = None, match.end()
            if match[3] and depth < 20:
                default, stop = self.just_token(stop, end, depth + 1)
            while stop < end and text[stop] in " \t":
                stop += 1
            stop += text.startswith(")", stop)
            return EnvRef(Span(at, stop), match[2], Span(*match.span(2)), "just", default), stop
        if text[at : at + 1] in ("'", '"', "`") and (string := _JUST_STRING.match(text, at)):
            stop = string.end()
            width = 3 if string[0].startswith(('"""', "'''")) else 1
            inner = Span(at + width, stop - width)
            if string[0][0] == "`":
                inside, _ = shell.scan(text[inner.start : inner.end], inner.start)
                return Other(Span(at, stop), "substitution", inside), stop
            self.regions.append(Region(Span(at, stop), RegionKind.STRING))
            raw = text[inner.start : inner.end]
            return Str(Span(at, stop), raw, inner, string[0][0] == "'" or "\\" not in raw), stop
        if text[at : at + 1] == "#":
            self.comment(at, end)
            return None, end
        word = re.compile(r"[A-Za-z0-9_-]+").match(text, at, end)
        return None, word.end() if word else at + 1

    def expressions(self, start: int, end: int) -> None:
        """Strings and environment calls of a line that is neither an assignment nor part of a recipe."""
        at = start
        while at < end:
            node, at = self.just_token(at, end)
            if node is not None:
                self.body.append(node)

    def recipe(self, lines: list[tuple[int, int]]) -> None:
        """A recipe's body: shell line by line, or a script where it begins with `#!`."""
        text = self.text
        start, end = lines[0][0], lines[-1][1]
        for match in _INTERPOLATION.finditer(text, start, end):
            self.expressions(*match.span(1))
        if "#!" in text[start : lines[0][1]]:
            if re.search(r"\b(?:ba|z|k|da)?sh\b", text[start : lines[0][1]]):
                self.masked(start, end)
            return
        for first, last in lines:
            self.masked(_prefix(text, first, last), last)

    def masked(self, start: int, end: int) -> None:
        """Shell with `{{…}}` in it, which just fills in before the shell reads it."""
        text = _INTERPOLATION.sub(lambda nodes: "x" * len(nodes[0]), self.text[start:end])
        nodes, regions = shell.scan(text, start)
        if text != self.text[start:end]:
            for node in nodes:
                self.unmask(node)
        self.body += nodes
        self.regions += regions

    def unmask(self, node: object) -> None:
        from migrator.formats.tree import children

        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Str):
                raw = self.text[part.inner.start : part.inner.end]
                if part.exact or "{{" in raw:
                    part.value = raw
            stack += children(part)  # type: ignore[arg-type]

    # -- Procfile ----------------------------------------------------------------------------------------------------

    def procfile(self) -> None:
        for start, end in self.lines():
            if self.text[start:end].lstrip().startswith("#"):
                self.comment(start, end)
            elif match := _PROCESS.match(self.text, start, end):
                self.shell(match.end(), end, Dialect.SHELL)


def _prefix(text: str, start: int, end: int) -> int:
    """Behind the tab and the `@`, `-`, `+` of a recipe line."""
    match = _PREFIX.match(text, start, end)
    return match.end() if match else start
