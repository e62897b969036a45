"""INI files and what looks like them: `.cfg`, `.conf`, `.properties`, systemd units, supervisord, tox, pytest.

The data is one `Obj`: keys before the first section, then one entry a section. The variables that the tools behind these files
set or pass on stand beside it. Lines of another shape (nginx) are kept as their words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from migrator.formats import shell
from migrator.formats.config.env_entries import CAPITALS, SPRING_FILE
from migrator.formats.spans import joined
from migrator.formats.tree import EnvDef, EnvRef, Item, Module, Node, Obj, Other, Region, RegionKind, Str
from migrator.model import Source, Span
from migrator.patterns import regex

_SECTION = regex(r"[ \t]*\[\[?([^\]\r\n]*)\]")
_ENTRY = regex(r"[ \t]*([^\s=:\"'#;\[{}][^\s=:\"'{}]*)[ \t]*(?:=|:(?=[ \t\r\n]|\Z))[ \t]*")
_SPACED = regex(r"([A-Za-z][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+){1,4})[ \t]*=[ \t]*")
_PROPERTY = regex(r"[ \t]*([^\s=:#!][^\s=:]*)[ \t]*(?:[=:][ \t]*|(?=\r?\n|\Z))")
_REFERENCE = regex(
    r"%\((?:ENV_)?([A-Za-z_][A-Za-z0-9_]*)\)[sd]|\{env:([A-Za-z_][A-Za-z0-9_]*)(?::[^{}\r\n]*)?\}"
    r"|\$\{\??(?:env[:.])?([A-Za-z_][A-Za-z0-9_]*)(?::?-?((?:[^{}\r\n]|\$\{[^{}\r\n]*\})*))?\}|(?<![$\w])\$([A-Z_][A-Z0-9_]*)"
)
_LISTED = regex(r"([A-Za-z_][A-Za-z0-9_]*)=(\"[^\"]*\"|'[^']*'|[^,\s]*)")
_LINE = regex(r"[ \t]*(?:[DRU]{1,2}:)*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_WORD = regex(r"\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s\"';{}]+")
_NGINX_ENV = regex(r"[ \t]*env[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?:=([^;\r\n]*))?;")
_UNITS = (".service", ".socket", ".timer", ".container")


def lower(source: Source) -> Module:
    """Keys, values and variables of an INI-like file. Never raises."""
    reader = _Reader(source)
    reader.file()
    body = [*([reader.tree()] if reader.sections or reader.top else []), *reader.beside]
    body.sort(key=lambda node: (node.span.start, -node.span.end))
    return Module(path=source.path, language="ini", body=tuple(body), regions=tuple(reader.regions))


_PROPERTIES = regex(r"\.properties(?:\.(?:example|sample|template|dist))?\Z")
_GRADLE = regex(r"(?:local|gradle|secrets?|keys?|api[-_]?keys?)(?:\.defaults)?\.properties(?:\.(?:example|sample|template|dist))?")
"""Files whose entries a build script reads by their names, most of all Android's: https://developer.android.com/build#properties-files"""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.text = source.text
        path = source.path.lower()
        self.unit = path.endswith(_UNITS)
        name = path.rpartition("/")[2]
        self.properties = _PROPERTIES.search(path) is not None
        self.gradle = _GRADLE.fullmatch(name) is not None
        self.spring = self.properties and SPRING_FILE.fullmatch(path.rpartition("/")[2]) is not None
        self.top: list[Item] = []
        self.sections: list[tuple[Str, list[Item]]] = []
        self.beside: list[Node] = []
        self.regions: list[Region] = []

    def tree(self) -> Obj:
        items = list(self.top)
        for key, entries in self.sections:
            end = entries[-1].span.end if entries else key.span.end
            start = entries[0].span.start if entries else key.span.end
            items.append(Item(Span(key.span.start, end), key, Obj(Span(start, end), tuple(entries))))
        return Obj(Span(items[0].span.start, items[-1].span.end), tuple(items))

    def file(self) -> None:
        text, at = self.text, 0
        comments = "#;!" if self.properties else "#;"
        while at < len(text):
            end, after = self.line(at)
            first = at + len(text[at:end]) - len(text[at:end].lstrip())
            if first >= end:
                at = after
                continue
            if text[first] in comments:
                self.regions.append(Region(Span(first, end), RegionKind.COMMENT))
                self.commented(first, end)
            elif not self.properties and (section := _SECTION.match(text, at, end)):
                span = Span(*section.span(1))
                self.sections.append((Str(Span(span.start - 1, min(span.end + 1, end)), section[1], span, True), []))
            elif entry := self.key(at, end):
                end, after = self.extent(entry.end(), end, after)
                self.entry(entry, end)
            else:
                self.words(at, end)
            at = after

    def line(self, at: int) -> tuple[int, int]:
        """End of the line without blanks, start of the next."""
        stop = self.text.find("\n", at)
        after = len(self.text) if stop < 0 else stop
        return at + len(self.text[at:after].rstrip()), after + 1

    def key(self, at: int, end: int) -> re.Match[str] | None:
        if self.properties:
            return _PROPERTY.match(self.text, at, end)
        return _ENTRY.match(self.text, at, end) or _SPACED.match(self.text, at, end)

    def extent(self, value: int, end: int, after: int) -> tuple[int, int]:
        """Where a value ends that goes on over lines: by a backslash, or (not in units) by indentation."""
        text = self.text
        while after < len(text):
            stop, following = self.line(after)
            if text[value:end].endswith("\\"):
                end, after = stop, following
            elif not self.unit and not self.properties and text[after] in " \t" and stop > after:
                if text[after:stop].lstrip()[:1] not in ("#", ";"):
                    end = stop
                else:
                    first = after + len(text[after:stop]) - len(text[after:stop].lstrip())
                    self.regions.append(Region(Span(first, stop), RegionKind.COMMENT))
                after = following
            else:
                break
        return max(end, value), after

    @property
    def section(self) -> str:
        return self.sections[-1][0].value.lower() if self.sections else ""

    def entry(self, match: re.Match[str], end: int) -> None:
        span = Span(*match.span(1))
        key = Str(span, match[1], span, True)
        start = match.end()
        name, section = match[1].lower(), self.section
        text = self.text
        comment = re.compile(r"[ \t]+[;#][ \t][^\n]*").search(text, start, end) if "\n" not in text[start:end] else None
        if comment and not self.properties and not self.unit and text[start:end].count('"') % 2 == 0:
            begin = comment.start() + len(comment[0]) - len(comment[0].lstrip())
            self.regions.append(Region(Span(begin, end), RegionKind.COMMENT))
            end = max(start, comment.start())
        known = len(self.beside)
        self.variables(name, section, start, end)
        if section == "settings" and CAPITALS.fullmatch(match[1]):  # python-decouple reads its variables here
            shown = Span(span.start, max(end, span.end))
            self.beside.append(EnvDef(shown, match[1], span, self.value(start, end), "ini-settings"))
        if self.gradle and CAPITALS.fullmatch(match[1]):
            shown = Span(span.start, max(end, span.end))
            self.beside.append(EnvDef(shown, match[1], span, self.value(start, end), "dotenv"))
        if self.spring and CAPITALS.fullmatch(match[1]):
            shown = Span(span.start, max(end, span.end))
            self.beside.append(EnvDef(shown, match[1], span, self.value(start, end), "spring-property"))
        whole = Span(start, max(start, end))
        value = self.value(start, end) if known == len(self.beside) else Other(whole, "variables", ())
        item = Item(Span(span.start, max(end, span.end)), key, value)
        (self.sections[-1][1] if self.sections else self.top).append(item)

    def variables(self, name: str, section: str, start: int, end: int) -> None:
        """What the tool that reads this entry sets or passes on; the entry's value is then not said again."""
        text = self.text
        if name == "environment" and (self.unit or section in ("service", "container", "manager")):
            self.beside += shell.assignments(text, start, end, "systemd-env")
        elif name == "passenvironment":
            for word in re.compile(r"[A-Za-z_][A-Za-z0-9_]*").finditer(text, start, end):
                self.beside.append(EnvDef(Span(*word.span()), word[0], Span(*word.span()), None, "systemd-env"))
        elif name == "environment":
            for pair in _LISTED.finditer(text, start, end):
                made = self.value(*pair.span(2))
                self.beside.append(EnvDef(Span(*pair.span()), pair[1], Span(*pair.span(1)), made, "supervisord-env"))
        elif name in ("setenv", "set_env"):
            self.lines(start, end, "tox-setenv")
        elif name in ("passenv", "pass_env"):
            for word in re.compile(r"(?<![A-Za-z0-9_*])[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_*])").finditer(text, start, end):
                self.beside.append(EnvRef(Span(*word.span()), word[0], Span(*word.span()), "tox-passenv"))
        elif name in ("env", "env_vars"):
            self.lines(start, end, "pytest-env" if "pytest" in section else "uwsgi-env")

    def lines(self, start: int, end: int, how: str) -> None:
        """One `X = v` a line."""
        at = start
        while at <= end:
            stop = self.text.find("\n", at, end)
            after = end if stop < 0 else stop
            if match := _LINE.match(self.text, at, after):
                trimmed = max(match.end(), at + len(self.text[at:after].rstrip()))
                made = self.value(match.end(), trimmed)
                self.beside.append(EnvDef(Span(match.start(1), trimmed), match[1], Span(*match.span(1)), made, how))
            at = after + 1

    def value(self, start: int, end: int) -> Node:
        """A value; quotes around it are taken off, references in it are nodes."""
        text = self.text
        inner = Span(start, end)
        if end - start > 1 and text[start] in "\"'" and text[end - 1] == text[start] and text.count(text[start], start, end) == 2:
            inner = Span(start + 1, end - 1)
            self.regions.append(Region(Span(start, end), RegionKind.STRING))
        parts: list[Node] = []
        cuts = [inner.start]
        matches = list(_REFERENCE.finditer(text, *inner))
        for match in matches:
            cuts += match.span()
        cuts.append(inner.end)
        for index, (a, b) in enumerate(pairwise(cuts)):
            if index % 2:
                parts.append(self.reference(matches[index // 2]))
            elif b > a:
                parts.append(Str(Span(a, b), text[a:b], Span(a, b), True))
        return joined(Span(start, end), inner, parts)

    def reference(self, match: re.Match[str]) -> EnvRef:
        group = next(group for group in (1, 2, 3, 5) if match[group])
        how = {1: "supervisord" if "(ENV_" in match[0] else "ini", 2: "tox"}.get(group, "placeholder")
        default: Node | None = None
        if group == 3 and match[4]:
            default = self.value(*match.span(4))  # `${A:${B:}}`: a default may be a reference itself
        return EnvRef(Span(*match.span()), match[group], Span(*match.span(group)), how, default)

    def commented(self, start: int, end: int) -> None:
        """`# Environment=X=v` in a unit, `# X=v` elsewhere: an entry that is switched off."""
        at = start
        while at < end and self.text[at] in "#;! \t":
            at += 1
        if at == end:
            return
        prefix = re.compile(r"Environment=").match(self.text, at, end)
        if self.unit and prefix:
            for made in shell.assignments(self.text, prefix.end(), end, "systemd-env"):
                made.commented = True
                self.beside.append(made)

    def words(self, start: int, end: int) -> None:
        """A line that is no entry: nginx, or a list."""
        text = self.text
        if match := _NGINX_ENV.match(text, start, end):
            value = None if match[2] is None else self.value(*match.span(2))
            self.beside.append(EnvDef(Span(*match.span()), match[1], Span(*match.span(1)), value, "nginx-env"))
            return
        parts: list[Node] = []
        for word in _WORD.finditer(text, start, end):
            if word[0].startswith("#"):
                self.regions.append(Region(Span(word.start(), end), RegionKind.COMMENT))
                break
            parts.append(self.value(*word.span()))
        if parts:
            self.beside.append(Other(Span(parts[0].span.start, parts[-1].span.end), "line", tuple(parts)))
