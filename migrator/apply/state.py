"""Where journals lie, and whether a run anywhere was cut short. Imports nothing but `os` and `sys` at its top: the front door asks it first."""

from __future__ import annotations

import os
import sys

UNFINISHED = "unfinished"
"""Folder with an empty file for each root that a run is writing to, or was when it ended."""
OPEN_ITEMS = "open.json"
"""What earlier runs left for a person, in the folder of a root's journals."""


def state_folder() -> str:
    """`$MIGRATE_OPENROUTER_STATE`, else where the system keeps a program's state for this user."""
    if chosen := os.environ.get("MIGRATE_OPENROUTER_STATE"):
        return os.path.abspath(os.path.expanduser(chosen))
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "migrate-openrouter")
    if (xdg := os.environ.get("XDG_STATE_HOME")) and os.path.isabs(xdg):
        return os.path.join(xdg, "migrate-openrouter")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "migrate-openrouter")
    return os.path.join(home, ".local", "state", "migrate-openrouter")


def folder_of(root: str, state: str) -> str:
    """The folder of a root's journals, whether it is there or not. `root` is resolved; `state` is the folder of all."""
    import hashlib

    return os.path.join(os.path.abspath(state), hashlib.sha256(os.fsencode(root)).hexdigest()[:24])


def has_open_items(root: str) -> bool:
    """Whether runs over a root, which is resolved, may have left something for a person; the ledger says what."""
    state = state_folder()
    return os.path.isdir(state) and os.path.lexists(os.path.join(folder_of(root, state), OPEN_ITEMS))


def is_any_unfinished() -> bool:
    """Whether a run over some root may have been cut short; the journals say which."""
    try:
        return bool(os.listdir(os.path.join(state_folder(), UNFINISHED)))
    except OSError:
        return False
