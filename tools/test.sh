#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All tests: installs what they need, builds dev, release and fuzz, fuzzes for a while, runs ctest,
# and shows the tables of the comparison with strace, which stay in build/release/conformance*.txt.
# Stops at the first thing that fails, with its status. As root: containers are recorded for real.
#   FUZZ_SECONDS          for each fuzz target, 25 unless set
#   IGREC_TEST_STRICT=1   a test that cannot run here fails instead of being skipped
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)
tables='^conformance/(all|objects)$'

step() {
	echo
	echo "== $*"
}

# build PRESET [TARGET]
build() {
	step "build $1"
	cmake --preset "$1" >/dev/null
	cmake --build --preset "$1" --parallel "$jobs" --target "${2:-all}" -- --quiet
}

# table FILE: what comes first there, up to an empty line. A skipped test leaves none.
table() {
	[ ! -e "$1" ] || {
		echo
		sed '/^$/q' "$1"
	}
}

tools/setup.sh build test conformance corpus-fast
build dev
build release
build fuzz tests/fuzz/all
step "fuzz"
ctest --test-dir build/fuzz --label-regex fuzz --parallel "$jobs" --output-on-failure
step "ctest dev"
ctest --preset dev --parallel "$jobs"
step "igrec against strace"
rm -f build/release/conformance*.txt
ctest --preset release --tests-regex "$tables"
for name in conformance conformance-y; do
	table "build/release/$name.txt"
done
step "ctest release"
ctest --preset release --parallel "$jobs" --exclude-regex "$tables"
