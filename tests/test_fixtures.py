"""Every folder below `fixtures/`, run through every law that holds for each fixture; see `harness.LAWS`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accepting import accept
from tests.conftest import ACCEPTED
from tests.harness import Case, cases, complaints


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_fixture(case: Case, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--accept") and accept(case, tmp_path / "accepted"):
        pytestconfig.stash[ACCEPTED].append(case.id)
    found = complaints(case, tmp_path)
    assert not found, f"{case.id}: {case.title}\n" + "\n".join(f"  {complaint}" for complaint in found)
