"""Java: https://docs.oracle.com/javase/specs/, grammar of tree-sitter-java.

A field or parameter that Spring gives a value (`@Value("${x}")`) has the call `Value("${x}")` as its value. An import of a class
is one of a name out of its package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, string
from migrator.formats.languages.lowering import body_of, lower_node, lower_part, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import Arg, Assign, Attr, Call, Func, Item, Name, Node, Obj, Other, Param, Seq, Str, Visibility
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    path = pick(c, n, ".scoped_identifier|identifier")
    if path is None:
        return other_node(c, n)
    place, word = word_of(c, path)
    if pick(c, n, ".asterisk") is not None:
        return s.imported(c, n, word, place, "*", "*")
    module, _, name = word.rpartition(".")
    where = Span(place.start, place.start + len(module))
    return s.imported(c, n, module, where, name, name)


def _injected(c: Reading, n: Syntax) -> Node | None:
    """The annotation that gives a field or parameter its value."""
    marks = pick(c, n, ".modifiers")
    for child in () if marks is None else marks.named_children:
        name, listed = pick(c, child, "name"), pick(c, child, "arguments")
        if child.type == "annotation" and name is not None and listed is not None and word_of(c, name)[1] == "Value":
            return e.split_value(e.made_call(c, span_of(c, child), lower_node(c, name), listed))
    return None


_plain_field = s.declaration("variable_declarator")


def _field(c: Reading, n: Syntax) -> Lowered:
    lowered = _plain_field(c, n)
    value = _injected(c, n)
    for node in lowered if isinstance(lowered, tuple) else (lowered,):
        if isinstance(node, Assign):
            node.value = value if node.value is None else node.value
            node.annotation = node.annotation or Other(node.span, "type", ())
    return lowered


def _param(c: Reading, n: Syntax) -> Param:
    name = pick(c, n, "name")
    word = "" if name is None else word_of(c, name)[1]
    return Param(span_of(c, n), word, _injected(c, n), lower_type(c, pick(c, n, "type")))


def _new(c: Reading, n: Syntax) -> Lowered:
    kind, listed = pick(c, n, "type"), pick(c, n, "arguments")
    body = pick(c, n, ".class_body")
    if kind is None:
        return other_node(c, n)
    made = e.made_call(c, span_of(c, n), lower_node(c, kind), listed)
    if body is not None:
        return Other(span_of(c, n), "paren", (*body_of(c, body), made))
    return made


def _case(c: Reading, n: Syntax) -> list[Syntax]:
    return [part for label in n.named_children if label.type == "switch_label" for part in parts_of(c, label)]


_lambda = s.function("", "parameters", "body")
_plain_method = s.function("name", "parameters", "body")


def _annotations(c: Reading, n: Syntax, names: frozenset[str]) -> Iterator[Call]:
    """The annotations of these names, as calls."""
    marks = pick(c, n, ".modifiers")
    for child in () if marks is None else marks.named_children:
        name, listed = pick(c, child, "name"), pick(c, child, "arguments")
        if child.type == "annotation" and name is not None and listed is not None and word_of(c, name)[1] in names:
            call = e.made_call(c, span_of(c, child), lower_node(c, name), listed)
            if isinstance(call, Call):
                yield call


def _headers(c: Reading, n: Syntax | None) -> Iterator[Node]:
    """`@Header("Authorization") String key` of a method that Retrofit makes a request of: the header is what the parameter is given."""
    for child in () if n is None else parts_of(c, n):
        name = pick(c, child, "name") if child.type == "formal_parameter" else None
        if name is not None:
            for mark in _annotations(c, child, s.HEADER):
                yield from s.given_header(mark, Name(*word_of(c, name)))


def _method(c: Reading, n: Syntax) -> Lowered:
    """A parameter that Spring gives a value is no caller's: it is a name with that value."""
    made = _plain_method(c, n)
    if isinstance(made, Func) and pick(c, n, "body") is None and (marks := tuple(_annotations(c, n, s.REQUESTS))):
        made.decorators, made.body = (*marks, *_annotations(c, n, s.HEADERS)), tuple(_headers(c, pick(c, n, "parameters")))
    elif isinstance(made, Func):
        given = [param for param in made.params if param.default is not None]
        fixed = tuple(Assign(param.span, (Name(param.span, param.name),), param.default) for param in given)
        made.params = tuple(param for param in made.params if param.default is None)
        made.body = (*fixed, *made.body)
    return made


