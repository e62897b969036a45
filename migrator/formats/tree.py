"""The one small tree that every language and configuration format is lowered to.

Rules would otherwise exist once a language: `OpenAI(base_url=…)` in Python, `new OpenAI({baseURL: …})` in TypeScript and a
mapping with `base_url:` in YAML are the same sentence. A format's `lower` turns its own syntax into these nodes, with exact
spans, and nothing later knows what a syntax tree is. Whatever a format has no word for becomes `Other` with its children,
so that nothing inside is lost.

Nodes are plain slotted dataclasses, built once and never changed; they are not frozen because a frozen one costs three times
as much to build and a file has thousands.

Two kinds of module come out:

* programs (`python`, `ecma`): `body` holds statements and expressions; environment access stays a `Call`, `Attr` or `Index`
  (what `os.getenv` means is decided later, once);
* configuration (`yaml`, `json`, `toml`, `dotenv`, `shell`, …): `body` holds `Obj`, `Seq`, `Str`, `Join`, `EnvDef`, `EnvRef`:
  the format itself says what defines and what reads a variable.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, overload

from migrator.model import Span
from migrator.records import dataclass


@dataclass(slots=True)
class Str:
    """A string literal, scalar or bare word."""

    span: Span
    """With quotes and prefix."""
    value: str
    """What the program sees."""
    inner: Span
    """Without quotes and prefix."""
    exact: bool
    """True: the text of `inner` equals `value`, so an offset in one is an offset in the other (no escapes, no folding)."""


@dataclass(slots=True)
class Join:
    """Pieces put together: f-string, template literal, `+` on strings, `"…".format(…)`, `"…" % …`, `${X}` inside a scalar."""

    span: Span
    parts: tuple[Node, ...]
    """In order; literal pieces are `Str` with an empty quote (span equals inner)."""


@dataclass(slots=True)
class Name:
    """An identifier that is read."""

    span: Span
    id: str


@dataclass(slots=True)
class Attr:
    """`base.name`, `base?.name`, `base!.name`."""

    span: Span
    base: Node
    name: str
    name_span: Span


@dataclass(slots=True)
class Index:
    """`base[key]`."""

    span: Span
    base: Node
    key: Node


@dataclass(slots=True)
class Arg:
    """One argument. `name` for a Python keyword argument; `star` for `*x`, `**x`, `...x`."""

    span: Span
    value: Node
    name: str | None = None
    name_span: Span | None = None
    star: bool = False


@dataclass(slots=True)
class Call:
    """A call or `new` expression; also a decorator with arguments and a tagged template."""

    span: Span
    func: Node
    args: tuple[Arg, ...]
    close: int
    """Offset of the closing parenthesis, where one more argument can be put."""


@dataclass(slots=True)
class Item:
    """One entry of an `Obj`. `key` is None for a spread (`**x`, `...x`, YAML `<<`)."""

    span: Span
    key: Node | None
    """`Str` for quoted and bare keys (bare: inner equals span), else an expression (computed key)."""
    value: Node
    shorthand: bool = False
    """`{ apiKey }`: key and value are the same text; `value` is a `Name` with the same span."""


@dataclass(slots=True)
class Obj:
    """Dict display, object literal, YAML/JSON/TOML mapping. Methods of object literals are items whose value is a `Func`."""

    span: Span
    items: tuple[Item, ...]


@dataclass(slots=True)
class Seq:
    """List, tuple, set, array, YAML sequence."""

    span: Span
    items: tuple[Node, ...]


@dataclass(slots=True)
class Alt:
    """One of several values: `a or b`, `a ?? b`, `a || b`, `x if c else y`, `c ? x : y`. `test` is the condition, if any."""

    span: Span
    parts: tuple[Node, ...]
    test: Node | None = None


@dataclass(slots=True)
class Compare:
    """`==`, `!=`, `===`, `in`, `not in`, `<`…, and `case` patterns; also `a and b` never: that is `Other`."""

    span: Span
    op: str
    parts: tuple[Node, ...]


@dataclass(slots=True)
class Const:
    """Number, boolean, None, null, undefined, regular expression: `text` is the source text."""

    span: Span
    text: str


@dataclass(slots=True)
class Param:
    """A parameter of a function. Destructured parameters have `name` "" and their pattern as `pattern`."""

    span: Span
    name: str
    default: Node | None = None
    annotation: Node | None = None
    pattern: Node | None = None
    """An `Obj` whose values are `Name` (the local) or `Alt(Name, default)`; keys are what is taken out."""


@dataclass(slots=True)
class Func:
    """`def`, `async def`, `lambda`, function, arrow function, method. `name` is "" where it has none."""

    span: Span
    name: str
    params: tuple[Param, ...]
    body: tuple[Node, ...]
    """An expression body is one `Return`."""
    decorators: tuple[Node, ...] = ()


@dataclass(slots=True)
class Class:
    """A class, TypeScript interface, object type, `namespace` or enum (`kind`). Fields are `Assign`, methods are `Func`.

    An enum member is an `Assign`; an interface member `X: string` is an `Assign` without value whose `annotation` is an `Other`.
    """

    span: Span
    name: str
    kind: str
    """`class`, `interface`, `enum`, `namespace`."""
    bases: tuple[Arg, ...]
    body: tuple[Node, ...]
    decorators: tuple[Node, ...] = ()


@dataclass(slots=True)
class Assign:
    """`target = value`, `const target = value`, a class field, an annotated declaration, `target += value` (`augmented`).

    Targets: `Name`, `Attr`, `Index`, or a pattern: `Seq` for tuple targets, `Obj` for `const { A, B: c = d } = value`, whose items
    have `Str` keys (what is taken) and `Name` or `Alt(Name, default)` values (the local).
    """

    span: Span
    targets: tuple[Node, ...]
    value: Node | None
    annotation: Node | None = None
    augmented: bool = False
    exported: bool = False


@dataclass(slots=True)
class Import:
    """One imported name.

    Python `import a.b as c` → module "a.b", name None, local "c" (without alias: local "a");
    `from ..a import b as c` → module "..a", name "b", local "c"; `from a import *` → name "*", local "*".
    ECMA `import D, { b as c } from "m"` → two: name "default" and "b"; `import * as n` and `require("m")` bound to a name →
    name None; `const { b: c } = require("m")` and `await import("m")` likewise; `import "m"` → local "".
    A re-export `export { b as c } from "m"` has `reexport` True.
    """

    span: Span
    module: str
    module_span: Span
    name: str | None
    name_span: Span | None
    local: str
    local_span: Span | None
    """None where the local name is not written apart (`import { A }`, `from m import A`)."""
    type_only: bool = False
    reexport: bool = False


@dataclass(slots=True)
class If:
    """A conditional statement; `switch`/`match` become a chain of these whose tests are `Compare("==", (subject, case))`."""

    span: Span
    test: Node
    body: tuple[Node, ...]
    orelse: tuple[Node, ...]


@dataclass(slots=True)
class Return:
    """`return value`, `yield value`, the body of a lambda or arrow function."""

    span: Span
    value: Node | None


@dataclass(slots=True)
class Raise:
    """`raise value`, `throw value`."""

    span: Span
    value: Node | None


@dataclass(slots=True)
class Other:
    """Everything else: loops, `with`, `try`, `await x`, `a and b`, `not x`, arithmetic, JSX elements, type annotations.

    `kind` is a short word of the source language's grammar (`await`, `with`, `for`, `jsx`, `and`, `not`, `type`, `del`, `assert`).
    """

    span: Span
    kind: str
    children: tuple[Node, ...]


@dataclass(slots=True)
class EnvDef:
    """Configuration gives a variable a value: a line of a `.env` file, `environment:` of a service, `ENV`, `export`."""

    span: Span
    """The whole entry (a line of an env file without its line end; a list item; a mapping entry)."""
    name: str
    name_span: Span
    value: Node | None
    """None: passed through by name only (`- X` in compose, `docker run -e X`); `Str`, `Join` or `EnvRef` else."""
    how: str
    """Which form this is, in the words of the format: `dotenv`, `compose-map`, `compose-list`, `actions-env`, `actions-with`,
    `dockerfile-env`, `dockerfile-arg`, `shell-export`, `shell-prefix`, `docker-run`, `k8s-env`, `mcp-env`, …"""
    commented: bool = False
    """`# X=value`: an assignment that is switched off."""
    owner: str = ""
    """Whose name the left side is: "" for this repository's own programs; else a word and a name: `image:ghcr.io/x/y`,
    `action:owner/repo@v1`, `mcp:npx some-server`, `workflow:owner/repo/…`. A name with a foreign owner is never renamed."""


@dataclass(slots=True)
class EnvRef:
    """Configuration reads a variable: `${X}`, `$X`, `%X%`, `$env:X`, `${{ secrets.X }}`, `os.environ/X`, `{env:X}`."""

    span: Span
    """The whole reference."""
    name: str
    name_span: Span
    how: str
    """`shell`, `compose`, `actions-secret`, `actions-env`, `actions-var`, `litellm`, `omegaconf`, `k8s-secret-key`, …"""
    default: Node | None = None
    """`${X:-default}`."""
    owner: str = ""
    """As in `EnvDef`; `store:github-secrets` and the like say in which hosted store the value must exist."""


Node = (
    Str | Join | Name | Attr | Index | Call | Obj | Seq | Alt | Compare | Const | Func | Class | Assign | Import | If
    | Return | Raise | Other | EnvDef | EnvRef
)  # fmt: skip


class RegionKind(StrEnum):
    """What a stretch of text is, for lines that no node speaks of."""

    COMMENT = "comment"
    DOCSTRING = "docstring"
    STRING = "string"
    MARKUP = "markup"
    """JSX text, HTML, prose of a document."""
    FENCE = "fence"
    """A fenced block of a document."""
    OUTPUT = "output"
    """Recorded output: notebook cells, cassettes."""
    TYPE = "type"
    """A type annotation or declaration."""


@dataclass(slots=True)
class Region:
    """A stretch of text and what it is. Regions do not overlap and are sorted; what none covers is code or data."""

    span: Span
    kind: RegionKind


class Later(Sequence[Region]):
    """Regions that are found when somebody asks for more than was `known` of some offsets at once."""

    __slots__ = ("_find", "_found", "known", "without")

    def __init__(
        self,
        find: Callable[[], tuple[Region, ...]],
        known: Mapping[int, RegionKind | None],
        without: frozenset[RegionKind] = frozenset(),
    ) -> None:
        self.known = known
        self.without = without
        """Kinds that the file has none of."""
        self._find: Callable[[], tuple[Region, ...]] | None = find
        self._found: tuple[Region, ...] = ()

    def _all(self) -> tuple[Region, ...]:
        if self._find is not None:
            self._found, self._find = self._find(), None
        return self._found

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Region]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Region: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Region, ...]: ...
    def __getitem__(self, index: int | slice) -> Region | tuple[Region, ...]:
        return self._all()[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """What a name means in a language beyond the names that its own scopes, imports and `self.` give it."""

    members: bool = False
    """Members of a class are seen in its methods without `self.`."""
    files: str = ""
    """Which other files' names are seen without an import: `folder` (a Go package), `tree` (Ruby, Swift); "" for none."""
    calls: bool = False
    """A method without parameters is called by its name alone."""
    words: frozenset[str] = frozenset()
    """Names that the language itself gives a meaning: nobody looks for them in other files."""


