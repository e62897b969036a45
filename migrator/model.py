"""The nouns that everything else speaks in. This module imports nothing of ours but the way that classes are made.

One unit of position everywhere: a half-open span of code points of the decoded text without its BOM.
Python strings slice by code points, PyYAML's marks count them, and the two parsers that count UTF-8 bytes are converted
once, where they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from functools import partial
from typing import NamedTuple

from migrator.records import dataclass, field


class Span(NamedTuple):
    """Half-open range of code points of a `Source.text`."""

    start: int
    end: int


span_of_pair: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)
"""`Span(*pair)` at half the price, for parsers: a file has a thousand of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that was read: what is needed to cut it up and to write it back byte for byte."""

    path: str
    """Relative to the root, POSIX."""
    text: str
    """Decoded, without the BOM, with its own line ends."""
    encoding: str
    """A codec name; `utf-8` with `surrogateescape` where only the text around the bad bytes matters."""
    bom: bool
    digest: str
    """SHA-256 of the file's bytes, in hex."""


class Applicability(IntEnum):
    """How far a change may be trusted; ordered, so that the weakest part decides with `min`."""

    MANUAL = 0
    """A person must act."""
    UNSAFE = 1
    """Probably what you want; needs `--unsafe`."""
    SAFE = 2
    """If it is wrong, it is our bug."""


class Action(StrEnum):
    """What this run does about a place."""

    REWRITE = "rewrite"
    FLAG = "flag"
    KEEP = "keep"


