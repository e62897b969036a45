"""Programs in JavaScript, TypeScript and shell that send one request, and what they send when they are run.

JavaScript is run by one Node process for all programs: types, which stand between two marks, are taken away first. In shell `curl` is a
function that prints the body.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.routing.shapes import Program, choice

URL = "https://openrouter.ai/api/v1/chat/completions"
_TYPE = re.compile(r"/\*t\*/.*?/\*e\*/", re.DOTALL)


def _js(value: Any) -> str:
    return re.sub(r'"(\w+)":', r"\1:", json.dumps(value))


def _send(body: str) -> str:
    return (
        f'await fetch("{URL}", {{\n  method: "POST",\n  headers: {{ Authorization: `Bearer ${{process.env.OPENROUTER_API_KEY}}` }},\n'
        f"  body: JSON.stringify({body}),\n}});\n"
    )


def _create(options: str) -> str:
    return (
        'const OpenAI = require("openai");\n'
        'const client = new OpenAI({ baseURL: "https://openrouter.ai/api/v1", apiKey: process.env.OPENROUTER_API_KEY });\n'
        f'await client.chat.completions.create({{ model: "lab/one", messages: [], {options} }});\n'
    )


PLAIN = 'model: "lab/one", messages: []'


def _entries(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {_js(value)}" for name, value in options.items())


def _tree(main: str, rules: str = "module.exports = {};\n", **data: str) -> Program:
    return Program({"app.ts": main, "rules.ts": rules, **data}, "ecma")


def in_the_body(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(_send(f"{{ {PLAIN}, {_entries(options)} }}"))


def in_a_call(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(_create(_entries(options)))


def in_a_name(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    kind = "/*t*/: ChatRequest/*e*/" if flags[0] else ""
    head = (
        "/*t*/interface ChatRequest { model: string; messages: unknown[]; provider?: { only?: string[] } }/*e*/\n"
        if flags[0]
        else ""
    )
    return _tree(f"{head}const body{kind} = {{ {PLAIN}, {_entries(options)} }};\n{_send('body')}")


def spread_when(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    part = f"...(flag ? {_js(dict(options))} : {{}})" if flags[0] else f"...(flag && {_js(dict(options))})"
    return _tree(_send(f"{{ {PLAIN}, {part} }}"))


def object_when(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    rest = _entries({name: value for name, value in options.items() if name != "provider"})
    other = "undefined" if flags[0] else "null"
    return _tree(_send(f"{{ {PLAIN}, provider: flag ? {_js(options.get('provider', {}))} : {other}, {rest} }}"))


def of_another_module(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    use = f'const {{ RULES }} = require("./rules");\n{_send(f"{{ {PLAIN}, ...RULES }}")}'
    return _tree(use, f"const RULES = {_js(dict(options))};\nmodule.exports = {{ RULES }};\n")


def stored(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    stores = "".join(
        f"{'if (flag) ' if flag else ''}body.{name} = {_js(value)};\n" if flags[3] else f'body["{name}"] = {_js(value)};\n'
        for (name, value), flag in zip(options.items(), [*flags, *[False] * 9], strict=False)
    )
    return _tree(f"const body/*t*/: any/*e*/ = {{ {PLAIN} }};\n{stores}{_send('body')}")


def assigned(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(f"const body = {{ {PLAIN} }};\nObject.assign(body, {_js(dict(options))});\n{_send('body')}")


def rest(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    ask = "async function ask(prompt/*t*/: string/*e*/, ...rest/*t*/: object[]/*e*/) {\n"
    return _tree(
        f"{ask}  const body = Object.assign({{ {PLAIN} }}, ...rest);\n  {_send('body')}}}\nawait ask('', {_js(dict(options))}, {{ top_p: 1 }});\n"
    )


def destructured(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    ask = f"async function ask({{ prompt, ...more }}/*t*/: any/*e*/) {{\n  {_send(f'{{ {PLAIN}, ...more }}')}}}\n"
    return _tree(f"{ask}await ask({{ prompt: '', {_entries(options)} }});\n")


def made_by_a_function(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f'const {{ make }} = require("./rules");\n{_send("make(flag)")}',
        f"function make(flag) {{\n  const body = {{ {PLAIN} }};\n  {'if (flag) ' if flags[0] else ''}Object.assign(body, {_js(dict(options))});\n"
        "  return body;\n}\nmodule.exports = { make };\n",
    )


def in_a_json_file(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f'const rules = require("./rules.json");\n{_create("...rules") if flags[0] else _send(f"{{ {PLAIN}, ...rules }}")}',
        **{"rules.json": json.dumps(options, indent=2)},
    )


def in_a_class(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _tree(
        f"class Client {{\n  extras = {_js(dict(options))};\n  async ask() {{\n    {_send(f'{{ {PLAIN}, ...this.extras }}')}  }}\n}}\n"
        "await new Client().ask();\n"
    )


ECMA_SHAPES = (
    in_the_body, in_a_call, in_a_name, spread_when, object_when, of_another_module, stored, assigned, rest, destructured,
    made_by_a_function, in_a_json_file, in_a_class,
)  # fmt: skip

# -- shell -------------------------------------------------------------------------------------------------------------------------

CURL = f'curl -sf {URL} -H "Authorization: Bearer $OPENROUTER_API_KEY"'


def _body(options: Mapping[str, Any]) -> str:
    return json.dumps({"model": "lab/one", "messages": [], **options})


def _script(text: str, **data: str) -> Program:
    return Program({"call.sh": f"#!/bin/bash\n{text}", **data}, "shell")


def quoted(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(f"{CURL} {'-d' if flags[0] else '--data-raw'} '{_body(options)}'\n")


def double_quoted(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(f'{CURL} -d "{_body(options)}"\n'.replace(_body(options), _body(options).replace('"', '\\"')))


def here_document(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    end = "'EOF'" if flags[0] else "EOF"
    return _script(f"{CURL} -d @- <<{end}\n{_body(options)}\nEOF\n")


def here_document_in_a_variable(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(f'BODY=$(cat <<EOF\n{_body(options)}\nEOF\n)\n{CURL} -d "$BODY"\n')


def variable(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(f"BODY='{_body(options)}'\n{CURL} -d \"$BODY\"\n")


def file(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(f"{CURL} --data-binary @body.json\n", **{"body.json": json.dumps(json.loads(_body(options)), indent=2)})


def made_by_jq(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    """With the keys of a program of `jq`, in quotes or without."""
    entries = "".join(
        f",\n  {_js(name) if flags[0] else name}: {json.dumps(value) if flags[0] else _js(value)}"
        for name, value in options.items()
    )
    program = f"{{model: $m, messages: []{entries}}}" if flags[1] else f'{{"model": "lab/one", messages: []{entries}}}'
    if flags[2]:
        return _script(f"jq -n --arg m lab/one '{program}' | {CURL} -d @-\n")
    return _script(f"BODY=$(jq -nc --arg m lab/one '{program}')\n{CURL} -d \"$BODY\"\n")


def changed_by_jq(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    rest = {name: value for name, value in options.items() if name != "provider"}
    sets = f" | .provider = {json.dumps(options['provider'])}" if "provider" in options else ""
    return _script(f"echo '{_body(rest)}' | jq '.{sets}' | {CURL} -d @-\n")


def filled_by_jq(options: Mapping[str, Any], flags: Sequence[bool]) -> Program:
    return _script(
        f"jq '.messages = []' body.json | {CURL} -d @-\n", **{"body.json": json.dumps(json.loads(_body(options)), indent=2)}
    )


SHELL_SHAPES = (
    quoted, double_quoted, here_document, here_document_in_a_variable, variable, file,
    *((made_by_jq, changed_by_jq, filled_by_jq) if shutil.which("jq") else ()),
)  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn, language: str) -> Program:
    """Any of the shapes of a language with a few options."""
    shapes: Sequence[Callable[[Mapping[str, Any], Sequence[bool]], Program]] = ECMA_SHAPES if language == "ecma" else SHELL_SHAPES
    return choice(draw, shapes)


# -- running them ------------------------------------------------------------------------------------------------------------------

_RUNNER = """
const lines = require("readline").createInterface({ input: process.stdin });
const Async = Object.getPrototypeOf(async function () {}).constructor;
lines.on("line", async (line) => {
  const { files, flag } = JSON.parse(line);
  let sent = null;
  const fetch = async (_url, init) => { sent = sent ?? JSON.parse(init.body); return {}; };
  class OpenAI { chat = { completions: { create: async (body) => { sent = sent ?? JSON.parse(JSON.stringify(body)); } } }; }
  const load = (name) => {
    if (name === "openai") return OpenAI;
    if (name.endsWith(".json")) return JSON.parse(files[name.slice(2)]);
    const module = { exports: {} };
    new Function("module", "require", "process", files[name.slice(2) + ".ts"])(module, load, { env: {} });
    return module.exports;
  };
  let error = null;
  try { await new Async("require", "fetch", "process", "flag", files["app.ts"])(load, fetch, { env: {} }, flag); }
  catch (caught) { error = String(caught); }
  console.log(JSON.stringify({ sent, error }));
});
"""


class Node:
    """One process that runs program after program."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["node", "-e", _RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sent(self, files: Mapping[str, str], flag: bool) -> dict[str, Any]:
        """The body of the first request."""
        plain = {path: _TYPE.sub("", text) for path, text in files.items()}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"files": plain, "flag": flag}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["error"] is None, (answer["error"], files)
        return answer["sent"]  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


_CURL = """curl() {
  while [ $# -gt 0 ]; do
    case "$1" in
      -d|--data-raw|--data-binary) shift; case "$1" in @-) cat ;; @*) cat "${1#@}" ;; *) printf '%s' "$1" ;; esac ;;
    esac
    shift
  done
}
"""


def sent_by_shell(files: Mapping[str, str]) -> dict[str, Any]:
    """The body that a script hands to curl."""
    bash = shutil.which("bash")
    assert bash is not None
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).write_text(text, "utf-8")
        done = subprocess.run([bash, "-c", _CURL + files["call.sh"]], cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]
