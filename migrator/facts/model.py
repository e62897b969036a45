"""What a file says about OpenRouter, read off its tree in one walk. They are frozen: what a later stage knows better is a new fact.

Every fact has the span of exactly the text that an edit would replace (a variable's name, a URL's host and prefix), so that nothing
later has to look at the syntax again.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from migrator.catalog.urls import Url
from migrator.formats.tree import Call, Import, Node, Str
from migrator.integrations.schema import Client
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.resolve.context import Identity, LiteralRole, NodePath, identity_of
from migrator.resolve.environment import VariableRole
from migrator.resolve.scopes import Scope


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EnvFact:
    """A place that names an environment variable."""

    path: str
    name: str
    span: Span
    """The name itself."""
    role: VariableRole
    how: str
    node_path: NodePath | None = None
    owner: str = ""
    value: Node | None = None
    """What a definition gives it."""
    entry: Span | None = None
    """The whole definition, where it is one."""
    commented: bool = False

    @property
    def identity(self) -> Identity:
        """What tells it from all other facts of its sort."""
        return self.path, self.span, self.name


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UrlFact:
    """An OpenRouter address in a literal. Offsets in `url` are relative to `base`."""

    path: str
    url: Url
    base: int
    place: LiteralRole
    node_path: NodePath
    literal: Str
    key: str = ""
    """Name that the value has: the constant, key or keyword it is given to."""
    owner: str = ""
    """The variable that the format says is given this literal, where the literal stands apart from the definition in the tree."""

    @property
    def span(self) -> Span:
        """The address as it stands in the file."""
        return Span(self.base + self.url.start, self.base + self.url.end)

    @property
    def identity(self) -> Identity:
        """What tells it from all other facts of its sort."""
        return self.path, self.span, self.url.host


class FactKind(StrEnum):
    """What a marked place is, where only its existence matters."""

    KEY_LITERAL = "key-literal"
    KEY_CHECK = "key-check"
    URL_CHECK = "url-check"
    BRANCH = "branch"
    REGISTRY = "registry"
    MODEL_VARIANT = "model-variant"
    MODEL_ROUTER = "model-router"
    MODEL_PREFIX = "model-prefix"
    MODEL = "model"
    RESPONSE_FIELD = "response-field"
    REQUEST_HEADER = "request-header"
    STREAMED_USAGE = "streamed-usage"
    """Token counts that are read from a piece of a stream."""
    OWN_ENDPOINT = "own-endpoint"
    JOINED_ENDPOINT = "joined-endpoint"
    """A path that only OpenRouter has, put behind a base that stands elsewhere."""
    SDK_IMPORT = "sdk-import"
    HIDDEN_CLIENT = "hidden-client"
    UNLISTED_CLIENT = "unlisted-client"
    """A library from outside whose name says OpenRouter and that no file of `integrations/` describes. `text` is its qualified name."""
    DYNAMIC_NAME = "dynamic-name"
    DEPENDENCY = "dependency"
    DIALECT = "dialect"
    """OpenRouter's own fields given to a client that has OpenRouter built in."""
    OWN_KEY = "own-key"
    """A variable's name as a key of the program's own object: it stays."""
    SCHEMA_NAME = "schema-name"
    """A name of a checked environment that is the program's own, spelled like the variable that fills it. `note` says which place it is."""
    LOOSE = "loose"
    """A variable's name as a property of something that is not the environment, as far as it can be seen."""
    RESPONSES = "responses"
    OWN_PREFIX = "own-prefix"
    """The program gives the prefix `openrouter` of model names its meaning itself."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fact:
    """A place of interest with the text that matters about it."""

    kind: FactKind
    path: str
    span: Span
    text: str = ""
    """Model id, field name, library, vendor…"""
    note: str = ""
    node_path: NodePath | None = None
    node: Node | None = None

    @property
    def identity(self) -> Identity:
        """What tells it from all other facts of its sort."""
        name = self.node.name if isinstance(self.node, Import) else None
        return self.path, self.span, " ".join(filter(None, (self.kind, self.text, name)))

    @property
    def node_identity(self) -> Identity | None:
        """What tells its node from all others; None where it has none."""
        return identity_of(self.path, self.node) if self.node is not None else None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClientFact:
    """A call that makes a client or sends a request."""

    path: str
    client: str
    """Integration name."""
    call: Call
    node_path: NodePath
    url: Node | None
    key: Node | None
    key_scope: Scope | None = None
    """Where `key` is to be read, if not where the call stands."""
    url_scope: Scope | None = None
    headers: Node | None = None
    headers_scope: Scope | None = None
    body: Node | None = None
    implicit_key: str | None = None
    """Variable that the library reads when no key is given."""
    implicit_url: str | None = None
    model: Node | None = None
    """The name of the model, where its prefix decides which gateway is asked."""
    integration: Client | None = None
    """What is known of the library."""

    @property
    def identity(self) -> Identity:
        """What tells it from all other facts of its sort."""
        return self.path, self.call.span, self.client

    @property
    def call_identity(self) -> Identity:
        """What tells its call from all other nodes."""
        return identity_of(self.path, self.call)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All facts of one file."""

    path: str
    envs: tuple[EnvFact, ...] = ()
    urls: tuple[UrlFact, ...] = ()
    marks: tuple[Fact, ...] = ()
    clients: tuple[ClientFact, ...] = ()
    named: tuple[tuple[str, Span], ...] = ()
    """Literals (path and inner span) that name a variable which is read through a constant."""
    objects: tuple[NodePath, ...] = ()
    calls: tuple[NodePath, ...] = ()
    stores: tuple[NodePath, ...] = ()
    """Every object, call and assignment to a part of something: where requests and their options are put together."""
    handed: Mapping[str, list[NodePath]] = field(default_factory=dict)
    """Where a name (`payload`, `self.payload`) is handed on: as an argument, an entry, a value."""
    _by_kinds: dict[tuple[FactKind, ...], list[Fact]] = field(default_factory=dict, repr=False)
    _read_names: dict[Span, list[str]] = field(init=False, default_factory=dict, repr=False)

    def read_by_name(self, name: Span) -> Sequence[str]:
        """The variables that are read by a literal which holds their name, by the place of the name."""
        if self.envs and not self._read_names:
            for fact in self.envs:
                names = self._read_names.setdefault(fact.span, [])
                if fact.role is VariableRole.READ and fact.how == "literal":
                    names.append(fact.name)
        return self._read_names.get(name, ())

    def marked(self, *kinds: FactKind) -> Sequence[Fact]:
        """Marks of some kinds, in text order."""
        if kinds not in self._by_kinds:
            self._by_kinds[kinds] = [mark for mark in self.marks if mark.kind in kinds]
        return self._by_kinds[kinds]


