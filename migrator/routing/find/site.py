"""One block of routing options: where it stands, how it reaches the request, what it says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from migrator.formats.tree import Assign, Call, Node, Obj, Str
from migrator.model import RoutingRow, Span, Target
from migrator.records import dataclass, field
from migrator.resolve.context import Identity, identity_of
from migrator.resolve.repository import ParsedFile
from migrator.resolve.scopes import Scope
from migrator.routing.find.stores import Form, How, Step
from migrator.routing.model import Row, Settings, Translation, Value
from migrator.routing.translate import dialect as already
from migrator.routing.translate import translate


class Carrier(StrEnum):
    """How a block reaches the body of the request; decides how the translation is written."""

    JSON_BODY = "json-body"
    """The body itself: raw HTTP, `extraBody`, LangChain.js `modelKwargs`."""
    EXTRA_BODY = "extra-body"
    """Python `extra_body={…}`, wherever the client takes it; the object is merged into the body."""
    OPENAI_JS = "openai-js"
    """Parameters of a call of the OpenAI package for JavaScript."""
    KEYWORDS = "keywords"
    """Keyword arguments of a call."""
    ENTRIES = "entries"
    """Keyword arguments that become entries of the body: `body.update(provider=…)`, `dict(…)`, a call of a function with `**extra`."""
    CLOSED = "closed"
    """Options of a client that sends these and no others."""
    PROVIDER_OPTIONS = "provider-options"
    """AI SDK: call-level `providerOptions.openrouter`."""
    MODEL_SETTINGS = "model-settings"
    """AI SDK: second argument of `openrouter(id, {…})`."""
    MODEL_KWARGS = "model-kwargs"
    """LangChain.js: settings of `ChatOpenRouter`; what else is to be sent stands in its `modelKwargs`."""
    UNSENT = "unsent"
    """A form that this client does not send as meant: `extra_body` in JavaScript, AI SDK call-level `providerOptions.gateway`."""
    UNKNOWN = "unknown"
    """A constant, builder or configuration whose way to the request is not in view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What a site does to the object that it writes to."""

    how: How = How.MAKE
    inside: bool = False
    """True: its options are fields of the provider object, which stands in the body already."""
    container: Step | None = None
    """The key `provider` in the chain of a statement that writes inside; None elsewhere."""
    several: bool = False
    """Does a statement that writes inside take any number of fields: `body["provider"].update({…})`?"""
    sometimes: bool = True
    """Does it depend on the way through the program whether it is done?"""

    @property
    def creates(self) -> bool:
        """Does it make the provider object where there is none?"""
        return self.container is not None and self.container.form is Form.SETDEFAULT


@dataclass(slots=True, eq=False, kw_only=True)
class Entry:
    """One option of a block as it stands in the text."""

    name: str
    """The body key on the wire: `provider`, `models`, `transforms`."""
    span: Span
    """The whole entry: key and value."""
    key: Span | None
    """The key itself; None for a keyword argument's name or where there is none."""
    value: Node
    """What is given."""
    literal: bool
    """True: all of it is written here."""


@dataclass(slots=True, eq=False, kw_only=True)
class RoutingSite:
    """One block of routing options."""

    path: str
    span: Span
    """From the first to the last option of the block; a finding over it covers every line."""
    dialect: str
    """`openrouter`, or `gateway` where it is written for the gateway already."""
    carrier: Carrier
    client: str
    """The callee it goes to, as it is written; "" where that is not in view."""
    settings: Settings
    entries: tuple[Entry, ...]
    holder: Obj | Call | Assign
    """What the entries stand in."""
    scope: Scope
    reaches_wire: bool | None
    outer: Call | None = None
    """The call that takes the block, where that is in view."""
    gateway: Mapping[str, Value] = field(default_factory=dict)
    """The gateway object, where `dialect` is `gateway`."""
    model: Str | None = None
    """The literal of the model id, in the holder or in the call that takes it."""
    spans: Mapping[str, Span] = field(default_factory=dict)
    """A row's field to where it stands."""
    related: tuple[tuple[str, Span], ...] = ()
    """Places elsewhere that its values come from."""
    embedded: str = ""
    """The language in which it is written, where that stands in a string of the file: `json`, `jq`."""
    callers: frozenset[str] = frozenset()
    """Other files whose requests carry it."""
    owner: object = None
    """Equal for all sites that write to the same object; None where nothing else can."""
    name: str = ""
    """The name of that object; "" where it has none."""
    root: Obj | None = None
    """The outermost display that it stands in."""
    write: Write = field(default_factory=Write)
    companions: tuple[RoutingSite, ...] = ()
    """All sites that write to the same object, this one included, in text order; empty where it is the only one."""
    disturbed: str = ""
    """Why nothing may be changed here: other code reads or changes the same options."""

    @property
    def identity(self) -> Identity:
        """What tells its holder from all other nodes."""
        return identity_of(self.path, self.holder)

    def translation(self, target: Target) -> Translation:
        """What becomes of it at a target."""
        if self.dialect == "gateway":
            return already(self.gateway, target, self.reaches_wire)
        return translate(self.settings, target)

    def at(self, name: str) -> Span:
        """Where the option of a row stands; the whole block where it has no place of its own."""
        return (
            self.spans.get(name) or self.spans.get(name.partition("[")[0].rpartition(".")[0] or name.partition("[")[0]) or self.span
        )


def report_row(site: RoutingSite, row: Row, file: ParsedFile, *, written: bool) -> RoutingRow:
    """A row of a site as the report wants it."""
    return RoutingRow(
        path=site.path,
        line=file.lines.line(site.at(row.field).start),
        dialect=site.dialect,
        field=row.field,
        value=row.value,
        status=row.status.value,
        becomes=row.becomes,
        risk=row.risk.value if row.risk else None,
        note=row.note,
        reaches_wire=site.reaches_wire,
        written=written,
    )
