"""`python tests/wire/install.py FOLDER [NAME…]`: the environments of the rows, all of them or those named; about 8 GB in all.

Each list in `environments/` pins every package of one Python environment, each `node/NAME/package.json` those of one Node environment.
There are so many because the libraries' pins contradict each other.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Make the environments. 2 where no folder is named."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    folder, names = Path(arguments[0]), set(arguments[1:])
    for pins in sorted((HERE / "environments").glob("*.txt")):
        if not names or pins.stem in names:
            _python(folder / "python" / pins.stem, pins)
    for manifest in sorted((HERE / "node").glob("*/package.json")):
        if not names or manifest.parent.name in names:
            _node(folder / "node" / manifest.parent.name, manifest)
    return 0


def _python(home: Path, pins: Path) -> None:
    if not (home / "bin" / "python").exists():
        venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", "--requirement", pins], check=True)


def _node(home: Path, manifest: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(manifest, home)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
