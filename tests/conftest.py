"""Options of the test command that concern fixtures."""

from __future__ import annotations

import pytest

ACCEPTED = pytest.StashKey[list[str]]()
"""Fixtures whose `after/` this run has written."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what the tool now makes of each fixture to its after/, to be read in the diff"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ACCEPTED] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if accepted := config.stash[ACCEPTED]:
        terminalreporter.section("accepted")
        for case in accepted:
            terminalreporter.line(f"fixtures/{case}/after was written: read `git diff` before you commit it")
