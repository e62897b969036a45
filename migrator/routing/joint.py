"""Several statements that fill one object: each is translated by itself, if that comes to the same as translating the whole.

Nothing is assumed about how options combine. Every way through the statements is played twice, with the old statements and with the
new ones, and what the new ones leave must be the translation of what the old ones leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import combinations

from migrator.model import Target
from migrator.records import dataclass, replace
from migrator.routing.find.site import RoutingSite, Write
from migrator.routing.find.stores import How
from migrator.routing.model import Row, Settings, Status, Translation, Unknown, Value
from migrator.routing.translate import translate

_MOST = 7
"""Statements that depend on a condition; more would be too many ways."""

Body = dict[str, Value]


class _Missing(Exception):  # noqa: N818
    """A statement writes into a provider object that is not there."""


@dataclass(frozen=True, slots=True)
class Joint:
    """How one of several statements is written."""

    translation: Translation
    empty: bool
    """True: the gateway's object is made even where there is nothing in it yet, because a later statement writes into it."""


def joint(sites: Sequence[RoutingSite], target: Target) -> tuple[Joint, ...] | None:
    """How each of several sites of one object is written; None where they cannot be written one by one."""
    writes = [_Played(each.write, dict(each.settings.options), _alone(each.settings, target)) for each in sites]
    if any(played.write.inside for played in writes) and any(_is_unseen(played) for played in writes):
        return None
    inside = any(played.write.inside and not played.write.creates for played in writes)
    writes = [replace(played, empty=inside and "provider" in played.options and not played.write.inside) for played in writes]
    for way in _ways(writes):
        try:
            old = _play(way, new=False)
        except _Missing:
            continue  # the program fails there today
        try:
            new = _play(way, new=True)
        except _Missing:
            return None
        if not _same(old, new, target):
            return None
    together = _together(writes, target)
    return tuple(_of(written, together) for written in writes)


def _is_unseen(played: _Played) -> bool:
    """Is the provider object one that is not written here? What a later statement puts into it cannot be played."""
    return isinstance(played.options.get("provider"), Unknown)


def _of(written: _Played, together: Translation) -> Joint:
    rows = tuple(
        replace(row, becomes="gateway: {}", note="an empty object that is filled later")
        if written.empty and row.field == "provider"
        else _told(row, together)
        for row in written.translation.rows
    )
    return Joint(replace(written.translation, rows=rows), written.empty)


def writes_inside(write: Write, translation: Translation) -> bool:
    """Can the new fields stand where the old ones stand? A statement that stores one field stores one; `update` takes any number."""
    return "provider" in translation.removed and (len(translation.gateway) == 1 or write.several)


@dataclass(frozen=True, slots=True)
class _Played:
    write: Write
    options: Body
    translation: Translation
    empty: bool = False


def _alone(settings: Settings, target: Target) -> Translation:
    return translate(Settings(model=Unknown("given elsewhere"), options=settings.options), target)


def _ways(writes: Sequence[_Played]) -> Iterator[list[_Played]]:
    """The sequences in which the statements may run: one of those that make the object, and any choice of the others."""
    makers = [at for at, played in enumerate(writes) if played.write.how is How.MAKE and not played.write.inside]
    others = [at for at in range(len(writes)) if at not in makers]
    if len(others) > _MOST:
        yield [*writes, _Played(Write(inside=True), {"*": None}, Translation())]  # never the same: too many to play
        return
    for count in range(len(others) + 1):
        for chosen in combinations(others, count):
            for first in makers or [-1]:
                yield [writes[at] for at in sorted({*chosen, first} - {-1})]


def _play(way: Sequence[_Played], *, new: bool) -> Body:
    """The object after some statements, in the old dialect or in the new one."""
    body: Body = {}
    for played in way:
        if played.write.inside:
            _play_inside(body, played, new=new)
        else:
            entries = _entries(played) if new else deepcopy(played.options)
            if played.write.how is How.MAKE:
                body = entries
            else:
                for key, value in entries.items():
                    if played.write.how is How.MERGE or key not in body:
                        body[key] = value
    return body


def _entries(played: _Played) -> Body:
    """The options of a statement as it will be written."""
    sent = played.translation
    body: Body = {name: deepcopy(value) for name, value in played.options.items() if name not in sent.removed}
    provider = body.get("provider")
    if sent.cut and isinstance(provider, dict):
        body["provider"] = {name: value for name, value in provider.items() if name not in sent.cut}
    body.update(deepcopy(dict(sent.body)))
    if sent.gateway or played.empty:
        body["providerOptions"] = {"gateway": deepcopy(dict(sent.gateway))}
    return body


def _play_inside(body: Body, played: _Played, *, new: bool) -> None:
    provider = played.options.get("provider")
    fields = dict(played.translation.gateway) if new else provider
    sent = played.translation
    if not isinstance(fields, dict) or (new and (sent.body or sent.cut or not writes_inside(played.write, sent))):
        raise _Missing
    if new:
        if played.write.creates:
            body.setdefault("providerOptions", {})
        options = body.get("providerOptions")
        if not isinstance(options, dict):
            raise _Missing
        if played.write.creates:
            options.setdefault("gateway", {})
        held = options.get("gateway")
    else:
        if played.write.creates:
            body.setdefault("provider", {})
        held = body.get("provider")
    if not isinstance(held, dict):
        raise _Missing
    for key, value in fields.items():
        if played.write.how is not How.DEFAULT or key not in held:
            held[key] = deepcopy(value)


def _same(old: Body, new: Body, target: Target) -> bool:
    """Is the new object the translation of the old one? An empty provider object asks for nothing."""
    wanted = _entries(_Played(Write(), old, translate(Settings(model=Unknown("given elsewhere"), options=old), target)))
    return _plain(wanted) == _plain(new)


def _plain(body: Body) -> Body:
    options = body.get("providerOptions")
    empty = isinstance(options, dict) and options.get("gateway") == {}
    return {key: value for key, value in body.items() if not (key == "providerOptions" and empty)}


def _together(writes: Sequence[_Played], target: Target) -> Translation:
    """The translation of everything that may be asked for at once."""
    options: Body = {}
    for played in writes:
        for name, value in played.options.items():
            held = options.get(name)
            options[name] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    return translate(Settings(model=Unknown("given elsewhere"), options=options), target)


def _told(row: Row, together: Translation) -> Row:
    """A row with what is said of it when everything is asked for at once."""
    same = [other for other in together.rows if other.field == row.field]
    if len(same) != 1:
        return row
    if same[0].status is Status.UNKNOWN is not row.status:
        return replace(row, status=same[0].status, risk=same[0].risk, note=_BESIDE_UNSEEN)
    return replace(row, status=same[0].status, risk=same[0].risk, note=same[0].note)


_BESIDE_UNSEEN = "it may have another value too, which is not visible here: map all of them by hand"
"""A value that is known, of an option whose other values are not."""
