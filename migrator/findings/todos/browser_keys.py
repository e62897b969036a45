"""Keys that browsers can read."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.catalog import openrouter
from migrator.model import Todo


def browser_keys(analysis: Analysis) -> Iterator[Todo]:
    """Keys that a framework builds into what browsers load."""
    prefixes = tuple(openrouter()["keys"]["public_prefixes"])
    for variable in analysis.variables:
        name = variable.name
        if (
            not variable.is_address
            and name.startswith(prefixes)
            and (not name.startswith("NUXT_") or name.startswith("NUXT_PUBLIC_"))
        ):
            new = variable.new_name if variable.moves else name
            yield Todo(
                title=f"{new} is readable by everybody who opens the page",
                detail="Its prefix makes the build copy the value into the script that browsers load.",
                command=None,
                because="a key in a browser is a public key: call the gateway from a server, or give this one a tight limit",
            )
    for path, file in sorted(analysis.repository.files.items()):
        if (
            file.module.language == "ecma"
            and analysis.code(path)
            and path in analysis.facts
            and "dangerouslyAllowBrowser" in file.source.text
        ):
            yield Todo(
                title=f"{path} makes a client in the browser",
                detail="dangerouslyAllowBrowser sends the key from the page itself; the target must allow requests from browsers (CORS).",
                command=None,
                because="a key in a browser is a public key, and not every gateway answers browsers",
            )
