# SPDX-License-Identifier: Apache-2.0
# The container's program. strace is a process of the container, but of a cgroup beside the recorded
# one; the first process stays in the recorded cgroup and ends with 1, which makes the dump.
(
	echo 0 >/run/beside/cgroup.procs
	exec timeout 120 strace -f -ttt -T -s 32 -o /run/golden/strace sh -c '
		echo 0 >/run/recorded/cgroup.procs
		exec sh -c "/bin/arm32; exec /bin/calls" </dev/null >/run/golden/output 2>&1'
) >/run/golden/output 2>&1
exit 1
