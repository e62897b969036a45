"""Each client of each library is needed by a fixture, in each of its languages: without it the fixture fails.

A plain address and key that stand in one file move without any knowledge of the library, so such a fixture proves nothing. What makes a
client needed is a key from the library's own variable, an address from its own variable, arguments that are given by position, or the
built-in host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from migrator.integrations import lookup
from migrator.integrations.schema import Client
from migrator.model import Finding
from tests.harness import Case, cases, complaints, planned

KNOWN = lookup.shipped()


def rows() -> Iterator[tuple[str, int, str]]:
    """Every client by its file, its number there and a language."""
    for library in KNOWN.libraries():
        for number, client in enumerate(library.clients):
            yield from ((library.stem, number, language) for language in client.languages)


@cache
def _texts() -> dict[str, str]:
    """All text of each fixture, by its id."""
    texts = {}
    for case in cases():
        files = sorted(path for path in (case.folder / "before").rglob("*") if path.is_file() and not path.is_symlink())
        texts[case.id] = "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    return texts


def _candidates(client: Client, language: str) -> list[Case]:
    """Fixtures that name a callee's package and its last word, those about integrations first."""
    pairs = []
    for callee in client.callees[language]:
        words = [word for word in re.split(r"[./:]|\(\)", callee) if word and word != "*"]
        pairs.append((words[0] if not callee.startswith("@") else "/".join(re.split(r"[/.]", callee)[:2]), words[-1]))
    texts = _texts()
    matching = [case for case in cases() if any(head in texts[case.id] and tail in texts[case.id] for head, tail in pairs)]
    return sorted(matching, key=lambda case: (not case.id.startswith("integrations/"), case.id))


@pytest.mark.parametrize(("stem", "number", "language"), list(rows()))
def test_a_fixture_fails_without_the_client(
    stem: str, number: int, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = KNOWN.library(stem).clients[number]
    candidates = _candidates(client, language)
    less = KNOWN.without(stem, number, language)
    for index, case in enumerate(candidates):
        whole = _shown(case, tmp_path / f"with-{index}")
        with monkeypatch.context() as patch:
            patch.setattr(lookup, "shipped", lambda: less)
            less_shown = _shown(case, tmp_path / f"without-{index}")
            if less_shown != whole and complaints(case, tmp_path / f"run-{index}"):
                return
    looked_at = ", ".join(case.id for case in candidates) or "none names it"
    pytest.fail(f"no fixture needs client {number} of {stem}.toml in {language} ({client.name}); looked at: {looked_at}")


def _shown(case: Case, root: Path) -> list[Finding]:
    """What a plan does and says."""
    plan, _ = planned(case, root)
    return list(plan.findings)
