"""What a repository uses, service by service, and the projects proposed along these lines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.lifecycle import inventory, workspaces
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
    assert [line for line in text.splitlines() if len(line) > 80] == []
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


@pytest.mark.parametrize("most", [80, 200])
def test_a_table_fits_its_columns_and_nothing_is_cut(root: Path, most: int) -> None:
    text = inventory.table(inventory.services(PLAN, root), most)
    assert [line for line in text.splitlines() if len(line) > most] == []
    for word in ("apps/api/src/b.py:4", 'order: ["togetherai"]', "a free variant", "infra/compose.yml:7"):
        assert word in text


def _workspace(root: Path) -> None:
    files = {
        "package.json": '{"name": "shop", "workspaces": ["apps/*", "packages/*"]}',
        "packages/llm/package.json": '{"name": "@shop/llm"}',
        "packages/chat/package.json": '{"name": "@shop/chat", "dependencies": {"@shop/llm": "workspace:*"}}',
        "apps/web/package.json": '{"name": "web", "dependencies": {"@shop/chat": "workspace:*"}}',
        "apps/admin/package.json": '{"name": "admin", "dependencies": {"llm": "file:../../packages/llm"}}',
        "apps/docs/package.json": '{"name": "docs"}',
        "py/core/pyproject.toml": '[project]\nname = "Shop_Core"\n',
        "py/worker/pyproject.toml": '[project]\nname = "worker"\ndependencies = ["shop-core>=1"]\n',
        "broken/package.json": "{",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_a_package_is_proposed_for_the_programs_that_use_it(tmp_path: Path) -> None:
    _workspace(tmp_path)
    users = workspaces.users(tmp_path)
    assert users["packages/llm"] == {"packages/chat", "apps/web", "apps/admin"}
    assert users["py/core"] == {"py/worker"}
    rows = tuple(
        ModelRow(id=id_, locations=(at(path),), status="unchecked", note="")
        for id_, path in (("a/x", "packages/llm/i.ts"), ("a/y", "apps/web/i.ts"), ("a/z", "py/core/c.py"))
    )
    plan = Plan(tool="0", target=PLAN.target, models=rows)
    proposal = inventory.projects(inventory.services(plan, tmp_path), plan, users, tmp_path)
    assert [(row["project"], row["through"], row["allow"]) for row in proposal] == [
        ("admin", ["packages/llm"], ["a/x"]),
        ("web", ["packages/llm"], ["a/x", "a/y"]),
        ("worker", ["py/core"], ["a/z"]),
    ]
    assert "through    packages/llm" in inventory.projects_text(proposal, plan)


def test_only_options_of_the_target_are_proposed_as_routing() -> None:
    def row(becomes: str | None, status: str = "translated", field: str = "x", dialect: str = "openrouter") -> RoutingRow:
        return RoutingRow(
            path="a.py",
            line=1,
            dialect=dialect,
            field=field,
            value='["openai"]',
            status=status,
            becomes=becomes,
            risk=None,
            note="",
            reaches_wire=True,
        )

    rows = (
        row('sort: "cost"'), row("removed"), row('reasoning: {"enabled": true}'), row('"openai/gpt-5" with sort: "tps"', "caveat"),
        row("zeroDataRetention: true", "caveat"), row("40", "caveat"), row(None, "no-equivalent"), row('["openai"]', "unchanged", "only", "gateway"),
    )  # fmt: skip
    plan = Plan(tool="0", target=PLAN.target, routing=rows, connections=PLAN.connections[:1])
    plan = replace(plan, connections=(replace(PLAN.connections[0], path="a.py"),))
    (only,) = inventory.projects(inventory.services(plan, None), plan)
    assert only["routing"] == ['only: ["openai"]', 'sort: "cost"', "zeroDataRetention: true"]


def test_ids_that_no_list_was_asked_for_are_unchecked() -> None:
    rows = tuple(
        ModelRow(id=id_, locations=(), status=status, note="") for id_, status in (("a/x", "same"), ("a/y:free", "variant"))
    )
    plan = inventory.unchecked(Plan(tool="0", target=PLAN.target, models=rows))
    assert [row.status for row in plan.models] == ["unchecked", "variant"]
    assert inventory.allowlist(plan.models).splitlines()[0] == "a/x"


def test_nothing_to_list() -> None:
    empty = Plan(tool="0", target=PLAN.target)
    assert inventory.table(inventory.services(empty, None)) == "Nothing here talks to OpenRouter."
    assert inventory.projects_text((), empty) == "No service talks to OpenRouter: nothing to propose."
