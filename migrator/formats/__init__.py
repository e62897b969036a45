"""One file per format. `detect.format_of` says which one a file is in, `lower` turns it into the tree.

A format's module is loaded when the first file in it turns up, since the Python and ECMA parsers cost more to load than most trees
take to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from migrator.formats.detect import LANGUAGES, format_of
from migrator.patterns import regex
from migrator.records import replace

if TYPE_CHECKING:
    from migrator.formats.tree import Module
    from migrator.model import Source

_TEMPLATE = regex(r"\{\{|\{%|<%")
_MODULES = {
    "notebook": "documents.notebook", "http": "documents.http", "markdown": "documents.markdown", "markup": "documents.markup",
    "text": "documents.text", "dotenv": "config.dotenv", "hcl": "config.hcl", "ini": "config.ini", "json": "config.json",
    "toml": "config.toml", "plist": "config.plist", "xcconfig": "config.xcconfig", "yaml": "config.yaml", "dockerfile": "shell.dockerfile", "make": "shell.make",
    "powershell": "shell.powershell", "batch": "shell.batch",
}  # fmt: skip
_TEMPLATED = frozenset({"yaml", "json", "toml", "dotenv", "notebook"})


def lower(source: Source) -> Module:
    """The tree of a file in the format that its name says.

    Data that cannot be read because it is a template of data (Jinja, Go, ERB) is text. Raises `Unreadable`.
    """
    from migrator.formats.tree import Unreadable

    name = format_of(source.path, source.text)
    if name in LANGUAGES:
        from migrator.formats import languages

        return languages.lower(source, name)
    module = import_module(f"migrator.formats.{_MODULES.get(name, name)}")
    try:
        lowered: Module = module.lower(source)
    except Unreadable:
        if name not in _TEMPLATED or not _TEMPLATE.search(source.text):
            raise
        from migrator.formats.documents import text

        return text.lower(replace(source))
    return lowered
