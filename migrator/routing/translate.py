"""Settings to rows and a gateway object: pure, deterministic, one field at a time.

Three promises, each held by a test over generated settings (`tests/routing/test_proof.py`): what is `translated` selects the same
providers in the same order; a `caveat` says so before it widens a privacy, region or price boundary; every option that was given has
a row. What the target does not document is at best a caveat: a field that is sent and ignored harms as much as one that is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from migrator.knowledge import table
from migrator.model import Target
from migrator.routing import ids, slugs
from migrator.routing.settings import WEIGHT, Risk, Row, Settings, Status, Translation, Unknown, Value, known, text
from migrator.routing.slugs import Slug

REMOVED = "removed"
"""`becomes` of a row whose option asked for nothing."""


def translate(settings: Settings, target: Target) -> Translation:
    """What becomes of every option at the target. Never raises; what it does not know it says."""
    match target.dialect:
        case "openrouter":
            return _identity(settings)
        case "gateway":
            return _Draft(settings=settings, target=target).run()
        case _:
            return _nothing(_Draft(settings=settings, target=target).run(), target)


def dialect(gateway: Mapping[str, Value], target: Target, reaches_wire: bool | None) -> Translation:
    """Rows of a block that is written in the gateway dialect already. Nothing is ever changed there."""
    return Translation(rows=tuple(_already(name, value, target, reaches_wire) for name, value in gateway.items()))


# -- dialects that need no draft -------------------------------------------------------------------------------------------------------------

_GATEWAY_RISK = {
    "only": Risk.PRIVACY,
    "zeroDataRetention": Risk.PRIVACY,
    "disallowPromptTraining": Risk.PRIVACY,
    "headquarters": Risk.PRIVACY,
    "byok": Risk.PRIVACY,
    "sort": Risk.COST,
    "serviceTier": Risk.COST,
    "caching": Risk.COST,
    "quotaEntityId": Risk.COST,
    "order": Risk.RELIABILITY,
    "models": Risk.RELIABILITY,
    "has": Risk.BEHAVIOUR,
    "user": Risk.OBSERVABILITY,
    "tags": Risk.OBSERVABILITY,
}


def _already(name: str, value: Value, target: Target, reaches_wire: bool | None) -> Row:
    risk = _GATEWAY_RISK.get(name, Risk.BEHAVIOUR)
    status, note = Status.UNCHANGED, "already the gateway dialect"
    if target.dialect != "gateway":
        status, note = Status.NO_EQUIVALENT, f"{target.title} does not read providerOptions.gateway"
    elif reaches_wire is False:
        status, note = Status.CAVEAT, "written in the gateway dialect, but this client drops it: it never reaches the gateway"
    elif name not in target.routing_fields:
        status, note = Status.CAVEAT, f"{target.title} does not document this field: confirm that it enforces it"
    return Row(
        field=f"gateway.{name}",
        value=text(value),
        status=status,
        becomes=text(value) if status is Status.UNCHANGED else None,
        risk=None if status is Status.UNCHANGED else risk,
        note=note,
    )


def _identity(settings: Settings) -> Translation:
    rows: list[Row] = []
    for name, value in settings.options.items():
        parts = (
            {f"{name}.{key}": part for key, part in value.items()}
            if name == "provider" and isinstance(value, dict)
            else {name: value}
        )
        rows += [
            Row(
                field=key,
                value=text(part),
                status=Status.UNCHANGED,
                becomes=text(part),
                risk=None,
                note="the target speaks this dialect",
            )
            for key, part in (parts or {name: value}).items()
        ]
    return Translation(rows=tuple(rows))


def _nothing(drafted: Translation, target: Target) -> Translation:
    """No dialect at all: only what asked for nothing may go, everything else is lost."""
    rows = tuple(
        row
        if row.status is Status.UNCHANGED or (row.status is Status.TRANSLATED and not row.emits)
        else replace(
            row,
            status=Status.UNKNOWN if row.status is Status.UNKNOWN else Status.NO_EQUIVALENT,
            becomes=None,
            risk=row.risk or risk_of(row.field),
            note=row.note if row.status is Status.UNKNOWN else f"{target.title} has no routing options in a request",
            emits=(),
        )
        for row in drafted.rows
    )
    lost = {row.field.split(".")[0].split("[")[0] for row in rows if row.status is not Status.TRANSLATED}
    return Translation(rows=rows, removed=frozenset(drafted.removed - lost))


def risk_of(name: str) -> Risk:
    """What would be lost if the option of a row (`provider.only`, `plugins[web]`) were dropped."""
    head, _, tail = name.partition(".")
    head = head.split("[")[0]
    data = table("routing")
    entry = data["provider"].get(tail) if head == "provider" else data["body"].get(head)
    return Risk(entry["risk"]) if entry else Risk.PRIVACY if head == "provider" else Risk.BEHAVIOUR


# -- the gateway dialect ---------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A translation while it grows. The steps run in the order of `run`; later ones read what earlier ones decided."""

    settings: Settings
    target: Target
    rows: list[Row] = field(default_factory=list)
    gateway: dict[str, Value] = field(default_factory=dict)
    body: dict[str, Value] = field(default_factory=dict)
    has: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Body keys that must stay."""
    model: str | None = None
    suffix_sort: str | None = None

    def run(self) -> Translation:
        """All steps, then the fixed order of keys and the look at what the target documents."""
        self.model_id()
        value = self.settings.options.get("provider", {})
        if isinstance(value, dict):
            self.provider(value)
        else:
            self.whole_provider(value)
        for name, step in _BODY.items():
            if name in self.settings.options:
                step(self, self.settings.options[name])
        for name, value in self.settings.options.items():
            if name != "provider" and name not in _BODY:
                self.stays(name, value)
        if self.has:
            self.gateway["has"] = list(dict.fromkeys(self.has))
        order: list[str] = table("routing")["gateway_order"]
        gateway = {name: self.gateway[name] for name in order if name in self.gateway}
        rows = tuple(self.documented(row) for row in self.rows)
        open_ = {
            row.field.partition(".")[0].partition("[")[0] for row in rows if row.status in (Status.NO_EQUIVALENT, Status.UNKNOWN)
        }
        removed = frozenset(name for name in self.settings.options if name not in self.kept and name not in open_)
        return Translation(rows=rows, gateway=gateway, body=self.body, removed=removed, model=self.model)

    def row(
        self,
        name: str,
        value: Value,
        status: Status,
        note: str,
        *,
        becomes: str | None = None,
        risk: Risk | None = None,
        emits: tuple[str, ...] = (),
    ) -> None:
        if status is Status.TRANSLATED and becomes is None:
            becomes = REMOVED
        if status not in (Status.TRANSLATED, Status.UNCHANGED) and risk is None:
            risk = risk_of(name)
        self.rows.append(Row(field=name, value=text(value), status=status, becomes=becomes, risk=risk, note=note, emits=emits))

    def documented(self, row: Row) -> Row:
        """A row whose gateway fields the target does not document is at best a caveat."""
        missing = [name for name in row.emits if name not in self.target.routing_fields]
        if not missing or row.status not in (Status.TRANSLATED, Status.CAVEAT):
            return row
        note = f"{self.target.title} does not document {', '.join(missing)}: confirm that it enforces it"
        return replace(
            row, status=Status.CAVEAT, risk=row.risk or risk_of(row.field), note=f"{row.note}; {note}" if row.note else note
        )

    def unknown(self, name: str, value: Value, rule: str) -> None:
        self.row(name, value, Status.UNKNOWN, f"not a literal here; the rule is: {rule}")

    # -- the model id --------------------------------------------------------------------------------------------------------------------

    def model_id(self) -> None:
        model = self.settings.model
        form = ids.parse(model) if isinstance(model, str) else None
        if form is None or not isinstance(model, str):
            return
        if form.preset:
            self.row(
                "model",
                model,
                Status.NO_EQUIVALENT,
                "a preset stored in the OpenRouter account: its model, prompts and rules are not in the code",
                risk=Risk.PRIVACY,
            )
            return
        if form.alias:
            self.row(
                "model",
                model,
                Status.NO_EQUIVALENT,
                "an alias that OpenRouter resolves; name the model that is meant",
                risk=Risk.BEHAVIOUR,
            )
            return
        if form.router:
            self.row(
                "model", model, Status.NO_EQUIVALENT, "a router of OpenRouter's that picks the model; name a model", risk=Risk.COST
            )
            return
        known_variants = ids.variants()
        stripped = True
        for variant in form.variants:
            entry = known_variants.get(variant)
            note = entry["note"] if entry else "a variant that is not documented"
            risk = Risk(entry["risk"]) if entry else Risk.BEHAVIOUR
            match variant:
                case "nitro" | "floor":
                    name = "tps" if variant == "nitro" else "cost"
                    self.suffix_sort = self.suffix_sort or name
                    tier = "priority" if variant == "nitro" else "discounted flex"
                    decided = self.ranked()
                    way = "; `provider` beside it says how to rank" if decided else ""
                    self.row(
                        "model", model, Status.CAVEAT, f"{note}; {tier} endpoints are not admitted this way{way}",
                        becomes=f'"{form.client}{form.base}"' + ("" if decided else f' with sort: "{name}"'),
                        risk=risk, emits=() if decided else ("sort",),
                    )  # fmt: skip
                case "thinking":
                    self.body.setdefault("reasoning", {"enabled": True})
                    self.row(
                        "model",
                        model,
                        Status.CAVEAT,
                        note,
                        becomes=f'"{form.client}{form.base}" with reasoning: {{"enabled": true}}',
                        risk=risk,
                    )
                case _:
                    stripped = False
                    self.row("model", model, Status.NO_EQUIVALENT, note, risk=risk)
        if form.variants and stripped:
            self.model = f"{form.client}{form.base}"
        effort = table("model_ids")["efforts"].get(form.base)
        if effort and stripped and "reasoning" not in self.settings.options:
            self.model = f"{form.client}{effort['id']}"
            self.body["reasoning"] = {"effort": effort["effort"]}
            self.row(
                "model", model, Status.CAVEAT, "a pseudo id for a model and an effort", risk=Risk.BEHAVIOUR,
                becomes=f'"{self.model}" with reasoning: {{"effort": "{effort["effort"]}"}}',
            )  # fmt: skip
        if "reasoning" in self.settings.options and "reasoning" in self.body:
            del self.body["reasoning"]

    def ranked(self) -> bool:
        """Does the provider object say itself how providers are ranked?"""
        provider = self.settings.options.get("provider")
        return isinstance(provider, Unknown) or (
            isinstance(provider, dict) and any(provider.get(name) is not None for name in ("sort", "order"))
        )

    # -- the provider object -------------------------------------------------------------------------------------------------------------

    def whole_provider(self, value: Value) -> None:
        if value is None:
            self.row("provider", value, Status.TRANSLATED, "null asks for nothing")
        else:
            self.unknown(
                "provider", value, "every field of the object is translated by itself; privacy and price rules must not get lost"
            )

    def provider(self, prefs: Mapping[str, Value]) -> None:
        if "provider" in self.settings.options and not prefs:
            self.row("provider", {}, Status.TRANSLATED, "an empty object asks for nothing")
        prefs = {name: value for name, value in prefs.items() if not self.null(name, value)}
        self.providers(prefs)
        for name, step in _PROVIDER.items():
            if name in prefs:
                step(self, prefs[name])
        self.sort(prefs)
        for name, value in prefs.items():
            if name not in table("routing")["provider"]:
                self.row(
                    f"provider.{name}",
                    value,
                    Status.UNKNOWN,
                    "not a field that OpenRouter documents; it may carry policy",
                    risk=Risk.PRIVACY,
                )

    def null(self, name: str, value: Value) -> bool:
        if value is None:
            self.row(f"provider.{name}", value, Status.TRANSLATED, "null is the default")
        return value is None

    def slug_list(self, prefs: Mapping[str, Value], name: str) -> list[Slug] | None:
        """The parsed list; None where it is absent, empty or cannot be read (the last two leave a row)."""
        value = prefs.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            rules = {
                "order": "slugs are mapped one by one, those without a counterpart are left out",
                "only": "slugs are mapped one by one, and the list must not become empty",
                "ignore": "the gateway has no such list; it can be taken out of `only`, or asks for the providers of each model",
            }
            self.unknown(f"provider.{name}", value, rules[name])
            return None
        if not value:
            if name == "only":
                self.row(
                    "provider.only",
                    value,
                    Status.CAVEAT,
                    "what an empty list allows is not documented; none is written",
                    becomes=REMOVED,
                )
            else:
                self.row(f"provider.{name}", value, Status.TRANSLATED, "an empty list asks for nothing")
            return None
        return [slugs.parse(part) for part in value if isinstance(part, str)]

    def providers(self, prefs: Mapping[str, Value]) -> None:
        """`order`, `only`, `ignore` and `allow_fallbacks` are one question: who may serve, and who is asked first."""
        order, only, ignore = (self.slug_list(prefs, name) for name in ("order", "only", "ignore"))
        allow = prefs.get("allow_fallbacks", True)
        listed = order if allow is False and order else None
        pool = only
        if listed is not None:
            pool = _unique(
                listed if only is None else [narrow for one in listed for other in only if (narrow := _narrower(one, other))]
            )
        ignored = ignore or []
        remaining = None if pool is None else [one for one in pool if not any(slugs.covers(other, one) for other in ignored)]
        twins: set[str | None] = {other.gateway for other in ignored if other.gateway and not other.suffix}
        lost: list[Slug] = []
        allowed: list[str] | None = None
        if remaining is not None:
            lost = [one for one in remaining if one.gateway is None or one.gateway in twins]
            allowed = _names(one for one in remaining if one not in lost)
            if allowed:
                self.gateway["only"] = list(allowed)
        if only is not None:
            self.only_row(prefs["only"], only, remaining or [], lost, allowed)
        if order is not None:
            self.order_row(prefs["order"], order, allowed, twins)
        if ignore is not None:
            self.ignore_row(prefs["ignore"], ignored, remaining, lost, allowed)
        if "allow_fallbacks" in prefs:
            self.fallback_row(allow, listed, remaining, lost, allowed, prefs)

    def only_row(self, value: Value, only: list[Slug], remaining: list[Slug], lost: list[Slug], allowed: list[str] | None) -> None:
        if not allowed:
            why = (
                "no provider is left once `ignore` and `order` are applied"
                if not remaining
                else f"{_written(lost)}: no counterpart at the gateway"
            )
            self.row(
                "provider.only",
                value,
                Status.NO_EQUIVALENT,
                f"{why}; nothing is written, since an empty list has no documented meaning",
            )
            return
        held = [one for one in remaining if one in only]
        notes, risk = _widened(held, lost)
        emits: tuple[str, ...] = ("only", *self.tier([one for one in held if one.suffix and one.gateway]))
        self.row(
            "provider.only", value, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes),
            becomes=f"only: {text(list(allowed))}", risk=risk, emits=emits,
        )  # fmt: skip

    def order_row(self, value: Value, order: list[Slug], allowed: list[str] | None, twins: set[str | None]) -> None:
        names = [
            name
            for name in _names(one for one in order if one.gateway is not None and one.gateway not in twins)
            if allowed is None or name in allowed
        ]
        missing = [one for one in order if one.gateway is None]
        suffixed = [one for one in order if one.suffix and one.gateway]
        notes: list[str] = []
        risk: Risk | None = None
        if missing:
            notes.append(f"{_written(missing)} has no counterpart at the gateway and is left out")
            risk = Risk.RELIABILITY
        if any(one.probable for one in order):
            notes.append("the counterpart of byteplus and seed is probable, not documented")
            risk = risk or Risk.RELIABILITY
        for one in suffixed:
            what = "region" if one.region else "tier" if one.tier else "variant"
            notes.append(f"{one.written}: the {what} is no longer preferred, the whole provider is")
            risk = _worse(risk, Risk.PRIVACY if one.region else Risk.COST if one.tier else Risk.BEHAVIOUR)
        emits = self.tier(suffixed)
        if names:
            self.gateway["order"] = list(names)
            emits = ("order", *emits)
        self.row(
            "provider.order", value, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes),
            becomes=f"order: {text(list(names))}" if names else REMOVED, risk=risk, emits=emits,
        )  # fmt: skip

    def tier(self, suffixed: list[Slug]) -> tuple[str, ...]:
        """`openai/flex` asks for a tier of one provider; the gateway has one tier for the whole request."""
        tiers = {one.tier for one in suffixed if one.tier}
        if len(tiers) != 1 or "serviceTier" in self.gateway:
            return ()
        self.gateway["serviceTier"] = next(iter(tiers))
        return ("serviceTier",)

    def ignore_row(
        self, value: Value, ignored: list[Slug], remaining: list[Slug] | None, lost: list[Slug], allowed: list[str] | None
    ) -> None:
        if remaining is not None:
            partial = [one for one in ignored if one.suffix and any(other.base == one.base for other in remaining)]
            if partial:
                self.row(
                    "provider.ignore", value, Status.NO_EQUIVALENT, f"{_written(partial)}: a part of a provider cannot be excluded"
                )
            elif not allowed:
                self.row("provider.ignore", value, Status.NO_EQUIVALENT, "no provider is left")
            elif any(one.gateway for one in lost):
                self.row(
                    "provider.ignore", value, Status.CAVEAT, "two providers share one name at the gateway: both are excluded",
                    becomes=f"only: {text(list(allowed))}", risk=Risk.RELIABILITY, emits=("only",),
                )  # fmt: skip
            else:
                self.row(
                    "provider.ignore",
                    value,
                    Status.TRANSLATED,
                    "taken out of `only`",
                    becomes=f"only: {text(list(allowed))}",
                    emits=("only",),
                )
            return
        open_ = [one for one in ignored if one.gateway is not None or not one.known]
        if not open_:
            read = table("provider_slugs")["gateway_table"]
            self.row("provider.ignore", value, Status.TRANSLATED, f"the gateway has none of them (its list of {read})")
            return
        self.row(
            "provider.ignore",
            value,
            Status.NO_EQUIVALENT,
            f"there is no list of excluded providers: {_written(open_)} may serve requests again; name the allowed ones with `only`"
            " (GET /models/{creator}/{model}/endpoints of the target lists the providers of a model)",
        )

    def fallback_row(
        self,
        allow: Value,
        listed: list[Slug] | None,
        remaining: list[Slug] | None,
        lost: list[Slug],
        allowed: list[str] | None,
        prefs: Mapping[str, Value],
    ) -> None:
        name = "provider.allow_fallbacks"
        if allow is True:
            self.row(name, allow, Status.TRANSLATED, "the default")
        elif allow is not False:
            self.unknown(name, allow, "true is the default; false with `order` becomes `only`; false alone has no equivalent")
        elif listed is not None and not allowed:
            self.row(
                name,
                allow,
                Status.NO_EQUIVALENT,
                "no listed provider has a counterpart at the gateway: any provider may serve the request",
            )
        elif listed is not None and allowed:
            notes, risk = _widened(remaining or [], lost)
            self.row(
                name, allow, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes) or "the listed providers only",
                becomes=f"only: {text(list(allowed))}", risk=risk, emits=("only",),
            )  # fmt: skip
        elif remaining is not None and len(remaining) == 1 and allowed and "order" not in prefs:
            self.row(
                name,
                allow,
                Status.TRANSLATED,
                "one provider is allowed, so there is nothing to fall back to",
                becomes=f"only: {text(list(allowed))}",
                emits=("only",),
            )
        else:
            self.row(
                name,
                allow,
                Status.NO_EQUIVALENT,
                'the gateway always tries the next provider; name the one provider that may serve with only: ["slug"]',
                risk=Risk.COST,
            )

    def sort(self, prefs: Mapping[str, Value]) -> None:
        given = prefs.get("sort")
        if given is None:
            if self.suffix_sort and "order" not in prefs:
                self.gateway["sort"] = self.suffix_sort
            return
        by: Value = given
        partition: Value = None
        if isinstance(given, dict):
            by, partition = given.get("by"), given.get("partition")
            if (odd := set(given) - {"by", "partition"}) or not known(given):
                self.unknown(
                    "provider.sort",
                    given,
                    f"by: price, throughput, latency become cost, tps, ttft{'; other keys: ' + ', '.join(sorted(odd)) if odd else ''}",
                )
                return
            if by is None:
                several = partition == "none" and self.several_models()
                self.row(
                    "provider.sort", given, Status.NO_EQUIVALENT if several else Status.TRANSLATED,
                    "providers of several models are never ranked together" if several else "nothing to sort by",
                )  # fmt: skip
                return
        if not isinstance(by, str):
            self.unknown("provider.sort", given, "price, throughput, latency become cost, tps, ttft")
            return
        risk = Risk.COST if by == "price" else Risk.BEHAVIOUR
        if by == "exacto":
            self.row(
                "provider.sort",
                given,
                Status.NO_EQUIVALENT,
                "there is no ranking by the quality of tool calls",
                risk=Risk.BEHAVIOUR,
            )
            return
        name = table("routing")["sort"].get(by)
        if name is None:
            self.row("provider.sort", given, Status.UNKNOWN, "not a value that OpenRouter documents", risk=Risk.COST)
        elif partition not in (None, "model", "none"):
            self.row("provider.sort", given, Status.UNKNOWN, "not a partition that OpenRouter documents", risk=risk)
        elif partition == "none" and self.several_models():
            self.row(
                "provider.sort", given, Status.NO_EQUIVALENT, "providers of several models are never ranked together", risk=risk
            )
        elif "order" in prefs and prefs.get("allow_fallbacks") is False and self.gateway.get("only"):
            self.row(
                "provider.sort",
                given,
                Status.TRANSLATED,
                "OpenRouter ignores it beside `order`, and no other provider is left to sort",
            )
        elif prefs.get("order") not in (None, []):
            self.gateway["sort"] = name
            self.row(
                "provider.sort", given, Status.CAVEAT, "OpenRouter ignores it beside `order`; the gateway sorts the providers after the list",
                becomes=f'sort: "{name}"', risk=Risk.BEHAVIOUR, emits=("sort",),
            )  # fmt: skip
        else:
            self.gateway["sort"] = name
            self.row("provider.sort", given, Status.TRANSLATED, "", becomes=f'sort: "{name}"', emits=("sort",))

    def several_models(self) -> bool:
        """May more than one model be asked?"""
        for name in ("models", "fallbacks"):
            value = self.settings.options.get(name)
            if value is not None and value != []:
                return True
        return False

    def require_parameters(self, value: Value) -> None:
        name = "provider.require_parameters"
        if value is False:
            self.row(name, value, Status.TRANSLATED, "the default")
            return
        if value is not True:
            self.unknown(name, value, "true becomes `has` for tools, structured output, reasoning and images")
            return
        capabilities = table("routing")["capabilities"]
        wanted = [capabilities[use] for use in capabilities if use in self.settings.uses]
        rest = sorted(self.settings.parameters)
        if not wanted or rest or not self.settings.complete:
            why = (
                f"{', '.join(rest)} cannot be required"
                if rest
                else "what the request uses cannot be seen here"
                if not self.settings.complete
                else "nothing that could be required is used"
            )
            if self.settings.complete and not rest:
                self.row(
                    name,
                    value,
                    Status.CAVEAT,
                    "the request uses nothing that `has` can require; plain parameters are not checked",
                    becomes=REMOVED,
                )
                return
            self.row(name, value, Status.NO_EQUIVALENT, f"{why}; `has` knows tools, structured output, reasoning and images")
            return
        self.has += wanted
        self.row(
            name,
            value,
            Status.CAVEAT,
            "checked by `has`, which fails the request if no provider qualifies",
            becomes=f"has: {text(list(wanted))}",
            emits=("has",),
        )

    def data_collection(self, value: Value) -> None:
        name = "provider.data_collection"
        if value == "allow":
            self.row(name, value, Status.TRANSLATED, "the default")
        elif value == "deny":
            self.gateway["disallowPromptTraining"] = True
            self.row(
                name, value, Status.CAVEAT,
                "excludes providers that train on prompts; OpenRouter also excludes those that store them; not applied to own provider keys"
                " (zeroDataRetention: true is stricter)",
                becomes="disallowPromptTraining: true", risk=Risk.PRIVACY, emits=("disallowPromptTraining",),
            )  # fmt: skip
        elif isinstance(value, str):
            self.row(name, value, Status.UNKNOWN, "not a value that OpenRouter documents")
        else:
            self.unknown(name, value, "deny becomes disallowPromptTraining: true, which covers training only")

    def zdr(self, value: Value) -> None:
        if value is False:
            self.row("provider.zdr", value, Status.TRANSLATED, "the default")
        elif value is True:
            self.gateway["zeroDataRetention"] = True
            self.row(
                "provider.zdr", value, Status.TRANSLATED,
                "the list of providers that retain nothing differs; needs a plan that has it; own provider keys are skipped",
                becomes="zeroDataRetention: true", emits=("zeroDataRetention",),
            )  # fmt: skip
        else:
            self.unknown("provider.zdr", value, "true becomes zeroDataRetention: true")

    def distillable(self, value: Value) -> None:
        if value is False:
            self.row("provider.enforce_distillable_text", value, Status.TRANSLATED, "the default")
        elif value is True:
            self.row(
                "provider.enforce_distillable_text",
                value,
                Status.NO_EQUIVALENT,
                "models whose licence forbids training on their output are no longer excluded",
            )
        else:
            self.unknown("provider.enforce_distillable_text", value, "true has no equivalent")

    def quantizations(self, value: Value) -> None:
        name = "provider.quantizations"
        data = table("routing")["quantizations"]
        every: list[str] = data["values"]
        if not isinstance(value, list) or not known(value):
            self.unknown(name, value, 'one value becomes has: ["quantization:x"], several become exclusions of the others')
            return
        wanted = [part.lower() for part in value if isinstance(part, str)]
        if not wanted:
            self.row(name, value, Status.TRANSLATED, "an empty list asks for nothing")
            return
        odd = [one for one in wanted if one not in every and one != "unknown"]
        if odd or len(wanted) != len(value):
            self.row(name, value, Status.NO_EQUIVALENT, f"{', '.join(odd) or 'a value'}: not a format that OpenRouter documents")
            return
        if len(set(wanted)) == 1 and wanted[0] != "unknown":
            entry = f"quantization:{wanted[0]}"
            self.has.append(entry)
            wider = data["wider"].get(wanted[0])
            note = (
                f"stricter: OpenRouter also admits {' and '.join(wider)}"
                if wider
                else "stricter where a provider's format is not recorded"
            )
            self.row(name, value, Status.CAVEAT, note, becomes=f'has: ["{entry}"]', emits=("has",))
            return
        allowed = set(wanted) | {other for one in wanted for other in data["wider"].get(one, ())}
        excluded = [f"!quantization:{one}" for one in every if one not in allowed]
        self.has += excluded
        becomes = f"has: {text(list(excluded))}" if excluded else REMOVED
        if "unknown" in wanted:
            self.row(
                name,
                value,
                Status.TRANSLATED,
                "every other format is excluded",
                becomes=becomes,
                emits=("has",) if excluded else (),
            )
        else:
            self.row(
                name,
                value,
                Status.CAVEAT,
                "every other format is excluded, but providers without a recorded format pass",
                becomes=becomes,
                emits=("has",) if excluded else (),
            )

    def preferred(self, name: str, value: Value) -> None:
        hint = 'sort: "tps"' if name == "preferred_min_throughput" else 'sort: "ttft"'
        note = f"a soft preference that never blocks a request; {hint} is the nearest, and another policy"
        if self.several_models():
            note += "; with several models it may have decided which one runs"
        self.row(f"provider.{name}", value, Status.NO_EQUIVALENT if known(value) else Status.UNKNOWN, note)

    def max_price(self, value: Value) -> None:
        if value == {}:
            self.row("provider.max_price", value, Status.TRANSLATED, "an empty cap caps nothing")
        elif not known(value):
            self.unknown("provider.max_price", value, 'there is no cap on the price; sort: "cost" does not cap')
        else:
            self.row(
                "provider.max_price", value, Status.NO_EQUIVALENT,
                "there is no cap on the price: above it the request will run and be billed; set a spend cap at the target, or allow only providers known to be below it",
            )  # fmt: skip

    # -- other body fields ---------------------------------------------------------------------------------------------------------------

    def models(self, value: Value) -> None:
        self.fallback_models("models", value, value)

    def fallbacks(self, value: Value) -> None:
        flat: Value = value
        if isinstance(value, list):
            flat = [
                part.get("model") if isinstance(part, dict) and set(part) == {"model"} else Unknown(text(part)) for part in value
            ]
        self.fallback_models("fallbacks", value, flat)

    def fallback_models(self, name: str, value: Value, flat: Value) -> None:
        if value is None or flat == []:
            self.row(name, value, Status.TRANSLATED, "asks for nothing")
            return
        if not isinstance(flat, list) or not all(isinstance(part, str) for part in flat):
            self.unknown(name, value, "ids become gateway.models, without the model itself")
            return
        wanted: list[str] = []
        notes: list[str] = []
        risk = Risk.RELIABILITY
        for part in flat:
            assert isinstance(part, str)
            form = ids.parse(part)
            if form is None:
                wanted.append(part)
                continue
            soft = all(variant in ("nitro", "floor", "exacto") for variant in form.variants)
            if form.preset or form.alias or form.router or not soft:
                catalogue = ids.variants()
                entries = [catalogue[one] for one in form.variants if one in catalogue]
                heavy = (
                    Risk.PRIVACY
                    if form.preset
                    else max((Risk(one["risk"]) for one in entries), key=WEIGHT.__getitem__, default=Risk.COST)
                )
                self.row(name, value, Status.NO_EQUIVALENT, f"{part} exists at OpenRouter only; the list stays", risk=heavy)
                return
            if form.variants:
                notes.append(f"{part}: the gateway sorts for the whole request, not for one model")
                risk = _worse(risk, Risk.COST if "floor" in form.variants else Risk.BEHAVIOUR)
            wanted.append(form.base)
        primary = self.model or (self.settings.model if isinstance(self.settings.model, str) else None)
        if self.settings.model is None and name == "models":
            self.model = primary = wanted[0]
            notes.append("the first model becomes `model`")
        form = ids.parse(primary) if primary else None
        base = form.base if form else primary
        rest = [one for one in dict.fromkeys(wanted) if one != base]
        if rest:
            earlier = self.gateway.get("models")
            merged = list(dict.fromkeys([*(earlier if isinstance(earlier, list) else []), *rest]))
            self.gateway["models"] = merged
        notes.insert(
            0,
            "OpenRouter falls back on any error, also on length and moderation; the gateway when a model fails or is not available",
        )
        notes.append("check the ids in the target's model list")
        self.row(
            name, value, Status.CAVEAT, "; ".join(notes), becomes=f"models: {text(list(rest))}" if rest else REMOVED, risk=risk,
            emits=("models",) if rest else (),
        )  # fmt: skip

    def route(self, value: Value) -> None:
        if value == "fallback" or value is None:
            self.row("route", value, Status.TRANSLATED, "a deprecated word for the default")
        elif value == "sort" and self.several_models():
            self.row("route", value, Status.NO_EQUIVALENT, "providers of several models are never ranked together")
        elif value == "sort":
            self.row("route", value, Status.TRANSLATED, "means nothing with one model")
        elif isinstance(value, str):
            self.row("route", value, Status.UNKNOWN, "not a value that OpenRouter documents")
        else:
            self.unknown("route", value, "fallback is removed; sort with several models has no equivalent")

    def transforms(self, value: Value) -> None:
        if value == [] or value is None:
            self.row("transforms", value, Status.TRANSLATED, "switches off what the target does not have")
        elif not known(value):
            self.unknown("transforms", value, "prompts are not compressed: those that are too long fail")
        else:
            self.row(
                "transforms",
                value,
                Status.NO_EQUIVALENT,
                "prompts are not compressed: those that are too long fail; trim them in the client",
            )

    def plugins(self, value: Value) -> None:
        if value == [] or value is None:
            self.row("plugins", value, Status.TRANSLATED, "asks for nothing")
            return
        if not isinstance(value, list):
            self.unknown("plugins", value, "plugins run at OpenRouter; none has an equivalent")
            return
        catalogue: dict[str, dict[str, str]] = table("routing")["plugins"]
        for part in value:
            name = part.get("id") if isinstance(part, dict) else None
            if not isinstance(part, dict) or not isinstance(name, str):
                self.unknown("plugins", part, "plugins run at OpenRouter; none has an equivalent")
            elif part.get("enabled") is False:
                self.row(f"plugins[{name}]", part, Status.TRANSLATED, "switches off what the target does not have")
            elif name in catalogue:
                self.row(
                    f"plugins[{name}]", part, Status.NO_EQUIVALENT, catalogue[name]["note"], risk=Risk(catalogue[name]["risk"])
                )
            else:
                self.row(f"plugins[{name}]", part, Status.NO_EQUIVALENT, "a plugin of OpenRouter's", risk=Risk.COST)

    def tools(self, value: Value) -> None:
        self.kept.add("tools")
        found = False
        for part in value if isinstance(value, list) else ():
            name = part.get("type") if isinstance(part, dict) else None
            if isinstance(name, str) and name.startswith("openrouter:"):
                found = True
                self.row(
                    f"tools[{name}]",
                    part,
                    Status.NO_EQUIVALENT,
                    "a tool that OpenRouter runs itself",
                    risk=Risk.COST if "search" in name else Risk.BEHAVIOUR,
                )
        if not found and not known(value):
            self.unknown("tools", value, "tools of type openrouter:* exist at OpenRouter only")

    def reasoning(self, value: Value) -> None:
        self.kept.add("reasoning")
        data = table("routing")
        documented = "reasoning" in data["documented"].get(self.target.name, ())
        if value is None or value == {}:
            self.row(
                "reasoning", value, Status.UNCHANGED if documented else Status.CAVEAT, "asks for the default", becomes=text(value)
            )
        elif not documented:
            self.row(
                "reasoning",
                value,
                Status.CAVEAT,
                f"stays as it is; {self.target.title} does not document it: confirm that it is read",
                becomes=text(value),
            )
        elif not known(value) or not isinstance(value, dict):
            self.row(
                "reasoning",
                value,
                Status.CAVEAT,
                "stays as it is; effort: max and effort with max_tokens are refused by the target",
                becomes=text(value),
            )
        elif set(value) - set(data["reasoning"]["keys"]) or "summary" in value:
            self.row(
                "reasoning",
                value,
                Status.CAVEAT,
                "stays as it is; not all of its fields are documented by the target",
                becomes=text(value),
            )
        elif "effort" in value and "max_tokens" in value:
            self.row("reasoning", value, Status.CAVEAT, "the target refuses effort together with max_tokens", becomes=text(value))
        elif value.get("effort") == "max":
            changed: dict[str, Value] = {**value, "effort": "xhigh"}
            self.kept.discard("reasoning")
            self.body["reasoning"] = changed
            self.row(
                "reasoning",
                value,
                Status.CAVEAT,
                "effort max is not in the target's list; xhigh has about the same budget",
                becomes=text(changed),
            )
        else:
            self.row("reasoning", value, Status.UNCHANGED, "the target documents the same object", becomes=text(value))

    def include_reasoning(self, value: Value) -> None:
        if not isinstance(value, bool):
            self.unknown("include_reasoning", value, "true becomes reasoning.enabled, false becomes reasoning.exclude")
            return
        if "reasoning" in self.settings.options:
            self.row("include_reasoning", value, Status.CAVEAT, "the reasoning object beside it speaks for both", becomes=REMOVED)
            return
        new: dict[str, Value] = {"enabled": True} if value else {"exclude": True}
        self.body["reasoning"] = new
        self.row(
            "include_reasoning",
            value,
            Status.CAVEAT,
            "the old name; confirm that the target reads reasoning",
            becomes=f"reasoning: {text(new)}",
        )

    def usage(self, value: Value) -> None:
        if value is None or (isinstance(value, dict) and set(value) <= {"include"}):
            self.row(
                "usage",
                value,
                Status.TRANSLATED,
                "deprecated and without effect at OpenRouter; elsewhere a stream reports usage with stream_options.include_usage",
            )
        else:
            self.unknown("usage", value, "{include: true} is a deprecated no-op")

    def preset(self, value: Value) -> None:
        self.row(
            "preset",
            value,
            Status.NO_EQUIVALENT,
            "stored in the OpenRouter account: its model, prompts, provider and privacy rules are not in the code",
        )

    def user(self, value: Value) -> None:
        self.kept.add("user")
        self.row("user", value, Status.UNCHANGED, "a field of the OpenAI API", becomes=text(value))

    def session_id(self, value: Value) -> None:
        self.row("session_id", value, Status.NO_EQUIVALENT, "a conversation is not kept on one provider: fewer cache hits")

    def trace(self, value: Value) -> None:
        self.row("trace", value, Status.NO_EQUIVALENT, "labels for OpenRouter's tracing")

    def service_tier(self, value: Value) -> None:
        name = "service_tier"
        tier = table("routing")["tiers"].get(value) if isinstance(value, str) else None
        if tier:
            self.gateway["serviceTier"] = tier
            self.row(
                name, value, Status.CAVEAT, "OpenRouter only uses endpoints of this tier, the gateway translates it for each provider",
                becomes=f'serviceTier: "{tier}"', emits=("serviceTier",),
            )  # fmt: skip
        elif isinstance(value, str):
            self.kept.add(name)
            self.row(name, value, Status.CAVEAT, "stays as it is", becomes=text(value))
        else:
            self.kept.add(name)
            self.unknown(name, value, "flex, priority and fast become serviceTier")

    def cache_control(self, value: Value) -> None:
        if isinstance(value, Unknown):
            self.unknown("cache_control", value, 'becomes caching: "auto"')
            return
        self.gateway["caching"] = "auto"
        self.row(
            "cache_control",
            value,
            Status.CAVEAT,
            "the gateway sets the cache marks itself; their lifetime cannot be chosen",
            becomes='caching: "auto"',
            emits=("caching",),
        )

    def stays(self, name: str, value: Value) -> None:
        """A field that goes through as it is, and that the target may refuse or ignore."""
        entry: dict[str, Any] | None = table("routing")["body"].get(name)
        self.kept.add(name)
        if entry is None:
            self.row(name, value, Status.UNKNOWN, "not a field that is known here")
        elif name == "stop_server_tools_when":
            self.row(name, value, Status.NO_EQUIVALENT, "OpenRouter's own tools do not run elsewhere")
        else:
            self.row(name, value, Status.CAVEAT, f"stays as it is: {entry['about']}", becomes=text(value))


_PROVIDER = {
    "require_parameters": _Draft.require_parameters,
    "data_collection": _Draft.data_collection,
    "zdr": _Draft.zdr,
    "enforce_distillable_text": _Draft.distillable,
    "quantizations": _Draft.quantizations,
    "preferred_min_throughput": lambda draft, value: draft.preferred("preferred_min_throughput", value),
    "preferred_max_latency": lambda draft, value: draft.preferred("preferred_max_latency", value),
    "max_price": _Draft.max_price,
}
_BODY = {
    "models": _Draft.models,
    "fallbacks": _Draft.fallbacks,
    "route": _Draft.route,
    "transforms": _Draft.transforms,
    "plugins": _Draft.plugins,
    "tools": _Draft.tools,
    "reasoning": _Draft.reasoning,
    "include_reasoning": _Draft.include_reasoning,
    "usage": _Draft.usage,
    "preset": _Draft.preset,
    "user": _Draft.user,
    "session_id": _Draft.session_id,
    "trace": _Draft.trace,
    "service_tier": _Draft.service_tier,
    "cache_control": _Draft.cache_control,
}


def _narrower(left: Slug, right: Slug) -> Slug | None:
    """The part that two entries have in common."""
    return left if slugs.covers(right, left) else right if slugs.covers(left, right) else None


def _widened(allowed: list[Slug], lost: list[Slug]) -> tuple[list[str], Risk | None]:
    """What an allowlist of the gateway admits or misses beyond the one that was written, with the weightiest loss."""
    notes: list[str] = []
    risk: Risk | None = None
    if lost:
        notes.append(f"{_written(lost)} has no counterpart at the gateway: fewer providers can serve the request")
        risk = Risk.RELIABILITY
    if any(one.probable for one in allowed):
        notes.append("byteplus and seed are probably one provider at the gateway: naming one allows both")
        risk = _worse(risk, Risk.PRIVACY)
    for one in allowed:
        if one.suffix and one.gateway:
            what = "region" if one.region else "tier" if one.tier else "variant"
            notes.append(f"{one.written}: the {what} cannot be pinned, the whole provider is allowed")
            risk = _worse(risk, Risk.PRIVACY if one.region else Risk.COST if one.tier else Risk.BEHAVIOUR)
    return notes, risk


def _unique(found: list[Slug]) -> list[Slug]:
    return list({(one.base, one.suffix): one for one in found}.values())


def _names(found: Any) -> list[str]:
    return list(dict.fromkeys(one.gateway for one in found))


def _written(found: list[Slug]) -> str:
    return ", ".join(one.written for one in found)


def _worse(left: Risk | None, right: Risk) -> Risk:
    return right if left is None or WEIGHT[right] > WEIGHT[left] else left
