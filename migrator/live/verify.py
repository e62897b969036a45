"""The same prompts to both gateways, one request each, and what differs.

Only prompt tokens are judged: the same text to the same model should count the same. Completions are not comparable even at
temperature 0, and cost is told, not judged, because the two gateways charge their margins differently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from migrator.live import catalogue, failures, http, keys, preflight
from migrator.live.catalogue import Listing
from migrator.live.result import Check, Request, Verdict, request
from migrator.model import MigratorError, ModelRow, Target
from migrator.records import dataclass, field
from migrator.text.regular import read_given

PROMPTS: tuple[tuple[str, str], ...] = (
    ("english", "Name the three primary colours, separated by commas, and nothing else."),
    (
        "code",
        "What does this print? Answer with the number only.\n\ndef f(n):\n    return n * f(n - 1) if n > 1 else 1\n\nprint(f(5))\n",
    ),
    ("scripts", "Translate into English, one line: Zażółć gęślą jaźń. 春眠不覚暁。 Съешь ещё этих мягких французских булок. 🌱🚀"),
)
MAX_TOKENS = 64
TOLERANCE_TOKENS = 5
TOLERANCE_SHARE = Decimal("0.02")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two gateways."""

    target: Target
    env_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a comparison is to do."""

    old: Side
    new: Side
    models: tuple[ModelRow, ...]
    prompts: tuple[tuple[str, str], ...] = PROMPTS
    """Name and text."""
    max_tokens: int = MAX_TOKENS
    max_cost: Decimal | None = None
    """US dollars; a higher cap, or one that cannot be known, stops the run before the first chat request."""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one request brought. Counts are None where the answer did not give them."""

    gateway: str
    request: Request | None
    """None: not sent."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost: str | None = None
    """US dollars as a decimal string."""
    cost_from: str | None = None
    """`answer` or `list price`."""
    finish: str | None = None
    answered_by: str | None = None
    """The answer's `model`."""
    served_by: str | None = None
    failure: str | None = None
    """One sentence, with its remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model and prompt on both sides."""

    model: str
    prompt: str
    digest: str
    """First 12 hex digits of the prompt's SHA-256: a record names its prompts without holding them."""
    old: Measure
    new: Measure
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A finished verification."""

    old: str
    new: str
    old_base: str
    new_base: str
    network: tuple[str, str]
    checks: tuple[Check, ...]
    rows: tuple[Row, ...]
    tolerance: str = f"{TOLERANCE_TOKENS} tokens or {int(TOLERANCE_SHARE * 100)} %"

    def passed(self) -> bool:
        """Did every check and every compared row hold, and was anything compared at all?"""
        verdicts = [*(check.verdict for check in self.checks), *(row.verdict for row in self.rows)]
        return Verdict.FAIL not in verdicts and any(row.verdict is Verdict.PASS for row in self.rows)


@dataclass(slots=True, kw_only=True)
class _Open:
    """A side during a run."""

    target: Target
    key: keys.Key
    session: http.Session
    listing: Listing
    stopped: str | None = field(default=None)
    """Why nothing more is sent to this side."""


def read_prompts(path: Path) -> tuple[tuple[str, str], ...]:
    """Prompts from a file: a JSON list of strings, or one prompt a line. Raises `MigratorError` with the file's name."""
    try:
        text = read_given(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MigratorError(f"--prompts {path}: cannot be read: {reason}.") from None
    if text.lstrip().startswith("["):
        try:
            prompts = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MigratorError(f"--prompts {path}: not JSON: {error}.") from None
        if not all(isinstance(prompt, str) and prompt.strip() for prompt in prompts):
            raise MigratorError(f"--prompts {path}: a list of non-empty strings is needed.")
    else:
        prompts = [line.strip() for line in text.splitlines() if line.strip()]
    if not prompts:
        raise MigratorError(f"--prompts {path}: there is no prompt in it.")
    return tuple((f"prompt {number}", prompt) for number, prompt in enumerate(prompts, 1))


def run(
    ask: Ask,
    environ: Mapping[str, str],
    say: Callable[[Check], None],
    consent: Callable[[str], bool],
    tell: Callable[[Row], None],
) -> Comparison:
    """Local checks, both lists of models, the cost cap, then two requests a row. Raises `MigratorError` as `preflight.run` does."""
    checks: list[Check] = []

    def note(side: Target) -> Callable[[Check], None]:
        def one(check: Check) -> None:
            named = Check(
                id=f"{side.name}:{check.id}",
                verdict=check.verdict,
                says=f"{side.title}: {check.says}",
                remedy=check.remedy,
                failure=check.failure,
                request=check.request,
            )
            checks.append(named)
            say(named)

        return one

    ways = [http.route(side.target.openai_base, ask.ca_file) for side in (ask.old, ask.new)]
    rows: list[Row] = []
    both = [(side, keys.find(side.target.key_env, side.env_file, environ)) for side in (ask.old, ask.new)]
    local = True
    for side, key in both:
        for check in preflight.local(side.target, key, side.env_file):
            note(side.target)(check)
            local = local and check.verdict is not Verdict.FAIL
    if local:
        _rows(ask, both, ways, note, checks, say, consent, rows, tell)
    return Comparison(
        old=ask.old.target.name,
        new=ask.new.target.name,
        old_base=ask.old.target.openai_base,
        new_base=ask.new.target.openai_base,
        network=(f"{ways[0].shown}; {ways[0].tls}", f"{ways[1].shown}; {ways[1].tls}; {http.LIMITS}"),
        checks=tuple(checks),
        rows=tuple(rows),
    )


def _rows(
    ask: Ask,
    both: list[tuple[Side, keys.Key | None]],
    ways: list[http.Route],
    note: Callable[[Target], Callable[[Check], None]],
    checks: list[Check],
    say: Callable[[Check], None],
    consent: Callable[[str], bool],
    rows: list[Row],
    tell: Callable[[Row], None],
) -> None:
    from contextlib import ExitStack

    def plain(check: Check) -> None:
        checks.append(check)
        say(check)

    with ExitStack() as stack:
        sides: list[_Open] = []
        for (side, key), way in zip(both, ways, strict=True):
            assert key is not None
            session = stack.enter_context(http.session(side.target.openai_base, way))
            listing = preflight.models(session, side.target, key, note(side.target))
            if listing is None:
                return
            sides.append(_Open(target=side.target, key=key, session=session, listing=listing))
        old, new = sides
        pairs: list[tuple[str, str]] = []
        for row in ask.models:
            ids = preflight.wanted(row, old.target), preflight.wanted(row, new.target)
            missing = [side.target.title for side, id_ in zip(sides, ids, strict=True) if id_ not in side.listing]
            if "embed" in row.id.lower():
                plain(Check(id=f"model:{row.id}", verdict=Verdict.SKIP, says=f"{row.id} is not compared: it is no chat model"))
            elif missing:
                says = f"{row.id} is not compared: not on the list of {' and '.join(missing)}"
                plain(
                    Check(id=f"model:{row.id}", verdict=Verdict.FAIL, says=says, remedy="see preflight", failure="model-not-listed")
                )
            else:
                pairs.append(ids)
        if not pairs:
            plain(Check(id="models", verdict=Verdict.FAIL, says="there is no model to compare", remedy="name one with --model"))
            return
        if not _agreed(ask, pairs, sides, plain, consent):
            return
        for pair in dict.fromkeys(pairs):
            for name, text in ask.prompts:
                left = _measure(old, pair[0], text, ask.max_tokens)
                right = _measure(new, pair[1], text, ask.max_tokens)
                verdict, because = judge(left, right, pair)
                digest = hashlib.sha256(text.encode()).hexdigest()[:12]
                row_ = Row(model=pair[1], prompt=name, digest=digest, old=left, new=right, verdict=verdict, because=because)
                rows.append(row_)
                tell(row_)


def _agreed(
    ask: Ask, pairs: list[tuple[str, str]], sides: list[_Open], plain: Callable[[Check], None], consent: Callable[[str], bool]
) -> bool:
    total: Decimal | None = Decimal(0)
    for pair in dict.fromkeys(pairs):
        for side, id_ in zip(sides, pair, strict=True):
            for _, text in ask.prompts:
                cap = catalogue.cost(side.listing.prices.get(id_), len(text.encode()) + 64, ask.max_tokens)
                total = None if cap is None or total is None else total + cap
    number = len(dict.fromkeys(pairs)) * len(ask.prompts) * 2
    says = f"next: {number} requests, at most {ask.max_tokens} completion tokens each, cost at most {catalogue.dollars(total)}"
    plain(Check(id="cost", verdict=Verdict.NOTE, says=says))
    if ask.max_cost is not None and (total is None or total > ask.max_cost):
        remedy = "raise --max-cost, or compare fewer models (--model) or prompts (--prompts)"
        over = f"that is over --max-cost {catalogue.dollars(ask.max_cost)}, or cannot be known; nothing was sent"
        plain(Check(id="cost", verdict=Verdict.FAIL, says=over, remedy=remedy, failure="max-cost"))
        return False
    if not consent(f"Send {number} requests, costing at most {catalogue.dollars(total)}?"):
        plain(Check(id="cost", verdict=Verdict.SKIP, says="not sent: not confirmed"))
        return False
    return True


def _measure(side: _Open, model: str, text: str, max_tokens: int) -> Measure:
    if side.stopped is not None:
        return Measure(gateway=side.target.name, request=None, failure=f"not sent: {side.stopped}")
    body = {
        "model": model,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": False,
    }
    reply = http.send(side.session, "POST", f"{side.target.openai_base}/chat/completions", side.key.value, body)
    document = reply.document() if reply.status == 200 else None
    document = document if isinstance(document, dict) else {}
    lacks = None if isinstance(document.get("choices"), list) and document["choices"] else 'a "choices" list'
    failure = failures.failure(reply, side.target, side.key, side.session.route, model=model, lacks=lacks)
    if failure is not None:
        if reply.status in (401, 402, 429) or reply.status is None:
            side.stopped = f"an earlier request failed ({failure.id})"
        return Measure(gateway=side.target.name, request=request(reply), failure=f"{failure.says}. {failure.remedy}")
    return _read(side, model, reply, document)


def _read(side: _Open, model: str, reply: http.Reply, document: Mapping[str, Any]) -> Measure:
    usage = document.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    choice = document["choices"][0]
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    cost: Decimal | None = None
    cost_from = None
    if isinstance(given := usage.get("cost"), int | float | str) and not isinstance(given, bool):
        try:
            cost, cost_from = Decimal(str(given)), "answer"
        except ArithmeticError:
            cost = None
    if cost is None and prompt is not None and completion is not None:
        cost = catalogue.cost(side.listing.prices.get(model), prompt, completion)
        cost_from = None if cost is None else "list price"
    served = preflight.served(document)

    def shown(value: object) -> str | None:
        return keys.scrub(str(value), (side.key.value,), 80) if isinstance(value, str) else None

    return Measure(
        gateway=side.target.name,
        request=request(reply),
        prompt_tokens=prompt,
        completion_tokens=completion,
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        cost=None if cost is None else f"{cost:f}",
        cost_from=cost_from,
        finish=shown(choice.get("finish_reason")) if isinstance(choice, dict) else None,
        answered_by=shown(document.get("model")),
        served_by=shown(served),
    )


def _count(holder: Any, name: str) -> int | None:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def tolerance(tokens: int) -> int:
    """How far the new count may be from the old one: max(5 tokens, 2 %)."""
    return max(TOLERANCE_TOKENS, int(tokens * TOLERANCE_SHARE))


def judge(old: Measure, new: Measure, asked: tuple[str, str]) -> tuple[Verdict, str]:
    """The verdict on one row and the reasons that can be told from the two answers."""
    if old.failure or new.failure:
        return Verdict.FAIL, " / ".join(f"{side.gateway}: {side.failure}" for side in (old, new) if side.failure)
    remarks = [
        f"{side.gateway} answered with {side.answered_by} (a fallback, an alias or another version)"
        for side, id_ in zip((old, new), asked, strict=True)
        if side.answered_by is not None and side.answered_by != id_
    ]
    if old.prompt_tokens is None or new.prompt_tokens is None:
        silent = " and ".join(side.gateway for side in (old, new) if side.prompt_tokens is None)
        return Verdict.NOTE, "; ".join([f"cannot be judged: no usage in the answer of {silent}", *remarks])
    apart = abs(old.prompt_tokens - new.prompt_tokens)
    if old.served_by and new.served_by and old.served_by.lower() != new.served_by.lower():
        remarks.append("other provider, whose tokeniser or framing may differ")
    if (old.cached_tokens or 0) != (new.cached_tokens or 0):
        remarks.append("other share of cached prompt tokens")
    if (old.reasoning_tokens is None) != (new.reasoning_tokens is None) or (
        old.reasoning_tokens is not None and old.reasoning_tokens != new.reasoning_tokens
    ):
        remarks.append("reasoning tokens are counted or spent differently")
    if apart > tolerance(old.prompt_tokens):
        why = remarks or ["a hidden addition to the prompt, or another tokeniser or model version behind the same id"]
        return Verdict.FAIL, "; ".join([f"prompt tokens are {apart} apart, more than {tolerance(old.prompt_tokens)}", *why])
    exact = "prompt tokens are equal" if apart == 0 else f"prompt tokens are {apart} apart, within {tolerance(old.prompt_tokens)}"
    return Verdict.PASS, "; ".join([exact, *remarks])
