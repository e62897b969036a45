"""Terraform, OpenTofu, Nomad and other HCL.

Blocks and attributes become `Obj` and `Item`; a block's labels nest (`variable "x" {}` is an entry `variable` that holds an entry
`x`). Names of variables and resources are the state's and the callers', so they stay `Str`, `Name` and `Attr`; what a container
or function gets as its environment stands beside the tree as `EnvDef`s with `how` `hcl-env`.

A scanner of our own: parsing with tree-sitter-hcl 1.2.0 takes as long (33 ms for 49 files) before anything is lowered.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from migrator.formats.tree import (
    Arg,
    Attr,
    Call,
    Const,
    EnvDef,
    Index,
    Item,
    Join,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Region,
    RegionKind,
    Seq,
    Str,
    children,
)
from migrator.model import Source, Span
from migrator.patterns import regex

_SKIP = regex(r"[ \t\r\n]+")
_SPACES = regex(r"[ \t\r]+")
_IDENTIFIER = regex(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER = regex(r"\d[\w.]*")
_HEREDOC = regex(r"<<-?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\r?\n")
_LINE = regex(r"[^\n]*")
_PLAIN = regex(r"[^\"\\$%\n]+")
_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_TERRAFORM = regex(r"TF_VAR_[A-Za-z0-9_]+")
_WORDS = frozenset({"true", "false", "null"})
_MAPS = frozenset({
    "environment", "environment_variables", "env", "env_vars", "config_vars", "variables", "app_settings", "environments",
    "secret_environment_variables", "sensitive_config_vars", "container_env", "env_variables", "secrets",
})  # fmt: skip
"""Attributes and blocks whose entries are a program's environment."""

_LISTS = frozenset({"environment", "env", "secrets", "secret", "environment_variable", "environment_variables", "set"})
_VARIABLE_RESOURCES = ("environment_variable", "_secret", "_variable", "config_var")
_DEEPEST = 60
_Add = Callable[[EnvDef | None], None]


def lower(source: Source) -> Module:
    """The blocks, attributes and environments of a HCL file. Never raises."""
    reader = _Reader(source.text)
    items = reader.items("")
    body: list[Node] = []
    if items:
        root = Obj(Span(items[0].span.start, items[-1].span.end), tuple(items))
        body = [root, *_environments(root)]
    body.sort(key=lambda node: (node.span.start, -node.span.end))
    regions = sorted(reader.regions, key=lambda region: region.span)
    return Module(path=source.path, language="hcl", body=tuple(body), regions=tuple(regions))