@dataclass(slots=True)
class Module:
    """A lowered file."""

    path: str
    language: str
    """`python`, `ecma`, `yaml`, `json`, `toml`, `dotenv`, `shell`, `dockerfile`, `text`, …"""
    body: tuple[Node, ...]
    regions: Sequence[Region] = ()
    errors: tuple[tuple[int, str], ...] = ()
    """Places that could not be understood, as (1-based line, complaint), where the rest of the file still could be."""
    visibility: Visibility | None = None
    """How names are found in it; None for Python, JavaScript and configuration, where an import or a scope says it."""

    def regions_of(self, kind: RegionKind) -> Sequence[Region]:
        """The regions of one kind."""
        if isinstance(self.regions, Later) and kind in self.regions.without:
            return ()
        return [region for region in self.regions if region.kind is kind]

    def region_at(self, offset: int) -> RegionKind | None:
        """What the text at an offset is; None where no region covers it."""
        if isinstance(self.regions, Later) and offset in self.regions.known:
            return self.regions.known[offset]
        return region_kind(self.regions, offset)


def region_kind(regions: Sequence[Region], offset: int) -> RegionKind | None:
    """What the region around an offset is; None where there is none."""
    index = bisect_right(regions, offset, key=lambda region: region.span.start) - 1
    return regions[index].kind if index >= 0 and regions[index].span.end > offset else None


