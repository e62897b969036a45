"""Does the key work, and can every model the code names be called? First what needs no network, then one request a line.

A stage that fails ends the check: what follows could only repeat the same failure at somebody's cost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from migrator.catalog import targets
from migrator.live import catalogue, failures, features, http, keys
from migrator.live.catalogue import Listing
from migrator.live.features import Probe
from migrator.live.result import Check, Report, Verdict, request
from migrator.model import ModelRow, Target
from migrator.patterns import regex
from migrator.records import dataclass, field

_VERSIONED = regex(r"/v\d+[a-z0-9]*$")
_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a preflight is to do."""

    target: Target
    models: tuple[ModelRow, ...] = ()
    """The inventory."""
    probe: bool = False
    features: frozenset[str] = frozenset()
    """Features to try, one request each; empty: none."""
    routing: Mapping[str, object] = field(default_factory=dict)
    """Routing options to send with the feature `routing`."""
    model: str | None = None
    """The model to probe with; None: the one the code names most often among those on the list."""
    env_file: Path | None = None
    ca_file: Path | None = None


def wanted(row: ModelRow, target: Target) -> str:
    """The id that the code sends to this gateway: without the prefix that only LiteLLM and its like read."""
    if row.status == "prefixed" and row.id.startswith("openrouter/"):
        return row.id.removeprefix("openrouter/")
    base, _, variant = row.id.rpartition(":")
    if target.name == "openrouter" and variant in catalogue.ROUTING_VARIANTS:
        return base
    return row.id


def run(
    ask: Ask,
    environ: Mapping[str, str],
    say: Callable[[Check], None],
    consent: Callable[[str], bool],
) -> Report:
    """Checks in order, each handed to `say` as it happens. `consent` is asked once, with the cost cap, before money is spent.

    Raises `MigratorError` where the env file, the CA file or the proxy's URL cannot be used.
    """
    target = ask.target
    key = keys.find(target.key_env, ask.env_file, environ)
    way = http.route(target.openai_base, ask.ca_file)
    made: list[Check] = []

    def tell(check: Check) -> None:
        made.append(check)
        say(check)

    _stages(ask, key, way, tell, consent)
    return Report(
        gateway=target.name,
        base_url=target.openai_base,
        key=head_key(target, ask.env_file, key),
        network=f"{way.shown}; {way.tls}; {http.LIMITS}",
        checks=tuple(made),
    )


def head_key(target: Target, env_file: Path | None, key: keys.Key | None) -> str:
    """The key as the head of a report names it."""
    shown = "not set" if key is None else keys.mask(key.value)
    return f"{target.key_env} from {keys.place(env_file)}: {shown}"


def local(target: Target, key: keys.Key | None, env_file: Path | None) -> list[Check]:
    """What can be told without a request."""
    checks: list[Check] = []
    trouble = keys.trouble(key, target)
    if trouble == "key-placeholder" and key is not None and keys.plausible(key, target) and _loopback(target):
        # a made-up key is all that a rehearsal needs
        says = f"{key.variable} holds a made-up key ({keys.mask(key.value)}): good for a rehearsal, for nothing else"
        checks.append(Check(id="key", verdict=Verdict.NOTE, says=says))
    elif trouble is not None:
        failure = failures.local(trouble, target, target.key_env, keys.place(env_file), key)
        checks.append(Check(id="key", verdict=Verdict.FAIL, says=failure.says, remedy=failure.remedy, failure=failure.id))
    elif key is not None:
        checks.append(_shape(key, target))
    checks.append(_base(target))
    return checks


def _shape(key: keys.Key, target: Target) -> Check:
    if keys.sandbox(key, target):
        return Check(
            id="key",
            verdict=Verdict.NOTE,
            says=f"{key.variable} holds a sandbox key ({keys.shape(key.value)}): it reaches no model and"
            " proves nothing about models",
            remedy=f"run it again with a live key ({target.key_example})",
        )
    if not keys.plausible(key, target):
        return Check(
            id="key",
            verdict=Verdict.NOTE,
            says=f"{key.variable} does not begin like a key of {target.title} ({', '.join(target.key_prefixes)})",
            remedy="check that it is the key for this gateway",
        )
    return Check(id="key", verdict=Verdict.PASS, says=f"{key.variable} is set and has the right shape ({keys.mask(key.value)})")


