#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that igrec needs. Does nothing when all are there.
# usage: tools/setup.sh build|demo|test|bench|conformance|corpus|corpus-fast|k8s...
set -euo pipefail

build_packages=(
	gcc libc6-dev clang llvm bpftool cmake ninja-build pkg-config python3
	libbpf-dev libelf-dev zlib1g-dev libzstd-dev libuv1-dev libsqlite3-dev libcmocka-dev
	libseccomp-dev libjansson-dev libsmartcols-dev libinih-dev libxxhash-dev libcurl4-openssl-dev
)
demo_packages=(runc busybox-static)
test_packages=(
	runc crun strace sqlite3 valgrind clang-format clang-tidy libclang-rt-14-dev
	mandoc util-linux binutils busybox-static qemu-system-x86 spin
	containerd docker.io podman python3-grpcio python3-yaml nodejs npm systemd iproute2
	chromium chromium-driver fonts-dejavu-core
)
bench_packages=(
	runc util-linux gcc redis-server redis-tools nginx-light wrk sqlite3 postgresql strace
	linux-perf bpftrace
)
# To build the kubelet that tests/k8s runs; see tools/build-kubelet.sh.
k8s_packages=(golang-1.19-go rsync make dpkg-dev)

# Packages that another one may stand in for, which apt would remove to install ours: containerd.io
# brings runc and containerd, docker-ce dockerd, busybox excludes busybox-static, a newer nodejs npm.
declare -A any_provider=(
	[runc]=runc [busybox-static]=busybox [containerd]=containerd [docker.io]=dockerd
	[nodejs]=node [npm]=npm
)

fail() {
	echo "setup.sh: $*" >&2
	exit 1
}

installed() {
	local command=${any_provider[$1]:-}
	if [ -n "$command" ]; then
		command -v "$command" >/dev/null
	else
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
	fi
}

# What the table of programs names, one a line.
conformance_packages() {
	python3 "$(dirname "$0")/../tests/conformance/programs.py"
}

# What the failures of the corpus need, one a line: all, or with --fast those of the test suite.
corpus_packages() {
	python3 -B "$(dirname "$0")/../tests/corpus/failures.py" "$@"
}

[ $# -gt 0 ] || fail "usage: tools/setup.sh build|demo|test|bench|conformance|corpus|corpus-fast|k8s..."
wanted=()
for set_name in "$@"; do
	case $set_name in
	build) wanted+=("${build_packages[@]}") ;;
	demo) wanted+=("${demo_packages[@]}") ;;
	test) wanted+=("${test_packages[@]}") ;;
	bench) wanted+=("${bench_packages[@]}") ;;
	conformance) mapfile -t -O ${#wanted[@]} wanted < <(conformance_packages) ;;
	corpus) mapfile -t -O ${#wanted[@]} wanted < <(corpus_packages) ;;
	corpus-fast) mapfile -t -O ${#wanted[@]} wanted < <(corpus_packages --fast) ;;
	k8s) wanted+=("${k8s_packages[@]}") ;;
	*) fail "unknown set '$set_name': build, demo, test, bench, conformance, corpus, corpus-fast or k8s" ;;
	esac
done

missing=()
for package in "${wanted[@]}"; do
	installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
	fail "missing: ${missing[*]}; only Debian's apt-get is known here, install them by hand"
[ "$(id -u)" -eq 0 ] ||
	fail "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}"

export DEBIAN_FRONTEND=noninteractive
install_missing() {
	apt-get install -y -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 --no-install-recommends --no-remove "${missing[@]}" >&2
}
echo "setup.sh: installing ${missing[*]}" >&2
# The package lists may be absent or older than the mirror: they are fetched only if need be.
install_missing || {
	apt-get update -q -o Acquire::Retries=5 >&2 || fail "apt-get update failed: check /etc/apt/sources.list and the network"
	install_missing || fail "apt-get could not install: ${missing[*]}"
}
