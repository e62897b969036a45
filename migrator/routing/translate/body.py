"""Fields of the request beside `provider` in the gateway dialect."""

from __future__ import annotations

from typing import Any

from migrator.catalog import table
from migrator.routing.model import Risk, Status, Unknown, Value, known, text
from migrator.routing.translate.draft import REMOVED, Draft
from migrator.routing.translate.model import fallbacks, model_list, route


def _transforms(draft: Draft, value: Value) -> None:
    if value == [] or value is None:
        draft.row("transforms", value, Status.TRANSLATED, "switches off what the target does not have")
    elif not known(value):
        draft.unseen("transforms", value, "prompts are not compressed: those that are too long fail")
    else:
        draft.row(
            "transforms",
            value,
            Status.NO_EQUIVALENT,
            "prompts are not compressed: those that are too long fail; trim them in the client",
        )


def _plugins(draft: Draft, value: Value) -> None:
    if value == [] or value is None:
        draft.row("plugins", value, Status.TRANSLATED, "asks for nothing")
        return
    if not isinstance(value, list):
        draft.unseen("plugins", value, "plugins run at OpenRouter; none has an equivalent")
        return
    catalogue: dict[str, dict[str, str]] = table("routing")["plugins"]
    for part in value:
        name = part.get("id") if isinstance(part, dict) else None
        if not isinstance(part, dict) or not isinstance(name, str):
            draft.unseen("plugins", part, "plugins run at OpenRouter; none has an equivalent")
        elif part.get("enabled") is False:
            draft.row(f"plugins[{name}]", part, Status.TRANSLATED, "switches off what the target does not have")
        elif name in catalogue:
            draft.row(f"plugins[{name}]", part, Status.NO_EQUIVALENT, catalogue[name]["note"], risk=Risk(catalogue[name]["risk"]))
        else:
            draft.row(f"plugins[{name}]", part, Status.NO_EQUIVALENT, "a plugin of OpenRouter's", risk=Risk.COST)


def _tools(draft: Draft, value: Value) -> None:
    draft.kept.add("tools")
    has_plugins = False
    for part in value if isinstance(value, list) else ():
        name = part.get("type") if isinstance(part, dict) else None
        if isinstance(name, str) and name.startswith("openrouter:"):
            has_plugins = True
            draft.row(
                f"tools[{name}]",
                part,
                Status.NO_EQUIVALENT,
                "a tool that OpenRouter runs itself",
                risk=Risk.COST if "search" in name else Risk.BEHAVIOUR,
            )
    if not has_plugins and not known(value):
        draft.unseen("tools", value, "tools of type openrouter:* exist at OpenRouter only, all others work", becomes=text(value))


def _reasoning(draft: Draft, value: Value) -> None:
    draft.kept.add("reasoning")
    data = table("routing")
    documented = "reasoning" in data["documented"].get(draft.target.name, ())
    if value is None or value == {}:
        draft.row(
            "reasoning", value, Status.UNCHANGED if documented else Status.CAVEAT, "asks for the default", becomes=text(value)
        )
    elif not documented:
        draft.row(
            "reasoning",
            value,
            Status.CAVEAT,
            f"stays as it is; {draft.target.title} does not document it: confirm that it is read",
            becomes=text(value),
        )
    elif not known(value) or not isinstance(value, dict):
        draft.row(
            "reasoning",
            value,
            Status.CAVEAT,
            "stays as it is; effort: max and effort with max_tokens are refused by the target",
            becomes=text(value),
        )
    elif set(value) - set(data["reasoning"]["keys"]) or "summary" in value:
        draft.row(
            "reasoning",
            value,
            Status.CAVEAT,
            "stays as it is; not all of its fields are documented by the target",
            becomes=text(value),
        )
    elif "effort" in value and "max_tokens" in value:
        draft.row("reasoning", value, Status.CAVEAT, "the target refuses effort together with max_tokens", becomes=text(value))
    elif value.get("effort") == "max":
        changed: dict[str, Value] = {**value, "effort": "xhigh"}
        draft.kept.discard("reasoning")
        draft.body["reasoning"] = changed
        draft.row(
            "reasoning",
            value,
            Status.CAVEAT,
            "effort max is not in the target's list; xhigh has about the same budget",
            becomes=text(changed),
        )
    else:
        draft.row("reasoning", value, Status.UNCHANGED, "the target documents the same object", becomes=text(value))