_plain_class = s.class_("class", bases=("superclass",))
_plain_record = s.class_("class", parameters="parameters")


def _class(c: Reading, n: Syntax) -> Lowered:
    made = (_plain_record if n.type == "record_declaration" else _plain_class)(c, n)
    return s.with_settings(made, _annotations(c, n, s.BOUND))


def _class_literal(c: Reading, n: Syntax) -> Lowered:
    """`Api.class`"""
    span = span_of(c, n)
    return Attr(span, lower_part(c, n, pick(c, n, "#0")), "class", Span(span.end - len("class"), span.end))


def _enum_constant(c: Reading, n: Syntax) -> Lowered:
    name, listed = pick(c, n, "name"), pick(c, n, "arguments")
    if name is None:
        return other_node(c, n)
    place, word = word_of(c, name)
    args = () if listed is None else tuple(lower_node(c, part) for part in parts_of(c, listed))
    value = None if not args else args[0] if len(args) == 1 else Other(span_of(c, n), "members", args)
    return Assign(span_of(c, n), (Name(place, word),), value)


_WORDS = frozenset(
    [
        "String",
        "System",
        "List",
        "Map",
        "Set",
        "HashMap",
        "ArrayList",
        "Optional",
        "Objects",
        "Math",
        "Integer",
        "Long",
        "Double",
        "Boolean",
        "Object",
        "Exception",
        "RuntimeException",
        "IllegalStateException",
        "IllegalArgumentException",
        "Override",
        "Collections",
        "Arrays",
        "Stream",
        "Collectors",
        "Duration",
        "URI",
        "HttpClient",
        "HttpRequest",
        "HttpResponse",
        "JSONObject",
        "JSONArray",
        "ObjectMapper",
        "JsonNode",
        "Value",
        "Autowired",
        "Service",
        "Component",
        "Configuration",
        "Bean",
        "RestController",
        "Logger",
        "LoggerFactory",
        "Request",
        "Response",
        "OkHttpClient",
        "RequestBody",
        "MediaType",
        "HttpHeaders",
        "HttpEntity",
        "HttpMethod",
        "ResponseEntity",
        "RestTemplate",
        "WebClient",
        "RestClient",
    ]
)

_called = e.method_call("object", "name")
_LISTS = frozenset(("List.of", "Arrays.asList", "Set.of", "ImmutableList.of", "java.util.List.of"))
_MAPS = frozenset(("Map.of", "ImmutableMap.of", "java.util.Map.of"))


def _invocation(c: Reading, n: Syntax) -> Lowered:
    """`Map.of("a", b)` and `Map.ofEntries(Map.entry("a", b))` are objects, `List.of` a list, `new JSONObject().put("a", b)` an object too."""
    made = _called(c, n)
    if not isinstance(made, Call) or not isinstance(made.func, Attr):
        return made
    owner = made.func.base
    name = f"{owner.id}.{made.func.name}" if isinstance(owner, Name) else ""
    args = made.args
    if name in _MAPS and len(args) % 2 == 0:
        pairs = zip(args[::2], args[1::2], strict=True)
        return Obj(made.span, tuple(Item(Span(key.span.start, value.span.end), key.value, value.value) for key, value in pairs))
    if name == "Map.ofEntries" and (entries := _entries(args)) is not None:
        return Obj(made.span, entries)
    if name in _LISTS and args:
        return Seq(made.span, tuple(arg.value for arg in args))
    if made.func.name == "put" and len(args) == 2 and isinstance(args[0].value, Str):
        item = Item(Span(args[0].span.start, args[1].span.end), args[0].value, args[1].value)
        match owner:
            case Obj(items=items):
                return Obj(made.span, (*items, item))
            case Call(func=Name(id=kind), args=()) if kind.endswith(("JSONObject", "HashMap")):
                return Obj(made.span, (item,))
            case _:
                pass
    return made


