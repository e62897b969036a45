from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config.toml import lower
from migrator.formats.tree import Const, Join, Module, Obj, RegionKind, Seq, Str, Unreadable
from tests.formats.probing import assert_spans, defined, definitions, referred, renamed, source


def read(text: str, path: str = "config.toml") -> Module:
    module = lower(source(text, path))
    assert_spans(module, text)
    return module


def loaded(node: Any) -> Any:
    match node:
        case Obj(items=items):
            return {item.key.value: loaded(item.value) for item in items if isinstance(item.key, Str)}
        case Seq(items=items):
            return [loaded(item) for item in items]
        case Str(value=value):
            return value
        case Const(text=text):
            return tomllib.loads(f"v = {text}")["v"]
        case _:
            raise AssertionError(node)


EVERYTHING = '''# top
title = "a \\"b\\" \\u00e9"  # note
'quoted key'."x y" = 'lit # no'
a.b.c = 1
a.b.d = 0x1F
when = 1979-05-27 07:32:00
day = 1979-05-27
at = 07:32:00
inf = -inf
list = [
  1, # one
  [ "x", 'y' ],
  { k = "v", n.m = [ ] }, # last
]
long = """
first \\
    joined ""quoted""
"""
raw = \'\'\'
C:\\x 'y\'\'\'\'

[table]
x = true
[table.sub]
y = [[1], [2]]
[other]
[table.late]
z = {}
[[many]]
n = 1
[[many]]
n = 2
[many.inside]
q = "last"'''


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_form_reads_as_tomllib_reads_it(end: str) -> None:
    text = EVERYTHING.replace("\n", end)
    module = read(text)
    assert loaded(module.body[0]) == tomllib.loads(text)
    comments = [text[slice(*r.span)] for r in module.regions if r.kind is RegionKind.COMMENT]
    assert comments == ["# top", "# note", "# one", "# last"]


def test_spans_of_entries_and_tables() -> None:
    text = '[env]\nA_KEY = "x" # note\n\n[tool.x]\nb = 1\n'
    module = read(text)
    assert [text[slice(*entry.span)] for entry in definitions(module)] == ['A_KEY = "x"']
    root = module.body[0]
    assert isinstance(root, Obj)
    assert [text[slice(*item.value.span)] for item in root.items] == ['[env]\nA_KEY = "x"', "[tool.x]\nb = 1"]


@pytest.mark.parametrize(
    ("path", "text", "how"),
    [
        ("wrangler.toml", '[vars]\nA_KEY = "x"\n', "wrangler-vars"),
        ("wrangler.toml", '[env.production.vars]\nA_KEY = "x"\n', "wrangler-vars"),
        ("wrangler.toml", 'vars = { A_KEY = "x" }\n', "wrangler-vars"),
        ("fly.toml", '[env]\nA_KEY = "x"\n', "fly-env"),
        ("netlify.toml", '[build.environment]\nA_KEY = "x"\n', "netlify-env"),
        ("netlify.toml", '[context.production.environment]\nA_KEY = "x"\n', "netlify-env"),
        (".streamlit/secrets.toml", 'A_KEY = "x"\n', "streamlit-secret"),
        ("mise.toml", '[env]\nA_KEY = "x"\n', "mise-env"),
        ("pyproject.toml", '[tool.pytest.ini_options]\nenv = ["D:A_KEY=test"]\n', "pytest-env"),
        ("pyproject.toml", '[tool.pytest_env]\nA_KEY = "x"\n', "pytest-env"),
        ("app.toml", '[environment]\n"A_KEY" = "x"\nlower = 1\n', "toml-env"),
        ("app.toml", '[a]\nenv.A_KEY = "x"\n', "toml-env"),
    ],
)
def test_environment_tables(path: str, text: str, how: str) -> None:
    assert defined(read(text, path)) == [("A_KEY", how, "")]


