"""The findings as SARIF 2.1.0, for code scanning: what would be rewritten and what is left for a person.

Made from the JSON document, so it is masked and says the same. What stays as it is (`keep`) is counted in the run's properties and is no
result: an alert for each comment would bury the others. GitHub takes at most 25,000 results a run and 1,000 tags; what is cut is said in a
notification (https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from migrator.catalog.rules import RULES

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
_ROOT = "SRCROOT"


def render(document: dict[str, Any]) -> str:
    """The log of one run, ending in a line end. `document`: as `migrator.reports.json.document` makes it."""
    listed = [finding for finding in document["findings"] if finding["action"] != "keep"]
    shown = listed[:MOST_RESULTS]
    used = sorted({finding["rule"] for finding in shown})
    index = {rule: number for number, rule in enumerate(used)}
    run = {
        "tool": {"driver": _driver(document, used)},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "automationDetails": {"id": f"migrate-openrouter/{document['target']['name']}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not document["problems"],
                "toolExecutionNotifications": [
                    *map(_problem, document["problems"]),
                    *map(_skipped, (skip for skip in document["skipped"] if skip["matters"])),
                    *([_cut(len(listed) - len(shown))] if len(listed) > len(shown) else []),
                ],
            }
        ],
        "results": [_result(finding, index[finding["rule"]]) for finding in shown],
        "properties": {"summary": document["summary"], "todo": [row["title"] for row in document["todo"]]},
    }
    return json.dumps({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _driver(document: dict[str, Any], used: list[str]) -> dict[str, Any]:
    known = {str(rule.id): rule for rule in RULES}
    return {
        "name": document["tool"]["name"],
        "version": document["tool"]["version"],
        "semanticVersion": document["tool"]["version"],
        "rules": [
            {
                "id": name,
                "name": "".join(word.capitalize() for word in name.split("-")),
                "shortDescription": {"text": known[name].title},
                "fullDescription": {"text": known[name].about.strip()},
                **({"helpUri": known[name].source} if known[name].source.startswith("https://") else {}),
                "properties": {"tags": ["migration"]},
            }
            for name in used
        ],
    }


def _result(finding: dict[str, Any], rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding["rule"],
        "ruleIndex": rule,
        "level": level(finding),
        "message": {"text": sentence(finding)},
        "locations": [_location(finding)],
        # the name under which GitHub keeps one alert while lines move; the number is for a second result on the same line
        "partialFingerprints": {"primaryLocationLineHash": f"{finding['id']}:1"},
        "properties": {key: finding[key] for key in ("action", "applicability", "category", "change")},
    }


def level(finding: dict[str, Any]) -> str:
    """How loud a finding is: a key in the code is an error, what a person must look at a warning, what the run does itself a note."""
    if finding["category"] == "api_key_literal":
        return "error"
    return "warning" if finding["action"] == "flag" or finding["applicability"] != "safe" else "note"


def sentence(finding: dict[str, Any]) -> str:
    """What was found, why it is done or left, and what the run does about it."""
    said = finding["message"].rstrip(".")
    parts = [_ended(": ".join(part for part in (said, finding["because"]) if part))]
    if finding["action"] == "rewrite":
        parts.append("A run rewrites it." if finding["applicability"] == "safe" else "A run with --unsafe rewrites it.")
    return " ".join(part for part in parts if part)


def _ended(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def _location(finding: dict[str, Any]) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": max(1, finding["line"])}
    if finding["line"]:
        region |= {"startColumn": finding["column"], "endLine": finding["end_line"], "endColumn": finding["end_column"]}
    return {"physicalLocation": {"artifactLocation": _artifact(finding["path"]), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path, safe="/"), "uriBaseId": _ROOT}


def _problem(row: dict[str, Any]) -> dict[str, Any]:
    return _notification(row["path"], row["line"], "error", f"{_ended(row['message'])} {_ended(row['remedy'])}".strip())


def _skipped(row: dict[str, Any]) -> dict[str, Any]:
    return _notification(row["path"], 0, "warning", f"Not looked into: {row['reason']}")


def _notification(path: str, line: int, level: str, text: str) -> dict[str, Any]:
    place = {"artifactLocation": _artifact(path), **({"region": {"startLine": line}} if line else {})}
    return {"level": level, "message": {"text": text}, "locations": [{"physicalLocation": place}]}


def _cut(number: int) -> dict[str, Any]:
    text = f"{number} more results are left out, because code scanning takes {MOST_RESULTS} a run; --include narrows the run."
    return {"level": "warning", "message": {"text": text}}