def _loopback(target: Target) -> bool:
    return targets.is_loopback(urlsplit(target.openai_base).hostname or "")


def _base(target: Target) -> Check:
    base = target.openai_base
    parts = urlsplit(base)
    for mistake in targets.mistakes(target.name):
        if base == mistake.base:
            return Check(
                id="base-url", verdict=Verdict.NOTE, says=f"{base} is a common mistake: {mistake.why}", remedy="see --base-url"
            )
    if parts.scheme != "https" and not targets.is_loopback(parts.hostname or ""):
        return Check(
            id="base-url", verdict=Verdict.FAIL, says=f"{base} is not https; nothing was sent", remedy="use https", failure="http"
        )
    if target.anthropic_base == base:
        return Check(
            id="base-url",
            verdict=Verdict.FAIL,
            says=f"{base} is the base for Anthropic's SDK, not for OpenAI clients; nothing was sent",
            remedy=f"OpenAI clients expect {base}/v1",
            failure="wrong-base",
        )
    if not _VERSIONED.search(parts.path):
        return Check(
            id="base-url",
            verdict=Verdict.NOTE,
            says=f"{base} does not end at a version segment such as /v1; OpenAI clients append /chat/completions to it as it is",
            remedy="leave it if the gateway documents it so",
        )
    where = "loopback, plain http" if parts.scheme == "http" else "https"
    return Check(id="base-url", verdict=Verdict.PASS, says=f"{base} ({where}) ends where OpenAI clients expect")


def _stages(ask: Ask, key: keys.Key | None, way: http.Route, tell: Callable[[Check], None], consent: Callable[[str], bool]) -> None:
    target = ask.target
    before = local(target, key, ask.env_file)
    for check in before:
        tell(check)
    if key is None or any(check.verdict is Verdict.FAIL for check in before):
        tell(Check(id="models", verdict=Verdict.SKIP, says="nothing was sent: the local part failed"))
        return
    with http.session(target.openai_base, way) as open_:
        listing = models(open_, target, key, tell)
        if listing is None:
            return
        for check in against(ask.models, ask.model, listing, target):
            tell(check)
        if not ask.probe and not ask.features:
            tell(
                Check(
                    id="probe:chat",
                    verdict=Verdict.SKIP,
                    says="no chat request was sent; some gateways list models without a key, so the list alone proves no key",
                    remedy="--probe sends one minimal chat request",
                )
            )
            return
        _probes(ask, open_, key, listing, tell, consent)


def models(open_: http.Session, target: Target, key: keys.Key, tell: Callable[[Check], None]) -> Listing | None:
    """`GET /models`, one line a page; None where it failed. A next page on another host is not followed."""
    url = f"{target.openai_base}/models"
    listing: Listing | None = None
    for page in range(1, _PAGES + 1):
        reply = http.send(open_, "GET", url, key.value)
        more, following = catalogue.parse(reply.document()) if reply.status == 200 else (None, None)
        failure = failures.failure(reply, target, key, open_.route, lacks=None if more is not None else "a list of models")
        if failure is not None or more is None:
            assert failure is not None
            tell(_failed("models", failure, reply))
            return None
        listing = more if listing is None else catalogue.merge(listing, more)
        count = f"{len(more)} models" if page == 1 else f"page {page}, {len(more)} more"
        tell(Check(id="models", verdict=Verdict.PASS, says=count, request=request(reply)))
        if following is None:
            break
        url = urljoin(url, following)
        if http.origin(url) != open_.origin:
            tell(
                Check(
                    id="models",
                    verdict=Verdict.NOTE,
                    says=f"the next page of the list is on another host ({urlsplit(url).netloc}) and was not fetched",
                )
            )
            break
    return listing


