"""Programs that send one request with routing options, in several clients, and the body that each of them sends, read off its text.

The bodies of Python programs are match by running them with stand-ins for the clients; those of the others by reading the literal.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import tempfile
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from migrator.formats import lower
from migrator.formats.tree import Arg, Call, Item, Node, Obj, Param, children
from migrator.model import Target
from migrator.resolve.context import last_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find import values
from migrator.routing.find.shapes import at_key
from migrator.routing.find.site_parts import OPTIONS
from migrator.routing.model import Risk, Settings, Status, Unknown
from migrator.routing.translate import translate
from migrator.text.source import decode

MODEL = "openai/gpt-5.1"
OLD = "https://openrouter.ai/api/v1"
Files = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One way to send a request."""

    name: str
    file: str
    write: Callable[[str], str]
    """The program around the text of the options."""
    read: Callable[[str], dict[str, Any]]
    """The body that a program sends."""
    options: Callable[[Mapping[str, Any], str], str]
    comments: bool = True
    whole: bool = True
    """Is all of the request in one literal, the model included?"""

    def program(self, options: Mapping[str, Any], comment: str) -> dict[str, str]:
        """The files of a program that sends these options; the comment stands inside the first of them."""
        return {self.file: self.write(self.options(options, comment))}


def body_of(client: Client, files: Files) -> dict[str, Any]:
    """The body that a program sends."""
    return client.read(files[client.file])


# -- what the model says -----------------------------------------------------------------------------------------------------------

_PRICE = ("provider", "preset", "models", "route", "service_tier", "model")


def translated(body: Mapping[str, Any], target: Target, *, whole: bool = True) -> tuple[dict[str, Any], bool]:
    """The body as it must be at the target, and whether nothing is lost that somebody must accept."""
    options = {name: value for name, value in body.items() if name in OPTIONS}
    model = body.get("model") if whole else Unknown("given elsewhere")
    sent = translate(Settings(model=model, options=options, complete=whole), target)
    new = {name: value for name, value in body.items() if name not in sent.removed}
    if sent.cut:
        new["provider"] = {name: value for name, value in body["provider"].items() if name not in sent.cut}
    if sent.model is not None:
        new["model"] = sent.model
    new |= sent.body
    if sent.gateway:
        new["providerOptions"] = {"gateway": dict(sent.gateway)}
    broken = [
        row
        for row in sent.rows
        if row.status not in (Status.TRANSLATED, Status.UNCHANGED)
        and (row.risk is Risk.PRIVACY or (row.risk is Risk.COST and row.field.partition(".")[0].partition("[")[0] in _PRICE))
    ]
    return new, not broken


# -- Python ------------------------------------------------------------------------------------------------------------------------


class _Sent(Exception):  # noqa: N818
    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("sent")
        self.body = body


def sent_by_tree(files: Mapping[str, str], flag: bool) -> dict[str, Any]:
    """The body that a tree of Python modules and data files sends; `flag` is a name that its `app.py` may read."""
    modules = {path.removesuffix(".py"): text for path, text in files.items() if path.endswith(".py") and path != "app.py"}
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).write_text(text, "utf-8")
        with contextlib.chdir(folder):
            return sent_by_python(f"flag = {flag}\n{files['app.py']}", modules)


def sent_by_python(text: str, modules: Mapping[str, str] = types.MappingProxyType({})) -> dict[str, Any]:
    """Runs a program whose clients are stand-ins and returns the body of its first request. `modules`: others of its tree, by name."""

    def create(**given: Any) -> None:
        extra = given.pop("extra_body", None) or {}
        raise _Sent({**given, **extra})

    def post(_url: str, **given: Any) -> None:
        raise _Sent(given["json"])

    class OpenAI:
        def __init__(self, **_given: Any) -> None:
            completions = types.SimpleNamespace(create=create)
            self.chat = types.SimpleNamespace(completions=completions)

    openai, requests = types.ModuleType("openai"), types.ModuleType("requests")
    openai.OpenAI = OpenAI  # type: ignore[attr-defined]
    requests.post = post  # type: ignore[attr-defined]
    loaded = {"openai": openai, "requests": requests}
    with mock.patch.dict(sys.modules, loaded), mock.patch.dict("os.environ", {"OPENROUTER_API_KEY": "x", "MG_KEY": "x"}):
        for name, source in modules.items():
            loaded[name] = sys.modules[name] = types.ModuleType(name)
            exec(compile(source, f"{name}.py", "exec", dont_inherit=True), loaded[name].__dict__)
        try:
            sys.modules["app"] = app = types.ModuleType("app")
            exec(compile(text, "app.py", "exec", dont_inherit=True), app.__dict__)
        except _Sent as sent:
            return json.loads(json.dumps(sent.body))  # type: ignore[no-any-return]
    raise AssertionError("no request was sent")


def _python(options: Mapping[str, Any], comment: str) -> str:
    lines = []
    for name, value in options.items():
        if comment and isinstance(value, dict):
            inner = "".join(f"            {key!r}: {part!r},\n" for key, part in value.items())
            lines.append(f"        {name!r}: {{\n            # {comment}\n{inner}        }},\n")
        elif comment:
            lines.append(f"        # {comment}\n        {name!r}: {value!r},\n")
        else:
            lines.append(f"        {name!r}: {value!r},\n")
        comment = ""
    return "".join(lines).replace("'", '"')


