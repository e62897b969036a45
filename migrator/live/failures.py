"""From a reply to one sentence and a remedy, by the table `failures.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from migrator.catalog.targets import gateway
from migrator.live.http import CONNECT_S, MAX_BYTES, READ_S, TOTAL_S, Reply, Route, bare
from migrator.live.keys import Key, scrub, shape
from migrator.model import Target
from migrator.records import dataclass

_TABLE = Path(__file__).parent / "failures.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One sentence of what went wrong, and what to do."""

    id: str
    says: str
    remedy: str


def local(trouble: str, target: Target, variable: str, where: str, key: Key | None) -> Failure:
    """What is wrong before anything was sent."""
    row = next(row for row in _rows() if row.get("trouble") == trouble)
    words = _words(target) | {"variable": variable, "where": where, "shape": shape(key.value) if key else ""}
    return _failure(trouble, row, words)


def failure(
    reply: Reply, target: Target, key: Key, way: Route, *, model: str | None = None, lacks: str | None = None
) -> Failure | None:
    """What is wrong with a reply, or None where nothing is.

    `model` is the id the request named. `lacks` says what an answer of 200 misses (`a "choices" list`), found by the caller, who
    knows what was asked for.
    """
    document = reply.document() if reply.status is not None else None
    code, message = error_of(document)
    body = None
    if reply.html():
        body = "html"
    elif code is not None or message is not None:
        body = "error"
    elif document is None and "event-stream" not in reply.headers.get("content-type", ""):
        body = "other"
    if reply.status is not None and 200 <= reply.status < 300:
        if lacks is None and body in (None, "other"):
            return None
        if body is None:
            body = "shape"
    location = reply.headers.get("location", "")
    moved = urlsplit(urljoin(reply.url, location))
    words = _words(target) | {
        "variable": key.variable,
        "where": key.where,
        "url": reply.url,
        "host": urlsplit(reply.url).netloc,
        "status": reply.status,
        "code": "no code" if code is None else code,
        "message": message or "no message",
        "model": model,
        "lacks": lacks,
        "detail": reply.detail,
        "proxy": bare(way.proxy or ""),
        "location": f"{moved.scheme}://{moved.netloc}" if location else "nowhere",
        "retry_after": _retry(reply.headers.get("retry-after")),
        "request_id": reply.headers.get("x-request-id", "not given"),
    }
    shown = {name: scrub(str(value), (key.value,)) for name, value in words.items()}
    for row in _rows():
        if _fits(row, reply, target, model, code, body):
            return _failure(reply.trouble or str(reply.status), row, shown)
    raise AssertionError("the last row of failures.toml fits every status")


def error_of(document: Any) -> tuple[str | None, str | None]:
    """`error.code` and `error.message` of an answer, each None where it is not there. `type` stands in for a missing code."""
    error = document.get("error") if isinstance(document, dict) else None
    if error is None and isinstance(document, dict):
        choices = document.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        error = first.get("error") if isinstance(first, dict) else None
    if isinstance(error, str):
        return None, error
    if not isinstance(error, dict):
        return None, None
    code = error.get("code") if error.get("code") is not None else error.get("type")
    message = error.get("message")
    return None if code is None else str(code), str(message) if message is not None else "no message"


def _fits(row: Mapping[str, Any], reply: Reply, target: Target, model: str | None, code: str | None, body: str | None) -> bool:
    if reply.trouble is not None or "trouble" in row:
        return bool(row.get("trouble") == reply.trouble)
    status = reply.status or 0
    return (
        row["status"] <= status <= row.get("to", row["status"])
        and ("body" not in row or row["body"] == body)
        and ("gateway" not in row or row["gateway"] == target.name)
        and ("codes" not in row or code in row["codes"])
        and ("model" not in row or row["model"] == (model is not None))
        and ("coded" not in row or row["coded"] == (code is not None))
    )


def _failure(id_: str, row: Mapping[str, Any], words: Mapping[str, object]) -> Failure:
    return Failure(id=id_, says=row["says"].format_map(words), remedy=row["remedy"].format_map(words))


def _words(target: Target) -> dict[str, object]:
    documented = target.openai_base
    if target.name != "custom":
        documented = gateway(target.name).openai_base
    return {
        "title": target.title,
        "base": target.openai_base,
        "documented": documented,
        "console": target.console or f"the console of {target.title}",
        "example": target.key_example,
        "connect": f"{CONNECT_S:.0f}",
        "read": f"{READ_S:.0f}",
        "total": f"{TOTAL_S:.0f}",
        "limit": MAX_BYTES // 2**20,
    }


def _retry(value: str | None) -> str:
    if value is None:
        return "nothing"
    return f"{value} s" if value.strip().isdigit() else value


@cache
def _rows() -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads(_TABLE.read_text("utf-8"))["failure"])