def _include_reasoning(draft: Draft, value: Value) -> None:
    if not isinstance(value, bool):
        draft.unknown("include_reasoning", value, "true becomes reasoning.enabled, false becomes reasoning.exclude")
        return
    if "reasoning" in draft.settings.options:
        draft.row("include_reasoning", value, Status.CAVEAT, "the reasoning object beside it speaks for both", becomes=REMOVED)
        return
    new: dict[str, Value] = {"enabled": True} if value else {"exclude": True}
    draft.body["reasoning"] = new
    draft.row(
        "include_reasoning",
        value,
        Status.CAVEAT,
        "the old name; confirm that the target reads reasoning",
        becomes=f"reasoning: {text(new)}",
    )


def _usage(draft: Draft, value: Value) -> None:
    if value is None or (isinstance(value, dict) and set(value) <= {"include"}):
        draft.row(
            "usage",
            value,
            Status.TRANSLATED,
            "deprecated and without effect at OpenRouter; elsewhere a stream reports usage with stream_options.include_usage",
        )
    else:
        draft.unknown("usage", value, "{include: true} is a deprecated no-op")


def _preset(draft: Draft, value: Value) -> None:
    draft.row(
        "preset",
        value,
        Status.NO_EQUIVALENT,
        "stored in the OpenRouter account: its model, prompts, provider and privacy rules are not in the code",
    )


def _user(draft: Draft, value: Value) -> None:
    draft.kept.add("user")
    draft.row("user", value, Status.UNCHANGED, "a field of the OpenAI API", becomes=text(value))


def _session_id(draft: Draft, value: Value) -> None:
    draft.row("session_id", value, Status.NO_EQUIVALENT, "a conversation is not kept on one provider: fewer cache hits")


def _trace(draft: Draft, value: Value) -> None:
    draft.row("trace", value, Status.NO_EQUIVALENT, "labels for OpenRouter's tracing")


def _service_tier(draft: Draft, value: Value) -> None:
    name = "service_tier"
    tier = table("routing")["tiers"].get(value) if isinstance(value, str) else None
    if tier:
        draft.gateway["serviceTier"] = tier
        draft.row(
            name, value, Status.CAVEAT, "OpenRouter only uses endpoints of this tier, the gateway translates it for each provider",
            becomes=f'serviceTier: "{tier}"', emits=("serviceTier",),
        )  # fmt: skip
    elif isinstance(value, str):
        draft.kept.add(name)
        draft.row(name, value, Status.CAVEAT, "stays as it is", becomes=text(value))
    else:
        draft.kept.add(name)
        draft.unknown(name, value, "flex, priority and fast become serviceTier")


def _cache_control(draft: Draft, value: Value) -> None:
    if isinstance(value, Unknown):
        draft.unknown("cache_control", value, 'becomes caching: "auto"')
        return
    draft.gateway["caching"] = "auto"
    draft.row(
        "cache_control",
        value,
        Status.CAVEAT,
        "the gateway sets the cache marks itself; their lifetime cannot be chosen",
        becomes='caching: "auto"',
        emits=("caching",),
    )


def _extra_body(draft: Draft, value: Value) -> None:
    draft.kept.add("extra_body")
    note = "what it holds is not in view here: options that only OpenRouter reads would be sent on as they are"
    draft.row("extra_body", value, Status.UNKNOWN, note, risk=Risk.BEHAVIOUR)


def _arguments(draft: Draft, value: Value) -> None:
    draft.kept.add("arguments")
    note = "what they are is not in view here: options that only OpenRouter reads would be sent on as they are"
    draft.row("arguments", value, Status.UNKNOWN, note, risk=Risk.BEHAVIOUR)


def stays(draft: Draft, name: str, value: Value) -> None:
    """A field that goes through as it is, and that the target may refuse or ignore."""
    entry: dict[str, Any] | None = table("routing")["body"].get(name)
    draft.kept.add(name)
    if entry is None:
        draft.row(name, value, Status.UNKNOWN, "not a field that is known here")
    elif name == "stop_server_tools_when":
        draft.row(name, value, Status.NO_EQUIVALENT, "OpenRouter's own tools do not run elsewhere")
    else:
        draft.row(name, value, Status.CAVEAT, f"stays as it is: {entry['about']}", becomes=text(value))


BODY = {
    "models": model_list,
    "fallbacks": fallbacks,
    "route": route,
    "transforms": _transforms,
    "plugins": _plugins,
    "tools": _tools,
    "reasoning": _reasoning,
    "include_reasoning": _include_reasoning,
    "usage": _usage,
    "preset": _preset,
    "user": _user,
    "session_id": _session_id,
    "trace": _trace,
    "service_tier": _service_tier,
    "cache_control": _cache_control,
    "extra_body": _extra_body,
    "arguments": _arguments,
}
