"""Sites that write to one object, and code around them that would see a change of its options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from migrator.formats.tree import Attr, Call, Name, Node, Obj, calls_in, children
from migrator.model import Span
from migrator.records import replace
from migrator.resolve.context import last_name, source_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find import values
from migrator.routing.find.reads import scope_at
from migrator.routing.find.site import Carrier, RoutingSite, Write
from migrator.routing.find.stores import How


def join(repository: Repository, sites: Sequence[RoutingSite], merged: Sequence[tuple[object, object]] = ()) -> None:
    """Tell the sites of one object of each other, and those that other code reads or changes.

    `merged`: owners of objects of which the second becomes a part of the first.
    """
    groups = _groups(repository, [site for site in sites if site.dialect == "openrouter"], merged)
    for group in groups:
        for site in group:
            site.disturbed = _changed(repository, site)
        if len(group) > 1:
            for site in group:
                site.companions = tuple(group)
        for name in sorted({site.name for site in group if site.name}):
            if why := _disturbed(repository, name, group):
                for site in group:
                    site.disturbed = why


def overriding(repository: Repository, sites: Sequence[RoutingSite]) -> None:
    """Tell the sites of the AI SDK's provider at several levels of each other: client, model and call each send one `providerOptions`,
    and the last takes the place of the others, where OpenRouter's own options stood beside each other."""
    routed: dict[str, list[RoutingSite]] = {}
    for site in sites:
        if site.dialect == "openrouter" and any(entry.name in _ROUTED for entry in site.entries):
            routed.setdefault(site.path, []).append(site)
    for path, of_file in routed.items():
        if len(of_file) > 1:
            file = repository.files[path]
            calls = [call for statement in file.module.body for call in calls_in(statement)]
            _merged_by_functions(calls, of_file)
            _sent_twice(file, calls, of_file)


def _merged_by_functions(calls: Sequence[Call], sites: Sequence[RoutingSite]) -> None:
    """Tell the bodies that are arguments of one call which is no merger known here: `deep_merge({…}, {…})`."""
    by_holder: dict[int, list[RoutingSite]] = {}
    for site in sites:
        by_holder.setdefault(id(site.holder), []).append(site)
    for call in calls:
        given = [site for arg in call.args for site in by_holder.get(id(arg.value), ())]
        if len(given) > 1 and last_name(call.func) not in _MERGERS:
            for site in given:
                site.disturbed = site.disturbed or "a function of the program merges it with another body"


def _sent_twice(file: ParsedFile, calls: Sequence[Call], sites: Sequence[RoutingSite]) -> None:
    """Tell the options of a model or a call of the others that the same request sends: those of its client, those of the call around it."""
    of_clients = {site for site in sites if site.client.rpartition(".")[2] == "createOpenRouter"}
    models = any(site.carrier is Carrier.MODEL_SETTINGS for site in sites)
    around = {site: _innermost(calls, site) for site in sites if models and site.carrier is Carrier.PROVIDER_OPTIONS}
    others = [site for site in sites if site in of_clients or site in around]
    for site in sites if others else ():
        for other in others:
            call = around.get(other) if site.carrier is Carrier.MODEL_SETTINGS else None
            same_call = call is not None and call.start <= site.span.start < call.end
            of_client = other in of_clients and site.carrier in (Carrier.MODEL_SETTINGS, Carrier.PROVIDER_OPTIONS)
            if site is not other and (same_call or of_client):
                site.disturbed = site.disturbed or _twice(file.lines.line(other.span.start))
                other.disturbed = other.disturbed or _twice(file.lines.line(site.span.start))


def _twice(line: int) -> str:
    return f"line {line} sends a gateway object with the same request, and only one of the two would be sent: write them as one"


def _innermost(calls: Sequence[Call], site: RoutingSite) -> Span | None:
    """The smallest call that a block stands in."""
    around = [call.span for call in calls if call.span.start <= site.span.start and site.span.end <= call.span.end]
    return min(around, key=lambda span: span.end - span.start, default=None)


_MERGERS = frozenset(("update", "assign", "dict", "ChainMap", "dumps", "stringify"))
_ROUTED = frozenset(("provider", "models", "route", "sort"))


def without_copies(sites: Sequence[RoutingSite]) -> list[RoutingSite]:
    """Without constants whose value is written out where a request uses it."""
    used = {place for site in sites if site.carrier is not Carrier.UNKNOWN for place in site.related}
    return [site for site in sites if site.carrier is not Carrier.UNKNOWN or (site.path, site.holder.span) not in used]


def _changed(repository: Repository, site: RoutingSite) -> str:
    """Which constant that a site takes options from is changed by other statements; "" where none is."""
    for entry in site.entries:
        for node in _names_in(entry.value):
            word = source_name(node)
            change = _change_of(word)
            for path, file in sorted(repository.files.items()):
                if not change.search(file.source.text) or not _may_change(site, file, word):
                    continue
                uses = change.finditer(file.source.text)
                if path != site.path or any(_names_the_same(file, use.start(), word, [site]) for use in uses):
                    return f"other statements change {word}"
    return ""


def _names_in(node: Node) -> Iterator[Node]:
    """The names and properties that an expression is made of."""
    stack: list[Node] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, Name | Attr):
            yield part
        else:
            stack += values.nodes(children(part))


