from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config.json import lower
from migrator.formats.tree import Const, Join, Module, Obj, RegionKind, Seq, Str, Unreadable
from tests.formats.probing import assert_spans, defined, definitions, referred, renamed, source


def read(text: str, path: str = "config.json") -> Module:
    module = lower(source(text, path))
    assert_spans(module, text)
    return module


def loaded(node: Any) -> Any:
    """The data that a tree without references stands for; of a duplicate key the last counts."""
    match node:
        case Obj(items=items):
            return {item.key.value: loaded(item.value) for item in items if isinstance(item.key, Str)}
        case Seq(items=items):
            return [loaded(item) for item in items]
        case Str(value=value):
            return value
        case Const(text=text):
            return json.loads(text)
        case _:
            raise AssertionError(node)


def test_comments_and_trailing_commas_are_read_and_kept_apart() -> None:
    text = '// top\r\n{ /* in */ "a": [1, -2.5e3, true,], // "b": 2\r\n\t"c": {"d": "x // y",},\r\n}\r\n// end'
    module = read(text)
    assert loaded(module.body[0]) == {"a": [1, -2500.0, True], "c": {"d": "x // y"}}
    comments = [text[slice(*r.span)] for r in module.regions if r.kind is RegionKind.COMMENT]
    assert comments == ["// top", "/* in */", '// "b": 2', "// end"]


def test_escapes_are_read_and_their_places_kept() -> None:
    text = r'{"a": "\"x\" \u00e9 \ud83d\ude42 ${A_KEY} \n ${B_KEY:-\"q\"}", "\u0041": "\ud800"}'
    module = read(text)
    root = module.body[0]
    assert isinstance(root, Obj)
    value = root.items[0].value
    assert isinstance(value, Join)
    assert isinstance(value.parts[0], Str)
    assert value.parts[0].value == '"x" é 🙂 '
    assert not value.parts[0].exact
    assert [name for name, _, _ in referred(module)] == ["A_KEY", "B_KEY"]
    key, lone = root.items[1].key, root.items[1].value
    assert isinstance(key, Str)
    assert key.value == "A"
    assert isinstance(lone, Str)
    assert lone.value == "\ud800"


