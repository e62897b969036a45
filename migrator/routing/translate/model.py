"""The model id, its variants, and the models to fall back to, in the gateway dialect."""

from __future__ import annotations

from migrator.catalog import model_variants, table
from migrator.routing import model_ids
from migrator.routing.model import WEIGHT, Risk, Status, Unknown, Value, text
from migrator.routing.translate.draft import REMOVED, Draft
from migrator.routing.translate.provider_lists import worse

_WITH_COUNTERPART = frozenset(("nitro", "floor", "thinking"))
"""Suffixes that another option of the target says."""


def _variants(draft: Draft, model: str, form: model_ids.Form) -> bool:
    """The suffixes of a model id; true where the id is written without them."""
    known_variants = model_variants()
    # one suffix that stays keeps the id as it is: the others are told, and nothing of them is written beside it
    stripped = set(form.variants) <= _WITH_COUNTERPART
    for variant in form.variants:
        entry = known_variants.get(variant)
        note = entry["note"] if entry else "a variant that is not documented"
        risk = Risk(entry["risk"]) if entry else Risk.BEHAVIOUR
        match variant:
            case "nitro" | "floor":
                name = "tps" if variant == "nitro" else "cost"
                draft.suffix_sort = draft.suffix_sort or (name if stripped else None)
                tier = "priority" if variant == "nitro" else "discounted flex"
                decided = _ranked(draft)
                way = "; `provider` beside it says how to rank" if decided else ""
                draft.row(
                    "model", model, Status.CAVEAT, f"{note}; {tier} endpoints are not admitted this way{way}",
                    becomes=f'"{form.client}{form.base}"' + ("" if decided else f' with sort: "{name}"'),
                    risk=risk, emits=("sort",) if stripped and not decided else (),
                )  # fmt: skip
            case "thinking":
                if stripped:
                    draft.body.setdefault("reasoning", {"enabled": True})
                draft.row(
                    "model",
                    model,
                    Status.CAVEAT,
                    note,
                    becomes=f'"{form.client}{form.base}" with reasoning: {{"enabled": true}}',
                    risk=risk,
                )
            case _:
                draft.row("model", model, Status.NO_EQUIVALENT, note, risk=risk)
    return stripped


def model_id(draft: Draft) -> None:
    """A model id's preset, alias, router and variants."""
    model = draft.settings.model
    form = model_ids.parse(model) if isinstance(model, str) else None
    if form is None or not isinstance(model, str):
        return
    if form.preset:
        draft.row(
            "model",
            model,
            Status.NO_EQUIVALENT,
            "a preset stored in the OpenRouter account: its model, prompts and rules are not in the code",
            risk=Risk.PRIVACY,
        )
        return
    if form.alias:
        draft.row(
            "model",
            model,
            Status.NO_EQUIVALENT,
            "an alias that OpenRouter resolves; name the model that is meant",
            risk=Risk.BEHAVIOUR,
        )
        return
    if form.router:
        draft.row(
            "model", model, Status.NO_EQUIVALENT, "a router of OpenRouter's that picks the model; name a model", risk=Risk.COST
        )
        return
    stripped = _variants(draft, model, form)
    if form.variants and stripped:
        draft.model = f"{form.client}{form.base}"
    effort = table("model_ids")["efforts"].get(form.base)
    if effort and stripped and "reasoning" not in draft.settings.options:
        draft.model = f"{form.client}{effort['id']}"
        draft.body["reasoning"] = {"effort": effort["effort"]}
        draft.row(
            "model", model, Status.CAVEAT, "a pseudo id for a model and an effort", risk=Risk.BEHAVIOUR,
            becomes=f'"{draft.model}" with reasoning: {{"effort": "{effort["effort"]}"}}',
        )  # fmt: skip
    if "reasoning" in draft.settings.options and "reasoning" in draft.body:
        del draft.body["reasoning"]


def _ranked(draft: Draft) -> bool:
    """Does the provider object say itself how providers are ranked?"""
    provider = draft.settings.options.get("provider")
    return isinstance(provider, Unknown) or (
        isinstance(provider, dict) and any(provider.get(name) is not None for name in ("sort", "order"))
    )


