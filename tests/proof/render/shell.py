"""Shell applications: curl."""

from __future__ import annotations

from tests.proof.deploy import key_variables
from tests.proof.grammar import SERVICE, Address, Call, Key, Program
from tests.proof.parts import (
    KEY_FILE,
    PATHS,
    SERVICE_URL,
    Module,
    base_of,
    body,
    headers,
    numbered,
    old_key,
    script_names,
    tag,
    text,
)


class _Writer:
    def __init__(self, program: Program) -> None:
        self.modules: dict[str, Module] = {}
        self.program = program

    def value(self, source: Key | Address, index: int, script: Module) -> str:
        """The words that give a key or an address, for use within double quotes."""
        name = numbered("API_TOKEN" if isinstance(source, Key) else "API_BASE", index)
        if isinstance(source, Key) and source.form in _FILLED:
            script.define(*(line.format(name=name, variable=source.names[0], file=KEY_FILE) for line in _FILLED[source.form]))
            return f"${name}"
        words = self.address(source) if isinstance(source, Address) else self.key(source)
        if source.place == "constant":
            script.define(f'{name}="{words}"')
            return f"${name}"
        if source.place == "module":
            library = self.modules.setdefault("lib.sh", Module())
            library.define(f'{name}="{words}"')
            script.need('. "$(dirname "$0")/lib.sh"')
            return f"${name}"
        return words

    def address(self, address: Address) -> str:
        return {"literal": base_of(address), "default": f"${{{address.name}:-{base_of(address)}}}", "required": f"${address.name}"}[
            address.form
        ]

    def key(self, key: Key) -> str:
        first, *rest = key.names
        other = rest[0] if rest else ""
        return {
            "plain": f"${first}",
            "braces": f"${{{first}}}",
            "empty": f"${{{first}:-}}",
            "message": f"${{{first}:?set {first}}}",
            "variable": f"${first}",
            "fallback": f"${{{first}:-${other}}}",
            "or-file": f"${{{first}:-$(cat {KEY_FILE})}}",
            "file": f"$(cat {KEY_FILE})",
            "hard-coded": old_key("literal"),
        }[key.form]


_FILLED = {
    "read-file": ("read -r {name} < {file}",),
    "loop": ('for {name} in "${variable}"; do [ -n "${name}" ] && break; done',),
    "argument": ('take_{name}() {{ {name}="$1"; }}', 'take_{name} "${variable}"'),
}
"""Ways in which a script fills a variable of its own without an assignment of what the key comes from."""


def _lines(call: Call, label: str, address: str, key: str) -> list[str]:
    content, given = body(call, label), headers(call, label)
    lines = [
        f'curl "{address}{PATHS[call.endpoint]}"',
        f'-H "Authorization: Bearer {key}"',
        *(f'-H "{n}: {v}"' for n, v in given.items()),
    ]
    if call.client == "curl-url":
        lines[:2] = [
            f'curl --silent --request {"POST" if content else "GET"} --url "{address}{PATHS[call.endpoint]}"',
            f'--header "Authorization: Bearer {key}"',
        ]
    if call.client == "function":
        name = label.replace("-", "_")
        more = " ".join([*lines[2:], *([f"-d '{text(content)}'", '-H "Content-Type: application/json"'] if content else [])])
        path = PATHS[call.endpoint].lstrip("/")
        return [f'{name}() {{ curl "{address}/$1" {lines[1]} "${{@:2}}"; }}', f"{name} {path} {more}".rstrip()]
    if not content:
        return [" ".join(lines)]
    lines.append('-H "Content-Type: application/json"')
    if call.client == "curl-heredoc":
        return [" \\\n  ".join([*lines, "-d @- <<JSON"]), text(content), "JSON"]
    if call.client == "curl-body":
        return [f"body='{text(content)}'", " \\\n  ".join([*lines, '-d "$body"'])]
    return [" \\\n  ".join([*lines, f"-d '{text(content)}'"])]


def files(program: Program) -> dict[str, str]:
    """Path to text."""
    writer = _Writer(program)
    for index, (path, calls) in enumerate(zip(script_names(program), program.scripts, strict=True)):
        script = writer.modules.setdefault(path, Module())
        if program.delivery.kind in ("dotenv", "own-dotenv"):
            script.need("set -a; . ./.env; set +a")
        for number, call in enumerate(calls):
            address = writer.value(program.addresses[call.address], call.address, script)
            key = writer.value(program.keys[call.key], call.key, script)
            script.lines += _lines(call, tag(index, number), address, key)
            if SERVICE in program.extras and call.client == "curl" and (index, number) == (0, 0):
                script.lines.append(f'curl {SERVICE_URL} -H "Authorization: Bearer {key}" -d used')
        if index == 0 and "vendor-client" in program.extras:
            script.lines.append(
                'curl https://api.openai.com/v1/chat/completions -H "Authorization: Bearer ${OPENAI_API_KEY:-none}"'
                """ -d '{"model": "gpt-4o-mini", "messages": []}'"""
            )
        if index == 0:
            _mention(program, script)
    return {path: module.source("" if path == "lib.sh" else "#!/usr/bin/env bash\n") for path, module in writer.modules.items()}


def _mention(program: Program, script: Module) -> None:
    variable = program.keys[0].names[0]
    if "comment" in program.extras:
        script.imports.insert(0, f"# Talks to OpenRouter (https://openrouter.ai/docs); needs {variable}")
    if "log" in program.extras:
        script.lines.append(f'echo "{variable}: ${{{variable}:+set}}"')
    if "asserted" in program.extras and variable in key_variables(program):
        script.lines.insert(0, f'[ -n "${variable}" ] || {{ echo "{variable} is missing" >&2; exit 1; }}')
    if "required-list" in program.extras and variable in key_variables(program):
        script.lines.insert(
            0, f'for name in {variable}; do [ -n "${{!name}}" ] || {{ echo "$name is missing" >&2; exit 1; }}; done'
        )
