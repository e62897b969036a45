"""Every folder below `fixtures/`, run through every law that holds for each fixture; see `harness.LAWS`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Case, cases, complaints


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_fixture(case: Case, tmp_path: Path) -> None:
    found = complaints(case, tmp_path)
    text = f"{case.id}: {case.title}\n" + "\n".join(f"  {complaint}" for complaint in found)
    if case.xfail is None:
        assert not found, text
    else:
        assert found, f"{case.id}: every law holds now; take the `xfail` key out of its case.toml"
        pytest.xfail(f"{case.xfail}\n{text}")
