"""Ruby: https://docs.ruby-lang.org/en/3.4/syntax_rdoc.html, grammar of tree-sitter-ruby.

`@name` is `self.name`, a constant path `A::B` an attribute, a call with a block a call whose last argument is the block as a
function. A method returns its last expression. `x.name = value` sets an attribute. A symbol is a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece, string
from migrator.formats.languages.lowering import body_of, lower_node, lower_part, lower_statements, other_node
from migrator.formats.languages.reading import Handler, Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import Alt, Arg, Assign, Attr, Call, Func, If, Name, Node, Obj, Other, Raise, Return, Visibility
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _instance(c: Reading, n: Syntax) -> Lowered:
    span, word = word_of(c, n)
    signs = len(word) - len(word.lstrip("@"))
    place = Span(span.start + signs, span.end)
    return Attr(span, Name(Span(span.start, place.start), "self"), word[signs:], place)


_call = e.method_call("receiver", "method", "arguments", "block")


def _called(c: Reading, n: Syntax) -> Lowered:
    """`raise` ends a method, `x.name` without arguments is an attribute, `X.new(…)` makes an X."""
    method, receiver = pick(c, n, "method"), pick(c, n, "receiver")
    word = "" if method is None else word_of(c, method)[1]
    arguments, block = pick(c, n, "arguments"), pick(c, n, "block")
    if arguments is not None and not parts_of(c, arguments):
        arguments = None  # `name()` is `name`
    if receiver is None and word in ("raise", "fail"):
        given = [] if arguments is None else parts_of(c, arguments)
        parts = tuple(lower_node(c, part) for part in given)
        value = None if not parts else parts[0] if len(parts) == 1 else Other(span_of(c, n), "raised", parts)
        return Raise(span_of(c, n), value)
    if receiver is not None and method is not None and arguments is None and block is None and word not in _PLAIN_CALLS:
        place = span_of(c, method)
        return Attr(span_of(c, n), lower_node(c, receiver), word, place)
    if receiver is None and arguments is None and block is None and method is not None:
        return lower_node(c, method)
    made = _call(c, n)
    if isinstance(made, Call) and isinstance(made.func, Attr) and word == "new":
        made.func = made.func.base
    return made


_SAME = frozenset(
    ["to_s", "strip", "chomp", "freeze", "presence", "to_str", "dup", "squish", "html_safe", "lstrip", "rstrip", "clone", "itself"]
)
_PLAIN_CALLS = _SAME | {"new", "to_json", "to_sym", "downcase", "upcase"}
"""Methods that are called without arguments and are no attributes of a program's own."""


def _operator_assign(c: Reading, n: Syntax) -> Lowered:
    left, right = pick(c, n, "left"), pick(c, n, "right")
    if left is None or right is None:
        return other_node(c, n)
    operator = c.text[c.at[left.end_byte] : c.at[right.start_byte]].strip()
    target, value = e.target_of(lower_node(c, left)), lower_node(c, right)
    return Assign(span_of(c, n), (target,), value, augmented=operator not in ("||=", "&&="))


def _modifier(negated: bool) -> Handler:
    def lower(c: Reading, n: Syntax) -> Lowered:
        test = lower_part(c, n, pick(c, n, "condition"))
        if negated:
            test = Other(test.span, "not", (test,))
        return If(span_of(c, n), test, body_of(c, pick(c, n, "body")), ())

    return lower


def _rescue_modifier(c: Reading, n: Syntax) -> Lowered:
    return Alt(span_of(c, n), tuple(lower_node(c, part) for part in parts_of(c, n)))


_block = s.function("", "parameters", "body", result=True)


def _method(c: Reading, n: Syntax) -> Lowered:
    made = _plain_method(c, n)
    if isinstance(made, Func) and made.body and (made.name.endswith("=") or made.name == "initialize"):
        last = made.body[-1]
        if isinstance(last, Return) and last.value is not None and last.span == last.value.span:
            made.body = (*made.body[:-1], last.value)
    return made


_plain_method = s.function("name", "parameters", "body", result=True)


def _heredoc(c: Reading, n: Syntax) -> Lowered:
    """The text of `<<~TEXT`, which stands after the statement that uses it."""
    parts: list[Node] = []
    for child in n.named_children:
        span = span_of(c, child)
        if child.type == "heredoc_content":
            parts.append(piece(c, span, span))
        elif child.type == "interpolation":
            parts += lower_statements(c, child.named_children)
    return Other(span_of(c, n), "heredoc", tuple(parts))


_keyword = e.named_argument("key", "value")


