/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses which dumps go, and lets them go.  The plan is pure; it runs on a schedule in igrecd
 * and by hand as `igrec gc`.
 *
 * Age goes first, whatever the dump.  The other limits take dumps in this order:
 *   1. from the middle of a workload's history, its oldest first: neither its first nor its
 *      newest dump; of several workloads the one with most dumps, then with most bytes;
 *   2. the newer of a workload's two dumps, the oldest such first: the first of a crash loop is
 *      the one that tells;
 *   3. the only dump left of a workload, the oldest first.
 * A dump that is about to be written takes part in this, so it may be the one for which there is
 * no room.
 * To keep space free on a filesystem that others fill, only 1 is taken when even all dumps
 * together would not be enough.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "storage/dump_name.h"
#include "storage/retention.h"
#include "storage/workload.h"

/* The dumps of one workload's container that are still there: a run of plan.order. */
struct workload {
	size_t first, count; /* in plan.order, oldest first */
	uint64_t bytes;
};

struct plan {
	const struct store_list *list;
	size_t *order; /* indexes into list, by workload, then time */
	struct workload *workloads;
	size_t n_workloads;
	uint64_t total_bytes;
	struct retention_plan *out;
};

static const struct store_entry *entry_at(const struct plan *plan, size_t position)
{
	return &plan->list->entries[plan->order[position]];
}

static int compare_workload(const struct store_entry *a, const struct store_entry *b)
{
	char of_a[DUMP_NAME_ROOM], of_b[DUMP_NAME_ROOM];
	int order = strcmp(a->namespace, b->namespace);

	if (order == 0) {
		workload_of_pod(a->pod, of_a, sizeof(of_a));
		workload_of_pod(b->pod, of_b, sizeof(of_b));
		order = strcmp(of_a, of_b);
	}
	return order ? order : strcmp(a->container, b->container);
}

static int compare_positions(const void *a, const void *b, void *context)
{
	const struct store_list *list = context;
	const struct store_entry *x = &list->entries[*(const size_t *)a];
	const struct store_entry *y = &list->entries[*(const size_t *)b];
	int order = compare_workload(x, y);

	if (order)
		return order;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return strcmp(x->file, y->file);
}

/* Takes the dump at a position of its workload's run out of the plan's view. */
static void take(struct plan *plan, struct workload *workload, size_t nth, const char *reason)
{
	size_t position = workload->first + nth;
	size_t index = plan->order[position];
	uint64_t bytes = plan->list->entries[index].bytes;

	plan->out->remove[plan->out->count] = index;
	plan->out->reason[plan->out->count++] = reason;
	plan->out->bytes += bytes;
	plan->total_bytes -= bytes;
	workload->bytes -= bytes;
	workload->count--;
	if (nth == 0)
		workload->first++;
	else
		memmove(&plan->order[position], &plan->order[position + 1],
			(workload->count - nth) * sizeof(*plan->order));
}

static void group(struct plan *plan)
{
	struct workload *workload = NULL;

	for (size_t i = 0; i < plan->list->count; i++)
		plan->order[i] = i;
	if (plan->list->count > 0)
		qsort_r(plan->order, plan->list->count, sizeof(*plan->order), compare_positions,
			(void *)plan->list);
	for (size_t i = 0; i < plan->list->count; i++) {
		if (i == 0 || compare_workload(entry_at(plan, i - 1), entry_at(plan, i)) != 0) {
			workload = &plan->workloads[plan->n_workloads++];
			*workload = (struct workload){.first = i};
		}
		workload->count++;
		workload->bytes += entry_at(plan, i)->bytes;
		plan->total_bytes += entry_at(plan, i)->bytes;
	}
}

static void apply_age(struct plan *plan, uint64_t age_ns, int64_t now_ns)
{
	for (size_t i = 0; i < plan->n_workloads; i++) {
		struct workload *workload = &plan->workloads[i];

		while (workload->count > 0) {
			int64_t time_ns = entry_at(plan, workload->first)->time_ns;

			if (time_ns >= now_ns || (uint64_t)(now_ns - time_ns) <= age_ns)
				break;
			take(plan, workload, 0, "age");
		}
	}
}

