"""Python programs that send one request, put together in many ways from the same options."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st

HEAD = """# openrouter
import copy
import json
import os
import tomllib
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
import requests
import yaml
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
    """A program; it is run with `flag` true and false."""

    files: Mapping[str, str]
    language: str = "python"

    def text(self) -> str:
        """All files, for a failing case."""
        return "\n".join(f"# {path}\n{text}" for path, text in self.files.items())


def _tree(main: str, rules: str = "", **data: str) -> Program:
    return Program({"app.py": HEAD + main, "rules.py": f"# rules\n{rules}", **data})


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


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


def json_file(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    opened = 'with open("rules.json") as file:\n    RULES = json.load(file)\n'
    main = opened if flags[0] else 'RULES = json.loads(Path("rules.json").read_text())\n'
    part = 'RULES["routing"]' if flags[1] else "RULES"
    return _tree(main + CALL % part, **{"rules.json": _json({"routing": options} if flags[1] else options)})


def yaml_file(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    main = 'with open("rules.yaml") as file:\n    RULES = yaml.safe_load(file)\n'
    text = yaml.safe_dump(
        {"title": "x", "extra_body": dict(options)}, sort_keys=False, default_flow_style=None if flags[0] else False
    )
    return _tree(main + CALL % 'RULES["extra_body"]', **{"rules.yaml": text})


def toml_file(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    head = "".join(f"{name} = {_toml(value)}\n" for name, value in _rest(options).items())
    table = "".join(f"{name} = {_toml(value)}\n" for name, value in _fields(options))
    text = f"{head}[provider]\n{table}" if "provider" in options else head
    return _tree('RULES = tomllib.loads(Path("rules.toml").read_text())\n' + CALL % "RULES", **{"rules.toml": text})


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + "}"
    return json.dumps(value)


def keyword_entries(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    given = ", ".join(f"{name}={value!r}" for name, value in options.items())
    body = f"    body = {{**{PLAIN}, **extra}}\n" if flags[0] else f"    body = {PLAIN}\n    body.update(extra)\n"
    call = f"ask({given})\n" if flags[1] else f"OPTIONS = {dict(options)!r}\nask(**OPTIONS)\n"
    return _tree(f"def ask(prompt='', **extra):\n{body}    {POST % 'body'}\n\n{call}")


def keyword_handed_on(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    rules = "from openai import OpenAI\n\n\ndef ask(client, **extra):\n    client.chat.completions.create(model='lab/one', messages=[], **extra)\n"
    return _tree(f"ask(client, extra_body={dict(options)!r})\n", rules)


def updated_with_keywords(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    given = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return _tree(f"body = {PLAIN}\n{'if flag:' + chr(10) + '    ' if flags[0] else ''}body.update({given})\n" + POST % "body")


def made_by_dict(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    given = ", ".join(f"{name}={value!r}" for name, value in options.items())
    if flags[0]:
        return _tree(f"RULES = {dict(options)!r}\nbody = dict(model='lab/one', messages=[], **RULES)\n" + POST % "body")
    return _tree(f"body = dict(model='lab/one', messages=[]{', ' if given else ''}{given})\n" + POST % "body")


def joined(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    parts = [repr(_rest(options)), repr({"provider": options["provider"]}) if "provider" in options else "{}"]
    if flags[0]:
        return _tree(f"body = {PLAIN} | {parts[0]} | {parts[1]}\n" + POST % "body")
    return _tree(f"body = {PLAIN} | MORE\nbody |= {parts[1]}\n" + POST % "body", f"MORE = {parts[0]}\n")


def chained_defaults(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(
        f"{'if flag:' + chr(10) + '    ' if flag else ''}body.setdefault('provider', {{}}).setdefault({name!r}, {value!r})\n"
        for (name, value), flag in zip(_fields(options), [*flags, *[False] * 9], strict=False)
    )
    return _tree(f"body = { ({'model': 'lab/one', 'messages': []} | _rest(options))!r}\n{stores}" + POST % "body")


def conditional(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    provider = options.get("provider", {})
    half = dict(_fields(options)[:1])
    value = f"{provider!r} if flag else {half!r}" if flags[0] else f"({provider!r}) if flag else None"
    return _tree(CALL % f'{{"provider": {value}, **{_rest(options)!r}}}')


def merged_policy(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    fields = _fields(options)
    base, more = dict(fields[:1]), dict(fields[1:])
    return _tree(f"BASE = {base!r}\n" + CALL % f'{{"provider": {{**BASE, **{more!r}}}, **{_rest(options)!r}}}')


def builder(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    kept = "".join(f"        self.body[{name!r}] = {value!r}\n" for name, value in options.items()) or "        pass\n"
    text = (
        f"class Builder:\n    def __init__(self):\n        self.body = {PLAIN}\n\n    def routed(self):\n{kept}        return self\n\n"
        "    def build(self):\n        return self.body\n\n\n"
    )
    use = "builder = Builder()\nif flag:\n    builder.routed()\n" if flags[0] else "builder = Builder().routed()\n"
    return _tree(use + POST % "builder.build()", text) if flags[1] else _tree(text + use + POST % "builder.build()")


def made_elsewhere(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(f"    body[{name!r}] = {value!r}\n" for name, value in options.items())
    rules = f"def make(flag):\n    body = {PLAIN}\n" + (
        f"    if flag:\n{stores.replace('    body', '        body')}" if flags[0] and stores else stores
    )
    return _tree(POST % "make(flag)", f"{rules}    return body\n")


def handed_through(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f"def send(body):\n    {POST % 'body'}\n\ndef ask(extra, model='lab/one'):\n    send({{'model': model, 'messages': [], **extra}})\n\n\n"
        f"ask({dict(options)!r})\n"
    )


def in_a_class(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(CALL % "Settings.EXTRA", f"class Settings:\n    EXTRA = {dict(options)!r}\n")


def record(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    fields = "".join(f"    {name}: object = field(default_factory=lambda: {value!r})\n" for name, value in options.items())
    text = f"@dataclass\nclass Request:\n    model: str\n    messages: list\n{fields}\n\n"
    return _tree(text + POST % "asdict(Request('lab/one', []))")


def dumped_policy(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """A record that is the provider object: with defaults or arguments, perhaps changed before it is dumped."""
    kinds = "".join(
        f"    {name}: object = {f'field(default_factory=lambda: {value!r})' if isinstance(value, list | dict) else repr(value)}\n"
        if flags[0]
        else f"    {name}: object\n"
        for name, value in _fields(options)
    )
    given = "" if flags[0] else ", ".join(repr(value) if flags[1] else f"{name}={value!r}" for name, value in _fields(options))
    text = f"@dataclass\nclass Rules:\n{kinds or '    pass' + chr(10)}\n\nRULES = Rules({given})\n"
    change = "if flag:\n    RULES.sort = 'price'\n" if flags[2] and "sort" in options.get("provider", {}) else ""
    extra = "".join(f", {name!r}: {value!r}" for name, value in _rest(options).items())
    return _tree(text + change + CALL % f'{{"provider": asdict(RULES){extra}}}')


def copied(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    copy = "copy.deepcopy(BASE)" if flags[0] else "dict(BASE)" if flags[1] else "BASE.copy()"
    return _tree(f"BASE = {dict(options)!r}\nbody = {copy}\nbody['model'] = 'lab/one'\nbody['messages'] = []\n" + POST % "body")


def by_a_constant_key(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    provider = options.get("provider", {})
    return _tree(
        f"NAME = 'provider'\nbody = { ({'model': 'lab/one', 'messages': []} | _rest(options))!r}\nbody[NAME] = {provider!r}\n"
        + POST % "body"
    )


def in_a_loop(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """With a provider object: a list of models alone says nothing where its way into a request is not in view."""
    if not _fields(options):
        return literal(options, flags)
    return _tree(f"body = {PLAIN}\nfor name, value in {dict(options)!r}.items():\n    body[name] = value\n" + POST % "body")


def as_text(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    text = json.dumps({"model": "lab/one", "messages": []} | dict(options))
    return _tree(POST % f"json.loads({text!r})")


def partly_applied(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f"ask = partial(client.chat.completions.create, model='lab/one', extra_body={dict(options)!r})\nask(messages=[])\n"
    )


def inner_update(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    fields = _fields(options)
    base, more = dict(fields[:1]), dict(fields[1:])
    given = ", ".join(f"{name}={value!r}" for name, value in more.items())
    added = (
        f"body['provider'].update({given})"
        if flags[0]
        else f"body['provider'] |= {more!r}"
        if flags[1]
        else f"body['provider'].update({more!r})"
    )
    when = "if flag:\n    " if flags[2] else ""
    return _tree(
        f"body = { ({'model': 'lab/one', 'messages': []} | _rest(options) | {'provider': base})!r}\n{when}{added}\n" + POST % "body"
    )


def helper_fills(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """A function that is given the body fills or reads its provider object."""
    fields = _fields(options)
    base, more = dict(fields[:1]), dict(fields[1:])
    name = "body" if flags[0] else "request"
    act = f"{name}['provider'].update({more!r})" if flags[1] else f"len({name}['provider'])"
    helper = f"def touch({name}):\n    {act}\n\n\n"
    body = {"model": "lab/one", "messages": []} | _rest(options) | {"provider": base}
    return _tree(f"{helper}body = {body!r}\n{'if flag:' + chr(10) + '    ' if flags[2] else ''}touch(body)\n" + POST % "body")


def two_functions(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """Two functions that call their body by the same name."""
    fields = _fields(options)
    base, more = dict(fields[:1]), dict(fields[1:])
    body = {"model": "lab/one", "messages": []} | _rest(options) | {"provider": base}
    other = (
        "def other():\n    body = {'model': 'lab/one', 'messages': [], 'provider': {}}\n    body['provider']['sort'] = 'price'\n    "
        + POST % "body"
    )
    return _tree(
        f"{other}\n\ndef ask():\n    body = {body!r}\n    body['provider'].update({more!r})\n    {POST % 'body'}\n\nask()\n"
    )


def toml_lines(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """Dotted keys, or an inline table, with a comment behind them, in a table of their own or at the top."""
    head = "[extra_body]\n" if flags[0] else ""
    lines = [f"{name} = {_toml(value)}" for name, value in _rest(options).items()]
    if flags[1]:
        lines += [f"provider.{name} = {_toml(value)} # kept" for name, value in _fields(options)]
    elif "provider" in options:
        lines.append(f"provider = {_toml(options['provider'])}")
    use = 'RULES["extra_body"]' if flags[0] else "RULES"
    main = 'with open("rules.toml", "rb") as file:\n    RULES = tomllib.load(file)\n'
    return _tree(
        main + CALL % use,
        **{"rules.toml": head + "\n".join(lines) + "\n\n[other]\nx = 1\n" if flags[0] else head + "\n".join(lines) + "\n"},
    )


SHAPES: tuple[Callable[[Mapping[str, Any], Sequence[bool]], Program], ...] = (
    literal, variable, body, stored_whole, filled, by_default, updated, spread, elsewhere, policy_elsewhere, built, handed_over, keywords,
    local_policy, json_file, yaml_file, toml_file, keyword_entries, keyword_handed_on, updated_with_keywords, made_by_dict, joined,
    chained_defaults, conditional, merged_policy, builder, made_elsewhere, handed_through, in_a_class, record, copied, by_a_constant_key,
    dumped_policy, in_a_loop, as_text, partly_applied, inner_update, helper_fills, two_functions, toml_lines,
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


Shape = Callable[[Mapping[str, Any], Sequence[bool]], Program]


def choice(draw: st.DrawFn, shapes: Sequence[Shape]) -> Program:
    """Any of some shapes with a few options."""
    options: dict[str, Any] = draw(_options)
    provider = options.get("provider", {})
    kept = draw(st.sets(st.sampled_from(sorted(provider)), max_size=3)) if provider else set()
    if "provider" in options:
        options = {**options, "provider": {name: value for name, value in provider.items() if name in kept}}
    shape: Shape = draw(st.sampled_from(shapes))
    return shape(options, draw(st.lists(st.booleans(), min_size=4, max_size=4)))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Any of the shapes of Python."""
    return choice(draw, SHAPES)
