"""The arguments of a call as another class takes them: renamed, in seconds, in a header, in the body, or routing that is translated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from migrator.formats.tree import Arg, Attr, Call, Const, Name, Node
from migrator.model import Edit, Span
from migrator.records import dataclass, field
from migrator.routing.find.site import RoutingSite
from migrator.routing.write.cutting import with_lines

_CARRIERS = {"header": "default_headers", "body": "extra_body"}
"""The argument that takes what goes into headers, and what goes into the body."""
_CALL_CARRIERS = {"header": "extra_headers", "body": "extra_body"}
"""The same for a single request."""


_TOLD_ANEW = ("base_url", "api_base", "openai_api_base")
"""Arguments for the address, which the new class is given once, as the target's."""


@dataclass(slots=True, kw_only=True)
class Given:
    """What a call is given after the exchange."""

    edits: list[Edit] = field(default_factory=list)
    refused: str = ""
    """Why it is left."""
    unsure: str = ""
    names: set[str] = field(default_factory=set)
    """The arguments that it has from then on."""
    written: list[str] = field(default_factory=list)
    """The same as source text, for a person to paste."""


def becoming(
    path: str,
    text: str,
    call: Call,
    ways: Mapping[str, str],
    positional: tuple[str, ...],
    routing: RoutingSite | None,
    *,
    of_client: bool,
    certain: Callable[[Node], bool],
) -> Given:
    """Edits that turn the arguments of a call into those of its counterpart; `ways` empty: they are the same.

    `certain`: is a value certainly not None? The old classes leave an argument out of the request that is None.
    """
    given = Given()
    carried: dict[str, list[tuple[Arg, str]]] = {}
    carriers = _CARRIERS if of_client else _CALL_CARRIERS
    place = 0
    for arg in call.args:
        value = text[slice(*arg.value.span)]
        if arg.star:
            given.refused = given.refused or f"`{text[slice(*arg.span)]}` brings arguments that are not written here"
            given.written.append(text[slice(*arg.span)])
            continue
        if arg.name is None:
            name = positional[place] if place < len(positional) else ""
            place += 1
            if not name and ways:
                given.refused = given.refused or "an argument is given by its position"
                continue  # it may be a key, which nobody should paste
            given.names.add(name)
            given.written.append(value)
            continue
        head, _, tail = ways.get(arg.name, "" if ways else arg.name).partition(" ")
        match head:
            case "":
                given.refused = given.refused or f"`{arg.name}` has no counterpart that was tried"
                if arg.name not in _TOLD_ANEW:
                    given.written.append(text[slice(*arg.span)])
            case "routing":
                _routed(given, arg, routing, text)
            case "seconds":
                seconds = _seconds(arg, value)
                _put(given, path, text, arg, tail, seconds)
            case "header" | "body":
                carried.setdefault(head, []).append((arg, tail))
            case _:
                _put(given, path, text, arg, head, value)
    for head, entries in carried.items():
        bare = head == "header" or all(certain(arg.value) for arg, _ in entries)
        _carry(given, path, text, call, carriers[head], entries, bare=bare)
    return given


def _put(given: Given, path: str, text: str, arg: Arg, name: str, value: str) -> None:
    """An argument under its new name, with its new value."""
    assert arg.name is not None
    given.names.add(name)
    given.written.append(f"{name}={value}")
    if name != arg.name:
        head = Span(arg.span.start, arg.span.start + len(arg.name))
        given.edits.append(Edit(path=path, span=head, old=arg.name, new=name))
    span = Span(*arg.value.span)
    if text[slice(*span)] != value:
        given.edits.append(Edit(path=path, span=span, old=text[slice(*span)], new=value))


def _seconds(arg: Arg, value: str) -> str:
    """Milliseconds in seconds: a number is divided here, an expression when the program runs."""
    if isinstance(arg.value, Const):
        try:
            number = float(value.replace("_", ""))
        except ValueError:
            return value
        return f"{number / 1000:g}"
    return f"{value} / 1000" if re.fullmatch(r"[\w.]+(\([^()]*\))?", value) else f"({value}) / 1000"


def _routed(given: Given, arg: Arg, routing: RoutingSite | None, text: str) -> None:
    """A routing option: another place writes it, if all of it can be written."""
    given.written.append(text[slice(*arg.span)])
    if routing is None or not any(entry.span == arg.span for entry in routing.entries):
        given.refused = given.refused or f"`{arg.name}` has no counterpart here that could be written"
    else:
        given.names.add("extra_body")


def _carry(given: Given, path: str, text: str, call: Call, carrier: str, entries: list[tuple[Arg, str]], *, bare: bool) -> None:
    """Arguments that go into one mapping, which stands where the first of them stood; not `bare`: without those that are None."""
    if carrier in given.names or any(arg.name == carrier for arg in call.args):
        given.refused = given.refused or f"{carrier} is given beside `{entries[0][0].name}`"
        return
    quote = "'" if text.count("'") > text.count('"') else '"'
    pairs = ", ".join(f"{quote}{name}{quote}: {text[slice(*arg.value.span)]}" for arg, name in entries)
    first, *others = [arg for arg, _ in entries]
    value = f"{{{pairs}}}"
    if not bare and not others and isinstance(first.value, Name | Attr):
        value = f"{value} if {text[slice(*first.value.span)]} is not None else None"
    elif not bare:
        value = f"{{name: value for name, value in {value}.items() if value is not None}}"
    new = f"{carrier}={value}"
    given.names.add(carrier)
    given.written.append(new)
    given.edits.append(Edit(path=path, span=Span(*first.span), old=text[slice(*first.span)], new=new))
    given.edits += [_without(path, text, arg) for arg in others]


def _without(path: str, text: str, arg: Arg) -> Edit:
    """An argument taken out: with its lines where it stands alone on them, else with the comma before it; it is never the first."""
    lines = with_lines(text, Span(*arg.span))
    if lines is not None and lines.start:  # the line end before it goes, and not its own, where something may be put
        end = len(text[: lines.end].rstrip("\r\n"))
        start = len(text[: lines.start].rstrip("\r\n"))
        return Edit(path=path, span=Span(start, end), old=text[start:end], new="")
    before = re.search(r",\s*(?:#[^\n]*\n\s*)?$", text[: arg.span.start])
    start = before.start() if before is not None else arg.span.start
    return Edit(path=path, span=Span(start, arg.span.end), old=text[start : arg.span.end], new="")
