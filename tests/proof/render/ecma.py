"""JavaScript and TypeScript applications."""

from __future__ import annotations

import json
from typing import Any

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
    old_key,
    provider,
    script_names,
    tag,
    text,
)

PACKAGES = {
    "openai": "^6.0.0",
    "@anthropic-ai/sdk": "^1.0.0",
    "axios": "^1.7.0",
    "dotenv": "^17.0.0",
    "zod": "^4.0.0",
    "ai": "^6.0.0",
    "@ai-sdk/openai": "^3.0.0",
    "@langchain/openai": "^1.5.0",
    "@ai-sdk/openai-compatible": "^2.0.0",
    "@openrouter/ai-sdk-provider": "^2.0.0",
}


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.ending = "ts" if program.language == "typescript" else "js"
        self.modules: dict[str, Module] = {}

    def module(self, path: str) -> Module:
        return self.modules.setdefault(f"{path}.{self.ending}", Module())

    def imported(self, name: str, path: str, module: Module) -> None:
        """`import { name } from "./path"`, as the language writes it."""
        module.need(f'import {{ {name} }} from "./{path}{"" if self.ending == "ts" else ".js"}";')

    def value(self, source: Key | Address, index: int, module: Module) -> str:
        """The expression that gives a key or an address in a module."""
        name = ("apiKey" if isinstance(source, Key) else "baseUrl") + ("" if index == 0 else str(index + 1))
        match source.place:
            case "constant":
                module.define(*self.assignment(source, name, module))
                return name
            case "module":
                config = self.module("config")
                config.define(
                    *(line.replace(f"const {name} ", f"export const {name} ") for line in self.assignment(source, name, config))
                )
                self.imported(name, "config", module)
                return name
            case "barrel":
                values = self.module("lib/values")
                values.define(
                    *(line.replace(f"const {name} ", f"export const {name} ") for line in self.assignment(source, name, values))
                )
                barrel = self.module("lib/index")
                barrel.define(f'export * from "./values{"" if self.ending == "ts" else ".js"}";')
                self.imported(name, "lib/index" if self.ending == "js" else "lib", module)
                return name
            case "function":
                helpers = self.module("helpers")
                function = "get" + name[0].upper() + name[1:]
                lines = [f"  {line}" for line in self.assignment(source, name, helpers)]
                helpers.define(f"export function {function}() {{", *lines, f"  return {name};", "}", "")
                self.imported(function, "helpers", module)
                return f"{function}()"
            case "object":
                settings = self.module("settings")
                settings.define(f"export const {name}Settings = {{ value: {self.expression(source, settings)} }};")
                self.imported(f"{name}Settings", "settings", module)
                return f"{name}Settings.value"
        return self.expression(source, module)

    def assignment(self, source: Key | Address, name: str, module: Module) -> list[str]:
        """Lines that give a constant the value."""
        variable = source.names[0] if isinstance(source, Key) else source.name
        if source.form == "guarded":
            return [f"const {name} = process.env.{variable};", f'if (!{name}) throw new Error("{variable} is not set");']
        if source.form == "destructured":
            return [f"const {{ {variable} }} = process.env;", f"const {name} = {variable};"]
        return [f"const {name} = {self.expression(source, module)};"]

    def expression(self, source: Key | Address, module: Module) -> str:
        return self.address(source) if isinstance(source, Address) else self.key(source, module)

    def address(self, address: Address) -> str:
        asserted = "!" if self.ending == "ts" else ""
        return {
            "literal": f'"{base_of(address)}"',
            "default": f'process.env.{address.name} ?? "{base_of(address)}"',
            "or-default": f'process.env.{address.name} || "{base_of(address)}"',
            "required": f"process.env.{address.name}{asserted}",
        }[address.form]

    def key(self, key: Key, module: Module) -> str:
        first, *rest = key.names
        other = rest[0] if rest else ""
        self._need(key, module)
        return {
            "property": f"process.env.{first}",
            "subscript": f'process.env["{first}"]',
            "empty": f'process.env.{first} ?? ""',
            "asserted": f"process.env.{first}!",
            "destructured": first,
            "guarded": f"process.env.{first}",
            "require-env": f'requireEnv("{first}")',
            "zod": f"env.{first}",
            "or": f"process.env.{first} || process.env.{other}",
            "nullish": f"process.env.{first} ?? process.env.{other}",
            "or-config": f"process.env.{first} || config.{STORE_ENTRY}",
            "config": f"config.{STORE_ENTRY}",
            "or-file": f'process.env.{first} ?? readFileSync("{KEY_FILE}", "utf8").trim()',
            "bag": f"parsed.{first}",
            "list": f'(process.env.{first} ?? "").split(",")[0]',
            "hard-coded": f'"{old_key("literal")}"',
        }[key.form]

    def _need(self, key: Key, module: Module) -> None:
        typed = self.ending == "ts"
        if key.form in ("config", "or-config", "or-file"):
            module.need('import { readFileSync } from "node:fs";')
        if key.form in ("config", "or-config"):
            module.define(f'const config = JSON.parse(readFileSync("{CONFIG_FILE}", "utf8"));')
        if key.form == "bag":
            module.need('import dotenv from "dotenv";')
            module.define("const parsed = dotenv.config({ quiet: true }).parsed ?? {};")
        if key.form == "require-env":
            argument, result = ("name: string", ": string") if typed else ("name", "")
            module.define(
                f"function requireEnv({argument}){result} {{",
                "  const value = process.env[name];",
                "  if (!value) throw new Error(`${name} is not set`);",
                "  return value;",
                "}",
                "",
            )
        if key.form == "zod":
            module.need('import { z } from "zod";')
            fields = ", ".join(f"{other.names[0]}: z.string().min(1)" for other in self.program.keys if other.form == "zod")
            module.define(f"const env = z.object({{ {fields} }}).parse(process.env);")


