"""Python to the tree: shapes, exact places, regions, and what must not bring it down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats import python
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
    Unreadable,
    children,
)
from migrator.model import Source, Span

Part = Node | Arg | Item | Param


def lower(text: str) -> Module:
    return python.lower_text("a.py", text)


def only(text: str) -> Node:
    body = lower(text).body
    assert len(body) == 1, body
    return body[0]


def value(text: str) -> Node:
    """The lowered right side of an assignment of `text`."""
    node = only(f"v = {text}\n")
    assert isinstance(node, Assign)
    assert node.value is not None
    return node.value


def walk(nodes: tuple[Part, ...]) -> Iterator[Part]:
    for node in nodes:
        yield node
        yield from walk(children(node))


def cut(text: str, span: Span | None) -> str:
    assert span is not None
    return text[span.start : span.end]


def shape(node: Part | None) -> object:
    """A node without its places."""
    match node:
        case None:
            return None
        case Str(value=text):
            return text
        case Name(id=name):
            return f"`{name}`"
        case Const(text=text):
            return f"#{text}"
        case Attr(base=base, name=name):
            return ("attr", shape(base), name)
        case Index(base=base, key=key):
            return ("index", shape(base), shape(key))
        case Arg(value=inside, name=keyword, star=star):
            return shape(inside) if not (keyword or star) else (("*" if star else keyword), shape(inside))
        case Call(func=func, args=args):
            return ("call", shape(func), *map(shape, args))
        case Item(key=key, value=inside):
            return (shape(key), shape(inside))
        case Other(kind=kind, children=parts):
            return (kind, *map(shape, parts))
        case Compare(op=op, parts=parts):
            return (op, *map(shape, parts))
        case Alt(parts=parts, test=test):
            return ("alt", *map(shape, parts)) if test is None else ("alt", *map(shape, parts), ("if", shape(test)))
        case Assign(targets=targets, value=inside, annotation=annotation):
            return ("=", *map(shape, targets), shape(inside), *([] if annotation is None else [("type", shape(annotation))]))
        case If(test=test, body=body, orelse=orelse):
            return ("if", shape(test), [shape(n) for n in body], [shape(n) for n in orelse])
        case Func(name=name, params=params, body=body, decorators=decorators):
            return ("def", name, [shape(p) for p in params], [shape(n) for n in body], [shape(n) for n in decorators])
        case Class(name=name, bases=bases, body=body, decorators=decorators):
            return ("class", name, [shape(p) for p in bases], [shape(n) for n in body], [shape(n) for n in decorators])
        case Param(name=name, default=default, annotation=annotation):
            return (name, shape(default), shape(annotation))
        case Import(module=module, name=name, local=local):
            return ("import", module, name, local)
        case Return() | Raise() | Join() | Obj() | Seq():
            return (type(node).__name__.lower(), *map(shape, children(node)))
        case _:
            return type(node).__name__


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x", "`x`"),
        ("None", "#None"),
        ("True", "#True"),
        ("...", "#..."),
        ("1.5", "#1.5"),
        ("-1", "#-1"),
        ("-x", ("-", "`x`")),
        ("a.b.c", ("attr", ("attr", "`a`", "b"), "c")),
        ("a['k']", ("index", "`a`", "k")),
        ("a[1:n]", ("index", "`a`", ("slice", "#1", "`n`"))),
        ("a[:]", ("index", "`a`", ("slice",))),
        ("a[b, 'c']", ("index", "`a`", ("seq", "`b`", "c"))),
        ("f(1, k=2, *a, **b)", ("call", "`f`", "#1", ("k", "#2"), ("*", "`a`"), ("*", "`b`"))),
        ("urljoin('a', b)", ("call", "`urljoin`", "a", "`b`")),
        ("'a' 'b' f'{c}'", ("join", "a", "b", ("join", "`c`"))),
        ("'a' + b + 'c'", ("join", "a", "`b`", "c")),
        ("a + b + 'c'", ("join", "`a`", "`b`", "c")),
        ("a + b", ("+", "`a`", "`b`")),
        ("(x or 'a') + b", ("join", ("alt", "`x`", "a"), "`b`")),
        ("f'{a}/v1{{x}}{b!r:>{w}}{c!s}'", ("join", "`a`", "/v1{x}", ("format", "`b`", "`w`"), "`c`")),
        ("f'plain'", "plain"),
        ("f''", ""),
        ("f'{a=}'", ("join", ("format", "`a`"))),
        ("'{}/{}'.format(a, b)", ("join", "`a`", "/", "`b`")),
        ("'{1}-{0}'.format(a, b)", ("join", "`b`", "-", "`a`")),
        ("'{x}{{}}'.format(x=a)", ("join", "`a`", "{", "}")),
        ("'{x.y}/{:>3}'.format(b, x=a)", ("join", ("format", "`a`"), "/", ("format", "`b`"))),
        ("'{}'.format(*a)", ("join", "{}", "`a`")),
        ("'{}'.format(a, b)", ("join", "`a`", "`b`")),
        ("'a{}' '{}b'.format(x, y)", ("join", "a", "`x`", "`y`", "b")),
        ("s.format(x)", ("call", ("attr", "`s`", "format"), "`x`")),
        ("'%s/%d%%' % (a, b)", ("join", "`a`", "/", "`b`", "%")),
        ("'%s/v1' % a", ("join", "`a`", "/v1")),
        ("'%(h)s/v1' % {'h': a, 'z': b}", ("join", "`a`", "/v1", "`b`")),
        ("'%*d' % (a, b)", ("join", "%*d", "`a`", "`b`")),
        ("a % b", ("%", "`a`", "`b`")),
        ("a or b or c", ("alt", "`a`", "`b`", "`c`")),
        ("a and b or c", ("alt", ("and", "`a`", "`b`"), "`c`")),
        ("not a", ("not", "`a`")),
        ("a if c else b", ("alt", "`a`", "`b`", ("if", "`c`"))),
        ("a == 'x'", ("==", "`a`", "x")),
        ("'x' in a", ("in", "x", "`a`")),
        ("a not in b", ("not in", "`a`", "`b`")),
        ("a is not None", ("is not", "`a`", "#None")),
        ("1 < a <= 2", ("< <=", "#1", "`a`", "#2")),
        ("{'a': 1, **b}", ("obj", ("a", "#1"), (None, "`b`"))),
        ("[1, *a]", ("seq", "#1", ("star", "`a`"))),
        ("{1, 2}", ("seq", "#1", "#2")),
        ("(1, 2)", ("seq", "#1", "#2")),
        ("1, 2", ("seq", "#1", "#2")),
        ("()", ("seq",)),
        ("lambda a, *b, k=1: a", ("def", "", [("a", None, None), ("*b", None, None), ("k", "#1", None)], [("return", "`a`")], [])),
        ("[a for b in c if d]", ("comprehension", "`a`", ("=", "`b`", "`c`"), "`d`")),
        (
            "{a: b for a, b in c for d in e}",
            ("comprehension", "`a`", "`b`", ("=", ("seq", "`a`", "`b`"), "`c`"), ("=", "`d`", "`e`")),
        ),
        ("(y := 'a')", ("=", "`y`", "a")),
        ("await f()", ("await", ("call", "`f`"))),
        ("yield a", ("return", "`a`")),
        ("yield from a", ("return", ("yield from", "`a`"))),
        ("f'{d[\"k\"]}'", ("join", ("index", "`d`", "k"))),
        ('f"{d["k"]}{f"{x}"}"', ("join", ("index", "`d`", "k"), ("join", "`x`"))),  # PEP 701
    ],
)
def test_expressions(code: str, expected: object) -> None:
    assert shape(value(code)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = b = 1", [("=", "`a`", "`b`", "#1")]),
        ("a, b = c", [("=", ("seq", "`a`", "`b`"), "`c`")]),
        ("a: str = 'x'", [("=", "`a`", "x", ("type", "`str`"))]),
        ("a: str", [("=", "`a`", None, ("type", "`str`"))]),
        ("a += 'x'", [("=", "`a`", "x")]),
        ("a; b", ["`a`", "`b`"]),
        ("del a, b[0]", [("del", "`a`", ("index", "`b`", "#0"))]),
        ("assert a, 'm'", [("assert", "`a`", "m")]),
        ("raise E('m') from None", [("raise", ("call", "`E`", "m"))]),
        ("raise", [("raise",)]),
        ("if a: b\nelif c: d\nelse: e", [("if", "`a`", ["`b`"], [("if", "`c`", ["`d`"], ["`e`"])])]),
        ("for a in b: c\nelse: d", [("for", ("=", "`a`", "`b`"), "`c`", "`d`")]),
        ("while a: b", [("while", "`a`", "`b`")]),
        ("with a as b, c: d", [("with", ("=", "`b`", "`a`"), "`c`", "`d`")]),
        ("with (a as b, c as d): e", [("with", ("=", "`b`", "`a`"), ("=", "`d`", "`c`"), "`e`")]),
        (
            "try: a\nexcept E as x: b\nexcept: c\nelse: d\nfinally: e",
            [("try", "`a`", ("except", ("=", "`x`", "`E`"), "`b`"), ("except", "`c`"), "`d`", ("finally", "`e`"))],
        ),
        ("try: a\nexcept* E: b", [("try", "`a`", ("except", "`E`", "`b`"))]),
        ("global a, b", [("global", "`a`", "`b`")]),
        ("import a.b as c, d.e", [("import", "a.b", None, "c"), ("import", "d.e", None, "d")]),
        ("from ..a import b as c, d", [("import", "..a", "b", "c"), ("import", "..a", "d", "d")]),
        ("from . import x", [("import", ".", "x", "x")]),
        ("from a import *", [("import", "a", "*", "*")]),
        ("def f(a, /, b: int = 1, *c, d, **e) -> 'R': return a", [
            ("def", "f", [("a", None, None), ("b", "#1", "`int`"), ("*c", None, None), ("d", None, None), ("**e", None, None)],
             [("type", "R"), ("return", "`a`")], []),
        ]),
        ("@d('x')\n@e\nasync def f(): pass", [("def", "f", [], [("pass",)], [("call", "`d`", "x"), "`e`"])]),
        ("class A(B, metaclass=M):\n  x: str = 'u'\n  def m(self): ...", [
            ("class", "A", ["`B`", ("metaclass", "`M`")],
             [("=", "`x`", "u", ("type", "`str`")), ("def", "m", [("self", None, None)], ["#..."], [])], []),
        ]),
        ("def f[T: (int, str) = int](x: T): pass", [
            ("def", "f", [("x", None, "`T`")], [("type", ("seq", "`int`", "`str`")), ("type", "`int`"), ("pass",)], []),
        ]),
        ("class A[T]: pass", [("class", "A", [], [("pass",)], [])]),
        ("type X[T] = list[T]", [("=", "`X`", ("index", "`list`", "`T`"))]),
        (
            "match p:\n  case 'a' | 'b': x\n  case {'k': 'v', **r} if g: y\n  case _: z",
            [("if", ("==", "`p`", ("alt", "a", "b")), ["`x`"], [
                ("if", ("and", ("==", "`p`", ("obj", ("k", "v"), (None, ("=", "`r`", None)))), "`g`"), ["`y`"], [
                    ("if", ("==", "`p`", "#_"), ["`z`"], []),
                ]),
            ])],
        ),
        (
            "match p:\n  case C('a', k=b): x\n  case [None, *r] as s: y",
            [("if", ("==", "`p`", ("pattern", "`C`", "a", ("=", "`b`", None))), ["`x`"], [
                ("if", ("==", "`p`", ("=", "`s`", ("seq", "#None", ("star", ("=", "`r`", None))))), ["`y`"], []),
            ])],
        ),
    ],
)  # fmt: skip
def test_statements(code: str, expected: list[object]) -> None:
    assert [shape(node) for node in lower(code).body] == expected


@pytest.mark.parametrize(
    ("literal", "expected", "inner", "exact"),
    [
        ("'abc'", "abc", "abc", True),
        ('"""abc"""', "abc", "abc", True),
        ("''", "", "", True),
        ('""""""', "", "", True),
        ("r'a\\n'", "a\\n", "a\\n", True),
        ("Rb'a\\n'", "a\\n", "a\\n", True),
        ("u'é'", "é", "é", True),
        ("'a\\n'", "a\n", "a\\n", False),
        ("'\\x41\\u00e9\\U0001F600\\101\\N{DASH}'", "Aé😀A\\N{DASH}", "\\x41\\u00e9\\U0001F600\\101\\N{DASH}", False),
        ("'\\N{EM DASH}'", "—", "\\N{EM DASH}", False),
        ("'a\\\nb'", "ab", "a\\\nb", False),
        ("'a\\\r\nb'", "ab", "a\\\r\nb", False),
        ("'''a\r\nb'''", "a\nb", "a\r\nb", False),
        ("'\\d'", "\\d", "\\d", True),
        ("f'a'", "a", "a", True),
        ("f'a{{'", "a{", "a{{", False),
        ("rf'\\d'", "\\d", "\\d", True),
    ],
)
def test_string_literals(literal: str, expected: str, inner: str, exact: bool) -> None:
    text = f"v = {literal}\n"
    node = value(literal)
    assert isinstance(node, Str)
    assert (node.value, cut(text, node.inner), node.exact) == (expected, inner, exact)
    assert cut(text, node.span) == literal


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_over_line_ends_tabs_and_wide_characters(end: str) -> None:
    text = end.join([
        "# ünïcode 😀",
        "größe = '😀'",
        "@app.route('/x')",
        "def f(añb: str = ('u'), *args):",
        "\tclient = OpenAI(",
        "\t\tbase_url = f'{größe}/v1',  # here",
        "\t\t**kw,",
        "\t)",
        "\treturn (client , 1 ) [ 'k' ]",
        "",
    ])  # fmt: skip
    nodes = list(walk(lower(text).body))

    def first(kind: type[Part]) -> str:
        return next(cut(text, node.span) for node in nodes if isinstance(node, kind))

    assert first(Assign) == "größe = '😀'"
    func = next(node for node in nodes if isinstance(node, Func))
    assert cut(text, func.span).startswith("@app.route")
    assert cut(text, func.span).endswith("[ 'k' ]")
    assert [cut(text, param.span) for param in func.params] == ["añb: str = ('u')", "*args"]
    call = next(node for node in nodes if isinstance(node, Call) and shape(node.func) == "`OpenAI`")
    assert text[call.close] == ")"
    assert [cut(text, arg.span) for arg in call.args] == ["base_url = f'{größe}/v1'", "**kw"]
    assert cut(text, call.args[0].name_span) == "base_url"
    join = call.args[0].value
    assert isinstance(join, Join)
    assert [cut(text, part.span) for part in join.parts] == ["größe", "/v1"]
    index = next(node for node in nodes if isinstance(node, Index))
    assert cut(text, index.base.span) == "(client , 1 )"
    assert cut(text, index.key.span) == "'k'"


def test_places_of_imports() -> None:
    text = "from  .. a.b import (c as d,\n  e)\nfrom ... import x\nfrom m import *\nimport q.r as s\n"
    found = [node for node in lower(text).body if isinstance(node, Import)]
    assert [cut(text, node.module_span) for node in found] == [".. a.b", ".. a.b", "...", "m", "q.r"]
    assert [node.name_span and cut(text, node.name_span) for node in found] == ["c", "e", "x", "*", None]
    assert [node.local_span and cut(text, node.local_span) for node in found] == ["d", None, None, None, "s"]
    assert [cut(text, node.span) for node in found][1:3] == ["from  .. a.b import (c as d,\n  e)", "from ... import x"]


def test_imports_stand_where_they_stand() -> None:
    body = lower("if TYPE_CHECKING:\n    from a import b\ndef f():\n    import c\n").body
    assert isinstance(body[0], If)
    assert isinstance(body[0].body[0], Import)
    assert isinstance(body[1], Func)
    assert isinstance(body[1].body[0], Import)


def test_pieces_of_templates_stand_in_their_literal() -> None:
    text = "v = 'https://{}/v1'.format(h) + 'a%sb' % c + 'x\\n{}'.format(d)\n"
    joins = [node for node in walk(lower(text).body) if isinstance(node, Join)]
    pieces = [(cut(text, part.inner), part.value, part.exact) for join in joins[1:] for part in join.parts if isinstance(part, Str)]
    assert pieces == [
        ("https://", "https://", True),
        ("/v1", "/v1", True),
        ("a", "a", True),
        ("b", "b", True),
        ("x\\n{}", "x\n", False),
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("try:\n  a\nexcept X :\n  b('c')\n", ["X", "b('c')", "'c'"]),
        ("a\n\x0c\nb('c')\n", ["b('c')", "'c'"]),
        ("f'{ x !r : >{ y } }'; b('c')\n", ["x", "y", "b('c')", "'c'"]),
        ("a\n\\\nb('c')\n", ["b('c')", "'c'"]),
        ("a\rb('c')\r", ["b('c')", "'c'"]),
        ("try :\n a\nexcept * X :\n b('c')", ["X", "b('c')"]),
        ("\ufeffb('c')\n", ["b('c')"]),
    ],
)
def test_white_space_that_the_parser_forgets_moves_nothing(text: str, pieces: list[str]) -> None:
    found = {cut(text, node.span) for node in walk(lower(text).body)}
    assert set(pieces) <= found


def test_regions() -> None:
    text = (
        '"""Doc."""\n# one\nx = f"{y[\'k\']} # no"  # two\nclass A:\n    \'\'\'Doc.\'\'\'\n    def f(self):\n        "doc"\n'
        '        return f(\n            "a"  # three\n            "b")\n'
    )
    assert [(region.kind, cut(text, region.span)) for region in lower(text).regions] == [
        (RegionKind.DOCSTRING, '"""Doc."""'),
        (RegionKind.COMMENT, "# one"),
        (RegionKind.STRING, "f\"{y['k']} # no\""),
        (RegionKind.COMMENT, "# two"),
        (RegionKind.DOCSTRING, "'''Doc.'''"),
        (RegionKind.DOCSTRING, '"doc"'),
        (RegionKind.STRING, '"a"'),
        (RegionKind.COMMENT, "# three"),
        (RegionKind.STRING, '"b"'),
    ]


@pytest.mark.parametrize("text", ["", "\n", "# c", "x", "  \n# y\n", "x = 1 \\\n  + 2"])
def test_small_files(text: str) -> None:
    assert lower(text).language == "python"


def test_lower_takes_a_source() -> None:
    module = python.lower(Source(path="p/q.py", text="x\n", encoding="utf-8", bom=False, digest=""))
    assert (module.path, module.language, len(module.body)) == ("p/q.py", "python", 1)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('x = 1\nv = "a" b"c"\n', 2, "not valid Python: cannot mix"),
        ("x = 1\ny = (\n", 2, "not valid Python"),
        ("x = 1\nprint 'x'\n", 2, "not valid Python"),
        ("if x:\n        y\n\tz\n", 3, "not valid Python"),
        ("x = 1\n\0\n", 2, "NUL"),
        ("x = '\udc80'\n", 1, "not text"),
    ],
)
def test_unreadable(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        lower(text)
    assert caught.value.line == line
    assert "\n" not in caught.value.message


_MANY = 3000


@pytest.mark.parametrize(
    "text",
    [
        "(" * _MANY + ")" * _MANY,
        "x = " + "[" * _MANY + "]" * _MANY,
        'f"{\'"\'}" + ' + "(" * _MANY,
        'f"{' + "(" * _MANY + ")" * _MANY + '}"',
        'f"{x:{' + "(" * _MANY,
        "f'{" * _MANY,
        "if a: b\n" + "elif a: b\n" * 10_000,
        "x = 'a'" + " + 'a'" * _MANY,
        "x = 'a'" + " 'a'" * _MANY,
        "x" + "()" * 10_000,
        "x" + ".a(b, c)" * _MANY,
        "not " * 10_000 + "x",
        "lambda a, b: " * _MANY + "c",
        "[a " + "for b, c in d " * _MANY + "]",
        "match x:\n case " + "{1:" * 12 + "y" + "}" * 12 + ": pass\n",
        "match x:\n" + (" case " + "{1:" * 6 + "y" + "}" * 6 + ": pass\n") * 500,
        ("x = y" + ".a(1)" * 390 + "\n") * 200,
        "".join(" " * depth + "if x:\n" for depth in range(300)) + " " * 300 + "y",
        "x = (\n" + "(" * 90 + "\ndef f(): pass\n" + "(" * _MANY,
        "import a" + ".b" * 10_000,
    ],
    ids=range(20),
)
def test_what_no_person_wrote_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        lower(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = (\n" + "    'a'\n" * 600 + ")\n", 600),
        ("x = 'a'" + " + 'a'" * 350 + "\n", 351),
        ("x = [" + "('a' + b), " * 3000 + "]\n", 3000),
        ("if a: 'a'\n" + "elif b: 'a'\n" * 400, 401),
        ("x = '" + "(" * 500 + "'\ny = f'''" + "(" * 500 + "{'a'}'''\nz = '" + "a" * 500 + "'\n", 4),
    ],
    ids=range(5),
)
def test_what_a_person_may_write_is_read(text: str, count: int) -> None:
    assert sum(isinstance(node, Str) for node in walk(lower(text).body)) == count


@pytest.mark.parametrize(
    "text",
    [
        "'{" + "a" * 200_000 + "'.format(x)",
        "'%" + "0" * 200_000 + "' % x",
        "'" + "\\N{" * 50_000 + "'",
        "'" + "{" * 100_000 + "'.format(x)",
        "'''" + "\\'''" * 50_000 + "'''",
    ],
    ids=range(5),
)
def test_long_literals_take_linear_time(text: str) -> None:
    """Any of these would run for minutes if a pattern tried every way to split it."""
    assert len(lower(text + "\n").body) == 1


# --- the law: exact means exact, and parts lie inside the whole -----------------------------------------------------------

_names = st.sampled_from(["a", "größe", "x1", "名"])
_texts = st.text(st.sampled_from("aé😀/:{}% "), max_size=6)
_strings = st.builds(
    lambda prefix, quote, text: f"{prefix}{quote}{text}{quote}",
    st.sampled_from(["", "r", "b", "u"]),
    st.sampled_from(["'", '"', '"""', "'''"]),
    st.lists(st.sampled_from(["a", "/v1", "\\n", "\\\\", "{}", "%s", "{{", "\\x41"]), max_size=4).map("".join),
)
_fstrings = st.builds(
    lambda parts: 'f"' + "".join(parts) + '"',
    st.lists(st.sampled_from(["{a}", "é", "{{", "}}", "{a!r}", "{ a :>3}", "\\n", "{a['k']}", "{a=}"]), max_size=5),
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} + {}".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("f( {}, k = {} , **a)".format, inner, inner),
        st.builds("({}, )".format, inner),
        st.builds("[{}, {} # c\n]".format, inner, inner),
        st.builds("{{ {} : {} }}".format, inner, inner),
        st.builds("( {} ) . b [ {} ]".format, inner, inner),
        st.builds("(lambda a, b = {}: {})".format, inner, inner),
        st.builds("[{} for a in {} if {}]".format, inner, inner, inner),
        st.builds("({}) in ({})".format, inner, inner),
        st.builds("'{{}}é{{x}}'.format({}, x={})".format, inner, inner),
        st.builds("'a%sb%%' % ({},)".format, inner),
        st.builds("(y := {})".format, inner),
    )


