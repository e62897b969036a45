"""How a site is written: quotes, indentation, one line or several; and values written in that manner."""

from __future__ import annotations

import re

from migrator.patterns import regex
from migrator.resolve.repository import ParsedFile
from migrator.routing.find.site import RoutingSite
from migrator.routing.model import Value
from migrator.routing.write.notation import notation_of

_WIDTH = 100
_DOUBLE = ("json", "toml", "jq", "go", "java", "kotlin", "swift", "csharp", "rust")
"""Languages in which strings stand in double quotes."""
_FOUR = ("csharp", "java", "kotlin", "php", "rust", "swift")
"""Languages that are indented by four spaces, as Python is."""
_BARE = regex(r"[A-Za-z_$][A-Za-z0-9_$]*")


class Style:
    """The hand of a site: quotes, indentation, one line or several."""

    def __init__(self, site: RoutingSite, file: ParsedFile) -> None:
        text = file.source.text
        self.language = site.embedded or file.module.language
        self.python = self.language in ("python", "notebook")
        notebook = file.module.language == "notebook"
        self.one_line = notebook or self.language == "toml" or (site.embedded and file.module.language != "shell")
        """Must all of it stand on one line? An inline table of TOML must, lines of a notebook's cell are strings of their own, and a string may end with its line."""
        holder = text[site.holder.span.start : site.holder.span.end]
        mark = re.search(r"['\"]", holder)
        escaped = (site.embedded or self.one_line) and '\\"' in holder and (mark is None or mark[0] == '"')
        plain = "'" if self.language == "ecma" and mark is None else '"'
        self.quote = '\\"' if escaped else plain if mark is None or self.language in _DOUBLE else mark[0]
        keys = [text[entry.key.start] for entry in site.entries if entry.key is not None]
        self.colon = " = " if self.language == "toml" else ": "
        self.bare = self.language in ("ecma", "yaml", "toml", "jq") and not any(first in "'\"" for first in keys)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.several = not self.one_line and any("\n" in text[entry.span.start : entry.span.end] for entry in site.entries)
        first = site.entries[0].span.start if site.entries else site.holder.span.start
        line = text.rfind("\n", 0, first) + 1
        before = text[line:first]
        if notebook:
            string = re.match(r"\s*\"(?=\s*$)", before)
            self.newline = f'\\n",{self.newline}{string[0]}' if string else "\\n"
            before = before[string.end() :] if string else ""
        leading = re.match(r"[ \t]*", before)
        self.indent = leading[0] if leading else ""
        self.alone = not before.strip()
        """Does the first option begin its line?"""
        self.step = self._step(text, site)
        self.spaces = " " if self.language in ("ecma",) and not re.search(r"\{(?=['\"A-Za-z])", holder) else ""
        written = [text[entry.span.start : entry.span.end] for entry in site.entries]
        self.notation = notation_of(self.language, holder, written, text)
        if self.notation is not None:
            self.colon, self.bare, self.spaces = self.notation.colon, self.notation.bare, self.notation.pad
        self.one_line = self.one_line or (self.notation is not None and "\n" not in holder)
        self.trailing = self.notation.trailing if self.notation is not None else self.language not in ("json", "jq")
        """May a comma stand behind the last entry?"""

    def _step(self, text: str, site: RoutingSite) -> str:
        for entry in site.entries:
            lines = text[entry.span.start : entry.span.end].splitlines()
            if len(lines) > 2:
                deeper = re.match(r"[ \t]*", lines[1])
                if deeper and len(deeper[0]) > len(self.indent) and deeper[0].startswith(self.indent):
                    return deeper[0][len(self.indent) :]
        if self.indent.startswith("\t") or self.language == "go":
            return "\t"
        return "    " if self.python or self.language in _FOUR else "  "

    def key(self, name: str) -> str:
        """A key of an object."""
        return name if self.bare and _BARE.fullmatch(name) else f"{self.quote}{name}{self.quote}"

    def scalar(self, value: Value) -> str:
        """A string, number, boolean or null."""
        match value:
            case True:
                return "True" if self.python else "true"
            case False:
                return "False" if self.python else "false"
            case None:
                return "None" if self.python else "null" if self.notation is None else self.notation.nothing
            case str():
                escaped = value.replace("\\", "\\\\").replace(self.quote, f"\\{self.quote}")
                return f"{self.quote}{escaped}{self.quote}"
            case _:
                return str(value)

    def pair(self, name: str, value: str) -> str:
        """An entry of an object, whose value is written already."""
        form = self.notation.entry if self.notation is not None else ""
        if form:
            return form.replace("%k", self.key(name)).replace("%n", name).replace("%v", value)
        return f"{self.key(name)}{self.colon}{value}"

    def flat(self, value: Value) -> str:
        """A value on one line."""
        match value:
            case dict():
                inside = ", ".join(self.pair(key, self.flat(part)) for key, part in value.items())
                opening, closing = self._braces
                return f"{opening}{self.spaces}{inside}{self.spaces}{closing}" if inside else f"{opening}{closing}"
            case list():
                parts = [self.flat(part) for part in value]
                return f"[{', '.join(parts)}]" if self.notation is None else self.notation.list_of(parts, value)
            case _:
                return self.scalar(value)

    @property
    def _braces(self) -> tuple[str, str]:
        return ("{", "}") if self.notation is None else (self.notation.opening, self.notation.closing)

    def write(self, value: Value, indent: str, used: int) -> str:
        """A value on one line where the site is written so and it fits, else one entry a line."""
        flat = self.flat(value)
        if self.one_line or not isinstance(value, dict) or not value or (not self.several and used + len(flat) <= _WIDTH):
            return flat
        deeper = indent + self.step
        opening, closing = self._braces
        lines = []
        for at, (key, part) in enumerate(value.items()):
            last = "," if self.trailing or at < len(value) - 1 else ""
            lines.append(deeper + self.pair(key, self.write(part, deeper, len(deeper) + len(self.key(key)) + 2)) + last)
        return opening + self.newline + self.newline.join(lines) + self.newline + indent + closing
