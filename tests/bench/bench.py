# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks; tools/bench.sh is how it is called.

    bench.py [--quick] [--docs] [--list] [--clean] [--only ROW...] [--out DIR]
"""

import argparse
import importlib
import signal
import sys
import time
import traceback

import report
import stage  # finds lab
import lab
from rows import ROWS, CannotRun


def load_rows():
    for theme in report.THEMES:
        importlib.import_module("row_" + theme)


def parse_options():
    parser = argparse.ArgumentParser(prog="tools/bench.sh", description="What igrec costs here.")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="these rows, or those of a theme: "
                        + ", ".join(report.THEMES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a first look")
    parser.add_argument("--docs", action="store_true", help="renew docs/overhead.md")
    parser.add_argument("--list", action="store_true", help="name the rows")
    parser.add_argument("--clean", action="store_true", help="remove what a killed run has left")
    parser.add_argument("--out", default="build", metavar="DIR",
                        help="where bench.txt and bench.json go")
    options = parser.parse_args()
    if options.docs and (options.only or options.quick):
        parser.error("--docs takes all rows and all rounds")
    return options


def chosen(only):
    if not only:
        return ROWS
    unknown = set(only) - {row.name for row in ROWS} - {row.theme for row in ROWS}
    if unknown:
        sys.exit(f"bench: no row {', '.join(sorted(unknown))}: see --list")
    return [row for row in ROWS if row.name in only or row.theme in only]


def measure(bench, row):
    """The row's result, also when it fails: one row must not take the others with it."""
    begin = time.monotonic()
    result = {"name": row.name, "theme": row.theme, "what": row.what, "unit": row.unit,
              "sign": row.limits.sign, "reach": row.limits.reach, "stretch": row.limits.stretch}
    try:
        figure = row.measure(bench)
        result.update(value=figure.value, low=figure.low, high=figure.high, detail=figure.detail,
                      met=row.limits.met(figure.value),
                      stretch_met=row.limits.stretch_met(figure.value))
    except CannotRun as error:
        result["cannot_run"] = str(error)
    except Exception as error:
        traceback.print_exc()
        result["failed"] = f"{type(error).__name__}: {error}"
    finally:
        bench.end_row()
    result["seconds"] = round(time.monotonic() - begin, 1)
    return result


def run(options):
    results = []
    bench = stage.Bench(lab.BIN, options.quick)
    try:
        for row in chosen(options.only):
            results.append(measure(bench, row))
            print(report.line(results[-1]), flush=True)
    finally:
        bench.close()
    return results


def main():
    load_rows()
    options = parse_options()
    if options.list:
        print("\n".join(f"{row.theme:7} {row.name:18} {row.what}" for row in ROWS))
        return
    if options.clean:
        stage.remove_cgroups_of_dead_runs()
        lab.remove_dead_labs()
        return
    missing = lab.lacking()
    if missing:
        sys.exit(f"bench: this machine lacks {missing}")
    lab.enter_private_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    machine = report.machine()
    print(report.facts(machine), report.HEAD, sep="\n\n", flush=True)
    results = run(options)
    if not options.only:
        report.store(results, machine, options.out)
    if options.docs:
        report.renew_docs(results, machine)
    sys.exit(any("failed" in result for result in results))


if __name__ == "__main__":
    main()
