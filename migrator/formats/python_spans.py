"""Where each node of a libcst tree stands in the text.

libcst nodes carry no positions. Its own provider finds them by printing the tree, ten times slower than parsing it; this is the
same idea with nothing but two integers and a dictionary: print once, remember offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    found = Spans(indent=module.default_indent, newline=module.default_newline)
    module._codegen(found)  # type: ignore[arg-type]
    printed = "".join(found.tokens)
    if printed != text:
        _realign(found, printed, text)
    return found


def _realign(found: Spans, printed: str, text: str) -> None:
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
    found.spans = {node: (to[start], to[end - 1] + 1 if end > start else to[start]) for node, (start, end) in found.spans.items()}
    found.starts = {node: to[start] for node, start in found.starts.items()}
    found.comments = [(to[start], to[end - 1] + 1) for start, end in found.comments]
