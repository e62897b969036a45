"""Python applications."""

from __future__ import annotations

from tests.proof.deploy import key_variables
from tests.proof.grammar import ANTHROPIC_CLIENTS, SERVICE, Address, Call, Key, Program
from tests.proof.parts import (
    CONFIG_FILE,
    KEY_FILE,
    MODEL,
    PATHS,
    SERVICE_URL,
    STORE_ENTRY,
    Module,
    base_of,
    body,
    headers,
    numbered,
    old_key,
    provider,
    script_names,
    tag,
    text,
)


class _Writer:
    """The modules of one application, while they are written."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.modules: dict[str, Module] = {}

    def module(self, path: str) -> Module:
        return self.modules.setdefault(path, Module())

    def value(self, source: Key | Address, index: int, module: Module) -> str:
        """The expression that gives a key or an address in a module."""
        name = numbered("API_KEY" if isinstance(source, Key) else "BASE_URL", index)
        if source.form.startswith("settings"):
            name = "settings" if source.form != "settings-prefix" else numbered("gateway", index)
            self._prefixed(_variable(source), name) if source.form == "settings-prefix" else self._settings()
            module.need(f"from config import {name}")
            return f"{name}.{_field(source)}"
        match source.place:
            case "constant":
                module.define(*self.assignment(source, name, module))
                return name
            case "module":
                config = self.module("config.py")
                config.define(*self.assignment(source, name, config))
                module.need(f"from config import {name}")
                return name
            case "barrel":
                values = self.module("settings/values.py")
                values.define(*self.assignment(source, name, values))
                self.module("settings/__init__.py").need(f"from .values import {name}")
                module.need(f"from settings import {name}")
                return name
            case "function":
                helpers = self.module("helpers.py")
                lines = [f"    {line}" for line in self.assignment(source, name, helpers)]
                helpers.define(f"def get_{name.lower()}():", *lines, f"    return {name}", "", "")
                module.need(f"from helpers import get_{name.lower()}")
                return f"get_{name.lower()}()"
            case "object":
                config = self.module("config.py")
                config.define(
                    f"class {name.title().replace('_', '')}:", *(f"    {line}" for line in self.assignment(source, "VALUE", config))
                )
                module.need(f"from config import {name.title().replace('_', '')}")
                return f"{name.title().replace('_', '')}.VALUE"
        return self.expression(source, module)

    def assignment(self, source: Key | Address, name: str, module: Module) -> list[str]:
        """Lines that give a name the value."""
        if source.form == "guarded":
            module.need("import os")
            variable = _variable(source)
            return [
                f'{name} = os.getenv("{variable}")',
                f"if not {name}:",
                f'    raise SystemExit("{variable} is not set")',
            ]
        return [f"{name} = {self.expression(source, module)}"]

    def expression(self, source: Key | Address, module: Module) -> str:
        return self.address(source, module) if isinstance(source, Address) else self.key(source, module)

    def address(self, address: Address, module: Module) -> str:
        if address.form in ("default", "or-default", "required"):
            module.need("import os")
        return {
            "literal": f'"{base_of(address)}"',
            "default": f'os.getenv("{address.name}", "{base_of(address)}")',
            "or-default": f'(os.environ.get("{address.name}") or "{base_of(address)}")',
            "required": f'os.environ["{address.name}"]',
        }[address.form]

    def key(self, key: Key, module: Module) -> str:
        first, *rest = key.names
        other = rest[0] if rest else ""
        _need(key.form, module)
        forms = {
            "index": f'os.environ["{first}"]',
            "get": f'os.environ.get("{first}")',
            "getenv": f'os.getenv("{first}")',
            "guarded": f'os.environ["{first}"]',
            "getenv-empty": f'os.getenv("{first}", "")',
            "from-import": f'environ["{first}"]',
            "parameter": f'read_variable("{first}")',
            "decouple": f'config("{first}")',
            "or": f'os.getenv("{first}") or os.getenv("{other}")',
            "nested": f'os.getenv("{first}", os.getenv("{other}", ""))',
            "or-config": f'os.getenv("{first}") or CONFIG.get("{STORE_ENTRY}")',
            "config": f'CONFIG["{STORE_ENTRY}"]',
            "or-file": f'os.getenv("{first}") or Path("{KEY_FILE}").read_text().strip()',
            "file": f'Path("{KEY_FILE}").read_text().strip()',
            "path-variable": f'Path(os.environ["{first}"]).read_text().strip()',
            "bag": f'VALUES["{first}"]',
            "merged-bag": f'VALUES["{first}"]',
            "secrets": f'st.secrets["{first}"]',
            "or-secrets": f'os.getenv("{first}") or st.secrets["{first}"]',
            "list": f'os.environ["{first}"].split(",")[0]',
            "hard-coded": f'"{old_key("literal")}"',
        }
        return forms[key.form]

    def _settings(self) -> None:
        config = self.module("config.py")
        config.need("from pydantic_settings import BaseSettings, SettingsConfigDict")
        lines = []
        for key in self.program.keys:
            if key.form == "settings":
                lines.append(f"    {_field(key)}: str")
            elif key.form in ("settings-alias", "settings-both"):
                config.need("from pydantic import Field")
                lines.append(f'    {_field(key)}: str = Field(validation_alias="{key.names[0]}")')
        lines += [f'    {_field(a)}: str = "{base_of(a)}"' for a in self.program.addresses if a.form == "settings"]
        options = 'SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True)'
        config.define("class Settings(BaseSettings):", f"    model_config = {options}", *lines, "", "", "settings = Settings()")

    def _prefixed(self, variable: str, name: str) -> None:
        prefix, _, rest = variable.partition("_")
        config = self.module("config.py")
        config.need("from pydantic_settings import BaseSettings, SettingsConfigDict")
        config.define(
            f"class {name.title().replace('_', '')}Settings(BaseSettings):",
            f'    model_config = SettingsConfigDict(env_prefix="{prefix}_", env_file=".env", extra="ignore")',
            f"    {rest.lower()}: str",
            "",
            "",
            f"{name} = {name.title().replace('_', '')}Settings()",
        )


def _field(source: Key | Address) -> str:
    """The field of the settings class."""
    variable = _variable(source).lower()
    return {"settings-alias": f"{variable}_value", "settings-prefix": variable.partition("_")[2]}.get(source.form, variable)


def _variable(source: Key | Address) -> str:
    return source.names[0] if isinstance(source, Key) else source.name


def _need(form: str, module: Module) -> None:
    if form in ("from-import",):
        module.need("from os import environ")
    elif form == "decouple":
        module.need("from decouple import config")
    elif form not in ("config", "file", "bag", "secrets", "hard-coded"):
        module.need("import os")
    if form == "parameter":
        module.define("def read_variable(name: str) -> str:", "    return os.environ[name]", "", "")
    if form in ("config", "or-config"):
        module.need("import json", "from pathlib import Path")
        module.define(f'CONFIG = json.loads(Path("{CONFIG_FILE}").read_text())')
    if form in ("file", "or-file", "path-variable"):
        module.need("from pathlib import Path")
    if form in ("bag", "merged-bag"):
        module.need("from dotenv import dotenv_values")
        module.define('VALUES = dotenv_values(".env")' if form == "bag" else 'VALUES = {**dotenv_values(".env"), **os.environ}')
    if form in ("secrets", "or-secrets"):
        module.need("import streamlit as st")


def _bearer(key: str) -> str:
    return f'f"Bearer {{{key}}}"' if key.isidentifier() else f'"Bearer " + ({key})'


def _joined(address: str, path: str) -> str:
    if address.startswith('"'):
        return address[:-1] + path + '"'
    return f'f"{{{address}}}{path}"' if address.replace(".", "").isidentifier() else f'{address} + "{path}"'


_CLIENT = {
    "openai": ("from openai import OpenAI", "OpenAI({arguments})"),
    "openai-async": ("from openai import AsyncOpenAI", "AsyncOpenAI({arguments})"),
    "anthropic": ("from anthropic import Anthropic", "Anthropic({arguments})"),
    "anthropic-key": ("from anthropic import Anthropic", "Anthropic({arguments})"),
    "langchain": ("from langchain_openai import ChatOpenAI", f'ChatOpenAI(model="{MODEL}", {{arguments}})'),
    "httpx-client": ("import httpx", 'httpx.Client(base_url={address}, headers={{"Authorization": {bearer}}})'),
    "session": ("import requests", "requests.Session()"),
    "session-headers": ("import requests", "requests.Session()"),
}
"""Clients that are made before they are used: import and constructor."""


def _constructor(call: Call, address: str, key: str, module: Module) -> str:
    line, pattern = _CLIENT[call.client]
    module.need(line)
    named = "auth_token" if call.client == "anthropic" else "api_key"
    given = {"base_url": address, named: key}
    if call.client == "langchain":
        content, more = body(call, ""), headers(call, "")
        given["temperature"] = str(content.get("temperature", ""))
        given["extra_body"] = f'{{"provider": {text(provider(call))}}}' if provider(call) else ""
        given["default_headers"] = text(more) if more else ""
    arguments = ", ".join(f"{name}={value}" for name, value in given.items() if value)
    return pattern.format(arguments=arguments, address=address, bearer=_bearer(key) if key else "")


def _use(call: Call, label: str, client: str, address: str, key: str, module: Module) -> list[str]:
    """Statements that send the request."""
    path, more, content = PATHS[call.endpoint], headers(call, label), body(call, label)
    method = "post" if content else "get"
    given = ", ".join([f'"Authorization": {_bearer(key)}' if key else "", *(f"{text(n)}: {text(v)}" for n, v in more.items())])
    sent = f"headers={{{given}}}" + (f", json={text(content)}" if content else "")
    if call.client in ANTHROPIC_CLIENTS:
        given = f"max_tokens=9, messages={text(content['messages'])}"
        return [f'{client}.messages.create(model="anthropic/claude-sonnet-4.5", {given})']
    if call.client == "langchain":
        return [f'{client}.invoke("{label}")']
    if call.client in ("openai", "openai-async"):
        extra = [f"temperature={content['temperature']}"] if "temperature" in content else []
        extra += [f'extra_body={{"provider": {text(provider(call))}}}'] if provider(call) else []
        extra += [f"extra_headers={text(more)}"] if more else []
        arguments = ", ".join([f'model="{MODEL}"', f'messages=[{{"role": "user", "content": "{label}"}}]', *extra])
        if call.client == "openai-async":
            module.need("import asyncio")
            return [f"asyncio.run({client}.chat.completions.create({arguments}))"]
        return [f"{client}.chat.completions.create({arguments})"]
    if call.client == "httpx-client":
        return [
            f'{client}.{method}("{path}", '
            + (f"headers={text(more)}" if more else "timeout=20")
            + (f", json={text(content)})" if content else ")")
        ]
    url = _joined(address, path)
    if call.client == "session":
        return [f"{client}.{method}({url}, {sent}, timeout=20)"]
    apart = (f"headers={text(more)}, " if more else "") + (f"json={text(content)}, " if content else "")
    if call.client == "session-headers":
        lines = [f'{client}.headers["Authorization"] = {_bearer(key)}'] if key else []
        return [*lines, f"{client}.{method}({url}, {apart}timeout=20)"]
    if call.client == "passed-on":
        module.need("import requests")
        module.define("def send(function, *arguments, **options):", "    return function(*arguments, **options)", "", "")
        return [f"send(requests.{method}, {url}, {sent}, timeout=20)"]
    if call.client == "passed-without-headers":
        return _with_key_added(label, f"requests.{method}, {url}, {apart}timeout=20", key, module)
    if call.client in _INSIDE:
        if call.client == "httpx-with":
            url, sent = text(path), apart.rstrip(", ") or "timeout=20"
        return _inside(call, method, url, sent, module, made=f'base_url={address}, headers={{"Authorization": {_bearer(key)}}}')
    if call.client in ("httpx", "requests"):
        module.need(f"import {call.client}")
        return [f"{call.client}.{method}({url}, {sent}, timeout=20)"]
    if call.client == "http.client":
        module.need("import http.client", "import json", "from urllib.parse import urlsplit")
        data = f"json.dumps({text(content)})" if content else "None"
        return [
            f"address = urlsplit({url})",
            "connection = http.client.HTTPSConnection(address.netloc, timeout=20)",
            f'connection.request("{method.upper()}", address.path, {data}, {{{given}}})',
            "connection.getresponse().read()",
        ]
    module.need("import json", "import urllib.request")
    data = f"json.dumps({text(content)}).encode()" if content else "None"
    if call.client == "request-later":
        return [
            f'request = urllib.request.Request({url}, data={data}, headers={text({"Content-Type": "application/json", **more})}, method="{method.upper()}")',
            *([f'request.add_header("Authorization", {_bearer(key)})'] if key else []),
            "urllib.request.urlopen(request, timeout=20).read()",
        ]
    return [
        f'request = urllib.request.Request({url}, data={data}, headers={{{given}, "Content-Type": "application/json"}}, method="{method.upper()}")',
        "urllib.request.urlopen(request, timeout=20).read()",
    ]


def _with_key_added(label: str, arguments: str, key: str, module: Module) -> list[str]:
    """A request whose key is put in by the function that sends it."""
    module.need("import requests")
    name = f"send_{label.replace('-', '_')}"
    module.define(
        f"def {name}(function, *arguments, headers=None, **options):",
        f'    return function(*arguments, headers={{"Authorization": {_bearer(key)}, **(headers or {{}})}}, **options)',
        "",
        "",
    )
    return [f"{name}({arguments})"]


_INSIDE = ("requests-request", "to-thread", "httpx-async", "httpx-with", "aiohttp")


def _inside(call: Call, method: str, url: str, sent: str, module: Module, made: str) -> list[str]:
    """Requests by a function that takes the method, in a thread, or through a client that lives for one request."""
    if call.client == "requests-request":
        module.need("import requests")
        return [f'requests.request("{method.upper()}", {url}, {sent}, timeout=20)']
    if call.client == "to-thread":
        module.need("import asyncio", "import requests")
        return [f"asyncio.run(asyncio.to_thread(requests.{method}, {url}, {sent}, timeout=20))"]
    if call.client == "httpx-with":
        module.need("import httpx")
        return [
            f"with httpx.Client({made}) as http:",
            f"    http.{method}({url}, {sent})",
        ]
    library, maker = ("httpx", "AsyncClient()") if call.client == "httpx-async" else ("aiohttp", "ClientSession()")
    module.need("import asyncio", f"import {library}")
    one = [f"await http.{method}({url}, {sent}, timeout=20)"]
    if library == "aiohttp":
        one = [f"async with http.{method}({url}, {sent}) as reply:", "    await reply.read()"]
    return [
        "async def send():",
        f"    async with {library}.{maker} as http:",
        *(f"        {line}" for line in one),
        "",
        "asyncio.run(send())",
    ]


def _write_class(call: Call, number: int, function: str, sources: tuple[str, str], label: str, module: Module) -> None:
    """A class that is given the key (and the address), or reads the key where it is given none, and a function that uses it."""
    address, key = sources
    both, optional = call.wrapper == "class-both" and bool(address), call.wrapper == "class-optional"
    own = "base_url" if both else address
    maker = [f"        self.client = {_constructor(call, own, 'self.api_key', module)}"] if call.client in _CLIENT else []
    parameters = f"{'base_url, ' if both else ''}api_key{'=None' if optional else ''}"
    given = f"{f'base_url={address}, ' if both else ''}{'' if optional else f'api_key={key}'}"
    module.define(
        f"class Assistant{number + 1}:",
        f"    def __init__(self, {parameters}):",
        f"        self.api_key = {f'api_key or {key}' if optional else 'api_key'}",
        *(["        self.base_url = base_url"] if both else []),
        *maker,
        "",
        "    def ask(self):",
        *(
            f"        {line}"
            for line in _use(call, label, "self.client", "self.base_url" if both else address, "self.api_key", module)
        ),
        "",
        "",
    )
    module.define(f"def {function}():", f"    Assistant{number + 1}({given}).ask()", "", "")


def _tell_service(call: Call, client: str, key: str) -> list[str]:
    """A request to another service, through the session that carries the key or with the same header."""
    sent = f'"{SERVICE_URL}", json={{"text": "used"}}'
    if call.client in ("session-headers", "httpx-client"):
        return [f"{client}.post({sent})"]
    if call.client in ("session", "requests", "httpx"):
        name = client if call.client == "session" else call.client
        return [f'{name}.post({sent}, headers={{"Authorization": {_bearer(key)}}})']
    return []


def _write_call(writer: _Writer, call: Call, number: int, label: str, script: Module) -> str:
    """Writes one call into the script or a module beside it; returns the expression that makes it."""
    function, name = f"call_{number + 1}", f"client_{number + 1}"
    program = writer.program
    key_source, address_source = program.keys[call.key], program.addresses[call.address]
    module = writer.module("clients.py") if call.wrapper == "factory" else script
    if call.wrapper == "factory":
        function = label.replace("-", "_")
        script.need(f"from clients import {function}")
    address = "" if address_source.form == "library" else writer.value(address_source, call.address, module)
    key = "" if key_source.form == "library" else writer.value(key_source, call.key, module)
    made = call.client in _CLIENT
    if call.wrapper.startswith("class") and key:
        _write_class(call, number, function, (address, key), label, module)
        return function
    lines = []
    if made and call.wrapper == "global":
        module.define(f"{name} = {_constructor(call, address, key, module)}", "", "")
    elif made:
        lines = [f"{name} = {_constructor(call, address, key, module)}"]
    lines += _use(call, label, name, address, key, module)
    if SERVICE in program.extras and label == "call-1-1" and key:
        lines += _tell_service(call, name, key)
    module.define(f"def {function}():", *(f"    {line}" for line in lines), "", "")
    return function


def files(program: Program) -> dict[str, str]:
    """Path to text."""
    writer = _Writer(program)
    for index, (path, calls) in enumerate(zip(script_names(program), program.scripts, strict=True)):
        script = writer.module(path)
        if program.delivery.kind in ("dotenv", "own-dotenv"):
            script.need("from dotenv import load_dotenv", "", "load_dotenv()")
        functions = [_write_call(writer, call, number, tag(index, number), script) for number, call in enumerate(calls)]
        if index == 0 and "vendor-client" in program.extras:
            functions.append(_ask_vendor(script))
        script.define(
            f"for call in ({', '.join(functions)},):",
            "    try:",
            "        call()",
            "    except Exception as error:",
            "        print(type(error).__name__, error)",
        )
        if index == 0:
            _mention(program, script)
    writer.module("settings/__init__.py") if "settings/values.py" in writer.modules else None
    return {path: module.source() for path, module in writer.modules.items()}


def _ask_vendor(script: Module) -> str:
    """A client of OpenAI's own beside those of OpenRouter."""
    script.need("import os", "from openai import OpenAI")
    script.define(
        "def ask_vendor():",
        '    client = OpenAI(api_key=os.environ.get("OPENAI_API_KEY", "none"), max_retries=0)',
        '    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "vendor"}])',
        "",
        "",
    )
    return "ask_vendor"


def _mention(program: Program, script: Module) -> None:
    variable = program.keys[0].names[0]
    read = variable in key_variables(program)
    if "comment" in program.extras:
        script.imports.insert(0, f"# Talks to OpenRouter (https://openrouter.ai/docs); needs {variable}")
    if "log" in program.extras:
        script.need("import os")
        script.define(f'print({{"{variable}": "set" if os.getenv("{variable}") else "missing"}})')
    if "labels" in program.extras:
        script.define('LABELS = {"openrouter": "OpenRouter", "openai": "OpenAI"}')
    if "union" in program.extras:
        script.need("from typing import Literal")
        script.define('Vendor = Literal["openai", "openrouter"]')
    if "asserted" in program.extras and read:
        script.need("import os")
        script.lines.insert(0, f'assert "{variable}" in os.environ, "{variable} is missing"')
    if "required-list" in program.extras and read:
        script.need("import os", "import sys")
        check = ["for name in REQUIRED:", "    if not os.environ.get(name):", '        sys.exit(f"{name} is missing")']
        script.lines[:0] = [f'REQUIRED = ["{variable}"]', *check]
