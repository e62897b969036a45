"""What becomes of a class that cannot be pointed elsewhere: the class that takes its place, and what each argument and call becomes.

Only what was run against two gateways on loopback stands in a table. An argument, call or name that does not stand there is no
mistake of the program: the code is left, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WAYS = ("seconds", "header", "body", "routing")
"""What an argument can become besides another name: milliseconds as seconds, a header, a field of the body, a routing option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """One call on an object of the class, by the way that leads to it: `chat.send`."""

    name: str
    to: str = ""
    """`chat.completions.create`; "" where it keeps its name."""
    awaited: bool = False
    """It is made on the asynchronous class."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Argument to what it becomes: a name, or one of `WAYS` with a name. Empty: its arguments are the same."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Arguments with values as source text that keep the behaviour as it was, unless they are given."""
    streamed: Mapping[str, str] = field(default_factory=dict)
    """The same where `stream=True` is given and token counts are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """One class and what takes its place."""

    maker: str
    """The callee that goes: `openrouter.OpenRouter`."""
    to: str
    """The class instead; the same callee where only its arguments change."""
    awaited: str = ""
    """The class instead where its calls are awaited, if that is another one."""
    needs: str = ""
    """The requirement that brings it: `openai>=1`."""
    drops: str = ""
    """The package that goes, once nothing imports it; its module has the same name."""
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
    extra: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Other names of the package that have a counterpart: errors, types."""
    methods: tuple[Counterpart, ...] = ()
    closed: bool = False
    """Only the methods that stand here are known to be the same; where it is not set, the others are."""
    reply: tuple[str, ...] = ()
    """Fields of replies that are the same; empty where replies are."""
    told: str = ""
    """What is different on the wire, one clause."""

    within: str = ""
    """The module whose names go, where that is not the whole package."""

    @property
    def module(self) -> str:
        """The module whose names go."""
        return self.within or self.maker.partition(".")[0]
