"""The text of the edits: what goes, what stays, and when nothing is written."""

from __future__ import annotations

import ast
import json

import pytest

from migrator.catalog.targets import load
from migrator.routing.write import emit, loss, refusal
from tests.routing.trees import edited, site_of, sites_of

SYNAPSE = load("synapse")
OR = "# openrouter\n"
TS = "// openrouter\n"


def python(code: str) -> str:
    after = edited({"app.py": OR + code}, SYNAPSE)["app.py"]
    ast.parse(after)
    return after.removeprefix(OR)


def ecma(code: str) -> str:
    return edited({"app.ts": TS + code}, SYNAPSE)["app.ts"].removeprefix(TS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'c.create(model="a/b", messages=[], extra_body={"x": 1, "provider": {"sort": "price"}, "usage": {"include": True}})\n',
            'c.create(model="a/b", messages=[], extra_body={"x": 1, "providerOptions": {"gateway": {"sort": "cost"}}})\n',
        ),
        (
            "c.create(model='a/b', messages=[], extra_body={'usage': {'include': True}, 'x': 1})\n",
            "c.create(model='a/b', messages=[], extra_body={'x': 1})\n",
        ),
        (
            'c.create(model="a/b", messages=[], extra_body={"usage": {"include": True}}, stream=True)\n',
            'c.create(model="a/b", messages=[], stream=True)\n',
        ),
        (
            'c.create(\n    model="a/b",\n    messages=[],\n    extra_body={"transforms": []},  # off\n    stream=True,\n)\n',
            'c.create(\n    model="a/b",\n    messages=[],\n    stream=True,\n)\n',
        ),
        (
            'c.create(model="a/b:nitro", messages=[], extra_body={"provider": {"only": ["groq"]}})\n',
            'c.create(model="a/b", messages=[], extra_body={"providerOptions": {"gateway": {"only": ["groq"], "sort": "tps"}}})\n',
        ),
        (
            'r.post(U, json={"model": "a/b:nitro", "messages": []})\n',
            'r.post(U, json={"providerOptions": {"gateway": {"sort": "tps"}}, "model": "a/b", "messages": []})\n',
        ),
        (
            'import litellm\nlitellm.completion(model="a/b", messages=[], provider={"sort": "price"}, route="fallback")\n',
            'import litellm\nlitellm.completion(model="a/b", messages=[], extra_body={"providerOptions": {"gateway": {"sort": "cost"}}})\n',
        ),
        (
            'r.post(U, json={\n    "model": "a/b",\n    "messages": [],\n    "provider": {"sort": "price"}\n})\n',
            'r.post(U, json={\n    "model": "a/b",\n    "messages": [],\n    "providerOptions": {"gateway": {"sort": "cost"}}\n})\n',
        ),
    ],
)
def test_python(before: str, after: str) -> None:
    assert python(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "c.chat.completions.create({ model: 'a/b', messages, provider: { sort: 'price' } } as any);\n",
            "c.chat.completions.create({ model: 'a/b', messages, ...{ providerOptions: { gateway: { sort: 'cost' } } } } as any);\n",
        ),
        (
            'fetch(u, { body: JSON.stringify({"model": "a/b", "messages": m, "provider": {"sort": "price"}}) });\n',
            'fetch(u, { body: JSON.stringify({"model": "a/b", "messages": m, "providerOptions": {"gateway": {"sort": "cost"}}}) });\n',
        ),
        (
            "new ChatOpenAI({ model: 'a/b', modelKwargs: { provider: { only: ['groq'], allow_fallbacks: false } } });\n",
            "new ChatOpenAI({ model: 'a/b', modelKwargs: { providerOptions: { gateway: { only: ['groq'] } } } });\n",
        ),
        (
            "payload.provider = { order: ['groq'] };\nfetch(u, { body: JSON.stringify(payload) });\n",
            "payload.providerOptions = { gateway: { order: ['groq'] } };\nfetch(u, { body: JSON.stringify(payload) });\n",
        ),
    ],
)
def test_ecma(before: str, after: str) -> None:
    assert ecma(before) == after


def test_line_ends_and_tabs_follow_the_site() -> None:
    before = (
        "c.chat.completions.create({\r\n\tmodel: 'a/b',\r\n\tmessages,\r\n\tprovider: {\r\n\t\tsort: 'price',\r\n\t},\r\n});\r\n"
    )
    assert ecma(before) == (
        "c.chat.completions.create({\r\n\tmodel: 'a/b',\r\n\tmessages,\r\n\t...{\r\n\t\tproviderOptions: {\r\n\t\t\tgateway: {\r\n"
        "\t\t\t\tsort: 'cost',\r\n\t\t\t},\r\n\t\t},\r\n\t},\r\n});\r\n"
    )


