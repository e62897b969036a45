"""The findings as JUnit XML, for test reports of CI services: a test case for each finding, a suite for each file.

What fails is what makes the exit code fail: what would be rewritten, and with `--strict` what is left for a person; without it that is
skipped with its message. What stays as it is passes. A file that could not be read is an error.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from migrator.patterns import regex
from migrator.reports.sarif import sentence

_NOT_XML = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""
_NOT_PLAIN = regex(r"[^\x20-\x7e\n]")


def render(document: dict[str, Any], *, strict: bool) -> str:
    """The XML document, ending in a line end. `document`: as `migrator.reports.json.document` makes it."""
    root = ElementTree.Element("testsuites", name="migrate-openrouter")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    done = document["mode"] == "apply"
    for path, findings in groupby(document["findings"], key=lambda finding: finding["path"]):
        suite = ElementTree.SubElement(root, "testsuite", name=_text(path))
        counts = dict.fromkeys(totals, 0)
        for finding in findings:
            case = ElementTree.SubElement(suite, "testcase", classname=_text(path), name=_name(finding), file=_text(path))
            if finding["line"]:
                case.set("line", str(finding["line"]))
            outcome = _outcome(finding, strict=strict, done=done)
            counts["tests"] += 1
            if outcome:
                counts["failures" if outcome == "failure" else "skipped"] += 1
                element = ElementTree.SubElement(case, outcome, message=_text(finding["message"]))
                element.text = _text(f"{path}:{finding['line']}: {sentence(finding)}")
        _count(suite, counts, totals)
    for row in document["problems"]:
        suite = ElementTree.SubElement(root, "testsuite", name=_text(row["path"]))
        case = ElementTree.SubElement(suite, "testcase", classname=_text(row["path"]), name="could not be done")
        ElementTree.SubElement(case, "error", message=_text(row["message"])).text = _text(f"{row['message']} {row['remedy']}")
        _count(suite, {"tests": 1, "failures": 0, "errors": 1, "skipped": 0}, totals)
    for name, number in totals.items():
        root.set(name, str(number))
    ElementTree.indent(root)
    return _visible(ElementTree.tostring(root, encoding="unicode", xml_declaration=True)) + "\n"


def _visible(document: str) -> str:
    """The document with what hides itself or turns the reading direction written as `&#x202e;`, which means the same to a program."""
    return _NOT_PLAIN.sub(lambda match: match[0] if match[0].isprintable() else f"&#x{ord(match[0]):x};", document)


def _name(finding: dict[str, Any]) -> str:
    return f"{finding['rule']}:{finding['line']} {finding['id']}"


def _outcome(finding: dict[str, Any], *, strict: bool, done: bool) -> str | None:
    match finding["action"]:
        case "rewrite":
            return None if done else "failure"
        case "flag":
            return "failure" if strict else "skipped"
        case _:
            return None


def _count(suite: ElementTree.Element, counts: dict[str, int], totals: dict[str, int]) -> None:
    for name, number in counts.items():
        suite.set(name, str(number))
        totals[name] += number


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