def _openai(options: str) -> str:
    return f"""import os
from openai import OpenAI

client = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])
client.chat.completions.create(
    model="{MODEL}",
    messages=[{{"role": "user", "content": "hi"}}],
    extra_body={{
{options}    }},
)
"""


def _requests(options: str) -> str:
    return f"""import os
import requests

requests.post(
    "{OLD}/chat/completions",
    headers={{"Authorization": "Bearer " + os.environ["OPENROUTER_API_KEY"]}},
    json={{
        "model": "{MODEL}",
        "messages": [{{"role": "user", "content": "hi"}}],
{options}    }},
)
"""


# -- JavaScript --------------------------------------------------------------------------------------------------------------------


def _literal(node: Node, file: ParsedFile) -> Any:
    repository = Repository(files={file.path: file}, paths=frozenset({file.path}))
    return json.loads(json.dumps(values.value(node, file.scopes.root, repository, file.source.text)[0], default=str))


def _find(node: Node | Arg | Item | Param, word: str) -> Call | None:
    if isinstance(node, Call) and last_name(node.func) == word:
        return node
    return next((match for part in children(node) if (match := _find(part, word)) is not None), None)


def _argument(text: str, word: str, path: str = "app.ts") -> tuple[Obj, ParsedFile]:
    source = decode(path, text.encode())
    file = ParsedFile(source, lower(source))
    call = next(call for part in file.module.body if (call := _find(part, word)) is not None)
    value = next(arg.value for arg in call.args if isinstance(arg.value, Obj))
    return value, file


def _sent_by_openai_js(text: str) -> dict[str, Any]:
    return _literal(*_argument(text, "create"))  # type: ignore[no-any-return]


def _sent_by_fetch(text: str) -> dict[str, Any]:
    return _literal(*_argument(text, "stringify"))  # type: ignore[no-any-return]


def _sent_by_ai_sdk(text: str) -> dict[str, Any]:
    value, file = _argument(text, "generateText")
    given = at_key(value, "providerOptions")
    assert given is not None
    return {"model": MODEL, **_literal(given, file)["openrouter"]}


def _ecma(options: Mapping[str, Any], comment: str) -> str:
    lines = []
    for name, value in options.items():
        text = re.sub(r'"(\w+)":', r"\1:", json.dumps(value))
        if comment and isinstance(value, dict):
            text = text.replace("{", f"{{ // {comment}\n      ", 1)
        elif comment:
            text = f"{text}, // {comment}"
        lines.append(
            f"    {name}: {text},\n".replace(f"// {comment},\n", f"// {comment}\n") if comment else f"    {name}: {text},\n"
        )
        comment = ""
    return "".join(lines)


def _openai_js(options: str) -> str:
    return f"""import OpenAI from "openai";
const client = new OpenAI({{ baseURL: "{OLD}", apiKey: process.env.OPENROUTER_API_KEY }});
export const ask = () =>
  client.chat.completions.create({{
    model: "{MODEL}",
    messages: [{{ role: "user", content: "hi" }}],
{options}  }} as any);
"""


def _fetch(options: str) -> str:
    return f"""export const ask = () =>
  fetch("{OLD}/chat/completions", {{
    method: "POST",
    headers: {{ Authorization: `Bearer ${{process.env.OPENROUTER_API_KEY}}` }},
    body: JSON.stringify({{
    model: "{MODEL}",
    messages: [{{ role: "user", content: "hi" }}],
{options}    }}),
  }});
"""


def _ai_sdk(options: str) -> str:
    return f"""import {{ createOpenRouter }} from "@openrouter/ai-sdk-provider";
import {{ generateText }} from "ai";
const provider = createOpenRouter({{ baseURL: "{OLD}", apiKey: process.env.OPENROUTER_API_KEY }});
export const ask = () =>
  generateText({{
    model: provider("{MODEL}"),
    prompt: "hi",
    providerOptions: {{
      openrouter: {{
{options}      }},
    }},
  }});
"""


# -- curl --------------------------------------------------------------------------------------------------------------------------


def _curl(options: str) -> str:
    return f"""curl -sf {OLD}/chat/completions \\
  -H "Authorization: Bearer $OPENROUTER_API_KEY" \\
  -d '{{
  "model": "{MODEL}",
  "messages": [{{"role": "user", "content": "hi"}}]{options}
}}'
"""


def _json(options: Mapping[str, Any], comment: str) -> str:
    return "".join(f',\n  "{name}": {json.dumps(value)}' for name, value in options.items())


def _sent_by_curl(text: str) -> dict[str, Any]:
    match = re.search(r"-d '(.*?)'", text, re.DOTALL)
    assert match is not None
    return json.loads(match[1])  # type: ignore[no-any-return]


CLIENTS = (
    Client(name="openai", file="app.py", write=_openai, read=sent_by_python, options=_python),
    Client(name="requests", file="app.py", write=_requests, read=sent_by_python, options=_python),
    Client(name="openai-js", file="app.ts", write=_openai_js, read=_sent_by_openai_js, options=_ecma),
    Client(name="fetch", file="app.ts", write=_fetch, read=_sent_by_fetch, options=_ecma),
    Client(name="ai-sdk", file="app.ts", write=_ai_sdk, read=_sent_by_ai_sdk, options=_ecma, whole=False),
    Client(name="curl", file="call.sh", write=_curl, read=_sent_by_curl, options=_json, comments=False),
)
