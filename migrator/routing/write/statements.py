"""Statements that put options into a body that stands already: `body["provider"] = {…}`, `body["provider"].update({…})`."""

from __future__ import annotations

from bisect import bisect_left

from migrator.formats.tree import Assign, Call, Obj, RegionKind
from migrator.model import Edit, Span
from migrator.resolve.repository import ParsedFile
from migrator.routing.find.site import RoutingSite
from migrator.routing.find.stores import Form, Step
from migrator.routing.model import Translation
from migrator.routing.translate.draft import REMOVED
from migrator.routing.write.cutting import cut, salvaged
from migrator.routing.write.style import Style


def options_of(site: RoutingSite, translation: Translation) -> dict[Span, bool]:
    """The options of a site, and whether they take another form or only go."""
    changing = {row.field.partition(".")[0].partition("[")[0] for row in translation.rows if row.becomes not in (None, REMOVED)}
    return {entry.span: entry.name in changing for entry in site.entries}


def comments_of(file: ParsedFile, site: RoutingSite) -> list[Span]:
    """Comments in and around the holder of a site."""
    near, regions = site.holder.span, file.module.regions
    comments: list[Span] = []
    for index in range(bisect_left(regions, near.start, key=lambda region: region.span.start), len(regions)):
        region = regions[index]
        if region.span.start > near.end:
            break
        if region.kind is RegionKind.COMMENT and region.span.end <= near.end:
            comments.append(region.span)
    return comments


def merged(site: RoutingSite, translation: Translation, file: ParsedFile) -> list[Edit]:
    """`body["provider"].update({…})` → `body["providerOptions"]["gateway"].update({…})`."""
    style, container = Style(site, file), site.write.container
    assert container is not None
    keywords = isinstance(site.holder, Call)
    pieces = [
        f"{name}={style.flat(value)}" if keywords else f"{style.key(name)}: {style.flat(value)}"
        for name, value in translation.gateway.items()
    ]
    siblings = site.holder.args if isinstance(site.holder, Call) else site.holder.items if isinstance(site.holder, Obj) else ()
    old = file.source.text[container.span.start : container.span.end]
    edits = cut(site.path, file.source.text, siblings, {entry.span for entry in site.entries}, pieces, style)
    edits = salvaged(edits, pieces, comments_of(file, site), options_of(site, translation), file.source.text, style)
    return edits and [Edit(path=site.path, span=container.span, old=old, new=_gateway_step(container, old)), *edits]


def stored(site: RoutingSite, holder: Assign | Call, translation: Translation, file: ParsedFile) -> list[Edit]:
    """`payload["provider"] = {…}` → `payload["providerOptions"] = {"gateway": {…}}`; a field of the provider object likewise."""
    entry = site.entries[0]
    text = file.source.text
    if entry.key is None or entry.name not in translation.removed:
        return []
    style = Style(site, file)
    lost = [comment for comment in comments_of(file, site) if entry.value.span.start <= comment.start < entry.value.span.end]
    if lost and (style.one_line or text[text.rfind("\n", 0, holder.span.start) + 1 : holder.span.start].strip()):
        return []
    style.several = "\n" in text[entry.value.span.start : entry.value.span.end]
    if site.write.inside:
        ((name, value),) = translation.gateway.items()
    else:
        name, value = "providerOptions", {"gateway": dict(translation.gateway)}
    edits = [Edit(path=site.path, span=entry.key, old=text[entry.key.start : entry.key.end], new=name)]
    container = site.write.container
    if container is not None:
        old = text[container.span.start : container.span.end]
        edits.append(Edit(path=site.path, span=container.span, old=old, new=_gateway_step(container, old)))
    given = next(iter(site.settings.options.values()))
    same = site.write.inside and isinstance(given, dict) and list(given.values()) == [value]
    if not same:
        span = entry.value.span
        written = style.write(value, style.indent, span.start - holder.span.start)
        edits.append(Edit(path=site.path, span=span, old=text[span.start : span.end], new=written))
        above = "".join(f"{text[comment.start : comment.end].rstrip()}{style.newline}{style.indent}" for comment in lost)
        start = Span(holder.span.start, holder.span.start)
        edits.append(Edit(path=site.path, span=start, old="", new=above))
    return [edit for edit in edits if edit.old != edit.new]


def _gateway_step(step: Step, old: str) -> str:
    """The key `provider` of a chain as the two keys that take its place."""
    quote = '"' if '"' in old else "'"
    match step.form:
        case Form.ATTRIBUTE:
            return "providerOptions.gateway"
        case Form.INDEX:
            return f"{quote}providerOptions{quote}][{quote}gateway{quote}"
        case Form.SETDEFAULT:
            rest = old.partition(",")[2]
            return f"{quote}providerOptions{quote},{rest}).setdefault({quote}gateway{quote},{rest}"
