"""Factories for statements: declarations, branches, functions and classes. Parts are named as `reading.pick` takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from migrator.formats.languages.expressions import target_of
from migrator.formats.languages.lowering import (
    body_of,
    lower_argument,
    lower_node,
    lower_part,
    lower_statements,
    lower_type,
    missing_node,
    other_node,
)
from migrator.formats.languages.reading import Handler, Lowered, ParameterHandler, Reading, parts_of, pick, span_of, word_of
from migrator.formats.tree import (
    Alt,
    Arg,
    Assign,
    Call,
    Class,
    Compare,
    Func,
    If,
    Import,
    Index,
    Name,
    Node,
    Other,
    Param,
    Raise,
    Return,
    Str,
    children,
)
from migrator.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def declaration(*kinds: str, name: str = "name", value: str = "value", type_: str = "type") -> Handler:
    """A statement that declares names: one `Assign` for each declarator of these kinds, or one for the statement itself.

    The type may stand with the statement or with the declarator; the span of the only declarator is the statement's.
    """

    def lower(c: Reading, n: Syntax) -> Lowered:
        declarators = _below(n, kinds) if kinds else [n]
        out: list[Node] = []
        for declarator in declarators:
            target, given = pick(c, declarator, name), pick(c, declarator, value)
            if target is None:
                return other_node(c, n)
            annotation = pick(c, declarator, type_) or pick(c, n, type_)
            out.append(
                Assign(
                    span_of(c, n if len(declarators) == 1 else declarator),
                    (target_of(lower_node(c, target)),),
                    None if given is None or given == target else lower_node(c, given),
                    lower_type(c, annotation),
                )
            )
        return tuple(out) if declarators else other_node(c, n)

    return lower


def _below(n: Syntax, kinds: tuple[str, ...]) -> list[Syntax]:
    """The nearest parts of these kinds."""
    out: list[Syntax] = []
    stack = list(reversed(n.named_children))
    while stack:
        child = stack.pop()
        if child.type in kinds:
            out.append(child)
        elif child.type in _LISTS:
            stack += reversed(child.named_children)
    return out


_LISTS = frozenset(("var_spec_list", "variable_declaration", "static_final_declaration_list", "initialized_identifier_list"))


def branch(test: str, yes: str, no: str, *, before: str = "", negated: bool = False) -> Handler:
    """`if test {yes} else {no}`; `before`: a statement that runs first. `negated`: `unless`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        condition, body, otherwise = pick(c, n, test), pick(c, n, yes), pick(c, n, no)
        first = pick(c, n, before) if before else None
        opening = () if first is None else lower_statements(c, (first,))
        subject = lower_part(c, n, condition)
        if negated:
            subject = Other(subject.span, "not", (subject,))
        whole = If(span_of(c, n), subject, body_of(c, body), body_of(c, otherwise))
        # what is declared before the test is seen in the branches alone
        return Other(whole.span, "init", (*opening, whole)) if opening else whole

    return lower


def cases(subject: str, body: str, kinds: tuple[str, ...], labels: Callable[[Reading, Syntax], list[Syntax]]) -> Handler:
    """`switch`, `case`, `match`: a chain of `If`s whose tests compare the subject with each label; no label is the default."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        given, inside = pick(c, n, subject), pick(c, n, body) if body else n
        if inside is None:
            return other_node(c, n)
        value = None if given is None else lower_node(c, given)
        links: list[tuple[Syntax, Node, tuple[Node, ...]]] = []
        orelse: tuple[Node, ...] = ()
        for case in inside.named_children:
            if case.type not in kinds:
                continue
            marks = labels(c, case)
            rest = lower_statements(c, [child for child in case.named_children if child not in marks])
            if not marks:
                orelse = rest
                continue
            tests: list[Node] = []
            for mark in marks:
                label = lower_node(c, mark)
                tests.append(label if value is None else Compare(label.span, "==", (value, label)))
            test = tests[0] if len(tests) == 1 else Alt(Span(tests[0].span.start, tests[-1].span.end), tuple(tests))
            links.append((case, test, rest))
        end = c.at[n.end_byte]
        if not links or len(links) > _LONGEST:
            return Other(span_of(c, n), "switch", (*(If(span_of(c, case), test, rest, ()) for case, test, rest in links), *orelse))
        for case, test, rest in reversed(links):
            orelse = (If(Span(c.at[case.start_byte], end), test, rest, orelse),)
        return orelse

    return lower


_LONGEST = 50
"""Branches of one `switch` that become nested nodes."""


def labelled(*which: str) -> Callable[[Reading, Syntax], list[Syntax]]:
    """The labels of a case: all parts of these fields or kinds."""

    def find(_c: Reading, n: Syntax) -> list[Syntax]:
        out: list[Syntax] = []
        for part in which:
            if part.startswith("."):
                out += [child for child in n.named_children if child.type in part[1:].split("|")]
            else:
                out += n.children_by_field_name(part)
        return [child for child in out if child.is_named]

    return find


def returned(which: str = "#0") -> Handler:
    """`return value`. Of several values (`return value, err`) the first is the function's."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        part = pick(c, n, which)
        if part is None:
            return Return(span_of(c, n), None)
        if part.type in ("expression_list", "argument_list"):
            first, *rest = parts_of(c, part) or [part]
            return (Return(span_of(c, n), lower_node(c, first)), *lower_statements(c, rest))
        return Return(span_of(c, n), lower_node(c, part))

    return lower