def test_codex_names_the_variable_of_its_key() -> None:
    text = (
        '[model_providers.openrouter]\nbase_url = "https://openrouter.ai/api/v1"\nenv_key = "OPENROUTER_API_KEY"\n'
        '[mcp_servers.x]\ncommand = "npx"\nargs = ["-y", "x-mcp"]\nenv = { OPENROUTER_API_KEY = "v" }\n'
    )
    module = read(text, ".codex/config.toml")
    assert referred(module) == [("OPENROUTER_API_KEY", "env-name-value", "")]
    assert defined(module) == [("OPENROUTER_API_KEY", "mcp-env", "mcp:npx x-mcp")]


def test_references_inside_strings_keep_their_place() -> None:
    module = read('a = "\\"${A_KEY}\\" x"\nb = """\n  ${B_KEY:-d}\n"""\n')
    root = module.body[0]
    assert isinstance(root, Obj)
    assert all(isinstance(item.value, Join) for item in root.items)
    assert [name for name, _, _ in referred(module)] == ["A_KEY", "B_KEY"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = \n", 2, "not valid TOML"),
        ("a = 1\na = 2\n", 2, "not valid TOML"),
        ("a = 'open", 1, "not valid TOML"),
        ("a = " + "[" * 5000 + "]" * 5000, 1, "nested"),
        ("a = 1\n" + ".".join(["b"] * 5000) + " = 1", 2, "nested"),
        (f"[{'.'.join(['a'] * 150)}]\n{'.'.join(['b'] * 150)} = 1", 0, "nested"),
    ],
)
def test_unreadable_files_say_where(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        read(text)
    assert caught.value.line == line


def test_a_refusal_does_not_quote_the_file() -> None:
    secret = "sk-or-v1-" + "0" * 64
    for text in (f"a = {secret}\n", f"{secret} = 1\n{secret} = 2\n", f"a = '{secret}\n", f"[{secret}]\n[{secret}]\n"):
        with pytest.raises(Unreadable) as caught:
            read(text)
        assert secret[:12] not in caught.value.message


def test_a_file_of_data_is_refused() -> None:
    with pytest.raises(Unreadable, match="too large"):
        read("# openrouter\n" * 500_000)


_VALUES = st.sampled_from(
    ['"x"', "'y # z'", "1", "[1, 'a']", '"""\nlong\n"""', "{ OTHER_KEY = 1 }", '"é\\n🙂"', "2020-01-01", '"${OPENROUTER_API_KEY}"']
)
_KEYS = st.sampled_from(["OPENROUTER_API_KEY", "B_KEY", '"C_KEY"', "low", "'x y'"])


@given(
    st.lists(st.tuples(_KEYS, _VALUES, st.sampled_from(["", "  # note"])), max_size=5, unique_by=lambda entry: entry[0]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["=", "\t=  "]),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_renaming_changes_one_key_and_no_other_byte(
    entries: list[tuple[str, str, str]], end: str, equals: str, final: bool
) -> None:
    lines = ["title = 'x'", "[env] # here", *(f"{key}{equals}{value}{comment}" for key, value, comment in entries), "[z]"]
    text = "\n".join(lines).replace("\n", end) + (end if final else "")
    after = renamed(read(text), text, {"OPENROUTER_API_KEY": "MG_KEY"})
    before = tomllib.loads(text)
    before["env"] = {("MG_KEY" if key == "OPENROUTER_API_KEY" else key): value for key, value in before["env"].items()}
    assert tomllib.loads(after) == before
    assert len(after) - len(text) == (len("MG_KEY") - len("OPENROUTER_API_KEY")) * sum(
        k == "OPENROUTER_API_KEY" for k, _, _ in entries
    )


@given(st.text(alphabet="ab=.[]{}\"'#, \n1\\-:é", max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_as_tomllib_does_or_refused(text: str) -> None:
    try:
        strict = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Unreadable):
            read(text)
        return
    assert loaded(read(text).body[0]) == strict


def test_dates_and_times_are_constants() -> None:
    data = loaded(read("a = 2020-01-01\nb = 10:00:00\nc = 2020-01-01T10:00:00\n").body[0])
    assert data == {"a": date(2020, 1, 1), "b": time(10), "c": datetime(2020, 1, 1, 10)}
