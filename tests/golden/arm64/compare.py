#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the golden tape of arm64 with what strace printed of the same run; prints the table and
what differs.  usage: compare.py [--at-least PERCENT]"""

import argparse
import os
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
IGREC = os.path.join(os.environ.get("IGREC_BIN", "build/release/bin"), "igrec")
sys.path.insert(0, os.path.join(HERE, "..", "..", "conformance"))
import report  # noqa: E402


class Recording:
    def __init__(self):
        with open(os.path.join(HERE, "..", "arm64.traced.txt"), encoding="utf-8") as f:
            self.strace = f.read()
        self.igrec = subprocess.run(
            [IGREC, "replay", "-o", "strace", "--no-fds", os.path.join(HERE, "..", "arm64.igrec")],
            stdout=subprocess.PIPE, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT")
    options = parser.parse_args()
    whole = report.Report([report.compare("arm64", Recording())])
    print(whole.text())
    sys.exit(whole.total.share() < options.at_least)


if __name__ == "__main__":
    main()
