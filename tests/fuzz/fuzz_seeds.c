/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what fuzz targets start from: fuzz_seeds NAME DIRECTORY.
 */
#include <unistd.h>

#include "common/cleanup.h"
#include "common/config.h"
#include "dumper/chunk.h"
#include "dumper/columns.h"
#include "storage/dump_name.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

static void write_seed(const char *directory, const char *name, const void *data, size_t bytes)
{
	AUTO_FREE char *path = NULL;

	must(asprintf(&path, "%s/%s", directory, name) > 0);
	file_write(path, data, bytes);
}

static void seed_dumps(const char *directory)
{
	static const unsigned sizes[] = {0, 50, 1000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		free(sample_dump_new(directory, sizes[i]));
}

/* The row, then the raw bytes, as fuzz_chunk.c takes them apart. */
static void seed_chunks(const char *directory)
{
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		struct buf raw = {}, seed = {};
		struct chunk chunk;
		char name[16];

		must(chunk_pack(&snapshot->lane[lane], 0, &raw, &chunk) > 0);
		chunk.lane = (uint32_t)lane;
		buf_add(&seed, &chunk, sizeof(chunk));
		buf_add(&seed, raw.data, raw.bytes);
		snprintf(name, sizeof(name), "lane%d", lane);
		write_seed(directory, name, seed.data, seed.bytes);
		buf_done(&raw);
		buf_done(&seed);
	}
	snapshot_free(snapshot);
}

/* A raw chunk behind a 0, and its size and columns behind a 1, as fuzz_columns.c takes them. */
static void seed_columns(const char *directory)
{
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		struct buf raw = {}, plain = {}, apart = {};
		struct columns columns = {};
		struct chunk chunk;
		uint16_t raw_bytes;
		char name[16];

		must(chunk_pack(&snapshot->lane[lane], 0, &raw, &chunk) > 0);
		must(columns_pack(raw.data, raw.bytes, &columns) == 0);
		buf_add_char(&plain, 0);
		buf_add(&plain, raw.data, raw.bytes);
		buf_add_char(&apart, 1);
		raw_bytes = (uint16_t)raw.bytes;
		buf_add(&apart, &raw_bytes, sizeof(raw_bytes));
		for (int i = 0; i < COLUMNS; i++) {
			uint16_t bytes = (uint16_t)columns.column[i].bytes;

			buf_add(&apart, &bytes, sizeof(bytes));
			buf_add(&apart, columns.column[i].data, bytes);
		}
		snprintf(name, sizeof(name), "raw%d", lane);
		write_seed(directory, name, plain.data, plain.bytes);
		snprintf(name, sizeof(name), "columns%d", lane);
		write_seed(directory, name, apart.data, apart.bytes);
		buf_done(&raw);
		buf_done(&plain);
		buf_done(&apart);
		columns_done(&columns);
	}
	snapshot_free(snapshot);
}

/* Texts behind 0 and command lines behind 1, and records behind 8 to 15, as fuzz_mask.c takes them.
 */
static void seed_secrets(const char *directory)
{
#define SEED(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
	static const struct {
		const char *text;
		size_t bytes;
	} texts[] = {
		SEED("\0password: 'a b', DB_PASSWORD=x {\"token\":\"a\\\"b\"} ?sig=1&x=2 pin=12"),
		SEED("\0Authorization: Basic YTpi\r\nCookie: a=b\r\n bearer abcdefg1"),
		SEED("\0https://u:p@h/ amqp://u:a/b@h -----BEGIN PRIVATE KEY-----\nMII\n-----END"),
		SEED("\0AKIAABCDEFGHIJKLMNOP ghp_0123456789abcdefghij eyJhbGciOiJIUzI1NiJ9.e30.x"),
		SEED("\0{\"name\":\"A_SECRET\",\"value\":\"v\"} [\"--token\", \"t\"] abc-xx"),
		SEED("\1mysql\0-psecret\0--password\0a b\0curl\0-u\0a:b\0"),
	};
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char name[16];

		snprintf(name, sizeof(name), "text%zu", i);
		write_seed(directory, name, texts[i].text, texts[i].bytes);
	}
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		struct buf seed = {};
		char name[16];

		buf_add_char(&seed, (char)(8 + 3));
		buf_add(&seed, snapshot->lane[lane].data, snapshot->lane[lane].bytes);
		snprintf(name, sizeof(name), "lane%d", lane);
		write_seed(directory, name, seed.data, seed.bytes);
		buf_done(&seed);
	}
	snapshot_free(snapshot);
}

/* The records of a lane, without anything before them. */
static void seed_records(const char *directory)
{
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		char name[16];

		snprintf(name, sizeof(name), "lane%d", lane);
		write_seed(directory, name, snapshot->lane[lane].data, snapshot->lane[lane].bytes);
	}
	snapshot_free(snapshot);
}

static void seed_names(const char *directory)
{
	static const char name[] =
		SAMPLE_FILE_TIME "_shop_crash-app-7d4b9c6f5-x2x7q_-_signal_0123456789ab.igrec";

	write_seed(directory, "name", name, sizeof(name) - 1);
}

/* A configuration with every key at its default, and one with odd forms. */
static void seed_configs(const char *directory)
{
	static const char odd[] = "# words\n[ring]\nsize = 1.5MiB ; more\n\n[failure]\n"
				  "stop-signals = none\nkinds = exit, signal\n[retention]\n"
				  "free-space = 10%\nage = 1.5h\n[igrecd]\nnode = n1.example\n";
	const struct config_key *keys;
	struct buf text = {};
	size_t count;

	keys = config_keys(&count);
	for (size_t i = 0; i < count; i++)
		if (keys[i].preset[0])
			buf_printf(&text, "[%s]\n%s = %s\n", keys[i].section, keys[i].name,
				   keys[i].preset);
	write_seed(directory, "presets", text.data, text.bytes);
	write_seed(directory, "odd", odd, sizeof(odd) - 1);
	buf_done(&text);
}

