"""Plays every gateway over TLS on loopback and writes down each request; the programs' host names are all led here.

OpenRouter and the target answer as plain OpenAI-compatible gateways. `/credits`, `/key` and the like exist at OpenRouter only.
"""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

OLD, NEW = "openrouter.ai", "synapse.garden"
HOSTS = (OLD, NEW, "api.openai.com", "api.anthropic.com", "ai-gateway.vercel.sh", "hooks.example.org", "localhost")
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived."""

    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: Any
    """The JSON value; other bodies as text; None where there is none."""


def answer(host: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and document for a request."""
    if host not in (OLD, NEW):
        return 401, {"error": {"code": 401, "message": "wrong host"}}
    model = body.get("model", "m") if isinstance(body, dict) else "m"
    if path.endswith("/chat/completions"):
        message = {"role": "assistant", "content": "hello"}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return 200, {
            "id": "gen-1",
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "usage": USAGE,
            "choices": [choice],
        }
    if path.endswith("/embeddings"):
        return 200, {
            "object": "list",
            "model": model,
            "usage": USAGE,
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
        }
    if path.endswith("/messages"):
        text = [{"type": "text", "text": "hello"}]
        usage = {"input_tokens": 3, "output_tokens": 2}
        return 200, {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": text,
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }
    if path.endswith("/models"):
        return 200, {
            "object": "list",
            "data": [{"id": "openai/gpt-4o-mini", "object": "model", "created": 1, "owned_by": "openai"}],
        }
    if host == OLD:
        return 200, {"data": {"label": "k", "usage": 1, "limit": None, "total_credits": 5, "total_usage": 1}}
    return 404, {"error": {"code": 404, "message": "no such path"}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _read(self) -> bytes:
        if "chunked" not in (self.headers.get("transfer-encoding") or ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def handle_one_request(self) -> None:
        """Every method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._any_method()
        self.wfile.flush()

    def _any_method(self) -> None:
        raw = self._read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw.decode("utf-8", "replace")
        host = (self.headers.get("host") or "").split(":")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        server = self.server
        assert isinstance(server, _Server)
        server.requests.append(Request(self.command, host, self.path, headers, body))
        status, document = answer(host, self.path.split("?")[0], body)
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = context
        self.requests: list[Request] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up early, or that wants a host nobody plays

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(60)
        stream = self.context.wrap_socket(request, server_side=True)
        try:
            _Handler(stream, client_address, self)
        finally:
            stream.close()


class Gateways:
    """All gateways on one port of loopback."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        authority.issue_cert(*HOSTS).configure_cert(context)
        self.certificate = folder / "ca.pem"
        self.certificate.write_bytes(authority.cert_pem.bytes())
        self._server = _Server(context)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def take(self) -> list[Request]:
        """The requests since the last call."""
        taken, self._server.requests = self._server.requests, []
        return taken

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
