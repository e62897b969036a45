"""What becomes of a class that cannot be pointed elsewhere: the class that takes its place, and what each argument and call becomes.

Only what was run against two gateways on loopback stands in a table. An argument, call or name that does not stand there is no
mistake of the program: the code is left, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrator.records import dataclass, field

WAYS = ("seconds", "header", "body", "routing")
"""What an argument can become besides another name: milliseconds as seconds, a header, a field of the body, a routing option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """What has to be installed once a class is exchanged for another library's, and what nobody needs then."""

    language: str
    needs: str
    """A requirement with a tested lower bound: `langchain-openai>=1`, `openai@^6`."""
    drops: str = ""
    """The package of the class that goes; "" where it stays for other reasons."""
    oldest: str = ""
    """The oldest major version that was run too: where it is listed already, it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the class that goes, and the one that takes its place. Calls that use more than this says stay as they are."""

    old: str
    """The way that leads to it: `chat.send`."""
    new: str = ""
    """`chat.completions.create`; "" where it keeps its name."""
    awaited: bool = False
    """It is made on the asynchronous class."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Named arguments, or the options beside the request, and what they become: a name, or one of `WAYS` with a name. Empty: they are
    the same."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Arguments with values as source text that keep the behaviour as it was, unless they are given."""
    streamed: Mapping[str, str] = field(default_factory=dict)
    """The same where `stream=True` is given and token counts are read."""
    request: Request | None = None
    """Where the request is an object, what it may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An object that is the request of a call. The new class spells its keys in snake case."""

    wrapped: tuple[str, ...] = ()
    """Keys under which a version of the package takes the request; it may also be given without one."""
    keys: tuple[str, ...] = ()
    """What a request may hold at any depth, as the old class spells it."""
    beyond: tuple[str, ...] = ()
    """Keys that the new class sends although its types do not know them."""
    open: tuple[str, ...] = ()
    """Keys whose values are the program's own: a JSON schema, metadata."""
    deep: tuple[str, ...] = ()
    """Keys whose values are made of other keys, so that it matters where they come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One class and what takes its place."""

    old: str
    """The callee that goes: `openrouter.OpenRouter`."""
    new: str
    """The class instead; the same callee where only its arguments change."""
    awaited: str = ""
    """The class instead where its calls are awaited, if that is another one."""
    packages: Packages | None = None
    """None where both classes come from the same package."""
    within: str = ""
    """The module whose names go, where that is not the whole package."""
    key: str = ""
    """The variable that the new class takes a key from when it is given none."""
    empty: bool = False
    """The new class sends an empty key as it is, and does not take its own variable instead."""
    given: str = "base_url=$url, api_key=$key"
    """The arguments with address and key."""
    imports: tuple[str, ...] = ()
    """Import statements that `given` needs."""
    prefix: str = ""
    """What the prefix of the model's name becomes, where there is one."""
    positional: tuple[str, ...] = ()
    """Names of the arguments that may be given by position."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Arguments, or options, of the class and what they become."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Arguments with values as source text that keep the behaviour as it was, unless they are given."""
    browser: Mapping[str, str] = field(default_factory=dict)
    """The same, where it may run in a browser."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Other names of the package that have a counterpart: errors, types."""
    methods: tuple[Method, ...] = ()
    closed: bool = False
    """Only the methods that stand here are known to be the same; where it is not set, the others are."""
    reply: tuple[str, ...] = ()
    """Fields of replies that are known, as the old class spells them; empty where replies are the same."""
    wider: tuple[str, ...] = ()
    """Those of them that may hold more in the types of the new class, so that a type checker may stop."""
    told: str = ""
    """What is different on the wire, one clause."""

    @property
    def module(self) -> str:
        """The module whose names go."""
        return self.within or self.old.partition(".")[0]
