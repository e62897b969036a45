"""Python programs that send one request, put together in many ways from the same options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

HEAD = """# openrouter
import os
import requests
from openai import OpenAI
from rules import *

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
URL = "https://openrouter.ai/api/v1/chat/completions"
"""
CALL = 'client.chat.completions.create(model="lab/one", messages=[], extra_body=%s)\n'
POST = "requests.post(URL, json=%s)\n"
PLAIN = '{"model": "lab/one", "messages": []}'


@dataclass(frozen=True, slots=True)
class Program:
    """A program, with the values of `flag` under which it is run."""

    files: Mapping[str, str]

    def text(self) -> str:
        """All files, for a failing case."""
        return "\n".join(f"# {path}\n{text}" for path, text in self.files.items())


def _tree(main: str, rules: str = "") -> Program:
    return Program({"app.py": HEAD + main, "rules.py": f"# openrouter\n{rules}"})


def _fields(options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(options.get("provider", {}).items())


def _rest(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "provider"}


def literal(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(CALL % repr(options))


def variable(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(f"extra = {options!r}\n" + CALL % "extra")


def body(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(f"body = { ({'model': 'lab/one', 'messages': []} | dict(options))!r}\n" + POST % "body")


def stored_whole(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(
        f"{'if flag:' + chr(10) + '    ' if flag else ''}body[{name!r}] = {value!r}\n"
        for (name, value), flag in zip(options.items(), [*flags, *[False] * 9], strict=False)
    )
    return _tree(f"body = {PLAIN}\n{stores}" + POST % "body")


def filled(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    first, *others = [*_fields(options), None]
    given = dict([first]) if first is not None and flags[0] else {}
    stores = "".join(
        f"{'if flag:' + chr(10) + '    ' if flag else ''}body['provider'][{name!r}] = {value!r}\n"
        for (name, value), flag in zip(
            [pair for pair in [None if given else first, *others] if pair], [*flags[1:], *[False] * 9], strict=False
        )
    )
    return _tree(
        f"body = { ({'model': 'lab/one', 'messages': []} | _rest(options) | {'provider': given})!r}\n{stores}" + POST % "body"
    )


def by_default(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(
        f"{'if flag:' + chr(10) + '    ' if flag else ''}body.setdefault('provider', {{}})[{name!r}] = {value!r}\n"
        for (name, value), flag in zip(_fields(options), [*flags, *[False] * 9], strict=False)
    )
    return _tree(f"body = { ({'model': 'lab/one', 'messages': []} | _rest(options))!r}\n{stores}" + POST % "body")


def updated(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    inner = f"    body.update({dict(options)!r})\n" if flags[0] else f"body.update({dict(options)!r})\n"
    return _tree(f"body = {PLAIN}\n{'if flag:' + chr(10) if flags[0] else ''}{inner}" + POST % "body")


def spread(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    base, more = _rest(options), {"provider": options["provider"]} if "provider" in options else {}
    part = f"**({more!r} if flag else {{}})" if flags[0] else f"**{more!r}"
    return _tree(f"BASE = {base!r}\n" + POST % f'{{"model": "lab/one", "messages": [], **BASE, {part}}}')


def elsewhere(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(CALL % ("RULES if flag else {}" if flags[0] else "RULES"), f"RULES = {options!r}\n")


def policy_elsewhere(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    extra = "".join(f", {name!r}: {value!r}" for name, value in _rest(options).items())
    return _tree(CALL % f'{{"provider": POLICY{extra}}}', f"POLICY = {options.get('provider', {})!r}\n")


def built(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(f"def build():\n    return { ({'model': 'lab/one', 'messages': []} | dict(options))!r}\n\n\n" + POST % "build()")


def handed_over(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        "def send(body):\n    requests.post(URL, json=body)\n\n\n"
        f"send({ ({'model': 'lab/one', 'messages': []} | dict(options))!r})\n"
    )


def keywords(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f"kwargs = {PLAIN}\nkwargs.setdefault('extra_body', {{}})['provider'] = {options.get('provider', {})!r}\n"
        "client.chat.completions.create(**kwargs)\n"
    )


def local_policy(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(
        f"{'if flag:' + chr(10) + '    ' if flag else ''}prefs[{name!r}] = {value!r}\n"
        for (name, value), flag in zip(_fields(options), [*flags, *[False] * 9], strict=False)
    )
    return _tree(
        f"prefs = {{}}\n{stores}body = { ({'model': 'lab/one', 'messages': []} | _rest(options))!r}\nbody['provider'] = prefs\n"
        + POST % "body"
    )


SHAPES: tuple[Callable[[Mapping[str, Any], Sequence[bool]], Program], ...] = (
    literal, variable, body, stored_whole, filled, by_default, updated, spread, elsewhere, policy_elsewhere, built, handed_over, keywords,
    local_policy,
)  # fmt: skip

_entries = st.lists(
    st.sampled_from(("groq", "deepinfra", "amazon-bedrock", "azure", "chutes")), min_size=1, max_size=2, unique=True
)
_options = st.fixed_dictionaries(
    {},
    optional={
        "provider": st.fixed_dictionaries(
            {},
            optional={
                "order": _entries,
                "only": _entries,
                "ignore": _entries,
                "allow_fallbacks": st.booleans(),
                "sort": st.sampled_from(("price", "throughput", "latency")),
                "data_collection": st.sampled_from(("allow", "deny")),
                "zdr": st.booleans(),
                "max_price": st.just({"prompt": 1}),
            },
        ),
        "models": st.just(["lab/two", "lab/three"]),
        "transforms": st.sampled_from(([], ["middle-out"])),
        "usage": st.just({"include": True}),
        "route": st.just("fallback"),
    },
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Any of the shapes with a few options."""
    options: dict[str, Any] = draw(_options)
    provider = options.get("provider", {})
    kept = draw(st.sets(st.sampled_from(sorted(provider)), max_size=3)) if provider else set()
    if "provider" in options:
        options = {**options, "provider": {name: value for name, value in provider.items() if name in kept}}
    shape: Callable[[Mapping[str, Any], Sequence[bool]], Program] = draw(st.sampled_from(SHAPES))
    return shape(options, draw(st.lists(st.booleans(), min_size=4, max_size=4)))
