"""Runs the loopback gateway and shows what arrives while it arrives."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.catalog.targets import is_loopback
from migrator.live.gateway import Arrival, Record, app
from migrator.model import MigratorError, Target
from migrator.records import asdict
from migrator.reports.text import count, wrap

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
_SHOWN = 12
"""Rows of each kind in the summary."""
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
        playing = server(app(gateway, record, fail, models))
        thread = threading.Thread(target=playing.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not playing.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise MigratorError("The rehearsal server did not start.")
            time.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            playing.should_exit = True
            thread.join(10)


def bases(gateway: Target, port: int) -> tuple[str, str | None]:
    """What to set as OpenAI and Anthropic base for a rehearsal on this port."""
    openai = f"http://{HOST}:{port}{urlsplit(gateway.openai_base).path}"
    anthropic = None if gateway.anthropic_base is None else f"http://{HOST}:{port}{urlsplit(gateway.anthropic_base).path}"
    return openai, anthropic


def serve(gateway: Target, port: int, fail: tuple[int, ...], models: tuple[str, ...], write_to: Path | None, width: int) -> int:
    """Serves until interrupted, then sums up; the number of requests that arrived. `width`: columns that lines are wrapped to."""
    record = Record(bodies=write_to is not None)
    with listen(port) as place, _journal(write_to) as journal:
        openai, anthropic = bases(gateway, place.getsockname()[1])
        print(f"Rehearsing {gateway.title}: no key is checked beyond its vendor, no model is asked.")
        print(f"  OpenAI base     {openai}")
        if anthropic is not None:
            print(f"  Anthropic base  {anthropic}")
        print(f"  any key works, for example {gateway.key_env}={gateway.key_example.rstrip('.')}rehearsal")
        print("  errors on demand: a model named error/429, or X-Rehearse-Error: 503")
        print("  Stop with Ctrl-C.", flush=True)

        def listener(arrival: Arrival) -> None:
            journal(arrival)
            print("\n".join(lines(arrival, width)), flush=True)

        record.listener = listener
        with suppress(KeyboardInterrupt):
            server(app(gateway, record, fail, models)).run(sockets=[place])
    print("\n" + "\n".join(summary(record.arrivals, width)), flush=True)
    return len(record.arrivals)


def lines(arrival: Arrival, width: int) -> list[str]:
    """An arrival: what was asked and how it ended, the key below it, then what is worth a look."""
    streaming = " (streaming)" if arrival.stream else ""
    model = f" {arrival.model}" if arrival.model else ""
    indent = " " * 9
    shown = wrap(
        f"{arrival.method} {arrival.host}{arrival.path}{model}{streaming}",
        width,
        first=f"{arrival.number:>4} {arrival.status} ",
        rest=indent,
    )
    remarks = [f"key {arrival.variable} ({arrival.key})" if arrival.key != "none" else "no key"]
    remarks += [f"routing {arrival.routing}"] if arrival.routing else []
    remarks += [f"headers {', '.join(arrival.attribution)}"] if arrival.attribution else []
    remarks += [f"WARNING {warning}" for warning in arrival.warnings]
    for remark in remarks:
        shown += wrap(remark, width, first=indent, rest=indent + "  ")
    return shown


def summary(arrivals: Sequence[Arrival], width: int) -> list[str]:
    """What arrived, in all: by path, model, key and warning."""
    if not arrivals:
        return ["No request arrived: is the base URL above set where the program runs?"]
    failed = sum(arrival.status >= 400 for arrival in arrivals)
    warned = sum(bool(arrival.warnings) for arrival in arrivals)
    verdict = f"{count(len(arrivals), 'request')}: {count(failed, 'error')}, {count(warned, 'request')} with a warning."
    shown = [verdict]
    tallies = (
        ("path", Counter(f"{arrival.method} {arrival.path}" for arrival in arrivals)),
        ("model", Counter(arrival.model for arrival in arrivals if arrival.model)),
        ("key", Counter(f"{arrival.variable} ({arrival.key})" if arrival.key != "none" else "no key" for arrival in arrivals)),
        ("status", Counter(str(arrival.status) for arrival in arrivals)),
        ("WARNING", Counter(warning for arrival in arrivals for warning in arrival.warnings)),
    )
    for title, tally in tallies:
        for text, number in tally.most_common(_SHOWN):
            shown += wrap(text, width, first=f"  {title:<7} {number:>4} x ", rest=" " * 17)
    return [*shown, verdict]


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
