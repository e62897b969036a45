"""The commands before and after the rewrite that send nothing: `inventory`, `retire`, `estimate`. `register` mounts those that do, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.arguments import root_of
from migrator.cli.gateways import preflight, prove, rehearse, verify
from migrator.cli.output import OK, OPEN, PARTIAL, columns, complain, say_line
from migrator.cli.parameters import AnthropicUrl, BaseUrl, FormatOption, KeyEnv, Listing, TargetName, Where
from migrator.cli.plans import moved_of, plan_of
from migrator.cli.report import Form
from migrator.model import MigratorError

if TYPE_CHECKING:
    pass


def register(app: typer.Typer) -> None:
    """Mounts the commands; a second call changes nothing."""
    mounted = {info.callback for info in app.registered_commands}
    for command in (preflight, verify, inventory, retire, estimate, rehearse, prove):
        if command not in mounted:
            app.command()(command)


def inventory(
    path: Where = ".",
    form: Annotated[Listing, typer.Option("--format", help="How to print it.")] = Listing.TABLE,
    allowlist: Annotated[bool, typer.Option("--allowlist", help="Only model ids, for a project's allow-list.")] = False,
    projects: Annotated[bool, typer.Option("--projects", help="A proposal: one project and key for each program.")] = False,
    models_from: Annotated[
        str | None, typer.Option(metavar="FILE", help="A saved answer of the target's /models; without it ids are `unchecked`.")
    ] = None,
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
) -> int:
    """List models, connections, variables and routing by service. Nothing is sent."""
    from migrator.catalog import targets
    from migrator.lifecycle import inventory, workspaces
    from migrator.lifecycle.already_migrated import join

    if allowlist and projects:
        raise MigratorError("--allowlist and --projects print different things; ask for one of them.")
    if form is Listing.CSV and (allowlist or projects):
        raise MigratorError("--format csv is for the whole inventory; --allowlist and --projects print text or JSON.")
    chosen = targets.chosen(target, base_url, anthropic_base_url, key_env)
    plan = join(plan_of(path, chosen, models_from), moved_of(path, chosen))
    plan = plan if models_from else inventory.unchecked(plan)
    if allowlist and form is Listing.JSON:
        import json

        say_line(json.dumps(sorted({inventory.wanted(row) for row in plan.models if row.status in inventory.CALLABLE}), indent=2))
    elif allowlist:
        say_line(inventory.allowlist(plan.models))
    else:
        root = root_of([path])
        services = inventory.services(plan, root)
        if projects:
            proposal = inventory.projects(services, plan, workspaces.users(root), root)
            text = inventory.projects_json(proposal) if form is Listing.JSON else inventory.projects_text(proposal, plan, columns())
        elif form is Listing.TABLE:
            text = inventory.table(services, columns())
        else:
            text = inventory.as_json(services) if form is Listing.JSON else inventory.as_csv(services)
        say_line(text.removesuffix("\n"))
    for problem in plan.problems:
        complain(f"{problem.path}:{problem.line}: {problem.message}; {problem.remedy}")
    return 3 if plan.problems else OK


def retire(
    path: Where = ".",
    done: Annotated[Path | None, typer.Option("--done", metavar="FILE", help="This checklist with boxes ticked.")] = None,
    receipt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The record of the run, with boxes ticked for what is done.")
    ] = None,
    activity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="OpenRouter's activity export, made now: says when each key was last used."),
    ] = None,
    history: Annotated[bool, typer.Option("--history/--no-history", help="Search the git history for keys.")] = True,
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    form: FormatOption = Form.TEXT,
) -> int:
    """List what is left before the old key can be revoked. Nothing is sent."""
    from migrator.catalog import targets
    from migrator.lifecycle import activity as exports
    from migrator.lifecycle import open_items, retire
    from migrator.lifecycle.history import scan

    ticks = frozenset[str]() if done is None else retire.read_ticks(done)
    plan = plan_of(path, targets.chosen(target, base_url, anthropic_base_url, key_env))
    root = root_of([path])
    earlier = open_items.read(root).with_receipt(receipt).open()
    export = None if activity is None else exports.read(activity)
    made = None if activity is None else exports.written_on(activity)
    history_of_keys = scan(root) if history else None
    checklist = retire.build(plan, history_of_keys, ticks, searched=history, earlier=earlier, activity=export, written=made)
    if form is Form.JSON:
        import json

        say_line(json.dumps(retire.as_data(checklist), indent=2))
    else:
        say_line(retire.render(checklist).removesuffix("\n"))
    return OPEN if checklist.open() else OK


def estimate(
    activity: Annotated[
        Path, typer.Argument(metavar="ACTIVITY", help="OpenRouter's activity export (CSV), or the JSON of its GET /activity.")
    ],
    form: FormatOption = Form.TEXT,
    chart: Annotated[bool, typer.Option("--chart/--no-chart", help="Bars below the tables.")] = True,
) -> int:
    """Set OpenRouter's activity beside the plans of the target. Nothing is sent."""
    from migrator.lifecycle import estimate
    from migrator.lifecycle.activity import read as read_export

    read = read_export(activity)
    if form is Form.JSON:
        say_line(estimate.document(read))
    else:
        say_line(estimate.render(read))
        if chart and read.rows:
            say_line("\n" + estimate.chart(read))
    return PARTIAL if read.bad else OK