_CONSTRUCTORS = {
    "anthropic": ('import Anthropic from "@anthropic-ai/sdk";', "new Anthropic", "baseURL", ""),
    "anthropic-key": ('import Anthropic from "@anthropic-ai/sdk";', "new Anthropic", "baseURL", ""),
    "langchain-js": ('import { ChatOpenAI } from "@langchain/openai";', "new ChatOpenAI", "baseURL", f'model: "{MODEL}"'),
    "openai": ('import OpenAI from "openai";', "new OpenAI", "baseURL", ""),
    "create-openrouter": ('import { createOpenRouter } from "@openrouter/ai-sdk-provider";', "createOpenRouter", "baseURL", ""),
    "openai-compatible": (
        'import { createOpenAICompatible } from "@ai-sdk/openai-compatible";',
        "createOpenAICompatible",
        "baseURL",
        'name: "openrouter"',
    ),
    "create-openai": ('import { createOpenAI } from "@ai-sdk/openai";', "createOpenAI", "baseURL", ""),
}


def _constructor(call: Call, address: str, key: str, module: Module) -> str:
    line, name, base, more = _CONSTRUCTORS[call.client]
    module.need(line)
    named = "authToken" if call.client == "anthropic" else "apiKey"
    given = [more, f"{base}: {address}" if address else "", _pair(named, key) if key else ""]
    if call.client == "langchain-js":
        given[1] = f"configuration: {{ {_configuration(call, given[1])} }}"
        given += ["temperature: 0.5" if "temperature" in call.options else ""]
        given += [f"modelKwargs: {{ provider: {text(provider(call))} }}" if provider(call) else ""]
    return f"{name}({{ {', '.join(part for part in given if part)} }})"


def _configuration(call: Call, address: str) -> str:
    """What LangChain hands to the OpenAI client."""
    more = headers(call, "")
    return ", ".join(part for part in (address, f"defaultHeaders: {text(more)}" if more else "") if part)


def _pair(name: str, value: str) -> str:
    return name if name == value else f"{name}: {value}"


def _bearer(key: str) -> str:
    return f"`Bearer ${{{key}}}`"


def _joined(address: str, path: str) -> str:
    return address[:-1] + path + '"' if address.startswith('"') else f"`${{{address}}}{path}`"


