"""An executable model of how two routers choose who serves a request, over small universes.

Each rule names the sentence it comes from. Sources:

* OR-SEL: https://openrouter.ai/docs/guides/routing/provider-selection (text of 2026-08-22)
* OR-FALL: https://openrouter.ai/docs/guides/routing/model-fallbacks (same)
* GW-OPT: https://vercel.com/docs/ai-gateway/models-and-providers/provider-options (text of 2026-02-19)
* GW-TYPES: npm @ai-sdk/gateway 3.0.232 and 4.0.146, src/gateway-provider-options.ts and its bundled documentation
* SG-ROUTE: https://synapse.garden/docs/routing

What the documents leave to the router (which of several equal providers comes first) is a tier: a set of providers that are tried in
an order of the router's own. A plan is a list of tiers. Policy facts (who trains, who retains) are the same for both routers, since
both take them from the providers' terms; where their lists differ, the translation says so in words that no model can check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.routing import provider_slugs


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One way to reach a model: a provider, or a region, tier or variant of one."""

    model: str
    provider: str
    """OpenRouter's slug."""
    suffix: str
    price: int
    latency: int
    throughput: int
    trains: bool
    retains: bool
    """Retaining nothing implies not training (GW security documentation: zero retention is a superset of no training)."""
    quantization: str | None
    """None: not recorded."""
    distillable: bool
    capabilities: frozenset[str]

    @property
    def gateway(self) -> str | None:
        """What the gateway calls its provider."""
        return provider_slugs.parse(self.provider).gateway


Tier = frozenset[Endpoint]
Plan = list[Tier]
FP8, FP4 = frozenset({"fp8", "mxfp8"}), frozenset({"fp4", "mxfp4", "nvfp4"})


def names(entry: str, endpoint: Endpoint) -> bool:
    """OR-SEL, "Targeting specific provider endpoints": a base slug matches every endpoint of the provider, a full slug only its own."""
    slug = provider_slugs.parse(entry)
    return slug.base == endpoint.provider and slug.suffix in ("", endpoint.suffix)


# -- OpenRouter ------------------------------------------------------------------------------------------------------------------------------


def admits(field: str, value: Any, endpoint: Endpoint, uses: frozenset[str]) -> bool:
    """Does one field of the provider object let an endpoint serve? Fields that only rank admit everybody."""
    match field:
        case "only":
            # OR-SEL "Allowing Only Specific Providers": only providers in the list are used for the request
            return not value or any(names(entry, endpoint) for entry in value)
        case "ignore":
            # OR-SEL "Ignoring Providers": providers in the list are skipped
            return not any(names(entry, endpoint) for entry in value)
        case "data_collection":
            # OR-SEL "Requiring Providers to Comply with Data Policies": deny uses only providers that do not collect user data;
            # collecting is storing non-transiently or training
            return value != "deny" or not (endpoint.trains or endpoint.retains)
        case "zdr":
            # OR-SEL "Zero Data Retention Enforcement": routes only to endpoints that do not retain prompts
            return value is not True or not endpoint.retains
        case "enforce_distillable_text":
            # OR-SEL "Distillable Text Enforcement": only models whose author allows distillation
            return value is not True or endpoint.distillable
        case "quantizations":
            # OR-SEL "Quantization": only providers of the given levels; fp8 and fp4 include their microscaling forms; unknown is a level
            wide: set[str] = {one for level in value for one in (FP8 if level == "fp8" else FP4 if level == "fp4" else {level})}
            return len(value) == 0 or (endpoint.quantization or "unknown") in wide
        case "max_price":
            # OR-SEL "Max Price": the request does not run if no provider is at or below the price
            return bool(endpoint.price <= value.get("prompt", endpoint.price))
        case "require_parameters":
            # OR-SEL "Requiring Providers to Support All Parameters": providers that lack one never receive the request
            return value is not True or uses <= endpoint.capabilities
        case _:
            return True


def openrouter(prefs: dict[str, Any], models: Sequence[str], universe: Iterable[Endpoint], uses: frozenset[str]) -> Plan:
    """The plan of OpenRouter."""
    universe = list(universe)
    given = {field: value for field, value in prefs.items() if value is not None}
    plan: Plan = []
    for model in models:  # OR-FALL: the models are tried in order, the next one when the one before it fails
        pool = [
            one for one in universe if one.model == model and all(admits(field, value, one, uses) for field, value in given.items())
        ]
        order = given.get("order") or []
        sort = given.get("sort")
        by = sort.get("by") if isinstance(sort, dict) else sort
        if order:
            # OR-SEL "Ordering Specific Providers": the list is tried in order, load balancing is off; `sort` beside it has no effect
            tiers = _promoted(pool, [lambda one, entry=entry: names(entry, one) for entry in order])  # type: ignore[misc]
            rest = frozenset(pool) - frozenset().union(*tiers) if tiers else frozenset(pool)
            if given.get("allow_fallbacks") is not False:
                # OR-SEL: "... and fall back to other providers" unless fallbacks are disabled
                tiers += [rest] if rest else []
        elif by:
            # OR-SEL "Provider Sorting": the attribute ranks the providers and turns load balancing off
            tiers = _ranked(pool, {"price": _price, "latency": _latency, "throughput": _throughput}[by])
        else:
            # OR-SEL "Price-Based Load Balancing (Default Strategy)": weighted by price, the rest are fallbacks
            tiers = [frozenset(pool)] if pool else []
        if given.get("allow_fallbacks") is False and not order and len({one.provider for tier in tiers for one in tier}) > 1:
            # OR-SEL "Disabling Fallbacks": the request is served by the top provider or fails
            tiers = [frozenset({_top(tiers[0])})]
        plan += tiers
    return plan


