"""Gateways as data: `catalog/targets/*.toml` (where code can go) and `catalog/gateways/*.toml` (where it comes from).

Hosts come from here or from the command line, never from the repository that is being migrated: a repository could otherwise
name the host that its owner's key is sent to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from migrator.model import MigratorError, Target
from migrator.patterns import regex
from migrator.records import dataclass, replace

DEFAULT = "synapse-garden"

_CATALOG = Path(__file__).parent
_DIALECTS = ("gateway", "openrouter", "none")
_ENV_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_OPENROUTER = regex(r"(?:.+\.)?openrouter\.ai\.?", re.IGNORECASE)
_ENDPOINTS = ("/chat/completions", "/completions", "/messages", "/embeddings", "/responses", "/models")
# what an OpenAI-compatible gateway that nobody described may be assumed to serve
_COMMON_ENDPOINTS = ("chat/completions", "embeddings", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A base URL that people use for a gateway and that does not work."""

    base: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    target: Target
    aliases: tuple[str, ...]
    mistakes: tuple[Mistake, ...]


def names() -> tuple[str, ...]:
    """Names that `load` takes, the default first; aliases are not listed."""
    return tuple(sorted(_profiles("targets"), key=lambda name: (name != DEFAULT, name)))


def load(name: str = DEFAULT, *, option: str = "--target") -> Target:
    """The target of that name or alias. Raises `MigratorError` naming the option and the targets there are."""
    profiles = _profiles("targets")
    if (profile_of_name := _find(profiles, name)) is not None:
        return profile_of_name.target
    if _find(_profiles("gateways"), name) is not None:
        raise MigratorError(f"--target {name}: that is the gateway one is leaving; choose one of: {', '.join(names())}.")
    near = _near(name, [*profiles, *(alias for profile in profiles.values() for alias in profile.aliases)])
    meant = _find(profiles, near[0]) if near else None
    hint = f", did you mean {meant.target.name}?" if meant else "."
    raise MigratorError(
        f"{option} {name}: no such target{hint} There are: {', '.join(names())}; any other OpenAI-compatible gateway goes with"
        " --base-url and --key-env."
    )


def gateway(name: str) -> Target:
    """A profile by name from either shelf: a target, or `openrouter`, the gateway one leaves. Raises `MigratorError`."""
    if (profile := _find(_profiles("gateways"), name)) is not None:
        return profile.target
    if _near(name, list(_profiles("gateways"))):
        raise MigratorError(f"--gateway {name}: no such gateway, did you mean openrouter? There are also: {', '.join(names())}.")
    return load(name, option="--gateway")


def _near(name: str, known: Sequence[str]) -> list[str]:
    """The most similar of the known names, or nothing."""
    from difflib import get_close_matches

    return get_close_matches(name.lower(), known, n=1)


def mistakes(name: str) -> tuple[Mistake, ...]:
    """Base URLs that are often written for the gateway `name` and are wrong."""
    profile = _find(_profiles("gateways"), name) or _find(_profiles("targets"), name)
    return () if profile is None else profile.mistakes


def custom(
    base_url: str,
    anthropic_base_url: str | None = None,
    key_env: str = "LLM_API_KEY",
    *,
    name: str = "custom",
    dialect: str = "none",
    key_prefixes: tuple[str, ...] = (),
) -> Target:
    """A target that no profile describes, from the command line.

    `base_url` ends where OpenAI clients expect (usually `/v1`), `anthropic_base_url` where Anthropic's do (before `/v1`).
    Raises `MigratorError` where one of them cannot be a base URL, is OpenRouter's own, or the variable's name is not one.
    """
    base = _base(base_url, "--base-url")
    anthropic = None if anthropic_base_url is None else _anthropic(anthropic_base_url)
    for option, url in (("--base-url", base), ("--anthropic-base-url", anthropic)):
        if url is not None:
            _elsewhere(option, url)
    _variable(key_env)
    if dialect not in _DIALECTS:
        raise MigratorError(f"dialect {dialect!r}: not known; there are: {', '.join(_DIALECTS)}.")
    known = {"gateway": gateway("vercel"), "openrouter": gateway("openrouter")}.get(dialect)
    return Target(
        name=name,
        title=urlsplit(base).netloc,
        openai_base=base,
        anthropic_base=anthropic,
        key_env=key_env,
        key_example=f"{key_prefixes[0]}..." if key_prefixes else "your-key",
        key_prefixes=key_prefixes,
        refused_prefixes=("sk-or-",),
        sandbox_prefixes=(),
        dialect=dialect,
        routing_fields=() if known is None else known.routing_fields,
        endpoints=(*_COMMON_ENDPOINTS, "messages") if anthropic else _COMMON_ENDPOINTS,
        console=None,
    )


