"""Libraries that let the environment override a program's settings: viper, koanf, Rust's config, figment and envy, Ruby's anyway_config.

A default or an entry of a file is then one of several sources, and the variable that comes first is spelled out nowhere. Its name is made
here by the library's rule from what the program says of prefix and separator.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Call, Class, EnvDef, Func, Item, Str
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.repository import Repository


@dataclass(frozen=True, slots=True)
class Convention:
    """A setting and the variables that may take its place."""

    name: str
    framework: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Library:
    """How one library names its variables. `marker` is found in the programs that let it look into the environment."""

    framework: str
    language: str
    marker: re.Pattern[str]
    spell: Callable[[str, str], str]
    """The variable for a setting, from the text of the program and the setting's name."""


def _viper(text: str, name: str) -> str:
    """https://pkg.go.dev/github.com/spf13/viper#AutomaticEnv"""
    replacer = re.search(r"SetEnvKeyReplacer\(\s*strings\.NewReplacer\(([^)]*)\)", text)
    pairs = re.findall(r"\"([^\"]*)\"", replacer[1]) if replacer else []
    for old, new in zip(pairs[::2], pairs[1::2], strict=False):
        name = name.replace(old, new)
    prefix = re.search(r"SetEnvPrefix\(\s*\"(\w+)\"", text)
    return (f"{prefix[1]}_{name}" if prefix else name).upper()


def _koanf(text: str, name: str) -> str:
    """https://github.com/knadh/koanf#reading-environment-variables"""
    prefix = re.search(r"\benv\.Provider\(\s*\"(\w*)\"|Prefix:\s*\"(\w*)\"", text)
    return ((prefix[1] or prefix[2] or "") if prefix else "") + re.sub(r"[.\-]", "_", name).upper()


def _config(text: str, name: str) -> str:
    """https://docs.rs/config/latest/config/struct.Environment.html"""
    prefix = re.search(r"Environment::with_prefix\(\s*\"(\w+)\"", text)
    separator = re.search(r"\.separator\(\s*\"([^\"]+)\"", text)
    before = re.search(r"\.prefix_separator\(\s*\"([^\"]+)\"", text)
    inner = separator[1] if separator else "."
    outer = before[1] if before else separator[1] if separator else "_"
    return (f"{prefix[1]}{outer}" if prefix else "").upper() + name.replace(".", inner).upper()


def _prefixed(text: str, name: str) -> str:
    """https://docs.rs/figment/latest/figment/providers/struct.Env.html, https://docs.rs/envy"""
    prefix = re.search(r"\b(?:Env|envy)::prefixed\(\s*\"(\w+)\"", text)
    split = re.search(r"\.split\(\s*\"([^\"]+)\"", text)
    return ((prefix[1] if prefix else "") + name.replace(".", split[1] if split else "_")).upper()


def _anyway(text: str, name: str) -> str:
    """https://github.com/palkan/anyway_config#environment-variables"""
    given = re.search(r"\b(?:config_name|env_prefix)\s*\(?\s*:?[\"']?(\w+)", text)
    owner = re.search(r"class\s+(?:\w+::)*(\w+?)(?:Config)?\s*<\s*(?:Anyway::Config|ApplicationConfig)", text)
    before = given[1] if given else owner[1] if owner else ""
    return f"{before}_{name}".strip("_").replace(".", "__").upper()


_LIBRARIES = (
    _Library("viper", "go", regex(r"\.AutomaticEnv\("), _viper),
    _Library("koanf", "go", regex(r"\bkoanf\b[\s\S]*\benv\.Provider\("), _koanf),
    _Library("config", "rust", regex(r"\bEnvironment::(?:with_prefix|default)\("), _config),
    _Library("figment", "rust", regex(r"\bEnv::(?:prefixed|raw)\("), _prefixed),
    _Library("envy", "rust", regex(r"\benvy::(?:from_env|prefixed)\b"), _prefixed),
    _Library("anyway_config", "ruby", regex(r"<\s*(?:Anyway::Config|ApplicationConfig)\b"), _anyway),
)


def convention_of(repository: Repository, site: UrlFact) -> Convention | None:
    """The setting that an address is the default of, with the variable that comes before it."""
    if site.owner or any(isinstance(step.node, EnvDef) for step in site.node_path.ancestors()):
        return None
    language = site.node_path.scope.module().language
    for library, text in _used(repository):
        name = ""
        if language == library.language:
            name = _setting_in_program(site, repository.files[site.path].source.text)
        elif _loads(text, site.path):
            name = ".".join(reversed(list(_keys(site))))
        if name:
            return Convention(name, library.framework, (library.spell(text, name),))
    return None


def _used(repository: Repository) -> list[tuple[_Library, str]]:
    """The libraries that look into the environment for programs of this tree, with the text of all programs of their language."""
    if ("conventions",) not in repository.known:
        used = []
        for library in _LIBRARIES:
            texts = [file.source.text for _, file in sorted(repository.files.items()) if file.module.language == library.language]
            if any(library.marker.search(text) for text in texts):
                used.append((library, "\n".join(texts)))
        repository.known[("conventions",)] = used
    return repository.known[("conventions",)]  # type: ignore[no-any-return]


def _loads(text: str, path: str) -> bool:
    """Does a program name a file of settings, with or without its ending?"""
    name = posixpath.basename(path)
    stem = name.partition(".")[0]
    ending = path.rpartition(".")[2]
    return ending in ("yaml", "yml", "toml", "json") and re.search(rf"[\"/]{re.escape(stem)}(?:\.{ending})?[\"]", text) is not None


def _keys(site: UrlFact) -> Iterator[str]:
    for step in site.node_path.ancestors():
        if isinstance(step.node, Item) and isinstance(step.node.key, Str):
            yield step.node.key.value


def _setting_in_program(site: UrlFact, text: str) -> str:
    """The setting that a program gives the address as its default."""
    for step in site.node_path.ancestors():
        match step.node:
            case Call(func=func, args=(Arg(value=Str(value=key)), *_)) if last_name(func) in ("SetDefault", "set_default"):
                return key
            case Call(func=func, args=args) if last_name(func) == "attr_config":
                return next((arg.name for arg in args if arg.name and arg.value is site.literal), "")
            case Item(key=Str(value=key)) if "." in key:
                return key
            case Arg(name=str(field)) if site.path.endswith(".rs"):
                return field
            case Func(name=name) if name and site.path.endswith(".rs"):
                given = re.search(
                    rf"default\s*=\s*\"(?:\w+::)*{re.escape(name)}\"[^\n]*\)\]\s*(?:#\[[^\n]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(\w+)\s*:",
                    text,
                )
                return given[1] if given else ""
            case Class():
                return ""
            case _:
                pass
    return ""
