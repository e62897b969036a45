"""It stays at home: only `live/` knows what a socket is, and planning, inventory and retirement work where sockets are forbidden."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "migrator"
NETWORK = frozenset(
    """
    socket ssl http urllib.request urllib3 httpx httpx2 requests aiohttp asyncio socketserver xmlrpc ftplib smtplib telnetlib
    websockets uvicorn starlette openai anthropic
    """.split()  # noqa: SIM905 - a table to read
)

FORBIDDEN = """
import socket, sys

def no(*_arguments, **_more):
    raise AssertionError("a socket was opened")

class Never(socket.socket):
    def __init__(self, *_arguments, **_more):
        no()

socket.socket = Never
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = no
"""


def imported(path: Path) -> set[str]:
    """Every module a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_live_knows_what_a_socket_is(path: Path) -> None:
    parts = path.relative_to(PACKAGE).parts
    names = imported(path)
    if parts[0] == "live":
        return
    touched = {name for name in names for network in NETWORK if name == network or name.startswith(f"{network}.")}
    assert touched == set()
    if parts not in (("cli", "lifecycle.py"), ("cli", "gateways.py"), ("cli", "setup.py")):
        assert not any(name == "migrator.live" or name.startswith("migrator.live.") for name in names), (
            "live is for its commands only"
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ("{tree}", "--dry-run"),
        ("{tree}", "--dry-run", "--format", "json"),
        ("{tree}", "--check"),
        ("inventory", "{tree}"),
        ("inventory", "{tree}", "--projects"),
        ("retire", "{tree}"),
        ("{tree}",),
    ],
    ids=" ".join,
)
def test_everything_but_live_works_where_sockets_are_forbidden(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\nfrom openai import OpenAI\n\n"
        'client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
    )
    (tmp_path / ".env").write_text("OPENROUTER_API_KEY=\n")
    given = [argument.format(tree=tmp_path) for argument in arguments]
    program = f"{FORBIDDEN}\nfrom migrator.__main__ import main\ncode = main({given!r})\n"
    program += "assert 'httpx' not in sys.modules and 'migrator.live.http' not in sys.modules\nsys.exit(code)\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, cwd=tmp_path.parent)
    assert done.returncode in (0, 1), done.stderr
    assert "socket" not in done.stderr