static void apply_per_workload(struct plan *plan, unsigned most)
{
	for (size_t i = 0; i < plan->n_workloads; i++) {
		struct workload *workload = &plan->workloads[i];

		while (workload->count > most)
			take(plan, workload, workload->count > 2 ? 1 : 0, "workload");
	}
}

/* 1, 2 or 3 as listed above; 0 for a workload without dumps. Lower is taken first. */
static int tier_of(const struct workload *workload)
{
	if (workload->count == 0)
		return 0;
	return workload->count > 2 ? 1 : workload->count == 2 ? 2 : 3;
}

/* The dump of the workload that would go. */
static const struct store_entry *next_of(const struct plan *plan, const struct workload *workload)
{
	return entry_at(plan, workload->first + (workload->count > 1 ? 1 : 0));
}

static bool goes_before(const struct plan *plan, const struct workload *a, const struct workload *b)
{
	if (tier_of(a) != tier_of(b))
		return tier_of(a) < tier_of(b);
	if (tier_of(a) == 1) {
		if (a->count != b->count)
			return a->count > b->count;
		if (a->bytes != b->bytes)
			return a->bytes > b->bytes;
	}
	return next_of(plan, a)->time_ns < next_of(plan, b)->time_ns;
}

/* Takes the one dump that goes next of tiers up to last_tier. False if there is none. */
static bool take_next(struct plan *plan, int last_tier, const char *reason)
{
	struct workload *chosen = NULL;

	for (size_t i = 0; i < plan->n_workloads; i++) {
		struct workload *workload = &plan->workloads[i];

		if (workload->count > 0 && (!chosen || goes_before(plan, workload, chosen)))
			chosen = workload;
	}
	if (!chosen || tier_of(chosen) > last_tier)
		return false;
	take(plan, chosen, chosen->count > 1 ? 1 : 0, reason);
	return true;
}

static void apply_size(struct plan *plan, uint64_t total_bytes)
{
	while (plan->total_bytes > total_bytes && take_next(plan, 3, "size"))
		;
}

static void apply_space(struct plan *plan, uint64_t free_bytes, uint64_t available_bytes)
{
	bool reachable = available_bytes + plan->out->bytes + plan->total_bytes >= free_bytes;
	int last_tier = reachable ? 3 : 1;

	while (available_bytes + plan->out->bytes < free_bytes &&
	       take_next(plan, last_tier, "space"))
		;
}

static int plan_init(struct plan *plan, const struct store_list *list, struct retention_plan *out)
{
	size_t room = list->count + 1;

	*out = (struct retention_plan){
		.remove = calloc(room, sizeof(*out->remove)),
		.reason = calloc(room, sizeof(*out->reason)),
	};
	*plan = (struct plan){
		.list = list,
		.order = calloc(room, sizeof(*plan->order)),
		.workloads = calloc(room, sizeof(*plan->workloads)),
		.out = out,
	};
	return out->remove && out->reason && plan->order && plan->workloads ? 0 : -ENOMEM;
}

static void plan_done(struct plan *plan)
{
	free(plan->order);
	free(plan->workloads);
}

int retention_plan(const struct store_list *list, const struct retention_limits *limits,
		   uint64_t available_bytes, int64_t now_ns, struct retention_plan *ret)
{
	CLEANUP(plan_done) struct plan plan = {};
	struct retention_plan out;
	int err;

	err = plan_init(&plan, list, &out);
	if (err) {
		retention_plan_done(&out);
		return err;
	}
	group(&plan);
	if (limits->age_ns)
		apply_age(&plan, limits->age_ns, now_ns);
	if (limits->per_workload)
		apply_per_workload(&plan, limits->per_workload);
	if (limits->total_bytes)
		apply_size(&plan, limits->total_bytes);
	if (limits->free_bytes)
		apply_space(&plan, limits->free_bytes, available_bytes);
	*ret = out;
	return 0;
}

