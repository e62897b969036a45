"""A gateway on loopback: enough of either side's surface that a real SDK cannot tell, and a record of what arrived.

It needs no key and reaches no model. Errors come on demand: a model named `error/429`, the header `X-Rehearse-Error: 503`, or
`--fail` for the next requests. Whatever arrives is recorded with the marks of a half-done migration: a key of the other vendor,
a doubled `/v1`, routing options that this gateway does not read.
"""

from __future__ import annotations

import base64
import json
import struct
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from migrator.catalog import table
from migrator.live.keys import mask, scrub, shape
from migrator.live.sample import sample
from migrator.model import MigratorError, Target
from migrator.records import dataclass, field, replace
from migrator.text.secrets import mask as hide

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

# id, USD a token in and out; made up, so that a rehearsal never looks like a bill
MODELS: tuple[tuple[str, str, str], ...] = (
    ("openai/gpt-4o-mini", "0.000001", "0.000002"),
    ("openai/gpt-5.4-mini", "0.000001", "0.000002"),
    ("anthropic/claude-opus-4.6", "0.000005", "0.000025"),
    ("google/gemini-3-flash", "0.000001", "0.000002"),
    ("openai/text-embedding-3-small", "0.0000001", "0"),
)
TEXT = "This is a rehearsal: no model was asked."
# body fields that OpenRouter reads at the top level and other gateways do not
_OPENROUTER_FIELDS = ("provider", "models", "route", "transforms", "plugins", "usage", "preset", "session_id", "trace")
_ATTRIBUTION = ("http-referer", "x-title", "x-openrouter-title", "x-openrouter-categories")
# status -> code of Synapse Garden (https://synapse.garden/docs/errors) and message
_ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("INVALID_REQUEST", "The request is not valid."),
    401: ("INVALID_API_KEY", "The API key is not valid."),
    402: ("BUDGET_EXCEEDED", "The project's budget is used up."),
    403: ("MODEL_NOT_ALLOWED", "The project may not use this model."),
    404: ("MODEL_NOT_FOUND", "There is no such model."),
    408: ("REQUEST_TIMEOUT", "The request took too long."),
    429: ("RATE_LIMITED", "Too many requests."),
    500: ("INTERNAL", "Something went wrong."),
    502: ("UPSTREAM_ERROR", "The provider failed."),
    503: ("UPSTREAM_ERROR", "No provider is available."),
    504: ("UPSTREAM_TIMEOUT", "The provider did not answer in time."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request as it arrived; no key, no prompt."""

    number: int
    method: str
    host: str
    path: str
    key: str
    """Header and masked shape, or `none`."""
    variable: str
    """The variable such a key lives in, by its shape; `?` where that cannot be told."""
    model: str
    stream: bool
    routing: str
    """Routing options of either dialect, as JSON; empty where there are none."""
    attribution: tuple[str, ...]
    status: int
    warnings: tuple[str, ...]
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    """What was sent, keys masked; None unless bodies are recorded."""


@dataclass(slots=True, kw_only=True)
class Record:
    """What arrived so far."""

    arrivals: list[Arrival] = field(default_factory=list)
    listener: Callable[[Arrival], None] | None = None
    bodies: bool = False
    """Keep what was sent, too."""


def catalogue(gateway: Target) -> tuple[str, ...]:
    """Model ids of this gateway that the shipped catalogue knows."""
    candidates: Mapping[str, Mapping[str, str]] = table("model_ids")["candidates"]
    return tuple(candidates) if gateway.name == "openrouter" else tuple(row["id"] for row in candidates.values())


def need_server() -> None:
    """Raises `MigratorError` where the extra is not installed."""
    try:
        import starlette
        import uvicorn  # noqa: F401
    except ImportError:
        raise MigratorError("The rehearsal needs a small server: pip install 'migrate-openrouter[rehearse]'") from None
    del starlette


def statuses(text: str) -> tuple[int, ...]:
    """`429,503` as numbers. Raises `MigratorError` for what is no HTTP error."""
    statuses: list[int] = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        if not word.isdigit() or not 400 <= int(word) <= 599:
            raise MigratorError(f"--fail {word}: an HTTP status from 400 to 599 is needed, for example --fail 429,503.")
        statuses.append(int(word))
    return tuple(statuses)


def app(gateway: Target, record: Record, fail: Iterable[int] = (), models: Iterable[str] = ()) -> Starlette:
    """The gateway as an ASGI application. `fail`: statuses for the next POST requests. `models`: more ids for the list."""
    from urllib.parse import urlsplit

    from starlette.applications import Starlette
    from starlette.routing import Route

    base = urlsplit(gateway.openai_base).path
    served = _Gateway(gateway, record, fail, models)
    return Starlette(
        routes=[
            Route(f"{base}/models", served.list_models, methods=["GET"]),
            Route(f"{base}/chat/completions", served.chat, methods=["POST"]),
            Route(f"{base}/messages", served.messages, methods=["POST"]),
            Route(f"{base}/embeddings", served.embeddings, methods=["POST"]),
            Route("/{path:path}", served.nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ]
    )


class _Gateway:
    """What answers the requests, and what it keeps between them."""

    def __init__(self, gateway: Target, record: Record, fail: Iterable[int], models: Iterable[str]) -> None:
        self.gateway = gateway
        self.record = record
        self.synapse = gateway.name != "openrouter"
        self.queue = deque(fail)
        self.numbers = count(1)
        known = {row[0] for row in MODELS}
        more = dict.fromkeys((*models, *catalogue(gateway)))
        self.listed = [*MODELS, *((id_, "0.000001", "0.000002") for id_ in more if id_ not in known)]

    def note(self, request: Request, body: Mapping[str, Any], status: int) -> None:
        arrival = _arrival(next(self.numbers), request, body, status, self.gateway)
        if self.record.bodies:
            arrival = replace(arrival, body=_masked(body, _key(request)[1]))
        self.record.arrivals.append(arrival)
        if self.record.listener is not None:
            self.record.listener(arrival)

    def error(self, request: Request, body: Mapping[str, Any], status: int, message: str | None = None) -> Response:
        from starlette.responses import JSONResponse

        self.note(request, body, status)
        code, text = _ERRORS.get(status, (f"HTTP_{status}", "This error was asked for."))
        said = message or text
        inner: dict[str, Any] = {"code": code, "message": said, "details": None}
        if not self.synapse:
            inner = {"code": status, "message": said, "metadata": {}}
        document: dict[str, Any] = {"error": inner}
        if request.url.path.endswith("/messages"):
            document = {"type": "error", "error": {"type": code.lower(), **inner}}
        headers = {"X-Request-Id": f"rehearsal-{len(self.record.arrivals)}"}
        if status == 429:
            headers["Retry-After"] = "7"
        return JSONResponse(document, status, headers)

    def refused(self, request: Request, body: Mapping[str, Any]) -> Response | None:
        """What stands before any answer: the key, and errors on demand."""
        _, key = _key(request)
        if not key:
            return self.error(request, body, 401, "No key was sent.")
        if key.startswith(self.gateway.refused_prefixes):
            message = f"A key of another vendor arrived ({shape(key)}); {self.gateway.title} would not know it."
            return self.error(request, body, 401, message)
        model = str(body.get("model", ""))
        wish = request.headers.get("x-rehearse-error", model.removeprefix("error/") if model.startswith("error/") else "")
        if not wish and self.queue and request.method == "POST":
            wish = str(self.queue.popleft())
        if not wish:
            return None
        if wish.isdigit() and 400 <= int(wish) <= 599:
            return self.error(request, body, int(wish))
        self.note(request, body, 302 if wish == "redirect" else 200)
        return _misbehaviour(wish)

    async def list_models(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        if (response := self.refused(request, {})) is not None:
            return response
        self.note(request, {}, 200)
        if self.synapse:
            names = ("input", "output")
            return JSONResponse({"object": "list", "data": [_listed(*row, names) | {"object": "model"} for row in self.listed]})
        text = [row for row in self.listed if "embedding" not in row[0]]
        return JSONResponse({"data": [_listed(*row, ("prompt", "completion")) for row in text]})

    async def chat(self, request: Request) -> Response:
        from starlette.responses import JSONResponse, StreamingResponse

        body = await _body(request)
        if (response := self.refused(request, body)) is not None:
            return response
        if not isinstance(body.get("model"), str) or not isinstance(body.get("messages"), list):
            return self.error(request, body, 400, "`model` and `messages` are needed.")
        self.note(request, body, 200)
        if not body.get("stream"):
            return JSONResponse(_completion(body, self.synapse))
        asked = body.get("stream_options")
        usage = not self.synapse or (isinstance(asked, dict) and bool(asked.get("include_usage")))
        chunks = _sse(_chunks(body, self.synapse, usage), comment=not self.synapse)
        return StreamingResponse(chunks, media_type="text/event-stream")

    async def messages(self, request: Request) -> Response:
        from starlette.responses import JSONResponse, StreamingResponse

        body = await _body(request)
        if (response := self.refused(request, body)) is not None:
            return response
        if not isinstance(body.get("model"), str) or not isinstance(body.get("max_tokens"), int):
            return self.error(request, body, 400, "`model` and `max_tokens` are needed.")
        self.note(request, body, 200)
        if not body.get("stream"):
            return JSONResponse(_message(body))
        return StreamingResponse(_named(_events(body)), media_type="text/event-stream")

    async def embeddings(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        body = await _body(request)
        if (response := self.refused(request, body)) is not None:
            return response
        self.note(request, body, 200)
        return JSONResponse(_embeddings(body))

    async def nothing(self, request: Request) -> Response:
        """A page, as web sites answer for a path they do not know."""
        from starlette.responses import HTMLResponse

        self.note(request, await _body(request) if request.method == "POST" else {}, 404)
        return HTMLResponse("<!doctype html><title>404</title><h1>Not found</h1>", 404)


def _misbehaviour(wish: str) -> Response:
    """An answer that is no error of the API's own kind: a page, a redirect, an error with status 200, another document."""
    from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

    match wish:
        case "html":
            return HTMLResponse("<!doctype html><title>Sign in</title>")
        case "redirect":
            return RedirectResponse("https://elsewhere.example/api/v1", 302)
        case "200":
            return JSONResponse({"error": {"code": 502, "message": "Provider returned error"}})
        case _:
            return JSONResponse({"object": "something else"})


async def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _key(request: Request) -> tuple[str, str]:
    """The header a key came in, and the key."""
    bearer = request.headers.get("authorization", "")
    if bearer.lower().startswith("bearer "):
        return "Authorization", bearer[7:].strip()
    return ("X-Api-Key", request.headers["x-api-key"].strip()) if "x-api-key" in request.headers else ("", "")


def _arrival(number: int, request: Request, body: Mapping[str, Any], status: int, gateway: Target) -> Arrival:
    header, key = _key(request)
    path = scrub(request.url.path, (key,), 120)
    routing: dict[str, Any] = {}
    options = body.get("providerOptions")
    if isinstance(options, dict):
        routing["providerOptions"] = options
    routing |= {name: body[name] for name in _OPENROUTER_FIELDS if name in body}
    variable = "?"
    if key.startswith(gateway.key_prefixes):
        variable = gateway.key_env
    elif key.startswith("sk-or-"):
        variable = "OPENROUTER_API_KEY"
    return Arrival(
        number=number,
        method=request.method,
        host=scrub(request.headers.get("host", ""), (), 80),
        path=path,
        key=f"{header}: {mask(key)}" if key else "none",
        variable=variable,
        model=scrub(str(body.get("model", "")), (key,), 80),
        stream=bool(body.get("stream")),
        routing=scrub(json.dumps(_tame(routing), sort_keys=True), (key,)) if routing else "",
        attribution=tuple(name for name in _ATTRIBUTION if name in request.headers),
        status=status,
        warnings=tuple(_warnings(path, key, body, gateway, request.headers)),
    )


def _masked(value: Any, key: str) -> Any:
    """A body without what has the shape of a key, and without the key of its own request."""
    match value:
        case str():
            return hide(value, (key,) if len(key) >= 4 else ())
        case dict():
            return {name: "…" if name == "byok" else _masked(inner, key) for name, inner in value.items()}
        case list():
            return [_masked(inner, key) for inner in value]
        case _:
            return value


def _tame(value: Any) -> Any:
    """Options without what may be a credential (`byok`)."""
    if isinstance(value, dict):
        return {name: "…" if name == "byok" else _tame(inner) for name, inner in value.items()}
    return value


def _warnings(path: str, key: str, body: Mapping[str, Any], gateway: Target, headers: Mapping[str, str]) -> Iterable[str]:
    if key.startswith(gateway.refused_prefixes):
        yield f"a key of another vendor ({shape(key)}) was sent here"
    if "/v1/v1/" in path:
        yield "the path has /v1 twice: the Anthropic SDK wants the base without /v1"
    if "extra_body" in body:
        yield 'a literal "extra_body" was sent; the JavaScript SDK has no such option'
    if "x-provider-api-keys" in headers:
        yield "X-Provider-API-Keys carries third-party keys to this gateway"
    if gateway.dialect == "gateway":
        for name in _OPENROUTER_FIELDS:
            if name in body:
                yield f'"{name}" at the top level is OpenRouter\'s; this gateway does not read it'
        for name in ("order", "only", "sort"):
            if name in body:
                yield f'"{name}" stands at the top level instead of under providerOptions.gateway'
        model = str(body.get("model", ""))
        if model.startswith("openrouter/") or (":" in model and not model.startswith("error/")):
            yield f"the model {scrub(model, (), 80)} has OpenRouter's prefix or a variant suffix"
        if (candidate := table("model_ids")["candidates"].get(model)) is not None and candidate["id"] != model:
            yield f"the model {scrub(model, (), 80)} is OpenRouter's id; {gateway.title} probably calls it {candidate['id']}"
    elif "providerOptions" in body:
        yield '"providerOptions" is not read by OpenRouter'


def _listed(id_: str, prompt: str, completion: str, names: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": id_,
        "name": id_,
        "created": 0,
        "owned_by": id_.partition("/")[0],
        "pricing": {names[0]: prompt, names[1]: completion},
    }


def _prompt_tokens(body: Mapping[str, Any]) -> int:
    """A stand-in for a tokeniser: four characters a token, the same for both gateways."""
    return max(1, len(json.dumps(body.get("messages", body.get("input", "")))) // 4)


def _usage(body: Mapping[str, Any], synapse: bool) -> dict[str, Any]:
    prompt, completion = _prompt_tokens(body), len(TEXT) // 4
    usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return usage if synapse else usage | {"cost": round(prompt * 1e-6 + completion * 2e-6, 8)}


def _completion(body: Mapping[str, Any], synapse: bool) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _text(body), "refusal": None}
    finish = "stop"
    if (forced := _forced(body)) is not None:
        message |= {"content": None, "tool_calls": [_call(*forced)]}
        finish = "tool_calls"
    choice: dict[str, Any] = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    document: dict[str, Any] = {
        "id": "gen-rehearsal" if not synapse else "chatcmpl-rehearsal",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "system_fingerprint": None,
        "choices": [choice],
        "usage": _usage(body, synapse),
    }
    if not synapse:
        document["provider"] = "Rehearsal"
        choice["native_finish_reason"] = finish
    return document


def _chunks(body: Mapping[str, Any], synapse: bool, usage: bool) -> Iterable[dict[str, Any]]:
    head = {
        "id": "chatcmpl-rehearsal" if synapse else "gen-rehearsal",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": body["model"],
        **({} if synapse else {"provider": "Rehearsal"}),
    }
    finish = "stop"
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if (forced := _forced(body)) is not None:
        deltas.append({"tool_calls": [{"index": 0, **_call(*forced)}]})
        finish = "tool_calls"
    else:
        deltas += [{"content": piece} for piece in _pieces(_text(body))]
    for delta in deltas:
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    if usage:
        yield head | {"choices": [], "usage": _usage(body, synapse)}


def _forced(body: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The tool that the request insists on, with arguments that fit its schema; without insistence a rehearsal answers in text, or a tool
    loop would never end. In the form of either API: OpenAI's tools hold a `function`, Anthropic's are flat."""
    choice = body.get("tool_choice")
    listed = body.get("tools")
    tools = [_tool(row) for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    if isinstance(choice, dict) and choice.get("type") != "any":
        function = choice.get("function", choice)
        name = function.get("name") if isinstance(function, dict) else None
        schema = next((schema for known, schema in tools if known == name), None)
        return None if name is None else (str(name), sample(schema) or {})
    insists = choice == "required" or (isinstance(choice, dict) and choice.get("type") == "any")
    return (tools[0][0], sample(tools[0][1]) or {}) if insists and tools else None


def _tool(row: Mapping[str, Any]) -> tuple[str, Any]:
    """Name and schema of a tool."""
    function = row.get("function", row)
    function = function if isinstance(function, dict) else {}
    return str(function.get("name", "")), function.get("parameters", function.get("input_schema"))


def _call(name: str, arguments: Any) -> dict[str, Any]:
    return {"id": "call_rehearsal", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def _text(body: Mapping[str, Any]) -> str:
    """The answer's text: JSON that fits the schema where one is asked for."""
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        outer = wanted.get("json_schema")
        return json.dumps(sample(outer.get("schema") if isinstance(outer, dict) else None))
    if isinstance(wanted, dict) and wanted.get("type") == "json_object":
        return json.dumps({"rehearsal": True})
    return TEXT


def _pieces(text: str) -> Iterable[str]:
    half = len(text) // 2
    return text[:half], text[half:]


def _message(body: Mapping[str, Any]) -> dict[str, Any]:
    forced = _forced(body)
    block: dict[str, Any] = {"type": "text", "text": TEXT}
    if forced is not None:
        block = {"type": "tool_use", "id": "toolu_rehearsal", "name": forced[0], "input": forced[1]}
    return {
        "id": "msg_rehearsal",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [block],
        "stop_reason": "end_turn" if forced is None else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": _prompt_tokens(body), "output_tokens": len(TEXT) // 4},
    }


def _events(body: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    whole = _message(body)
    (block,) = whole["content"]
    begun = whole | {"content": [], "stop_reason": None, "usage": whole["usage"] | {"output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    empty: dict[str, Any] = {"text": ""} if "text" in block else {"input": {}}
    yield {"type": "content_block_start", "index": 0, "content_block": block | empty}
    yield {"type": "ping"}
    for piece in _pieces(TEXT if "text" in block else json.dumps(block["input"])):
        delta = {"type": "text_delta", "text": piece} if "text" in block else {"type": "input_json_delta", "partial_json": piece}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": len(TEXT) // 4},
    }
    yield {"type": "message_stop"}


def _embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    asked = body.get("input")
    size = body.get("dimensions")
    width = size if isinstance(size, int) and 0 < size <= 4096 else 8
    # a list of numbers is one text, already in tokens
    many = len(asked) if isinstance(asked, list) and asked and not isinstance(asked[0], int) else 1
    vector: object = [1.0] + [0.0] * (width - 1)
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack(f"<{width}f", 1.0, *([0.0] * (width - 1)))).decode()
    tokens = _prompt_tokens(body)
    return {
        "object": "list",
        "model": body.get("model", ""),
        "data": [{"object": "embedding", "index": index, "embedding": vector} for index in range(many)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


async def _sse(chunks: Iterable[dict[str, Any]], comment: bool) -> AsyncIterator[str]:
    if comment:
        yield ": OPENROUTER PROCESSING\n\n"
    for chunk in chunks:
        yield f"data: {json.dumps(chunk)}\n\n"
    yield "data: [DONE]\n\n"


async def _named(events: Iterable[dict[str, Any]]) -> AsyncIterator[str]:
    for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