KEY_SHAPE = regex(r"sk-or-[A-Za-z0-9.…_<>{}*-]*", re.IGNORECASE)
TOKEN = regex(
    r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]*OPEN_?ROUTER[A-Z0-9_]*|(?<![A-Za-z0-9_])OPEN_?ROUTER[A-Z0-9_]*|(?<![A-Za-z0-9_])OR_API_KEY\b"
)
"""Names of variables that are OpenRouter's by their spelling, inside a text."""
_HEART = regex(r"OPEN_?ROUTER|OR_API_KEY")
_WHOLE_WORD = regex(r"[A-Za-z0-9_]+")
_FEW = 16
"""Names that are looked for one by one; of more, each word of a text is looked up among them."""
_WORD = frozenset(string.ascii_letters + string.digits + "_")


@lru_cache(16)
def _dotted(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if "." in name)


def tokens(text: str, names: frozenset[str] = frozenset()) -> Iterator[re.Match[str]]:
    """Every `TOKEN` of a text, in order, then every whole word that is one of `names`.

    A hundred times as fast as asking at each letter: most texts hold no stem of such a name.
    """
    if len(names) > _FEW:
        yield from sorted((word for word in _WHOLE_WORD.finditer(text) if word[0] in names), key=lambda word: word[0])
        names = _dotted(names)
    for name in sorted(names):
        if name in text:
            yield from re.finditer(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text)
    end = 0
    for heart in _HEART.finditer(text):
        start = heart.start()
        while start > end and text[start - 1] in _WORD:
            start -= 1
        if start >= end and (match := TOKEN.match(text, start)):
            yield match
            end = match.end()