def test_duplicate_keys_are_all_kept() -> None:
    text = '{"env": {"A_KEY": "1", "A_KEY": "2"}, "env": {"A_KEY": "3"}}'
    assert [text[slice(*entry.span)] for entry in definitions(read(text))] == ['"A_KEY": "1"', '"A_KEY": "2"', '"A_KEY": "3"']


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "too early"),
        ('{"a": 1', 1, "too early"),
        ('{"a": 1,\n', 2, "too early"),
        ('{\n"a" 1}', 2, "colon"),
        ("{\r\n\r\na: 1}", 3, "double quotes"),
        ("[1\n2]", 2, "comma"),
        ('"open\n"', 1, "not closed"),
        ("{} {}", 1, "more after"),
        ('["\\q"]', 1, "escape"),
        ("[01]", 1, "value is missing"),
        ("/* open", 1, "comment"),
        ("[,]", 1, "value is missing"),
        ("[" * 5000 + "]" * 5000, 1, "nested"),
        ('{"a":\n' * 5000, 201, "nested"),
    ],
)
def test_unreadable_files_say_where(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        read(text)
    assert caught.value.line == line


def test_a_refusal_does_not_quote_the_file() -> None:
    secret = "sk-or-v1-" + "0" * 64
    with pytest.raises(Unreadable) as caught:
        read('{"key": ' + secret + "}")
    assert secret[:12] not in caught.value.message


def test_fifty_megabytes_are_refused_unread() -> None:
    with pytest.raises(Unreadable, match="too large"):
        lower(source("[" + '"openrouter",' * 3_900_000 + "1]", "data.json"))


@pytest.mark.parametrize(
    ("path", "text", "how"),
    [
        ("wrangler.jsonc", '{"vars": {"A_KEY": "x"}}', "wrangler-vars"),
        ("wrangler.json", '{"env": {"production": {"vars": {"A_KEY": "x"}}}}', "wrangler-vars"),
        (".devcontainer/devcontainer.json", '{"containerEnv": {"A_KEY": "${localEnv:A_KEY}"}}', "devcontainer-env"),
        (".devcontainer/devcontainer.json", '{"remoteEnv": {"A_KEY": "x"}}', "devcontainer-env"),
        ("vercel.json", '{"build": {"env": {"A_KEY": "@x"}}}', "vercel-env"),
        (".vscode/launch.json", '{"configurations": [{"env": {"A_KEY": "x"}}]}', "vscode-env"),
        (".vscode/settings.json", '{"terminal.integrated.env.linux": {"A_KEY": "x"}}', "vscode-env"),
        (".claude/settings.json", '{"env": {"A_KEY": "x"}}', "json-env"),
        ("app.json", '{"env": {"A_KEY": {"description": "d", "value": "v"}}}', "json-env"),
        ("task.json", '{"containerDefinitions": [{"environment": [{"name": "A_KEY", "value": "x"}]}]}', "json-env"),
    ],
)
def test_environment_blocks(path: str, text: str, how: str) -> None:
    assert defined(read(text, path)) == [("A_KEY", how, "")]


@pytest.mark.parametrize(
    ("server", "owner"),
    [
        ('"command": "npx", "args": ["-y", "@x/mcp-server", "--key", "sk-or-v1-0"]', "mcp:npx @x/mcp-server"),
        ('"command": "uvx", "args": ["some-mcp"]', "mcp:uvx some-mcp"),
        ('"command": "docker", "args": ["run", "-i", "-e", "A_KEY", "ghcr.io/x/y"]', "mcp:docker ghcr.io/x/y"),
        ('"command": "/opt/bin/tool"', "mcp:tool"),
        ('"command": "uv", "args": ["run", "server.py"]', ""),
        ('"command": "node", "args": ["./dist/index.js"]', ""),
        ('"type": "local", "command": ["npx", "-y", "x-mcp"]', "mcp:npx x-mcp"),
        ('"url": "https://x.example/mcp"', "mcp:remote"),
        ('"path": "npx"', "mcp:npx"),
        ('"type": "stdio"', "mcp:unknown"),
    ],
)
def test_the_environment_of_an_mcp_server_belongs_to_it(server: str, owner: str) -> None:
    text = '{"mcpServers": {"s": {' + server + ', "env": {"A_KEY": "${A_KEY}"}}}}'
    module = read(text, ".mcp.json")
    assert defined(module) == [("A_KEY", "mcp-env", owner)]
    assert referred(module) == [("A_KEY", "placeholder", "")]


def test_turbo_names_variables_in_lists() -> None:
    text = '{"globalEnv": ["A_KEY", "!B_KEY", "C_*"], "tasks": {"build": {"env": ["D_KEY"], "passThroughEnv": ["E_KEY"]}}}'
    module = read(text, "turbo.json")
    assert referred(module) == [(name, "turbo-env", "") for name in ("A_KEY", "B_KEY", "D_KEY", "E_KEY")]


def test_package_scripts_are_shell_whatever_their_escapes() -> None:
    text = '{"scripts": {"a": "A_KEY=x node .", "b": "node -e \\"x\\" && echo $B_KEY"}, "dependencies": {"run": "^1"}}'
    module = read(text, "package.json")
    assert [name for name, _, _ in defined(module)] == ["A_KEY"]
    assert [name for name, _, _ in referred(module)] == ["B_KEY"]


def test_names_of_variables_as_values_and_opencode_references() -> None:
    text = '{"apiKeyEnvVar": "A_KEY", "options": {"apiKey": "{env:B_KEY}"}, "id": "C_KEY"}'
    assert referred(read(text)) == [("A_KEY", "env-name-value", ""), ("B_KEY", "env-brace", "")]


_DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


@given(_DATA, st.booleans(), st.sampled_from([None, 2, "\t"]), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=100, deadline=None)
def test_the_tree_is_the_data(data: Any, ascii_only: bool, indent: int | str | None, end: str) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    if any(mark in text for mark in ("$", "{{", "env:", "os.environ")) or "\ud800" <= max(text) <= "\udfff":
        return
    assert loaded(read(text.replace("\n", end)).body[0]) == data


@given(
    st.lists(
        st.tuples(st.sampled_from(["OPENROUTER_API_KEY", "B_KEY", "low"]), st.sampled_from(["x", "é\\n", "${Q}", ""])), max_size=5
    ),
    st.sampled_from([("\n", "  "), ("\r\n", "\t"), ("", " ")]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_renaming_changes_one_key_and_no_other_byte(entries: list[tuple[str, str]], layout: tuple[str, str], final: bool) -> None:
    end, indent = layout
    inside = f",{end}{indent}".join(f'"{key}" : "{value}"' for key, value in entries)
    text = f'{{{end}"env":{{{end}{indent}{inside}}}, "n": [1.50, 1e3]}}' + (end if final else "")
    after = renamed(read(text), text, {"OPENROUTER_API_KEY": "MG_KEY"})
    before = json.loads(text)
    before["env"] = {("MG_KEY" if key == "OPENROUTER_API_KEY" else key): value for key, value in before["env"].items()}
    assert json.loads(after) == before
    assert after.replace("MG_KEY", "OPENROUTER_API_KEY") == text


@given(st.text(alphabet='{}[]",:/*\\ntrue1-. \r\n#é$', max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        strict = json.loads(text)
    except ValueError:
        strict = None
    try:
        tree = read(text).body[0]
    except Unreadable:
        assert strict is None
        return
    if strict is not None and "$" not in text:
        assert loaded(tree) == strict
