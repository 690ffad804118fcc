# SPDX-License-Identifier: Apache-2.0
"""All failures of the corpus. Run as a program, it prints the packages, one a line; with --fast
those of the short ones."""

import sys

import languages
import more
import servers
import settings
import tools
import wrappers

ALL = servers.ALL + languages.ALL + tools.ALL + more.ALL + wrappers.ALL + \
    settings.ALL

if __name__ == "__main__":
    print("\n".join(sorted({package for failure in ALL for package in failure.packages
                            if failure.fast or "--fast" not in sys.argv})))
