"""The read of the old key, written again where a call that stays needs one of its own, with the imports that the read needs there."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.hidden_clients.python import import_edits
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.formats.tree import Attr, Call, EnvRef, Import, Index, Name, Node, Str
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.environment import VariableRole
from migrator.resolve.modules import is_local
from migrator.resolve.scopes import Scope

_NEEDS_OS = regex(r"\bos\.(?:environ|getenv)\b")
_ENVIRONMENT = regex(r"os\.(?:environ|getenv)\b|process\.env\b|import\.meta\.env\b|Deno\.env\b|Bun\.env\b")
_TAKES_A_PART = regex(r"""(?:\s*(?:\?\?|\|\||or)\s*(?:""|''))?\s*\)?\s*\??\.\s*(?:split|slice|substring|partition|replace)\b""")
"""What may follow a read of which only a part is the key: a list of keys, a prefix that goes."""
_PYTHON = (".py", ".ipynb")


@dataclass(frozen=True, slots=True)
class OldRead:
    """An expression that reads the old key in one file, and the imports that the file lacks for it."""

    text: str
    imports: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A read as it stands somewhere."""

    text: str
    imported: Import | None = None
    """What its first name stands for, where that is no part of the language: `st` of `st.secrets["X"]`."""


def old_read(analysis: Analysis, connection: Connection, path: str, scope: Scope) -> OldRead | None:
    """The read of the key's variables as they are spelled today, where it can stand in this scope of a file."""
    every = analysis.sources_of(connection)
    sources = [source for source in every if not any(_holds(other, source) for other in every)]
    reads = [_spelled(analysis, source, path) for source in sources if source.kind is not SourceKind.PLACEHOLDER]
    known = [read for read in reads if read is not None]
    if not known or len(known) < len(reads):
        return None
    if len(known) == 1:
        return _placed(analysis, path, scope, known[0])
    if analysis.language(path) == "shell":
        return None
    if any(read.text.startswith("os.environ[") for read in known[:-1]):
        return None  # such a read stops the program where the next one is asked
    placed = [_placed(analysis, path, scope, read) for read in known]
    each = [read for read in placed if read is not None]
    added = [read.imports for read in each if read.imports]
    if len(each) < len(placed) or any(imports != added[0] for imports in added):
        return None
    either = (" or " if path.endswith(_PYTHON) else " || ").join(read.text for read in each)
    return OldRead(f"({either})", added[0] if added else ())


def environment_read(analysis: Analysis, path: str, scope: Scope, text: str, name: str) -> OldRead | None:
    """A read of the environment as it is written elsewhere; None where the text is more than that."""
    return _placed(analysis, path, scope, _Spelling(text)) if _is_environment_read(text, name) else None


def _is_environment_read(text: str, name: str) -> bool:
    return bool(_ENVIRONMENT.match(text)) and "\n" not in text and name in text


def _placed(analysis: Analysis, path: str, scope: Scope, read: _Spelling) -> OldRead | None:
    """A read with the import that it needs; None where a name of it means something else, or the import cannot be written."""
    if _NEEDS_OS.search(read.text):
        local, statement = "os", "import os"
    elif read.imported is not None and read.imported.local:
        local, statement = read.imported.local, _statement(read.imported)
    else:
        return OldRead(read.text, ())
    bound = scope.lookup(local)
    if bound and read.imported is not None:
        return OldRead(read.text, ()) if all(_same(binding.imported, read.imported) for binding in bound) else None
    if any(binding.imported is not None for binding in bound):
        return OldRead(read.text, ())
    file = analysis.repository.files[path]
    has_imports = any(isinstance(node, Import) and node.module != "__future__" for node in file.module.body)
    if file.module.language != "python" or not has_imports:
        return None
    return OldRead(read.text, import_edits(file, [statement]))


def _holds(outer: KeySource, inner: KeySource) -> bool:
    """Is a read the default of another one, and so a part of it?"""
    if outer is inner or outer.node is None or inner.node is None or outer.path != inner.path or outer.node is inner.node:
        return False
    return outer.node.span.start <= inner.node.span.start and inner.node.span.end <= outer.node.span.end


def _spelled(analysis: Analysis, source: KeySource, path: str) -> _Spelling | None:
    """One read, where it is the language's own or of something imported."""
    node = source.node
    if source.kind is not SourceKind.VARIABLE or node is None:
        return None
    if source.path.endswith(_PYTHON) != path.endswith(_PYTHON):
        return None
    text = analysis.repository.files[source.path].source.text
    read = text[node.span.start : node.span.end]
    if _TAKES_A_PART.match(text, node.span.end):
        first = _first_of_list(text, node.span)
        return _Spelling(first) if first is not None and _is_environment_read(first.lstrip("("), source.name) else None
    if isinstance(node, EnvRef) and analysis.language(path) == analysis.language(source.path) == "shell":
        return _Spelling(read) if "\n" not in read and "`" not in read else None
    if _is_environment_read(read, source.name):
        return _Spelling(read)
    imported = _made_of_import(node, analysis.repository.files[source.path].scopes.root)
    whole = path.endswith(_PYTHON) and "\n" not in read and source.name in read
    if imported is not None and whole and not is_local(analysis.repository, imported.module, source.path):
        return _Spelling(read, imported)
    hows = {fact.how for fact in analysis.readings(source.name, source.path, node) if fact.role is VariableRole.READ}
    plain = hows == {"process.env"} or (hows == {"destructured"} and read == "process.env")  # `const { X } = process.env`
    if plain and source.name.isidentifier():
        return _Spelling(f"process.env.{source.name}")
    return _Spelling(f'os.environ["{source.name}"]') if hows == {"os.environ"} else None


_FIRST = regex(r"""(?P<closed>\s*(?:\?\?|\|\|)\s*(?:""|'')\))?\.split\((?P<quote>["'`]),(?P=quote)\)\[0\]""")
"""What follows a read of a list of keys whose first one is used: `(process.env.X ?? "").split(",")[0]`."""


def _first_of_list(text: str, span: Span) -> str | None:
    """The read of the first key of a list; None where another part is taken."""
    match = _FIRST.match(text, span.end)
    if match is None:
        return None
    start = span.start - 1 if match["closed"] else span.start
    return text[start : match.end()] if not match["closed"] or text[start] == "(" else None


def _made_of_import(node: Node, module: Scope) -> Import | None:
    """What the first name of a read is imported from, where the rest of it is texts: `st.secrets["X"]`, `config("X")`."""
    match node:
        case Attr(base=Name(id=name)) | Index(base=Name(id=name), key=Str()) | Call(func=Name(id=name)):
            imports = [binding.imported for binding in module.names.get(name, [])]
            first = imports[0] if imports else None
            others = node.args if isinstance(node, Call) else ()
            return first if len(imports) == 1 and all(isinstance(arg.value, Str) and not arg.star for arg in others) else None
        case Attr(base=base) | Index(base=base, key=Str()):
            return _made_of_import(base, module)
        case Call(func=func, args=args) if all(isinstance(arg.value, Str) and not arg.star for arg in args):
            return _made_of_import(func, module)
    return None


def _same(one: Import | None, other: Import) -> bool:
    return one is not None and (one.module, one.name) == (other.module, other.name)


def _statement(imported: Import) -> str:
    """The import as Python writes it."""
    if imported.name is None:
        plain = imported.local == imported.module.split(".")[0]
        return f"import {imported.module}" if plain else f"import {imported.module} as {imported.local}"
    renamed = "" if imported.name == imported.local else f" as {imported.local}"
    return f"from {imported.module} import {imported.name}{renamed}"