def _entries(args: tuple[Arg, ...]) -> tuple[Item, ...] | None:
    """The entries of `Map.ofEntries(Map.entry("a", b))`; None where one is made in another way."""
    items = []
    for arg in args:
        match arg.value:
            case Call(func=Attr(name="entry") | Name(id="entry"), args=(key, value)):
                items.append(Item(arg.span, key.value, value.value))
            case _:
                return None
    return tuple(items)


LANGUAGE = Language(
    grammar="tree_sitter_java",
    visibility=Visibility(files="tree", members=True, words=_WORDS),
    blocks=frozenset(
        ("block", "expression_statement", "parenthesized_expression", "constructor_body", "class_body", "enum_body_declarations",
         "switch_block_statement_group", "switch_block", "interface_body")
    ),
    functions=frozenset(
        ("method_declaration", "constructor_declaration", "field_declaration", "enum_constant", "compact_constructor_declaration", "constant_declaration")
    ),
    strings=frozenset(("string_literal", "character_literal")),
    comments=frozenset(("line_comment", "block_comment")),
    silent=frozenset(
        ("package_declaration", "modifiers", "marker_annotation", "annotation", "type_arguments", "dimensions", "break_statement", "throws",
         "switch_label", "type_parameters", "array_type", "integral_type")
    ),
    joins={
        "String.format": "printf", "URI.create": "first", "URI": "first", "URL": "first", "String.valueOf": "first",
        "Objects.requireNonNull": "first", "Optional.ofNullable": "first",
    },
    same=frozenset(("trim", "strip", "toString", "stripTrailing", "get", "intern", "toExternalForm")),
    parameters={"formal_parameter": _param, "spread_parameter": s.parameter("name", "type")},
    nodes={
        **dict.fromkeys(("identifier", "this", "super", "type_identifier"), lower_name),
        **dict.fromkeys(
            ("decimal_integer_literal", "hex_integer_literal", "decimal_floating_point_literal", "true", "false", "null_literal",
             "character_literal"),
            lower_const,
        ),
        "class_literal": _class_literal,
        "string_literal": string(),
        "import_declaration": _import,
        "field_access": e.member("object", "field"), "scoped_identifier": e.member("scope", "name"),
        "scoped_type_identifier": e.member("#0", "#-1"), "generic_type": e.inner(),
        "array_access": e.index("array", "index"),
        "method_invocation": _invocation, "object_creation_expression": _new,
        "explicit_constructor_invocation": e.call("constructor"),
        "binary_expression": e.binary(), "unary_expression": e.wrapped("not", "operand"), "ternary_expression": e.ternary("condition", "consequence", "alternative"),
        "assignment_expression": e.assignment(), "cast_expression": e.inner("value"), "array_initializer": e.sequence,
        "array_creation_expression": e.inner("value"),
        "lambda_expression": _lambda, "method_reference": other_node,
        "field_declaration": _field, "constant_declaration": _field, "local_variable_declaration": s.declaration("variable_declarator"),
        "method_declaration": _method, "constructor_declaration": _method, "compact_constructor_declaration": _method,
        "class_declaration": _class, "record_declaration": _class,
        "interface_declaration": s.class_("interface"), "enum_declaration": s.class_("enum"), "enum_constant": _enum_constant,
        "if_statement": s.branch("condition", "consequence", "alternative"), "enhanced_for_statement": s.each("name", "value", "body"),
        "switch_expression": s.cases("condition", "body", ("switch_block_statement_group", "switch_rule"), _case),
        "return_statement": s.returned(), "throw_statement": s.raised(), "yield_statement": s.returned(),
    },
)  # fmt: skip
