#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares igrec with strace, line by line, on real programs: see docs/conformance.md.
usage: run.py [--core] [--out DIR] [--name NAME] [--keep DIR] [--docs] [-y] [--at-least PERCENT]
              [--each PERCENT] [PROGRAM...]"""

import argparse
import os
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import recorded  # noqa: E402
import report  # noqa: E402
from programs import PROGRAMS  # noqa: E402
from recorded import lab  # noqa: E402


DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/conformance.md")
# Packages that another may stand in for, by their command: tools/setup.sh.
PROVIDED = {"busybox-static": "busybox"}
ATTEMPTS = 3
TABLE = "<!-- what follows is written by run.py --docs -->\n"


def arguments():
    parser = argparse.ArgumentParser(description="igrec and strace on the same runs of programs")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    parser.add_argument("--core", action="store_true", help="only the short, fast programs")
    parser.add_argument("--out", default="build", help="directory of NAME.txt and NAME.json")
    parser.add_argument("--name", default="conformance", help="of these files")
    parser.add_argument("--keep", metavar="DIR", help="keep what both sides printed there")
    parser.add_argument("--docs", action="store_true", help="renew the table in docs/")
    parser.add_argument("-y", dest="objects", action="count", default=0,
                        help="names of descriptors on both sides; twice for -yy")
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT",
                        help="fail if a smaller share of all lines is equal, or a call is missing")
    parser.add_argument("--each", type=float, default=0, metavar="PERCENT",
                        help="fail if a smaller share of one program's lines is equal")
    return parser.parse_args()


def chosen(options):
    known = {program.name: program for program in PROGRAMS}
    unknown = [name for name in options.programs if name not in known]
    if unknown:
        sys.exit(f"run.py: no such program: {' '.join(unknown)}")
    if options.programs:
        return [known[name] for name in options.programs]
    return [program for program in PROGRAMS if program.core or not options.core]


def keep(directory, name, recording):
    os.makedirs(directory, exist_ok=True)
    for what in ("strace", "igrec", "output"):
        with open(os.path.join(directory, f"{name}.{what}"), "w") as f:
            f.write(getattr(recording, what))


def result_of(studio, program, options):
    """Once more if the program did not end as it should: on a busy machine its own clocks may be too
    short for it, and there is nothing to compare then."""
    for _ in range(ATTEMPTS):
        result, ended_well = run_once(studio, program, options)
        if ended_well:
            break
    return result


def run_once(studio, program, options):
    """The result, and whether another run would be the same for all we know."""
    try:
        recording = studio.record(program, options.objects)
    except (AssertionError, OSError) as error:
        result = report.Result(program.name)
        result.words = str(error).splitlines()[0]
        print(error, file=sys.stderr, flush=True)
        return result, True
    if options.keep:
        keep(options.keep, program.name, recording)
    result = report.compare(program.name, recording)
    if recording.status != program.status:
        result.words = (f"ended with {recording.status}, not {program.status}: "
                        + " | ".join(recording.output.strip().splitlines()[-2:]))
    print(f"{program.name}: {result.share():.1f}% of {result.compared()} {result.words}",
          file=sys.stderr, flush=True)
    return result, recording.status == program.status


def write(options, whole):
    os.makedirs(options.out, exist_ok=True)
    for kind, text in (("txt", whole.text()), ("json", whole.json())):
        with open(os.path.join(options.out, f"{options.name}.{kind}"), "w") as f:
            f.write(text)
    sys.stdout.write(whole.text())
    if options.docs:
        with open(DOCS) as f:
            words = f.read().split(TABLE)[0]
        with open(DOCS, "w") as f:
            f.write(f"{words}{TABLE}```\n{whole.table()}```\n")


def failures(options, whole):
    """Why the run counts as failed, one line each."""
    for result in whole.results:
        if result.words:
            yield f"{result.name}: {result.words}"
        if result.calls_missing():
            yield f"{result.name}: {result.calls_missing()} calls of strace are not on the tape"
        if result.share() < options.each:
            yield f"{result.name}: {result.share():.2f}% equal, fewer than {options.each}%"
    if whole.total.share() < options.at_least:
        yield f"{whole.total.share():.2f}% of the lines are equal, fewer than {options.at_least}%"


def lacking(programs):
    """What this machine lacks for them, or None."""
    if not shutil.which("strace"):
        return "strace"
    packages = sorted({package for program in programs for package in program.packages})
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
                          capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    missing = [package for package in packages if package not in installed
               and not shutil.which(PROVIDED.get(package, package))]
    return f"{' '.join(missing)} (tools/setup.sh conformance)" if missing else None


def main():
    options = arguments()
    programs = chosen(options)
    missing = lab.lacking() or lacking(programs)
    if missing:
        print(f"skipped: this machine lacks {missing}", file=sys.stderr)
        sys.exit(1 if os.environ.get("IGREC_TEST_STRICT") == "1" else lab.SKIPPED)
    lab.enter_private_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # cleans up as any end does
    studio = recorded.Studio()
    try:
        whole = report.Report([result_of(studio, program, options) for program in programs])
    finally:
        studio.close()
    write(options, whole)
    failed = list(failures(options, whole)) if options.at_least else []
    for line in failed:
        print(f"run.py: {line}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
