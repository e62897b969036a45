"""The three promises of `translate`, over generated settings and universes.

500 cases of each in CI (the variable CI, or HYPOTHESIS_PROFILE=ci), 10,000 with HYPOTHESIS_PROFILE=nightly, 100 on a desk.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from migrator.catalog.targets import custom, gateway, load
from migrator.routing.model import Risk, Settings, Status, Translation, Unknown
from migrator.routing.translate import translate
from tests.routing import model as routers
from tests.routing.model import Endpoint

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "")
CASES = {"nightly": 10_000, "ci": 500}.get(PROFILE, 100)
law = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))

# exact counterparts, renamed ones, two that share a name, one that the gateway lacks
PROVIDERS = ("groq", "deepinfra", "together", "amazon-bedrock", "google-vertex", "byteplus", "seed", "chutes")
SUFFIXES = {"google-vertex": ("us-east5", "europe"), "deepinfra": ("turbo",), "groq": ("flex",)}
SPELLINGS = {"together": "Together", "deepinfra": "DeepInfra", "amazon-bedrock": "Amazon Bedrock", "google-vertex": "Google"}
MODELS = ("lab/one", "lab/two", "lab/three")
ENTRIES = (
    *PROVIDERS,
    *SPELLINGS.values(),
    "google-vertex/us-east5",
    "google-vertex/europe",
    "deepinfra/turbo",
    "groq/flex",
    "mystery",
)
VERCEL, SYNAPSE = load("vercel"), load("synapse")

EXACT = (Status.TRANSLATED, Status.UNCHANGED)
lists = st.lists(st.sampled_from(ENTRIES), max_size=4, unique=True)


PLACES = tuple(
    (model, provider, suffix) for model in MODELS for provider in PROVIDERS for suffix in ("", *SUFFIXES.get(provider, ()))
)
# (retains, trains): retaining nothing implies not training
POLICIES = ((False, False), (True, False), (True, True))
CAPABILITIES = tuple(
    frozenset(found) for found in ((), ("tools",), ("tools", "json_schema"), ("tools", "json_schema", "reasoning"))
)


def endpoint(
    place: tuple[str, str, str],
    numbers: tuple[int, int, int],
    policy: tuple[bool, bool],
    kind: str | None,
    open_: bool,
    able: frozenset[str],
) -> Endpoint:
    model, provider, suffix = place
    price, latency, throughput = numbers
    retains, trains = policy
    return Endpoint(
        model=model, provider=provider, suffix=suffix, price=price, latency=latency, throughput=throughput, retains=retains, trains=trains,
        quantization=kind, distillable=open_, capabilities=able,
    )  # fmt: skip


def universes() -> st.SearchStrategy[list[Endpoint]]:
    """A handful of endpoints: one that matters is found sooner in a small universe than in a large one."""
    number = st.integers(1, 4)
    return st.lists(
        st.builds(
            endpoint,
            st.sampled_from(PLACES),
            st.tuples(number, number, number),
            st.sampled_from(POLICIES),
            st.sampled_from((None, "fp8", "mxfp8", "bf16", "int4", "mxfp4")),
            st.booleans(),
            st.sampled_from(CAPABILITIES),
        ),
        max_size=8,
        unique_by=lambda one: (one.model, one.provider, one.suffix),
    )


def preferences() -> st.SearchStrategy[dict[str, Any]]:
    """Provider objects; every field may be absent, most are."""
    return st.fixed_dictionaries(
        {},
        optional={
            "order": lists,
            "only": lists,
            "ignore": lists,
            "allow_fallbacks": st.booleans(),
            "require_parameters": st.booleans(),
            "data_collection": st.sampled_from(("allow", "deny")),
            "zdr": st.booleans(),
            "enforce_distillable_text": st.booleans(),
            "quantizations": st.lists(st.sampled_from(("fp8", "fp4", "bf16", "int4", "unknown")), max_size=3, unique=True),
            "sort": st.one_of(
                st.sampled_from(("price", "throughput", "latency")),
                st.fixed_dictionaries(
                    {"by": st.sampled_from(("price", "throughput"))}, optional={"partition": st.sampled_from(("model", "none"))}
                ),
            ),
            "preferred_min_throughput": st.integers(1, 100),
            "max_price": st.fixed_dictionaries({"prompt": st.integers(0, 4)}),
        },
    )


@st.composite
def sparse(draw: st.DrawFn) -> dict[str, Any]:
    """A provider object with few fields: most real ones have one to three."""
    prefs = draw(preferences())
    keep = draw(st.sets(st.sampled_from(sorted(prefs)), max_size=3)) if prefs else set()
    return {name: value for name, value in prefs.items() if name in keep} if draw(st.booleans()) else prefs


def rows_of(translation: Translation, field: str) -> list[Any]:
    return [row for row in translation.rows if row.field == field]


def request(prefs: dict[str, Any], models: list[str], uses: frozenset[str]) -> Settings:
    options: dict[str, Any] = {"provider": prefs}
    if models[1:]:
        options["models"] = models
    return Settings(model=models[0], options=options, uses=uses, complete=True)


# most random objects have something inexact about them; these are made of what has a counterpart, so that the comparison is a real one
EXACT_ENTRIES = ("groq", "deepinfra", "Together", "amazon-bedrock")
exact_lists = st.lists(st.sampled_from(EXACT_ENTRIES), min_size=1, max_size=3, unique=True)
exact_preferences = st.one_of(
    st.fixed_dictionaries(
        {"order": exact_lists}, optional={"only": exact_lists, "allow_fallbacks": st.booleans(), "ignore": exact_lists}
    ),
    st.fixed_dictionaries(
        {"only": exact_lists}, optional={"ignore": exact_lists, "zdr": st.booleans(), "sort": st.sampled_from(("price", "latency"))}
    ),
    st.fixed_dictionaries(
        {"sort": st.sampled_from(("price", "throughput", "latency"))},
        optional={"zdr": st.just(True), "ignore": st.just(["chutes"])},
    ),
    st.fixed_dictionaries(
        {"quantizations": st.sampled_from((["fp8", "unknown"], ["unknown"], ["bf16", "fp4", "unknown"]))},
        optional={"only": exact_lists},
    ),
)


requests = {
    "prefs": sparse(),
    "models": st.lists(st.sampled_from(MODELS), min_size=1, max_size=3, unique=True),
    "uses": st.frozensets(st.sampled_from(("tools", "json_schema", "reasoning"))),
    "universe": universes(),
    "down": st.sets(st.sampled_from(PROVIDERS)),
}


@law
@given(**requests)
def test_what_is_translated_selects_the_same_providers_in_the_same_order(
    prefs: dict[str, Any], models: list[str], uses: frozenset[str], universe: list[Endpoint], down: set[str]
) -> None:
    translation = translate(request(prefs, models, uses), VERCEL)
    assume(all(row.status in EXACT for row in translation.rows if row.field != "models"))
    before = routers.openrouter(prefs, models, universe, uses)
    after = routers.gateway(dict(translation.gateway), models, universe)
    assert routers.projected(before) == routers.projected(after)
    assert routers.served(before, lambda one: one.provider not in down) == routers.served(
        after, lambda one: one.provider not in down
    )


@law
@given(**{**requests, "prefs": exact_preferences, "universe": universes().filter(len)})
def test_exact_options_select_the_same_providers_in_the_same_order(
    prefs: dict[str, Any], models: list[str], uses: frozenset[str], universe: list[Endpoint], down: set[str]
) -> None:
    translation = translate(request(prefs, models, uses), VERCEL)
    assume(all(row.status in EXACT for row in translation.rows if row.field != "models"))
    before = routers.openrouter(prefs, models, universe, uses)
    after = routers.gateway(dict(translation.gateway), models, universe)
    assert routers.projected(before) == routers.projected(after)
    assert routers.served(before, lambda one: one.provider not in down) == routers.served(
        after, lambda one: one.provider not in down
    )


@law
@given(prefs=sparse(), universe=universes())
def test_single_fields_that_are_exact_together_with_anything_stay_exact(prefs: dict[str, Any], universe: list[Endpoint]) -> None:
    """A field that is called exact keeps its own boundary, whatever stands beside it."""
    translation = translate(request(prefs, [MODELS[0]], frozenset()), VERCEL)
    for one in routers.reached(routers.gateway(dict(translation.gateway), [MODELS[0]], universe)):
        for field in ("only", "ignore", "zdr", "quantizations", "enforce_distillable_text", "max_price"):
            if field in prefs and not routers.admits(field, prefs[field], one, frozenset()):
                assert all(row.status not in EXACT for row in rows_of(translation, f"provider.{field}")), (field, one)


PRIVACY = ("only", "ignore", "data_collection", "zdr", "enforce_distillable_text")


@law
@given(**requests)
def test_a_boundary_is_never_widened_in_silence(
    prefs: dict[str, Any], models: list[str], uses: frozenset[str], universe: list[Endpoint], down: set[str]
) -> None:
    del down
    translation = translate(request(prefs, models, uses), VERCEL)
    before = routers.reached(routers.openrouter(prefs, models, universe, uses))
    after = routers.reached(routers.gateway(dict(translation.gateway), models, universe))
    for one in after - before:
        said = False
        for field, value in prefs.items():
            if routers.admits(field, value, one, uses):
                continue
            rows = [row for row in rows_of(translation, f"provider.{field}") if row.status not in EXACT]
            assert rows, f"{field} no longer keeps {one} out, and no row says so"
            said = True
            part = field in ("only", "ignore") and any(
                entry.partition("/")[0] in (one.provider, "Google") and "/" in entry for entry in prefs[field]
            )
            if field in PRIVACY and not part:
                assert any(row.risk is Risk.PRIVACY for row in rows), f"{field} is a privacy rule"
            if part and one.provider == "google-vertex":
                assert any(row.risk is Risk.PRIVACY for row in rows), f"{field} pinned a region"
            if field == "max_price":
                assert any(row.risk is Risk.COST for row in rows)
        if not said:
            # every field admits it, so the plan itself stopped earlier: no fallbacks, or fewer of them
            rows = rows_of(translation, "provider.allow_fallbacks")
            assert any(row.status not in EXACT and row.risk in (Risk.PRIVACY, Risk.COST, Risk.BEHAVIOUR) for row in rows)


BODY = {
    "models": st.one_of(
        st.lists(st.sampled_from(("lab/one", "lab/two:free", "lab/two:nitro", "openrouter/auto")), max_size=3),
        st.just(Unknown("MODELS")),
    ),
    "route": st.sampled_from(("fallback", "sort", "other", None, Unknown("r"))),
    "transforms": st.sampled_from(([], ["middle-out"], Unknown("t"))),
    "plugins": st.sampled_from(
        ([], [{"id": "web"}], [{"id": "moderation"}, {"id": "x"}], [{"id": "web", "enabled": False}], Unknown("p"))
    ),
    "reasoning": st.sampled_from(({}, {"effort": "high"}, {"effort": "max"}, {"effort": "low", "max_tokens": 5}, Unknown("r"))),
    "include_reasoning": st.sampled_from((True, False, Unknown("i"))),
    "usage": st.sampled_from(({"include": True}, {"include": False}, Unknown("u"))),
    "preset": st.sampled_from(("mine", Unknown("p"))),
    "user": st.just("someone"),
    "session_id": st.just("s"),
    "trace": st.just({"trace_id": "t"}),
    "service_tier": st.sampled_from(("flex", "fast", "auto", Unknown("s"))),
    "cache_control": st.just({"type": "ephemeral"}),
    "tools": st.just([{"type": "openrouter:web_search"}]),
    "top_k": st.just(3),
    "brand_new": st.just(1),
}
anything = st.fixed_dictionaries({}, optional={**BODY, "provider": st.one_of(sparse(), st.just(Unknown("PREFS")), st.none())})
model_ids = st.sampled_from(
    (
        None,
        "lab/one",
        "lab/one:nitro",
        "lab/one:free",
        "lab/one:online",
        "~lab/one-latest",
        "openrouter/auto",
        "@preset/p",
        Unknown("m"),
    )
)
targets = st.sampled_from((VERCEL, SYNAPSE, gateway("openrouter"), custom("https://llm.example/v1")))


def blurred(prefs: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: Unknown(name.upper()) if name in names else value for name, value in prefs.items()}


@law
@given(
    options=anything,
    model=model_ids,
    target=targets,
    hidden=st.sets(st.sampled_from(("order", "only", "zdr", "data_collection", "max_price", "sort"))),
)
def test_nothing_that_was_asked_for_is_absent_from_the_rows(
    options: dict[str, Any], model: Any, target: Any, hidden: set[str]
) -> None:
    if isinstance(options.get("provider"), dict):
        options = {**options, "provider": blurred(options["provider"], hidden)}
    translation = translate(Settings(model=model, options=options), target)
    heads = {row.field.partition(".")[0].partition("[")[0] for row in translation.rows}
    assert set(options) <= heads
    provider = options.get("provider")
    if isinstance(provider, dict):
        assert {f"provider.{name}" for name in provider} <= {row.field for row in translation.rows} | (
            {"provider."} if not provider else set()
        )
    for row in translation.rows:
        assert row.status in EXACT or row.risk is not None, row
        assert row.note or row.status in EXACT
        assert row.becomes or row.status in (Status.NO_EQUIVALENT, Status.UNKNOWN)
    if isinstance(provider, dict):
        for name in set(provider) & hidden:
            (row,) = rows_of(translation, f"provider.{name}")
            assert row.status is Status.UNKNOWN or target.dialect == "openrouter"
            if name in ("only", "zdr", "data_collection") and target.dialect != "openrouter":
                assert row.risk is Risk.PRIVACY
                assert translation.worst_loss is Risk.PRIVACY


@law
@given(options=anything, model=model_ids, target=targets)
def test_what_is_written_is_well_formed_and_what_stays_is_not_removed(options: dict[str, Any], model: Any, target: Any) -> None:
    translation = translate(Settings(model=model, options=options), target)
    assert all(value != [] for value in translation.gateway.values())
    order = ["order", "only", "sort", "models", "zeroDataRetention", "disallowPromptTraining", "has", "serviceTier", "caching"]
    assert list(translation.gateway) == [name for name in order if name in translation.gateway]
    lost = {
        row.field.partition(".")[0].partition("[")[0]
        for row in translation.rows
        if row.status in (Status.NO_EQUIVALENT, Status.UNKNOWN)
    }
    assert not lost & translation.removed
    if target.dialect != "gateway":
        assert not translation.gateway
    if target.dialect == "openrouter":
        assert all(row.status is Status.UNCHANGED for row in translation.rows)
        assert not translation.changes
    for row in translation.rows:
        if set(row.emits) - set(target.routing_fields):
            assert row.status not in EXACT, "a field that the target does not document is at best a caveat"
    for name in ("free", "online"):
        if isinstance(model, str) and model.endswith(f":{name}"):
            assert translation.model is None, "a suffix that changes what is billed or known is never stripped"
