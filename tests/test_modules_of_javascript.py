"""Where an import of JavaScript leads, what a module offers, and what a name in an environment schema means."""

from __future__ import annotations

import pytest

from migrator.formats import lower
from migrator.formats.tree import Attr, Call, Name, Str
from migrator.resolve.definitions import qualified
from migrator.resolve.env_schemas import Meaning, use_meaning
from migrator.resolve.exports import exported
from migrator.resolve.modules import local_module
from migrator.resolve.origins import From, binding_origins, origins
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import package, returns
from migrator.text.source import decode


def tree(texts: dict[str, str]) -> Repository:
    files = {}
    for path, text in texts.items():
        source = decode(path, text.encode())
        files[path] = ParsedFile(source, lower(source))
    return Repository(files=files, paths=frozenset(files))


@pytest.mark.parametrize(
    ("files", "importer", "module", "found"),
    [
        ({"src/a.ts": "", "src/b.ts": ""}, "src/a.ts", "./b", "src/b.ts"),
        ({"src/a.ts": "", "src/b.ts": ""}, "src/a.ts", "./b.js", "src/b.ts"),
        ({"src/a.ts": "", "src/b/index.tsx": ""}, "src/a.ts", "./b", "src/b/index.tsx"),
        ({"src/a.ts": "", "index.ts": ""}, "src/a.ts", "..", "index.ts"),
        ({"src/a.ts": "", "src/b.d.ts": ""}, "src/a.ts", "./b.d.ts", None),
        ({"a.ts": "", "b.ts": ""}, "a.ts", "../b", None),
        ({"a.ts": "", "openai.ts": ""}, "a.ts", "openai", None),
        ({"a.ts": "", "openai.ts": "", "tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}'}, "a.ts", "openai", "openai.ts"),
        (
            {
                "a/b/c.ts": "",
                "a/x/y.ts": "",
                "a/tsconfig.json": '{"compilerOptions": {"paths": {"~x/*": ["./x/*"], "*": ["./nothing/*"]}}}',
            },
            "a/b/c.ts",
            "~x/y",
            "a/x/y.ts",
        ),
        ({"a.js": "", "lib/b.js": "", "package.json": '{"imports": {"#b": {"node": "./lib/b.js"}}}'}, "a.js", "#b", "lib/b.js"),
        (
            {"package.json": "{}", "a/package.json": '{"name": "@x/a"}', "a/src/index.ts": "", "b.ts": ""},
            "b.ts",
            "@x/a",
            "a/src/index.ts",
        ),
        (
            {
                "package.json": "{}",
                "a/package.json": '{"name": "a", "exports": {"./env": "./dist/env.js"}}',
                "a/src/env.ts": "",
                "b.ts": "",
            },
            "b.ts",
            "a/env",
            "a/src/env.ts",
        ),
        ({"a.ts": "", "node.ts": ""}, "a.ts", "node:fs", None),
    ],
)
def test_imports_lead_to_files(files: dict[str, str], importer: str, module: str, found: str | None) -> None:
    assert local_module(tree(files), importer, module) == found


def test_configurations_that_extend_each_other_end() -> None:
    files = {"a.ts": "", "tsconfig.json": '{"extends": "./other.json"}', "other.json": '{"extends": "./tsconfig.json"}'}
    assert local_module(tree(files), "a.ts", "@nowhere/else") is None


@pytest.mark.parametrize(
    "text",
    [
        "export const X = 'here';",
        "const x = 'here'; export { x as X };",
        "module.exports = { X: 'here' };",
        "exports.X = 'here';",
        "export * from './far';",
        "export { Y as X } from './far';",
    ],
)
def test_what_a_module_offers(text: str) -> None:
    far = "export const X = 'here'; export const Y = 'here';"
    made = tree({"a.js": text, "far.js": far})
    values = [origin for binding in exported(made, "a.js", "X") for origin in binding_origins(made, binding, "X")]
    assert [origin.node.value for origin in values if isinstance(origin.node, Str)] == ["here"]


def test_modules_that_hand_each_other_on_end() -> None:
    made = tree({"a.js": "export * from './b';", "b.js": "export * from './a';"})
    assert exported(made, "a.js", "X") == []


def test_a_name_is_followed_to_the_package_that_made_it() -> None:
    made = tree(
        {
            "a.ts": "import { createOpenAI as make } from '@ai-sdk/openai'; export const p = make({});",
            "b.ts": "import { p } from './a'; export const model = p('x/y');",
        }
    )
    call = made.files["b.ts"].scopes.root.names["model"][0].value
    assert isinstance(call, Call)
    assert qualified(made, call.func, made.files["b.ts"].scopes.root) == "@ai-sdk/openai.createOpenAI()"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("npm:openai@6.49.0", "openai"),
        ("jsr:@openai/openai@1", "@openai/openai"),
        ("https://esm.sh/openai@4.20.1", "openai"),
        ("https://deno.land/x/openai@v4.20.1/mod.ts", "openai"),
        ("npm:@langchain/openai@1/chat", "@langchain/openai/chat"),
        ("node:https", "node:https"),
        ("./openai", "./openai"),
    ],
)
def test_a_package_is_named_apart_from_where_it_comes_from(module: str, name: str) -> None:
    assert package(module) == name