class _Reader:
    """A position in a text; every method moves forward."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.depth = 0
        self.quotes = 0
        self.last = 0
        """Where the expression read last ends."""
        self.regions: list[Region] = []
        self.lines: dict[str, list[tuple[int, int]]] | None = None
        """Where each line stands, by its text without blanks around it; read at the first here-document."""

    def region(self, start: int, end: int, kind: RegionKind) -> None:
        if not self.quotes:
            self.regions.append(Region(Span(start, end), kind))

    def blanks(self, pattern: re.Pattern[str] = _SKIP) -> None:
        """Pass over blanks and comments, line ends too unless `pattern` says otherwise."""
        text = self.text
        while self.pos < len(text):
            at = self.pos
            if match := pattern.match(text, at):
                self.pos = match.end()
            elif text[at] == "#" or text.startswith("//", at):
                stop = text.find("\n", at)
                self.pos = len(text) if stop < 0 else stop
                self.region(at, at + len(text[at : self.pos].rstrip("\r")), RegionKind.COMMENT)
            elif text.startswith("/*", at):
                stop = text.find("*/", at + 2)
                self.pos = len(text) if stop < 0 else stop + 2
                self.region(at, self.pos, RegionKind.COMMENT)
            else:
                return

    def peek(self) -> str:
        return self.text[self.pos : self.pos + 1]

    def items(self, close: str) -> list[Item]:
        """Attributes and blocks until `close` (not taken) or the end."""
        out: list[Item] = []
        while True:
            self.blanks()
            if self.pos >= len(self.text) or (close and self.peek() == close):
                return out
            start = self.pos
            key = self.key()
            if key is None:
                self.pos += 1
                continue
            labels: list[Node] = [key]
            while True:
                self.blanks(_SPACES)
                sign = self.peek()
                if (sign == "=" and not self.text.startswith("==", self.pos)) or (sign == ":" and close):
                    self.pos += 1
                    self.blanks(_SPACES)
                    value = self.expression()
                    out.append(Item(Span(start, max(self.last, value.span.end)), labels[-1], value))
                    break
                if sign == "{":
                    inside = self.braces()
                    out.append(self.block(start, labels, inside))
                    break
                label = self.key() if sign and sign not in "\n}" else None
                if label is None:
                    break
                labels.append(label)

    def block(self, start: int, labels: list[Node], inside: Obj) -> Item:
        item = Item(Span(labels[-1].span.start, inside.span.end), labels[-1], inside)
        for label in reversed(labels[:-1]):
            span = Span(label.span.start, inside.span.end)
            item = Item(span, label, Obj(item.span, (item,)))
        item.span = Span(start, inside.span.end)
        return item

    def key(self) -> Node | None:
        if self.peek() == '"':
            return self.string()
        if match := _IDENTIFIER.match(self.text, self.pos):
            self.pos = match.end()
            span = Span(*match.span())
            return Str(span, match[0], span, True)
        if self.peek() == "(" and self.depth < _DEEPEST:
            return self.term()
        return None

    def braces(self) -> Obj:
        """`{…}` from its brace, as a body."""
        start = self.pos
        self.pos += 1
        if self.depth >= _DEEPEST:
            self.passed("{", "}")
            return Obj(Span(start, self.pos), ())
        self.depth += 1
        items = self.items("}")
        self.depth -= 1
        self.pos = min(self.pos + 1, len(self.text))
        return Obj(Span(start, self.pos), tuple(items))

    def passed(self, opening: str, closing: str) -> None:
        """Go behind the bracket that closes one already taken, understanding nothing."""
        level = 1
        while self.pos < len(self.text) and level:
            level += {opening: 1, closing: -1}.get(self.text[self.pos], 0)
            self.pos += 1

    def expression(self, stop: str = "") -> Node:
        """Terms until the end of the line, a comma or a closing bracket; operators between them are dropped."""
        start = self.pos
        parts: list[Node] = []
        end = start
        while self.pos < len(self.text):
            self.blanks(_SKIP if stop else _SPACES)
            sign = self.peek()
            if not sign or sign in ",)]}" or (sign == "\n" and not stop):
                break
            if sign == "\n":
                self.pos += 1
                continue
            before = self.pos
            if (node := self.term()) is not None:
                parts.append(node)
                end = self.pos
            if self.pos == before:
                self.pos += 1
        self.last = end
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return Const(Span(start, start), "")
        return Other(Span(start, end), "expression", tuple(parts))

    def term(self) -> Node | None:
        """One value with what hangs on it; None for an operator, which is taken."""
        text, start = self.text, self.pos
        sign = self.peek()
        if match := _HEREDOC.match(text, start):
            return self.here(match)
        if self.depth >= _DEEPEST and sign and sign in "([{":
            self.pos += 1
            self.passed(sign, {"(": ")", "[": "]", "{": "}"}[sign])
            return Other(Span(start, self.pos), "deep", ())
        node: Node
        match sign:
            case '"':
                return self.string()
            case "{":
                return self.braces()
            case "[":
                node = self.listing("]")
            case "(":
                inside = self.listing(")")
                node = inside.items[0] if len(inside.items) == 1 else inside
            case _:
                if match := _IDENTIFIER.match(text, start):
                    self.pos = match.end()
                    span = Span(*match.span())
                    node = Const(span, match[0]) if match[0] in _WORDS else Name(span, match[0])
                elif match := _NUMBER.match(text, start):
                    self.pos = match.end()
                    return Const(Span(*match.span()), match[0])
                else:
                    self.pos = start + 1
                    return None
        return self.hung(node, start)

    def hung(self, node: Node, start: int) -> Node:
        """`.name`, `[key]` and `(…)` behind a value."""
        text, many = self.text, 0
        while many < 200:
            many += 1
            sign = self.peek()
            if sign == "." and (match := _IDENTIFIER.match(text, self.pos + 1)):
                self.pos = match.end()
                node = Attr(Span(start, self.pos), node, match[0], Span(*match.span()))
            elif sign == "[" and self.depth < _DEEPEST:
                inside = self.listing("]")
                key = inside.items[0] if inside.items else Const(inside.span, "")
                node = Index(Span(start, self.pos), node, key)
            elif sign == "(" and isinstance(node, Name) and self.depth < _DEEPEST:
                inside = self.listing(")")
                args = tuple(Arg(entry.span, entry) for entry in inside.items)
                node = Call(Span(start, self.pos), node, args, max(self.pos - 1, start))
            else:
                break
        return node

    def listing(self, close: str) -> Seq:
        """`[…]` or `(…)` from its bracket."""
        start = self.pos
        self.pos += 1
        self.depth += 1
        items: list[Node] = []
        while True:
            self.blanks()
            sign = self.peek()
            if not sign or sign == close:
                break
            if sign in ",)]}":
                self.pos += 1
                continue
            items.append(self.expression(close))
        self.depth -= 1
        self.pos = min(self.pos + 1, len(self.text))
        return Seq(Span(start, self.pos), tuple(items))

    def string(self) -> Node:
        """A quoted template from its quote; one that never ends goes to the end of its line."""
        start = self.pos
        self.pos += 1
        parts = self.template('"', len(self.text))
        inner = Span(start + 1, self.pos)
        if self.peek() == '"':
            self.pos += 1
        self.region(start, self.pos, RegionKind.STRING)
        return _whole(parts, Span(start, self.pos), inner)

    def template(self, close: str, end: int) -> list[Node]:
        """Text with `${…}` in it, until `close` or the line's end, or to `end` for a here-document."""
        text = self.text
        parts: list[Node] = []
        run, chunks = self.pos, list[str]()

        def literal(at: int) -> None:
            if chunks:
                value, span = "".join(chunks), Span(run, at)
                parts.append(Str(span, value, span, value == text[run:at]))
                chunks.clear()

        self.quotes += 1
        while self.pos < end:
            at = self.pos
            if not chunks:
                run = at
            sign = text[at]
            if close and sign in ('"', "\n"):
                break
            if match := _PLAIN.match(text, at, end):
                chunks.append(match[0])
                self.pos = match.end()
            elif sign == "\\" and close:
                chunks.append({"n": "\n", "t": "\t", "r": "\r"}.get(text[at + 1 : at + 2], text[at + 1 : at + 2]))
                self.pos = min(at + 2, end)
            elif text.startswith(("$${", "%%{"), at):
                chunks.append(sign + "{")
                self.pos = at + 3
            elif text.startswith(("${", "%{"), at) and self.depth < _DEEPEST:
                literal(at)
                self.pos = at + 2
                self.depth += 1
                inside = self.filling()
                self.depth -= 1
                parts.append(Other(Span(at, self.pos), "template", tuple(inside)))
            else:
                chunks.append(sign)
                self.pos += 1
        self.quotes -= 1
        self.pos = min(self.pos, end)
        literal(self.pos)
        return parts

    def filling(self) -> list[Node]:
        """The terms of `${…}`, its closing brace taken; it ends with the line at the latest."""
        out: list[Node] = []
        while self.pos < len(self.text):
            self.blanks(_SPACES)
            sign = self.peek()
            if not sign or sign in "}\n":
                self.pos += sign == "}"
                break
            if (node := self.term()) is not None:
                out.append(node)
        return out

    def here(self, match: re.Match[str]) -> Node:
        """A here-document from its `<<`; nothing but its head where no line closes it."""
        if self.lines is None:
            self.lines = {}
            for line in _LINE.finditer(self.text):
                self.lines.setdefault(line[0].strip(" \t\r"), []).append(line.span())
        closing = self.lines.get(match[1], [])
        index = bisect_left(closing, (match.end(), 0))
        if index == len(closing):
            self.pos = match.end() - 1
            return Other(Span(match.start(), self.pos), "heredoc", ())
        shut, end = closing[index]
        self.pos = match.end()
        parts = self.template("", shut)
        self.pos = end - self.text.endswith("\r", shut, end)
        self.region(match.end(), shut, RegionKind.STRING)
        return _whole(parts, Span(match.start(), self.pos), Span(match.end(), shut))


