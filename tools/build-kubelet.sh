#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the kubelet that tests/k8s runs, from Debian's source package 'kubernetes' (1.20), without
# a network but for the package: 5 minutes with two cores, 14 more for the rest. Prints where the
# programs are: $IGREC_CACHE/k8s, ~/.cache/igrec/k8s unless set. What is there is not built again.
#   tools/build-kubelet.sh                 kubelet
#   tools/build-kubelet.sh --control-plane kube-apiserver, -controller-manager, -scheduler as well
# Needs: tools/setup.sh k8s. Exit status 77: the source or the compiler is not to be had here.
set -euo pipefail
tools=$(realpath "$(dirname "$0")")

cache=${IGREC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/igrec}
dir=$cache/k8s
compiler=/usr/lib/go-1.19/bin
version=v1.20.2

lacking() {
	echo "build-kubelet.sh: $*" >&2
	exit 77
}

case ${1:-}:$# in
:0) programs=(kubelet) ;;
--control-plane:1) programs=(kubelet kube-apiserver kube-controller-manager kube-scheduler) ;;
*)
	sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac

# Kubernetes' own makefile builds one or several programs; each is moved where it is looked for
# when it is whole.
build() {
	local name tree=$dir/source
	[ -d "$tree" ] || "$tools/vm.sh" source bookworm kubernetes "$tree"
	(
		cd "$tree"
		export HOME=$dir/home GOPATH=$tree/.go GOCACHE=$dir/gocache PATH=$compiler:$PATH
		export GOFLAGS="" GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 FORCE_HOST_GO=y
		export KUBE_GIT_VERSION=$version KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20
		export KUBE_GIT_COMMIT=unknown KUBE_GIT_TREE_STATE=clean
		mkdir -p "$HOME"
		nice -n 15 make GOLDFLAGS="-s -w" WHAT="${*/#/cmd/}" >&2
	)
	for name in "$@"; do
		cp "$tree/_output/bin/$name" "$dir/.$name.$$"
		mv "$dir/.$name.$$" "$dir/$name"
	done
}

missing=()
for name in "${programs[@]}"; do
	[ -x "$dir/$name" ] || missing+=("$name")
done
if [ ${#missing[@]} -gt 0 ]; then
	{ [ -x "$compiler/go" ] && command -v rsync && command -v make; } >/dev/null ||
		lacking "golang-1.19, rsync or make is missing: tools/setup.sh k8s"
	mkdir -p "$dir"
	exec 9>"$dir/lock"
	flock 9
	build "${missing[@]}"
fi
echo "$dir"
