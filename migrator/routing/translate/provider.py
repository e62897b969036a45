"""The provider object in the gateway dialect, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.catalog import table
from migrator.routing.model import Risk, Status, Value, known, text
from migrator.routing.translate.draft import REMOVED, Draft
from migrator.routing.translate.model import several_models
from migrator.routing.translate.provider_lists import providers


def whole_provider(draft: Draft, value: Value) -> None:
    """A `provider` that is no object that could be read."""
    if value is None:
        draft.row("provider", value, Status.TRANSLATED, "null asks for nothing")
    else:
        draft.unknown(
            "provider", value, "every field of the object is translated by itself; privacy and price rules must not get lost"
        )


def provider_object(draft: Draft, prefs: Mapping[str, Value]) -> None:
    """A provider object that can be read, field by field."""
    if "provider" in draft.settings.options and not prefs:
        draft.row("provider", {}, Status.TRANSLATED, "an empty object asks for nothing")
    prefs = {name: value for name, value in prefs.items() if not _null(draft, name, value)}
    providers(draft, prefs)
    for name, step in _PROVIDER.items():
        if name in prefs:
            step(draft, prefs[name])
    _sort(draft, prefs)
    for name, value in prefs.items():
        if name not in table("routing")["provider"]:
            draft.row(
                f"provider.{name}",
                value,
                Status.UNKNOWN,
                "not a field that OpenRouter documents; it may carry policy",
                risk=Risk.PRIVACY,
            )


def _null(draft: Draft, name: str, value: Value) -> bool:
    if value is None:
        draft.row(f"provider.{name}", value, Status.TRANSLATED, "null is the default")
    return value is None


def _sort(draft: Draft, prefs: Mapping[str, Value]) -> None:
    given = prefs.get("sort")
    if given is None:
        if draft.suffix_sort and "order" not in prefs:
            draft.gateway["sort"] = draft.suffix_sort
        return
    by: Value = given
    partition: Value = None
    if isinstance(given, dict):
        by, partition = given.get("by"), given.get("partition")
        if (odd := set(given) - {"by", "partition"}) or not known(given):
            draft.unknown(
                "provider.sort",
                given,
                f"by: price, throughput, latency become cost, tps, ttft{'; other keys: ' + ', '.join(sorted(odd)) if odd else ''}",
            )
            return
        if by is None:
            several = partition == "none" and several_models(draft)
            draft.row(
                "provider.sort", given, Status.NO_EQUIVALENT if several else Status.TRANSLATED,
                "providers of several models are never ranked together" if several else "nothing to sort by",
            )  # fmt: skip
            return
    if not isinstance(by, str):
        draft.unknown("provider.sort", given, "price, throughput, latency become cost, tps, ttft")
        return
    risk = Risk.COST if by == "price" else Risk.BEHAVIOUR
    if by == "exacto":
        draft.row(
            "provider.sort",
            given,
            Status.NO_EQUIVALENT,
            "there is no ranking by the quality of tool calls",
            risk=Risk.BEHAVIOUR,
        )
        return
    name = table("routing")["sort"].get(by)
    if name is None:
        draft.row("provider.sort", given, Status.UNKNOWN, "not a value that OpenRouter documents", risk=Risk.COST)
    elif partition not in (None, "model", "none"):
        draft.row("provider.sort", given, Status.UNKNOWN, "not a partition that OpenRouter documents", risk=risk)
    elif partition == "none" and several_models(draft):
        draft.row("provider.sort", given, Status.NO_EQUIVALENT, "providers of several models are never ranked together", risk=risk)
    elif "order" in prefs and prefs.get("allow_fallbacks") is False and draft.gateway.get("only"):
        draft.row(
            "provider.sort",
            given,
            Status.TRANSLATED,
            "OpenRouter ignores it beside `order`, and no other provider is left to sort",
        )
    elif prefs.get("order") not in (None, []):
        draft.gateway["sort"] = name
        draft.row(
            "provider.sort", given, Status.CAVEAT, "OpenRouter ignores it beside `order`; the gateway sorts the providers after the list",
            becomes=f'sort: "{name}"', risk=Risk.BEHAVIOUR, emits=("sort",),
        )  # fmt: skip
    else:
        draft.gateway["sort"] = name
        draft.row("provider.sort", given, Status.TRANSLATED, "", becomes=f'sort: "{name}"', emits=("sort",))


def _require_parameters(draft: Draft, value: Value) -> None:
    name = "provider.require_parameters"
    if value is False:
        draft.row(name, value, Status.TRANSLATED, "the default")
        return
    if value is not True:
        draft.unknown(name, value, "true becomes `has` for tools, structured output, reasoning and images")
        return
    if not _reads_has(draft):
        draft.row(
            name,
            value,
            Status.NO_EQUIVALENT,
            f"{draft.target.title} documents no option (`has`) that requires it: a provider may ignore a parameter",
        )
        return
    capabilities = table("routing")["capabilities"]
    wanted = [capabilities[use] for use in capabilities if use in draft.settings.uses]
    rest = sorted(draft.settings.parameters)
    if not wanted or rest or not draft.settings.complete:
        why = f"{', '.join(rest)} cannot be required" if rest else "what the request uses is not visible here"
        if draft.settings.complete and not rest:
            draft.row(
                name,
                value,
                Status.CAVEAT,
                "the request uses nothing that `has` can require; plain parameters are not checked",
                becomes=REMOVED,
            )
            return
        draft.row(name, value, Status.NO_EQUIVALENT, f"{why}; `has` knows tools, structured output, reasoning and images")
        return
    draft.has += wanted
    draft.row(
        name,
        value,
        Status.CAVEAT,
        "checked by `has`, which fails the request if no provider qualifies",
        becomes=f"has: {text(list(wanted))}",
        emits=("has",),
    )


def _reads_has(draft: Draft) -> bool:
    """Does the target document `has`? A gateway refuses a request with a requirement that it does not know."""
    return "has" in draft.target.routing_fields


def _data_collection(draft: Draft, value: Value) -> None:
    name = "provider.data_collection"
    if value == "allow":
        draft.row(name, value, Status.TRANSLATED, "the default")
    elif value == "deny":
        draft.gateway["disallowPromptTraining"] = True
        draft.row(
            name, value, Status.CAVEAT,
            "excludes providers that train on prompts; OpenRouter also excludes those that store them; not applied to own provider keys"
            " (zeroDataRetention: true is stricter)",
            becomes="disallowPromptTraining: true", risk=Risk.PRIVACY, emits=("disallowPromptTraining",),
        )  # fmt: skip
    elif isinstance(value, str):
        draft.row(name, value, Status.UNKNOWN, "not a value that OpenRouter documents")
    else:
        draft.unknown(name, value, "deny becomes disallowPromptTraining: true, which covers training only")


def _zdr(draft: Draft, value: Value) -> None:
    if value is False:
        draft.row("provider.zdr", value, Status.TRANSLATED, "the default")
    elif value is True:
        draft.gateway["zeroDataRetention"] = True
        draft.row(
            "provider.zdr", value, Status.TRANSLATED,
            "the list of providers that retain nothing differs; needs a plan that has it; own provider keys are skipped",
            becomes="zeroDataRetention: true", emits=("zeroDataRetention",),
        )  # fmt: skip
    else:
        draft.unknown("provider.zdr", value, "true becomes zeroDataRetention: true")


def _distillable(draft: Draft, value: Value) -> None:
    if value is False:
        draft.row("provider.enforce_distillable_text", value, Status.TRANSLATED, "the default")
    elif value is True:
        draft.row(
            "provider.enforce_distillable_text",
            value,
            Status.NO_EQUIVALENT,
            "models whose licence forbids training on their output are no longer excluded",
        )
    else:
        draft.unseen("provider.enforce_distillable_text", value, "true has no equivalent")


def _quantizations(draft: Draft, value: Value) -> None:
    name = "provider.quantizations"
    data = table("routing")["quantizations"]
    every: list[str] = data["values"]
    if not isinstance(value, list) or not known(value):
        draft.unknown(name, value, 'one value becomes has: ["quantization:x"], several become exclusions of the others')
        return
    wanted = [part.lower() for part in value if isinstance(part, str)]
    if not wanted:
        draft.row(name, value, Status.TRANSLATED, "an empty list asks for nothing")
        return
    odd = [level for level in wanted if level not in every and level != "unknown"]
    if odd or len(wanted) != len(value):
        draft.row(name, value, Status.NO_EQUIVALENT, f"{', '.join(odd) or 'a value'}: not a format that OpenRouter documents")
        return
    if not _reads_has(draft):
        draft.row(name, value, Status.NO_EQUIVALENT, f"{draft.target.title} documents no option (`has`) that requires a format")
        return
    if len(set(wanted)) == 1 and wanted[0] != "unknown":
        entry = f"quantization:{wanted[0]}"
        draft.has.append(entry)
        wider = data["wider"].get(wanted[0])
        note = (
            f"stricter: OpenRouter also admits {' and '.join(wider)}"
            if wider
            else "stricter where a provider's format is not recorded"
        )
        draft.row(name, value, Status.CAVEAT, note, becomes=f'has: ["{entry}"]', emits=("has",))
        return
    allowed = set(wanted) | {other for level in wanted for other in data["wider"].get(level, ())}
    excluded = [f"!quantization:{level}" for level in every if level not in allowed]
    draft.has += excluded
    becomes = f"has: {text(list(excluded))}" if excluded else REMOVED
    if "unknown" in wanted:
        draft.row(
            name,
            value,
            Status.TRANSLATED,
            "every other format is excluded",
            becomes=becomes,
            emits=("has",) if excluded else (),
        )
    else:
        draft.row(
            name,
            value,
            Status.CAVEAT,
            "every other format is excluded, but providers without a recorded format pass",
            becomes=becomes,
            emits=("has",) if excluded else (),
        )


def _preferred(draft: Draft, name: str, value: Value) -> None:
    hint = 'sort: "tps"' if name == "preferred_min_throughput" else 'sort: "ttft"'
    note = f"a soft preference that never blocks a request; {hint} is the nearest, and another policy"
    if several_models(draft):
        note += "; with several models it may have decided which one runs"
    draft.row(f"provider.{name}", value, Status.NO_EQUIVALENT if known(value) else Status.UNKNOWN, note)


def _max_price(draft: Draft, value: Value) -> None:
    if value == {}:
        draft.row("provider.max_price", value, Status.TRANSLATED, "an empty cap caps nothing")
    elif not known(value):
        draft.unseen("provider.max_price", value, 'there is no cap on the price; sort: "cost" does not cap')
    else:
        draft.row(
            "provider.max_price", value, Status.NO_EQUIVALENT,
            "there is no cap on the price: above it the request will run and be billed; set a spend cap at the target, or allow only providers known to be below it",
        )  # fmt: skip


_PROVIDER = {
    "require_parameters": _require_parameters,
    "data_collection": _data_collection,
    "zdr": _zdr,
    "enforce_distillable_text": _distillable,
    "quantizations": _quantizations,
    "preferred_min_throughput": lambda draft, value: _preferred(draft, "preferred_min_throughput", value),
    "preferred_max_latency": lambda draft, value: _preferred(draft, "preferred_max_latency", value),
    "max_price": _max_price,
}