def _whole(parts: list[Node], span: Span, inner: Span) -> Node:
    match parts:
        case []:
            return Str(span, "", inner, inner.start == inner.end)
        case [Str(value=value, inner=piece, exact=exact)]:
            return Str(span, value, piece, exact)
    return Join(span, tuple(parts))


# -- environments ----------------------------------------------------------------------------------------------------


def _named(item: Item) -> str:
    return item.key.value if isinstance(item.key, Str) else ""


def _definition(item_span: Span, name: Node, value: Node | None) -> EnvDef | None:
    if isinstance(name, Str) and name.exact and _VARIABLE.fullmatch(name.value):
        return EnvDef(item_span, name.value, name.inner, value, "hcl-env")
    return None


def _environments(root: Obj) -> list[EnvDef]:
    """What the file puts into some program's environment."""
    out: list[EnvDef] = []
    seen: set[Span] = set()

    def add(environments: EnvDef | None) -> None:
        if environments is not None and environments.name_span not in seen:
            seen.add(environments.name_span)
            out.append(environments)

    # an entry to look at: the name above it, the names of the blocks around it
    stack: list[tuple[Node, str, tuple[str, ...]]] = [(root, "", ())]
    while stack:
        node, above, node_path = stack.pop()
        match node:
            case Obj(items=items):
                fields = {_named(item): item for item in items}
                record = _record(node, above, node_path, fields, add)
                mapped = above in _MAPS and not record and not (above == "variables" and "environment" not in node_path)
                for item in items:
                    name = _named(item)
                    upper = name.upper() == name and name[:1].isalpha()
                    if mapped and item.key is not None and not isinstance(item.value, Obj | Seq) and (upper or above != "secrets"):
                        if above != "environment" or upper:
                            add(_definition(item.span, item.key, item.value))
                    elif _TERRAFORM.fullmatch(name) and item.key is not None:
                        add(_definition(item.span, item.key, item.value))
                    stack.append((item.value, name, (*node_path[-6:], above)))
            case Seq(items=entries):
                stack += ((entry, above, node_path) for entry in entries)
            case Call(args=args):
                stack += ((arg.value, above, node_path) for arg in args)
            case Other() | Index() | Attr() | Join():
                stack += ((part, above, node_path) for part in children(node) if isinstance(part, Obj | Seq | Call | Other))
    out.sort(key=lambda environments: environments.span)
    return out


def _record(node: Obj, above: str, node_path: tuple[str, ...], fields: dict[str, Item], add: _Add) -> bool:
    """`{ name = "X", value = … }` in a list or block of variables, `key = "X"` of a resource that is one."""
    name = fields.get("name")
    listed = above in _LISTS or "environment" in node_path or "env" in node_path or "container_definitions" in (above, *node_path)
    if (
        name is not None
        and listed
        and any(k in fields for k in ("value", "value_source", "valueFrom", "value_from", "secret_name"))
    ):
        value = next((fields[k].value for k in ("value", "valueFrom", "value_from", "value_source") if k in fields), None)
        add(_definition(node.span, name.value, value))
        return True
    resource = next((word for word in (*node_path, above) if word.endswith(_VARIABLE_RESOURCES)), "")
    for field in ("key", "name", "secret_name", "variable_name"):
        item = fields.get(field)
        if resource and item is not None and isinstance(item.value, Str) and item.value.value.upper() == item.value.value:
            value = next((fields[k].value for k in ("value", "plaintext_value", "secret") if k in fields), None)
            add(_definition(item.span, item.value, value))
            return True
    return False
