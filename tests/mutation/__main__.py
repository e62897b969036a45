"""`python -m tests.mutation FOLDER...`: plant faults in folders or modules of `migrator/`, and print those that no test notices."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.record import FILES, HERE
from tests.mutation.session import SKIPPED, SURVIVED, UNREACHED, record_all, try_share

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def main() -> int:
    """Exit code 1 where the tests notice less than `--least` of the faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "parts", nargs="+", metavar="FOLDER", help="below migrator/: apply, text, plan, analysis; or a module of them"
    )
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="at most N faults of each module, drawn by --seed; default all"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--tests", type=int, default=60, metavar="N", help="at most N tests for a fault, the quickest that reach it"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="record only each N-th fixture")
    parser.add_argument(
        "--files",
        nargs="+",
        metavar="FILE",
        default=FILES,
        help="files of tests to ask, by their names; quick ones find most in little time",
    )
    parser.add_argument(
        "--record", type=Path, default=Path(".mutation-record.json"), help="where it is kept which tests reach what"
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--least", type=float, default=90.0, metavar="PERCENT")
    parser.add_argument("--only", action="append", metavar="TEXT", help="only faults whose name holds this; may be given again")
    options = parser.parse_args()
    chosen = _chosen(options.parts, options.sample, options.seed, options.only or ())
    random.Random(options.seed).shuffle(chosen)  # what is stopped early has seen a bit of everything
    if not options.record.exists():
        _in_a_process(record_all, options.parts, options.record, options.every, options.files)
    spawn = multiprocessing.get_context("spawn")
    queue: Queue[list[tuple[Mutant, str]]] = spawn.Queue()
    # no pool: its processes may have no children, and tests of what is killed have some
    shares = [chosen[job :: options.jobs] for job in range(options.jobs)]
    workers = [
        spawn.Process(target=try_share, args=(queue, share, options.record, options.tests, options.files)) for share in shares
    ]
    for worker in workers:
        worker.start()
    results = [result for _ in workers for result in queue.get()]
    for worker in workers:
        worker.join()
    return _report(results, options.least)


def _chosen(parts: Sequence[str], sample: int, seed: int, only: Sequence[str]) -> list[Mutant]:
    """The faults to try, those known as equivalent left out."""
    equivalent = {row["mutant"] for row in tomllib.loads(EQUIVALENT.read_text("utf-8"))["equivalent"]}
    chosen: list[Mutant] = []
    for part in parts:
        whole = HERE / "migrator" / part
        for path in sorted(whole.rglob("*.py")) if whole.is_dir() else [whole.with_suffix(".py")]:
            name = path.relative_to(HERE).as_posix()
            found = [
                m
                for m in mutants(name, path.read_bytes())
                if m.name not in equivalent and (not only or any(text in m.name for text in only))
            ]
            if sample and len(found) > sample:
                found = random.Random(f"{seed} {name}").sample(found, sample)
            chosen += sorted(found, key=lambda mutant: mutant.start)
    return chosen


def _in_a_process(function: object, *arguments: object) -> None:
    """Away from this process, which must not import the tool: its children would have it already."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)  # type: ignore[arg-type]
    process.start()
    process.join()


def _report(results: Sequence[tuple[Mutant, str]], least: float) -> int:
    missed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for mutant, outcome in results:
        for part in ("all", mutant.path):
            total[part] += outcome != SKIPPED
            missed[part] += outcome in (SURVIVED, UNREACHED)
    for part in sorted(total):
        if total[part]:
            score = 100 * (1 - missed[part] / total[part])
            print(f"{part:50} {total[part] - missed[part]:5} of {total[part]:5} noticed  {score:5.1f} %")
    return 0 if not total["all"] or 100 * (1 - missed["all"] / total["all"]) >= least else 1


if __name__ == "__main__":
    sys.exit(main())
