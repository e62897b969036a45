"""What JavaScript and TypeScript lower to: shapes, exact places, and what an error or an odd file may cost."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats import ecma, tree
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Attr,
    Call,
    Class,
    Compare,
    Const,
    Func,
    If,
    Import,
    Index,
    Item,
    Join,
    Module,
    Name,
    Node,
    Obj,
    Other,
    Param,
    Raise,
    RegionKind,
    Return,
    Seq,
    Str,
)
from migrator.model import Source, Span

Any = Node | Arg | Item | Param


def sketch(node: Any | None) -> object:
    """A node as nested tuples without places, short enough to write down in a test."""
    match node:
        case None:
            return None
        case Str(value=value):
            return value
        case Name(id=word):
            return Name, word
        case Const(text=text):
            return Const, text
        case Attr(base=base, name=name):
            return Attr, sketch(base), name
        case Index(base=base, key=key):
            return Index, sketch(base), sketch(key)
        case Call(func=func, args=args):
            return Call, sketch(func), *map(sketch, args)
        case Arg(value=value, star=star):
            return ("*", sketch(value)) if star else sketch(value)
        case Join(parts=parts):
            return Join, *map(sketch, parts)
        case Seq(items=parts):
            return Seq, *map(sketch, parts)
        case Obj(items=items):
            return Obj, *map(sketch, items)
        case Item(key=key, value=value, shorthand=shorthand):
            return ("short", sketch(value)) if shorthand else (sketch(key), sketch(value))
        case Alt(parts=parts, test=None):
            return Alt, *map(sketch, parts)
        case Alt(parts=parts, test=test):
            return Alt, sketch(test), "?", *map(sketch, parts)
        case Compare(op=op, parts=parts):
            return Compare, op, *map(sketch, parts)
        case Other(kind=kind, children=parts):
            return kind, *map(sketch, parts)
        case Assign(targets=targets, value=value, annotation=annotation):
            head = (Assign, sketch(targets[0]), sketch(value))
            return head if annotation is None else (*head, sketch(annotation))
        case Return(value=value):
            return Return, sketch(value)
        case Raise(value=value):
            return Raise, sketch(value)
        case If(test=test, body=body, orelse=orelse):
            return If, sketch(test), [sketch(part) for part in body], [sketch(part) for part in orelse]
        case Func(name=name, params=params, body=body):
            return Func, name, [sketch(param) for param in params], [sketch(part) for part in body]
        case Param(name=name, pattern=None):
            return name
        case Param(pattern=pattern):
            return sketch(pattern)
        case Class(name=name, kind=kind, body=body):
            return kind, name, *map(sketch, body)
        case Import(module=module, name=name, local=local):
            return Import, module, name, local
    raise AssertionError(node)


def read(text: str, dialect: str = "ts", offset: int = 0) -> Module:
    return ecma.lower_text("x", text, dialect=dialect, offset=offset)


def one(text: str, dialect: str = "ts") -> Node:
    (node,) = read(text, dialect).body
    return node


def walk(nodes: tuple[Any, ...]) -> Iterator[tuple[Any, Any | None]]:
    """Every part with what holds it."""
    stack: list[tuple[Any, Any | None]] = [(node, None) for node in nodes]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack += [(child, node) for child in tree.children(node)]


def strings(module: Module) -> list[str]:
    found = [node for node, _ in walk(module.body) if isinstance(node, Str)]
    return [node.value for node in sorted(found, key=lambda node: node.span)]


def check(text: str, module: Module, offset: int = 0) -> None:
    """The laws that hold for every file."""

    def cut(span: Span) -> str:
        assert offset <= span.start <= span.end <= offset + len(text)
        return text[span.start - offset : span.end - offset]

    for node, parent in walk(module.body):
        here = cut(node.span)
        # `switch` repeats its subject, which stands before the labels.
        if parent is not None and not isinstance(parent, Compare):
            assert parent.span.start <= node.span.start
            assert node.span.end <= parent.span.end
        match node:
            case Str(value=value, inner=inner, exact=exact):
                assert node.span.start <= inner.start <= inner.end <= node.span.end
                assert not exact or cut(inner) == value
            case Name(id=word):
                assert here == word
            case Const(text=source):
                assert here == source
            case Attr(name=name, name_span=place):
                assert cut(place) == name
            case Call(close=close):
                assert node.span.start < close <= node.span.end
                assert close == node.span.end or text[close - offset] == ")"
            case Import(module=word, module_span=place):
                assert cut(place) == word
    reached = offset
    for region in module.regions:
        assert reached <= region.span.start < region.span.end
        reached = region.span.end
        cut(region.span)


ENV = (Attr, (Name, "process"), "env")

EXPRESSIONS: list[tuple[str, object]] = [
    ("process.env.KEY", (Attr, ENV, "KEY")),
    ('process.env["KEY"]', (Index, ENV, "KEY")),
    ("process.env?.KEY!", (Attr, ENV, "KEY")),
    ("process?.env?.[name]", (Index, ENV, (Name, "name"))),
    ("import.meta.env.KEY", (Attr, (Attr, (Attr, (Name, "import"), "meta"), "env"), "KEY")),
    ('Deno.env.get("KEY")', (Call, (Attr, (Attr, (Name, "Deno"), "env"), "get"), "KEY")),
    ("`Bearer ${process.env.KEY}`", (Join, "Bearer ", (Attr, ENV, "KEY"))),
    ("`${a}/v1/${b}`", (Join, (Name, "a"), "/v1/", (Name, "b"))),
    ("`plain`", "plain"),
    ('"a" + b + `c`', (Join, "a", (Name, "b"), "c")),
    ('"a" + (b + c)', (Join, "a", (Join, (Name, "b"), (Name, "c")))),
    ('a ?? "x"', (Alt, (Name, "a"), "x")),
    ('a || b || "x"', (Alt, (Name, "a"), (Name, "b"), "x")),
    ('p ? a : "x"', (Alt, (Name, "p"), "?", (Name, "a"), "x")),
    ("a && b && c", ("and", (Name, "a"), (Name, "b"), (Name, "c"))),
    ("!a", ("not", (Name, "a"))),
    ('a === "x"', (Compare, "===", (Name, "a"), "x")),
    ('"x" in a', (Compare, "in", "x", (Name, "a"))),
    ("a instanceof B", (Compare, "instanceof", (Name, "a"), (Name, "B"))),
    ("a * b - c", ("binary", (Name, "a"), (Name, "b"), (Name, "c"))),
    ("typeof a", ("typeof", (Name, "a"))),
    ("-1", (Const, "-1")),
    ("a!", (Name, "a")),
    ('"a" as const', "a"),
    ("a satisfies B", (Name, "a")),
    ("<B>a", (Name, "a")),
    ("((a))", (Name, "a")),
    ("(a as B).c", (Attr, (Name, "a"), "c")),
    ("await a()", ("await", (Call, (Name, "a")))),
    ("new A(b)", (Call, (Name, "A"), (Name, "b"))),
    ("new A", (Call, (Name, "A"))),
    ("new a.B<C>({})", (Call, (Attr, (Name, "a"), "B"), (Obj,))),
    ("a?.b?.(...c)", (Call, (Attr, (Name, "a"), "b"), ("*", (Name, "c")))),
    ("tag`a${b}`", (Call, (Name, "tag"), (Join, "a", (Name, "b")))),
    ("/ab+c/v", (Const, "/ab+c/v")),
    ("[a, , ...b]", (Seq, (Name, "a"), ("spread", (Name, "b")))),
    ("a => b", (Func, "", ["a"], [(Return, (Name, "b"))])),
    ("async <T,>(x: T) => { f(x) }", (Func, "", ["x"], [(Call, (Name, "f"), (Name, "x"))])),
    ("({ a, b: c = 1 }) => a", (Func, "", [(Obj, ("short", (Name, "a")), ("b", (Alt, (Name, "c"), (Const, "1"))))], [(Return, (Name, "a"))])),
    ("function f(a = 1, ...b) { return }", (Func, "f", ["a", "b"], [(Return, None)])),
    ("class A extends B {}", ("class", "A")),
    ("{ a, 'b': 1, [c]: 2, ...d, 3: e }", (Obj, ("short", (Name, "a")), ("b", (Const, "1")), ((Name, "c"), (Const, "2")), (None, (Name, "d")), ("3", (Name, "e")))),
    ("{ a() { return 1 }, get b() { return 2 } }", (Obj, ("a", (Func, "a", [], [(Return, (Const, "1"))])), ("b", (Func, "b", [], [(Return, (Const, "2"))])))),
    ("(a, b)", ("sequence", (Name, "a"), (Name, "b"))),
    ("import('m')", (Call, (Name, "import"), "m")),
    ("undefined", (Const, "undefined")),
    ("this.#key", (Attr, (Name, "this"), "#key")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expression(text: str, expected: object) -> None:
    for before in ("const v = ", "/* é */ const v\r\n= ", '"😀"; const v = '):
        whole = before + text + ";\n"
        module = read(whole)
        declaration = module.body[-1]
        assert isinstance(declaration, Assign)
        assert declaration.value is not None
        assert sketch(declaration.value) == expected
        assert not module.errors
        check(whole, module)
        if not text.startswith(("(", "<B>")) and not text.endswith(("!", "const", "satisfies B")):
            assert whole[declaration.value.span.start : declaration.value.span.end] == text


IMPORTS: list[tuple[str, list[tuple[str | None, str]], bool, bool]] = [
    ('import A from "m"', [("default", "A")], False, False),
    ('import { a } from "m"', [("a", "a")], False, False),
    ('import A, { a as b } from "m"', [("default", "A"), ("a", "b")], False, False),
    ('import * as n from "m"', [(None, "n")], False, False),
    ('import "m"', [(None, "")], False, False),
    ('import type { A } from "m"', [("A", "A")], True, False),
    ('import { type A as B } from "m"', [("A", "B")], True, False),
    ('import a = require("m")', [(None, "a")], False, False),
    ('const a = require("m")', [(None, "a")], False, False),
    ('const a = require("m").default', [("default", "a")], False, False),
    ('const { a, b: c, ...d } = require("m")', [("a", "a"), ("b", "c"), (None, "d")], False, False),
    ('const { a = 1 } = require("m")', [("a", "a")], False, False),
    ('const a = await import("m")', [(None, "a")], False, False),
    ('const { default: A } = await import("m")', [("default", "A")], False, False),
    ('const A = (await import("m")).default', [("default", "A")], False, False),
    ('export { a, b as c } from "m"', [("a", "a"), ("b", "c")], False, True),
    ('export * from "m"', [("*", "*")], False, True),
    ('export * as n from "m"', [(None, "n")], False, True),
    ('export type { A } from "m"', [("A", "A")], True, True),
    ('export type * from "m"', [("*", "*")], True, True),
    ('import a from "m" with { type: "json" }', [("default", "a")], False, False),
    ('import a from "m" assert { type: "json" }', [("default", "a")], False, False),
]


@pytest.mark.parametrize(("text", "expected", "types", "again"), IMPORTS, ids=[row[0] for row in IMPORTS])
def test_import(text: str, expected: list[tuple[str | None, str]], types: bool, again: bool) -> None:
    module = read(text)
    assert not module.errors
    found = []
    for node in module.body:
        assert isinstance(node, Import)
        found.append((node.name, node.local))
        assert node.module == "m" == text[slice(*node.module_span)]
        assert (node.type_only, node.reexport) == (types, again)
        if node.name_span is not None:
            assert text[slice(*node.name_span)] == node.name
        if node.local_span is not None:
            assert text[slice(*node.local_span)] == node.local
    assert found == expected
    check(text, module)


def test_a_name_that_is_not_written_apart_has_no_place_of_its_own() -> None:
    node = one('import { A } from "m"')
    assert isinstance(node, Import)
    assert node.local_span is None
    assert node.name_span is not None
    node = one('import A from "m"')
    assert isinstance(node, Import)
    assert node.name_span is None
    assert node.local_span is not None


@pytest.mark.parametrize(
    "text", ['const a = require(name)', 'const a = import("m")', 'const { a: { b } } = require("m")', 'const a = load("m")']
)  # fmt: skip
def test_what_does_not_take_names_out_of_a_known_module_stays_an_assignment(text: str) -> None:
    assert isinstance(one(text), Assign)


STATEMENTS: list[tuple[str, object]] = [
    ("const { A } = process.env", (Assign, (Obj, ("short", (Name, "A"))), ENV)),
    ('const { A = "x" } = process.env', (Assign, (Obj, ("short", (Alt, (Name, "A"), "x"))), ENV)),
    ('const { A: b = "" } = process.env', (Assign, (Obj, ("A", (Alt, (Name, "b"), ""))), ENV)),
    ("const { A: { b }, ...c } = d", (Assign, (Obj, ("A", (Obj, ("short", (Name, "b")))), (None, (Name, "c"))), (Name, "d"))),
    ("const [a, b = 1, ...c] = d", (Assign, (Seq, (Name, "a"), (Alt, (Name, "b"), (Const, "1")), ("spread", (Name, "c"))), (Name, "d"))),
    ("({ a, b: c } = d)", (Assign, (Obj, ("short", (Name, "a")), ("b", (Name, "c"))), (Name, "d"))),
    ('process.env.A = "x"', (Assign, (Attr, ENV, "A"), "x")),
    ("let a: string", (Assign, (Name, "a"), None, ("type",))),
    ("using a = b()", (Assign, (Name, "a"), (Call, (Name, "b")))),
    ("await using a = b()", (Assign, (Name, "a"), (Call, (Name, "b")))),
    ("throw new Error(a)", (Raise, (Call, (Name, "Error"), (Name, "a")))),
    ("if (a) b(); else if (c) { d() } else e()", (If, (Name, "a"), [(Call, (Name, "b"))], [(If, (Name, "c"), [(Call, (Name, "d"))], [(Call, (Name, "e"))])])),
    ("for (const a of b) c(a)", ("for", (Assign, (Name, "a"), ("each", (Name, "b"))), (Call, (Name, "c"), (Name, "a")))),
    ("for (using a of b) c()", ("for", (Assign, (Name, "a"), ("each", (Name, "b"))), (Call, (Name, "c")))),
    ("while (a) { b }", ("while", (Name, "a"), (Name, "b"))),
    ("try { a } catch (e) { b } finally { c }", ("try", (Name, "a"), ("catch", (Assign, (Name, "e"), None), (Name, "b")), ("finally", (Name, "c")))),
    ("l: a()", ("labeled", (Call, (Name, "a")))),
    ("export default a", (Assign, (Name, "default"), (Name, "a"))),
    ("export default function f() {}", (Assign, (Name, "default"), (Func, "f", [], []))),
    ('export { a, b as c, d as "e f" }', ("export", (Obj, ("short", (Name, "a")), ("c", (Name, "b")), ("e f", (Name, "d"))))),
    ('type P = "a" | "b"', (Assign, (Name, "P"), None, ("type", "a", "b"))),
    ("type P = { a: string; 'b'?: 'c' }", ("interface", "P", (Assign, (Name, "a"), None, ("type",)), (Assign, (Name, "b"), None, ("type", "c")))),
    ("interface E extends F { readonly KEY?: string; m(): void }", ("interface", "E", (Assign, (Name, "KEY"), None, ("type",)), (Func, "m", [], []))),
    ("interface E { Bindings: { KEY: string } }", ("interface", "E", (Assign, (Name, "Bindings"), None, ("type", ("interface", "", (Assign, (Name, "KEY"), None, ("type",))))))),
    ("declare global { namespace NodeJS { interface ProcessEnv { KEY: string } } }", ("namespace", "global", ("namespace", "NodeJS", ("interface", "ProcessEnv", (Assign, (Name, "KEY"), None, ("type",)))))),
    ('declare module "m" { export const KEY: string }', ("namespace", "m", (Assign, (Name, "KEY"), None, ("type",)))),
    ('enum P { A = "a", B, "c-d" = 1 }', ("enum", "P", (Assign, (Name, "A"), "a"), (Assign, (Name, "B"), None), (Assign, (Name, "c-d"), (Const, "1")))),
    ("let a: OpenAI.Chat<B>", (Assign, (Name, "a"), None, ("type", (Attr, (Name, "OpenAI"), "Chat"), (Name, "B")))),
    ("let a: `x/${string}`", (Assign, (Name, "a"), None, ("type", (Join, "x/", ("type",))))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STATEMENTS, ids=[text for text, _ in STATEMENTS])
def test_statement(text: str, expected: object) -> None:
    whole = f"/* 😀 */\r\n{text}\r\n"
    module = read(whole)
    assert [sketch(node) for node in module.body] == [expected]
    assert not module.errors
    check(whole, module)


def test_exports_are_marked() -> None:
    module = read(
        "export const a = 1, b = 2; const c = 3; exports.d = 4; module.exports = {}; export type T = 'x'; export default 5"
    )
    assert [node.exported for node in module.body if isinstance(node, Assign)] == [True, True, False, True, True, True, True]


def test_a_declaration_alone_spans_its_statement_and_several_span_themselves() -> None:
    text = "const a = 1; let b = 2, c = 3;"
    assert [text[slice(*node.span)] for node in read(text).body] == ["const a = 1;", "b = 2", "c = 3"]


def test_a_declared_name_spans_the_declaration() -> None:
    text = "declare const A: string; declare const B: string, C: string; declare function f(): void;"
    assert [text[slice(*node.span)] for node in read(text).body] == [
        "declare const A: string;",
        "B: string",
        "C: string",
        "declare function f(): void;",
    ]


def test_augmented_assignment() -> None:
    node = one("a ??= b")
    assert isinstance(node, Assign)
    assert node.augmented


def test_class_members() -> None:
    text = textwrap.dedent(
        """\
        @Injectable({ scope: "x" })
        export class A<T> extends B<T> implements C {
          static readonly #key = process.env.KEY;
          @IsString() OPENROUTER_API_KEY!: string;
          "quoted" = 1;
          [computed] = 2;
          constructor(@Inject("TOKEN") private readonly config: ConfigService, public n = 1) { super(); }
          get z(): string { return this.#key; }
          @Post("/x") async m() {}
          static { init(); }
        }
        """
    )
    module = read(text)
    (found,) = module.body
    assert isinstance(found, Class)
    assert [sketch(node) for node in found.decorators] == [(Call, (Name, "Injectable"), (Obj, ("scope", "x")))]
    assert sketch(found.bases[0]) == (Name, "B")
    constructor = next(node for node in found.body if isinstance(node, Func) and node.name == "constructor")
    assert [(param.name, sketch(param.annotation), sketch(param.default)) for param in constructor.params] == [
        ("config", ("type", (Name, "ConfigService")), None),
        ("n", None, (Const, "1")),
    ]
    assert [sketch(node) for node in constructor.decorators] == [(Call, (Name, "Inject"), "TOKEN")]
    method = next(node for node in found.body if isinstance(node, Func) and node.name == "m")
    assert text[slice(*method.span)] == '@Post("/x") async m() {}'
    assert [sketch(node) for node in method.decorators] == [(Call, (Name, "Post"), "/x")]
    assert [sketch(node) for node in found.body if not isinstance(node, Func)] == [
        (Assign, (Name, "#key"), (Attr, ENV, "KEY")),
        ("decorator", (Call, (Name, "IsString"))),
        (Assign, (Name, "OPENROUTER_API_KEY"), None, ("type",)),
        (Assign, (Name, "quoted"), (Const, "1")),
        (Assign, ("computed", (Name, "computed")), (Const, "2")),
        ("static", (Call, (Name, "init"))),
    ]
    check(text, module)


@pytest.mark.parametrize("dialect", ["js", "ts"])
def test_class_fields_in_both_grammars(dialect: str) -> None:
    (found,) = read("class A { x = 'a'; static #y; @d m() {} static {} }", dialect).body
    assert sketch(found) == (
        "class",
        "A",
        (Assign, (Name, "x"), "a"),
        (Assign, (Name, "#y"), None),
        (Func, "m", [], []),
        ("static",),
    )


def test_switch_is_a_chain_of_comparisons() -> None:
    text = 'switch (p) { case "a": case "b": f(); break; case "c": g(); default: h() }'
    module = read(text)
    same = (Compare, "==", (Name, "p"))
    assert [sketch(node) for node in module.body] == [
        (If, (Alt, (*same, "a"), (*same, "b")), [(Call, (Name, "f")), ("break",)],
         [(If, (*same, "c"), [(Call, (Name, "g"))], [(Call, (Name, "h"))])])
    ]  # fmt: skip
    check(text, module)
    early = "switch (p) { default: h(); case 'c': g() }"
    module = read(early)
    assert [sketch(node) for node in module.body] == [(If, (*same, "c"), [(Call, (Name, "g"))], [(Call, (Name, "h"))])]
    check(early, module)


def test_types_without_a_slot_follow_their_statement() -> None:
    text = 'const app = new Hono<{ Bindings: { KEY: string } }>();\nconst [p] = useState<"a" | "b">("a");\nf<T>(x);\n'
    module = read(text)
    assert [sketch(node) for node in module.body if isinstance(node, Other)] == [
        ("type", ("interface", "", (Assign, (Name, "Bindings"), None,
                                    ("type", ("interface", "", (Assign, (Name, "KEY"), None, ("type",))))))),
        ("type", "a", "b"),
    ]  # fmt: skip
    assert isinstance(module.body[1], Other)
    check(text, module)


JSX = """\
const a = <Foo.Bar className="x" on={() => go("/y")} {...p} b>
  Ask OpenRouter's Q&amp;A &amp; more
  {cond && <img src="https://h/p?a=1" alt="R&amp;D" />} {/* note */}
</Foo.Bar>;
"""


@pytest.mark.parametrize("dialect", ["tsx", "js"])
def test_jsx(dialect: str) -> None:
    module = read(JSX, dialect)
    (found,) = module.body
    assert isinstance(found, Assign)
    assert sketch(found.value) == (
        "jsx",
        (Attr, (Name, "Foo"), "Bar"),
        ("jsx-attribute", "className", "x"),
        ("jsx-attribute", "on", (Func, "", [], [(Return, (Call, (Name, "go"), "/y"))])),
        ("spread", (Name, "p")),
        ("jsx-attribute", "b"),
        ("and", (Name, "cond"), ("jsx", "img", ("jsx-attribute", "src", "https://h/p?a=1"), ("jsx-attribute", "alt", "R&D"))),
    )
    assert not module.errors
    texts = [(region.kind, JSX[slice(*region.span)].strip()) for region in module.regions]
    assert (RegionKind.MARKUP, "Ask OpenRouter's Q&amp;A &amp; more") in texts
    assert (RegionKind.COMMENT, "/* note */") in texts
    check(JSX, module)


@pytest.mark.parametrize("dialect", ["tsx", "js"])
def test_a_bare_ampersand_in_jsx_costs_nothing(dialect: str) -> None:
    text = 'const x = <a href="https://x/?a=1&b=2">R&D\'s Q&A & <b>"more"</b> {y} &</a>;\nconst z = a & b;\n'
    module = read(text, dialect)
    assert not module.errors
    assert [node.value for node, _ in walk(module.body) if isinstance(node, Str)].count("https://x/?a=1&b=2") == 1
    assert sketch(module.body[1]) == (Assign, (Name, "z"), ("binary", (Name, "a"), (Name, "b")))
    check(text, module)


def test_generic_arrow_in_tsx_is_not_an_element() -> None:
    module = read("const f = <T,>(x: T) => <p>{x}</p>;", "tsx")
    assert not module.errors
    assert sketch(module.body[0]) == (
        Assign, (Name, "f"), (Func, "", ["x"], [(Return, ("jsx", "p", (Name, "x")))]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ('"a"', "a"),
        ("''", ""),
        (r'"a\n\t\"b\""', 'a\n\t"b"'),
        (r"'\x41\u0042\u{43}\0'", "ABC\0"),
        (r'"\ud83d\ude00"', "😀"),
        ('"a\\\r\nb"', "ab"),
        (r'"\/"', "/"),
        ("`a\r\nb`", "a\nb"),
        (r"`\``", "`"),
        ('"😀 é"', "😀 é"),
    ],
)
def test_string_value(raw: str, value: str) -> None:
    text = f"x = {raw}"
    module = read(text)
    node = module.body[0]
    assert isinstance(node, Assign)
    assert isinstance(node.value, Str)
    assert node.value.value == value
    assert node.value.exact == (raw[1:-1] == value)
    assert text[slice(*node.value.span)] == raw
    assert text[slice(*node.value.inner)] == raw[1:-1]


def test_spans_count_code_points_from_the_start_of_the_file() -> None:
    text = 'const a = "😀é\U0001f9ff", b = "z";'
    module = read(text, offset=1000)
    check(text, module, 1000)
    second = module.body[1]
    assert isinstance(second, Assign)
    assert isinstance(second.value, Str)
    assert second.value.span == (1000 + text.index('"z"'), 1000 + text.index('"z"') + 3)


def test_bytes_that_were_no_text_are_one_character_each() -> None:
    text = 'const a = "\udcff\udc80"; const b = "z";'
    module = read(text)
    check(text, module)
    assert strings(module) == ["\udcff\udc80", "z"]


def test_regions_are_comments_strings_and_types() -> None:
    text = "#!/usr/bin/env node\nconst a: /* c */ X = `b${'c'}`; // d\ninterface E { /* e */ k: string }\n"
    module = read(text)
    assert [(region.kind, text[slice(*region.span)]) for region in module.regions] == [
        (RegionKind.COMMENT, "#!/usr/bin/env node"),
        (RegionKind.TYPE, ": "),
        (RegionKind.COMMENT, "/* c */"),
        (RegionKind.TYPE, " X"),
        (RegionKind.STRING, "`b${'c'}`"),
        (RegionKind.COMMENT, "// d"),
        (RegionKind.TYPE, "interface E { "),
        (RegionKind.COMMENT, "/* e */"),
        (RegionKind.TYPE, " k: string }"),
    ]
    assert not module.errors


@pytest.mark.parametrize("dialect", ["js", "ts", "tsx"])
def test_a_syntax_error_costs_only_what_it_touches(dialect: str) -> None:
    text = 'import A from "a";\nconst b = new A({ c: "d" });\nconst = ;\nfunction g() { return process.env.KEY }\nexport { g };\n'
    module = read(text, dialect)
    assert [line for line, _ in module.errors] == [3]
    found = [sketch(node) for node in module.body]
    assert found[0] == (Import, "a", "default", "A")
    assert found[1] == (Assign, (Name, "b"), (Call, (Name, "A"), (Obj, ("c", "d"))))
    assert (Func, "g", [], [(Return, (Attr, ENV, "KEY"))]) in found
    assert found[-1] == ("export", (Obj, ("short", (Name, "g"))))
    check(text, module)


def test_top_level_await_and_carriage_returns() -> None:
    text = 'const r = await fetch("u");\r\nawait r.json();\r\n'
    module = read(text)
    assert sketch(module.body[0]) == (Assign, (Name, "r"), ("await", (Call, (Name, "fetch"), "u")))
    assert not module.errors
    check(text, module)


@pytest.mark.parametrize(
    "text",
    [
        "class A { accessor x = 1; static accessor y = 2 }",
        "type A<in out T, out U> = T; const f = <const T,>(x: T) => x;",
        'import defer * as x from "y";',
        "const t = String.raw`C:\\user`;",
        "for await (using x of y) {}",
        "abstract class A { abstract get x(): string; declare y: string; override m() {} }",
        "function f(x: unknown): asserts x is string {}",
        "let x = y satisfies Z as W;",
    ],
)
def test_new_syntax_is_no_error(text: str) -> None:
    module = read(text)
    assert not module.errors
    check(text, module)


def test_flow_in_a_javascript_file() -> None:
    module = ecma.lower(
        Source(path="a/b.js", text="// @flow\nconst f = (a: string): number => 1;\n", encoding="utf-8", bom=False, digest="")
    )
    assert not module.errors
    assert module.path == "a/b.js"
    assert module.language == "ecma"


@pytest.mark.parametrize("ending", [*ecma.DIALECTS])
def test_every_ending_is_read(ending: str) -> None:
    module = ecma.lower(Source(path=f"a{ending}", text="export const a = <any>b;", encoding="utf-8", bom=False, digest=""))
    assert module.body
    assert bool(module.errors) == (ending not in (".ts", ".mts", ".cts"))


def test_the_type_grammar_reads_old_casts_and_the_other_reads_elements() -> None:
    assert not read("x = <A>b;", "ts").errors
    assert not read("x = <a>b</a>;", "tsx").errors


DEEP = {
    "sum": "x = " + " + ".join(['"a"'] * 2000),
    "chain": 'f("u")' + ".then((r) => r.json('s'))" * 2000,
    "nested calls": "f(" * 2000 + '"u"' + ")" * 2000,
    "arrays": "[" * 2000 + '"u"' + "]" * 2000,
    "objects": "x = " + "{a:" * 2000 + '"u"' + "}" * 2000,
    "branches": 'if (a === "k") b(); else ' * 2000 + "c()",
    "switch": "switch (x) {" + "".join(f'case "{number}": f(); break;' for number in range(2000)) + "}",
    "ternaries": "x = " + 'a ? "b" : ' * 2000 + "c",
    "functions": "function f() {" * 2000 + "}" * 2000,
    "types": "type X = " + "{a:" * 2000 + '"s"' + "}" * 2000,
    "elements": "x = " + "<a>" * 2000 + "</a>" * 2000,
    "open": "{[(" * 2000,
    "quotes": "'" * 5001,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("dialect", ["tsx", "js"])
def test_depth_is_bounded(text: str, dialect: str) -> None:
    module = read(text, dialect)
    check(text, module)
    depth: dict[int, int] = {}
    stack: list[tuple[Any, int]] = [(node, 1) for node in module.body]
    while stack:
        node, level = stack.pop()
        depth[id(node)] = level
        stack += [(child, level + 1) for child in tree.children(node)]
    assert max(depth.values(), default=0) <= 320


def test_long_runs_lose_nothing() -> None:
    assert strings(read(DEEP["sum"])) == ["a"] * 2000
    assert strings(read(DEEP["chain"])).count("s") == 2000
    assert "u" in strings(read(DEEP["chain"]))
    assert strings(read(DEEP["branches"])) == ["k"] * 2000
    assert set(strings(read(DEEP["switch"]))) == {str(number) for number in range(2000)}
    for name in ("sum", "chain", "branches", "switch"):
        assert not read(DEEP[name]).errors


def test_what_is_nested_too_deeply_keeps_its_strings_and_is_listed() -> None:
    module = read("\n" + DEEP["arrays"])
    assert strings(module) == ["u"]
    assert [line for line, _ in module.errors] == [2]


def test_a_caller_deep_in_the_stack_is_served_too() -> None:
    def sink(levels: int) -> Module:
        return sink(levels - 1) if levels else read(DEEP["objects"])

    assert strings(sink(600))[-1] == "u"


# --- laws over generated programs

WORDS = st.sampled_from(["a", "b", "env", "$x", "_y", "é", "client"])
TEXTS = st.text(st.sampled_from("ab/:é😀 -.{}<>&#*'\\\n"), max_size=8)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def template(parts: list[str]) -> str:
    return "`" + "".join(parts) + "`"


LEAVES = st.one_of(
    WORDS,
    TEXTS.map(quoted),
    TEXTS.map(lambda text: template([text.replace("\\", "\\\\").replace("{", "")])),
    st.sampled_from(["1", "null", "process.env.KEY", "import.meta.env.KEY", "/[a-z]/g", "this.#k"]),
)


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "||", "&&", "===", "in", "-", "&"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
        st.tuples(WORDS, several).map(lambda p: f"{p[0]}.m({', '.join(p[1])})"),
        st.tuples(WORDS, several).map(lambda p: f"new {p[0]}({', '.join(p[1])} /* é */)"),
        several.map(lambda parts: "[" + ", ".join(parts) + "]"),
        several.map(lambda parts: "({ " + ", ".join(f"k{n}: {part}" for n, part in enumerate(parts)) + ", ...a })"),
        several.map(lambda parts: template(["é" + "${" + part + "}" for part in parts])),
        inner.map(lambda part: f"(({{ a, b: c = {part} }}, ...d) => {part})"),
        inner.map(lambda part: f"({part} as X<'y'>)!"),
        inner.map(lambda part: f"(async () => {{ if ({part}) return await {part}; // é\r\n else throw {part} }})"),
        inner.map(lambda part: f"(class {{ #k = {part}; @d m(x: {{ y: 'z' }} = {part}) {{}} }})"),
    )


EXPRESSION = st.recursive(LEAVES, grow, max_leaves=8)


@given(st.lists(EXPRESSION, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", ";\n"]))
@settings(max_examples=100, deadline=None)
def test_places_are_exact_in_any_program(parts: list[str], end: str) -> None:
    text = "".join(f"const v{number} = {part}{end}" for number, part in enumerate(parts))
    module = read(text)
    assert len([node for node in module.body if isinstance(node, Assign)]) == len(parts)
    check(text, module)


@given(st.text(st.sampled_from("ab \n\r\"'`${}()[]<>/*\\=.,:;&|é😀\0"), max_size=60), st.sampled_from(["js", "ts", "tsx"]))
@settings(max_examples=100, deadline=None)
def test_no_text_is_too_odd(text: str, dialect: str) -> None:
    module = read(text, dialect, 7)
    check(text, module, 7)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_string_means_what_it_says(text: str) -> None:
    node = one("x = " + quoted(text))
    assert isinstance(node, Assign)
    assert isinstance(node.value, Str)
    assert node.value.value == text
