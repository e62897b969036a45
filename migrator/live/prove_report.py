"""What `prove` found, as text for a person and as JSON for a record."""

from __future__ import annotations

import json
from typing import Any

from migrator.live.differences import Difference
from migrator.live.keys import scrub
from migrator.live.prove import Proof, Ran, ending
from migrator.reports.text import count, escape, wrap

SCHEMA = "migrate-openrouter/prove/1"
_TAIL = 12
"""Lines of a command's output that are shown where it failed."""


def render(proof: Proof, *, width: int = 80) -> str:
    """The comparison as text, ending in a line end; the verdict stands first, and again at the end."""
    verdict = wrap(_verdict(proof), width)
    lines = [*verdict, ""]
    for number, pair in enumerate(proof.pairs, start=1):
        lines.append(f"{number:>3}  {_shown(pair.title)}")
        if not pair.differences:
            lines.append("     the same")
        for each in pair.differences:
            lines += wrap(_shown(each.text), width, first=f"     {_mark(each)}  {each.what:<7} ", rest=" " * 26)
    for each in proof.ends:
        lines += wrap(_shown(each.text), width, first=f"  {_mark(each)}  ", rest=" " * 15)
    for title, ran in (("before", proof.before), ("after", proof.after)):
        for host in sorted(ran.recorded.refused):
            text = f"{title}: a client that asks {host} does not accept the recorder's certificate (a pinned one, or a store of its own)"
            lines += wrap(_shown(text), width, rest="  ")
        if ran.code != 0:
            lines += ["", f"{title}: the command ended with {ending(ran)}; its last lines:"]
            lines += [f"  {_shown(line)}" for line in ran.output.splitlines()[-_TAIL:]]
    repeated = ["", *verdict] if lines[-1] else []  # nothing to repeat where nothing stands between
    return "\n".join((*lines, *repeated)).rstrip() + "\n"


def _verdict(proof: Proof) -> str:
    unplanned = len(proof.unplanned())
    size = f"{count(len(proof.before.recorded.requests), 'request')} before, {len(proof.after.recorded.requests)} after"
    if not proof.pairs:
        return (
            "Nothing is proved: the command sent no request that arrived here. A program that brings its own proxy, "
            "or sends nothing in this command, cannot be compared."
        )
    if unplanned:
        return f"NOT as planned: {count(unplanned, 'difference')} that the plan does not say ({size})."
    return f"As planned: nothing differs that the plan does not say ({size})."


def _mark(difference: Difference) -> str:
    return "planned    " if difference.planned else "NOT PLANNED"


def _shown(text: str) -> str:
    return escape(scrub(text, (), 2_000))


def document(proof: Proof) -> dict[str, Any]:
    """The comparison as data, for a record; no key, no body."""

    def ran(run: Ran) -> dict[str, Any]:
        return {"exit": run.code, "requests": len(run.recorded.requests), "refused": sorted(run.recorded.refused)}

    def row(difference: Difference) -> dict[str, Any]:
        return {"what": difference.what, "text": scrub(difference.text, (), 2_000), "planned": difference.planned}

    return {
        "schema": SCHEMA,
        "proved": proof.proves(),
        "before": ran(proof.before),
        "after": ran(proof.after),
        "requests": [
            {
                "request": scrub(pair.title, (), 500),
                "host_before": pair.before and pair.before.host,
                "host_after": pair.after and pair.after.host,
                "differences": [row(each) for each in pair.differences],
            }
            for pair in proof.pairs
        ],
        "differences": [row(each) for each in proof.ends],
    }


def dump(proof: Proof) -> str:
    """`document` as JSON text."""
    return json.dumps(document(proof), indent=2, ensure_ascii=True) + "\n"
