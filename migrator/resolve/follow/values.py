"""What an expression may stand for, as data: the answer of `follow`."""

from __future__ import annotations

from enum import StrEnum

from migrator.formats.tree import Arg, Node, Param
from migrator.records import dataclass
from migrator.resolve.scopes import Scope


class Kind(StrEnum):
    """What a value is."""

    TEXT = "text"
    """`node` is a `Str`."""
    JOIN = "join"
    """`node` is a `Join`: its parts are to be followed in `scope`."""
    CONSTANT = "constant"
    """`node` is a `Const`: a number, a boolean, nothing."""
    OBJECT = "object"
    """`node` is an `Obj`: its entries are to be followed in `scope`."""
    SEQUENCE = "sequence"
    """`node` is a `Seq`."""
    FUNCTION = "function"
    """`node` is a `Func` of this tree, `inner` the scope it opens."""
    CLASS = "class"
    """`node` is a `Class` of this tree, `inner` the scope it opens."""
    INSTANCE = "instance"
    """An instance of the class that opens `inner`; `node` is the call that makes it, None for `self` and `this`."""
    MODULE = "module"
    """A module of this tree: `inner` is its outermost scope, None for a package without a file; `name` as it is imported."""
    VARIABLE = "variable"
    """A variable of the environment or of a store: `name` is its name, `node` the expression that reads it."""
    PARAMETER = "parameter"
    """What callers give: `name` is the parameter's, `node` its annotation."""
    DECLARED = "declared"
    """A name with a type and without a value; `node` is the annotation."""
    OUTSIDE = "outside"
    """Something that is not of this tree: `name` is its qualified name as `scopes.dotted` spells it, `node` the expression."""
    ABSENT = "absent"
    """What is known to have no such key or attribute was asked for it; `node` is the expression."""
    UNKNOWN = "unknown"
    """`name` says what could not be followed, `node` where."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Value:
    """One thing that an expression may stand for."""

    kind: Kind
    node: Node | None
    scope: Scope
    """Where `node` is to be read."""
    name: str = ""
    inner: Scope | None = None
    via: tuple[str, ...] = ()
    """Names of the constants it passed through, the one nearest to the value first: `config.py:BASE_URL`."""
    default_of: str = ""
    """The variable it stands in for when that is not set."""
    exact: bool = True
    """False where a method on the way may have changed the text: `BASE.replace("http:", "https:")`."""
    given: tuple[tuple[Arg, Scope], ...] = ()
    """Arguments that a callee has already: those of `functools.partial` and `bind`."""
    param: Param | None = None
    """The parameter, where the kind is PARAMETER."""
    receiver: Value | None = None
    """The instance that a method was taken from."""

    @property
    def path(self) -> str:
        """Repo-relative path of the file that `node` stands in."""
        return self.scope.path