_expressions = st.recursive(st.one_of(_names, _strings, _fstrings), _grow, max_leaves=6)
_lines = st.one_of(
    st.builds("a = {}".format, _expressions),
    st.builds("a: {} = {}".format, _expressions, _expressions),
    st.builds("if {}:\n\ta = {}\nelif {} : pass\nelse:\n\tb".format, _expressions, _expressions, _expressions),
    st.builds("@d({})\ndef f(a : {} = ({}) , *b) -> {}:\n  '''é'''\n  return {}".format, *[_expressions] * 5),
    st.builds("with {} as a, {}:\n  pass  # é".format, _expressions, _expressions),
    st.builds("for a in {}:\n  pass\n\x0c".format, _expressions),
    st.builds("try:\n  pass\nexcept E :\n  a = {}".format, _expressions),
    st.builds("class A(B, k={}):\n  a = {}".format, _expressions, _expressions),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_lines, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_law_of_places(lines: list[str], end: str) -> None:
    text = end.join(lines).replace("\r\n", "\n").replace("\n", end)
    module = lower(text)

    def check(node: Part, whole: Span) -> None:
        assert whole.start <= node.span.start <= node.span.end <= whole.end, (text, whole, node)
        if isinstance(node, Str):
            assert node.span.start <= node.inner.start <= node.inner.end <= node.span.end
            assert not node.exact or cut(text, node.inner) == node.value
        if isinstance(node, Name):
            assert cut(text, node.span) == node.id
        if isinstance(node, Attr):
            assert cut(text, node.name_span) == node.name
        if isinstance(node, Arg) and node.name is not None:
            assert cut(text, node.name_span) == node.name
        if isinstance(node, Call):
            assert text[node.close] == ")"
        for part in children(node):
            check(part, node.span)

    for node in module.body:
        check(node, Span(0, len(text)))
    done = 0
    for region in module.regions:
        assert done <= region.span.start < region.span.end
        done = region.span.end


@settings(max_examples=60, deadline=None)
@given(_strings, _texts)
def test_law_of_values(literal: str, text: str) -> None:
    import ast

    for code in (literal, repr(text)):
        node = value(code)
        assert isinstance(node, Str)
        expected = ast.literal_eval(code)
        assert node.value == (expected.decode() if isinstance(expected, bytes) else expected)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab=()[]{}'\"f:,.+\n\r\t #\\é😀\x0c@!*;"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        module = lower(text)
    except Unreadable:
        return
    for node in walk(module.body):
        assert 0 <= node.span.start <= node.span.end <= len(text)