/* One line a condition, as fuzz_filter.c takes them: "B" is the first of enum filter_key. */
static void seed_filters(const char *directory)
{
	static const char *const filters[] = {
		"B2s\nC-1.5s\nD@1795304800.5",
		"C2026-11-21T23:46:40.1\nD12:00:00",
		"E1\nE7\nFcrash-app\nK10us",
		"Gopenat,%network\nH/etc\nH*.conf\nIENOENT,EACCES\nJ\nLvital",
	};

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		char name[16];

		snprintf(name, sizeof(name), "filter%zu", i);
		write_seed(directory, name, filters[i], strlen(filters[i]));
	}
}

static void seed_requests(const char *directory)
{
	static const char *const requests[] = {
		"{\"verb\":\"ps\"}\n",
		"{\"verb\":\"dump\",\"container\":\"crash-app\"}\n",
		"{\"verb\":\"doctor\",\"n\":[1,2.5e3,true,null,\"\\u001b[31m\"]}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		char name[16];

		snprintf(name, sizeof(name), "request%zu", i);
		write_seed(directory, name, requests[i], strlen(requests[i]));
	}
}

/* A cgroup's path, then files of runtimes by number, as fuzz_identity.c lists them. */
static void seed_identities(const char *directory)
{
#define CRI                                                                                        \
	"{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","                    \
	"\"io.kubernetes.cri.container-name\":\"api\",\"io.kubernetes.cri.sandbox-name\":\"shop-"  \
	"7d4\","                                                                                   \
	"\"io.kubernetes.cri.sandbox-namespace\":\"prod\",\"io.kubernetes.cri.image-name\":\"r/"   \
	"s:3\"},"                                                                                  \
	"\"linux\":{\"cgroupsPath\":\"/kubepods/burstable/podu1/c1\"}}"
	static const char *const inputs[] = {
		"/c1\n0{\"id\":\"c1\",\"config\":{\"cgroups\":{\"name\":\"c1\",\"path\":\"\","
		"\"systemd\":false},\"labels\":[\"bundle=/bundle\"]}}\n2" CRI,
		"/ci.slice/runc-c1.scope\n0{\"config\":{\"cgroups\":{\"name\":\"c1\",\"parent\":"
		"\"ci.slice\",\"scope_prefix\":\"runc\",\"systemd\":true}}}",
		"/c1\n1{\"cgroup-path\":\"c1\",\"bundle\":\"/bundle\"}\n2{}",
		"/kubepods/burstable/podu1/c1\n3" CRI,
		"/docker/c1\n4{\"linux\":{\"cgroupsPath\":\"/docker/c1\"}}\n5{\"Name\":\"/web\","
		"\"Image\":\"sha256:1\",\"RestartCount\":2,\"Config\":{\"Image\":\"web:1\","
		"\"Labels\":{\"io.kubernetes.pod.name\":\"p\"}}}",
		"/libpod_parent/libpod-c1\n7[{\"id\":\"c1\",\"names\":[\"web\"],\"metadata\":"
		"\"{\\\"image-name\\\":\\\"web:1\\\"}\"}]\n8{\"linux\":{\"cgroupsPath\":"
		"\"/libpod_parent/libpod-c1\"}}",
		"/kubepods/burstable/podu1/crio-c1\n6{\"annotations\":{\"io.kubernetes.cri-o."
		"ContainerType\":\"container\"},\"linux\":{\"cgroupsPath\":"
		"\"/kubepods/burstable/podu1/crio-c1\"}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		char name[16];

		snprintf(name, sizeof(name), "identity%zu", i);
		write_seed(directory, name, inputs[i], strlen(inputs[i]));
	}
}

/* Format, number of lines, text: as fuzz_log.c takes them apart. */
static void seed_logs(const char *directory)
{
	static const char *const inputs[] = {
		"\2\7"
		"2026-11-21T23:46:40.123456789Z stdout F listening\n"
		"2026-11-21T23:46:40.5+02:00 stderr P a part,\n"
		"2026-11-21T23:46:41Z stdout F:tag  two \n2026-11-21T23:46:41Z stderr F the rest\n",
		"\3\7"
		"{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":"
		"\"2026-11-21T23:46:40.123456789Z\"}\n{\"log\":\"a part,\",\"stream\":\"stderr\"}\n"
		"{\"log\":\"\\u0000\\u001b[31m\\n\",\"stream\":\"stderr\"}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		char name[16];

		snprintf(name, sizeof(name), "log%zu", i);
		write_seed(directory, name, inputs[i], strlen(inputs[i]));
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*seed)(const char *directory);
	} seeders[] = {
		{"dump", seed_dumps},	       {"chunk", seed_chunks},
		{"dump_name", seed_names},     {"columns", seed_columns},
		{"replay", seed_records},      {"config", seed_configs},
		{"filter", seed_filters},      {"control", seed_requests},
		{"identity", seed_identities}, {"log", seed_logs},
		{"mask", seed_secrets},
	};

	must(argc == 3);
	for (size_t i = 0; i < ARRAY_SIZE(seeders); i++) {
		if (strcmp(argv[1], seeders[i].name) == 0)
			seeders[i].seed(argv[2]);
	}
	return 0;
}
