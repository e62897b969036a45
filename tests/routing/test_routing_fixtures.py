"""Every folder under `fixtures/routing`: the routing part alone, without the rest of the plan."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from migrator.catalog.targets import load
from migrator.model import Applicability
from tests.routing.trees import edited, sites_of

ROOT = Path(__file__).parents[2] / "fixtures" / "routing"
# what other rules say about these lines: model ids, headers, hosts, endpoints, reply fields
OTHERS = ("targets 2.4", "targets 2.5", "targets 2.6")


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", sorted(path.name for path in ROOT.iterdir()))
def test_the_block_becomes_what_the_fixture_says(case: str) -> None:
    folder = ROOT / case
    about = tomllib.loads((folder / "case.toml").read_text("utf-8"))
    target = load("vercel" if "vercel" in about.get("options", ()) else "synapse")
    before = tree(folder / "before")
    floor = Applicability.UNSAFE if "--unsafe" in about.get("options", ()) else Applicability.SAFE
    moved = {
        path: text.replace("https://openrouter.ai/api/v1", target.openai_base).replace("OPENROUTER_API_KEY", target.key_env)
        for path, text in edited(before, target, floor=floor).items()
    }
    if (folder / "after").is_dir():
        assert moved == tree(folder / "after")
    else:
        assert edited(before, target, floor=floor) == before
    repository, sites = sites_of(before)
    for wanted in about.get("expect", ()):
        if wanted.get("rule", "routing") != "routing" or any(about.get("row", "").startswith(row) for row in OTHERS):
            continue
        lines = [
            (repository.files[site.path].lines.line(site.span.start), repository.files[site.path].lines.line(site.span.end))
            for site in sites
            if site.path == wanted["path"]
        ]
        assert any(first <= wanted["line"] <= last for first, last in lines), (wanted, lines)
