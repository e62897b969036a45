"""From a decided fact to the text that changes: one function per kind of place, each giving edits that never span a secret."""

from __future__ import annotations

import re

from migrator.facts import EnvFact, UrlFact
from migrator.model import Edit, Source, Span, Target
from migrator.secrets import is_placeholder
from migrator.tree import EnvDef, Join, Node, Str
from migrator.urls import host_only, moved


def edit(path: str, source: Source, span: Span, new: str) -> Edit:
    """Replace what stands at `span`."""
    return Edit(path=path, span=span, old=source.text[span.start : span.end], new=new)


def url_edit(fact: UrlFact, source: Source, target: Target, *, host: bool = False) -> Edit | None:
    """The address at the target: host and prefix swapped, everything else as it was."""
    if host:
        start, end, new = fact.url.start, fact.url.swap_end, host_only(fact.url, target)
    else:
        found = moved(fact.url, target)
        if found is None:
            return None
        start, end, new = found
    return edit(fact.path, source, Span(fact.base + start, fact.base + end), new)


def rename(fact: EnvFact, source: Source, new: str) -> tuple[Edit, ...]:
    """The new name where the variable is named, in the form that keeps local names."""
    if fact.how == "destructured":
        return (edit(fact.path, source, fact.span, f"{new}: {fact.name}"),)
    if fact.how == "static-import":
        return (edit(fact.path, source, fact.span, f"{new} as {fact.name}"),)
    if fact.how == "settings-alias" and source.text[fact.span.start : fact.span.end].islower():
        return (edit(fact.path, source, fact.span, new.lower()),)
    return (edit(fact.path, source, fact.span, new),)


_OLD_SHAPE = re.compile(r"sk-or-(?:v\d-)?[^\s\"'#]*", re.IGNORECASE)


def literal_text(value: Node | None) -> str | None:
    """The text of a literal value; None where part of it comes from elsewhere."""
    if value is None:
        return ""
    if isinstance(value, Str):
        return value.value
    if isinstance(value, Join) and all(isinstance(part, Str) for part in value.parts):
        return "".join(part.value for part in value.parts if isinstance(part, Str))
    return None


def holds_secret(fact: EnvFact, *, example: bool) -> bool:
    """Does this definition give the variable a value that may be a secret?"""
    text = literal_text(fact.value)
    if text is None or not text.strip():
        return False
    return not (is_placeholder(text) or (example and not re.fullmatch(r"sk-or-v1-[0-9a-f]{64}", text.strip())))


def redefine(fact: EnvFact, source: Source, new: str, target: Target, *, example: bool, already: bool) -> tuple[Edit, ...]:
    """A line of an env file under its new name.

    A line with a real value is switched off where it stands and the new variable is defined, empty, below it: no edit spans the
    secret, and going back is one character. A placeholder of the old shape becomes one of the new shape.
    """
    text = source.text
    if fact.commented or not holds_secret(fact, example=example):
        return (edit(fact.path, source, fact.span, new), *placeholder_edit(fact, source, target))
    entry = fact.entry or fact.span
    starts = [entry.start, *(entry.start + at.end() for at in re.finditer(r"\r\n|\n|\r", text[entry.start : entry.end]))]
    edits = [Edit(path=fact.path, span=Span(start, start), old="", new="# ") for start in starts]
    if not already:
        end = "\r\n" if "\r\n" in text else "\n"
        export = "export " if re.match(r"\s*export\s", text[entry.start : entry.end]) else ""
        edits.append(Edit(path=fact.path, span=Span(entry.end, entry.end), old="", new=f"{end}{export}{new}="))
    return tuple(edits)


def placeholder_edit(fact: EnvFact, source: Source, target: Target) -> tuple[Edit, ...]:
    """A placeholder of the old key's shape becomes one of the new key's."""
    value = fact.value
    if isinstance(value, Str) and value.exact and (shape := _OLD_SHAPE.search(value.value)):
        start = value.inner.start + shape.start()
        return (edit(fact.path, source, Span(start, start + len(shape[0])), target.key_example),)
    return ()


def is_env_line(fact: EnvFact) -> bool:
    """A definition in an env file."""
    return fact.how == "dotenv" and fact.trail is not None and isinstance(fact.trail.node, EnvDef)
