"""What a repository uses, service by service, and the projects proposed along these lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.lifecycle import inventory
from migrator.model import ConnectionRow, EnvRow, Location, ModelRow, Plan, RoutingRow

SECRET = "sk-or-v1-" + "0" * 64


def at(path: str, line: int = 1) -> Location:
    return Location(path=path, line=line)


PLAN = Plan(
    tool="0",
    target=targets.load(),
    models=(
        ModelRow(id="openai/gpt-4o", locations=(at("apps/web/a.ts"), at("apps/api/src/b.py", 4)), status="unknown", note=""),
        ModelRow(id="openrouter/openai/gpt-4o", locations=(at("apps/api/src/c.py"),), status="prefixed", note=""),
        ModelRow(id="x/y:free", locations=(at("apps/web/a.ts", 9),), status="variant", note="a free variant"),
        ModelRow(id="openrouter/auto", locations=(at("script.py"),), status="router-only", note=""),
    ),
    connections=(
        ConnectionRow(
            path="apps/web/a.ts",
            line=2,
            client="openai",
            url_from="literal",
            key_from=f"literal {SECRET}",
            decision="rewrite",
            because="",
        ),
    ),
    env=(
        EnvRow(
            name="OPENROUTER_API_KEY",
            new_name="MG_KEY",
            decision="rename",
            because="",
            readers=(at("apps/web/a.ts", 3), at("apps/api/src/b.py", 5)),
            definers=(at("infra/compose.yml", 7),),
        ),
    ),
    routing=(
        RoutingRow(
            path="apps/api/src/b.py",
            line=8,
            dialect="openrouter",
            field="provider.order",
            value='["Together"]',
            status="translated",
            becomes='order: ["togetherai"]',
            risk=None,
            note="",
            reaches_wire=True,
        ),
    ),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "My Shop"
    for name in ("apps/web/package.json", "apps/api/pyproject.toml", "infra/compose.yml"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    (top / "package.json").touch()
    return top


def test_a_service_is_the_nearest_folder_with_a_manifest(root: Path) -> None:
    found = {service.path: service for service in inventory.services(PLAN, root)}
    assert list(found) == [".", "apps/api", "apps/web"]
    assert [row.id for row in found["apps/api"].models] == ["openai/gpt-4o", "openrouter/openai/gpt-4o"]
    assert found["apps/api"].models[0].locations == (at("apps/api/src/b.py", 4),)
    assert found["apps/web"].env[0].readers == (at("apps/web/a.ts", 3),)
    assert found["."].env[0].definers == (at("infra/compose.yml", 7),)
    assert found["."].name == "my-shop"
    assert [row.field for row in found["apps/api"].routing] == ["provider.order"]


def test_without_a_root_everything_is_one_service() -> None:
    (only,) = inventory.services(PLAN, None)
    assert (only.path, only.name) == (".", "main")
    assert len(only.models) == 4


def test_nothing_is_lost_in_any_format(root: Path) -> None:
    found = inventory.services(PLAN, root)
    text = inventory.table(found)
    document = inventory.as_json(found)
    sheet = inventory.as_csv(found)
    for shown in (text, document, sheet):
        assert SECRET not in shown
        for word in ("openai/gpt-4o", "x/y:free", "OPENROUTER_API_KEY", "provider.order", "apps/api"):
            assert word in shown
    assert json.loads(document)["services"][1]["path"] == "apps/api"
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert len(rows) == 5 + 1 + 3 + 1
    assert {row["kind"] for row in rows} == {"model", "connection", "variable read", "variable defined", "routing"}


def test_a_sheet_runs_no_formula_from_the_code() -> None:
    row = ModelRow(id="=HYPERLINK(1)", locations=(at("a"),), status="unknown", note="")
    sheet = inventory.as_csv(inventory.services(Plan(tool="0", target=PLAN.target, models=(row,)), None))
    assert ",'=HYPERLINK(1)," in sheet


def test_the_allow_list_holds_ids_that_can_be_called_and_explains_the_rest() -> None:
    lines = inventory.allowlist(PLAN.models).splitlines()
    assert lines == ["openai/gpt-4o", "# openrouter/auto: router-only", "# x/y:free: variant, a free variant"]


def test_one_project_and_key_for_each_service_that_talks(root: Path) -> None:
    proposal = inventory.projects(inventory.services(PLAN, root), PLAN)
    assert [one["project"] for one in proposal] == ["my-shop", "api", "web"]
    api = proposal[1]
    assert api["key_variables"] == ["MG_KEY"]
    assert api["reads"] == ["OPENROUTER_API_KEY"]
    assert api["allow"] == ["openai/gpt-4o"]
    assert api["routing"] == ['order: ["togetherai"]']
    assert proposal[2]["undecided"] == ["x/y:free"]
    text = inventory.projects_text(proposal, PLAN)
    assert "Nothing was created." in text
    assert "may call   openai/gpt-4o" in text
    assert len(json.loads(inventory.projects_json(proposal))["projects"]) == 3


def test_a_folder_that_only_defines_gets_no_key_and_equal_names_are_told_apart(tmp_path: Path) -> None:
    for name in ("a/bot/package.json", "b/bot/package.json", "c/package.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    rows = (ModelRow(id="x/y", locations=(at("a/bot/i.js"), at("b/bot/i.js")), status="same", note=""),)
    variable = EnvRow(name="V", new_name=None, decision="keep", because="", readers=(), definers=(at("c/.env"),))
    plan = Plan(tool="0", target=PLAN.target, models=rows, env=(variable,))
    proposal = inventory.projects(inventory.services(plan, tmp_path), plan)
    assert [one["project"] for one in proposal] == ["bot", "bot-2"]


def test_nothing_to_list() -> None:
    empty = Plan(tool="0", target=PLAN.target)
    assert inventory.table(inventory.services(empty, None)) == "Nothing here talks to OpenRouter."
    assert inventory.projects_text((), empty) == "No service talks to OpenRouter: nothing to propose."