def several_models(draft: Draft) -> bool:
    """May more than one model be asked?"""
    if draft.settings.several:
        return True
    for name in ("models", "fallbacks"):
        value = draft.settings.options.get(name)
        if value is not None and value != []:
            return True
    return False


def model_list(draft: Draft, value: Value) -> None:
    """`models`: the models that are asked when the first one fails."""
    _fallback_models(draft, "models", value, value)


def fallbacks(draft: Draft, value: Value) -> None:
    """`fallbacks`, the same as objects or names."""
    flat: Value = value
    if isinstance(value, list):
        flat = [part.get("model") if isinstance(part, dict) and set(part) == {"model"} else Unknown(text(part)) for part in value]
    _fallback_models(draft, "fallbacks", value, flat)


def _fallback_models(draft: Draft, name: str, value: Value, flat: Value) -> None:
    if value is None or flat == []:
        draft.row(name, value, Status.TRANSLATED, "asks for nothing")
        return
    if not isinstance(flat, list) or not all(isinstance(part, str) for part in flat):
        draft.unknown(name, value, "ids become gateway.models, without the model itself")
        return
    wanted: list[str] = []
    notes: list[str] = []
    risk = Risk.RELIABILITY
    others = [part for part in flat if isinstance(part, str) and part != draft.settings.model]
    for part in others:
        form = model_ids.parse(part)
        if form is None:
            wanted.append(part)
            continue
        soft = all(variant in ("nitro", "floor", "exacto") for variant in form.variants)
        if form.preset or form.alias or form.router or not soft:
            catalogue = model_variants()
            entries = [catalogue[each] for each in form.variants if each in catalogue]
            heavy = (
                Risk.PRIVACY
                if form.preset
                else max((Risk(each["risk"]) for each in entries), key=WEIGHT.__getitem__, default=Risk.COST)
            )
            if heavy is Risk.COST and all(map(_is_free, others)):
                heavy = Risk.RELIABILITY  # nothing that costs more is asked in place of a free model
            draft.row(name, value, Status.NO_EQUIVALENT, f"{part} exists at OpenRouter only; the list stays", risk=heavy)
            return
        if form.variants:
            notes.append(f"{part}: the gateway sorts for the whole request, not for one model")
            risk = worse(risk, Risk.COST if "floor" in form.variants else Risk.BEHAVIOUR)
        wanted.append(form.base)
    primary = draft.model or (draft.settings.model if isinstance(draft.settings.model, str) else None)
    if draft.settings.model is None and name == "models":
        draft.model = primary = wanted[0]
        notes.append("the first model becomes `model`")
    form = model_ids.parse(primary) if primary else None
    base = form.base if form else primary
    rest = [each for each in dict.fromkeys(wanted) if each != base]
    if rest:
        earlier = draft.gateway.get("models")
        merged = list(dict.fromkeys([*(earlier if isinstance(earlier, list) else []), *rest]))
        draft.gateway["models"] = merged
    notes.insert(
        0,
        "OpenRouter falls back on any error, also on length and moderation; the gateway when a model fails or is not available",
    )
    notes.append("check the ids in the target's model list")
    draft.row(
        name, value, Status.CAVEAT, "; ".join(notes), becomes=f"models: {text(list(rest))}" if rest else REMOVED, risk=risk,
        emits=("models",) if rest else (),
    )  # fmt: skip


def _is_free(model: str) -> bool:
    """Is this an id whose requests cost nothing?"""
    form = model_ids.parse(model)
    return form is not None and "free" in form.variants


def route(draft: Draft, value: Value) -> None:
    """`route`: `fallback` is what `models` does anyway."""
    if value == "fallback" or value is None:
        draft.row("route", value, Status.TRANSLATED, "a deprecated word for the default")
    elif value == "sort" and several_models(draft):
        draft.row("route", value, Status.NO_EQUIVALENT, "providers of several models are never ranked together")
    elif value == "sort":
        draft.row("route", value, Status.TRANSLATED, "means nothing with one model")
    elif isinstance(value, str):
        draft.row("route", value, Status.UNKNOWN, "not a value that OpenRouter documents")
    else:
        draft.unknown("route", value, "fallback is removed; sort with several models has no equivalent")
