"""Every TypeScript fixture that the real compiler accepts before a run, it accepts after: under `strict`, with the packages' own types.

The packages come from `tests/node/package-lock.json` with `npm ci`, once, into the user's cache. All fixtures are checked by one process.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.harness import Case, cases, lay

NODE = Path(__file__).parent / "node"
AT_LEAST = 60
"""Fixtures that must have been compiled, so that a broken set-up cannot pass by accepting nothing."""


def packages() -> Path:
    """The folder with `node_modules`. Skips, with the reason, where Node or the packages cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not on the PATH: the TypeScript fixtures are not compiled here")
    lock = (NODE / "package-lock.json").read_bytes() + (NODE / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migrate-openrouter-tests"
    home = cache / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if (home / "node_modules" / "typescript").is_dir():
        return home
    try:
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=cache))
    except OSError as error:
        pytest.skip(f"the packages need a place in the user's cache ({error}): the TypeScript fixtures are not compiled here")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE / name, fresh / name)
    try:
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=fresh,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[0]
            pytest.skip(f"npm could not install the packages ({last}): the TypeScript fixtures are not compiled here")
        try:
            fresh.rename(home)
        except OSError:
            assert (home / "node_modules").is_dir(), "another run was to have installed the packages"
        return home
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not finish installing the packages in ten minutes: the TypeScript fixtures are not compiled here")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def typed() -> list[Case]:
    """Fixtures with TypeScript in them that a run changes."""
    found = []
    for case in cases():
        sources = [path for path in (case.folder / "before").rglob("*") if path.suffix in (".ts", ".tsx", ".mts", ".cts")]
        if sources and not case.refusal:
            found.append(case)
    return found


def test_what_compiled_still_does(tmp_path: Path) -> None:
    home = packages()
    (tmp_path / "node_modules").symlink_to(home / "node_modules")
    places: dict[str, tuple[Path, Path]] = {}
    for case in typed():
        sides = tmp_path / case.id / "before", tmp_path / case.id / "after"
        sides[0].parent.mkdir(parents=True)
        for side in sides:
            lay(case.folder / side.name, side, case.id)
        for made in sides[1].rglob("worker-configuration.d.ts"):
            # as `wrangler types` writes it, which the report asks for
            made.write_text(made.read_text("utf-8").replace("OPENROUTER_API_KEY", "MG_KEY"), "utf-8")
        places[case.id] = sides
    asked = tmp_path / "folders.json"
    asked.write_text(json.dumps([str(side) for sides in places.values() for side in sides]))
    done = subprocess.run(
        ["node", "--max-old-space-size=3000", str(NODE / "check.cjs"), str(asked), str(home)],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    good = [id_ for id_, (before, _) in places.items() if not found[str(before)]]
    broken = {id_: found[str(places[id_][1])] for id_ in good if found[str(places[id_][1])]}
    assert not broken, json.dumps(broken, indent=2)
    rest = {id_: found[str(before)][:2] for id_, (before, _) in places.items() if id_ not in good}
    assert len(good) >= AT_LEAST, json.dumps(rest, indent=2)
    worse = {
        id_: sorted(set(found[str(after)]) - set(found[str(before)]))
        for id_, (before, after) in places.items()
        if len(found[str(after)]) > len(found[str(before)])
    }
    assert not worse, json.dumps(worse, indent=2)


def test_lock_file_names_no_registry() -> None:
    """A lock file that names hosts installs from these, whatever the machine is set up to use."""
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    manifest = json.loads((NODE / "package.json").read_text("utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)
    assert all(version[0].isdigit() for version in manifest["dependencies"].values())
