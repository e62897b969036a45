"""Settings of Spring that the environment gives by themselves: `openrouter.api-key` is read from `OPENROUTER_API_KEY` before any file is asked.

An entry `openrouter.api-key: ${MG_KEY}` would lose to the old variable for as long as that is set anywhere. So the setting gets another last
word, `openrouter.mg-api-key`, in the files and wherever a program of the tree asks for it by its name; no variable from before fits that.
https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.catalog.variables import says_openrouter, target_stem
from migrator.discover import path_kinds
from migrator.formats.config.env_entries import SPRING_FILE
from migrator.formats.tree import Arg, Assign, Call, Class, Item, Name, Node, Obj, Param, Str, children
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.repository import ParsedFile, Repository

_READERS = (".java", ".kt", ".kts", ".groovy")
_BOUND = regex(r"@ConfigurationProperties\s*\(\s*(?:(?:prefix|value)\s*=\s*)?\"([\w.\-]*)\"")


@dataclass(frozen=True, slots=True)
class RenamedSetting:
    """A setting with its new name, and the last word of the old one at every place that names it."""

    name: str
    new: str
    places: tuple[tuple[str, Span], ...]
    fields: tuple[tuple[str, int], ...] = ()
    """Where the fields stand that are given the setting: they are told the new name by an annotation."""
    form: str = '@org.springframework.boot.context.properties.bind.Name("{}") '
    """https://docs.spring.io/spring-boot/api/java/org/springframework/boot/context/properties/bind/Name.html"""

    @property
    def word(self) -> str:
        """The last word of the new name."""
        return re.split(r"[.:]", self.new)[-1]

    @property
    def annotation(self) -> str:
        """What stands before such a field."""
        return self.form.format(self.word if ":" in self.name else re.sub("([A-Z])", r"-\1", self.word).lower())


def renamed_setting(repository: Repository, name: str, key_env: str) -> RenamedSetting | None:
    """The setting under another name; None where something may ask for it that cannot be changed with it."""
    if not says_openrouter(name.upper()):
        return None  # what reads it need not be among the files that were read
    above, _, last = name.rpartition(".")
    new = f"{above}.{_word(last, target_stem(key_env).lower())}".lstrip(".")
    letters = r"[.\-_]?".join(re.escape(letter) for letter in re.sub(r"[.\-_]", "", name))
    asked = re.compile(rf"(?:\$\{{|getProperty\(\s*\")({letters})(?![\w.\-])", re.IGNORECASE)
    places: list[tuple[str, Span]] = []
    fields: list[tuple[str, int]] = []
    for path in sorted(repository.files):
        file = repository.files[path]
        text = file.source.text
        if SPRING_FILE.fullmatch(posixpath.basename(path)):
            places += [(path, span) for span in _entries(file, name)]
        if path.endswith(_READERS):
            if any(_binds(match[1], name) for match in _BOUND.finditer(text)):
                taken = list(_fields(file, name))
                if not taken:
                    return None
                fields += [(path, at) for at in taken]
            spans = [Span(match.start(), match.end()) for match in _named(name).finditer(text)]
            if any(match[1] != name and not match[1].isupper() for match in asked.finditer(text)):
                return None
            places += [(path, Span(span.end - len(name.rpartition(".")[2]), span.end)) for span in spans]
        elif not path_kinds.is_document(path) and _named(name).search(text) and not _is_flat_entry(path, text, name):
            return None
    return RenamedSetting(name, new, tuple(dict.fromkeys(places)), tuple(fields))


def _word(last: str, stem: str) -> str:
    """`mg-api-key` for `api-key`, `mgApiKey` for `apiKey`."""
    camel = last != last.lower() and "-" not in last
    return f"{stem}{last[0].upper()}{last[1:]}" if camel else f"{stem}-{last}"


def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.\-]){re.escape(name)}(?![\w.\-])")


def _binds(prefix: str, name: str) -> bool:
    """Does a class take everything under a prefix, the setting among it, by the names of its fields?"""
    return not prefix or name == prefix or name.startswith(f"{prefix}.")


_FILLED_BY_SETTERS = regex(r"@(?:Component|Configuration|Service|Bean)\b|\bvar\b")
_WITH_CONSTRUCTOR = regex(r"\brecord\s+\w+\s*\(|\bclass\s+\w+\s*(?:@\w+\s*)*(?:constructor\s*)?\(")


def _fields(file: ParsedFile, name: str) -> Iterator[int]:
    """Where the field for a setting stands in a record or a Kotlin class that Spring makes by its constructor; nothing for any other."""
    text = file.source.text
    if len(_BOUND.findall(text)) != 1 or "bind.Name" in text:
        return
    for node in file.module.body:
        if not isinstance(node, Class) or _WITH_CONSTRUCTOR.search(text, node.span.start, node.span.end) is None:
            continue
        if _FILLED_BY_SETTERS.search(text, node.span.start, node.span.end):
            continue
        for part in node.body:
            match part:
                case Assign(value=Call(func=Name(id="Value"), args=(Arg(value=Str(value=asked)), *_))) if _plain(
                    asked.strip("${}")
                ) == _plain(name):
                    yield part.span.start
                case _:
                    pass


def _plain(name: str) -> str:
    return re.sub(r"[-_]", "", name).lower()


def _is_flat_entry(path: str, text: str, name: str) -> bool:
    """Is every mention in a file of Spring's the entry itself, and no reference to it?"""
    if not SPRING_FILE.fullmatch(posixpath.basename(path)):
        return False
    return not any(text[max(0, match.start() - 2) : match.start()] == "${" for match in _named(name).finditer(text))


def _entries(file: ParsedFile, name: str) -> Iterator[Span]:
    """The last word of the entry's own name, in a flat file or a nested one."""
    stack: list[tuple[Node | Arg | Item | Param, str]] = [(node, "") for node in file.module.body]
    while stack:
        node, before = stack.pop()
        if isinstance(node, Obj):
            for item in node.items:
                if isinstance(item.key, Str):
                    full = f"{before}{item.key.value}"
                    if full == name:
                        inner = item.key.inner
                        yield Span(inner.end - len(name.rpartition(".")[2]), inner.end)
                    stack.append((item.value, f"{full}."))
        elif not isinstance(node, (Arg, Item, Param, Str)):
            stack += [(child, before) for child in children(node) if isinstance(child, Obj)]
