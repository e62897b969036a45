"""W1 to W4 and W6: what the requests must be. W5 is in `told`.

A law is a function from the evidence of one application to the violations it sees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.proof.examine import FOREIGN, Evidence
from tests.proof.expect import Fate, fate
from tests.proof.gateways import NEW, OLD, Request
from tests.proof.grammar import Call
from tests.proof.parts import tag
from tests.proof.runners import Result

KEYS = {"old key": "sk-or-v1-", "new key": "mg_live_", "foreign key": r"sk-proj-|sk-ant-"}
_VOLATILE = re.compile(
    r"host|authorization|x-api-key|user-agent|content-length|accept.*|connection|sec-fetch-mode|x-stainless-.*|priority"
)
_TAG = re.compile(r"call-\d+-\d+")


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that does not hold."""

    law: str
    environment: str
    kind: str
    """What kind of violation it is, the same for applications that differ only in names."""
    detail: str = ""

    @property
    def signature(self) -> str:
        """Law and kind."""
        return f"{self.law} {self.kind}"


def side(request: Request) -> str:
    """Which gateway a request went to."""
    return {OLD: "OpenRouter", NEW: "the target"}.get(request.host, "a third host")


def text_of(request: Request) -> str:
    """All that a request carries, as one text."""
    return json.dumps([request.path, request.headers, request.body])


def keys_in(request: Request) -> set[str]:
    """The kinds of keys in a request."""
    return {kind for kind, pattern in KEYS.items() if re.search(pattern, text_of(request))}


def foreign_in(request: Request) -> list[str]:
    """The variables of other vendors whose keys are in a request."""
    return [name for name, value in FOREIGN.items() if value in text_of(request)]


def by_tag(results: Sequence[Result]) -> dict[str, list[Request]]:
    """Requests by the connection that sent them."""
    tagged: dict[str, list[Request]] = {}
    for result in results:
        for request in result.requests:
            match = _TAG.search(text_of(request))
            tagged.setdefault(match[0] if match else "", []).append(request)
    return tagged


def calls_of(evidence: Evidence) -> Iterator[tuple[str, Call]]:
    """Each connection with its tag."""
    for script, calls in enumerate(evidence.program.scripts):
        for number, call in enumerate(calls):
            yield tag(script, number), call


def no_key_to_a_stranger(evidence: Evidence) -> Iterator[Violation]:
    """W1."""
    told = json.dumps(evidence.migration.report)
    hosts: dict[str, set[str]] = {}
    known: dict[str, set[str]] = {}
    for phase in ("foreign-bare", "foreign-only", "foreign-old"):
        for label, sent in by_tag(evidence.before.get(phase, ())).items():
            hosts.setdefault(label, set()).update(request.host for request in sent if phase != "foreign-old")
            known.setdefault(label, set()).update(*(foreign_in(request) for request in sent if side(request) == "OpenRouter"))
    for label, sent in by_tag(evidence.before["old"]).items():  # whom the program gives OpenRouter's key itself
        hosts.setdefault(label, set()).update(request.host for request in sent if side(request) == "a third host")
    for environment, results in evidence.after.items():
        for label, requests in by_tag(results).items():
            for request in requests:
                place, keys = side(request), keys_in(request)
                elsewhere = {"new key"} if request.host in hosts.get(label, ()) else {"old key", "new key"}
                wrong = keys & {"OpenRouter": {"new key"}, "the target": {"old key"}}.get(place, elsewhere)
                for kind in sorted(wrong):
                    yield Violation(
                        "W1", environment, f"{kind} to {place}", f"{label}: {request.method} {request.host}{request.path}"
                    )
                if place == "the target" and (new := set(foreign_in(request)) - known.get(label, set())):
                    yield Violation(
                        "W1", environment, "a foreign key that never went to OpenRouter to the target", f"{label}: {sorted(new)}"
                    )
                elif place == "the target" and (untold := [name for name in foreign_in(request) if name not in told]):
                    yield Violation(
                        "W1", environment, "a foreign key to the target and the report does not say so", f"{label}: {untold}"
                    )
                if environment == "new" and not keys and label:
                    yield Violation("W1", environment, f"a request without a key to {place}", label)


def headers_of(request: Request) -> dict[str, str]:
    """Headers that mean something."""
    return {name: value for name, value in request.headers.items() if not _VOLATILE.fullmatch(name)}


def same_requests(evidence: Evidence) -> Iterator[Violation]:
    """W2 and W3: in `told` and `new` the same requests, apart from host, key and the routing that is reported as written."""
    before = by_tag(evidence.before["old"])
    for environment in ("told", "new"):
        if environment not in evidence.after:
            continue
        after = by_tag(evidence.after[environment])
        for label in sorted(before.keys() | after.keys()):
            old, new = before.get(label, []), after.get(label, [])
            law = "W3" if all(side(request) == "OpenRouter" for request in new) else "W2"
            if len(old) != len(new):
                output = " | ".join(
                    result.output.strip().splitlines()[-1] for result in evidence.after[environment] if result.output.strip()
                )
                yield Violation(
                    law,
                    environment,
                    "a request is not sent" if len(old) > len(new) else "a request too many",
                    f"{label}: {output}"[:300],
                )
            for was, now in zip(old, new, strict=False):
                yield from (
                    Violation(law, environment, kind, f"{label}: {detail}") for kind, detail in differences(was, now, evidence)
                )