def test_json_has_no_trailing_comma() -> None:
    text = '{\n  "agent": "openrouter",\n  "extra_body": {\n    "x": 1,\n    "provider": {"sort": "price"},\n    "usage": {"include": true}\n  }\n}\n'
    after = edited({"agent.json": text}, SYNAPSE)["agent.json"]
    assert json.loads(after)["extra_body"] == {"x": 1, "providerOptions": {"gateway": {"sort": "cost"}}}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('r.post(U, json={"model": "a/b", "messages": [], "provider": {"data_collection": "deny"}})', "no exact counterpart"),
        ('r.post(U, json={"model": "a/b", "messages": [], "provider": {\n  # why\n  "sort": "price"}})', "comment"),
        ('P = {"sort": "price"}\nr.post(U, json={"model": "a/b", "messages": [], "provider": P})', "not all written here"),
        ('r.post(U, json={"model": "a/b", "messages": [], "provider": {"sort": "price"}, "providerOptions": x})', "beside it"),
        ('def build():\n    return {"model": "a/b", "messages": [], "provider": {"sort": "price"}}', "not in view"),
        ('body["usage"] = {"include": True}\nr.post(U, json=body)', "taken away"),
        ('OpenRouter(model="a/b", order=["groq"])', "no keyword"),
    ],
)
def test_left_to_a_person(code: str, why: str) -> None:
    repository, sites = sites_of({"app.py": OR + code + "\n"})
    site = next(one for one in sites if one.entries[0].name != "provider" or len(sites) == 1 or one.entries[0].key is not None)
    translation = site.translation(SYNAPSE)
    assert why in (refusal(site, translation, repository.files["app.py"]) or "")
    assert emit(site, translation, repository.files["app.py"]) == ()


def test_the_name_of_the_new_provider_takes_the_place_of_openrouter() -> None:
    code = TS + "generateText({ model: m('a/b'), prompt, providerOptions: { openrouter: { provider: { sort: 'price' } } } });\n"
    assert edited({"a.ts": code}, SYNAPSE, name="synapse")["a.ts"].endswith(
        "providerOptions: { synapse: { providerOptions: { gateway: { sort: 'cost' } } } } });\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        'r.post(U, json={"model": "a/b", "messages": [], "provider": {"order": ["groq"]}, "models": ["a/b", "c/d"]})\n',
        'c.create(model="a/b", messages=[], extra_body={"provider": {"only": ["groq"], "allow_fallbacks": False}})\n',
        'p = {"model": "a/b", "messages": []}\np["provider"] = {"sort": "latency"}\nr.post(U, json=p)\n',
    ],
)
def test_a_second_run_has_nothing_to_do_and_sees_the_gateway_dialect(code: str) -> None:
    once = edited({"app.py": OR + code}, SYNAPSE)
    assert once != {"app.py": OR + code}
    assert edited(once, SYNAPSE) == once
    _, site = site_of(once)
    assert (site.dialect, site.reaches_wire) == ("gateway", True)


@pytest.mark.parametrize(
    ("code", "lost"),
    [
        ('r.post(U, json={"model": "a/b", "messages": [], "provider": {"only": ["groq"]}})', None),
        ('r.post(U, json={"model": "a/b", "messages": [], "transforms": ["middle-out"]})', "behaviour"),
        ('def build():\n    return {"model": "a/b", "messages": [], "provider": {"only": ["groq"]}}', "privacy"),
        ('def build():\n    return {"model": "a/b", "messages": [], "usage": {"include": True}}', None),
        ('P = {"max_price": {"prompt": 1}}', "cost"),
    ],
)
def test_what_is_not_written_is_lost(code: str, lost: str | None) -> None:
    repository, site = site_of(OR + code + "\n")
    assert loss(site, site.translation(SYNAPSE), repository.files["app.py"]) == lost


def test_what_never_reached_the_wire_is_not_lost_by_moving() -> None:
    repository, site = site_of(
        TS + "c.chat.completions.create({ model: 'a/b', messages, extra_body: { provider: { zdr: true } } });\n", "a.ts"
    )
    assert loss(site, site.translation(SYNAPSE), repository.files["a.ts"]) is None
