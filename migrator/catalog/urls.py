"""OpenRouter addresses inside text: finding them, saying what each is, and the same address at the target.

The path is the same at both gateways, so the host and the prefix are swapped and everything behind them (path, slash, query,
placeholders) stays. `/api` without a version is the base that the Anthropic SDK takes and becomes the target's Anthropic base.
Forms and their verdicts: https://openrouter.ai/docs/api_reference/overview and public code.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from migrator.catalog import openrouter
from migrator.model import Target
from migrator.patterns import regex
from migrator.records import dataclass


class UrlKind(StrEnum):
    """What an address is."""

    BASE = "base"
    """The OpenAI base: ends at `/api/v1`."""
    ANTHROPIC_BASE = "anthropic-base"
    """Ends at `/api`."""
    MOVES = "moves"
    """An endpoint that is the same at the target."""
    REPORTS = "reports"
    """An endpoint that exists at the target with other contents."""
    OWN = "own"
    """An endpoint that only OpenRouter has."""
    REGIONAL = "regional"
    """In-region processing: a promise that no other host keeps."""
    HOST = "host"
    """Only the host, with or without a scheme: what follows is put there elsewhere."""
    PAGE = "page"
    """A page for people."""
    RELAY = "relay"
    """Another party's proxy in front of OpenRouter."""

    @property
    def movable(self) -> bool:
        """Can the address be swapped on its own?"""
        return self in (UrlKind.BASE, UrlKind.ANTHROPIC_BASE, UrlKind.MOVES, UrlKind.REPORTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """One address in a text. Offsets are relative to the text that was searched."""

    start: int
    end: int
    """End of the address as written, path included."""
    swap_end: int
    """End of the part that is swapped: scheme, host and API prefix."""
    kind: UrlKind
    path: str
    """Below the API prefix, without leading slash: `chat/completions`, ``."""
    host: str
    odd: str = ""
    """A remark on an unusual spelling."""
    scheme: str = "https://"


_HOST = regex(
    r"(?P<scheme>(?:https?|wss?):)?(?P<slashes>//)?(?P<host>(?:[\w-]{1,63}+\.){0,8}openrouter\.ai)\.?(?P<port>:\d+)?(?![\w-]|\.\w)",
    re.IGNORECASE,
)
"""Parts and their length are bounded, or a text of nothing but dots and letters would take time by its square."""
_RELAY = regex(r"https?://[^\s\"'`<>]{0,300}?(?<![\w.-])openrouter(?:\.helicone\.ai|/v1|/api)[^\s\"'`<>]*", re.IGNORECASE)
_PATH = regex(r"/[^\s\"'`<>()\[\]|\\^,;]*")
_PREFIX = regex(r"/api/v1(?=$|[/?#{}$:.!…])|/v1(?=$|[/?#{}$])|/api(?=$|[/?#{}$])", re.IGNORECASE)


@cache
def _own() -> frozenset[str]:
    return frozenset(openrouter()["endpoints"]["own"])


_VERSION = regex(r"^/?(?:api/)?v1(?=/|\Z)")
"""What a program may put behind a base without a version."""


def without_version(path: str) -> str:
    """What is asked for behind a base, with or without the version in front of it: `/models` of `/v1/models`."""
    return _VERSION.sub("", path)


def endpoint_kind(path: str) -> UrlKind:
    """What a path below the API prefix is (`credits`, `/models?x=1`); placeholders count as nothing."""
    clean = re.split(r"[?#]", path.strip("/"), maxsplit=1)[0].strip("/").lower()
    endpoints = openrouter()["endpoints"]
    if not clean or clean.startswith(("{", "$", "<")):
        return UrlKind.BASE
    if clean in endpoints["move"]:
        return UrlKind.MOVES
    if clean in endpoints["report"]:
        return UrlKind.REPORTS
    return UrlKind.OWN


def own_reason(path: str) -> str:
    """What is known about an endpoint that only OpenRouter has."""
    clean = re.split(r"[?#]", path.strip("/"), maxsplit=1)[0].strip("/").lower()
    reasons: dict[str, str] = openrouter()["endpoints"]["own"]
    while clean:
        if clean in reasons:
            return reasons[clean]
        clean = clean.rpartition("/")[0]
    return "only OpenRouter documents this endpoint"


def find_urls(text: str) -> tuple[Url, ...]:
    """Every OpenRouter address in `text`, in order."""
    if "openrouter" not in text.lower():
        return ()
    urls = [_classify(text, match) for match in _HOST.finditer(text)]
    taken = [(url.start, url.end) for url in urls]
    urls += [
        Url(start=m.start(), end=m.end(), swap_end=m.end(), kind=UrlKind.RELAY, path="", host=m[0].split("/")[2])
        for m in _RELAY.finditer(text)
        if not any(start < m.end() and m.start() < end for start, end in taken)
    ]
    return tuple(sorted(urls, key=lambda url: url.start))


def _classify(text: str, match: re.Match[str]) -> Url:
    host, hosts = match["host"].lower(), openrouter()["hosts"]
    rest = _PATH.match(text, match.end())
    whole = (rest[0] if rest else "").rstrip(".:!*") if match["slashes"] or rest else ""
    end = match.end() + len(whole)
    start, scheme = match.start(), (match["scheme"] or "") + (match["slashes"] or "")
    prefix = _PREFIX.match(whole)
    path = whole[prefix.end() :].lstrip("/") if prefix else whole.lstrip("/")
    swap_end = match.end() + (prefix.end() if prefix else 0)
    odd = ""

    def url(kind: UrlKind) -> Url:
        return Url(start=start, end=end, swap_end=swap_end, kind=kind, path=path, host=host, odd=odd, scheme=scheme)

    if host in hosts["regional"]:
        return url(UrlKind.REGIONAL)
    if host != hosts["canonical"] and host not in hosts["aliases"]:
        return url(UrlKind.PAGE if host.startswith("status.") else UrlKind.OWN)
    if match["port"] not in (None, ":443"):
        return url(UrlKind.RELAY)
    if not prefix:
        if not path:
            return url(UrlKind.HOST)
        return url(UrlKind.PAGE)
    if host in hosts["aliases"]:
        odd = "an undocumented host that may never have worked"
    elif prefix[0].lower() == "/v1":
        odd = "an undocumented path that OpenRouter's documentation does not have"
    elif scheme == "http://":
        odd = "plain http: upgraded to https"
    elif not scheme:
        odd = "written without a scheme"
    if prefix[0].lower() == "/api":
        if path:
            kind = UrlKind.OWN if not path.startswith(("{", "$", "<")) else UrlKind.HOST
            return url(kind)
        return url(UrlKind.ANTHROPIC_BASE)
    return url(endpoint_kind(path))


def moved(url: Url, target: Target) -> tuple[int, int, str] | None:
    """What to replace for `url` in its text: start, end and the new text; None where the target has no such address."""
    base = target.anthropic_base if url.kind is UrlKind.ANTHROPIC_BASE else target.openai_base
    if base is None or not url.kind.movable:
        return None
    if not url.scheme:
        base = base.split("://", 1)[1]
    elif url.scheme == "//":
        base = "//" + base.split("://", 1)[1]
    return url.start, url.swap_end, base


def host_only(url: Url, target: Target) -> str:
    """The target's host in the place of OpenRouter's, with the scheme as written."""
    scheme, _, rest = target.openai_base.partition("://")
    host = rest.split("/", 1)[0]
    return f"{scheme}://{host}" if url.scheme.endswith("://") else host


_PUBLIC_HOST = regex(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.IGNORECASE)
"""Numbers and single words are hosts of the program's own network."""
_OWN_ENDINGS = ("localhost", ".local", ".internal", ".localhost")


def foreign_host(text: str) -> str:
    """The host of a whole address that is somebody else's, neither OpenRouter's nor of the program's own network; "" for any other text."""
    if "://" not in text or "openrouter" in text.lower() or find_urls(text):
        return ""
    try:
        host = (urlsplit(text).hostname or "").lower()
    except ValueError:
        return ""
    return host if _PUBLIC_HOST.fullmatch(host) and not host.endswith(_OWN_ENDINGS) else ""
