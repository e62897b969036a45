"""`order`, `only`, `ignore` and `allow_fallbacks` in the gateway dialect: who may serve, and who is asked first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.catalog import table
from migrator.routing import provider_slugs
from migrator.routing.model import WEIGHT, Risk, Status, Value, text
from migrator.routing.provider_slugs import Slug
from migrator.routing.translate.draft import REMOVED, Draft


def slug_list(draft: Draft, prefs: Mapping[str, Value], name: str) -> list[Slug] | None:
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
        draft.unknown(f"provider.{name}", value, rules[name])
        return None
    if not value:
        if name == "only":
            draft.row(
                "provider.only",
                value,
                Status.CAVEAT,
                "what an empty list allows is not documented; none is written",
                becomes=REMOVED,
            )
        else:
            draft.row(f"provider.{name}", value, Status.TRANSLATED, "an empty list asks for nothing")
        return None
    return [provider_slugs.parse(part) for part in value if isinstance(part, str)]


def providers(draft: Draft, prefs: Mapping[str, Value]) -> None:
    """`order`, `only`, `ignore` and `allow_fallbacks` are one question: who may serve, and who is asked first."""
    order, only, ignore = (slug_list(draft, prefs, name) for name in ("order", "only", "ignore"))
    allow = prefs.get("allow_fallbacks", True)
    listed = order if allow is False and order else None
    pool = only
    if listed is not None:
        pool = _unique(
            listed if only is None else [narrow for slug in listed for other in only if (narrow := _narrower(slug, other))]
        )
    ignored = ignore or []
    remaining = (
        None if pool is None else [slug for slug in pool if not any(provider_slugs.covers(other, slug) for other in ignored)]
    )
    twins: set[str | None] = {other.gateway for other in ignored if other.gateway and not other.suffix}
    lost: list[Slug] = []
    allowed: list[str] | None = None
    if remaining is not None:
        lost = [slug for slug in remaining if slug.gateway is None or slug.gateway in twins]
        allowed = _names(slug for slug in remaining if slug not in lost)
        if allowed:
            draft.gateway["only"] = list(allowed)
    if only is not None:
        _only_row(draft, prefs["only"], only, remaining or [], lost, allowed)
    if order is not None:
        _order_row(draft, prefs["order"], order, allowed, twins)
    if ignore is not None:
        _ignore_row(draft, prefs["ignore"], ignored, remaining, lost, allowed)
    if "allow_fallbacks" in prefs:
        _fallback_row(draft, allow, listed, remaining, lost, allowed, prefs)


def _only_row(
    draft: Draft, value: Value, only: list[Slug], remaining: list[Slug], lost: list[Slug], allowed: list[str] | None
) -> None:
    if not allowed:
        why = (
            "no provider is left once `ignore` and `order` are applied"
            if not remaining
            else f"{_written(lost)}: no counterpart at the gateway"
        )
        draft.row(
            "provider.only",
            value,
            Status.NO_EQUIVALENT,
            f"{why}; nothing is written, since an empty list has no documented meaning",
        )
        return
    held = [slug for slug in remaining if slug in only]
    notes, risk = _widened(held, lost)
    emits: tuple[str, ...] = ("only", *_tier(draft, [slug for slug in held if slug.suffix and slug.gateway]))
    draft.row(
        "provider.only", value, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes),
        becomes=f"only: {text(list(allowed))}", risk=risk, emits=emits,
    )  # fmt: skip


def _order_row(draft: Draft, value: Value, order: list[Slug], allowed: list[str] | None, twins: set[str | None]) -> None:
    names = [
        name
        for name in _names(slug for slug in order if slug.gateway is not None and slug.gateway not in twins)
        if allowed is None or name in allowed
    ]
    missing = [slug for slug in order if slug.gateway is None]
    suffixed = [slug for slug in order if slug.suffix and slug.gateway]
    notes: list[str] = []
    risk: Risk | None = None
    if missing:
        notes.append(f"{_written(missing)} has no counterpart at the gateway and is left out")
        risk = Risk.RELIABILITY
    if any(slug.probable for slug in order):
        notes.append("the counterpart of byteplus and seed is probable, not documented")
        risk = risk or Risk.RELIABILITY
    for slug in suffixed:
        what, weight = _pinned(slug)
        notes.append(f"{slug.written}: the {what} is no longer preferred, the whole provider is")
        risk = worse(risk, weight)
    emits = _tier(draft, suffixed)
    if names:
        draft.gateway["order"] = list(names)
        emits = ("order", *emits)
    draft.row(
        "provider.order", value, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes),
        becomes=f"order: {text(list(names))}" if names else REMOVED, risk=risk, emits=emits,
    )  # fmt: skip


def _tier(draft: Draft, suffixed: list[Slug]) -> tuple[str, ...]:
    """`openai/flex` asks for a tier of one provider; the gateway has one tier for the whole request."""
    tiers = {slug.tier for slug in suffixed if slug.tier}
    if len(tiers) != 1 or "serviceTier" in draft.gateway:
        return ()
    draft.gateway["serviceTier"] = next(iter(tiers))
    return ("serviceTier",)


def _ignore_row(
    draft: Draft, value: Value, ignored: list[Slug], remaining: list[Slug] | None, lost: list[Slug], allowed: list[str] | None
) -> None:
    if remaining is not None:
        partial = [slug for slug in ignored if slug.suffix and any(other.base == slug.base for other in remaining)]
        if partial:
            draft.row(
                "provider.ignore", value, Status.NO_EQUIVALENT, f"{_written(partial)}: a part of a provider cannot be excluded"
            )
        elif not allowed:
            draft.row("provider.ignore", value, Status.NO_EQUIVALENT, "no provider is left")
        elif any(slug.gateway for slug in lost):
            draft.row(
                "provider.ignore", value, Status.CAVEAT, "two providers share one name at the gateway: both are excluded",
                becomes=f"only: {text(list(allowed))}", risk=Risk.RELIABILITY, emits=("only",),
            )  # fmt: skip
        else:
            draft.row(
                "provider.ignore",
                value,
                Status.TRANSLATED,
                "taken out of `only`",
                becomes=f"only: {text(list(allowed))}",
                emits=("only",),
            )
        return
    open_ = [slug for slug in ignored if slug.gateway is not None or not slug.known]
    if not open_:
        read = table("provider_slugs")["gateway_table"]
        draft.row("provider.ignore", value, Status.TRANSLATED, f"the gateway has none of them (its list of {read})")
        return
    draft.row(
        "provider.ignore",
        value,
        Status.NO_EQUIVALENT,
        f"there is no list of excluded providers: {_written(open_)} may serve requests again; name the allowed ones with `only`"
        " (GET /models/{creator}/{model}/endpoints of the target lists the providers of a model)",
    )


def _fallback_row(
    draft: Draft,
    allow: Value,
    listed: list[Slug] | None,
    remaining: list[Slug] | None,
    lost: list[Slug],
    allowed: list[str] | None,
    prefs: Mapping[str, Value],
) -> None:
    name = "provider.allow_fallbacks"
    if allow is True:
        draft.row(name, allow, Status.TRANSLATED, "the default")
    elif allow is not False:
        draft.unknown(name, allow, "true is the default; false with `order` becomes `only`; false alone has no equivalent")
    elif listed is not None and not allowed:
        draft.row(
            name,
            allow,
            Status.NO_EQUIVALENT,
            "no listed provider has a counterpart at the gateway: any provider may serve the request",
        )
    elif listed is not None and allowed:
        notes, risk = _widened(remaining or [], lost)
        draft.row(
            name, allow, Status.CAVEAT if notes else Status.TRANSLATED, "; ".join(notes) or "the listed providers only",
            becomes=f"only: {text(list(allowed))}", risk=risk, emits=("only",),
        )  # fmt: skip
    elif remaining is not None and len(remaining) == 1 and allowed and "order" not in prefs:
        draft.row(
            name,
            allow,
            Status.TRANSLATED,
            "one provider is allowed, so there is nothing to fall back to",
            becomes=f"only: {text(list(allowed))}",
            emits=("only",),
        )
    else:
        draft.row(
            name,
            allow,
            Status.NO_EQUIVALENT,
            'the gateway always tries the next provider; name the one provider that may serve with only: ["slug"]',
            risk=Risk.COST,
        )


def _narrower(left: Slug, right: Slug) -> Slug | None:
    """The part that two entries have in common."""
    return left if provider_slugs.covers(right, left) else right if provider_slugs.covers(left, right) else None


def _widened(allowed: list[Slug], lost: list[Slug]) -> tuple[list[str], Risk | None]:
    """What an allowlist of the gateway admits or misses beyond the one that was written, with the weightiest loss."""
    notes: list[str] = []
    risk: Risk | None = None
    if lost:
        notes.append(f"{_written(lost)} has no counterpart at the gateway: fewer providers can serve the request")
        risk = Risk.RELIABILITY
    if any(slug.probable for slug in allowed):
        notes.append("byteplus and seed are probably one provider at the gateway: naming one allows both")
        risk = worse(risk, Risk.PRIVACY)
    for slug in allowed:
        if slug.suffix and slug.gateway:
            what, weight = _pinned(slug)
            notes.append(f"{slug.written}: the {what} cannot be pinned, the whole provider is allowed")
            risk = worse(risk, weight)
    return notes, risk


def _pinned(slug: Slug) -> tuple[str, Risk]:
    """What the suffix of a slug pins, and what is lost without it."""
    if slug.region:
        return "region", Risk.PRIVACY
    return ("tier", Risk.COST) if slug.tier else ("variant", Risk.BEHAVIOUR)


def _unique(slugs: list[Slug]) -> list[Slug]:
    return list({(slug.base, slug.suffix): slug for slug in slugs}.values())


def _names(slugs: Any) -> list[str]:
    return list(dict.fromkeys(slug.gateway for slug in slugs))


def _written(slugs: list[Slug]) -> str:
    return ", ".join(slug.written for slug in slugs)


def worse(left: Risk | None, right: Risk) -> Risk:
    """The weightier of two losses."""
    return right if left is None or WEIGHT[right] > WEIGHT[left] else left