@pytest.mark.parametrize(
    ("made", "meaning"),
    [
        ("z.object({ A_KEY: z.string() }).parse(process.env)", Meaning.VARIABLE),
        ("z.object({ A_KEY: z.string() }).strict().parse({ A_KEY: process.env.OTHER })", Meaning.OWN),
        ("z.object({ A_KEY: z.string() }).parse({ ...process.env })", Meaning.VARIABLE),
        ("z.object({ A_KEY: z.string() }).parse(somewhere())", None),
        ("z.object({ B_KEY: z.string() }).parse(process.env)", None),
        ("createEnv({ server: { A_KEY: z.string() }, runtimeEnv: process.env })", Meaning.VARIABLE),
        ("createEnv({ server: { A_KEY: z.string() }, runtimeEnv: { A_KEY: process.env.A_KEY } })", Meaning.OWN),
        ("createEnv({ server: { A_KEY: z.string() }, runtimeEnvStrict: { A_KEY: process.env.A_KEY } })", Meaning.OWN),
        ("createEnv({ client: { A_KEY: z.string() }, experimental__runtimeEnv: { A_KEY: process.env.A_KEY } })", Meaning.OWN),
        ("createEnv({ server: { A_KEY: z.string() }, experimental__runtimeEnv: process.env })", Meaning.VARIABLE),
        ("cleanEnv(process.env, { A_KEY: str() })", Meaning.VARIABLE),
        ("cleanEnv({ A_KEY: process.env.A_KEY }, { A_KEY: str() })", Meaning.OWN),
        ("process.env", Meaning.VARIABLE),
        ("{ A_KEY: process.env.A_KEY }", Meaning.OWN),
        ("somewhere()", None),
    ],
)
def test_whose_name_a_key_is(made: str, meaning: Meaning | None) -> None:
    files = tree(
        {"env.ts": f"export const env = {made};", "use.ts": "import { env } from './env';\nexport const key = () => env.A_KEY;"}
    )
    scope = files.files["use.ts"].scopes.root
    func = scope.names["key"][0].value
    read = returns(func)[0]  # type: ignore[arg-type]
    assert isinstance(read, Attr)
    assert use_meaning(files, read.base, scope, "A_KEY") is meaning


def test_a_checked_key_is_followed_to_the_variable_behind_it() -> None:
    files = tree(
        {
            "env.ts": "export const env = createEnv({ server: { A_KEY: z.string() }, runtimeEnv: { A_KEY: process.env.OTHER_KEY } });",
            "use.ts": "import { env } from './env';\nexport const key = env.A_KEY;",
        }
    )
    scope = files.files["use.ts"].scopes.root
    read = origins(files, Name(span=scope.names["key"][0].value.span, id="key"), scope)  # type: ignore[union-attr]
    assert [(origin.kind, origin.name) for origin in read] == [(From.ENV, "OTHER_KEY")]