# -- the gateway -----------------------------------------------------------------------------------------------------------------------------


def gateway(options: dict[str, Any], models: Sequence[str], universe: Iterable[Endpoint]) -> Plan:
    """The plan of the gateway. A provider is one name there, whatever its regions, tiers and variants."""
    pool = [one for one in universe if one.gateway is not None]
    if "only" in options:
        # GW-OPT: `only` restricts routing to the listed providers; SG-ROUTE: if none is left the request fails
        pool = [one for one in pool if one.gateway in options["only"]]
    if options.get("zeroDataRetention"):
        # GW-TYPES: "only route to providers that have zero data retention", fails if there is none
        pool = [one for one in pool if not one.retains]
    if options.get("disallowPromptTraining"):
        # GW-TYPES: "only route to providers that do not train on prompts"
        pool = [one for one in pool if not one.trains]
    for entry in options.get("has", ()):
        # GW-TYPES: all entries must hold; an exclusion also passes providers with no recorded format
        pool = [one for one in pool if _holds(entry, one)]
    plan: Plan = []
    for model in [models[0], *options.get("models", [])]:  # GW-OPT "Model fallbacks": after all providers of the current model fail
        here = [one for one in pool if one.model == model]
        # GW-OPT: `order` is tried first, in its order; the others remain eligible; entries that `only` excludes are ignored
        tiers = _promoted(here, [lambda one, name=name: one.gateway == name for name in options.get("order", ())])  # type: ignore[misc]
        rest = [one for one in here if not any(one in tier for tier in tiers)]
        sort = options.get("sort")
        # GW-OPT and SG-ROUTE: `sort` ranks the providers that are not promoted by `order`
        ranked = (
            _ranked(rest, {"cost": _price, "ttft": _latency, "tps": _throughput}[sort])
            if sort
            else [frozenset(rest)]
            if rest
            else []
        )
        plan += tiers + ranked
    return plan


def _holds(entry: str, endpoint: Endpoint) -> bool:
    capability = {"tool-use": "tools", "structured-output": "json_schema", "reasoning": "reasoning", "vision": "images"}.get(entry)
    if capability is not None:
        return capability in endpoint.capabilities
    kind = entry.rpartition(":")[2]
    return endpoint.quantization != kind if entry.startswith("!") else endpoint.quantization == kind


# -- both ------------------------------------------------------------------------------------------------------------------------------------


def _price(one: Endpoint) -> int:
    return one.price


def _latency(one: Endpoint) -> int:
    return one.latency


def _throughput(one: Endpoint) -> int:
    return -one.throughput


def _ranked(pool: Iterable[Endpoint], rank: Callable[[Endpoint], int]) -> Plan:
    groups: dict[int, set[Endpoint]] = {}
    for one in pool:
        groups.setdefault(rank(one), set()).add(one)
    return [frozenset(groups[key]) for key in sorted(groups)]


def _promoted(pool: Iterable[Endpoint], entries: Iterable[Callable[[Endpoint], bool]]) -> Plan:
    left = list(pool)
    tiers: Plan = []
    for matches in entries:
        tier = frozenset(one for one in left if matches(one))
        if tier:
            tiers.append(tier)
            left = [one for one in left if one not in tier]
    return tiers


def _top(tier: Tier) -> Endpoint:
    return min(tier, key=lambda one: (one.price, one.provider, one.suffix, one.model))


def projected(plan: Plan) -> list[frozenset[tuple[str, str]]]:
    """A plan in the names that both routers share: each (model, gateway provider) where it is tried first."""
    seen: set[tuple[str, str]] = set()
    found: list[frozenset[tuple[str, str]]] = []
    for tier in plan:
        fresh = frozenset((one.model, one.gateway) for one in tier if one.gateway is not None) - seen
        if fresh:
            seen |= fresh
            found.append(fresh)
    return found


def served(plan: Plan, up: Callable[[Endpoint], bool]) -> frozenset[tuple[str, str]]:
    """Who may serve the request, given who is up: the first tier in which somebody is."""
    for tier in plan:
        able = frozenset((one.model, one.gateway) for one in tier if one.gateway is not None and up(one))
        if able:
            return able
    return frozenset()


def reached(plan: Plan) -> frozenset[Endpoint]:
    """Every endpoint that may ever serve the request, of those that both routers have."""
    return frozenset(one for tier in plan for one in tier if one.gateway is not None)
