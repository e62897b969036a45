"""Nine rules beside nine neighbours through six clients: nothing is lost in a run called safe, and what is called written is.

Each program is planned and edited as a run would do it, and the body of its request is read off the text before and after: the body
after must be the model's translation of the body before, option by option.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from migrator.catalog.targets import load
from migrator.model import Applicability, Plan
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.text.splice import splice
from tests.routing.bodies import CLIENTS, Client, body_of, translated

TARGET = load("synapse")
RULES: Mapping[str, Mapping[str, Any]] = {
    "order": {"provider": {"order": ["anthropic", "amazon-bedrock"]}},
    "only": {"provider": {"only": ["azure"]}},
    "closed order": {"provider": {"order": ["azure"], "allow_fallbacks": False}},
    "ignore": {"provider": {"only": ["azure", "groq"], "ignore": ["groq"]}},
    "sort": {"provider": {"sort": "price"}},
    "data_collection": {"provider": {"data_collection": "deny"}},
    "zdr": {"provider": {"zdr": True}},
    "max_price": {"provider": {"max_price": {"prompt": 1}}},
    "models": {"models": ["openai/gpt-5.1", "anthropic/claude-sonnet-4.5"]},
}
NEIGHBOURS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "transforms": {"transforms": ["middle-out"]},
    "plugins": {"plugins": [{"id": "web"}]},
    "session_id": {"session_id": "abc"},
    "reasoning": {"reasoning": {"effort": "high"}},
    "usage": {"usage": {"include": True}},
    "a comment": {"#": "contract of 2025"},
    "require_parameters": {"provider": {"require_parameters": True}},
    "quantizations": {"provider": {"quantizations": ["fp8"]}},
}


def options_of(rule: str, neighbour: str) -> dict[str, Any]:
    options = {**RULES[rule], **{name: value for name, value in NEIGHBOURS[neighbour].items() if name != "provider"}}
    provider = {**RULES[rule].get("provider", {}), **NEIGHBOURS[neighbour].get("provider", {})}
    return {**options, "provider": provider} if provider else options


def run(root: Path, files: Mapping[str, str], *, unsafe: bool) -> tuple[Plan, dict[str, str]]:
    for path, text in files.items():
        (root / path).write_text(text, "utf-8")
    plan = make_plan(root, [root], Options(target=TARGET, unsafe=unsafe))
    edits = plan.edits()
    return plan, {path: splice(text, edits.get(path, ())) for path, text in files.items()}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_lost_and_nothing_is_told_that_is_not_so(client: Client, rule: str, tmp_path: Path) -> None:
    for neighbour in NEIGHBOURS:
        options = options_of(rule, neighbour)
        comment = str(options.pop("#", ""))
        if comment and not client.comments:
            continue
        files = client.program(options, comment)
        before = body_of(client, files)
        wanted, exact = translated(before, TARGET, whole=client.whole)
        for unsafe in (False, True):
            folder = tmp_path / f"{neighbour}-{unsafe}"
            folder.mkdir()
            plan, after = run(folder, files, unsafe=unsafe)
            case = f"{client.name}, {rule}, {neighbour}{', unsafe' if unsafe else ''}"
            moved = "synapse.garden" in after[client.file]
            assert unsafe or moved == exact, f"{case}: moved {moved}, though nothing that must be accepted is lost: {exact}"
            assert moved or not unsafe, f"{case}: is not moved"
            assert body_of(client, after) == (wanted if moved else before), case
            assert not comment or comment in after[client.file], case
            gateway = body_of(client, after).get("providerOptions", {}).get("gateway", {})
            for row in plan.routing:
                name = (row.becomes or "").partition(":")[0]
                if row.status in ("translated", "caveat") and row.becomes not in (None, row.value, "removed"):
                    assert row.written == moved == (name in gateway), f"{case}: {row.field} is called written: {row.written}"
            for change in plan.changes:
                assert change.applicability is not Applicability.SAFE or not change.selected or exact or unsafe, case
