"""One walk over a file: what it has seen, and the sites that it has found."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.facts.collector import PROGRAMS
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Alt, Arg, Call, Item, Node, Other, Param, Str
from migrator.records import dataclass, field
from migrator.resolve.context import NodePath, source_name
from migrator.resolve.repository import ParsedFile, Repository
from migrator.routing.find.site import Carrier, RoutingSite

Tree = Node | Arg | Item | Param


@dataclass(frozen=True, slots=True)
class Around:
    """What all files that are looked at have in common."""

    calls: Mapping[str, list[NodePath]] = field(default_factory=dict)
    """Their calls, by the last word of the callee."""
    objects: Mapping[int, NodePath] = field(default_factory=dict)
    """Their objects, by identity."""
    carriers: dict[object, tuple[Carrier, str, str]] = field(default_factory=dict)
    """How objects that are filled by several statements get into requests, by owner: carrier, callee, path of the request."""
    merged: list[tuple[object, object]] = field(default_factory=list)
    """Owners of objects of which one becomes a part of the other."""


class Search:
    """One walk over a file that looks at objects, calls and assignments."""

    def __init__(
        self,
        repository: Repository,
        file: ParsedFile,
        handed: Mapping[str, list[NodePath]] | None = None,
        *,
        around: Around | None = None,
        distant: bool = False,
    ) -> None:
        self.repository, self.file = repository, file
        self.text = file.source.text
        self.program = file.module.language in PROGRAMS
        self.ecma = file.module.language == "ecma" or file.module.language == "markup"
        self.of_language = file.module.language in LANGUAGES
        """Is it a language other than Python and JavaScript?"""
        self.sites: list[RoutingSite] = []
        self.handed: Mapping[str, list[NodePath]] = handed or {}
        """Where names of the file are handed on, as in its facts."""
        self.around = around if around is not None else Around()
        self.given: dict[int, tuple[Carrier, str]] = {}
        """Objects (by `id`) that are known to be bodies of requests, with the way they take and the callee."""
        self.distant = distant
        """Is it a file without a connection, in which common words say nothing?"""
        self.embedded = ""
        """The language of what is looked at, where it stands inside a string: `json`, `jq`."""


def key_above(node_path: NodePath) -> str:
    """The key that an object is the value of."""
    for step in node_path.ancestors():
        match step.node:
            case Item(key=Str(value=key)):
                return key
            case Arg(name=str(name)):
                return name
            case Alt() | Other():
                continue
            case _:
                return ""
    return ""


def first_name(call: Call) -> str:
    """The name that a call's first argument is."""
    return source_name(call.args[0].value) if call.args else ""
