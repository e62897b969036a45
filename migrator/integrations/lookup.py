"""Which library a name belongs to. A file is parsed only once a name that it spells out is asked for.

Parsing all files costs more than reading a small repository, and a program uses a handful of libraries: so the names are first looked
up in an index of every quoted text of every file, which one pass over their raw text makes. Files come from the package and from
nowhere else: a repository that could bring its own could name the host that its owner's key is sent to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from migrator.integrations.parse import parse
from migrator.integrations.schema import Client, Dialect, Environment, Library, Package
from migrator.patterns import regex
from migrator.records import replace

_FOLDER = Path(__file__).parent
_QUOTED = regex(r""""([^"\n]+)"|'([^'\n]+)'""")
_NAMES_OF_LANGUAGES = {"notebook": "python"}


def language(name: str) -> str:
    """The name that integrations have for the language of a lowered file: a notebook is Python."""
    return _NAMES_OF_LANGUAGES.get(name, name)


class Integrations:
    """All files of the folder, each parsed when it is first needed."""

    def __init__(self, texts: Mapping[str, str], absent: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._texts = texts
        self._absent = absent
        """Clients (stem and name) that are left out, with their language."""
        self._libraries: dict[str, Library] = {}
        self._index: dict[str, tuple[str, ...]] = {}
        for stem, text in texts.items():
            for match in _QUOTED.finditer(text):
                name = match[1] or match[2]
                if stem not in self._index.get(name, ()):
                    self._index[name] = (*self._index.get(name, ()), stem)
        self._everything = tuple(sorted((name[:-1] for name in self._index if name.endswith(".*")), key=len, reverse=True))
        """Beginnings of names that are covered as a whole: `@openrouter/sdk.`."""
        self._packages = tuple(name[:-1] for name in self._everything)
        self._clients: dict[tuple[str, str], tuple[Client, ...]] = {}
        self._readers: dict[str, Environment | None] = {}

    # -- by name -------------------------------------------------------------------------------------------------------------------

    def knows(self, name: str) -> bool:
        """Does any file spell this name out?"""
        return name in self._index

    def client(self, language: str, callee: str) -> Client | None:
        """The client that a callee makes, where its arguments are known."""
        return next(iter(self.clients(language, callee)), None)

    def clients(self, language: str, callee: str) -> tuple[Client, ...]:
        """All that a callee may make; where the model's prefix decides, the one that any other model makes comes first."""
        if callee not in self._index:
            return ()
        key = (language, callee)
        if key not in self._clients:
            rows = (row for row in self._rows(callee) if callee in row.callees.get(language, ()))
            known = (row for row in rows if _takes_arguments(row, language))
            self._clients[key] = tuple(sorted(known, key=lambda row: row.model is not None))
        return self._clients[key]

    def built_in(self, language: str, callee: str) -> Client | None:
        """The client with OpenRouter's address built in that a callee makes or uses, with arguments for another address or without."""
        if callee in self._index:
            for row in self._rows(callee):
                if row.built_in and callee in row.callees.get(language, ()):
                    return row
        if callee.startswith(self._everything):
            for start in self._everything:
                if callee.startswith(start) and (client := self._whole(language, start)) is not None:
                    return client
        return None

    def built_in_import(self, language: str, module: str, name: str | None) -> Client | None:
        """The client with OpenRouter's address built in that an import brings: the whole package's, or one of that name."""
        if name is not None and (full := f"{module}.{name}") in self._index:
            for row in self._rows(full):
                if row.built_in and full in row.callees.get(language, ()):
                    return row
        if module.startswith(self._packages):
            for start in self._everything:
                package = start[:-1]
                if module == package or module.startswith((start, f"{package}/")):
                    client = self._whole(language, start)
                    if client is not None:
                        return client
        return None

    def named(self, name: str) -> Client | None:
        """The client with OpenRouter's address built in that reports call by this name."""
        stems = (*self._index.get(name, ()), *((name,) if name in self._texts else ()))
        return next((row for stem in stems for row in self.library(stem).clients if row.name == name and row.built_in), None)

    def installed_as(self, name: str, language: str) -> str:
        """The package of a client that `named` finds, in a language: `@openrouter/ai-sdk-provider`; the same name where it is not known."""
        stems = (*self._index.get(name, ()), *((name,) if name in self._texts else ()))
        packages = (self.library(stem).checked.get(language, "") for stem in stems if self.named(name) is not None)
        return next((package.rpartition(" ")[0] for package in packages if package), name)

    def reading(self, variable: str) -> tuple[Client, ...]:
        """The clients that take their address from this variable by themselves."""
        return tuple(row for row in self._rows(variable) if row.url.env == variable) if variable in self._index else ()

    def reader(self, callee: str) -> Environment | None:
        """What a callee does with the environment, or which mapping of variables an expression is."""
        if callee in self._readers:
            return self._readers[callee]
        names = [callee] if callee in self._index else []
        names += [f"{start}*" for start in self._everything if callee.startswith(start) or callee == start[:-1]]
        for name in names:
            for stem in self._index[name]:
                for row in self.library(stem).environment:
                    if any(name in callees for callees in row.callees.values()):
                        return self._readers.setdefault(callee, row)
        return self._readers.setdefault(callee, None)

    # -- by file -------------------------------------------------------------------------------------------------------------------

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the files without their endings."""
        return tuple(self._texts)

    def library(self, stem: str) -> Library:
        """One file. Raises `MigratorError` with file and line where it is not as it must be."""
        if stem not in self._libraries:
            library = parse(f"migrator/integrations/{stem}.toml", self._texts[stem])
            self._libraries[stem] = replace(library, clients=tuple(self._left(library)))
        return self._libraries[stem]

    def libraries(self) -> Iterator[Library]:
        """All files: for tests and documents, never for a run."""
        return (self.library(stem) for stem in self._texts)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Last words of calls that give prefixes of model names a meaning, with the separator."""
        rows = [row for stem in self._with("[[prefix]]") for row in self.library(stem).prefixes]
        return {call: row.separator for row in rows for call in row.calls}

    @cached_property
    def dialects(self) -> Mapping[str, Dialect]:
        """OpenRouter's own options, by the name of the file of the library that has them."""
        return {stem: self.library(stem).dialect for stem in self._with("[dialect]")}

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        """Packages that read the key variable wherever they are installed, by name."""
        return {row.name: row for stem in self._with("[[package]]") for row in self.library(stem).packages}

    def without(self, stem: str, client: int, language: str) -> Integrations:
        """The same without one client in one language: what a fixture that needs it must notice."""
        return Integrations(self._texts, frozenset({(f"{stem} {client}", language)}))

    # -- inside --------------------------------------------------------------------------------------------------------------------

    def _with(self, head: str) -> list[str]:
        return [stem for stem, text in self._texts.items() if head in text]

    def _rows(self, name: str) -> Iterator[Client]:
        return (row for stem in self._index[name] for row in self.library(stem).clients)

    def _whole(self, language: str, start: str) -> Client | None:
        return next((row for row in self._rows(f"{start}*") if f"{start}*" in row.callees.get(language, ())), None)

    def _left(self, library: Library) -> Iterator[Client]:
        for number, row in enumerate(library.clients):
            gone = {language for where, language in self._absent if where == f"{library.stem} {number}"}
            yield replace(row, callees={name: callees for name, callees in row.callees.items() if name not in gone})


def _takes_arguments(row: Client, language: str) -> bool:
    """Is it known how this client is given its address, its key or its model?"""
    named = row.url.names.get(language) or row.key.names.get(language) or row.model
    return bool(named) or row.url.at is not None or row.key.at is not None


@cache
def shipped() -> Integrations:
    """What the package knows."""
    return Integrations({path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.toml"))})
