// SPDX-License-Identifier: GPL-2.0
/* The floor of a recorder that knows when a syscall began and ended: the clock, read in each. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 entered, left;

SEC("tp_btf/sys_enter")
int clock_sys_enter(void *ctx)
{
	entered = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int clock_sys_exit(void *ctx)
{
	left = bpf_ktime_get_ns();
	return 0;
}
