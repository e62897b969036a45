"""`python -m tests.proof`: many applications, in several processes; what fails is shrunk and written down as a folder."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path

from tests.proof.profile import UNFINISHED
from tests.proof.session import work


def main() -> int:
    """Exit code 1 where a law does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--programs", type=int, default=300, metavar="N", help="how many applications")
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed; the others follow")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--languages", default="", help="comma-separated; default all that can be run here")
    parser.add_argument("--without", default="", help="comma-separated forms that are not drawn")
    parser.add_argument("--all", action="store_true", help="also draw what `profile.UNFINISHED` leaves out")
    parser.add_argument("--out", type=Path, help="folder for what fails: a fixture folder with a note for each kind of violation")
    parser.add_argument("--each", type=int, default=1, help="folders for each kind of violation")
    parser.add_argument("--no-shrink", action="store_true")
    options = parser.parse_args()
    without = ",".join(filter(None, (options.without, *(() if options.all else UNFINISHED))))
    started = time.monotonic()
    seeds = [range(options.seed + job, options.seed + options.programs, options.jobs) for job in range(options.jobs)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        arguments = [(share, options.languages, without, not options.no_shrink, options.each, options.out) for share in seeds]
        results = pool.starmap(work, arguments)
    counts: Counter[str] = sum((counted for _, counted, _ in results), Counter[str]())
    failures = [failure for found, _, _ in results for failure in found]
    statistics: Counter[str] = sum((numbers for _, _, numbers in results), Counter[str]())
    seconds = time.monotonic() - started
    print(
        f"{options.programs} applications in {seconds:.0f} s: "
        + ", ".join(f"{name} {count}" for name, count in sorted(statistics.items()))
    )
    for kind, count in counts.most_common():
        example = next((failure for failure in failures if failure.signature == kind), None)
        print(f"{count:6} {kind}" + (f"   e.g. --seed {example.seed} --programs 1" if example else ""))
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main())