def with_host(target: Target, base_url: str) -> Target:
    """The same gateway at another address: a staging host, a corporate proxy, a rehearsal on loopback.

    The Anthropic base moves along where it can be told (it stands to the OpenAI base as in the profile) and is None elsewhere:
    a half-moved target would send one client's key to the old host. Raises `MigratorError`.
    """
    base = _base(base_url, "--base-url")
    if target.name != "openrouter":
        _elsewhere("--base-url", base)
    anthropic = None
    if target.anthropic_base is not None and target.openai_base == f"{target.anthropic_base}/v1" and base.endswith("/v1"):
        anthropic = base.removesuffix("/v1")
    return replace(target, openai_base=base, anthropic_base=anthropic)


def with_key_env(target: Target, key_env: str) -> Target:
    """The same gateway with its key in another variable. Raises `MigratorError` where that is not a variable's name."""
    _variable(key_env)
    return replace(target, key_env=key_env)


def chosen(name: str | None, base_url: str | None, anthropic_base_url: str | None, key_env: str | None) -> Target:
    """The target that `--target`, `--base-url`, `--anthropic-base-url` and `--key-env` describe together.

    A base URL alone moves a profiled target to another host (staging, a proxy); with a key variable and no profile's name it
    describes a gateway that has no profile. Raises `MigratorError`.
    """
    if name == "custom" or (name is None and base_url is not None and key_env is not None):
        if base_url is None:
            raise MigratorError(
                "--target custom: say where it is with --base-url URL, and name its key's variable with --key-env NAME."
            )
        described = custom(base_url, anthropic_base_url)
        return described if key_env is None else with_key_env(described, key_env)
    target = load() if name is None else load(name)
    if base_url is not None:
        target = with_host(target, base_url)
    if anthropic_base_url is not None:
        target = replace(target, anthropic_base=_anthropic(anthropic_base_url))
    return target if key_env is None else with_key_env(target, key_env)


def is_loopback(host: str) -> bool:
    """Is this host this machine? Plain http may be used there and nowhere else."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _elsewhere(option: str, url: str) -> None:
    if _OPENROUTER.fullmatch(urlsplit(url).hostname or ""):
        raise MigratorError(f"{option} {url}: that is OpenRouter itself, which one is leaving; name the new gateway.")


def _variable(name: str) -> None:
    if not _ENV_NAME.fullmatch(name):
        raise MigratorError(f"--key-env {name}: not a name of an environment variable (letters, digits and _, no digit first).")


def _base(url: str, option: str) -> str:
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise MigratorError(f"{option}: a URL has no spaces or control characters.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise MigratorError(f"{option}: not a URL: {error}.") from None
    if parts.username is not None or parts.password is not None:
        # not echoed: the part before the @ is a secret
        raise MigratorError(f"{option}: a user name or password stands in the URL; remove it, the key belongs in its variable.")
    if parts.scheme not in ("https", "http") or not host:
        raise MigratorError(f"{option} {url}: a base URL looks like https://host/v1.")
    if parts.scheme == "http" and not is_loopback(host):
        raise MigratorError(f"{option} {url}: plain http shows the key to the network; use https (http is for loopback only).")
    if parts.query or parts.fragment:
        raise MigratorError(f"{option} {url}: a base URL has no ? and no #.")
    base = url.rstrip("/")
    for endpoint in _ENDPOINTS:
        if base.endswith(endpoint):
            raise MigratorError(
                f"{option} {url}: this is an endpoint, not a base; clients append {endpoint} themselves."
                f" Try {base.removesuffix(endpoint)}."
            )
    return base


def _anthropic(url: str) -> str:
    base = _base(url, "--anthropic-base-url")
    if base.endswith("/v1"):
        raise MigratorError(
            f"--anthropic-base-url {url}: the Anthropic SDK appends /v1/messages itself; try {base.removesuffix('/v1')}."
        )
    return base


def _find(profiles: Mapping[str, _Profile], name: str) -> _Profile | None:
    wanted = name.lower()
    if wanted in profiles:
        return profiles[wanted]
    return next((profile for profile in profiles.values() if wanted in profile.aliases), None)


@cache
def _profiles(shelf: str) -> dict[str, _Profile]:
    profiles = (_read(path) for path in sorted((_CATALOG / shelf).glob("*.toml")))
    return {profile.target.name: profile for profile in profiles}


def _read(path: Path) -> _Profile:
    import tomllib

    try:
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MigratorError(f"{path}: cannot be read as a gateway profile: {error}") from None
    aliases = tuple(data.pop("aliases", ()))
    known = tuple(Mistake(**row) for row in data.pop("mistakes", ()))
    data.setdefault("console", None)
    data.setdefault("anthropic_base", None)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    try:
        target = Target(**values)
    except TypeError as error:
        raise MigratorError(f"{path}: not a gateway profile: {error}") from None
    return _Profile(target=target, aliases=aliases, mistakes=known)
