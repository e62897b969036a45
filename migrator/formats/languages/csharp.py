"""C#: https://learn.microsoft.com/en-us/dotnet/csharp/language-reference/language-specification/, grammar of tree-sitter-c-sharp.

An object initialiser gives named arguments (`new Options { Endpoint = x }`), a dictionary initialiser an object. A property with `=>` is a
name whose value is what it gives. A `using` brings all names of a namespace: which file they stand in is not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, piece, string
from migrator.formats.languages.lowering import body_of, lower_node, lower_part, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import Arg, Assign, Attr, Call, Index, Item, Join, Name, Node, Obj, Other, Param, Seq, Str, Visibility
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _using(c: Reading, n: Syntax) -> Lowered:
    alias = pick(c, n, "name")
    path = next((part for part in reversed(parts_of(c, n)) if part != alias), None)
    if path is None:
        return other_node(c, n)
    place, word = word_of(c, path)
    if alias is not None:
        at, local = word_of(c, alias)
        return s.imported(c, n, word, place, None, local, at)
    return s.imported(c, n, word, place, "*", "*")


def _made(value: Node, annotation: Node | None) -> Node:
    """`Client client = new(key)`: what is made is of the declared type."""
    if (
        isinstance(value, Call)
        and isinstance(value.func, Other)
        and value.func.kind == "elided"
        and isinstance(annotation, Name | Attr)
    ):
        value.func = annotation
    return value


def _declared(c: Reading, n: Syntax) -> Lowered:
    """A field, event or local: each declarator with the type of the declaration."""
    inside = pick(c, n, ".variable_declaration")
    if inside is None:
        return other_node(c, n)
    annotation = lower_type(c, pick(c, inside, "type"))
    field = n.type == "field_declaration"
    declarators = [child for child in inside.named_children if child.type == "variable_declarator"]
    out: list[Node] = []
    for child in declarators:
        name = pick(c, child, "name")
        if name is None:
            continue
        value = next((part for part in parts_of(c, child) if part != name and part.type != "bracketed_argument_list"), None)
        given = None if value is None else _made(lower_node(c, value), annotation)
        kind = annotation or (Other(span_of(c, child), "type", ()) if field else None)
        out.append(Assign(span_of(c, n if len(declarators) == 1 else child), (lower_name(c, name),), given, kind))
    return tuple(out)


def _property(c: Reading, n: Syntax) -> Lowered:
    name, value = pick(c, n, "name"), pick(c, n, "value")
    if name is None:
        return other_node(c, n)
    if value is not None and value.type == "arrow_expression_clause":
        value = pick(c, value, "#0")
    annotation = lower_type(c, pick(c, n, "type"))
    accessors = pick(c, n, "accessors")
    given = None if value is None else _made(lower_node(c, value), annotation)
    out: list[Node] = [Assign(span_of(c, n), (lower_name(c, name),), given, annotation or Other(span_of(c, n), "type", ()))]
    for child in () if accessors is None else accessors.named_children:
        out += body_of(c, pick(c, child, "body"))
    return tuple(out)


def _interpolated(c: Reading, n: Syntax) -> Lowered:
    parts: list[Node] = []
    for child in n.named_children:
        if child.type == "string_content" or child.type.endswith("_content"):
            span = span_of(c, child)
            parts.append(piece(c, span, span))
        elif child.type == "interpolation":
            inside = [
                part for part in parts_of(c, child) if part.type not in ("interpolation_brace", "interpolation_format_clause")
            ]
            parts.append(lower_node(c, inside[0]) if inside else other_node(c, child))
    return Join(span_of(c, n), tuple(parts))


def _raw(c: Reading, n: Syntax) -> Lowered:
    content = pick(c, n, ".raw_string_content")
    span = span_of(c, n)
    inner = span_of(c, content) if content is not None else Span(span.start, span.start)
    return piece(c, span, inner, raw=True)


def _new(c: Reading, n: Syntax) -> Lowered:
    kind, initializer = pick(c, n, "type"), pick(c, n, "initializer") or pick(c, n, ".initializer_expression")
    listed = pick(c, n, "arguments") or pick(c, n, ".argument_list")
    span = span_of(c, n)
    callee: Node = Other(Span(span.start, span.start), "elided", ()) if kind is None else lower_node(c, kind)
    made = e.made_call(c, span, callee, listed)
    if initializer is None:
        return made
    args: list[Arg] = list(made.args) if isinstance(made, Call) else []
    items: list[Item] = []
    plain: list[Node] = []
    for child in parts_of(c, initializer):
        left, right = pick(c, child, "left"), pick(c, child, "right")
        pair = parts_of(c, child) if child.type == "initializer_expression" else []
        if left is not None and right is not None and left.type == "element_binding_expression":
            key = pick(c, left, "#0")
            items.append(Item(span_of(c, child), lower_part(c, left, key), lower_node(c, right)))
        elif left is not None and right is not None:
            place, word = word_of(c, left)
            value = _collection(c, right) if right.type == "initializer_expression" else lower_node(c, right)
            args.append(Arg(span_of(c, child), value, word, place))
        elif len(pair) == 2:
            items.append(Item(span_of(c, child), lower_node(c, pair[0]), lower_node(c, pair[1])))
        else:
            plain.append(lower_node(c, child))
    if items:
        return Obj(span, tuple(items))
    if plain and not args:
        return Seq(span, tuple(plain))
    return Call(span, callee, tuple(args), c.at[initializer.end_byte] - 1)


def _collection(c: Reading, n: Syntax) -> Node:
    """`Headers = { { "a", "b" } }`: what is added to a collection that is there."""
    items: list[Item] = []
    plain: list[Node] = []
    for child in parts_of(c, n):
        pair = parts_of(c, child) if child.type == "initializer_expression" else []
        left, right = pick(c, child, "left"), pick(c, child, "right")
        if len(pair) == 2:
            items.append(Item(span_of(c, child), lower_node(c, pair[0]), lower_node(c, pair[1])))
        elif left is not None and right is not None:
            key = pick(c, left, "#0") if left.type == "element_binding_expression" else left
            items.append(Item(span_of(c, child), lower_part(c, child, key), lower_node(c, right)))
        else:
            plain.append(lower_node(c, child))
    return Obj(span_of(c, n), tuple(items)) if items else Seq(span_of(c, n), tuple(plain))


def _anonymous(c: Reading, n: Syntax) -> Lowered:
    """`new { model = "a", user }`."""
    items: list[Item] = []
    parts = parts_of(c, n)
    separators = [child.start_byte for child in n.children if child.type == ","]
    at = 0
    while at < len(parts):
        first = parts[at]
        follows = parts[at + 1] if at + 1 < len(parts) else None
        apart = follows is None or any(first.end_byte <= comma < follows.start_byte for comma in separators)
        place, word = word_of(c, first)
        if apart or follows is None:
            items.append(Item(place, Str(place, word.rpartition(".")[2], place, True), lower_node(c, first)))
            at += 1
        else:
            value = lower_node(c, follows)
            items.append(Item(Span(place.start, value.span.end), Str(place, word, place, True), value))
            at += 2
    return Obj(span_of(c, n), tuple(items))


def _element(c: Reading, n: Syntax) -> Lowered:
    owner, listed = pick(c, n, "expression"), pick(c, n, "subscript")
    if owner is None or listed is None:
        return other_node(c, n)
    return Index(span_of(c, n), lower_node(c, owner), lower_part(c, listed, pick(c, listed, "#0")))


def _conditional_access(c: Reading, n: Syntax) -> Lowered:
    """`a?.b`, `a?["b"]`."""
    parts = parts_of(c, n)
    if len(parts) != 2:
        return other_node(c, n)
    base, rest = lower_node(c, parts[0]), parts[1]
    if rest.type == "member_binding_expression" and (name := pick(c, rest, "name")) is not None:
        place, word = word_of(c, name)
        return Attr(span_of(c, n), base, word, place)
    if rest.type == "element_binding_expression":
        return Index(span_of(c, n), base, lower_part(c, rest, pick(c, rest, "#0")))
    return Other(span_of(c, n), "conditional_access", (base, lower_node(c, rest)))


def _parameter(c: Reading, n: Syntax) -> Param:
    name = pick(c, n, "name")
    kind = pick(c, n, "type")
    default = next(
        (part for part in reversed(parts_of(c, n)) if part not in (name, kind) and part.type not in ("modifier", "attribute_list")),
        None,
    )
    word = "" if name is None else word_of(c, name)[1]
    return Param(span_of(c, n), word, None if default is None else lower_node(c, default), lower_type(c, kind))


_FILLED = frozenset(("Configure", "AddOptions", "AddOptionsWithValidateOnStart"))
"""Methods whose type says which class a section of the settings fills."""
_OPTIONS = frozenset(("IOptions", "IOptionsSnapshot", "IOptionsMonitor"))
_plain_call = e.call("function", "arguments")


def _invocation(c: Reading, n: Syntax) -> Lowered:
    """A call; the type of `Configure<ChatOptions>(…)` is an argument with a name that no other has."""
    made = _plain_call(c, n)
    called = pick(c, n, "function")
    name = called if called is None or called.type == "generic_name" else pick(c, called, "name")
    kind = _type_argument(c, name)
    if not isinstance(made, Call) or kind is None or name is None or word_of(c, name)[1].partition("<")[0] not in _FILLED:
        return made
    return Call(made.span, made.func, (*made.args, Arg(kind.span, kind, "<T>")), made.close)


def _type_argument(c: Reading, n: Syntax | None) -> Name | None:
    listed = None if n is None or n.type != "generic_name" else pick(c, n, ".type_argument_list")
    only = None if listed is None or listed.named_child_count != 1 else listed.named_children[0]
    return Name(*word_of(c, only)) if only is not None and only.type == "identifier" else None


def _generic(c: Reading, n: Syntax) -> Lowered:
    """`IOptions<ChatOptions>` hands over the class that it has as its type."""
    name = pick(c, n, "#0")
    kind = _type_argument(c, n)
    if kind is not None and name is not None and word_of(c, name)[1] in _OPTIONS:
        return kind
    return lower_part(c, n, name)


def _labels(_c: Reading, n: Syntax) -> list[Syntax]:
    return [child for child in n.named_children if child.type in ("constant_pattern", "case_switch_label")]


_GROUPS = {**e.GROUPS, "as": "as"}
_WORDS = frozenset(
    [
        "String",
        "Environment",
        "Console",
        "Exception",
        "InvalidOperationException",
        "ArgumentException",
        "ArgumentNullException",
        "Task",
        "List",
        "Dictionary",
        "HttpClient",
        "Uri",
        "HttpRequestMessage",
        "HttpMethod",
        "StringContent",
        "Encoding",
        "JsonSerializer",
        "JsonContent",
        "IConfiguration",
        "AuthenticationHeaderValue",
        "OpenAIClient",
        "Guid",
        "ChatClient",
        "OpenAIClientOptions",
        "ApiKeyCredential",
        "Kernel",
        "ILogger",
        "DateTime",
        "TimeSpan",
        "Math",
        "Convert",
        "Path",
        "File",
        "WebApplication",
        "Results",
    ]
)

LANGUAGE = Language(
    grammar="tree_sitter_c_sharp",
    visibility=Visibility(files="tree", members=True, words=_WORDS),
    blocks=frozenset(
        ("block", "expression_statement", "parenthesized_expression", "declaration_list", "global_statement", "argument", "bracketed_argument_list",
         "namespace_declaration", "file_scoped_namespace_declaration", "switch_body", "enum_member_declaration_list", "constant_pattern")
    ),
    functions=frozenset(
        ("method_declaration", "constructor_declaration", "field_declaration", "property_declaration", "global_statement", "local_function_statement")
    ),
    strings=frozenset(("string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression", "character_literal")),
    silent=frozenset(
        ("modifier", "attribute_list", "predefined_type", "implicit_type", "type_argument_list", "break_statement", "discard", "type_parameter_list",
         "preproc_region", "preproc_endregion", "preproc_if", "interpolation_brace", "accessor_list")
    ),
    joins={
        "string.Format": "braces", "String.Format": "braces", "ApiKeyCredential": "first", "AzureKeyCredential": "first", "string.Concat": "plain",
        "Environment.ExpandEnvironmentVariables": "first",
    },
    same=frozenset(("Trim", "ToString", "TrimEnd", "TrimStart", "Build")),
    arguments={"argument": e.named_argument("name", "#-1")},
    parameters={"parameter": _parameter, "implicit_parameter": lambda c, n: Param(*word_of(c, n))},
    nodes={
        **dict.fromkeys(("identifier", "this", "base"), lower_name), "this_expression": lower_name, "base_expression": lower_name,
        "generic_name": _generic, "predefined_type": lower_name, "nullable_type": e.inner(),
        **dict.fromkeys(
            ("integer_literal", "real_literal", "boolean_literal", "null_literal", "character_literal", "default_expression"), lower_const
        ),
        "string_literal": string(), "verbatim_string_literal": string(raw=True), "raw_string_literal": _raw,
        "interpolated_string_expression": _interpolated,
        "using_directive": _using,
        "field_declaration": _declared, "local_declaration_statement": _declared, "event_field_declaration": _declared,
        "property_declaration": _property,
        "member_access_expression": e.member("expression", "name"), "qualified_name": e.member("qualifier", "name"),
        "conditional_access_expression": _conditional_access, "element_access_expression": _element,
        "invocation_expression": _invocation, "object_creation_expression": _new, "implicit_object_creation_expression": _new,
        "anonymous_object_creation_expression": _anonymous,
        "array_creation_expression": e.inner("#-1"), "implicit_array_creation_expression": e.inner("#-1"), "initializer_expression": e.sequence,
        "collection_expression": e.sequence, "collection_element": e.inner(),
        "binary_expression": e.binary(_GROUPS), "prefix_unary_expression": e.wrapped("not"), "postfix_unary_expression": e.inner(),
        "conditional_expression": e.ternary("condition", "consequence", "alternative"), "cast_expression": e.inner("value"), "as_expression": e.inner(),
        "await_expression": e.wrapped("await"), "assignment_expression": e.assignment(), "throw_expression": s.raised(), "throw_statement": s.raised(),
        "arrow_expression_clause": e.inner(),
        "lambda_expression": s.function("", "parameters", "body"), "anonymous_method_expression": s.function("", "parameters", "body"),
        "method_declaration": s.function(), "constructor_declaration": s.function(), "local_function_statement": s.function(),
        "class_declaration": s.class_("class", bases=(".base_list",), parameters=".parameter_list"),
        "struct_declaration": s.class_("class", parameters=".parameter_list"),
        "record_declaration": s.class_("class", parameters=".parameter_list"), "interface_declaration": s.class_("interface"),
        "enum_declaration": s.class_("enum"), "enum_member_declaration": s.field_without_value,
        "switch_expression": s.cases("#0", "", ("switch_expression_arm",), _labels),
        "if_statement": s.branch("condition", "consequence", "alternative"), "foreach_statement": s.each("left", "right", "body"),
        "switch_statement": s.cases("value", "body", ("switch_section",), _labels), "return_statement": s.returned(),
    },
)  # fmt: skip