@lru_cache(1 << 10)
def _change_of(word: str) -> re.Pattern[str]:
    name = re.escape(word.rpartition(".")[2])
    owner = rf"(?:{re.escape(word.rpartition('.')[0])}\.)" if "." in word else r"(?<![\w.])"
    return re.compile(
        rf"{owner}{name}\s*(?:\[[^\]\n]*\](?:\[[^\]\n]*\])*\s*[-+|]?=(?!=)|\.(?:update|setdefault|pop|append|extend|insert|remove|clear|push)\s*\("
        r"|\.\w+\s*(?:\?\?)?=(?![=>]))"
    )


def _may_change(site: RoutingSite, file: ParsedFile, word: str) -> bool:
    """Can a file change what a name stands for where the site is? Its own file, and those that import the name or its module."""
    return (
        file.path == site.path
        or re.search(rf"\bimport\b[^\n]*\b{re.escape(word.partition('.')[0])}\b", file.source.text) is not None
    )


def _groups(
    repository: Repository, sites: Sequence[RoutingSite], merged: Sequence[tuple[object, object]]
) -> list[list[RoutingSite]]:
    up: dict[object, object] = {}

    def top(key: object) -> object:
        while up.setdefault(key, key) != key:
            key = up[key]
        return key

    # by place: `dict(a=1)` is read as a display that is made for it
    holders = {(site.path, site.holder.span): site for site in sites}
    for site in sites:
        key = site.owner if site.owner is not None else id(site)
        up[top(("site", id(site)))] = top(key)
        displays = {id(obj): obj for obj in (site.holder, site.root) if isinstance(obj, Obj)}
        for item in (item for obj in displays.values() for item in obj.items):
            if item.key is None and isinstance(item.value, Name):
                for inner, scope in values.follow(item.value, site.scope, repository):
                    other = holders.get((scope.path, inner.span), site)
                    if other is not site:
                        up[top(("site", id(other)))] = top(key)
                        site.write = Write(how=How.MERGE, sometimes=True)
    for into, part in merged:
        up[top(part)] = top(into)
        for site in sites:
            if site.owner == part and site.write.how is How.MAKE:
                site.write = replace(site.write, how=How.MERGE, sometimes=True)
    groups: dict[object, list[RoutingSite]] = {}
    for site in sites:
        groups.setdefault(top(("site", id(site))), []).append(site)
    return [sorted(group, key=lambda site: (site.path, site.span)) for group in groups.values()]


def _disturbed(repository: Repository, name: str, group: Sequence[RoutingSite]) -> str:
    """Where a statement that is none of the group's names one of its options on this object; "" where none does."""
    options = "|".join(sorted({re.escape(entry.name) for site in group for entry in site.entries}))
    root = re.escape(name)
    uses = re.compile(
        rf"(?<![\w.]){root}\s*(?:[?!]?\.\s*(?:(?:get|pop|has)\s*\(\s*['\"])?|(?:\?\.)?\[\s*['\"])(?P<of>{options})\b"
        rf"|['\"](?P<in>{options})['\"]\s+(?:not\s+)?in\s+{root}\b"
    )
    for path in sorted({site.path for site in group}):
        file = repository.files[path]
        if why := _by_unknown_keys(file, name, options):
            return why
        there = [site for site in group if site.path == path]
        for use in uses.finditer(file.source.text):
            if _names_the_same(file, use.start(), name, there) and not any(
                _writes_there(site, use.start(), use.end()) for site in there
            ):
                return f"line {file.lines.line(use.start())} reads or changes {use['of'] or use['in']} of {name} too"
    return ""


def _by_unknown_keys(file: ParsedFile, name: str, options: str) -> str:
    """Where the object is used by keys that a list names: `for key in ("provider", "models"): body.pop(key)`; "" where it is not."""
    root = re.escape(name)
    listed = re.search(rf"[\[({{,]\s*['\"](?:{options})['\"]\s*[,\])}}]", file.source.text)
    use = re.search(
        rf"(?<![\w.]){root}\s*(?:\[\s*[A-Za-z_]|\.(?:pop|get|has|keys|items)\s*\(\s*[A-Za-z_)])|\bstringify\(\s*{root}\s*,\s*[\[A-Za-z](?!ull|ndefined)",
        file.source.text,
    )
    return f"line {file.lines.line(use.start())} takes keys of {name} from a list" if listed and use else ""


def _names_the_same(file: ParsedFile, at: int, name: str, sites: Sequence[RoutingSite]) -> bool:
    """May a name at a place stand for what it stands for where the sites are? Not where another function makes an object of its own."""
    root = name.partition(".")[0]
    bindings = scope_at(file, at).lookup(root)
    made_there = bool(bindings) and all(isinstance(binding.value, Obj) for binding in bindings)
    return not made_there or any(site.scope.lookup(root) is bindings for site in sites if site.scope.path == file.path)


def _writes_there(site: RoutingSite, start: int, end: int) -> bool:
    """Is a use of the object the statement that the site itself is?"""
    container = site.write.container
    within = container is not None and start <= container.span.start < end
    return within or site.holder.span.start <= start < site.holder.span.end
