"""Two names of one file system change places in one step, where the system can do that (Linux, `renameat2`).

A plain rename throws away what stood under the name, also a text that another program saved a moment ago. After an exchange it is still
there to be looked at and put back.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

_EXCHANGE = 2
"""RENAME_EXCHANGE of <linux/fs.h>."""


@cache
def _renameat2() -> Any:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return None


def exchange(left_folder: int | None, left: str, right_folder: int | None, right: str) -> bool:
    """Swap two names, each below an open folder. False, and nothing done, where the system or the file system cannot."""
    function = _renameat2()
    if function is None or left_folder is None or right_folder is None:
        return False
    return int(function(left_folder, os.fsencode(left), right_folder, os.fsencode(right), _EXCHANGE)) == 0
