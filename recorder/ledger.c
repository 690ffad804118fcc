/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry's length is written last and taken away first: whoever dies in between leaves an empty
 * entry, and its container is found again by its cgroup, without its failure.
 */
#include "recorder/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/json.h"

DEFINE_CLEANUP(json, struct json *, json_free)
DEFINE_CLEANUP(container, struct container *, container_free)

/* The identity's strings under their names. */
static const struct {
	const char *key;
	size_t offset;
} strings[] = {
#define STRING(name)                                                                               \
	{                                                                                          \
#name, offsetof(struct container_identity, name)                                   \
	}
	STRING(runtime),     STRING(container_id), STRING(container), STRING(image),
	STRING(image_id),    STRING(type),	   STRING(pod),	      STRING(namespace),
	STRING(pod_uid),     STRING(sandbox_id),   STRING(qos),	      STRING(node),
	STRING(cgroup_path),
#undef STRING
};

static char **string_of(struct container_identity *identity, size_t i)
{
	return (char **)((char *)identity + strings[i].offset);
}

/* ---- write ------------------------------------------------------------------------------- */

static void add_identity(struct json *to, const struct container_identity *identity)
{
	json_open_object(to, "identity");
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const char *text = *string_of((struct container_identity *)identity, i);

		if (text)
			json_add_text(to, strings[i].key, text);
	}
	json_add_int(to, "restart", identity->restart);
	json_add_bool(to, "static_pod", identity->static_pod);
	json_close(to);
}

static void add_failure(struct json *to, const struct failure *failure)
{
	json_open_object(to, "failure");
	json_add_text(to, "kind", failure_kind_name(failure->kind));
	json_add_int(to, "exit_code", failure->exit_code);
	json_add_int(to, "signal", failure->signal);
	json_add_bool(to, "core", failure->core);
	json_add_int(to, "time_ns", (int64_t)failure->time_ns);
	json_add_int(to, "tgid", failure->tgid);
	json_add_int(to, "ns_tgid", failure->ns_tgid);
	json_add_text(to, "comm", failure->comm);
	json_close(to);
}

static int entry_text(const struct container *container, bool with_names, struct buf *out)
{
	CLEANUP(cleanup_json) struct json *json = json_new_object();

	json_add_int(json, "generation", container->generation);
	json_add_int(json, "cgroup_id", (int64_t)container->cgroup_id);
	json_add_int(json, "seen_ns", (int64_t)container->seen_ns);
	json_add_text(json, "path", container->path);
	json_add_bool(json, "confirmed", container->confirmed);
	json_add_bool(json, "ended", container->ended);
	json_add_bool(json, "oom_init", container->oom_init);
	json_add_int(json, "oom_tgid", container->oom_tgid);
	if (container->pending)
		add_failure(json, &container->failure);
	else if (container->writing)
		add_failure(json, &container->unwritten);
	if (container->named && with_names)
		add_identity(json, &container->identity);
	return json_write(json, out);
}

void ledger_clear(struct igrec_ledger *entry)
{
	__atomic_store_n(&entry->bytes, 0, __ATOMIC_SEQ_CST);
}

void ledger_save(struct igrec_ledger *entry, const struct container *container)
{
	struct buf text = {0};
	int err = entry_text(container, true, &text);

	if (!err && text.bytes > sizeof(entry->text)) {
		buf_done(&text);
		err = entry_text(container, false, &text);
	}
	ledger_clear(entry);
	if (!err && text.bytes <= sizeof(entry->text)) {
		memcpy(entry->text, text.data, text.bytes);
		__atomic_store_n(&entry->bytes, text.bytes, __ATOMIC_SEQ_CST);
	}
	buf_done(&text);
}

/* ---- read -------------------------------------------------------------------------------- */

static uint64_t number(const struct json *json, const char *key)
{
	int64_t value = 0;

	json_get_int(json, key, &value);
	return (uint64_t)value;
}

static int read_identity(const struct json *json, struct container_identity *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const char *text = json_get_text(json, strings[i].key);

		if (!text)
			continue;
		*string_of(ret, i) = strdup(text);
		if (!*string_of(ret, i))
			return -ENOMEM;
	}
	ret->restart = (int64_t)number(json, "restart");
	ret->static_pod = json_get_bool(json, "static_pod");
	return 0;
}

static int read_failure(const struct json *json, struct failure *ret)
{
	const char *kind = json_get_text(json, "kind");
	const char *comm = json_get_text(json, "comm");

	if (!kind || failure_kind_parse(kind, &ret->kind))
		return -EBADMSG;
	ret->exit_code = (int32_t)number(json, "exit_code");
	ret->signal = (int32_t)number(json, "signal");
	ret->core = json_get_bool(json, "core");
	ret->time_ns = number(json, "time_ns");
	ret->tgid = (uint32_t)number(json, "tgid");
	ret->ns_tgid = (uint32_t)number(json, "ns_tgid");
	ret->late = true;
	if (comm)
		snprintf(ret->comm, sizeof(ret->comm), "%s", comm);
	return 0;
}

static int fill(const struct json *json, struct container *container)
{
	const struct json *identity = json_get(json, "identity");
	const struct json *failure = json_get(json, "failure");
	int err = 0;

	container->confirmed = json_get_bool(json, "confirmed");
	container->ended = json_get_bool(json, "ended");
	container->oom_init = json_get_bool(json, "oom_init");
	container->oom_tgid = (uint32_t)number(json, "oom_tgid");
	if (identity)
		err = read_identity(identity, &container->identity);
	container->identity.cgroup_id = container->cgroup_id;
	container->named = identity && container->identity.container && !err;
	if (!err && failure) {
		err = read_failure(failure, &container->failure);
		container->pending = !err;
	}
	return err;
}

int ledger_load(const struct igrec_ledger *entry, uint32_t slot, uint32_t generation,
		struct container **ret)
{
	CLEANUP(cleanup_container) struct container *container = NULL;
	CLEANUP(cleanup_json) struct json *json = NULL;
	uint32_t bytes = __atomic_load_n(&entry->bytes, __ATOMIC_SEQ_CST);
	const char *path;
	int err;

	if (!bytes)
		return -ENOENT;
	if (bytes > sizeof(entry->text))
		return -EBADMSG;
	err = json_parse(entry->text, bytes, &json);
	if (err)
		return err;
	path = json_get_text(json, "path");
	if (!path)
		return -EBADMSG;
	if (number(json, "generation") != generation)
		return -ENOENT;
	container = container_new(slot, number(json, "cgroup_id"), path, number(json, "seen_ns"));
	if (!container)
		return -ENOMEM;
	container->generation = generation;
	err = fill(json, container);
	if (err)
		return err;
	*ret = TAKE_PTR(container);
	return 0;
}
