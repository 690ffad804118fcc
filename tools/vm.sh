#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots Debian's own kernels in qemu, without KVM, to see what igrec does on them.
#   tools/vm.sh kernel SUITE [ARCH]        fetches the suite's cloud kernel, prints where it is
#   tools/vm.sh package SUITE ARCH NAME... fetches packages, prints where they are unpacked
#   tools/vm.sh source SUITE NAME DIR      fetches a source package, unpacks it as DIR
#   tools/vm.sh boot KERNEL INITRD [ARCH]  runs it to power-off, its console is standard output
# SUITE: bullseye (5.10), bookworm (6.1), trixie (6.12), ...; ARCH: amd64 (unless set) or arm64.
# Kept in $IGREC_CACHE, ~/.cache/igrec unless set. Packages come from where this system's own apt
# gets Debian's, with the suite changed; the system's apt is left as it is. No root needed.
# Exit status 77: qemu or the packages are not to be had here.
set -euo pipefail

cache=${IGREC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/igrec}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
boot_seconds=${IGREC_VM_SECONDS:-800}

lacking() {
	echo "vm.sh: $*" >&2
	exit 77
}

usage() {
	sed -n '3,12s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# The repository of the first plain Debian suite that apt knows here.
debian_repository() {
	apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
		awk -F'|' '$1 ~ /debian\/?$/ && $2 !~ /[-\/]/ && $3 == "main" && !found { found = $1 }
			END { print found }'
}

# private_apt SUITE ARCH COMMAND...: apt-get or apt-cache with lists and state of its own.
# The ARCH of source packages is 'source'.
private_apt() {
	local dir=$cache/apt/$1-$2 arch=${2/source/amd64} command=$3
	shift 3
	"$command" -q -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State="$dir" -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" \
		-o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
		-o APT::Sandbox::User="$(id -un)" -o APT::Get::List-Cleanup=false \
		-o Acquire::Languages=none -o Acquire::Retries=5 -o APT::Update::Post-Invoke= "$@"
}

# apt_ready SUITE ARCH: its lists are there.
apt_ready() {
	local dir=$cache/apt/$1-$2 kind="deb [arch=$2 signed-by=$keyring]" repository
	[ ! -e "$dir/ready" ] || return 0
	command -v apt-get >/dev/null || lacking "apt-get is missing: only Debian's is known here"
	repository=$(debian_repository)
	[ -n "$repository" ] ||
		lacking "apt has no Debian source here: see /etc/apt/sources.list"
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/status"
	[ "$2" != source ] || kind="deb-src [signed-by=$keyring]"
	echo "$kind $repository $1 main" >"$dir/sources.list"
	private_apt "$1" "$2" apt-get update --error-on=any >&2 ||
		lacking "the package lists of $1 could not be fetched"
	: >"$dir/ready"
}

# package SUITE ARCH NAME...: prints the directory into which all of them are unpacked.
package() {
	local suite=$1 arch=$2 dir download
	shift 2
	dir=$cache/$suite-$arch/$(printf '%s\n' "$@" | sort | sha256sum | head -c 12)
	if [ ! -e "$dir" ]; then
		apt_ready "$suite" "$arch"
		mkdir -p "$cache/$suite-$arch"
		download=$(mktemp -d "$cache/$suite-$arch/new-XXXXXX")
		mkdir "$download/root"
		(cd "$download" && private_apt "$suite" "$arch" apt-get download "$@" >&2) || {
			rm -rf "$download" "$cache/apt/$suite-$arch/ready" # its lists may be old
			lacking "could not fetch from $suite: $*"
		}
		for deb in "$download"/*.deb; do
			dpkg-deb -x "$deb" "$download/root"
		done
		mv -T "$download/root" "$dir" || [ -e "$dir" ]
		rm -rf "$download"
	fi
	echo "$dir"
}

# source SUITE NAME DIR: needs dpkg-dev.
source_package() {
	local download dir=$3
	command -v dpkg-source >/dev/null || lacking "dpkg-source is missing: apt-get install dpkg-dev"
	apt_ready "$1" source
	download=$(mktemp -d "$cache/source-XXXXXX")
	(
		cd "$download"
		private_apt "$1" source apt-get source --download-only "$2" >&2
		dpkg-source --no-check -x ./*.dsc tree >&2
	) || {
		rm -rf "$download" "$cache/apt/$1-source/ready"
		lacking "could not fetch from $1: the source of $2"
	}
	mv -T "$download/tree" "$dir"
	rm -rf "$download"
}

# kernel SUITE ARCH: the path of its image.
kernel() {
	local known=$cache/$1-$2/kernel name dir
	if [ ! -e "$known" ]; then
		apt_ready "$1" "$2"
		name=$(private_apt "$1" "$2" apt-cache depends "linux-image-cloud-$2" |
			awk '/Depends: linux-image-/ && !found { found = $2 } END { print found }')
		[ -n "$name" ] || lacking "$1 has no cloud kernel for $2"
		dir=$(package "$1" "$2" "$name")
		ln -sfn "$(echo "$dir"/boot/vmlinu?-*)" "$known"
	fi
	readlink "$known"
}

boot() {
	local image=$1 initrd=$2 arch=${3:-amd64} qemu console
	case $arch in
	# Without cx16: qemu 7.2 now and then gives wrong flags after cmpxchg16b, and Linux crashes.
	amd64) qemu=(qemu-system-x86_64 -M q35 -cpu max,-cx16) console=ttyS0 ;;
	arm64) qemu=(qemu-system-aarch64 -M virt -cpu cortex-a72) console=ttyAMA0 ;;
	*) lacking "unknown architecture $arch" ;;
	esac
	command -v "${qemu[0]}" >/dev/null || lacking "${qemu[0]} is missing: tools/setup.sh test"
	timeout "$boot_seconds" "${qemu[@]}" -accel tcg -m 1024 -smp 2 -kernel "$image" \
		-initrd "$initrd" -append "console=$console panic=-1 quiet" -display none \
		-nodefaults -no-user-config -serial stdio -no-reboot -net none </dev/null
}

case ${1:-}:$# in
kernel:[23]) kernel "$2" "${3:-amd64}" ;;
package:[4-9] | package:[1-9][0-9]) package "${@:2}" ;;
source:4) source_package "${@:2}" ;;
boot:[34]) boot "${@:2}" ;;
*) usage ;;
esac