def differences(was: Request, now: Request, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What differs between two requests, though it should not."""
    if (was.method, was.path) != (now.method, now.path):
        yield "another method or path", f"{was.method} {was.path} became {now.method} {now.path}"
    if headers_of(was) != headers_of(now):
        yield "other headers", f"{headers_of(was)} became {headers_of(now)}"
    if side(now) == "OpenRouter":
        if "new key" in keys_in(now):
            return  # W1 says so
        if was.body != now.body:
            yield "another body", f"{was.body} became {now.body}"
        for name in ("authorization", "x-api-key"):
            if was.headers.get(name) != now.headers.get(name):
                yield "another key", f"{was.headers.get(name)} became {now.headers.get(name)}"
        return
    if side(now) == "a third host" and (was.host, was.headers.get("authorization")) != (now.host, now.headers.get("authorization")):
        yield "another vendor's request changed", f"{was.host} became {now.host}"
    old, new = (dict(body) if isinstance(body, dict) else {"": body} for body in (was.body, now.body))
    rules, kept, written = old.pop("provider", {}), new.pop("provider", {}), new.pop("providerOptions", {}).get("gateway", {})
    if old != new:
        yield "another body", f"{old} became {new}"
    yield from routing(rules, kept, written, evidence.migration.report["routing"])


def routing(
    rules: dict[str, Any], kept: dict[str, Any], written: dict[str, Any], rows: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """What became of the routing rules of a request, against what the report says."""
    for name, value in rules.items():
        fitting = [row for row in rows if row["field"].removeprefix("provider.") == name and row["value"] == json.dumps(value)]
        if not fitting:
            yield "a routing rule that the report does not name", f"{name}: {value}"
        elif name in kept and all(row.get("written", row["status"] == "translated") for row in fitting):
            yield "a routing rule called written that is not", f"{name}: {value}, written {written}"
        elif name not in kept and not any(_becomes(row, written) for row in fitting):
            yield (
                "a routing rule that is not what the report says",
                f"{name}: {[row['becomes'] for row in fitting]}, written {written}",
            )
    if extra := kept.keys() - rules.keys():
        yield "a routing rule too many", f"{sorted(extra)}"


def _becomes(row: dict[str, Any], written: dict[str, Any]) -> bool:
    """Whether a request carries what a row of the report says that a routing rule becomes."""
    field, separator, becomes = (row["becomes"] or "").partition(": ")
    if row["status"] != "translated" or not separator:
        return True
    return bool(json.dumps(written.get(field)) == becomes)


def what_can_move_moves(evidence: Evidence) -> Iterator[Violation]:
    """W4, and its opposite: what only OpenRouter has stays there."""
    after = by_tag(evidence.after.get("new", ()))
    wanted = [label for label, call in calls_of(evidence) if fate(evidence.program, call) is Fate.MOVES]
    stayed = [
        label for label in wanted if not evidence.after or any(side(request) == "OpenRouter" for request in after.get(label, ()))
    ]
    if not evidence.migration.changed and wanted:
        yield Violation("W4", "-", "nothing moved", why(evidence))
    elif stayed:
        yield Violation("W4", "new", "a connection stayed that can move", f"{', '.join(stayed)}; {why(evidence)}")
    for label, call in calls_of(evidence):
        if fate(evidence.program, call) is Fate.STAYS and any(side(request) == "the target" for request in after.get(label, ())):
            yield Violation("W3", "new", "moved though only OpenRouter has the endpoint", f"{label}: {call.endpoint}")


def why(evidence: Evidence) -> str:
    """The reasons that the report gives for what it does not do."""
    rows = [row["because"] for row in evidence.migration.report["connections"] if row["decision"] != "rewrite"]
    return "; ".join(dict.fromkeys(rows))[:400] or "the report lists no connection that stays"


def undone(evidence: Evidence) -> Iterator[Violation]:
    """W6: the same bytes, so the same requests."""
    migration = evidence.migration
    if migration.restored != migration.before:
        paths = [
            path
            for path in migration.before.keys() | migration.restored.keys()
            if migration.before.get(path) != migration.restored.get(path)
        ]
        yield Violation("W6", "-", "undo leaves other bytes", ", ".join(sorted(paths)))


WIRE_LAWS: Sequence[Callable[[Evidence], Iterator[Violation]]] = (no_key_to_a_stranger, same_requests, what_can_move_moves, undone)