def against(rows: Sequence[ModelRow], named: str | None, listing: Listing, target: Target) -> list[Check]:
    """Every model of the inventory against the list; no request. Nothing is ever substituted."""
    if not rows and named is None:
        return [Check(id="model", verdict=Verdict.NOTE, says="the code names no model id literally; none was checked")]
    checks: list[Check] = []
    if not rows or all(wanted(row, target) != named for row in rows):
        rows = [*rows, *([] if named is None else [ModelRow(id=named, locations=(), status="same", note="")])]
    for row in rows:
        sent = wanted(row, target)
        places = f"{row.locations[0].path}:{row.locations[0].line}" if row.locations else "named by --model"
        more = f" and {len(row.locations) - 1} more" if len(row.locations) > 1 else ""
        if sent in listing:
            written = "" if sent == row.id else f" (written {row.id})"
            says = f"{sent}{written} is on the list ({places}{more})"
            checks.append(Check(id=f"model:{row.id}", verdict=Verdict.PASS, says=says))
            continue
        alike = catalogue.near(sent, listing)
        hint = (
            f"nearest: {', '.join(alike)}; nothing is substituted"
            if alike
            else "nothing on the list looks like it: name a model of the list where this one stands"
        )
        note = f" ({row.note})" if row.note and row.status != "same" else ""
        soft = target.name == "openrouter" and "embed" in sent.lower()
        checks.append(
            Check(
                id=f"model:{row.id}",
                verdict=Verdict.NOTE if soft else Verdict.FAIL,
                says=f"{sent} is not on the list of {target.title}{note} ({places}{more})"
                + ("; OpenRouter lists only models that write text" if soft else ""),
                remedy=hint,
                failure=None if soft else "model-not-listed",
            )
        )
    return checks


def choose(ask: Ask, listing: Listing) -> str | None:
    """The model to probe with: the one named, else the one the code names most often among those on the list."""
    if ask.model is not None:
        return ask.model
    known = [row for row in ask.models if wanted(row, ask.target) in listing and "embed" not in row.id.lower()]
    ranked = sorted(known, key=lambda row: (-len(row.locations), row.id))
    return wanted(ranked[0], ask.target) if ranked else None


def _probes(
    ask: Ask,
    open_: http.Session,
    key: keys.Key,
    listing: Listing,
    tell: Callable[[Check], None],
    consent: Callable[[str], bool],
) -> None:
    target = ask.target
    model = choose(ask, listing)
    if model is None:
        tell(
            Check(
                id="probe:chat",
                verdict=Verdict.FAIL,
                says="there is no model to probe with: none that the code names is on the list",
                remedy="name one with --model",
                failure="no-model",
            )
        )
        return
    ids = [wanted(row, target) for row in ask.models]
    made, left = features.probes(target, model, ask.features, ask.routing, ids)
    queue = [*([features.chat(target, model)] if ask.probe else []), *made]
    for feature, why in left:
        tell(Check(id=f"probe:{feature}", verdict=Verdict.SKIP, says=f"not tried: {why}"))
    if not queue:
        return
    caps = [(probe, _cap(probe, listing)) for probe in queue]
    for probe, cap in caps:
        tell(
            Check(
                id=f"cost:{probe.feature}",
                verdict=Verdict.NOTE,
                says=f"next: {probe.feature} with {probe.model}, at most {probe.prompt_tokens} prompt"
                f" and {probe.completion_tokens} completion tokens, cost at most {catalogue.dollars(cap)}",
            )
        )
    known = [cap for _, cap in caps if cap is not None]
    total = catalogue.dollars(sum(known, Decimal(0))) if len(known) == len(caps) else "an amount that is unknown (no price listed)"
    plural = "request" if len(queue) == 1 else "requests"
    if not consent(f"Send {len(queue)} {plural} to {urlsplit(target.openai_base).netloc}, costing at most {total}?"):
        tell(Check(id="probe:chat", verdict=Verdict.SKIP, says="not sent: not confirmed"))
        return
    for probe in queue:
        if http.origin(probe.url) == open_.origin:
            check = _send(probe, open_, target, key)
        else:
            with http.session(probe.url, http.route(probe.url, ask.ca_file)) as other:
                check = _send(probe, other, target, key)
        tell(check)
        if check.failure in ("401", "402", "429") or (check.request is not None and check.request.status is None):
            rest = [later.feature for later in queue[queue.index(probe) + 1 :]]
            if rest:
                tell(Check(id="probe", verdict=Verdict.SKIP, says=f"not sent after this failure: {', '.join(rest)}"))
            return


def _cap(probe: Probe, listing: Listing) -> Decimal | None:
    return catalogue.cost(listing.prices.get(probe.model), probe.prompt_tokens, probe.completion_tokens)


