"""One request, one reply: what leaves this machine and what came back, as a value.

httpx does the talking, with everything that could act on its own turned off: no redirects, no retries, no `.netrc`. Proxies and
the CA are decided here rather than by `trust_env`, so that what the output names is what was used.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from migrator import __version__
from migrator.catalog.targets import is_loopback
from migrator.live.keys import scrub
from migrator.model import MigratorError
from migrator.records import dataclass, field

if TYPE_CHECKING:
    import httpx

CONNECT_S = 10.0
READ_S = 60.0
TOTAL_S = 180.0
"""A server that drips bytes would otherwise never run into the read timeout."""
MAX_BYTES = 32 * 2**20

LIMITS = f"timeouts: {CONNECT_S:.0f} s to connect, {READ_S:.0f} s between bytes, {TOTAL_S:.0f} s in all; no retries, no redirects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How requests leave: straight or through a proxy, and which authorities are trusted."""

    proxy: str | None = field(repr=False)
    """With its password, if it has one: never shown."""
    shown: str
    """The proxy as it may be shown, or `no proxy`."""
    ca_file: Path | None
    tls: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open client for one origin. Requests to any other are refused before they are made."""

    client: httpx.Client
    origin: str
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one request brought."""

    method: str
    url: str
    status: int | None
    """None: no answer; `trouble` says why."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    seconds: float
    trouble: str | None = None
    """Id in `failures.toml`."""
    detail: str = ""

    def document(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def html(self) -> bool:
        """Is this a web page?"""
        head = self.body[:512].lstrip().lower()
        return "html" in self.headers.get("content-type", "") or head.startswith((b"<!doctype html", b"<html"))


def need_httpx() -> None:
    """Raises `MigratorError` where the extra is not installed."""
    try:
        import httpx  # noqa: F401
    except ImportError:
        raise MigratorError("This command talks to a gateway and needs httpx: pip install 'migrate-openrouter[live]'") from None


def route(base: str, ca_file: Path | None = None) -> Route:
    """The way to `base` from here: environment proxies, `NO_PROXY`, `--ca-file` or `SSL_CERT_FILE`. Loopback is never proxied."""
    host = urlsplit(base).hostname or ""
    proxies = getproxies()
    proxy = proxies.get(urlsplit(base).scheme) or proxies.get("all")
    if not proxy or is_loopback(host) or proxy_bypass(host):
        proxy = None
    elif "://" not in proxy:
        proxy = f"http://{proxy}"
    if ca_file is None and (named := os.environ.get("SSL_CERT_FILE")):
        ca_file, tls = Path(named), f"TLS verified against SSL_CERT_FILE={named}"
    else:
        tls = "TLS verified against httpx's bundle" if ca_file is None else f"TLS verified against {ca_file}"
    if urlsplit(base).scheme == "http":
        tls = "plain http on loopback"
    return Route(proxy=proxy, shown="no proxy" if proxy is None else f"through the proxy {bare(proxy)}", ca_file=ca_file, tls=tls)


def bare(url: str) -> str:
    """A proxy's URL without user name and password."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}"))


@contextmanager
def session(base: str, way: Route) -> Iterator[Session]:
    """A client for the origin of `base`. Raises `MigratorError` where the CA file or the proxy's URL cannot be used."""
    import httpx

    verify: ssl.SSLContext | bool = True
    if way.ca_file is not None and urlsplit(base).scheme == "https":
        try:
            verify = ssl.create_default_context(cafile=str(way.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise MigratorError(f"{way.ca_file}: cannot be read as PEM certificates: {error}.") from None
    try:
        client = httpx.Client(
            verify=verify,
            proxy=way.proxy,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            headers={"User-Agent": f"migrate-openrouter/{__version__}", "Accept-Encoding": "identity"},
        )
    except ImportError:
        raise MigratorError(f"The proxy {bare(way.proxy or '')} speaks SOCKS; httpx needs: pip install 'httpx[socks]'") from None
    except (ValueError, httpx.InvalidURL) as error:
        raise MigratorError(f"The proxy {bare(way.proxy or '')} cannot be used: {type(error).__name__}.") from None
    with client:
        yield Session(client=client, origin=origin(base), route=way)


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def send(way: Session, method: str, url: str, key: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Exactly one request. Never raises for what the network or the other side does: that is the reply."""
    import httpx

    if origin(url) != way.origin:
        raise MigratorError(f"{url}: not the host this key is for; nothing was sent.")
    sent = {"Authorization": f"Bearer {key}", "Accept": "application/json", **(headers or {})}
    start = time.monotonic()
    status: int | None = None
    received: dict[str, str] = {}
    content = b""
    trouble, detail = None, ""
    try:
        with way.client.stream(method, url, headers=sent, json=body) as response:
            status = response.status_code
            received = {name.lower(): value for name, value in response.headers.items()}
            pieces, size = [], 0
            for piece in response.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES or time.monotonic() - start > TOTAL_S:
                    trouble = "too-large" if size > MAX_BYTES else "slow"
                    break
            content = b"".join(pieces)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        trouble, detail = _name(error, way.route)
        status = None
    return Reply(
        method=method,
        url=url,
        status=None if trouble else status,
        headers=received,
        body=content,
        seconds=time.monotonic() - start,
        trouble=trouble,
        detail=scrub(detail, (key,)),
    )


def _name(error: Exception, way: Route) -> tuple[str, str]:
    """The id in `failures.toml` of a network failure, with what the system says of it."""
    import httpx

    causes = list(_causes(error))
    said = next((str(cause) for cause in reversed(causes) if str(cause)), type(error).__name__)
    for cause in causes:
        match cause:
            case ssl.SSLCertVerificationError(verify_message=why):
                if cause.verify_code == 62 or "match" in why.lower():
                    return "tls-hostname", why
                return ("tls-expired" if cause.verify_code in (9, 10) else "tls-untrusted"), why
            case ssl.SSLError(reason=reason):
                plain = reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_MESSAGE")
                return ("tls-plain" if plain else "tls"), str(reason or cause)
    if isinstance(error, httpx.ProxyError):
        return ("proxy-auth" if "407" in said else "proxy"), said
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return "read-timeout", said
    if way.proxy is not None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "proxy", said
    if isinstance(error, httpx.ConnectTimeout):
        return "connect-timeout", said
    for cause in causes:
        match cause:
            case socket.gaierror():
                return "dns", said
            case ConnectionRefusedError():
                return "refused", said
            case OSError(errno=number) if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EPERM):
                return "unreachable", said
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "cut", said
    return "network", said


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        if isinstance(at, ConnectionRefusedError | socket.gaierror | ssl.SSLError):
            return
        at = at.__cause__ or at.__context__
