"""No secret in any byte of any mode: 42 shapes in 26 places of a repository, each value planted once."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from migrator.__main__ import main
from tests.planted import PLACES, SHAPES

MODES = {
    "text": ["--dry-run", "-v"],
    "json": ["--dry-run", "--format", "json"],
    "diff": ["--diff"],
    "unsafe": ["--unsafe", "--dry-run", "-v"],
    "apply": ["-v", "--unsafe"],
}
PARTS = 6
SEED = int(os.environ.get("PLANTED_SEED", "0"))
"""Another number plants other values; the nightly run takes the date."""


def _tree(root: Path, shapes: list[str]) -> dict[str, str]:
    """A tree with every place for every shape; each secret with the file it stands in."""
    planted: dict[str, str] = {}
    for shape in shapes:
        for place, text in PLACES.items():
            chance = random.Random(f"{SEED} {shape} {place}")
            secret = SHAPES[shape](chance)
            path = root / shape.replace(" ", "-") / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("@@", secret), "utf-8")
            planted[secret] = f"{shape} in {place}"
    return planted


def _core(secret: str) -> str:
    """What of a secret must not be seen: its last part, because the head that names its kind may."""
    return secret[-12:]


def _leaks(planted: dict[str, str], said: str) -> list[str]:
    return sorted(where for secret, where in planted.items() if _core(secret) in said)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_planted_secret_is_shown(
    part: int, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(state))
    root = tmp_path / "tree"
    planted = _tree(root, sorted(SHAPES)[part::PARTS])
    leaks: dict[str, list[str]] = {}
    commands = {mode: [str(root), *options] for mode, options in MODES.items()}
    commands |= {name: [name, str(root), *more] for name, more in (("inventory", []), ("retire", ["--no-history"]), ("undo", []))}
    for name, arguments in commands.items():
        main(arguments)
        said = capfd.readouterr()
        if found := _leaks(planted, said.out + said.err):
            leaks[name] = found
    written = "".join(path.read_text("utf-8", "replace") for path in state.rglob("*") if path.is_file())
    if found := _leaks(planted, written):
        leaks["journal"] = found
    assert leaks == {}, "\n".join(f"{name}: {len(found)}: {', '.join(found[:40])}" for name, found in leaks.items())