def _send(probe: Probe, open_: http.Session, target: Target, key: keys.Key) -> Check:
    reply = http.send(open_, "POST", probe.url, key.value, dict(probe.body), probe.headers)
    said, lacks = judge(probe.feature, reply)
    failure = failures.failure(reply, target, key, open_.route, model=probe.model, lacks=lacks)
    if failure is not None:
        return _failed(f"probe:{probe.feature}", failure, reply)
    says = f"{probe.feature} with {probe.model}: {keys.scrub(said, (key.value,))}"
    return Check(id=f"probe:{probe.feature}", verdict=Verdict.PASS, says=says, request=request(reply))


def judge(feature: str, reply: http.Reply) -> tuple[str, str | None]:
    """What an answer of 200 shows for a feature, and what it lacks, if anything."""
    if reply.status is None or not 200 <= reply.status < 300:
        return "", None
    if feature == "streaming":
        return _stream(reply)
    document = reply.document()
    if feature == "embeddings":
        data = document.get("data") if isinstance(document, dict) else None
        good = isinstance(data, list) and bool(data) and isinstance(data[0], dict) and "embedding" in data[0]
        return "a vector came back", None if good else "a vector"
    if feature == "messages":
        good = isinstance(document, dict) and isinstance(document.get("content"), list)
        return "Anthropic's format is spoken", None if good else 'a "content" list'
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return "", 'a "choices" list'
    return _answer(feature, document, choices[0]), None


def _answer(feature: str, document: Mapping[str, Any], choice: Mapping[str, Any]) -> str:
    words = [f"answered ({choice.get('finish_reason')})"]
    usage = document.get("usage")
    if isinstance(usage, dict):
        words.append(f"{usage.get('prompt_tokens')} prompt and {usage.get('completion_tokens')} completion tokens")
    else:
        words.append("no usage in the answer")
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    if feature == "tools":
        words.append("a tool was called" if message.get("tool_calls") else "tools were accepted, none was called")
    if feature == "json-schema":
        words.append("JSON as asked" if _is_json(message.get("content")) else "accepted, but the text is not whole JSON")
    if feature == "reasoning":
        told = message.get("reasoning") or message.get("reasoning_content")
        words.append("reasoning text came back" if told else "no reasoning text in the answer")
    if feature in ("routing", "chat") and (by := served(document)):
        words.append(f"served by {by}")
    return "; ".join(words)


def served(document: Mapping[str, Any]) -> str | None:
    """The provider that answered, where the gateway tells: OpenRouter's `provider`, Vercel's `providerMetadata`."""
    if isinstance(document.get("provider"), str):
        return str(document["provider"])
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = first.get("message")
    for holder in (document, first, message if isinstance(message, dict) else {}):
        at: Any = holder.get("providerMetadata", holder.get("provider_metadata"))
        for step in ("gateway", "routing", "finalProvider"):
            at = at.get(step) if isinstance(at, dict) else None
        if isinstance(at, str):
            return at
    return None


def _stream(reply: http.Reply) -> tuple[str, str | None]:
    chunks: list[Any] = []
    done = False
    for line in reply.body.decode("utf-8", "replace").splitlines():
        if line.startswith("data:"):
            data = line[5:].strip()
            if data == "[DONE]":
                done = True
                continue
            try:
                chunks.append(json.loads(data))
            except (ValueError, RecursionError):
                return "", "whole JSON in its stream"
    if any(isinstance(chunk, dict) and chunk.get("error") for chunk in chunks):
        return "", "a stream free of errors"
    if not any(isinstance(chunk, dict) and chunk.get("choices") for chunk in chunks):
        return "", "a stream of events"
    usage = any(isinstance(chunk, dict) and chunk.get("usage") for chunk in chunks)
    return (
        f"streamed {len(chunks)} chunks; {'usage at the end' if usage else 'no usage, though include_usage asked for it'};"
        f" {'ended with [DONE]' if done else 'no [DONE] at the end'}",
        None,
    )


def _is_json(text: object) -> bool:
    try:
        json.loads(str(text))
    except (ValueError, RecursionError):
        return False
    return True


def _failed(id_: str, failure: failures.Failure, reply: http.Reply) -> Check:
    return Check(id=id_, verdict=Verdict.FAIL, says=failure.says, remedy=failure.remedy, failure=failure.id, request=request(reply))
