#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All tests: installs what they need, builds dev, release and fuzz, fuzzes for a while, runs ctest.
# Stops at the first thing that fails, with its status. As root: containers are recorded for real.
#   FUZZ_SECONDS          for each fuzz target, 10 unless set
#   IGREC_TEST_STRICT=1   a test that cannot run here fails instead of being skipped
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)

step() {
	echo
	echo "== $*"
}

build() {
	step "build $1"
	cmake --preset "$1" >/dev/null
	cmake --build --preset "$1" --parallel "$jobs" -- --quiet
}

fuzz() {
	local target corpus found=0
	corpus=$(mktemp -d)
	for target in build/fuzz/bin/fuzz_*; do
		[ -x "$target" ] || continue
		found=1
		step "fuzz $(basename "$target") for ${FUZZ_SECONDS:-10} s"
		"$target" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=10 -rss_limit_mb=2048 \
			-print_final_stats=1 -artifact_prefix=build/fuzz/ \
			"$corpus" tests/golden 2>&1 | tail -n 8
	done
	rm -rf "$corpus"
	[ $found -eq 1 ] || { echo "test.sh: no fuzz targets in build/fuzz/bin" >&2; return 1; }
}

tools/setup.sh build test
build dev
build release
build fuzz
fuzz
for preset in dev release; do
	step "ctest $preset"
	ctest --preset "$preset"
done
