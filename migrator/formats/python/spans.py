"""Where each node of a libcst tree stands in the text.

libcst nodes carry no positions. Its own provider finds them by printing the tree, ten times slower than parsing it; this is the
same idea with nothing but two integers and a dictionary: print once, remember offsets. Common nodes are printed by their forms, in
half the time that they take themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.formats.python.printing import FORMS

if TYPE_CHECKING:
    from types import TracebackType

    import libcst

_STARTS = frozenset(
    (
        "Comment",
        "LeftParen",
        "FormattedStringText",
        "FormattedStringExpression",
        "TemplatedStringText",
        "TemplatedStringExpression",
    )
)
_SPACE = frozenset(" \t\f\r\n\\\ufeff")


class Spans:
    """The printer state that `_codegen` expects, which notes offsets as it goes.

    It is its own context manager: libcst opens `record_syntactic_position` around each node, strictly nested.
    """

    __slots__ = ("comments", "default_indent", "default_newline", "indent_tokens", "open", "pos", "spans", "starts", "tokens")

    def __init__(self, *, indent: str, newline: str) -> None:
        self.default_indent = indent
        self.default_newline = newline
        self.indent_tokens: list[str] = []
        self.tokens: list[str] = []
        self.pos = 0
        self.open: list[tuple[int, Any, int]] = []
        self.spans: dict[int, tuple[int, int]] = {}
        """By `id` of the node; parentheses around an expression are not part of it."""
        self.starts: dict[int, int] = {}
        """Of the nodes that libcst records no position for."""
        self.comments: list[tuple[int, int]] = []

    def increase_indent(self, value: str) -> None:
        """One level in."""
        self.indent_tokens.append(value)

    def decrease_indent(self) -> None:
        """One level out."""
        self.indent_tokens.pop()

    def add_indent_tokens(self) -> None:
        """The white space at the start of a line."""
        for token in self.indent_tokens:
            self.tokens.append(token)
            self.pos += len(token)

    def add_token(self, value: str) -> None:
        """A piece of text."""
        self.tokens.append(value)
        self.pos += len(value)

    def pop_trailing_newline(self) -> None:
        """The file ends without a line end."""
        if self.tokens:
            self.pos -= len(self.tokens.pop())

    def end_of(self, parts: list[Any]) -> int:
        """Where the first of some parts ends that is there; for a list, its last one."""
        for part in parts:
            if isinstance(part, list | tuple):
                part = part[-1] if part else None
            if part is not None:
                return self.spans[id(part)][1]
        return self.pos

    def before_codegen(self, node: Any) -> None:
        """Called before each node is printed."""
        kind = type(node).__name__
        if kind in _STARTS:
            if kind == "Comment":
                self.comments.append((self.pos, self.pos + len(node.value)))
            else:
                self.starts[id(node)] = self.pos

    def after_codegen(self, node: Any) -> None:
        """Called after each node was printed; of no use here."""

    def record_syntactic_position(self, node: Any, *, start_node: Any = None, end_node: Any = None) -> Spans:  # noqa: ARG002
        """Called around the printing of a node, without the white space that it owns."""
        self.open.append((id(node), end_node, self.pos))
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        node, end_node, start = self.open.pop()
        # a block's printed text runs on into the comments after it; it ends with its last statement
        end = self.spans.get(id(end_node)) if end_node is not None else None
        self.spans[node] = (start, self.pos if end is None else end[1])


class Inexact(Exception):  # noqa: N818 - a verdict, not a failure
    """The printed tree differs from the text in more than white space."""


def locate(module: libcst.Module, text: str) -> Spans:
    """The offsets of every node of `module` in `text`. Raises `Inexact` and `RecursionError`."""
    spans = Spans(indent=module.default_indent, newline=module.default_newline)
    try:
        put(spans, module)
        if "".join(spans.tokens) == text:
            return spans
    except AttributeError:
        pass  # another version of libcst calls a field something else
    # the forms are out of date, or libcst has forgotten something of the text: its own printing shows which
    spans = Spans(indent=module.default_indent, newline=module.default_newline)
    module._codegen(spans)  # type: ignore[arg-type]
    printed = "".join(spans.tokens)
    if printed != text:
        _realign(spans, printed, text)
    return spans


def put(spans: Spans, module: libcst.Module) -> None:
    """Print a module by the forms of its nodes."""
    for node in (*module.header, *module.body, *module.footer):
        _put(spans, node, FORM_OF[type(node)])
    if not module.has_trailing_newline:
        spans.pop_trailing_newline()


_Form = tuple[tuple[str, str], ...]


def step(word: str) -> tuple[str, str]:
    """A word of a form as what to do and with which part."""
    match word[0], word[-1]:
        case "'", _:
            return "text", word[1:-1]
        case "=", _:
            return "value", word[1:]
        case ":" | "-", _ if len(word) > 1:
            return "type", word.rstrip("?")
        case ">", _ if len(word) > 1:
            return "ends", word[1:]
        case _, "*":
            return "each", word[:-1]
        case _, "!":
            return "else", word[:-1]
    if not word[0].isalpha():
        return word, ""
    name = word.rstrip("?")
    return "space" if name.startswith("whitespace") else "part", name


_STEPS = {name: tuple(step(word) for word in form.split()) for name, form in FORMS.items()}
_WHITE_SPACE = _STEPS["SimpleWhitespace"]


class _Forms(dict[type, _Form | None]):
    """The form of each class of nodes, as steps; None for one that prints itself."""

    def __missing__(self, kind: type) -> _Form | None:
        self[kind] = _STEPS.get(kind.__name__)
        return self[kind]


FORM_OF = _Forms()


def _put(spans: Spans, node: Any, form: _Form | None) -> None:
    """Print a node by its form."""
    if form is None:
        node._codegen(spans)
        return
    start = spans.pos
    for what, word in form:
        if what == "part":
            part = getattr(node, word)
            inner = FORM_OF[type(part)]
            if inner != ():  # it is there
                _put(spans, part, inner)
        elif what == "space":
            part = getattr(node, word)
            inner = FORM_OF[type(part)]
            if inner is not _WHITE_SPACE:
                _put(spans, part, inner)
            elif value := part.value:  # half of all nodes, most of them of no width
                spans.tokens.append(value)
                spans.pos += len(value)
        elif what == "text":
            spans.tokens.append(word)
            spans.pos += len(word)
        elif what == "value":
            value = getattr(node, word)
            if value is None:  # a line end like most in the file
                value = spans.default_newline
            spans.tokens.append(value)
            spans.pos += len(value)
        elif what == "(":
            for part in node.lpar:
                _put(spans, part, FORM_OF[type(part)])
            start = spans.pos
        elif what == ")":
            spans.spans[id(node)] = start, spans.pos
            for part in node.rpar:
                _put(spans, part, FORM_OF[type(part)])
        elif what == "<":
            start = spans.pos
        elif what == ">":
            spans.spans[id(node)] = start, spans.pos
        elif what == "ends":
            spans.spans[id(node)] = start, spans.end_of([getattr(node, name) for name in word.split("/")])
        else:
            _put_rarer(spans, node, what, word)


def _put_rarer(spans: Spans, node: Any, what: str, word: str) -> None:
    """The steps of forms that few nodes have."""
    if what == "each":
        parts = getattr(node, word)
        for part in parts if isinstance(parts, list | tuple) else (parts,):
            _put(spans, part, FORM_OF[type(part)])
    elif what == "else":
        part = getattr(node, word)
        _put(spans, part, _STEPS["elif"] if type(part).__name__ == "If" else FORM_OF[type(part)])
    elif what == "type":
        _put_type(spans, node, word)
    elif what == "|":
        spans.add_indent_tokens()
    elif what == "|?":
        if node.indent:
            spans.add_indent_tokens()
    elif what == "@":
        spans.starts[id(node)] = spans.pos
    elif what == "#":
        spans.comments.append((spans.pos, spans.pos + len(node.value)))
    elif what == "+":
        spans.increase_indent(spans.default_indent if node.indent is None else node.indent)
    else:
        spans.decrease_indent()


def _put_type(spans: Spans, node: Any, word: str) -> None:
    """`: type` or `-> type`. libcst does not say which of them a type stands behind; that depends on whose it is."""
    sign, name = (":", word[1:]) if word[0] == ":" else ("->", word[2:])
    annotation = getattr(node, name)
    if annotation is None:
        return
    before, after, inner = annotation.whitespace_before_indicator, annotation.whitespace_after_indicator, annotation.annotation
    _put(spans, before, FORM_OF[type(before)])
    spans.add_token(sign)
    _put(spans, after, FORM_OF[type(after)])
    start = spans.pos
    _put(spans, inner, FORM_OF[type(inner)])
    spans.spans[id(annotation)] = start, spans.pos


def _realign(spans: Spans, printed: str, text: str) -> None:
    """Carry offsets over from `printed` to `text`.

    libcst forgets some white space (`except X :`, form feeds, a lone CR at the end, `{x !r : >3}`), never anything else;
    so the two are the same characters in the same order once white space is left out of account.
    """
    to: list[int] = []
    at, size = 0, len(text)
    for char in printed:
        while at < size and text[at] != char and text[at] in _SPACE:
            at += 1
        if at < size and text[at] == char:
            to.append(at)
            at += 1
        elif char in _SPACE:
            to.append(at)
        else:
            raise Inexact
    if text[at:].strip(" \t\f\r\n\\"):
        raise Inexact
    to.append(at)
    spans.spans = {node: (to[start], to[end - 1] + 1 if end > start else to[start]) for node, (start, end) in spans.spans.items()}
    spans.starts = {node: to[start] for node, start in spans.starts.items()}
    spans.comments = [(to[start], to[end - 1] + 1) for start, end in spans.comments]
