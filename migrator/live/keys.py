"""Keys: where one comes from, what its shape tells, and how it is spoken of without being shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from migrator.model import MigratorError, Target
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.text.regular import read_given
from migrator.text.secrets import HIDDEN, is_placeholder
from migrator.text.secrets import mask as hide

# published prefixes; enough to say whose key it is, never more than that
PREFIXES = ("sk-or-v1-", "sk-or-", "mg_live_", "mg_test_", "vck_", "sk-ant-", "sk-proj-", "sk-", "mg_")
_CLEAN = regex(r"[!#-&(-~]+")  # printable ASCII without quotes and space
_REFERENCE = regex(r"\$\{|\$\(|\$[A-Za-z_]|\{\{|<|>|\.\.\.|…|%[A-Za-z_]+%")
_CONTROL = regex(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key and where it was found. The value never takes part in `repr`."""

    variable: str
    where: str
    """`the environment` or `the file NAME`."""
    value: str = field(repr=False)


def find(variable: str, env_file: Path | None, environ: Mapping[str, str]) -> Key | None:
    """The variable's value from the file the user named, else from the process; None where it is not set.

    The file is read as it stands: references in it are not expanded, so that nothing outside it can choose the key.
    Raises `MigratorError` where the file cannot be read.
    """
    if env_file is None:
        value = environ.get(variable)
        return None if value is None else Key(variable=variable, where="the environment", value=value)
    from io import StringIO

    from dotenv import dotenv_values

    try:
        text = read_given(env_file).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MigratorError(f"--env-file {env_file}: cannot be read: {reason}.") from None
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    if variable not in values:
        return None
    return Key(variable=variable, where=place(env_file), value=values[variable] or "")


def place(env_file: Path | None) -> str:
    """Where keys are looked for, in words."""
    return "the environment" if env_file is None else f"the file {env_file}"


def trouble(key: Key | None, target: Target) -> str | None:
    """The id in `failures.toml` of what is wrong with a key before it is sent, or None."""
    if key is None:
        return "key-missing"
    if not key.value.strip():
        return "key-empty"
    if any(key.value.lstrip(" \"'").startswith(prefix) for prefix in target.refused_prefixes):
        return "key-refused"
    if _REFERENCE.search(key.value):
        return "key-reference"
    if not _CLEAN.fullmatch(key.value):
        return "key-dirty"
    if key.value == target.key_example or is_placeholder(key.value):
        return "key-placeholder"
    return None


def sandbox(key: Key, target: Target) -> bool:
    """Is this a key that reaches no model?"""
    return key.value.startswith(target.sandbox_prefixes) if target.sandbox_prefixes else False


def plausible(key: Key, target: Target) -> bool:
    """Does the key begin as this gateway's keys do? True where nothing is known of their shape."""
    return not target.key_prefixes or key.value.startswith(target.key_prefixes)


def mask(value: str) -> str:
    """A key as it may be shown: the vendor's published prefix and the length, no character of its own."""
    prefix = next((prefix for prefix in PREFIXES if value.startswith(prefix)), "")
    return f"{prefix}… ({len(value)} characters)"


def shape(value: str) -> str:
    """The vendor's published prefix of a key, or `unknown shape`."""
    bare = value.lstrip(" \"'")
    return next((f"{prefix}…" for prefix in PREFIXES if bare.startswith(prefix)), "unknown shape")


def scrub(text: str, values: Collection[str] = (), limit: int = 300) -> str:
    """Text from outside, fit to be shown: no key, no control character, one line, not longer than `limit`."""
    for value in values:
        if len(value) >= 4:
            text = text.replace(value, HIDDEN)
    text = _CONTROL.sub(" ", hide(text, values))
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
