"""Runs the loopback gateway and shows what arrives while it arrives."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.catalog.targets import is_loopback
from migrator.live.gateway import Arrival, Record, app
from migrator.model import MigratorError, Target

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
_SHOWN = 30
MAX_BODY = 32 << 20
"""Bytes; no request of a chat is larger, and the body is held in memory."""


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes a free one. Raises `MigratorError` where the port is taken."""
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there the option would let two servers share a port
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((HOST, port))
    except (OSError, OverflowError) as error:
        place.close()
        reason = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise MigratorError(f"--port {port}: cannot listen on {HOST}: {reason}; --port 0 takes a free one.") from None
    return place


def server(application: ASGIApp) -> uvicorn.Server:
    """A quiet server for the application."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(guarded(application), log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )


def guarded(application: ASGIApp) -> ASGIApp:
    """The application for callers of this machine only: a page in a browser that has our address looked up under its own name is refused
    (`Host` must be loopback), and so is a body without end."""

    async def application_of_this_machine(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        host = headers.get(b"host", b"").decode("latin-1").lower()
        length = headers.get(b"content-length", b"0")
        if not is_loopback((host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host).strip("[]")):
            await _refuse(send, 421, "This server answers for this machine only.")
            return
        if not length.isdigit() or int(length) > MAX_BODY:
            await _refuse(send, 413, f"The body is larger than {MAX_BODY >> 20} MiB.")
            return
        left = MAX_BODY

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                return {"type": "http.disconnect"}
            return message

        await application(scope, bounded, send)

    return application_of_this_machine


async def _refuse(send: Send, status: int, text: str) -> None:
    body = json.dumps({"error": {"code": status, "message": text}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running(gateway: Target, record: Record, fail: tuple[int, ...] = (), models: tuple[str, ...] = ()) -> Iterator[int]:
    """The gateway in a thread, for as long as the block lasts; gives its port."""
    with listen(0) as place:
        one = server(app(gateway, record, fail, models))
        thread = threading.Thread(target=one.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not one.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise MigratorError("The rehearsal server did not start.")
            time.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            one.should_exit = True
            thread.join(10)


def bases(gateway: Target, port: int) -> tuple[str, str | None]:
    """What to set as OpenAI and Anthropic base for a rehearsal on this port."""
    openai = f"http://{HOST}:{port}{urlsplit(gateway.openai_base).path}"
    anthropic = None if gateway.anthropic_base is None else f"http://{HOST}:{port}{urlsplit(gateway.anthropic_base).path}"
    return openai, anthropic


def serve(gateway: Target, port: int, fail: tuple[int, ...], models: tuple[str, ...], write_to: Path | None, terminal: bool) -> int:
    """Serves until interrupted; the number of requests that arrived."""
    record = Record()
    with listen(port) as place, _journal(write_to) as journal:
        openai, anthropic = bases(gateway, place.getsockname()[1])
        print(f"Rehearsing {gateway.title}: no key is checked beyond its vendor, no model is asked. Stop with Ctrl-C.")
        print(f"  OpenAI base     {openai}")
        if anthropic is not None:
            print(f"  Anthropic base  {anthropic}")
        print(f"  any key works, for example {gateway.key_env}={gateway.key_example.rstrip('.')}rehearsal")
        print("  errors on demand: a model named error/429, or the header X-Rehearse-Error: 503", flush=True)
        with _table() if terminal else _lines() as show, suppress(KeyboardInterrupt):

            def listener(arrival: Arrival) -> None:
                journal(arrival)
                show(arrival)

            record.listener = listener
            server(app(gateway, record, fail, models)).run(sockets=[place])
    return len(record.arrivals)


def line(arrival: Arrival) -> str:
    """An arrival as one line."""
    words = [
        f"{arrival.number:>4}",
        str(arrival.status),
        arrival.method,
        f"{arrival.host}{arrival.path}",
        f"key {arrival.variable} ({arrival.key})",
        f"model {arrival.model or 'none'}",
    ]
    words += ["streaming"] if arrival.stream else []
    words += [f"routing {arrival.routing}"] if arrival.routing else []
    words += [f"headers {', '.join(arrival.attribution)}"] if arrival.attribution else []
    words += [f"WARNING {warning}" for warning in arrival.warnings]
    return "  ".join(words)


@contextmanager
def _lines() -> Iterator[Callable[[Arrival], None]]:
    yield lambda arrival: print(line(arrival), flush=True)


@contextmanager
def _table() -> Iterator[Callable[[Arrival], None]]:
    from rich.live import Live
    from rich.markup import escape
    from rich.table import Table

    last: deque[Arrival] = deque(maxlen=_SHOWN)

    def table() -> Table:
        shown = Table(expand=True)
        for title, share in (("#", None), ("status", None), ("request", 4), ("key", 3), ("model", 3), ("routing and warnings", 6)):
            shown.add_column(title, ratio=share, overflow="fold")
        for arrival in last:
            remarks = [arrival.routing] if arrival.routing else []
            remarks += [f"[yellow]{escape(warning)}[/yellow]" for warning in arrival.warnings]
            if arrival.routing:
                remarks[0] = escape(remarks[0])
            style = "red" if arrival.status >= 400 else ""
            shown.add_row(
                str(arrival.number),
                str(arrival.status),
                escape(f"{arrival.method} {arrival.host}{arrival.path}{' (streaming)' if arrival.stream else ''}"),
                escape(f"{arrival.variable}\n{arrival.key}"),
                escape(arrival.model),
                "\n".join(remarks),
                style=style,
            )
        return shown

    with Live(table(), refresh_per_second=8) as live:

        def show(arrival: Arrival) -> None:
            last.append(arrival)
            live.update(table())

        yield show


@contextmanager
def _journal(write_to: Path | None) -> Iterator[Callable[[Arrival], None]]:
    if write_to is None:
        yield lambda _arrival: None
        return
    try:
        # what arrives is masked, and still nobody else's to read
        file = open(write_to, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600))  # noqa: SIM115
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
    except OSError as error:
        raise MigratorError(f"--record {write_to}: cannot be written: {error.strerror}.") from None
    with file:

        def write(arrival: Arrival) -> None:
            file.write(json.dumps(asdict(arrival)) + "\n")
            file.flush()

        yield write
