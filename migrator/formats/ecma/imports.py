"""What JavaScript and TypeScript take out of modules and give to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.formats.ecma.context import Reading, Statement, real_children, span_of, text_of
from migrator.formats.ecma.expressions import property_key
from migrator.formats.ecma.literals import key_of, lower_string
from migrator.formats.ecma.lowering import lower_node, lower_statements, other_node
from migrator.formats.tree import Assign, Class, Import, Item, Name, Node, Obj, Other, Str
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

MAY_IMPORT = frozenset(("call_expression", "await_expression", "member_expression", "as_expression"))


def required_names(c: Reading, span: Span, name: Syntax, value: Syntax, out: list[Node]) -> bool:
    """Whether this declaration only takes names out of a module (`require("m")`, `await import("m")`); if so, its imports."""
    member, awaited = None, False
    if value.type == "member_expression":
        member, inner = value.child_by_field_name("property"), value.child_by_field_name("object")
        if inner is None or member is None:
            return False
        value = inner
    while value.type in ("parenthesized_expression", "await_expression", "as_expression"):
        awaited = awaited or value.type == "await_expression"
        parts = real_children(value)
        if not parts:
            return False
        value = parts[0]
    function, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
    if value.type != "call_expression" or function is None or arguments is None:
        return False
    if not (awaited if function.type == "import" else text_of(c, span_of(c, function)) == "require"):
        return False
    given = real_children(arguments)
    if len(given) != 1 or given[0].type != "string":
        return False
    module = lower_string(c, given[0])
    if name.type == "identifier":
        taken = None if member is None else span_of(c, member)
        local = span_of(c, name)
        out.append(
            Import(span, module.value, module.inner, None if taken is None else text_of(c, taken), taken, text_of(c, local), local)
        )
        return True
    if name.type != "object_pattern" or member is not None:
        return False
    nodes: list[Node] = []
    for child in real_children(name):
        key = target = child
        match child.type:
            case "object_assignment_pattern":
                key = target = child.named_children[0]
            case "pair_pattern":
                first, second = child.child_by_field_name("key"), child.child_by_field_name("value")
                if first is None or second is None or first.type not in ("property_identifier", "string"):
                    return False
                key, target = first, second.named_children[0] if second.type == "assignment_pattern" else second
                if target.type != "identifier":
                    return False
            case "rest_pattern":
                rest = span_of(c, child.named_children[0])
                nodes.append(Import(span, module.value, module.inner, None, None, text_of(c, rest), rest))
                continue
            case "shorthand_property_identifier_pattern":
                pass
            case _:
                return False
        taken, word = key_of(c, key)
        local = span_of(c, target)
        nodes.append(Import(span, module.value, module.inner, word, taken, text_of(c, local), None if target == key else local))
    out += nodes or [Import(span, module.value, module.inner, None, None, "", None)]
    return True


def _has_word(n: Syntax, word: str) -> bool:
    """Whether a keyword stands among the children; also inside an error, for `export type *`, which the grammar does not know."""
    return any(
        child.type == word or (child.type == "ERROR" and child.child_count == 1 and child.children[0].type == word)
        for child in n.children
    )


def _import(c: Reading, n: Syntax, out: list[Node]) -> None:
    span = span_of(c, n)
    clause = next((child for child in n.named_children if child.type in ("import_clause", "import_require_clause")), None)
    source = n.child_by_field_name("source")
    if source is None and clause is not None:
        source = clause.child_by_field_name("source")
    if source is None:
        out.append(other_node(c, n))
        return
    literal = lower_string(c, source)
    module, place = literal.value, literal.inner
    only = _has_word(n, "type")
    before = len(out)
    for child in () if clause is None else real_children(clause):
        match child.type:
            case "identifier":
                local = span_of(c, child)
                name = "default" if clause is not None and clause.type == "import_clause" else None
                out.append(Import(span, module, place, name, None, text_of(c, local), local, only))
            case "namespace_import" if inner := real_children(child):
                local = span_of(c, inner[0])
                out.append(Import(span, module, place, None, None, text_of(c, local), local, only))
            case "named_imports":
                out += _specifiers(c, span, literal, child, only, False)
    if len(out) == before:
        out.append(Import(span, module, place, None, None, "", None, only))


def _specifiers(c: Reading, span: Span, module: Str, n: Syntax, only: bool, again: bool) -> list[Import]:
    """The names between the braces of an import, or of a re-export (`again`)."""
    specifiers = []
    for specifier in n.named_children:
        if specifier.type in ("import_specifier", "export_specifier"):
            name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
            taken, word = key_of(c, name if name is not None else specifier)
            local, called = (None, word) if alias is None else key_of(c, alias)
            typed = only or _has_word(specifier, "type")
            specifiers.append(Import(span, module.value, module.inner, word, taken, called, local, typed, again))
    return specifiers


def _export(c: Reading, n: Syntax, out: list[Node]) -> None:
    span = span_of(c, n)
    children = n.children
    if (source := n.child_by_field_name("source")) is not None:
        module, only = lower_string(c, source), _has_word(n, "type")
        for child in children:
            match child.type:
                case "*":
                    star = span_of(c, child)
                    out.append(Import(span, module.value, module.inner, "*", star, "*", None, only, True))
                case "namespace_export" if inner := real_children(child):
                    local, called = key_of(c, inner[0])
                    out.append(Import(span, module.value, module.inner, None, None, called, local, only, True))
                case "export_clause":
                    out += _specifiers(c, span, module, child, only, True)
        return
    given = n.child_by_field_name("declaration") or n.child_by_field_name("value")
    kinds = [child.type for child in children]
    if given is None:
        parts = [_export_clause(c, child) if child.type == "export_clause" else lower_node(c, child) for child in real_children(n)]
        out.append(Other(span, "export", tuple(parts)))
        return
    made = list(lower_statements(c, (given,)))
    if "decorator" in kinds:
        decorators = tuple([lower_node(c, child) for child in children if child.type == "decorator"])
        for node in made:
            if isinstance(node, Class):
                node.decorators = (*decorators, *node.decorators)
                node.span = span
    if "default" in kinds:
        default = span_of(c, children[kinds.index("default")])
        made = [Assign(span, (Name(default, "default"),), node) for node in made]
    for node in made:
        if isinstance(node, Assign):
            node.exported = True
    out += made


def _export_clause(c: Reading, n: Syntax) -> Obj:
    items = []
    for specifier in n.named_children:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        if specifier.type == "export_specifier" and name is not None:
            local = lower_node(c, name)
            outside = name if alias is None else alias
            items.append(Item(span_of(c, specifier), property_key(c, outside), local, alias is None))
    return Obj(span_of(c, n), tuple(items))


def _import_alias(c: Reading, n: Syntax, out: list[Node]) -> None:
    parts = real_children(n)
    if len(parts) == 2:
        out.append(Assign(span_of(c, n), (lower_node(c, parts[0]),), lower_node(c, parts[1])))
    else:
        out.append(other_node(c, n))


STATEMENTS: dict[str, Statement] = {"import_statement": _import, "export_statement": _export, "import_alias": _import_alias}