def raised(which: str = "#0") -> Handler:
    """`throw value`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        part = pick(c, n, which)
        return Raise(span_of(c, n), None if part is None else lower_node(c, part))

    return lower


def each(name: str, value: str, body: str) -> Handler:
    """`for name in value { body }`."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        target, over = pick(c, n, name), pick(c, n, value)
        if target is None or over is None:
            return other_node(c, n)
        many = lower_node(c, over)
        bound = Assign(Span(c.at[target.start_byte], many.span.end), (lower_node(c, target),), Other(many.span, "each", (many,)))
        return Other(span_of(c, n), "for", (bound, *body_of(c, pick(c, n, body))))

    return lower


def parameter(name: str = "name", type_: str = "type", default: str = "") -> ParameterHandler:
    """A parameter; several where one type is written for more names."""

    def lower(c: Reading, n: Syntax) -> Param | tuple[Param, ...]:
        annotation = lower_type(c, pick(c, n, type_)) if type_ else None
        given = pick(c, n, default) if default else None
        names = (
            n.children_by_field_name(name) if name[0] not in "#." else [part for part in (pick(c, n, name),) if part is not None]
        )
        default_node = None if given is None or given in names else lower_node(c, given)
        made = []
        for part in names:
            place, word = word_of(c, part)
            made.append(
                Param(span_of(c, n) if len(names) == 1 else place, word.strip("*&@$: `").lstrip("$"), default_node, annotation)
            )
        return tuple(made) if made else Param(span_of(c, n), "", default_node, annotation)

    return lower


def lower_parameters(c: Reading, n: Syntax | None) -> tuple[Param, ...]:
    """The parameters in a list of them; a bare name is one too."""
    if n is None:
        return ()
    if n.type in c.language.parameters:
        made = c.language.parameters[n.type](c, n)
        return made if isinstance(made, tuple) else (made,)
    if n.type == "identifier":
        span, word = word_of(c, n)
        return (Param(span, word),)
    out: list[Param] = []
    for child in parts_of(c, n):
        handler = c.language.parameters.get(child.type)
        if handler is not None:
            made = handler(c, child)
            out += made if isinstance(made, tuple) else (made,)
        elif child.type in ("identifier", "simple_identifier"):
            span, word = word_of(c, child)
            out.append(Param(span, word))
        elif child.type in _PARAMETER_LISTS:
            out += lower_parameters(c, child)
    return tuple(out)


_PARAMETER_LISTS = frozenset(("optional_formal_parameters", "formal_parameters", "lambda_parameters", "inferred_parameters"))


def function(
    name: str = "name",
    parameters: str = "parameters",
    body: str = "body",
    *,
    receiver: str = "",
    decorators: str = "",
    result: bool = False,
) -> Handler:
    """A function or method. `receiver`: a parameter written before its name. `result`: its last expression is what it returns."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        called, inside = pick(c, n, name) if name else None, pick(c, n, body)
        listed = pick(c, n, parameters)
        params = (
            (*lower_parameters(c, pick(c, n, receiver)), *lower_parameters(c, listed)) if receiver else lower_parameters(c, listed)
        )
        marks = tuple(lower_node(c, child) for child in _marks(n, decorators)) if decorators else ()
        expression = inside is not None and inside.type not in c.language.blocks
        if inside is None:
            statements: tuple[Node, ...] = ()
        elif expression and inside.type not in _BODIES:
            value = lower_node(c, inside)
            statements = (value,) if isinstance(value, Return | Raise | Assign) else (Return(value.span, value),)
        else:
            statements = lower_statements(c, inside.named_children if expression else (inside,))
            if result and statements:
                statements = (*statements[:-1], *_last(statements[-1]))
        return Func(span_of(c, n), "" if called is None else word_of(c, called)[1].strip("`"), params, statements, marks)

    return lower


_BODIES = frozenset(("constructor_body", "body_statement", "function_body", "block_body"))


def _last(node: Node) -> tuple[Node, ...]:
    """The last statement of a body whose value is the function's."""
    match node:
        case If(span=span, test=test, body=body, orelse=orelse):
            return (
                If(
                    span,
                    test,
                    (*body[:-1], *(_last(body[-1]) if body else ())),
                    (*orelse[:-1], *(_last(orelse[-1]) if orelse else ())),
                ),
            )
        case Assign(targets=(target, *_)):
            return (node, Return(target.span, target))
        case Return() | Raise() | Assign() | Func() | Class() | Import():
            return (node,)
        case Other(kind=kind) if kind in ("while", "for", "until", "begin", "switch", "try", "error"):
            return (node,)
        case _:
            return (Return(node.span, node),)


