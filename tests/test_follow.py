"""Every consumer of a value sees through every form in which a program hands it on: the table of forms by consumers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from migrator.facts.model import Facts
from migrator.facts.read import read
from migrator.formats import lower
from migrator.formats.tree import Str
from migrator.resolve.follow import follow
from migrator.resolve.origins import From, origins
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find import find_all
from migrator.text.source import decode
from tests.follow_forms import ECMASCRIPT, PYTHON, Form

URL = "https://openrouter.ai/api/v1"
POLICY = {"order": ["openai"], "allow_fallbacks": False}

VALUES = {
    "app.py": {
        "address": f'"{URL}"',
        "key": 'os.environ["OPENROUTER_API_KEY"]',
        "routing": '{"order": ["openai"], "allow_fallbacks": False}',
        "client": "OpenAI",
    },
    "app.ts": {
        "address": f'"{URL}"',
        "key": "process.env.OPENROUTER_API_KEY",
        "routing": '{ order: ["openai"], allow_fallbacks: false }',
        "client": "OpenAI",
    },
}
"""What is handed on, by the file that uses it and the consumer."""
USES = {
    "app.py": {
        "address": "OpenAI(base_url={use}, api_key='x')",
        "key": f"OpenAI(base_url='{URL}', api_key={{use}})",
        "routing": "made.chat.completions.create(model='openai/gpt-4o', messages=[], extra_body={'provider': {use}})",
        "client": f"({{use}})(base_url='{URL}', api_key='x')",
    },
    "app.ts": {
        "address": "new OpenAI({ baseURL: {use}, apiKey: 'x' })",
        "key": f"new OpenAI({{ baseURL: '{URL}', apiKey: {{use}} }})",
        "routing": "made.chat.completions.create({ model: 'openai/gpt-4o', messages: [], provider: {use} })",
        "client": f"new ({{use}})({{ baseURL: '{URL}', apiKey: 'x' }})",
    },
}
HEADS = {
    "py": "import os\nfrom openai import OpenAI\n",
    "ts": "import OpenAI from 'openai';\n",
    "js": "const { OpenAI } = require('openai');\n",
}
FRAMES = {"app.py": "\nasync def main():\n    return {body}\n", "app.ts": "\nexport const result = {body};\n"}


def repository(texts: Mapping[str, str]) -> Repository:
    files = {}
    for path, text in texts.items():
        source = decode(path, text.encode())
        files[path] = ParsedFile(source, lower(source))
    return Repository(files=files, paths=frozenset(files))


def tree(form: Form, path: str, consumer: str) -> dict[str, str]:
    """The files of a form with its hole filled."""
    value = VALUES[path][consumer]
    made = USES[path][consumer].replace("{use}", form.use)
    files = {**(form.files or {}), path: f"{form.head}{FRAMES[path].replace('{body}', made)}"}
    # `from __future__` and the like do not occur, so that imports may stand first in each file
    return {name: HEADS[name.rpartition(".")[2]] + text.replace("{value}", value) for name, text in files.items()}


def cases(forms: Mapping[str, Form], path: str) -> list[tuple[str, str, str]]:
    consumers = ("address", "key", "routing", "client")
    return [
        (name, path, consumer)
        for name, form in forms.items()
        for consumer in consumers
        if consumer in (form.only or " ".join(consumers)).split()
    ]


def facts_of(made: Repository) -> dict[str, Facts]:
    return {path: read(file, made) for path, file in made.files.items()}


@pytest.mark.parametrize(("form", "path", "consumer"), [*cases(PYTHON, "app.py"), *cases(ECMASCRIPT, "app.ts")])
def test_every_consumer_sees_through_every_form(form: str, path: str, consumer: str) -> None:
    made = repository(tree((PYTHON if path == "app.py" else ECMASCRIPT)[form], path, consumer))
    assert made.files[path].module.errors == ()
    facts = facts_of(made)
    if consumer == "routing":
        # the whole policy is known, nothing of it is left open
        sites = find_all(made, facts, list(made.files))
        assert POLICY in [site.settings.options.get("provider") for site in sites if site.path == path]
        return
    clients = [client for client in facts[path].clients if client.client != "raw-http"]
    assert len(clients) == 1
    client = clients[0]
    scope = client.node_path.scope
    if consumer == "key":
        assert {origin.name for origin in origins(made, client.key, scope) if origin.kind is From.ENV} == {"OPENROUTER_API_KEY"}
    else:
        texts = [origin.node.value for origin in origins(made, client.url, scope) if isinstance(origin.node, Str)]
        assert URL in texts


@pytest.mark.parametrize(
    "text",
    [
        "X = X",
        "X = X or X",
        "X = f'{X}/a'",
        "X = X + X",
        "X = [X, X]",
        "X = {'x': X, **X}",
        "def X():\n    return X()",
        "def X(n):\n    return X(n + 1)",
        "X = lambda: X()",
        "class X(X):\n    y = X.y",
        "from app import X",
        "from app import *",
        "class X:\n    def __init__(self, other):\n        self.x = X(self).x\nX = X(1).x",
        "\n".join(f"def f{n}(a, b):\n    return f{n + 1}(f{n + 1}(a, b), f{n + 1}(b, a))" for n in range(40)) + "\nX = f0(1, 2)",
        "\n".join(f"a{n} = a{n + 1} or a{n + 2} or a{n + 3}" for n in range(300)) + "\nX = a0",
    ],
)
def test_values_made_from_themselves_end(text: str) -> None:
    made = repository({"app.py": text})
    scope = made.files["app.py"].scopes.root
    for binding in scope.names.get("X", ()):
        if binding.value is not None:
            follow(made, binding.value, scope)
            origins(made, binding.value, scope)
    facts_of(made)


def test_an_expression_gives_the_same_answer_whoever_asked_before() -> None:
    text = "a = b if t else 'x'\nb = c if t else 'y'\nc = a if t else 'z'\n"
    answers = []
    for order in ("abc", "cba", "bac"):
        made = repository({"app.py": text})
        answers.append({name: texts(made, name) for name in order})
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["a"] == {"x", "y", "z"}


def texts(made: Repository, name: str) -> set[str]:
    scope = made.files["app.py"].scopes.root
    value = scope.names[name][0].value
    return {origin.node.value for origin in origins(made, value, scope) if isinstance(origin.node, Str)}


def test_what_is_known_in_part_says_what_is_not() -> None:
    made = repository({"app.py": "import os\ndef f(x):\n    return x or other() or os.environ['A_B']\n"})
    func = made.files["app.py"].module.body[1]
    inner = made.files["app.py"].scopes.scope_of(func)  # type: ignore[arg-type]
    result = func.body[0].value  # type: ignore[union-attr]
    kinds = [(origin.kind, origin.name) for origin in origins(made, result, inner)]  # type: ignore[arg-type]
    assert kinds == [(From.PARAM, "x"), (From.UNKNOWN, "other()"), (From.ENV, "A_B")]
