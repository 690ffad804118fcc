#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds igrecd, igrec and the test's workload for arm64, with Debian 12's libraries, in build/arm64
# (or in the directory given), and prints where the libraries are. Needs gcc-aarch64-linux-gnu.
#   sysroot=$(tools/cross-arm64.sh)
#   python3 tests/kernels/kernels_test.py --arm64 build/arm64 "$sysroot" bookworm
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build/arm64}
packages=(
	libc6 libc6-dev linux-libc-dev libgcc-s1
	libbpf1 libbpf-dev libelf1 libelf-dev zlib1g zlib1g-dev libzstd1 libzstd-dev libuv1 libuv1-dev
	libsqlite3-0 libsqlite3-dev libcmocka0 libcmocka-dev libseccomp2 libseccomp-dev libjansson4
	libjansson-dev libsmartcols1 libsmartcols-dev libinih1 libinih-dev libxxhash0 libxxhash-dev
	runc busybox-static
)

command -v aarch64-linux-gnu-gcc >/dev/null || {
	echo "cross-arm64.sh: aarch64-linux-gnu-gcc is missing: apt-get install gcc-aarch64-linux-gnu" >&2
	exit 77
}
IGREC_SYSROOT=$(tools/vm.sh package bookworm arm64 "${packages[@]}")
export IGREC_SYSROOT
cmake -G Ninja -B "$build" -DCMAKE_TOOLCHAIN_FILE="$PWD/tools/arm64.cmake" \
	-DCMAKE_BUILD_TYPE=RelWithDebInfo >&2
cmake --build "$build" --target igrecd igrec workload_ending >&2
echo "$IGREC_SYSROOT"