def _pair(c: Reading, n: Syntax) -> Arg:
    """`name: value` among the arguments is one with a name, `"name" => value` an entry of a hash."""
    key = pick(c, n, "key")
    if key is None or key.type in ("hash_key_symbol", "simple_symbol"):
        return _keyword(c, n)
    span = span_of(c, n)
    return Arg(span, Obj(span, (e.lower_item(c, n, "key", "value"),)))


_WORDS = frozenset(
    [
        "String",
        "Integer",
        "Float",
        "Array",
        "Hash",
        "Symbol",
        "ENV",
        "Rails",
        "JSON",
        "Time",
        "Date",
        "DateTime",
        "File",
        "Dir",
        "IO",
        "Logger",
        "Net",
        "URI",
        "Regexp",
        "Proc",
        "Struct",
        "Class",
        "Module",
        "Object",
        "StandardError",
        "RuntimeError",
        "ArgumentError",
        "KeyError",
        "Faraday",
        "HTTParty",
        "ActiveRecord",
        "ApplicationRecord",
        "ActiveJob",
        "ActiveSupport",
        "T",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_ruby",
    visibility=Visibility(files="tree", members=True, calls=True, words=_WORDS),
    blocks=frozenset(("body_statement", "block_body", "parenthesized_statements", "then", "else", "do", "begin_block", "ensure")),
    functions=frozenset(("method", "singleton_method", "class", "module", "do_block", "program")),
    strings=frozenset(("string", "heredoc_body", "bare_string", "simple_symbol", "hash_key_symbol", "delimited_symbol", "subshell")),
    silent=frozenset(("heredoc_beginning", "empty_statement", "uninterpreted")),
    same=_SAME,
    joins={"T.let": "first", "T.must": "first", "T.cast": "first", "T.unsafe": "first", "URI": "first", "URI.parse": "first", "URI.join": "plain", "Array": "first", "String": "first"},
    arguments={
        "pair": _pair,
        "hash_splat_argument": e.spread_argument(), "splat_argument": e.spread_argument(), "block_argument": e.spread_argument(),
    },
    parameters={
        "keyword_parameter": s.parameter("name", "", "value"), "optional_parameter": s.parameter("name", "", "value"),
        "splat_parameter": s.parameter("name", ""), "hash_splat_parameter": s.parameter("name", ""), "block_parameter": s.parameter("name", ""),
    },
    nodes={
        "identifier": lower_name, "constant": lower_name, "self": lower_name, "super": lower_name, "global_variable": lower_name,
        "instance_variable": _instance, "class_variable": _instance,
        **dict.fromkeys(("integer", "float", "nil", "true", "false", "character", "regex", "rational", "complex"), lower_const),
        "string": string(holes=("interpolation",)), "bare_string": string(holes=("interpolation",)), "subshell": string(holes=("interpolation",)),
        "simple_symbol": string(symbol=":"), "hash_key_symbol": string(symbol=":"), "delimited_symbol": string(symbol=":", holes=("interpolation",)),
        "bare_symbol": string(symbol=":"),
        "chained_string": e.sequence, "heredoc_body": _heredoc,
        "scope_resolution": e.member("scope", "name"),
        "element_reference": e.index("object", "#1"),
        "call": _called,
        "assignment": e.assignment("left", "right"), "operator_assignment": _operator_assign,
        "left_assignment_list": e.sequence, "right_assignment_list": e.sequence, "destructured_left_assignment": e.sequence,
        "binary": e.binary(), "unary": e.wrapped("not"), "conditional": e.ternary("condition", "consequence", "alternative"),
        "hash": e.mapping({"pair": ("key", "value")}, ("hash_splat_argument",)),
        "array": e.mapping({"pair": ("key", "value")}, ("splat_argument",)), "string_array": e.sequence, "symbol_array": e.sequence,
        "pair": lambda c, n: Other(span_of(c, n), "pair", lower_statements(c, n.named_children)),
        "method": _method, "singleton_method": _method, "do_block": _block, "block": _block, "lambda": s.function("", "parameters", "body", result=True),
        "class": s.class_("class", "name", "body", ("superclass",)), "module": s.class_("class", "name", "body"),
        "if": s.branch("condition", "consequence", "alternative"), "elsif": s.branch("condition", "consequence", "alternative"),
        "unless": s.branch("condition", "consequence", "alternative", negated=True),
        "if_modifier": _modifier(False), "unless_modifier": _modifier(True), "rescue_modifier": _rescue_modifier,
        "case": s.cases("value", "", ("when", "else"), s.labelled("pattern")), "pattern": e.inner(),
        "return": s.returned(),
    },
)  # fmt: skip
