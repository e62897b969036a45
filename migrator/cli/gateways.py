"""The commands that talk to a gateway, or play one: `preflight`, `verify`, `rehearse`, `prove`.

Answers go to standard output, questions and complaints to standard error. Nobody is asked anything without a terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.arguments import require_finished_run, root_of
from migrator.cli.output import LIVE, OK, columns, say_line
from migrator.cli.parameters import AnthropicUrl, BaseUrl, CaFile, EnvFile, FormatOption, KeyEnv, TargetName, Where, Yes
from migrator.cli.plans import moved_of, openrouter_at, plan_of
from migrator.cli.report import Form
from migrator.cli.usage import complete_gateway
from migrator.model import MigratorError

if TYPE_CHECKING:
    from migrator.live.result import Check
    from migrator.live.verify import Row
    from migrator.model import ModelRow, Target


def preflight(
    path: Where = ".",
    gateway: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Check this gateway; `openrouter` for the one you are leaving.", autocompletion=complete_gateway
        ),
    ] = None,
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    env_file: EnvFile = None,
    ca_file: CaFile = None,
    model: Annotated[
        str | None, typer.Option(metavar="ID", help="Probe with this model; it is checked like the code's own.")
    ] = None,
    probe: Annotated[bool, typer.Option("--probe", help="Also send one minimal chat request; costs a little.")] = False,
    probe_features: Annotated[
        bool, typer.Option("--probe-features", help="Also send one request for each feature that the code uses; costs a little.")
    ] = False,
    yes: Yes = False,
    form: FormatOption = Form.TEXT,
) -> int:
    """Check key, base URL and model ids against a gateway. One request a line, no retries."""
    from migrator.lifecycle.already_migrated import join
    from migrator.live import features, http, keys, preflight, render

    http.need_httpx()
    chosen = _gateway(gateway, target, base_url, anthropic_base_url, key_env)
    costs = probe or probe_features
    consent = _consent(yes=yes, costs=costs)
    plan = plan_of(path, chosen)
    moved = moved_of(path, chosen)
    whole = join(plan, moved)
    used = features.detect(whole, frozenset(moved.sources)) if probe_features else frozenset()
    if chosen.name == "openrouter":
        used -= {"routing"}  # the emitted options are the target's
    ask = preflight.Ask(
        target=chosen,
        models=whole.models,
        probe=probe,
        features=used,
        routing=features.options(plan) if chosen.name != "openrouter" else {},
        model=model,
        env_file=env_file,
        ca_file=ca_file,
    )
    if form is Form.TEXT:
        key = keys.find(chosen.key_env, env_file, os.environ)
        way = http.route(chosen.openai_base, ca_file)
        head = f"{way.shown}; {way.tls}; {http.LIMITS}"
        rows = {"base": chosen.openai_base, "key": preflight.head_key(chosen, env_file, key), "network": head}
        if probe_features:
            rows["features"] = ", ".join(sorted(ask.features)) or "none found in the code"
        say_line(render.head(f"Preflight of {chosen.title}", rows, columns()))
    report = preflight.run(ask, os.environ, _teller(form), consent)
    say_line(render.report_json(report) if form is Form.JSON else render.ending(report, columns()))
    return OK if report.passed() else LIVE


def verify(
    path: Where = ".",
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    from_base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="OpenRouter's base URL, if not the documented one.")
    ] = None,
    from_key_env: Annotated[str | None, typer.Option(metavar="NAME", help="The variable that holds the OpenRouter key.")] = None,
    env_file: EnvFile = None,
    ca_file: CaFile = None,
    model: Annotated[list[str] | None, typer.Option(metavar="ID", help="Compare these models instead of the code's.")] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Prompts to send: one a line, or a JSON list.", show_default="three built in"),
    ] = None,
    max_tokens: Annotated[int, typer.Option(min=16, help="Completion tokens at most, each request.")] = 64,
    max_cost: Annotated[
        str, typer.Option(metavar="USD", help="Send nothing if it could cost more, or if that cannot be known.")
    ] = "1",
    yes: Yes = False,
    form: FormatOption = Form.TEXT,
) -> int:
    """Compare what both gateways count and charge for some prompts. Costs money: asks first."""
    from migrator.catalog import targets
    from migrator.lifecycle.already_migrated import join
    from migrator.live import http, render, verify

    http.need_httpx()
    new = targets.chosen(target, base_url, anthropic_base_url, key_env)
    old = openrouter_at(from_base_url, from_key_env)
    if old.key_env == new.key_env and env_file is None:
        raise MigratorError(
            f"{old.key_env} would be read for both gateways; name the variable of each with --key-env and --from-key-env."
        )
    consent = _consent(yes=yes, costs=True)
    texts = verify.PROMPTS if prompts is None else verify.read_prompts(prompts)
    models = tuple(_named(id_) for id_ in model) if model else join(plan_of(path, new), moved_of(path, new)).models
    ask = verify.Ask(
        old=verify.Side(target=old, env_file=env_file),
        new=verify.Side(target=new, env_file=env_file),
        models=models,
        prompts=texts,
        max_tokens=max_tokens,
        max_cost=_amount(max_cost),
        ca_file=ca_file,
    )
    if form is Form.TEXT:
        both = {"old": f"{old.title}, {old.openai_base}", "new": f"{new.title}, {new.openai_base}", "network": http.LIMITS}
        say_line(render.head("Comparing two gateways", both, columns()))

    def tell(row: Row) -> None:
        if form is Form.TEXT:
            say_line(render.row(row, columns()))

    comparison = verify.run(ask, os.environ, _teller(form), consent, tell)
    if form is Form.JSON:
        say_line(render.comparison_json(comparison))
    else:
        table = f"\n{render.table(comparison, columns())}\n\n" if comparison.rows else ""
        say_line(table + render.totals(comparison, columns()))
    return OK if comparison.passed() else LIVE


def rehearse(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 8787,
    gateway: Annotated[
        str,
        typer.Option(metavar="NAME", help="Which gateway to play: synapse, vercel or openrouter.", autocompletion=complete_gateway),
    ] = "synapse",
    fail: Annotated[
        str, typer.Option(metavar="STATUS,...", help="Answer the next POST requests with these errors, one each: 429,503.")
    ] = "",
    model: Annotated[list[str] | None, typer.Option(metavar="ID", help="List this model too.")] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write what arrives as JSON lines, bodies too: keys masked, for you alone to read (0600)."
        ),
    ] = None,
) -> int:
    """Play a gateway on this machine, before any key exists. Shows what a program sends."""
    from migrator.catalog import targets
    from migrator.live import gateway as playing
    from migrator.live import rehearse

    playing.need_server()
    statuses = playing.statuses(fail)
    chosen = targets.gateway(gateway)
    rehearse.serve(chosen, port, statuses, tuple(model or ()), record, columns())
    return OK


def prove(
    context: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="[PATH] -- COMMAND...", help="The tree, and a test or script that makes its requests.")
    ],
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Also with the changes that are only probably right.")] = False,
    target: TargetName = None,
    base_url: BaseUrl = None,
    anthropic_base_url: AnthropicUrl = None,
    key_env: KeyEnv = None,
    seconds: Annotated[float, typer.Option("--timeout", min=1, help="Seconds that one run of the command may take.")] = 300,
    form: FormatOption = Form.TEXT,
) -> int:
    """Compare what a command sends before and after the change. It runs in copies; nothing leaves the machine."""
    from migrator.catalog import targets
    from migrator.cli.asked import default_options
    from migrator.live import prove as proving
    from migrator.live import prove_report
    from migrator.live.recorder import need_extra
    from migrator.plan.pipeline import make_plan
    from migrator.records import replace

    given: tuple[str, ...] = context.obj or ()
    command = list(given[given.index("--") + 1 :]) if "--" in given else []
    paths = words[: len(words) - len(command)]
    if not command or len(paths) > 1:
        raise MigratorError(
            "prove wants one path and a command after two dashes: migrate-openrouter prove . -- pytest tests/test_chat.py"
        )
    need_extra()
    root = root_of(paths[:1] or ["."])
    require_finished_run(root)
    options = replace(default_options(targets.chosen(target, base_url, anthropic_base_url, key_env), root), unsafe=unsafe)
    plan = make_plan(root, [root], options)
    if not any(change.selected for change in plan.changes):
        raise MigratorError(f"nothing would change in {root}; a dry run says why.")
    proof = proving.prove(plan, root.resolve(), command, seconds=seconds)
    if form is Form.JSON:
        say_line(prove_report.dump(proof).removesuffix("\n"))
    else:
        say_line(prove_report.render(proof, width=columns()).removesuffix("\n"))
    return OK if proof.proves() else LIVE


def _gateway(
    gateway: str | None, target: str | None, base_url: str | None, anthropic_base_url: str | None, key_env: str | None
) -> Target:
    """The gateway of a preflight: the target as everywhere, or with `--gateway` any profile."""
    from migrator.catalog import targets

    if gateway is None:
        return targets.chosen(target, base_url, anthropic_base_url, key_env)
    if target is not None:
        raise MigratorError("--gateway and --target name the same thing; give one of them.")
    if targets.gateway(gateway).name != "openrouter":
        return targets.chosen(gateway, base_url, anthropic_base_url, key_env)
    return openrouter_at(base_url, key_env)


def _named(id_: str) -> ModelRow:
    from migrator.model import ModelRow

    return ModelRow(id=id_, locations=(), status="same", note="")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise MigratorError(f"--max-cost {text}: an amount in US dollars is needed, for example 0.50.")
    return amount


def _consent(*, yes: bool, costs: bool) -> Callable[[str], bool]:
    """How a question is answered. Raises `MigratorError` where one would have to be asked and nobody is there."""
    if yes:
        return lambda _question: True
    if costs and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise MigratorError("This sends requests that cost money, and there is no terminal to ask on: add --yes. Nothing was sent.")
    return lambda question: typer.confirm(question, default=False, err=True)


def _teller(form: Form) -> Callable[[Check], None]:
    from migrator.live import render

    def tell(check: Check) -> None:
        if form is Form.TEXT:
            say_line(render.check(check, columns()))

    return tell
