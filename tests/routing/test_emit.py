"""The text of the edits: what goes, what stays, and when nothing is written."""

from __future__ import annotations

import ast
import json

import pytest

from migrator.catalog.targets import load
from migrator.model import Applicability
from migrator.routing.losses import losses
from migrator.routing.write import compose
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


BODY = 'r.post(U, json={"model": "a/b", "messages": [], %s})\n'


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ('"provider": {"data_collection": "deny"}', '"providerOptions": {"gateway": {"disallowPromptTraining": True}}'),
        (
            '"provider": {"only": ["groq"], "max_price": {"prompt": 1}}',
            '"providerOptions": {"gateway": {"only": ["groq"]}}, "provider": {"max_price": {"prompt": 1}}',
        ),
        (
            '"provider": {"max_price": {"prompt": 1}, "only": ["groq"]}, "usage": {"include": True}',
            '"provider": {"max_price": {"prompt": 1}}, "providerOptions": {"gateway": {"only": ["groq"]}}',
        ),
        (
            '"transforms": ["middle-out"], "provider": {"only": ["groq"]}',
            '"transforms": ["middle-out"], "providerOptions": {"gateway": {"only": ["groq"]}}',
        ),
        (
            '"provider": {"sort": "price"}, "providerOptions": {"gateway": {"order": ["groq"]}}',
            '"providerOptions": {"gateway": {"sort": "cost", "order": ["groq"]}}',
        ),
        (
            '"provider": {\n  # why\n  "sort": "price"}',
            '# why\n  "providerOptions": {\n  "gateway": {\n    "sort": "cost",\n  },\n}',
        ),
    ],
)
def test_each_option_by_itself(options: str, after: str) -> None:
    assert python(BODY % options) == BODY % after


def test_a_comment_stays_beside_the_field_that_stays_and_goes_with_the_one_that_goes() -> None:
    before = """r.post(
    U,
    json={
        "model": "a/b",
        "messages": [],
        "provider": {
            "only": ["groq"],  # contract
            # a cap of 2025
            "max_price": {"prompt": 1},
        },
    },
)
"""
    assert python(before) == before.replace(
        """        "provider": {
            "only": ["groq"],  # contract
""",
        """        # contract
        "providerOptions": {
            "gateway": {
                "only": ["groq"],
            },
        },
        "provider": {
""",
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (BODY % '"provider": {"max_price": {"prompt": 1}}', "counterpart"),
        (BODY % '"provider": {"sort": "price"}, "providerOptions": x', "beside it"),
        ('def build():\n    return {"model": "a/b", "messages": [], "provider": {"sort": "price"}}', "not in view"),
        ('body["usage"] = {"include": True}\nr.post(U, json=body)', "one new statement"),
        ('OpenRouter(model="a/b", order=["groq"])', "no keyword"),
    ],
)
def test_left_to_a_person(code: str, why: str) -> None:
    repository, site = site_of(OR + code + "\n")
    written = compose(site, SYNAPSE, repository.files)
    assert why in (written.refusal or "")
    assert written.edits == ()


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


def weighed(code: str, path: str = "app.py") -> dict[str, tuple[str, bool]]:
    repository, sites = sites_of({path: code})
    return {
        loss.field: (loss.risk.value, loss.applicability is Applicability.SAFE)
        for site in sites
        for loss in losses(site, compose(site, SYNAPSE, repository.files))
    }


@pytest.mark.parametrize(
    ("code", "lost"),
    [
        (BODY % '"provider": {"only": ["groq"]}', {}),
        (BODY % '"transforms": ["middle-out"]', {"transforms": ("behaviour", True)}),
        (BODY % '"provider": {"sort": "exacto"}', {"provider.sort": ("behaviour", True)}),
        (BODY % '"models": ["a/b", "c/d"]', {"models": ("reliability", True)}),
        (BODY % '"provider": {"zdr": True}', {"provider.zdr": ("privacy", False)}),
        (BODY % '"provider": PREFS', {"provider": ("privacy", False)}),
        (
            'def build():\n    return {"model": "a/b", "messages": [], "provider": {"only": ["groq"]}}',
            {"provider.only": ("privacy", False)},
        ),
        ('def build():\n    return {"model": "a/b", "messages": [], "usage": {"include": True}}', {}),
        ('P = {"max_price": {"prompt": 1}}', {"provider.max_price": ("cost", False)}),
    ],
)
def test_what_is_lost_and_whether_somebody_must_accept_it(code: str, lost: dict[str, tuple[str, bool]]) -> None:
    assert weighed(OR + code + "\n") == lost


def test_what_never_reached_the_wire_is_not_lost_by_moving() -> None:
    code = TS + "c.chat.completions.create({ model: 'a/b', messages, extra_body: { provider: { zdr: true } } });\n"
    assert weighed(code, "a.ts") == {}
