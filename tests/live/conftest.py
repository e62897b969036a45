"""No test here may meet the proxies, keys or authorities of the machine it runs on."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("httpx", reason="the extra `live` is not installed")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "MG_KEY", "OPENROUTER_API_KEY"):
            monkeypatch.delenv(name)