def _use(call: Call, label: str, client: str, address: str, key: str, module: Module) -> list[str]:
    """Statements that send the request."""
    path, more, content = PATHS[call.endpoint], headers(call, label), body(call, label)
    if call.client == "openai":
        rules = [f"provider: {text(provider(call))}"] if provider(call) else []
        rules += [f"temperature: {content['temperature']}"] if "temperature" in content else []
        typed = " as any" if module_is_typed(module) and provider(call) else ""
        arguments = ", ".join([f'model: "{MODEL}"', f'messages: [{{ role: "user", content: "{label}" }}]', *rules])
        return [
            f"await {client}.chat.completions.create({{ {arguments} }}{typed}{f', {{ headers: {text(more)} }}' if more else ''});"
        ]
    if call.client == "langchain-js":
        return [f'await {client}.invoke("{label}");']
    if call.client in ANTHROPIC_CLIENTS:
        message = f'model: "anthropic/claude-sonnet-4.5", max_tokens: 9, messages: {text(content["messages"])}'
        return [f"await {client}.messages.create({{ {message} }});"]
    if call.client in _CONSTRUCTORS:
        module.need('import { generateText } from "ai";')
        chosen = f'{client}.chat("{MODEL}")' if call.client == "create-openai" else f'{client}("{MODEL}")'
        temperature = ", temperature: 0.5" if "temperature" in content else ""
        return [f'await generateText({{ model: {chosen}, prompt: "{label}", maxRetries: 0{temperature} }});']
    sent_headers = [
        f"Authorization: {_bearer(key)}",
        '"Content-Type": "application/json"',
        *(f"{text(n)}: {text(v)}" for n, v in more.items()),
    ]
    given = ", ".join(sent_headers)
    url = _joined(address, path)
    if call.client == "axios":
        module.need('import axios from "axios";')
        if content:
            return [f"await axios.post({url}, {text(content)}, {{ headers: {{ {given} }} }});"]
        return [f"await axios.get({url}, {{ headers: {{ {given} }} }});"]
    if call.client in ("axios-create", "axios-request", "axios-config", "axios-options"):
        module.need('import axios from "axios";')
        method, data = ("post", text(content)) if content else ("get", "")
        if call.client == "axios-config":
            sent = (
                f'baseURL: {address}, url: "{path}", method: "{method}", headers: {{ {given} }}{f", data: {data}" if data else ""}'
            )
            return [f"await axios({{ {sent} }});"]
        if call.client == "axios-options":
            arguments = ", ".join(filter(None, (text(path), data, f"{{ baseURL: {address}, headers: {{ {given} }} }}")))
            return [f"await axios.{method}({arguments});"]
        if call.client == "axios-request":
            return [
                f'await axios({{ method: "{method}", url: {url}, headers: {{ {given} }}{f", data: {data}" if data else ""} }});'
            ]
        given_path = ", ".join(filter(None, (text(path), data)))
        return [
            f"const http = axios.create({{ baseURL: {address}, headers: {{ {given} }} }});",
            f"await http.{method}({given_path});",
        ]
    if call.client in ("fetch-later", "request-later"):
        plain = text({"Content-Type": "application/json", **more})
        posted = f'method: "POST", body: JSON.stringify({text(content)}), ' if content else ""
        if call.client == "fetch-later":
            typed = ": any" if module_is_typed(module) else ""
            return [
                f"const options{typed} = {{ {posted}headers: {plain} }};",
                f"options.headers.Authorization = {_bearer(key)};",
                f"await fetch({url}, options);",
            ]
        return [
            f"const request = new Request({url}, {{ {posted}headers: {plain} }});",
            f'request.headers.set("Authorization", {_bearer(key)});',
            "await fetch(request);",
        ]
    sent = f', method: "POST", body: JSON.stringify({text(content)})' if content else ""
    return [f"await fetch({url}, {{ headers: {{ {given} }}{sent} }});"]


def module_is_typed(module: Module) -> bool:
    """Whether `as any` may be written in a module."""
    return "typed" in module.marks


def _write_class(call: Call, number: int, function: str, sources: tuple[str, str], label: str, module: Module) -> None:
    """A class that is given the key (and the address), or reads the key where it is given none, and a function that uses it."""
    address, key = sources
    typed = module_is_typed(module)
    both, optional = call.wrapper == "class-both" and bool(address), call.wrapper == "class-optional"
    words = [*(["baseURL"] if both else []), "apiKey"]
    names = ["givenKey"] if optional else words
    parameters = ", ".join(f"{word}{'?' if optional else ''}: any" if typed else word for word in names)
    given = "" if optional else ", ".join([*([address] if both else []), key])
    own = "baseURL" if both else address
    maker = [f"    this.client = {_constructor(call, own, 'this.apiKey', module)};"] if call.client in _CONSTRUCTORS else []
    module.define(
        f"class Assistant{number + 1} {{",
        *(["  client: any;", *(f"  {word}: any;" for word in words)] if typed else []),
        f"  constructor({parameters}) {{",
        f"    this.apiKey = {f'givenKey ?? ({key})' if optional else 'apiKey'};",
        *(["    this.baseURL = baseURL;"] if both else []),
        *maker,
        "  }",
        "  async ask() {",
        *(f"    {line}" for line in _use(call, label, "this.client", "this.baseURL" if both else address, "this.apiKey", module)),
        "  }",
        "}",
        "",
    )
    module.define(f"{function}() {{", f"  await new Assistant{number + 1}({given}).ask();", "}", "")


def _tell_service(call: Call, key: str) -> list[str]:
    """A request to another service, through the instance that carries the key or with the same header."""
    header = f"{{ Authorization: `Bearer ${{{key}}}` }}"
    match call.client:
        case "axios-create" if call.endpoint == "chat":  # the tag of other requests is among its headers
            return [f'await http.post("{SERVICE_URL}", {{"text": "used"}});']
        case "axios":
            return [f'await axios.post("{SERVICE_URL}", {{"text": "used"}}, {{ headers: {header} }});']
        case "fetch":
            return [
                f'await fetch("{SERVICE_URL}", {{ method: "POST", headers: {header}, body: JSON.stringify({{"text": "used"}}) }});'
            ]
    return []


