/* SPDX-License-Identifier: Apache-2.0 */
/* Between notices and snapshots: is this end worth a dump?  No side effects. */
#include "recorder/failure.h"

#include <signal.h>
#include <sys/wait.h>

#include "decode/event.h"

static bool has(uint64_t set, int bit)
{
	return bit >= 0 && bit < 64 && (set >> bit & 1);
}

static bool judge_kind(const struct failure_policy *policy, const struct failure_end *end,
		       int signal, enum failure_kind *ret)
{
	if (signal == SIGKILL && end->oom_victim) {
		*ret = end->is_init ? FAILURE_OOM : FAILURE_CHILD_OOM;
		return true;
	}
	if (end->is_init) {
		*ret = signal ? FAILURE_SIGNAL : FAILURE_EXIT;
		return end->wait_status != 0;
	}
	*ret = FAILURE_CHILD_SIGNAL;
	return signal && has(policy->child_signals, signal);
}

static bool is_ignored(const struct failure_policy *policy, enum failure_kind kind, int code)
{
	return kind == FAILURE_EXIT && has(policy->ignored_codes[code / 64 % 4], code % 64);
}

bool failure_judge(const struct failure_policy *policy, const struct failure_end *end,
		   struct failure *ret)
{
	int signal = WIFSIGNALED(end->wait_status) ? WTERMSIG(end->wait_status) : 0;
	enum failure_kind kind;

	if (!judge_kind(policy, end, signal, &kind) || !has(policy->kinds, kind) ||
	    is_ignored(policy, kind, WEXITSTATUS(end->wait_status)))
		return false;
	*ret = (struct failure){
		.kind = kind,
		.exit_code = signal ? 0 : WEXITSTATUS(end->wait_status),
		.signal = signal,
		.core = WCOREDUMP(end->wait_status),
	};
	return true;
}

/* The signal that ended it: by itself, or as shells and the JVM tell, by exit status 128 + N. */
static int ending_signal(const struct failure *failure)
{
	if (failure->kind == FAILURE_SIGNAL)
		return failure->signal;
	if (failure->kind == FAILURE_EXIT && failure->exit_code > 128)
		return failure->exit_code - 128;
	return 0;
}

/* The newest event of this signal for the failed process. */
static bool find_signal(const struct snapshot *snapshot, enum igrec_lane lane_index, int signal,
			struct igrec_signal *ret, uint64_t *ret_time_ns)
{
	const struct snapshot_lane *lane = &snapshot->lane[lane_index];
	bool found = false;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const unsigned char *at = lane->data + lane->blocks[i].offset;
		const unsigned char *end = at + lane->blocks[i].bytes;
		struct event event;
		int bytes;

		for (; at < end; at += bytes) {
			bytes = event_parse(at, end - at, lane_index, &event);
			if (bytes < 0)
				break;
			if (event.type != IGREC_RECORD_SIGNAL || event.time_ns < *ret_time_ns ||
			    event.signal.signal != signal ||
			    event.signal.target_tgid != snapshot->failure.tgid)
				continue;
			*ret = event.signal;
			*ret_time_ns = event.time_ns;
			found = true;
		}
	}
	return found;
}

bool failure_may_be_stop(const struct failure_policy *policy, const struct failure *failure)
{
	int signal = ending_signal(failure);

	return signal && has(policy->stop_signals, signal);
}

bool failure_is_stop(const struct failure_policy *policy, const struct snapshot *snapshot)
{
	struct igrec_signal signal;
	uint64_t time_ns = 0;
	bool found = false;

	if (!failure_may_be_stop(policy, &snapshot->failure))
		return false;
	for (int lane = 0; lane < IGREC_LANES; lane++)
		found |= find_signal(snapshot, lane, ending_signal(&snapshot->failure), &signal,
				     &time_ns);
	return found && signal.sender_outside;
}

/* Notices of several CPUs are not quite in order of time. */
static bool is_over(const struct failure_limit *limit, uint64_t now_ns)
{
	return now_ns > limit->begin_ns && now_ns - limit->begin_ns >= limit->window_ns;
}

static void look_at_window(struct failure_limit *limit, uint64_t now_ns)
{
	if (!is_over(limit, now_ns))
		return;
	limit->begin_ns = now_ns;
	limit->count = 0;
	limit->refused = 0;
}

bool failure_limit_is_new(const struct failure_limit *limit, uint64_t now_ns)
{
	return !limit->count || is_over(limit, now_ns);
}

void failure_limit_note(struct failure_limit *limit, uint64_t now_ns)
{
	look_at_window(limit, now_ns);
	limit->count++;
}

bool failure_limit_take(struct failure_limit *limit, uint64_t now_ns)
{
	look_at_window(limit, now_ns);
	if (limit->limit && limit->count >= limit->limit) {
		limit->refused++;
		return false;
	}
	limit->count++;
	return true;
}

struct failure_limit *failure_limits_of(struct failure_limits *limits, uint64_t key)
{
	size_t oldest = 0;

	for (size_t i = 0; i < limits->count; i++) {
		if (limits->of[i].key == key)
			return &limits->of[i].limit;
		if (limits->of[i].limit.begin_ns < limits->of[oldest].limit.begin_ns)
			oldest = i;
	}
	if (limits->count < FAILURE_LIMITS_MAX)
		oldest = limits->count++;
	limits->of[oldest].key = key;
	limits->of[oldest].limit = (struct failure_limit){
		.window_ns = limits->window_ns,
		.limit = limits->limit,
	};
	return &limits->of[oldest].limit;
}