def _marks(n: Syntax, which: str) -> list[Syntax]:
    kinds = which.split("|")
    out = [child for child in n.named_children if child.type in kinds]
    for child in n.named_children:
        if child.type in ("modifiers", "attribute_list"):
            out += [mark for mark in child.named_children if mark.type in kinds]
    return out


def class_(
    kind: str = "class",
    name: str = "name",
    body: str = "body",
    bases: tuple[str, ...] = (),
    decorators: str = "",
    parameters: str = "",
) -> Handler:
    """A class or what is like one. `parameters`: those of a constructor that stands in its head, which are its fields."""

    def lower(c: Reading, n: Syntax) -> Lowered:
        called = pick(c, n, name)
        above: list[Arg] = []
        for which in bases:
            part = pick(c, n, which)
            if part is not None:
                listed = [child for child in part.named_children if child.type not in c.language.comments]
                above += [lower_argument(c, child) for child in listed] or [lower_argument(c, part)]
        marks = tuple(lower_node(c, child) for child in _marks(n, decorators)) if decorators else ()
        inside = pick(c, n, body) if body else None
        head = lower_parameters(c, pick(c, n, parameters)) if parameters else ()
        fields = [
            Assign(param.span, (Name(param.span, param.name),), param.default, param.annotation or Other(param.span, "type", ()))
            for param in head
        ]
        statements = () if inside is None else lower_statements(c, inside.named_children)
        word = "" if called is None else word_of(c, called)[1].rpartition(".")[2].rpartition("::")[2]
        return Class(span_of(c, n), word, kind, tuple(above), (*fields, *statements), marks)

    return lower


REQUESTS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HTTP"))
"""Annotations that make a method without a body a request: https://square.github.io/retrofit/declarations/"""
HEADER = frozenset(("Header",))
HEADERS = frozenset(("Headers",))
"""Headers that are the same in each request, `@Headers("Authorization: Bearer …")`."""


def given_header(mark: Call, value: Name) -> tuple[Node, ...]:
    """The header that an annotation names is given a value: `headers["Authorization"] = key`."""
    name = mark.args[0].value if mark.args else None
    if not isinstance(name, Str):
        return ()
    return (Assign(mark.span, (Index(mark.span, Name(mark.span, "headers"), name),), value),)


BOUND = frozenset(("ConfigurationProperties",))


def with_settings(made: Lowered, marks: Iterable[Call]) -> Lowered:
    """A class that Spring fills by the names of its fields: each text is the setting under the prefix, as `@Value` would give it.

    https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties
    """
    prefix = next((text.value for mark in marks for arg in mark.args for text in _texts(arg.value)), "")
    if not isinstance(made, Class) or not prefix:
        return made
    for part in made.body:
        match part:
            case Assign(targets=(Name(id=name, span=span),), annotation=Name(id="String")) if part.value is None or _texts(
                part.value
            ):
                at = Span(span.end, span.end)
                setting = Str(at, f"${{{prefix}.{name}}}", at, False)
                default = () if part.value is None else (Arg(part.value.span, part.value),)
                part.value = Call(span, Name(span, "Value"), (Arg(at, setting), *default), span.end)
            case _:
                pass
    return made


def _texts(node: Node) -> tuple[Str, ...]:
    """A text, or those in what an annotation gives an element."""
    if isinstance(node, Str):
        return (node,)
    return tuple(child for child in children(node) if isinstance(child, Str)) if isinstance(node, Other | Assign) else ()


def field_without_value(c: Reading, n: Syntax) -> Node:
    """A member of an enum: a name, with what it is made of as its value."""
    called = pick(c, n, "name") or pick(c, n, "#0")
    if called is None:
        return missing_node(c, n)
    rest = [child for child in parts_of(c, n) if child != called]
    value = None
    if rest:
        made = [lower_argument(c, child).value for part in rest for child in (parts_of(c, part) or [part])]
        value = made[0] if len(made) == 1 else Other(span_of(c, n), "members", tuple(made))
    place, word = word_of(c, called)
    return Assign(span_of(c, n), (Name(place, word),), value)


def imported(c: Reading, n: Syntax, module: str, place: Span, name: str | None, local: str, at: Span | None = None) -> Import:
    """One import; the local name has a place of its own only where it is written apart."""
    return Import(span_of(c, n), module, place, name, None, local, at)