def _write_call(writer: _Writer, call: Call, number: int, label: str, script: Module) -> str:
    """Writes one call into the script or a module beside it; returns the function that makes it."""
    program = writer.program
    function, name = f"call{number + 1}", f"client{number + 1}"
    key_source, address_source = program.keys[call.key], program.addresses[call.address]
    module = writer.module("clients") if call.wrapper == "factory" else script
    if program.language == "typescript":
        module.marks.add("typed")
    export = ""
    if call.wrapper == "factory":
        function, export = label.replace("call-", "call").replace("-", "_"), "export "
        writer.imported(function, "clients", script)
    built_in = call.client == "create-openrouter" and address_source.form == "literal"
    address = "" if address_source.form == "library" or built_in else writer.value(address_source, call.address, module)
    key = "" if key_source.form == "library" else writer.value(key_source, call.key, module)
    made = call.client in _CONSTRUCTORS
    if call.wrapper.startswith("class") and key:
        _write_class(call, number, f"{export}async function {function}", (address, key), label, module)
        return function
    lines = []
    if made and call.wrapper == "global":
        module.define(f"const {name} = {_constructor(call, address, key, module)};", "")
    elif made:
        lines = [f"const {name} = {_constructor(call, address, key, module)};"]
    lines += _use(call, label, name, address, key, module)
    if SERVICE in program.extras and label == "call-1-1" and key:
        lines += _tell_service(call, key)
    module.define(f"{export}async function {function}() {{", *(f"  {line}" for line in lines), "}", "")
    return function


def files(program: Program) -> dict[str, str]:
    """Path to text."""
    writer = _Writer(program)
    for index, (path, calls) in enumerate(zip(script_names(program), program.scripts, strict=True)):
        script = writer.module(path.rpartition(".")[0])
        if program.delivery.kind in ("dotenv", "own-dotenv"):
            script.need('import "dotenv/config";')
        functions = [_write_call(writer, call, number, tag(index, number), script) for number, call in enumerate(calls)]
        if index == 0 and "vendor-client" in program.extras:
            functions.append(_ask_vendor(script))
        script.define(
            f"for (const call of [{', '.join(functions)}]) {{",
            "  try {",
            "    await call();",
            "  } catch (error) {",
            "    console.log(String(error));",
            "  }",
            "}",
        )
        if index == 0:
            _mention(program, script)
    texts = {path: module.source() for path, module in writer.modules.items()}
    used = {
        name: version
        for name, version in PACKAGES.items()
        if any(f'"{name}"' in s or f'"{name}/' in s for s in map(_imports, texts.values()))
    }
    manifest: dict[str, Any] = {"name": "summaries", "private": True, "type": "module", "dependencies": used}
    if program.language == "typescript":
        manifest["devDependencies"] = {"@types/node": "^22.0.0", "typescript": "^5.9.0"}
    return texts | {"package.json": json.dumps(manifest, indent=2) + "\n"}


def _ask_vendor(script: Module) -> str:
    """A client of OpenAI's own beside those of OpenRouter."""
    script.need('import OpenAI from "openai";')
    script.define(
        "async function askVendor() {",
        '  const vendor = new OpenAI({ apiKey: process.env.OPENAI_API_KEY ?? "none", maxRetries: 0 });',
        '  await vendor.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "vendor" }] });',
        "}",
        "",
    )
    return "askVendor"


def _imports(source: str) -> str:
    return "".join(line for line in source.splitlines(keepends=True) if line.startswith("import "))


def _mention(program: Program, script: Module) -> None:
    variable = program.keys[0].names[0]
    if "comment" in program.extras:
        script.imports.insert(0, f"// Talks to OpenRouter (https://openrouter.ai/docs); needs {variable}")
    if "log" in program.extras:
        script.define(f'console.log({{ {variable}: process.env.{variable} ? "set" : "missing" }});')
    if "labels" in program.extras:
        script.define('export const LABELS = { openrouter: "OpenRouter", openai: "OpenAI" };')
    if "union" in program.extras and program.language == "typescript":
        script.define('export type Vendor = "openai" | "openrouter";')
    if variable not in key_variables(program):
        return
    if "asserted" in program.extras:
        script.lines.insert(0, f'if (!("{variable}" in process.env)) throw new Error("{variable} is missing");')
    if "required-list" in program.extras:
        check = "for (const name of required) if (!process.env[name]) throw new Error(`${name} is missing`);"
        script.lines[:0] = [f'const required = ["{variable}"];', check]
