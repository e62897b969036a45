"""Model ids taken apart: `creator/slug`, variants, aliases, presets, routers, and the prefixes that clients put in front."""

from __future__ import annotations

import re

from migrator.patterns import regex
from migrator.records import dataclass

_ID = regex(
    r"""^(?P<client>(?:litellm/)?openrouter[/:](?=[^/]+/|@preset/)|[a-z][a-z-]*:(?=[^/:]+/))?(?:
          (?P<preset_only>@preset/[A-Za-z0-9_-]+)
        | (?P<alias>~)?(?P<creator>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)/(?P<slug>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)
          (?P<variants>(?::[a-z0-9-]+){0,3})(?:@preset/(?P<preset>[A-Za-z0-9_-]+))?
        )$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A model id by its parts."""

    client: str
    """What a client library put in front: `openrouter/`, `openrouter:`; "" for none."""
    base: str
    """`creator/slug`, without client prefix, alias sign, variants and preset."""
    variants: tuple[str, ...]
    alias: bool
    """`~creator/family-latest`."""
    preset: str
    router: bool
    """An id that OpenRouter itself answers: `openrouter/auto`."""

    @property
    def plain(self) -> bool:
        """Nothing but `creator/slug`."""
        return not (self.client or self.variants or self.alias or self.preset or self.router)


def parse(model: str) -> Form | None:
    """The parts of an id; None where it has no such form (`gpt-4o`)."""
    match = _ID.match(model)
    if match is None:
        return None
    if match["preset_only"]:
        return Form(
            client=match["client"] or "",
            base="",
            variants=(),
            alias=False,
            preset=match["preset_only"].split("/", 1)[1],
            router=False,
        )
    base = f"{match['creator']}/{match['slug']}"
    return Form(
        client=match["client"] or "",
        base=base,
        variants=tuple(part for part in match["variants"].split(":") if part),
        alias=bool(match["alias"]),
        preset=match["preset"] or "",
        router=match["creator"] == "openrouter" or base == "switchpoint/router",
    )
