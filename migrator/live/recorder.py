"""A recorder on loopback that plays every host: what a program sends is written down and answered here, and nothing is passed on.

One port for three kinds of callers: programs that use a proxy (`CONNECT`, or the whole address in the request line), and programs that are led
here without knowing it, whose connection begins with TLS and names its host there. OpenRouter and the target are answered like the real
gateways (`migrator.live.gateway`), every other host with 502. A client that does not accept the recorder's certificate is noted.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.live.gateway import Record, app
from migrator.model import MigratorError, Target
from migrator.records import dataclass, field

if TYPE_CHECKING:
    import trustme

HOST = "127.0.0.1"
MAX_BODY = 32 << 20
_TLS_HANDSHAKE = 0x16
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    host: str
    """Without the port, lower case."""
    path: str
    """With the query."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    status: int
    """Of the answer."""


@dataclass(slots=True, kw_only=True)
class Recording:
    """What arrived since the last `take`."""

    requests: list[Request] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Hosts for which a client did not accept our certificate."""

    def take(self) -> Recording:
        """What has arrived; the recording starts anew."""
        taken = Recording(requests=self.requests, refused=self.refused)
        self.requests, self.refused = [], set()
        return taken


def need_extra() -> None:
    """Raises `MigratorError` where the extra is not installed."""
    try:
        import httpx
        import starlette
        import trustme  # noqa: F401
    except ImportError:
        raise MigratorError("prove needs a small server and a certificate: pip install 'migrate-openrouter[prove]'") from None
    del httpx, starlette


@contextmanager
def recording(gateways: dict[str, Target], folder: Path) -> Iterator[tuple[int, Path, Recording]]:
    """The recorder in a thread, for as long as the block lasts: its port, the certificate of its authority (PEM), what arrives.

    `gateways`: hosts and who is played there. `folder`: where the certificate is written.
    """
    import trustme

    authority = trustme.CA()
    certificate = folder / "ca.pem"
    certificate.write_bytes(authority.cert_pem.bytes())
    server = _Server(gateways, authority)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], certificate, server.recording
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gateways: dict[str, Target], authority: trustme.CA) -> None:
        super().__init__((HOST, 0), _Handler)
        self.recording = Recording()
        self._authority = authority
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._applications: dict[str, Any] = {host: app(gateway, Record()) for host, gateway in gateways.items()}

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS side of a host; made once, because a certificate costs a key."""
        with self._lock:
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1"])
                self._authority.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]

    def answer(self, host: str, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer."""
        application = self._applications.get(host)
        if application is None:
            return 502, {"content-type": "application/json"}, _said(f"prove passes nothing on, also not to {host}")
        return asyncio.run(_ask(application, host, method, path, headers, body))

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Wrap the connection first where it begins with TLS."""
        request.settimeout(_SECONDS)
        host = ""
        if request.recv(1, socket.MSG_PEEK)[:1] == bytes([_TLS_HANDSHAKE]):
            request, host = self.wrapped(request, None)
        try:
            _Handler(request, client_address, self, host)
        finally:
            if host:
                request.close()

    def wrapped(self, connection: socket.socket, host: str | None) -> tuple[ssl.SSLSocket, str]:
        """A connection over TLS, and its host: the one that a proxy was asked for, or the one that the client names."""
        named = [host or ""]

        def choose(stream: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
            named[0] = (name or host or "").lower()
            if named[0]:
                stream.context = self.context(named[0])

        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.set_alpn_protocols(["http/1.1"])
        outer.sni_callback = choose
        self._authority.issue_cert(host or "localhost").configure_cert(outer)
        try:
            return outer.wrap_socket(connection, server_side=True), named[0]
        except (ssl.SSLError, OSError):
            if named[0]:
                self.recording.refused.add(named[0])
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up, or that refused the certificate, which is noted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _SECONDS

    def __init__(self, request: Any, client_address: Any, server: _Server, host: str = "") -> None:
        self.tunnel_host = host
        super().__init__(request, client_address, server)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        """Every method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        if self.command == "CONNECT":
            self._tunnel()
        else:
            self._record()

    def _tunnel(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        host = self.path.rpartition(":")[0].strip("[]").lower()
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.close_connection = True
        first = self.connection.recv(1, socket.MSG_PEEK)
        if first[:1] != bytes([_TLS_HANDSHAKE]):
            _Handler(self.connection, self.client_address, server, host)
            return
        stream, named = server.wrapped(self.connection, host)
        try:
            _Handler(stream, self.client_address, server, named)
        finally:
            with suppress(OSError):
                stream.close()

    def _record(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        body = self._body()
        split = urlsplit(self.path)
        host = (
            split.hostname
            or self.tunnel_host
            or (self.headers.get("host") or "").rpartition(":")[0]
            or self.headers.get("host")
            or ""
        ).lower()
        path = self.path if not split.scheme else split.path + (f"?{split.query}" if split.query else "")
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answered, data = server.answer(host, self.command, path, headers, body)
        server.recording.requests.append(
            Request(method=self.command, host=host, path=path, headers=headers, body=body, status=status)
        )
        self.send_response(status)
        for name, value in answered.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("transfer-encoding") or "").lower():
            return self.rfile.read(min(int(self.headers.get("content-length") or 0), MAX_BODY))
        whole = b""
        while (size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)) and len(whole) < MAX_BODY:
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole


_KEPT_HEADERS = ("content-type", "retry-after", "x-request-id")


async def _ask(
    application: Callable[..., Any], host: str, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    import httpx

    sent = {
        name: value
        for name, value in headers.items()
        if name not in ("content-length", "transfer-encoding", "connection", "accept-encoding")
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url=f"https://{host}") as client:
        response = await client.request(method, path, headers=sent, content=body)
    if response.status_code == 404 and method == "GET":
        # an account's page of OpenRouter, or a page that the target does not have: a program that reads it goes on
        return 200, {"content-type": "application/json"}, json.dumps({"data": {}}).encode()
    return (
        response.status_code,
        {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        response.content,
    )


def _said(text: str) -> bytes:
    return json.dumps({"error": {"code": 502, "message": text}}).encode()
