"""Programs that fill, read or change a body in ways that are easily missed: run before and after, as in `test_code_shapes`."""

from __future__ import annotations

import shutil

import pytest

from tests.routing.scripts import CURL, Node, sent_by_shell
from tests.routing.shapes import CALL, HEAD, POST, Program
from tests.routing.test_code_shapes import check
from tests.routing.test_code_shapes import node as node

PROGRAMS: dict[str, Program] = {}


def py(name: str, main: str, rules: str = "", **data: str) -> None:
    """A program in Python with a module of constants and data files."""
    PROGRAMS[name] = Program({"app.py": HEAD + main, "rules.py": f"# rules\n{rules}", **data})


def js(name: str, main: str, rules: str = "module.exports = {};\n", **data: str) -> None:
    """A program in JavaScript."""
    PROGRAMS[f"js-{name}"] = Program({"app.ts": main, "rules.ts": rules, **data}, "ecma")


SEND = 'await fetch("https://openrouter.ai/api/v1/chat/completions", { method: "POST", headers: { Authorization: `Bearer ${process.env.OPENROUTER_API_KEY}` }, body: JSON.stringify(%s) });\n'
BODY = "{'model': 'lab/one', 'messages': []"
py(
    "alias",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nsame = body\nsame['provider']['sort'] = 'price'\n" + POST % "body",
)
py(
    "alias-provider",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\np = body['provider']\np['sort'] = 'price'\n" + POST % "body",
)
py("pop-then-add", f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nif flag:\n    body.pop('provider')\n" + POST % "body")
py("del", f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nif flag:\n    del body['provider']\n" + POST % "body")
py(
    "copy-then-override",
    f"base = {BODY}, 'provider': {{'only': ['azure'], 'sort': 'price'}}}}\nbody = {{**base, 'provider': {{**base['provider'], 'sort': 'latency'}}}}\n"
    + POST % "body",
)
py(
    "comprehension-filter",
    f"body = {{k: v for k, v in {BODY}, 'provider': {{'only': ['azure']}}}}.items() if v is not None}}\n" + POST % "body",
)
py(
    "loop-over-keys",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nfor key in ('provider', 'models'):\n    if flag:\n        body.pop(key, None)\n"
    + POST % "body",
)
py("getattr-key", f"KEY = 'prov' + 'ider'\nbody = {BODY}}}\nbody[KEY] = {{'only': ['azure']}}\n" + POST % "body")
py(
    "json-dumps-replace",
    f"import json\nbody = json.loads(json.dumps({BODY}, 'provider': {{'only': ['azure']}}}}).replace('azure', 'groq'))\n"
    + POST % "body",
)
py(
    "two-spreads-providers",
    "A = {'provider': {'only': ['azure']}}\nB = {'provider': {'sort': 'price'}}\n"
    + POST % "{'model': 'lab/one', 'messages': [], **A, **B}",
)
py(
    "spread-then-models",
    "A = {'provider': {'only': ['azure']}}\n" + POST % "{'model': 'lab/one', 'messages': [], **A, 'models': ['a/b', 'c/d']}",
)
py(
    "models-then-spread",
    "A = {'provider': {'only': ['azure']}, 'models': ['x/y']}\n"
    + POST % "{'model': 'lab/one', 'messages': [], 'models': ['a/b', 'c/d'], **A}",
)
py(
    "nested-function-closure",
    f"def make():\n    prefs = {{'only': ['azure']}}\n    def inner():\n        prefs['sort'] = 'price'\n        return {BODY}, 'provider': prefs}}\n    return inner()\n"
    + POST % "make()",
)
py(
    "default-arg-mutable",
    f"def ask(provider={{'only': ['azure']}}):\n    {POST % (BODY + ', ' + chr(39) + 'provider' + chr(39) + ': provider}')}\nask() if flag else ask({{'sort': 'price'}})\n",
)
py(
    "class-attr",
    f"class Client:\n    provider = {{'only': ['azure']}}\n    def body(self):\n        return {BODY}, 'provider': self.provider}}\nclass Fast(Client):\n    provider = {{'sort': 'throughput'}}\n"
    + POST % "(Fast() if flag else Client()).body()",
)
py(
    "property",
    f"class Client:\n    @property\n    def provider(self):\n        return {{'only': ['azure']}} if flag else {{'sort': 'price'}}\n    def body(self):\n        return {BODY}, 'provider': self.provider}}\n"
    + POST % "Client().body()",
)
py("walrus", f"if (body := {BODY}, 'provider': {{'only': ['azure']}}}}):\n    body['provider']['sort'] = 'price'\n" + POST % "body")
py(
    "tuple-assign",
    "model, provider = 'lab/one', {'only': ['azure']}\n" + POST % "{'model': model, 'messages': [], 'provider': provider}",
)
py(
    "aug-list",
    f"body = {BODY}, 'provider': {{'order': ['azure']}}}}\nif flag:\n    body['provider']['order'].append('openai')\n"
    + POST % "body",
)
py(
    "aug-list2",
    f"body = {BODY}, 'provider': {{'order': ['azure']}}}}\nif flag:\n    body['provider']['order'] += ['openai']\n" + POST % "body",
)
py(
    "list-var-append",
    "order = ['azure']\nif flag:\n    order.append('openai')\n"
    + POST % f"{BODY}, 'provider': {{'order': order, 'allow_fallbacks': False}}}}",
)
py(
    "const-rebinding",
    "POLICY = {'only': ['azure']}\nif flag:\n    POLICY = {'only': ['openai']}\n" + POST % f"{BODY}, 'provider': POLICY}}",
)
py(
    "global-change-elsewhere",
    "import rules\nrules.POLICY['sort'] = 'price'\n" + POST % f"{BODY}, 'provider': rules.POLICY}}",
    "POLICY = {'only': ['azure']}\n",
)
py(
    "import-alias-change",
    "from rules import POLICY as P\nP.update(sort='price')\n" + POST % f"{BODY}, 'provider': P}}",
    "POLICY = {'only': ['azure']}\n",
)
py(
    "function-changes-arg",
    "def strict(body):\n    body['provider']['only'] = ['groq']\n    return body\n"
    + POST % f"strict({BODY}, 'provider': {{'sort': 'price'}}}})",
)
py("assert-reads", f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nassert body['provider']['only'], 'x'\n" + POST % "body")
py(
    "in-test",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nif 'provider' in body:\n    body['max_tokens'] = 3\n" + POST % "body",
)
py(
    "keys-equal",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nif body.keys() >= {{'provider'}}:\n    body['max_tokens'] = 3\n"
    + POST % "body",
)
py(
    "str-keys-loop-copy",
    f"src = {{'provider': {{'only': ['azure']}}, 'temperature': 1}}\nbody = {BODY}}}\nfor k in ('provider', 'temperature'):\n    body[k] = src[k]\n"
    + POST % "body",
)
py(
    "partial-call",
    "ask = partial(requests.post, URL)\nask(json={'model': 'lab/one', 'messages': [], 'provider': {'only': ['azure']}})\n",
)
py("ternary-body", POST % f"({BODY}, 'provider': {{'only': ['azure']}}}} if flag else {BODY}, 'provider': {{'sort': 'price'}}}})")
py(
    "or-default",
    "provider = None if flag else {'only': ['azure']}\n" + POST % f"{BODY}, 'provider': provider or {{'sort': 'price'}}}}",
)
py(
    "setdefault-none",
    f"body = {BODY}, 'provider': None}}\nbody['provider'] = body['provider'] or {{}}\nbody['provider']['only'] = ['azure']\n"
    + POST % "body",
)
py(
    "extra-body-pop",
    "kw = {'extra_body': {'provider': {'only': ['azure']}}}\nextra = kw.pop('extra_body')\nclient.chat.completions.create(model='lab/one', messages=[], extra_body=extra)\n",
)
py(
    "merge-helper",
    "def merge(a, b):\n    out = dict(a)\n    for k, v in b.items():\n        out[k] = {**out[k], **v} if isinstance(v, dict) and k in out else v\n    return out\n"
    + POST % f"merge({BODY}, 'provider': {{'only': ['azure']}}}}, {{'provider': {{'sort': 'price'}}}})",
)
py(
    "dataclass-replace",
    "from dataclasses import replace\n@dataclass\nclass R:\n    only: list\n    sort: object = None\nBASE = R(['azure'])\n"
    + POST % f"{BODY}, 'provider': asdict(replace(BASE, sort='price') if flag else BASE)}}",
)
py(
    "dataclass-post",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\n    def __post_init__(self):\n        self.sort = 'price'\n"
    + POST % f"{BODY}, 'provider': asdict(R(['azure']))}}",
)
py(
    "dataclass-inherit",
    "@dataclass\nclass Base:\n    sort: object = 'price'\n@dataclass\nclass R(Base):\n    only: object = None\n"
    + POST % f"{BODY}, 'provider': asdict(R(only=['azure']))}}",
)
py(
    "dataclass-setattr",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\nr = R(['azure'])\nif flag:\n    setattr(r, 'sort', 'price')\n"
    + POST % f"{BODY}, 'provider': asdict(r)}}",
)
py(
    "dataclass-method-changes",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\n    def cheap(self):\n        self.sort = 'price'\n        return self\n"
    + POST % f"{BODY}, 'provider': asdict(R(['azure']).cheap())}}",
)
py(
    "dataclass-method-changes2",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\n    def cheap(self):\n        self.sort = 'price'\nr = R(['azure'])\nr.cheap()\n"
    + POST % f"{BODY}, 'provider': asdict(r)}}",
)
py(
    "dataclass-filter",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\n"
    + POST % f"{BODY}, 'provider': {{k: v for k, v in asdict(R(['azure'])).items() if v is not None}}}}",
)
py(
    "dataclass-passed",
    "@dataclass\nclass R:\n    only: list\n    sort: object = None\ndef tweak(r):\n    r.sort = 'price'\nRULES = R(['azure'])\ntweak(RULES)\n"
    + POST % f"{BODY}, 'provider': asdict(RULES)}}",
)
py(
    "update-two",
    f"body = {BODY}, 'provider': {{'sort': 'price'}}}}\nbody['provider'].update({{'order': ['azure']}}, sort='latency')\n"
    + POST % "body",
)
py(
    "update-star",
    f"more = {{'sort': 'price'}}\nbody = {BODY}, 'provider': {{'only': ['azure']}}}}\nbody['provider'].update(**more)\n"
    + POST % "body",
)
py(
    "update-var",
    f"more = {{'sort': 'price'}}\nbody = {BODY}, 'provider': {{'only': ['azure']}}}}\nbody['provider'].update(more)\n"
    + POST % "body",
)
py(
    "update-pairs",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nbody['provider'].update([('sort', 'price')])\n" + POST % "body",
)
py(
    "or-merge",
    f"body = {BODY}, 'provider': {{'only': ['azure']}}}}\nbody['provider'] = body['provider'] | {{'sort': 'price'}}\n"
    + POST % "body",
)
py(
    "toml-changed",
    'RULES = tomllib.loads(Path("rules.toml").read_text())\nif flag:\n    RULES["provider"]["sort"] = "price"\n' + CALL % "RULES",
    **{"rules.toml": '[provider]\nonly = ["azure"]\n'},
)
py(
    "toml-read",
    'RULES = tomllib.loads(Path("rules.toml").read_text())\nprint(RULES["provider"]["only"], file=__import__("io").StringIO())\n'
    + CALL % "RULES",
    **{"rules.toml": '[provider]\nonly = ["azure"]\n'},
)
py(
    "json-read",
    'RULES = json.loads(Path("rules.json").read_text())\nONLY = RULES["provider"]["only"]\n' + CALL % "RULES",
    **{"rules.json": '{"provider": {"only": ["azure"]}}'},
)
py(
    "toml-part",
    'RULES = tomllib.loads(Path("rules.toml").read_text())\n' + CALL % '{"provider": RULES["provider"]}',
    **{"rules.toml": '[provider]\nonly = ["azure"]\n'},
)
py(
    "toml-array",
    'RULES = tomllib.loads(Path("rules.toml").read_text())\n' + CALL % 'RULES["bodies"][0]',
    **{"rules.toml": '[[bodies]]\n[bodies.provider]\nonly = ["azure"]\n[[bodies]]\n[bodies.provider]\nsort = "price"\n'},
)
js(
    "alias",
    'const body: any = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nconst p = body.provider;\np.sort = "price";\n'.replace(
        ": any", ""
    )
    + SEND % "body",
)
js(
    "delete",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nif (flag) delete body.provider;\n'
    + SEND % "body",
)
js(
    "destructure",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nconst { provider, ...rest } = body;\n'
    + SEND % "flag ? rest : body",
)
js(
    "optional",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nif (body?.provider?.only?.length) body.max_tokens = 3;\n'
    + SEND % "body",
)
js(
    "nullish",
    'const opts = { provider: { only: ["azure"] } };\n'
    + SEND % '{ model: "lab/one", messages: [], provider: opts.provider ?? { sort: "price" } }',
)
js("computed", 'const KEY = "provider";\n' + SEND % '{ model: "lab/one", messages: [], [KEY]: { only: ["azure"] } }')
js(
    "fromEntries",
    SEND
    % 'Object.fromEntries(Object.entries({ model: "lab/one", messages: [], provider: { only: ["azure"] } }).filter(([k, v]) => v != null))',
)
js(
    "spread-merge",
    'const base = { provider: { only: ["azure"] } };\n'
    + SEND % '{ model: "lab/one", messages: [], ...base, provider: { ...base.provider, sort: "price" } }',
)
js(
    "push",
    'const body = { model: "lab/one", messages: [], provider: { order: ["azure"] } };\nif (flag) body.provider.order.push("openai");\n'
    + SEND % "body",
)
js(
    "setter-helper",
    'function cheap(b) { b.provider = { ...(b.provider ?? {}), sort: "price" }; return b; }\n'
    + SEND % 'cheap({ model: "lab/one", messages: [], provider: { only: ["azure"] } })',
)
js(
    "class-body",
    'class C { constructor() { this.body = { model: "lab/one", messages: [] }; }\n only(x) { this.body.provider = { ...this.body.provider, only: x }; return this; }\n sort(x) { this.body.provider = { ...this.body.provider, sort: x }; return this; } }\n'
    + SEND % 'new C().only(["azure"]).sort("price").body',
)
js(
    "assign-three",
    'const body = Object.assign({}, { model: "lab/one", messages: [] }, { provider: { only: ["azure"] } }, flag ? { provider: { sort: "price" } } : null);\n'
    + SEND % "body",
)
js(
    "assign-inner",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nObject.assign(body.provider, flag ? { sort: "price" } : {});\n'
    + SEND % "body",
)
js(
    "json-string",
    'const text = \'{"model": "lab/one", "messages": [], "provider": {"only": ["azure"]}}\';\n' + SEND % "JSON.parse(text)",
)
js(
    "template",
    'const only = "azure";\n' + SEND % 'JSON.parse(`{"model": "lab/one", "messages": [], "provider": {"only": ["${only}"]}}`)',
)
js(
    "switch",
    'const body = { model: "lab/one", messages: [] };\nswitch (flag) { case true: body.provider = { only: ["azure"] }; break; default: body.provider = { sort: "price" }; }\n'
    + SEND % "body",
)
js(
    "logical-assign",
    'const body = { model: "lab/one", messages: [] };\nbody.provider ??= {};\nbody.provider.only ??= ["azure"];\nif (flag) body.provider.sort ||= "price";\n'
    + SEND % "body",
)
js(
    "in-op",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nif ("provider" in body) body.max_tokens = 3;\n'
    + SEND % "body",
)
js(
    "stringify-replacer",
    'const body = { model: "lab/one", messages: [], provider: { only: ["azure"] } };\nawait fetch("https://openrouter.ai/api/v1/chat/completions", { method: "POST", headers: { Authorization: `Bearer ${process.env.OPENROUTER_API_KEY}` }, body: JSON.stringify(body, ["model", "messages", "provider", "only"]) });\n',
)
js(
    "json-read",
    'const rules = require("./rules.json");\nconst only = rules.provider.only.join(",");\n'
    + SEND % '{ model: "lab/one", messages: [], ...rules }',
    **{"rules.json": '{"provider": {"only": ["azure"]}}'},
)


def sh(name: str, text: str, **data: str) -> None:
    """A script."""
    PROGRAMS[f"sh-{name}"] = Program({"call.sh": f"#!/bin/bash\n{text}", **data}, "shell")


JSON = '{"model": "lab/one", "messages": [], "provider": {"only": ["azure"]}}'
sh("sed-after", f"BODY='{JSON}'\nBODY=$(echo \"$BODY\" | sed 's/azure/groq/')\n{CURL} -d \"$BODY\"\n")
sh(
    "jq-merge-files",
    f"jq -s '.[0] * .[1]' a.json b.json | {CURL} -d @-\n",
    **{"a.json": JSON, "b.json": '{"messages": [], "provider": {"sort": "price"}}'},
)
sh("jq-path-assign", f"echo '{JSON}' | jq '.provider.only += [\"groq\"]' | {CURL} -d @-\n")
sh("jq-setpath", f'echo \'{JSON}\' | jq \'setpath(["provider", "sort"]; "price")\' | {CURL} -d @-\n')
sh("jq-with-entries", f"echo '{JSON}' | jq 'with_entries(select(.key != \"provider\"))' | {CURL} -d @-\n")
sh("jq-del-pipe", f"echo '{JSON}' | jq 'del(.provider.only) | .provider.sort=\"price\"' | {CURL} -d @-\n")
sh("jq-pick", f"echo '{JSON}' | jq '{{model, messages, provider}}' | {CURL} -d @-\n")
sh("jq-pick2", f"echo '{JSON}' | jq '{{model: .model, messages: .messages, provider: .provider}}' | {CURL} -d @-\n")
sh("jq-spread", f'jq -n \'{{model: "lab/one", messages: []}} + {{provider: {{only: ["azure"]}}}}\' | {CURL} -d @-\n')
sh(
    "jq-shell-var",
    f'P=\'{{"only": ["azure"]}}\'\njq -n --argjson p "$P" \'{{model: "lab/one", messages: [], provider: $p}}\' | {CURL} -d @-\n',
)
sh(
    "jq-nested-if",
    f'jq -n \'{{model: "lab/one", messages: [], provider: {{only: ["azure"], sort: (if true then "price" else "latency" end)}}}}\' | {CURL} -d @-\n',
)
sh(
    "jq-comment",
    f'jq -n \'{{ # a comment, with {{\n  model: "lab/one", messages: [],\n  provider: {{ # only\n    only: ["azure"] }}\n}}\' | {CURL} -d @-\n',
)
sh(
    "jq-string-interp",
    f'jq -n --arg h azure \'{{model: "lab/one", messages: [], provider: {{only: ["\\($h)"]}}}}\' | {CURL} -d @-\n',
)
sh(
    "jq-trailing",
    f'jq -n \'{{model: "lab/one", messages: [], provider: {{only: ["azure"]}}}} | .provider.sort = "price"\' | {CURL} -d @-\n',
)
sh(
    "jq-twice",
    f'for h in azure; do\njq -n --arg h $h \'{{model: "lab/one", messages: [], provider: {{only: [$h], sort: "price"}}, models: ["a/b"]}}\' | {CURL} -d @-\ndone\n',
)
sh(
    "two-bodies",
    f'A=\'{JSON}\'\nB=\'{{"model": "lab/one", "messages": [], "provider": {{"sort": "price"}}}}\'\n{CURL} -d "$B"\n: {CURL} -d "$A"\n'.replace(
        ": curl", "true curl"
    ),
)
sh("concat", f'P=\'"provider": {{"only": ["azure"]}}\'\n{CURL} -d "{{\\"model\\": \\"lab/one\\", \\"messages\\": [], $P}}"\n')
sh(
    "printf",
    f'BODY=$(printf \'{{"model": "%s", "messages": [], "provider": {{"only": ["%s"]}}}}\' lab/one azure)\n{CURL} -d "$BODY"\n',
)
sh(
    "env-file-template",
    f'sed "s/HOST/azure/" t.json | {CURL} -d @-\n',
    **{"t.json": '{"model": "lab/one", "messages": [], "provider": {"only": ["HOST"]}}'},
)
sh("array", f"ARGS=(-s -d '{JSON}')\n{CURL} \"${{ARGS[@]}}\"\n")
sh("func", f"send() {{\n  {CURL} -d \"$1\"\n}}\nsend '{JSON}'\n")
sh("grep-reads", f"BODY='{JSON}'\necho \"$BODY\" | jq -r '.provider.only[0]' >/dev/null\n{CURL} -d \"$BODY\"\n")


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if program.language == "python"])
def test_python(name: str, unsafe: bool) -> None:
    check(PROGRAMS[name], unsafe=unsafe)


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if program.language == "ecma"])
def test_javascript(name: str, unsafe: bool, node: Node) -> None:
    check(PROGRAMS[name], unsafe=unsafe, send=node.sent)


@pytest.mark.skipif(shutil.which("bash") is None or shutil.which("jq") is None, reason="bash or jq is not installed")
@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if program.language == "shell"])
def test_scripts(name: str, unsafe: bool) -> None:
    check(PROGRAMS[name], unsafe=unsafe, send=lambda files, _flag: sent_by_shell(files))
