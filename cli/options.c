/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getopt_long(3) driven by a verb's table. All messages about wrong usage are made here, so that
 * each names the verb, the option and where help is.
 */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>

#include "cli/help.h"
#include "common/cleanup.h"
#include "common/log.h"

enum global_option { GLOBAL_CONFIG, GLOBAL_STORE, GLOBAL_SOCKET, GLOBAL_HELP, GLOBAL_OPTIONS };

const struct option_spec options_global[] = {
	[GLOBAL_CONFIG] = {"config", 0, "FILE", "configuration file (/etc/igrec/igrec.conf)"},
	[GLOBAL_STORE] = {"store", 0, "DIR", "directory of the dumps (/var/lib/igrec)"},
	[GLOBAL_SOCKET] = {"socket", 0, "PATH", "socket of igrecd (/run/igrec/igrecd.sock)"},
	[GLOBAL_HELP] = {"help", 'h', NULL, "this help"},
	[GLOBAL_OPTIONS] = {0},
};

/* getopt's value for an option: beyond all characters. Global options come first. */
#define CODE_BASE 256

static int add_spec(struct option_scan *scan, const struct option_spec *spec, int index)
{
	size_t used = strlen(scan->letters);

	assert(index < OPTIONS_MAX);
	scan->longs[index] =
		(struct option){.name = spec->name,
				.has_arg = spec->value ? required_argument : no_argument,
				.val = CODE_BASE + index};
	if (spec->letter) {
		scan->letters[used++] = spec->letter;
		if (spec->value)
			scan->letters[used++] = ':';
		scan->letters[used] = '\0';
	}
	return index + 1;
}

void options_begin(struct option_scan *scan, struct cli *cli, const char *verb,
		   const struct option_spec *specs, int argc, char **argv)
{
	int index = 0;

	*scan = (struct option_scan){
		.cli = cli, .verb = verb, .specs = specs, .argc = argc, .argv = argv};
	/* '+': what follows the verb is not ours; ':': missing values are told from unknown names
	 */
	memcpy(scan->letters, verb ? ":" : "+:", verb ? 2 : 3);
	for (const struct option_spec *spec = options_global; spec->name; spec++)
		index = add_spec(scan, spec, index);
	for (const struct option_spec *spec = specs; spec->name; spec++)
		index = add_spec(scan, spec, index);
	optind = 0;
	opterr = 0;
}

static void complain(const struct option_scan *scan, const char *what, const char *which)
{
	if (scan->verb)
		log_error("%s: %s%s: run \"igrec help %s\"", scan->verb, what, which, scan->verb);
	else
		log_error("%s%s: run \"igrec help\"", what, which);
}

static int complain_option(struct option_scan *scan, int code)
{
	const char *given = scan->argv[optind - 1];
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > 0 && optopt < CODE_BASE)
		given = letter;
	complain(scan, code == ':' ? "no value for option " : "unknown option ", given);
	return OPTIONS_BAD;
}

/* The index in longs[] of what getopt_long returned, -1 for none. */
static int index_of(const struct option_scan *scan, int code)
{
	if (code >= CODE_BASE)
		return code - CODE_BASE;
	for (int i = 0; i < GLOBAL_OPTIONS; i++) {
		if (options_global[i].letter == code)
			return i;
	}
	for (int i = 0; scan->specs[i].name; i++) {
		if (scan->specs[i].letter == code)
			return GLOBAL_OPTIONS + i;
	}
	return -1;
}

static int take_global(struct option_scan *scan, int index)
{
	switch (index) {
	case GLOBAL_CONFIG:
		scan->cli->config_path = optarg;
		break;
	case GLOBAL_STORE:
		scan->cli->store_path = optarg;
		break;
	case GLOBAL_SOCKET:
		scan->cli->socket_path = optarg;
		break;
	default:
		help_print(stdout, scan->verb);
		return OPTIONS_HELP;
	}
	return 0;
}

int options_next(struct option_scan *scan)
{
	for (;;) {
		int code = getopt_long(scan->argc, scan->argv, scan->letters, scan->longs, NULL);
		int index;

		if (code < 0)
			return OPTIONS_END;
		index = code == ':' || code == '?' ? -1 : index_of(scan, code);
		if (index < 0)
			return complain_option(scan, code);
		if (index >= GLOBAL_OPTIONS) {
			snprintf(scan->option_text, sizeof(scan->option_text), "--%s",
				 scan->longs[index].name);
			scan->option = scan->option_text;
			scan->value = optarg;
			return index - GLOBAL_OPTIONS;
		}
		if (take_global(scan, index) < 0)
			return OPTIONS_HELP;
	}
}

int options_args(const struct option_scan *scan, int min, int max, char ***ret_args)
{
	int count = scan->argc - optind;

	if (count < min) {
		complain(scan, "an argument is missing", "");
		return -1;
	}
	if (max >= 0 && count > max) {
		complain(scan, "one argument too many: ", scan->argv[optind + max]);
		return -1;
	}
	*ret_args = scan->argv + optind;
	return count;
}

void options_refuse(const struct option_scan *scan, const char *wanted)
{
	log_error("%s: %s: \"%s\" is not %s", scan->verb, scan->option, scan->value, wanted);
}

enum cli_status options_status(int end)
{
	return end == OPTIONS_HELP || end == OPTIONS_END ? CLI_DONE : CLI_USAGE;
}
