"""What a program sent before and after the migration, request by request: what differs, and whether the plan says so.

Requests are paired by what they ask for: method and path below the gateway's base. A difference is planned where the plan changes it (the host
of a connection that moves, the key that follows it, a routing row that is written) or names it in one of its sentences. Keys are told by
the variable whose value they are; the values were made for this comparison.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from migrator.live.recorder import Request
from migrator.model import Plan, Target
from migrator.patterns import regex
from migrator.records import dataclass

_NOISE = regex(
    r"^(?:host|authorization|x-api-key|content-length|user-agent|accept-encoding|connection|date|traceparent|tracestate|baggage|sentry-trace"
    r"|x-stainless-.*|x-request-id|idempotency-key|transfer-encoding|proxy-connection|keep-alive|sec-fetch-mode)$"
)
"""Headers that say nothing about what is asked, or that are told as the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as before."""

    what: str
    """`host`, `key`, `header`, `body`, `request`, `exit`."""
    text: str
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A request before and the same after; one of them is missing where there is no other."""

    title: str
    before: Request | None
    after: Request | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the comparison knows."""

    plan: Plan
    old: Target
    keys: Mapping[str, str]
    """Value to the variable it was given to."""
    old_keys: frozenset[str]
    """Values that OpenRouter would take."""
    new_keys: frozenset[str]
    """Values that the target would take."""


def compare(before: Sequence[Request], after: Sequence[Request], expected: Expected) -> list[Pair]:
    """Pairs in the order of the requests before; what came in addition stands at the end."""
    left = list(after)
    pairs: list[Pair] = []
    for request in before:
        same = [other for other in left if _asked(other, expected) == _asked(request, expected)]
        partner = min(same, key=lambda other: (other.body != request.body, left.index(other)), default=None)
        if partner is None:
            gone = Difference(what="request", text="was sent before and is not sent any more", planned=False)
            pairs.append(Pair(title=_title(request, expected), before=request, after=None, differences=(gone,)))
            continue
        left.remove(partner)
        differences = tuple(_differences(request, partner, expected))
        pairs.append(Pair(title=_title(request, expected), before=request, after=partner, differences=differences))
    for request in left:
        more = Difference(what="request", text="was not sent before", planned=False)
        pairs.append(
            Pair(title=_title(request, expected), before=None, after=request, differences=(more, *_stranger(request, expected)))
        )
    return pairs


def _asked(request: Request, expected: Expected) -> tuple[str, str, str]:
    """Method, whose API, and path below its base."""
    for gateway in (expected.old, expected.plan.target):
        for base in (gateway.openai_base, gateway.anthropic_base):
            split = urlsplit(base or "")
            if request.host == split.hostname:
                path = request.path.removeprefix(split.path) if request.path.startswith(split.path) else request.path
                return request.method, "gateway", re.sub(r"^/v1(?=/)", "", path)
    return request.method, request.host, request.path


def _title(request: Request, expected: Expected) -> str:
    method, owner, path = _asked(request, expected)
    return f"{method} {path.partition('?')[0]}" if owner == "gateway" else f"{method} {owner}{path.partition('?')[0]}"


def _differences(before: Request, after: Request, expected: Expected) -> Iterator[Difference]:
    moved = _is(before, expected.old) and _is(after, expected.plan.target)
    if before.host != after.host:
        yield Difference(what="host", text=f"{before.host} -> {after.host}", planned=moved)
    yield from _keys(before, after, expected, moved=moved)
    yield from _headers(before, after, expected)
    yield from _bodies(before, after, expected)


def _is(request: Request, gateway: Target) -> bool:
    return request.host in {urlsplit(base).hostname for base in (gateway.openai_base, gateway.anthropic_base) if base}


def key_of(request: Request) -> str:
    """The key that a request carries; empty where there is none."""
    bearer = request.headers.get("authorization", "")
    scheme, _, rest = bearer.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else bearer or request.headers.get("x-api-key", "")


def _keys(before: Request, after: Request, expected: Expected, *, moved: bool) -> Iterator[Difference]:
    yield from _stranger(after, expected)
    was, now = key_of(before), key_of(after)
    if was == now:
        return
    text = f"{_named(was, expected)} -> {_named(now, expected)}"
    yield Difference(what="key", text=text, planned=moved and now in expected.new_keys and (was in expected.old_keys or not was))


def _stranger(request: Request, expected: Expected) -> Iterator[Difference]:
    """A key of one gateway at another host: never planned."""
    key = key_of(request)
    if key in expected.old_keys and not _is(request, expected.old):
        yield Difference(what="key", text=f"OpenRouter's key is sent to {request.host}", planned=False)
    if key in expected.new_keys and not _is(request, expected.plan.target):
        yield Difference(what="key", text=f"the target's key is sent to {request.host}", planned=False)


def _named(key: str, expected: Expected) -> str:
    return expected.keys.get(key, "another key") if key else "no key"


def _headers(before: Request, after: Request, expected: Expected) -> Iterator[Difference]:
    names = sorted(name for name in before.headers.keys() | after.headers.keys() if not _NOISE.match(name))
    for name in names:
        was, now = before.headers.get(name), after.headers.get(name)
        if was == now or (name == "content-type" and _without_boundary(was) == _without_boundary(now)):
            continue
        text = f"{name}: lost" if now is None else f"{name}: new" if was is None else f"{name}: another value"
        yield Difference(what="header", text=text, planned=_is_named(name, expected.plan))


def _without_boundary(value: str | None) -> str | None:
    return value and value.partition(";")[0]


def _bodies(before: Request, after: Request, expected: Expected) -> Iterator[Difference]:
    if before.body == after.body:
        return
    was, now = _json(before.body), _json(after.body)
    if was is None or now is None:
        yield Difference(what="body", text="other bytes", planned=False)
        return
    for path, text in _unequal(was, now, ""):
        yield Difference(what="body", text=text, planned=_is_planned_field(path, expected.plan))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return None


def _unequal(was: Any, now: Any, path: str) -> Iterator[tuple[str, str]]:
    """Paths of two JSON values that differ, each with a sentence; objects are entered, anything else is compared whole."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*was, *(name for name in now if name not in was)]:
            inner = f"{path}.{name}" if path else name
            if name not in now:
                yield inner, f"{inner}: lost (was {_short(was[name])})"
            elif name not in was:
                yield inner, f"{inner}: new ({_short(now[name])})"
            else:
                yield from _unequal(was[name], now[name], inner)
    elif was != now or type(was) is not type(now):
        yield path, f"{path or 'body'}: {_short(was)} -> {_short(now)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_planned_field(path: str, plan: Plan) -> bool:
    """Does a row that is written, or a sentence of the plan, speak of this field of the body?"""
    root = path.partition(".")[0]
    written = [row for row in plan.routing if row.written]
    fields = {row.field.partition(".")[0].partition("[")[0] for row in written}
    if root in fields or (root == "providerOptions" and written):
        return True
    if root == "model":
        return bool(plan.models) and _is_named("model", plan)
    return _is_named(root, plan)


def _is_named(word: str, plan: Plan) -> bool:
    pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
    sentences = [text for finding in plan.findings for text in (finding.message, finding.because)]
    sentences += [text for row in plan.todo for text in (row.title, row.detail, row.because)]
    sentences += [
        f"{row.field} {row.becomes or ''} {row.note}" for row in plan.routing if row.written or row.status == "no-equivalent"
    ]
    return any(pattern.search(text) for text in sentences)