/* The list, and behind it the dump that is to come. Its texts stay where they are. */
static int extend(const struct store_list *list, const struct dump_name *coming,
		  struct store_list *ret)
{
	struct store_entry *entries = calloc(list->count + 1, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	if (list->count > 0)
		memcpy(entries, list->entries, list->count * sizeof(*entries));
	entries[list->count] = (struct store_entry){
		.file = (char *)"",
		.namespace = (char *)coming->namespace,
		.pod = (char *)coming->pod,
		.container = (char *)coming->container,
		.time_ns = coming->time_ns,
	};
	*ret = (struct store_list){.entries = entries, .count = list->count + 1};
	return 0;
}

/* Whether so many bytes can be freed before the list's last dump is the next to go. */
static bool apply_room(struct plan *plan, uint64_t bytes)
{
	while (plan->out->bytes < bytes) {
		if (!take_next(plan, 3, "room"))
			return false;
		if (plan->out->remove[plan->out->count - 1] == plan->list->count - 1)
			return false;
	}
	return true;
}

int retention_plan_room(const struct store_list *list, const struct dump_name *coming,
			uint64_t bytes, struct retention_plan *ret)
{
	CLEANUP(plan_done) struct plan plan = {};
	struct store_list extended;
	struct retention_plan out;
	int err;

	err = extend(list, coming, &extended);
	if (err)
		return err;
	err = plan_init(&plan, &extended, &out);
	if (!err) {
		group(&plan);
		err = apply_room(&plan, bytes) ? 0 : -ENOSPC;
	}
	free(extended.entries);
	if (err)
		retention_plan_done(&out);
	else
		*ret = out;
	return err;
}

void retention_plan_done(struct retention_plan *plan)
{
	free(plan->remove);
	free(plan->reason);
	*plan = (struct retention_plan){};
}

int retention_limits_of(const struct config *config, const struct store *store,
			struct retention_limits *ret)
{
	uint64_t filesystem_bytes;
	int err;

	err = store_filesystem(store, &filesystem_bytes);
	if (err)
		return err;
	*ret = (struct retention_limits){
		.total_bytes = config->total_bytes,
		.free_bytes = config_space_bytes(&config->free_space, filesystem_bytes),
		.age_ns = config->age_ns,
		.per_workload = (unsigned)config->per_workload,
	};
	return 0;
}

/* Removes all that is planned, also when one of them fails. */
static int carry_out(const struct store *store, const struct store_list *list,
		     const struct retention_plan *plan)
{
	int removed = 0, first_err = 0;

	for (size_t i = 0; i < plan->count; i++) {
		int err = store_remove(store, list->entries[plan->remove[i]].file);

		if (!err)
			removed++;
		else if (!first_err)
			first_err = err;
	}
	return first_err ? first_err : removed;
}

int retention_run(const struct store *store, const struct retention_limits *limits)
{
	CLEANUP(store_list_done) struct store_list list = {};
	CLEANUP(retention_plan_done) struct retention_plan plan = {};
	uint64_t available_bytes;
	int err;

	err = store_list(store, &list);
	if (!err)
		err = store_available(store, &available_bytes);
	if (err)
		return err;
	err = retention_plan(&list, limits, available_bytes, clock_realtime_ns(), &plan);
	return err ? err : carry_out(store, &list, &plan);
}

int retention_make_room(const struct store *store, const struct dump_name *coming, uint64_t bytes)
{
	CLEANUP(store_list_done) struct store_list list = {};
	CLEANUP(retention_plan_done) struct retention_plan plan = {};
	int err;

	err = store_list(store, &list);
	if (!err)
		err = retention_plan_room(&list, coming, bytes, &plan);
	return err ? err : carry_out(store, &list, &plan);
}
