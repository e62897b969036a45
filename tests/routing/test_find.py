"""Which blocks count as routing, and which look like it."""

from __future__ import annotations

import pytest

from migrator.catalog.targets import load
from migrator.model import Span
from migrator.routing.find.site import Carrier, report_row
from migrator.routing.model import Unknown
from tests.routing.trees import site_of, sites_of

OR = "# https://openrouter.ai/api/v1\n"
TS = "// https://openrouter.ai/api/v1\n"

FOUND = {
    "extra_body": OR + 'client.chat.completions.create(model=m, messages=x, extra_body={"provider": {"order": ["groq"]}})',
    "json body": OR + 'requests.post(U, json={"model": m, "messages": x, "transforms": ["middle-out"]})',
    "dict calls": OR + 'requests.post(U, json=dict(model=m, messages=x, provider=dict(order=["groq"])))',
    "reply read at once": OR + 'x = requests.post(U, json={"model": m, "messages": x, "route": "fallback"}).json()["choices"]',
    "dumped body": OR + 'requests.post(U, data=json.dumps({"model": m, "messages": x, "models": ["a/b", "c/d"]}))',
    "payload name": OR + 'payload = {"model": m, "messages": x, "route": "fallback"}\nrequests.post(U, json=payload)',
    "added key": OR
    + 'payload = {"model": m}\npayload["provider"] = {"ignore": [p.strip() for p in names]}\nrequests.post(U, json=payload)',
    "added through a call": OR + 'extra_body = {}\nextra_body["provider"] = prefs.model_dump()\nkwargs["extra_body"] = extra_body',
    "update": OR + 'payload = {"model": m}\npayload.update({"provider": {"sort": "price"}})\nrequests.post(U, json=payload)',
    "setdefault": OR + 'extra_body.setdefault("provider", {"zdr": True})',
    "policy by itself": OR + 'preferences = {"sort": "price", "allow_fallbacks": True}',
    "policy in a list of names": OR + 'ROUTING = {"order": ["groq", "deepinfra"]}',
    "policy grows": OR + 'route["quantizations"] = ["fp8"]',
    "nested key": OR + 'payload["provider"]["only"] = ["groq"]',
    "keyword": OR + 'litellm.completion(model=m, messages=x, transforms=["middle-out"])',
    "keywords of a class": OR + "ProviderPreferences(order=names, allow_fallbacks=False)",
    "vendor class": OR + 'OpenRouter(model=m, order=["groq"])',
    "settings": OR + 'OpenRouterModelSettings(openrouter_provider={"only": ["groq"]})',
    "server tool": OR + 'requests.post(U, json={"model": m, "messages": x, "tools": [{"type": "openrouter:web_search"}]})',
    "plugins": OR + 'plugins = [{"id": "web"}]\nbody = {"model": m, "messages": x, "plugins": plugins}',
    "deep fallback": OR + 'def build():\n    return {"model": m, "messages": x, "provider": {"data_collection": "deny"}}',
    "default by name": OR + 'client = make(provider_preferences={"order": ["groq"]})',
}
FOUND_TS = {
    "openai": TS + "await client.chat.completions.create({ model, messages, provider: { order: ['groq'] } } as any);",
    "fetch": TS + "fetch(u, { method: 'POST', body: JSON.stringify({ model, messages, models: ['a/b', 'c/d'] }) });",
    "reply read at once": TS + "await (await fetch(u, { body: JSON.stringify({ model, messages, route: 'fallback' }) })).json();",
    "reply handled at once": TS + "fetch(u, { body: JSON.stringify({ model, messages, route: 'fallback' }) }).then(r => r.json());",
    "axios": TS + "axios.post(u, { model, messages, provider: { require_parameters: true } }, { headers });",
    "conditional spread": TS
    + "const b = { model, messages, ...(x ? { route: 'fallback' } : {}) };\nfetch(u, { body: JSON.stringify(b) });",
    "added key": TS + "payload.provider = { data_collection: 'deny' };",
    "extras": TS + "const extras = direct ? {} : { usage: { include: true } };",
    "camel case": TS + "await sdk.chat.send({ chatRequest: { model, messages, provider: { allowFallbacks: false } } });",
    "model settings": "import { createOpenRouter } from '@openrouter/ai-sdk-provider';\nconst p = createOpenRouter({});\np('a/b', { provider: { order: ['groq'] } });",
    "langchain": TS + "new ChatOpenAI({ model: 'a/b', modelKwargs: { transforms: ['middle-out'] } });",
    "reasoning": TS + "fetch(u, { body: JSON.stringify({ model, messages, reasoning: { effort: 'high' } }) });",
}
QUIET = {
    "registry": OR + 'PROVIDERS = {"openrouter": {"models": ["a/b", "c/d"], "provider": "openai", "route": "/chat"}}',
    "message with reasoning": OR + 'log = {"role": "assistant", "content": c, "reasoning": r}',
    "reply record": OR + 'return_value = {"model": m, "usage": usage, "provider": provider, "session_id": s}',
    "printed": OR + 'click.echo(json.dumps({"provider": provider, "models": models}))',
    "a route of a server": OR + '@app.route("/chat")\ndef chat(): ...\nroute = "/x"',
    "sorting of a shop": OR + 'query = {"sort": "price", "order": "asc", "page": 2}',
    "plugins of a build": OR + 'config = {"plugins": [vite(), react()], "transforms": {"^.+\\\\.ts$": "ts-jest"}}',
    "history of a session": OR + 'x = {"session_id": s, "messages": history}',
    "plain tools": OR + 'payload = {"model": m, "messages": x}\npayload["tools"] = tools\nrequests.post(U, json=payload)',
    "usage text": OR + 'parser = make(usage="tool [options]", model=m, messages=x)',
    "responses api": OR + 'client.responses.create(model=m, input=x, reasoning={"effort": "high"})',
    "stream transforms": OR + 'run({"model": m, "transforms": transforms})',
    "own api": OR + 'requests.post("/api/arena", json={"models": models, "session_id": sid})',
}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_found_in_python(code: str) -> None:
    _, sites = sites_of({"app.py": code + "\n"})
    assert sites
    last = max(site.span.end for site in sites)
    assert last <= len(code)