class Unreadable(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """The file's syntax cannot be read at all. `line` is 1-based, 0 when unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def children(node: Node | Arg | Item | Param) -> tuple[Node | Arg | Item | Param, ...]:
    """The parts of a node, in reading order; what a walk descends into."""
    parts = PARTS.get(type(node))
    return () if parts is None else parts(node)


def _given(parts: tuple[Node | None, ...]) -> tuple[Node, ...]:
    return tuple([part for part in parts if part is not None])


def descendants(module: Module) -> Iterator[Node | Arg | Item | Param]:
    """Every node of a module, in reading order."""
    for statement in module.body:
        yield from nodes(statement)


def nodes(root: Node | Arg | Item | Param) -> Iterator[Node | Arg | Item | Param]:
    """A node and every one inside it, in reading order."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(children(node))


def calls_in(root: Node | Arg | Item | Param) -> Iterator[Call]:
    """Every call inside a node, itself among them, in reading order."""
    return (node for node in nodes(root) if isinstance(node, Call))


PARTS: dict[type, Callable[[Any], tuple[Node | Arg | Item | Param, ...]]] = {
    Join: lambda node: node.parts,
    Compare: lambda node: node.parts,
    Alt: lambda node: node.parts if node.test is None else (node.test, *node.parts),
    Attr: lambda node: (node.base,),
    Index: lambda node: (node.base, node.key),
    Arg: lambda node: (node.value,),
    Call: lambda node: (node.func, *node.args),
    Item: lambda node: (node.value,) if node.key is None or node.shorthand else (node.key, node.value),
    Obj: lambda node: node.items,
    Seq: lambda node: node.items,
    Param: lambda node: _given((node.pattern, node.annotation, node.default)),
    Func: lambda node: (*node.decorators, *node.params, *node.body),
    Class: lambda node: (*node.decorators, *node.bases, *node.body),
    Assign: lambda node: (
        (*node.targets, node.value)
        if node.annotation is None and node.value is not None
        else (*node.targets, *_given((node.annotation, node.value)))
    ),
    If: lambda node: (node.test, *node.body, *node.orelse),
    Return: lambda node: () if node.value is None else (node.value,),
    Raise: lambda node: () if node.value is None else (node.value,),
    Other: lambda node: node.children,
    EnvDef: lambda node: () if node.value is None else (node.value,),
    EnvRef: lambda node: () if node.default is None else (node.default,),
}
"""How `children` finds the parts of each kind of node that has any.

A table and not a `match`: every walk over every file comes through here, and the last case would be the twentieth question.
"""
