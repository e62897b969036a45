"""How languages write maps and lists: `map[string]any{"a": []string{"b"}}`, `['a' => ['b']]`, `mapOf("a" to listOf("b"))`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from migrator.formats.detect import LANGUAGES
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.routing.model import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """The marks of one language, as one object in it is written."""

    colon: str = ": "
    bare: bool = False
    """Do keys stand without quotes?"""
    opening: str = "{"
    closing: str = "}"
    list_opening: str = "["
    list_closing: str = "]"
    texts_opening: str = ""
    """How a list of nothing but texts begins, where that differs."""
    entry: str = ""
    """An entry with `%k` for its key and `%v` for its value, where it is more than both with something between them."""
    pad: str = ""
    """What stands inside the braces of an object on one line."""
    trailing: bool = True
    """May a comma stand behind the last entry?"""
    nothing: str = "null"

    def list_of(self, parts: Sequence[str], values: Sequence[Value]) -> str:
        """A list on one line."""
        texts = bool(self.texts_opening) and all(isinstance(value, str) for value in values)
        return f"{self.texts_opening if texts else self.list_opening}{', '.join(parts)}{self.list_closing}"


_GO_TYPE = regex(r"(?:map\[string\]\s*(?:interface\{\}|any)|(?!map\[)[\w.]+)(?=\{)")
_NET_TYPE = regex(r"new\s+(?P<type>[A-Za-z_][\w<>, ?.\[\]]*?)\s*(?:\(\s*\))?\s*\{")


_MADE = {"java": regex(r"[\w.]*Map\.of(?:Entries)?\("), "kotlin": regex(r"\w*[mM]apOf(?:<[^(]*>)?\(")}


def written_as_one(language: str, holder: str) -> bool:
    """Is an object one list of entries in the text, and not a chain of calls that each add one?"""
    return language not in _MADE or _MADE[language].match(holder) is not None


def notation_of(language: str, holder: str, entries: Sequence[str], text: str) -> Notation | None:
    """The notation of an object that begins like `holder`, with `entries` as they are written; None where the language has the usual one."""
    first = entries[0] if entries else ""
    match language:
        case "go":
            kind = _GO_TYPE.match(holder)
            wide = "interface{}" if "interface{}" in text else "any"
            return Notation(
                opening=f"{kind[0] if kind else f'map[string]{wide}'}{{", list_opening=f"[]{wide}{{", list_closing="}",
                texts_opening="[]string{", nothing="nil",
            )  # fmt: skip
        case "php":
            return Notation(colon=" => ", opening="[", closing="]")
        case "ruby":
            pad = " " if re.match(r"\{\s", holder) else ""
            if re.match(r"['\":]?\w+['\"]?\s*=>", first):
                return Notation(colon=" => ", pad=pad, nothing="nil", entry=":%n => %v" if first.startswith(":") else "")
            return Notation(bare=True, pad=pad, nothing="nil")
        case "swift":
            return Notation(opening="[", closing="]", nothing="nil")
        case "kotlin":
            return Notation(colon=" to ", opening="mapOf(", closing=")", list_opening="listOf(", list_closing=")")
        case "java":
            listed = "Arrays.asList(" if "Arrays.asList(" in text else "List.of(" if "List.of(" in text else "java.util.List.of("
            form = re.match(r"(?:Map\.)?entry\(", first)
            return Notation(
                entry=f"{form[0]}%k, %v)" if form else "%k, %v", opening="Map.ofEntries(" if form else "Map.of(", closing=")",
                list_opening=listed, list_closing=")", trailing=False,
            )  # fmt: skip
        case "csharp":
            return _net(holder, first)
        case _ if language in LANGUAGES:
            return Notation()
        case _:
            return None


def _net(holder: str, first: str) -> Notation:
    if re.match(r"new\s*\{", holder):
        return Notation(
            colon=" = ", bare=True, opening="new {", closing="}", pad=" ", list_opening="new object[] {", texts_opening="new[] { ", list_closing=" }"
        )  # fmt: skip
    kind = _NET_TYPE.match(holder)
    name = kind["type"] if kind else "Dictionary<string, object>"
    form = "{ %k, %v }" if first.startswith("{") else "[%k] = %v"
    lists = ("new JsonArray(", ")") if "JsonObject" in name else ("new object[] { ", " }")
    return Notation(
        entry=form, opening=f"new {name} {{", closing="}", pad=" ", list_opening=lists[0], list_closing=lists[1],
        texts_opening="" if "JsonObject" in name else "new[] { ",
    )  # fmt: skip
