/* SPDX-License-Identifier: Apache-2.0 */
/* igrecd(8): command line and configuration; everything else is in daemon.c. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/config.h"
#include "common/log.h"
#include "recorder/daemon.h"
#include "recorder/hooks.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* Options that set a key of the configuration. */
static const struct override {
	const char *option, *section, *key;
} overrides[] = {
	{"store", "igrecd", "store"},		{"socket", "igrecd", "socket"},
	{"bpffs", "igrecd", "bpffs"},		{"node", "igrecd", "node"},
	{"ring-size", "ring", "size"},		{"memory-limit", "ring", "memory-limit"},
	{"payload", "payload", "policy"},	{"log-level", "log", "level"},
	{"host-root", "runtimes", "host-root"}, {"runc-root", "runtimes", "runc"},
	{"crun-root", "runtimes", "crun"},
};
#define OVERRIDES (sizeof(overrides) / sizeof(overrides[0]))

enum {
	OPTION_OVERRIDE = 256, /* plus the index above */
	OPTION_CONFIG = OPTION_OVERRIDE + OVERRIDES,
	OPTION_UNLOAD,
	OPTION_VERSION,
	OPTION_HELP,
};

struct arguments {
	const char *config;
	const char *override[OVERRIDES];
	bool unload;
	struct daemon_settings settings;
};

static void print_usage(FILE *out)
{
	fputs("usage: igrecd [options]\n"
	      "       igrecd --unload [--bpffs DIR]\n"
	      "\n"
	      "Records the last syscalls of every container and dumps them when one fails.\n"
	      "\n"
	      "  --config FILE        settings, default " CONFIG_DEFAULT_PATH "\n"
	      "  --store DIR          where dumps go\n"
	      "  --socket PATH        where igrec reaches the daemon\n"
	      "  --bpffs DIR          where programs and maps are pinned\n"
	      "  --node NAME          this node's name in dumps, default its host name\n"
	      "  --ring-size SIZE     of each container's ring\n"
	      "  --memory-limit SIZE  of all rings together\n"
	      "  --payload POLICY     none, stdio or all\n"
	      "  --log-level LEVEL    error, warning, info or debug\n"
	      "  --host-root DIR      where the node's root directory is, default /\n"
	      "  --runc-root DIR      where runc keeps its state, default /run/runc\n"
	      "  --crun-root DIR      where crun keeps its state, default /run/crun\n"
	      "  --unload             remove what is pinned, then exit\n"
	      "  --version, --help\n"
	      "\n"
	      "See igrecd(8) and igrec.conf(5).\n",
	      out);
}

static void fill_options(struct option options[OVERRIDES + 6])
{
	size_t n = 0;

	for (; n < OVERRIDES; n++)
		options[n] = (struct option){overrides[n].option, required_argument, NULL,
					     OPTION_OVERRIDE + n};
	options[n++] = (struct option){"config", required_argument, NULL, OPTION_CONFIG};
	options[n++] = (struct option){"unload", no_argument, NULL, OPTION_UNLOAD};
	options[n++] = (struct option){"version", no_argument, NULL, OPTION_VERSION};
	options[n++] = (struct option){"help", no_argument, NULL, OPTION_HELP};
	options[n] = (struct option){0};
}

static int refuse_option(int option, char **argv)
{
	log_error("%s \"%s\"; run \"igrecd --help\"",
		  option == ':' ? "no value for option" : "unknown option", argv[optind - 1]);
	return EXIT_USAGE;
}

/* One option. Returns -1 to go on, or the exit status. */
static int take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case OPTION_CONFIG:
		arguments->config = optarg;
		return -1;
	case OPTION_UNLOAD:
		arguments->unload = true;
		return -1;
	case OPTION_VERSION:
		puts("igrecd " IGREC_VERSION);
		return EXIT_DONE;
	case OPTION_HELP:
		print_usage(stdout);
		return EXIT_DONE;
	}
	arguments->override[option - OPTION_OVERRIDE] = optarg;
	return -1;
}

static int parse_arguments(int argc, char **argv, struct arguments *ret)
{
	struct option options[OVERRIDES + 6];
	int option;

	fill_options(options);
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		int status = option == '?' || option == ':' ? refuse_option(option, argv)
							    : take_option(ret, option);

		if (status >= 0)
			return status;
	}
	if (optind == argc)
		return -1;
	log_error("unexpected argument \"%s\"; run \"igrecd --help\"", argv[optind]);
	return EXIT_USAGE;
}

static int configure(void *context, struct config *config)
{
	const struct arguments *arguments = context;
	struct config_error error;
	int err;

	config_init(config);
	err = config_load(config, arguments->config, &error);
	for (size_t i = 0; i < OVERRIDES && !err; i++) {
		char origin[32];

		if (!arguments->override[i])
			continue;
		snprintf(origin, sizeof(origin), "--%s", overrides[i].option);
		err = config_set(config, origin, overrides[i].section, overrides[i].key,
				 arguments->override[i], &error);
	}
	if (!err)
		err = config_check(config, &error);
	if (err)
		log_error("%s", error.text);
	return err;
}

static int unload(const char *bpffs)
{
	int err = hooks_unload(bpffs);

	if (err == -EBUSY)
		log_error("a running igrecd uses %s; stop it first", bpffs);
	else if (err == -ENOTDIR || err == -EEXIST)
		log_error("%s is not what igrecd pinned, and stays; name igrecd's directory with "
			  "--bpffs",
			  bpffs);
	else if (err == -EINVAL)
		log_error("%s is the root of a bpffs, where others pin too: name the directory "
			  "that igrecd was given",
			  bpffs);
	else if (err)
		log_error("cannot remove %s: %s", bpffs, strerror(-err));
	else
		log_info("nothing is left in %s", bpffs);
	return err ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct config config;
	int status;

	log_init("igrecd", LOG_LEVEL_INFO);
	status = parse_arguments(argc, argv, &arguments);
	if (status >= 0)
		return status;
	if (configure(&arguments, &config))
		return EXIT_FAILED;
	log_set_level(config.log_level);
	if (arguments.unload)
		return unload(config.bpffs);
	arguments.settings.config = &config;
	arguments.settings.read_config = configure;
	arguments.settings.context = &arguments;
	return daemon_run(&arguments.settings);
}
