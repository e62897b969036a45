"""W1 to W6 over generated applications: 40 of each language in CI (the variable CI), 10 on a desk; `python -m tests.proof` for thousands.

A failure names the seed; `python -m tests.proof --seed SEED --programs 1 --out FOLDER` writes the application down, made smaller.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.proof.grammar import LANGUAGES
from tests.proof.profile import KNOWN, UNFINISHED
from tests.proof.runners import node_packages
from tests.proof.session import Session, available

SEED = int(os.environ.get("PROOF_SEED", "0"))
"""Of the first application; the nightly run takes the date, so that each night draws others."""
PROGRAMS = int(os.environ.get("PROOF_PROGRAMS") or (40 if os.environ.get("CI") else 10))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_law_holds_for_generated_applications(language: str, session: Session) -> None:
    if language in ("typescript", "javascript") and node_packages() is None:
        pytest.skip("Node or the packages of tests/node are missing: tests/test_typescript_compiles.py installs them")
    scope = available(session.runner, language, ",".join(UNFINISHED))
    complaints = [
        f"seed {seed}: {violation.law} in {violation.environment}: {violation.kind}: {violation.detail}"
        for seed in range(SEED, SEED + PROGRAMS)
        for violation in session.check(seed, scope)
        if violation.signature not in KNOWN
    ]
    assert not complaints, "\n".join(complaints[:20])
    assert session.statistics["moved"] >= PROGRAMS // 3, "an empty proof: too few applications were changed at all"
