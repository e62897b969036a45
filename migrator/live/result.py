"""What a live check says: typed lines, in the order they happened. A line with a `request` stands for exactly one request."""

from __future__ import annotations

from enum import StrEnum

from migrator.live.http import Reply
from migrator.records import dataclass


class Verdict(StrEnum):
    """How a line ended."""

    PASS = "ok"
    FAIL = "fail"
    NOTE = "note"
    """Worth knowing; decides nothing."""
    SKIP = "skip"
    """Not tried, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The one request of a line."""

    method: str
    url: str
    status: int | None
    """None: no answer."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the result."""

    id: str
    """`key`, `base-url`, `models`, `model:<id>`, `probe:<feature>`."""
    verdict: Verdict
    says: str
    remedy: str | None = None
    failure: str | None = None
    """Id in `failures.toml`, or the HTTP status."""
    request: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A finished preflight."""

    gateway: str
    base_url: str
    key: str
    """Variable, place and masked shape."""
    network: str
    checks: tuple[Check, ...]

    def passed(self) -> bool:
        """Did every line that was tried hold?"""
        return all(check.verdict is not Verdict.FAIL for check in self.checks)


def request(reply: Reply) -> Request:
    """The request behind a reply."""
    return Request(method=reply.method, url=reply.url, status=reply.status, seconds=round(reply.seconds, 3))
