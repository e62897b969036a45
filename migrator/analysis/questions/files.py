"""The files of a run: what each of them says, which of them run, and what they import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, Facts
from migrator.formats.tree import Import
from migrator.model import Span, Target
from migrator.options import EnvStrategy, Options
from migrator.records import dataclass, field
from migrator.resolve.environment import VariableRole
from migrator.resolve.modules import local_module
from migrator.resolve.repository import Repository


def _never(_rule: str, _path: str, _span: Span) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Files:
    """All files with their facts, and what the user asked for."""

    repository: Repository
    facts: Mapping[str, Facts]
    """What each file says, by its path."""
    options: Options
    manifests: Sequence[tuple[str, str]]
    """Dependency lists as path and text."""
    editable: frozenset[str] | None = None
    """Paths that may be edited; None: all."""
    suppression_for: Callable[[str, str, Span], str | None] = _never
    """Why the user wants a rule to leave a place alone."""
    _imports: dict[str, set[str]] = field(default_factory=dict, repr=False)
    """What `imported` has found, by the importing file."""
    _naming: dict[str, list[EnvFact]] = field(default_factory=dict, repr=False)
    """What `naming` tells, by the variable."""
    _naming_in: dict[str, dict[str, list[EnvFact]]] = field(default_factory=dict, repr=False)
    _in_code: dict[tuple[str, bool, tuple[VariableRole, ...]], list[EnvFact]] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> Target:
        """Where the code goes."""
        return self.options.target

    def code(self, path: str) -> bool:
        """Is this a file that runs, not a test, document or recording?"""
        return not (
            path_kinds.is_test(path)
            or (path_kinds.is_document(path) and not self.scripted(path))
            or path_kinds.is_recorded(path)
            or path_kinds.is_locale(path)
            or path_kinds.is_migration(path)
        )

    def scripted(self, path: str) -> bool:
        """Is this a page with scripts of its own? What runs in it is code, whatever stands around it."""
        file = self.repository.files.get(path) if path.endswith((".html", ".htm")) else None
        return file is not None and bool(file.module.body)

    def language(self, path: str) -> str:
        """The format a file was lowered as."""
        return self.repository.files[path].module.language

    def imported(self, path: str) -> set[str]:
        """Files of this tree that a program imports; none for other files."""
        if path not in self._imports:
            file = self.repository.files.get(path)
            body = file.module.body if file is not None and file.module.language in PROGRAMS else ()
            modules = [node.module for node in body if isinstance(node, Import)]
            self._imports[path] = {
                other for module in modules if (other := local_module(self.repository, path, module)) is not None
            }
        return self._imports[path]

    def naming(self, name: str | None) -> Sequence[EnvFact]:
        """What all files say of a variable, in the order of the files."""
        if not self._naming:
            for facts in self.facts.values():
                for fact in facts.envs:
                    self._naming.setdefault(fact.name, []).append(fact)
        return self._naming.get(name, ()) if name is not None else ()

    def naming_in(self, path: str, name: str) -> Sequence[EnvFact]:
        """What one file says of a variable."""
        if path not in self._naming_in:
            of_file = self._naming_in[path] = {}
            for fact in self.facts[path].envs if path in self.facts else ():
                of_file.setdefault(fact.name, []).append(fact)
        return self._naming_in[path].get(name, ())

    def naming_in_code(self, name: str, *roles: VariableRole, program: bool) -> list[EnvFact]:
        """What programs, or else what configuration, say of a variable in some roles, in the order of the files."""
        key = (name, program, roles)
        if key not in self._in_code:
            self._in_code[key] = [
                fact
                for fact in self.naming(name)
                if fact.role in roles and (self.language(fact.path) in PROGRAMS) is program and self.code(fact.path)
            ]
        return self._in_code[key]

    def kept(self, name: str) -> bool:
        """Did the user say that this variable stays?"""
        return self.options.env_strategy is EnvStrategy.KEEP or name in self.options.keep_variables
