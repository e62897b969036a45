"""Lines of configuration that a real key is typed into: switched off where they stand, with a line below that takes the new variable.

A comment sign is all that is put before the old line, so that no edit spans the key and going back is one character. Notations without
comments, and entries that share their line with something else, keep the old line beside the new one.
"""

from __future__ import annotations

import re

from migrator.facts.model import EnvFact
from migrator.patterns import regex
from migrator.records import dataclass

_NEW_LINES = {
    "compose-map": "{lead}{name}:",
    "compose-list": "{lead}{name}",
    "k8s-secret": '{lead}{name}: ""',
    "shell-export": '{lead}{name}="${{{name}:-}}"',
    "shell-assign": '{lead}{name}="${{{name}:-}}"',
    "make-export": "{lead}{name} ?=",
    "make-assign": "{lead}{name} ?=",
    "systemd-env": "{lead}{name}=",
    "spring-property": "{lead}{name}=",
    "yaml-env": '{lead}{name}: ""',
}
"""How each notation takes a variable from outside, or waits for a value where it cannot."""
_LEAD = regex(r"[ \t]*(?:-[ \t]+)?(?:export[ \t]+|Environment=)?\Z")
_TAIL = regex(r"[\"']?[ \t]*(?:#.*)?\Z")


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line with a key that can be switched off."""

    start: int
    """Where the comment sign goes."""
    end: int
    """The end of the line, where the new one follows."""
    form: str
    """The new line, with the indent of the old one."""

    def new_line(self, name: str) -> str:
        """The line that takes the new variable."""
        return self.form.format(name=name)


def typed_line(fact: EnvFact, text: str) -> TypedLine | None:
    """The line of a definition; None where it cannot be switched off by itself."""
    form, entry = _NEW_LINES.get(fact.how), fact.entry
    if form is None or entry is None:
        return None
    begin = max(text.rfind("\n", 0, entry.start), text.rfind("\r", 0, entry.start)) + 1
    rest = re.compile(r"[^\r\n]*").match(text, entry.end)
    end = rest.end() if rest is not None else entry.end
    lead = text[begin : entry.start]
    if "\n" in text[entry.start : entry.end].strip() or _TAIL.match(text[entry.end : end]) is None:
        return None
    head = re.match(r"[ \t]*(?:-[ \t]+)?[\"']?(?:export[ \t]+|Environment=[\"']?)?", text[begin : fact.span.start])
    if _LEAD.fullmatch(lead.rstrip("\"'")) is None or head is None or begin + head.end() != fact.span.start:
        return None
    indent = len(lead) - len(lead.lstrip())
    kept = re.sub(r"[\"']", "", head[0])
    return TypedLine(begin + indent, end, form.replace("{lead}", kept.replace("{", "{{").replace("}", "}}")))
