"""The form of `integrations/*.toml`: one file for each library, read into frozen records and checked line by line.

A file says what the library is called, which page names its parameters (`docs`), and against which version of which package of each
language it was checked (`checked`). Its tables are `[[client]]` (constructors and calls that take an address and a key),
`[[environment]]` (readers of environment variables), `[[prefix]]` (calls by which a program gives prefixes of model names their
meaning), `[dialect]` (OpenRouter's own options) and `[[package]]` (packages whose presence alone matters).

Callees are spelled as `resolve.scopes.dotted` spells them: `package.Class`, an instance as `package.Class()`, a package of npm by its name:
`@ai-sdk/openai.createOpenAI`. `package.*` stands for everything else that is called from the package. Other languages spell a callee
as their programmers would: `github.com/openai/openai-go.NewClient`, `com.openai.client.okhttp.OpenAIOkHttpClient.builder`,
`OpenAI::Client.new`, `\\OpenAI.factory`.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.integrations.exchange import Exchange
from migrator.records import dataclass, field

LANGUAGES = ("python", "ecma", "go", "java", "kotlin", "ruby", "php", "csharp", "rust", "dart", "swift")
"""Languages in which a library can be called; `ecma` is JavaScript and TypeScript."""

ROLES = ("read", "define", "ask")
"""What a call can do with a variable: read it, set or unset it, ask whether it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """How a client is given its address, or its key."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the argument by language, the usual one first; `a.b` for an option in an object."""
    at: int | None = None
    """Position, where it can be given without a name."""
    env: str | None = None
    """Variable that the library reads when the argument is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The argument that names the model, where its prefix decides which gateway the client speaks to."""

    names: Mapping[str, tuple[str, ...]]
    at: int | None = None
    prefix: str = ""
    """`openrouter/`: only a model with this prefix goes to OpenRouter."""
    constants: tuple[str, ...] = ()
    """Constants of the library that mean the same: `camel.types.ModelPlatformType.OPENROUTER`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Give:
    """What makes a client with OpenRouter built in a client of any gateway.

    It is given its address and its key under the first names of `url` and `key`. Source text may hold `$url`, `$key` and `$model`
    (expressions) and `$name` (the variable).
    """

    maker: str = ""
    """The callee that is given address and key, where it is not every one of the client's."""
    instance: str | None = None
    """A ready-made client that the module of `maker` exports."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Options that keep the behaviour as it was, with their values as source text."""
    refuse: tuple[str, ...] = ()
    """Options that only OpenRouter understands, or that would hand other parties' keys over."""
    need: tuple[str, ...] = ()
    """Arguments that must be written, because the library's default means something at OpenRouter only."""
    read: Mapping[str, str] = field(default_factory=dict)
    """How the key is read, by language, where the usual form (`READS`) does not do."""
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Import statements that `read`, `arguments` and `model` need, by language."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """What takes the place of all arguments, where address and key cannot be given as they are; `plain` are then all it may have."""
    plain: tuple[str, ...] = ()
    model: Mapping[str, str] = field(default_factory=dict)
    """What takes the place of the model's name, where that can be an object with address and key."""
    bare: bool = False
    """The model's name stands in `model` without its prefix."""
    empty: bool = False
    """An empty key is sent as it is, and not replaced by the library's own variable."""
    closed: bool = False
    """With an address of its own the library looks for no key by itself."""

    @property
    def module(self) -> str:
        """The module that exports the maker."""
        return self.maker.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The maker's name in its module."""
        return self.maker.rpartition(".")[2]


READS = {"python": 'os.environ["$name"]', "ecma": 'process.env.$name ?? ""'}
"""How a key is read so that its absence stops the request, where a missing argument makes the library look for OpenRouter's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Constructors or calls that take the same arguments."""

    name: str
    """Name in reports; clients of one library may share it."""
    callees: Mapping[str, tuple[str, ...]]
    """Qualified names by language."""
    url: Argument
    key: Argument
    model: Model | None = None
    mapping: bool = False
    """The callee is the key of a mapping whose entries are the arguments: `"litellm_params": {"model": …}`."""
    built_in: str = ""
    """The gateway that it speaks to when it is given no address: `openrouter`, or nothing that matters."""
    advice: str = ""
    """What the code would have to become, one sentence."""
    called: str = ""
    """The endpoint that the client posts to when it is itself called, where that is not the chat endpoint."""
    give: Give | None = None
    exchange: Exchange | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in which it can be called."""
        return tuple(self.callees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Calls that read, set or ask for a variable, or expressions that map the names of variables to their values."""

    callees: Mapping[str, tuple[str, ...]]
    mapping: str = ""
    """The kind of mapping it is, subscripted or asked with `in`; "" for a call."""
    role: str = ""
    variable: int = 0
    """Position of the variable's name."""
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Calls by which a program gives the prefix of a model's name its meaning."""

    calls: tuple[str, ...]
    """Last words of the callees."""
    separator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """OpenRouter's own options under the names that a library has for them."""

    tools: str = ""
    """The attribute of a client whose members run at OpenRouter."""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Methods of a client whose models post to another endpoint than the chat's, with that endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that reads the key variable wherever it is installed."""

    name: str
    reads: str
    """What it does with the variable, one sentence."""
    module: str = ""
    """What it is imported as, where an address in its configuration counts for nothing while the variable is set."""
    way_out: str = ""
    """What a person can do then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One file."""

    stem: str
    title: str
    docs: str
    checked: Mapping[str, str]
    """Package and version by language."""
    clients: tuple[Client, ...] = ()
    environment: tuple[Environment, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    dialect: Dialect = Dialect()
    packages: tuple[Package, ...] = ()
