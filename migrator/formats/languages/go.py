"""Go: https://go.dev/ref/spec, grammar of tree-sitter-go.

A struct literal is a call of its type with named arguments, a map literal an object, a slice literal a list. Of several results
only the first is followed, which is the value where the second is an error. A struct tag `env:"X"` is a reference to that variable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.formats.languages import expressions as e
from migrator.formats.languages import statements as s
from migrator.formats.languages.literals import lower_const, lower_name, string
from migrator.formats.languages.lowering import lower_node, lower_part, lower_statements, lower_type, other_node
from migrator.formats.languages.reading import Language, Lowered, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import Arg, Assign, Attr, Call, EnvRef, Item, Name, Node, Obj, Other, Seq, Str, Visibility
from migrator.model import Span
from migrator.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _import(c: Reading, n: Syntax) -> Lowered:
    out: list[Node] = []
    stack = list(reversed(n.named_children))
    while stack:
        child = stack.pop()
        if child.type != "import_spec":
            stack += reversed(child.named_children)
            continue
        path, alias = pick(c, child, "path"), pick(c, child, "name")
        if path is None:
            continue
        place, quoted = word_of(c, path)
        module = quoted.strip('"`')
        where = Span(place.start + 1, place.end - 1)
        if alias is None:
            out.append(s.imported(c, child, module, where, None, _package(module)))
        else:
            at, word = word_of(c, alias)
            out.append(s.imported(c, child, module, where, "*" if word == "." else None, "*" if word == "." else word, at))
    return tuple(out)


_VERSION = regex(r"v\d+|.*\.v\d+")


def _package(module: str) -> str:
    """The name that a package is used by: the last part of its path, without the version or the words that say it is Go."""
    *_, last = [part for part in module.split("/") if not re.fullmatch(r"v\d+", part)] or [module]
    last = re.sub(r"\.v\d+$", "", last)
    return re.sub(r"^go-|-go$|^go\.", "", last).replace("-", "_")


def _values(c: Reading, n: Syntax | None) -> list[Syntax]:
    return [] if n is None else parts_of(c, n) if n.type == "expression_list" else [n]


def _assign(c: Reading, n: Syntax) -> Lowered:
    left, right = pick(c, n, "left"), pick(c, n, "right")
    if left is None or right is None:
        return other_node(c, n)
    operator = c.text[c.at[left.end_byte] : c.at[right.start_byte]].strip()
    return _pairs(c, n, _values(c, left), _values(c, right), None, augmented=operator not in ("=", ":="))


def _specs(c: Reading, n: Syntax) -> Lowered:
    out: list[Node] = []
    stack = list(reversed(n.named_children))
    specs = []
    while stack:
        child = stack.pop()
        if child.type in ("const_spec", "var_spec"):
            specs.append(child)
        elif child.type == "var_spec_list":
            stack += reversed(child.named_children)
    for spec in specs:
        whole = n if len(specs) == 1 else spec
        names = spec.children_by_field_name("name")
        out += _pairs(c, whole, names, _values(c, pick(c, spec, "value")), lower_type(c, pick(c, spec, "type")))
    return tuple(out)


def _pairs(
    c: Reading, n: Syntax, names: list[Syntax], values: list[Syntax], annotation: Node | None, *, augmented: bool = False
) -> tuple[Node, ...]:
    out: list[Node] = []
    for index, name in enumerate(names):
        target = lower_node(c, name)
        value: Node | None = None
        if index < len(values):
            value = lower_node(c, values[index])
        elif values:  # the second result of the only call
            value = Other(target.span, "result", ())
        span = span_of(c, n) if len(names) == 1 else Span(target.span.start, max(target.span.end, value.span.end if value else 0))
        if target != Name(target.span, "_") or value is not None:
            out.append(Assign(span, (target,), value, annotation, augmented))
    return tuple(out)


_TAG = regex(r"""\b(?:env|envconfig|mapstructure):"([A-Z][A-Z0-9_]*)[^"]*\"""")
_TAG_DEFAULT = regex(r"""\b(?:envDefault|env-default|default):"([^"]*)\"""")


_SPLIT = regex(r"""\bsplit_words:"true\"""")
_PROCESS = regex(r"""\benvconfig\.(?:Must)?Process\(\s*"(\w*)\"""")
"""https://github.com/kelseyhightower/envconfig: a field without a name of its own is the prefix and its words."""
_WORDS_OF = regex(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_MAPPED = regex(r"""\bmapstructure:"([a-z]\w*)[^"]*\"""")


def _is_prefixed(c: Reading, n: Syntax) -> bool:
    """Is the struct of a field one that another field puts a prefix before: `Router RouterConfig `envPrefix:"ROUTER_"``?"""
    struct = _struct_of(n)
    if "envPrefix:" not in c.text or struct is None or struct.parent is None:
        return False
    if struct.parent.type == "field_declaration":
        tag = pick(c, struct.parent, "tag")
        return tag is not None and "envPrefix:" in word_of(c, tag)[1]
    name = pick(c, struct.parent, "name")
    return name is not None and re.search(rf"\b{word_of(c, name)[1]}\s+`[^`]*envPrefix:", c.text) is not None


def _struct_of(n: Syntax) -> Syntax | None:
    step = n.parent
    while step is not None and step.type != "struct_type":
        step = step.parent
    return step


def _viper_key(c: Reading, n: Syntax, raw: str, place: Span) -> Str | None:
    """The key that viper fills a field of a struct inside another one from, `llm.api_key`: `viper.Unmarshal(&config)`."""
    match = _MAPPED.search(raw)
    if match is None or "viper" not in c.text:
        return None
    words = [match[1]]
    struct = _struct_of(n)
    while struct is not None and struct.parent is not None and len(words) < 5:
        field: Syntax | None = struct.parent if struct.parent.type == "field_declaration" else None
        name = pick(c, struct.parent, "name") if field is None else None
        if name is not None:
            around = re.search(rf"\b{word_of(c, name)[1]}\s+`[^`]*mapstructure:\"(\w+)", c.text)
            words[:0] = [around[1]] if around is not None else []
            break
        tag = pick(c, field, "tag") if field is not None else None
        outer = _MAPPED.search(word_of(c, tag)[1]) if tag is not None else None
        if outer is None or field is None:
            return None
        words.insert(0, outer[1])
        struct = _struct_of(field)
    at = Span(place.start + match.start(1), place.start + match.end(1))
    return Str(at, ".".join(words), at, False) if len(words) > 1 else None


def _field(c: Reading, n: Syntax) -> Lowered:
    """A field of a struct; a tag says which variable gives its value: https://github.com/caarlos0/env, kelseyhightower/envconfig."""
    names = n.children_by_field_name("name")
    annotation = lower_type(c, pick(c, n, "type")) or Other(span_of(c, n), "type", ())
    tag = pick(c, n, "tag")
    value: Node | None = None
    if tag is not None:
        place, raw = word_of(c, tag)
        if match := _TAG.search(raw):
            start = place.start + match.start(1)
            given = _TAG_DEFAULT.search(raw)
            default = None
            if given:
                at = Span(place.start + given.start(1), place.start + given.end(1))
                default = Str(at, given[1], at, True)
            value = EnvRef(place, match[1], Span(start, start + len(match[1])), "struct-tag", default)
            if _is_prefixed(c, n):
                value = Other(place, "field", ())
        elif (split := _SPLIT.search(raw)) and len(names) == 1 and (called := _PROCESS.search(c.text)) is not None:
            at_end = Span(place.start + split.end(), place.start + split.end())
            words = "_".join(_WORDS_OF.findall(word_of(c, names[0])[1]))
            value = EnvRef(place, f"{called[1]}_{words}".strip("_").upper(), at_end, "split-words")
        elif (key := _viper_key(c, n, raw, place)) is not None:
            value = Call(place, Attr(place, Name(place, "viper"), "GetString", place), (Arg(key.span, key),), place.end)
        elif "OPENROUTER" in raw or "OPEN_ROUTER" in raw:  # `envPrefix:"OPENROUTER_"`
            value = Other(place, "field", (Str(place, raw, place, True),))
    if not names:
        kind = pick(c, n, "type")
        return () if kind is None else (Assign(span_of(c, n), (Name(*word_of(c, kind)),), None, annotation),)
    return tuple(Assign(span_of(c, n), (Name(*word_of(c, name)),), value, annotation) for name in names)


def _types(c: Reading, n: Syntax) -> Lowered:
    out: list[Node] = []
    for spec in parts_of(c, n):
        name, kind = pick(c, spec, "name"), pick(c, spec, "type")
        if name is None or kind is None:
            out.append(other_node(c, spec))
        elif kind.type in ("struct_type", "interface_type"):
            from migrator.formats.tree import Class

            listed = pick(c, kind, ".field_declaration_list") if kind.type == "struct_type" else kind
            body = () if listed is None else lower_statements(c, listed.named_children)
            word = "class" if kind.type == "struct_type" else "interface"
            out.append(Class(span_of(c, spec), word_of(c, name)[1], word, (), body))
    return tuple(out)


def _element(n: Syntax) -> Syntax:
    return n.named_children[0] if n.type == "literal_element" and n.named_children else n


def _composite(c: Reading, n: Syntax) -> Lowered:
    kind, body = pick(c, n, "type"), pick(c, n, "body")
    return other_node(c, n) if body is None else _literal(c, n, kind, body)


def _literal(c: Reading, n: Syntax, kind: Syntax | None, body: Syntax) -> Node:
    span = span_of(c, n)
    keyed = [child for child in parts_of(c, body) if child.type == "keyed_element"]
    record = kind is not None and kind.type in ("type_identifier", "qualified_type", "generic_type")
    if record or (kind is None and keyed and _element(_key(keyed[0])).type == "identifier"):
        args = []
        for child in parts_of(c, body):
            if child.type == "keyed_element":
                label = _element(_key(child))
                place, word = word_of(c, label)
                args.append(Arg(span_of(c, child), _value(c, child, None), word, place))
            else:
                args.append(Arg(span_of(c, child), _nested(c, _element(child), None)))
        callee: Node = Other(Span(span.start, span.start), "elided", ()) if kind is None else lower_node(c, kind)
        return Call(span, callee, tuple(args), c.at[body.end_byte] - 1)
    inner = None if kind is None else pick(c, kind, "value") or pick(c, kind, "element")
    if keyed:
        items = [Item(span_of(c, child), lower_node(c, _element(_key(child))), _value(c, child, inner)) for child in keyed]
        return Obj(span, tuple(items))
    if kind is not None and kind.type == "map_type":
        return Obj(span, ())
    return Seq(span, tuple(_nested(c, _element(child), inner) for child in parts_of(c, body)))


def _key(n: Syntax) -> Syntax:
    return n.child_by_field_name("key") or n.named_children[0]


def _value(c: Reading, n: Syntax, kind: Syntax | None) -> Node:
    return _nested(c, _element(n.child_by_field_name("value") or n.named_children[-1]), kind)


def _nested(c: Reading, n: Syntax, kind: Syntax | None) -> Node:
    """A literal inside another may leave its type out."""
    if n.type == "literal_value":
        while kind is not None and kind.type == "pointer_type":
            kind = kind.named_children[0] if kind.named_children else None
        return _literal(c, n, kind, n)
    return lower_node(c, n)


def _unary(c: Reading, n: Syntax) -> Lowered:
    sign = n.children[0].type if n.children else ""
    value = pick(c, n, "operand")
    if sign in ("&", "*") and value is not None:
        return lower_node(c, value)
    return Other(span_of(c, n), "not" if sign == "!" else sign, (lower_part(c, n, value),))


def _range(c: Reading, n: Syntax) -> Lowered:
    left, right = pick(c, n, "left"), pick(c, n, "right")
    if right is None:
        return other_node(c, n)
    over = lower_node(c, right)
    return tuple(
        Assign(span_of(c, n), (lower_node(c, name),), Other(over.span, "each", (over,) if index == 0 else ()))
        for index, name in enumerate(_values(c, left))
    ) or (over,)


_WORDS = frozenset(
    [
        "any",
        "append",
        "bool",
        "byte",
        "cap",
        "clear",
        "close",
        "comparable",
        "complex",
        "copy",
        "delete",
        "error",
        "false",
        "float32",
        "float64",
        "int",
        "int16",
        "int32",
        "int64",
        "int8",
        "iota",
        "len",
        "make",
        "max",
        "min",
        "new",
        "nil",
        "panic",
        "print",
        "println",
        "recover",
        "rune",
        "string",
        "true",
        "uint",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
        "_",
    ]
)
_variable = s.parameter("name", "type")

LANGUAGE = Language(
    grammar="tree_sitter_go",
    visibility=Visibility(files="folder", words=_WORDS),
    blocks=frozenset(("block", "statement_list", "expression_statement", "parenthesized_expression", "literal_element")),
    functions=frozenset(("function_declaration", "method_declaration", "type_declaration", "const_declaration", "var_declaration")),
    strings=frozenset(("interpreted_string_literal", "raw_string_literal")),
    silent=frozenset(("package_clause", "empty_statement", "fallthrough_statement")),
    joins={
        "fmt.Sprintf": "printf",
        "strings.TrimRight": "first", "strings.TrimSuffix": "first", "strings.TrimSpace": "first",
    },
    arguments={"variadic_argument": e.spread_argument()},
    parameters={
        "parameter_declaration": _variable,
        "variadic_parameter_declaration": s.parameter("name", ""),
    },
    nodes={
        "identifier": lower_name, "package_identifier": lower_name, "field_identifier": lower_name, "type_identifier": lower_name,
        **dict.fromkeys(("int_literal", "float_literal", "imaginary_literal", "true", "false", "nil", "iota"), lower_const),
        "rune_literal": lower_const,
        "interpreted_string_literal": string(), "raw_string_literal": string(raw=True),
        "import_declaration": _import,
        "const_declaration": _specs, "var_declaration": _specs,
        "short_var_declaration": _assign, "assignment_statement": _assign,
        "type_declaration": _types, "field_declaration": _field,
        "function_declaration": s.function("name", "parameters", "body"),
        "method_declaration": s.function("name", "parameters", "body", receiver="receiver"),
        "func_literal": s.function("", "parameters", "body"),
        "return_statement": s.returned(),
        "if_statement": s.branch("condition", "consequence", "alternative", before="initializer"),
        "expression_switch_statement": s.cases("value", "", ("expression_case", "default_case"), s.labelled("value")),
        "range_clause": _range,
        "selector_expression": e.member("operand", "field"),
        "qualified_type": e.member("package", "name"),
        "generic_type": e.inner("type"),
        "index_expression": e.index("operand", "index"),
        "call_expression": e.call(),
        "composite_literal": _composite,
        "literal_value": lambda c, n: _literal(c, n, None, n),
        "unary_expression": _unary,
        "binary_expression": e.binary(),
        "type_assertion_expression": e.inner("operand"),
        "expression_list": e.sequence,
    },
)  # fmt: skip