class Category(StrEnum):
    """What stands at a place; the closed list of the report contract."""

    BASE_URL = "base_url"
    API_KEY_ENV = "api_key_env"
    API_KEY_LITERAL = "api_key_literal"
    ENV_ASSIGN = "env_assign"
    ENV_REF = "env_ref"
    CLIENT = "client"
    MODEL_ID = "model_id"
    ROUTING = "routing"
    HEADER = "header"
    ENDPOINT = "endpoint"
    RESPONSE_FIELD = "response_field"
    SDK = "sdk"
    DEPENDENCY = "dependency"
    DOCS = "docs"
    TEST = "test"
    NAME = "name"
    REGISTRY = "registry"
    CHECK = "check"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace `old` at `span` by `new`. `old` makes it self-checking, readable and invertible; it never covers a secret."""

    path: str
    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An opinion about a place."""

    rule: str
    path: str
    span: Span | None
    """None: the whole file."""
    category: Category
    message: str
    """One sentence: what was found."""
    because: str
    """One sentence: why this action."""
    action: Action
    applicability: Applicability = Applicability.MANUAL
    edits: tuple[Edit, ...] = ()
    """What would be done. Applied only when `action` is REWRITE."""
    keys: frozenset[str] = frozenset()
    """Symbols this finding hangs on (`env:OPENROUTER_API_KEY`); findings that share one share a fate."""
    required: bool = True
    """False: rides along with its change (a message, a comment) and never holds it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The unit of consent: applied whole or not at all."""

    id: str
    title: str
    applicability: Applicability
    because: str
    findings: tuple[int, ...]
    """Indices into `Plan.findings`."""
    selected: bool
    """True: this run applies it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A line somebody can click on."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRow:
    """The decision about one environment variable."""

    name: str
    new_name: str | None
    decision: str
    """`rename`, `keep`, `additive` or `manual`."""
    because: str
    readers: tuple[Location, ...]
    definers: tuple[Location, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A place that talks to OpenRouter, with the two ends that move together or not at all."""

    path: str
    line: int
    client: str
    """Integration name: `openai`, `raw-http`, `langchain`, …"""
    url_from: str
    """Where the URL comes from, in words: `literal config.py:12`, `env OPENROUTER_BASE_URL`, `unknown`."""
    key_from: str
    decision: str
    """`rewrite`, `flag` or `keep`."""
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRow:
    """One routing or OpenRouter-only option and what becomes of it."""

    path: str
    line: int
    dialect: str
    """`gateway` or `openrouter`."""
    field: str
    value: str
    status: str
    """`unchanged`, `translated`, `caveat`, `no-equivalent`, `unknown`."""
    becomes: str | None
    risk: str | None
    """`privacy`, `cost`, `behaviour`, `reliability`, `observability` or None."""
    note: str
    reaches_wire: bool | None
    written: bool = False
    """The new form stands in the file after the run; False: it does not, and `becomes` is advice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model id and every place it stands."""

    id: str
    locations: tuple[Location, ...]
    status: str
    """`same`, `variant`, `router-only`, `prefixed`, `unknown`."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """What only a person can do. `command` never contains a value."""

    title: str
    detail: str
    command: str | None
    because: str
    kind: str = "decide"
    """What a program that obeys would do: `set` a variable, `remove` one, `create` an entry of a store; `decide`: only a person can."""
    variable: str | None = None
    where: tuple[str, ...] = ()
    """Files, platforms or stores."""
    secret: bool = False
    value: str | None = None
    """What to set it to; None for a secret, and where a person has to know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A flag or a to-do of a run, remembered until a person has done it."""

    id: str
    title: str
    detail: str
    place: str
    """`path:line` as it is after the run; empty where it has no place in the tree."""
    command: str | None
    rule: str | None
    """Rule of the flag; None: a to-do."""
    run: str = ""
    """Id of the journal of the run that left it; empty: no run yet."""

    @property
    def short_id(self) -> str:
        """What is shown of the id; `done` takes any beginning that only one item has."""
        return self.id[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A path that was not looked into, with the reason."""

    path: str
    reason: str
    matters: bool = False
    """True: the answer may depend on it, because it names OpenRouter, or because nobody knows whether it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file or stage that failed; the others went on."""

    path: str
    line: int
    """1-based; 0: the whole file."""
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the code goes; data, from `catalog/targets/*.toml` or from the command line."""

    name: str
    title: str
    openai_base: str
    """Ends at the version segment, no trailing slash: `https://synapse.garden/api/v1`."""
    anthropic_base: str | None
    """What the Anthropic SDK takes: `https://synapse.garden/api`; None where there is none."""
    key_env: str
    key_example: str
    """A placeholder of the right shape: `mg_live_...`."""
    key_prefixes: tuple[str, ...]
    """Shapes to recognise as a key of this target."""
    refused_prefixes: tuple[str, ...]
    """Shapes that must never be sent there."""
    sandbox_prefixes: tuple[str, ...]
    dialect: str
    """Routing dialect: `gateway`, `openrouter` or `none`."""
    routing_fields: tuple[str, ...]
    """Fields of the dialect that the target documents."""
    endpoints: tuple[str, ...]
    """Paths below the OpenAI base that exist there."""
    console: str | None
    """Page where a key is made."""
    ai_sdk: str = ""
    """The package with its own provider for the AI SDK: `@ai-sdk/gateway`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The artefact: what a dry run prints and a real run applies. `report-contract` is its JSON face."""

    tool: str
    """Version."""
    target: Target
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    """In path, position order."""
    env: tuple[EnvRow, ...] = ()
    offered_env: tuple[EnvRow, ...] = ()
    """Variables that a run with `--unsafe` would rename, or define beside the old ones, and this one does not."""
    connections: tuple[ConnectionRow, ...] = ()
    routing: tuple[RoutingRow, ...] = ()
    models: tuple[ModelRow, ...] = ()
    todo: tuple[Todo, ...] = ()
    skipped: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()
    named: tuple[str, ...] = ()
    """Paths of the tree that stand in the sentences above, so that they can be shown from where the reader stands."""
    scanned: int = 0
    matched: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    """Path to SHA-256 of the bytes that were read, for every file with an edit."""
    sources: Mapping[str, Source] = field(default_factory=dict, compare=False, repr=False)
    """The texts behind the findings, for renderers; not part of the plan's value and never dumped."""

    def is_empty(self) -> bool:
        """Nothing names OpenRouter, as far as can be known, and nothing went wrong."""
        return not (self.matched or self.findings or self.problems or any(skip.matters for skip in self.skipped))

    def edits(self) -> dict[str, tuple[Edit, ...]]:
        """Edits of the selected changes, by path, in text order, identical ones once."""
        by_path: dict[str, set[Edit]] = {}
        for change in self.changes:
            for index in change.findings if change.selected else ():
                if self.findings[index].action is Action.REWRITE:
                    for edit in self.findings[index].edits:
                        by_path.setdefault(edit.path, set()).add(edit)
        return {path: tuple(sorted(edits, key=lambda e: (e.span, e.new))) for path, edits in sorted(by_path.items())}


class MigratorError(Exception):
    """Bad input or configuration: the message names file and line where there is one, and says what to do."""