@pytest.mark.parametrize("code", FOUND_TS.values(), ids=FOUND_TS)
def test_found_in_typescript(code: str) -> None:
    assert sites_of({"app.ts": code + "\n"})[1]


@pytest.mark.parametrize("code", QUIET.values(), ids=QUIET)
def test_common_words_are_no_routing(code: str) -> None:
    assert sites_of({"app.py": code + "\n"})[1] == []


def test_without_a_connection_nothing_counts() -> None:
    code = FOUND["extra_body"].removeprefix(OR)
    assert sites_of({"app.py": code + "\n"})[1] == []


def test_tests_are_left_alone() -> None:
    assert sites_of({"tests/test_app.py": FOUND["extra_body"] + "\n"})[1] == []


def test_a_constant_one_import_away_counts_although_its_file_has_no_connection() -> None:
    tree = {
        "app.py": OR + "from policy import EXTRA\nclient.chat.completions.create(model=m, messages=x, extra_body=EXTRA)\n",
        "policy.py": 'EXTRA = {"provider": {"zdr": True}}\nOTHER = {"provider": {"zdr": True}}\n',
    }
    _, sites = sites_of(tree)
    assert [(site.path, site.carrier is Carrier.EXTRA_BODY) for site in sites] == [("policy.py", True), ("policy.py", False)]


def test_configuration_counts_by_shape() -> None:
    text = (
        "# openrouter\nmodels: [a/b, c/d]\nprovider: openrouter\nroute: /x\nagent:\n  model: openrouter/a/b\n  extra_body:\n"
        "    provider:\n      order: [groq]\n    models: [a/b, c/d]\n"
    )
    repository, site = site_of(text, "config.yaml")
    assert site.carrier is Carrier.EXTRA_BODY
    lines = repository.files["config.yaml"].lines
    assert (lines.line(site.span.start), lines.line(site.span.end)) == (8, 10)


def test_the_span_covers_every_line_of_the_block_and_rows_have_their_own() -> None:
    code = (
        OR
        + 'x = f(\n  extra_body={\n    "provider": {\n      "order": ["groq"],\n      "zdr": True,\n    },\n    "transforms": [],\n  },\n)\n'
    )
    repository, site = site_of(code)
    file = repository.files["app.py"]
    assert file.lines.line(site.span.start) == 4
    assert file.lines.line(site.span.end) == 8
    found = {row.field: report_row(site, row, file, written=True).line for row in site.translation(load("synapse")).rows}
    assert found == {"provider.order": 5, "provider.zdr": 6, "transforms": 8}


def test_a_constant_is_read_and_a_parameter_is_not() -> None:
    code = (
        OR + 'PREFS = {"only": ["groq"]}\n\ndef ask(order):\n'
        '    requests.post(U, json={"model": "a/b", "messages": [], "provider": PREFS, "models": order})\n'
    )
    _, sites = sites_of({"app.py": code})
    site = next(one for one in sites if "models" in one.settings.options)
    assert site.settings.options["provider"] == {"only": ["groq"]}
    assert isinstance(site.settings.options["models"], Unknown)
    assert [entry.literal for entry in site.entries] == [False, False]
    assert site.related == (("app.py", Span(code.index('{"only"'), code.index("}") + 1)),)


def test_the_ai_sdk_drops_call_level_gateway_options_and_keeps_nested_ones() -> None:
    head = TS + "const c = createOpenAICompatible({ name: 'x', baseURL: u });\n"
    _, dropped = site_of(
        head + "generateText({ model: c('a/b'), prompt, providerOptions: { gateway: { only: ['groq'] } } });\n", "a.ts"
    )
    assert (dropped.dialect, dropped.reaches_wire) == ("gateway", False)
    (row,) = dropped.translation(load("synapse")).rows
    assert (row.status, row.risk) == ("caveat", "privacy")
    _, nested = site_of(
        head
        + "generateText({ model: c('a/b'), prompt, providerOptions: { x: { providerOptions: { gateway: { only: ['groq'] } } } } });\n",
        "a.ts",
    )
    assert nested.reaches_wire is True
    assert nested.translation(load("synapse")).rows[0].status == "unchanged"


def test_the_gateway_that_the_ai_sdk_has_built_in_is_another_connection() -> None:
    code = TS + "generateText({ model: 'a/b', prompt, providerOptions: { gateway: { only: ['groq'] } } });\n"
    assert sites_of({"a.ts": code})[1] == []


def test_two_statements_that_add_to_one_request_know_of_each_other() -> None:
    code = (
        OR + 'body = {"model": "a/b", "messages": [], "provider": {"sort": "price"}}\n'
        'body["models"] = ["a/b", "c/d"]\nrequests.post(U, json=body)\n'
    )
    _, sites = sites_of({"app.py": code})
    assert [site.companions for site in sites] == [tuple(sites), tuple(sites)]
