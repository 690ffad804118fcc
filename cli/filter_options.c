/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a command line to a filter.  What cannot be known before a dump is open, its architecture,
 * makes a filter of its own for each dump.
 */
#include "cli/filter_options.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"

int filter_options_take(struct filter_options *options, const struct option_scan *scan, int option,
			int first)
{
	if (options->count == FILTER_CONDITIONS_MAX) {
		log_error("%s: more than %d conditions", scan->verb, FILTER_CONDITIONS_MAX);
		return -EINVAL;
	}
	options->conditions[options->count++] = (struct filter_condition){
		.key = (enum filter_key)(option - first),
		.option = scan->specs[option].name,
		.value = scan->value,
	};
	return 0;
}

/* A value may suit one architecture only: a syscall's name. */
static enum cli_status make(const struct filter_options *options, enum arch arch,
			    struct filter **ret, struct filter_error *ret_error)
{
	struct filter *filter = NULL;
	int err = filter_new(arch, &filter);

	ret_error->text[0] = '\0';
	for (size_t i = 0; !err && i < options->count; i++) {
		const struct filter_condition *condition = &options->conditions[i];

		err = filter_add(filter, condition->key, condition->value, ret_error);
		if (err == -EINVAL) {
			struct filter_error why = *ret_error;

			snprintf(ret_error->text, sizeof(ret_error->text), "--%s: %.200s",
				 condition->option, why.text);
		}
	}
	if (!err) {
		*ret = filter;
		return CLI_DONE;
	}
	filter_free(filter);
	if (err == -EINVAL)
		return CLI_USAGE;
	snprintf(ret_error->text, sizeof(ret_error->text), "%s", strerror(-err));
	return CLI_FAILED;
}

int filter_options_check(const struct filter_options *options, const char *verb)
{
	struct filter_error error[ARCHES] = {0};

	for (int arch = 0; arch < ARCHES; arch++) {
		struct filter *filter = NULL;

		if (!make(options, (enum arch)arch, &filter, &error[arch])) {
			filter_free(filter);
			return 0;
		}
	}
	/* No architecture takes it; most tapes are of this machine's. */
	log_error("%s: %s", verb, error[ARCH_HOST].text);
	return -EINVAL;
}

enum cli_status filter_options_make(const struct filter_options *options, const char *verb,
				    enum arch arch, struct filter **ret)
{
	struct filter_error error;
	enum cli_status status = make(options, arch, ret, &error);

	if (status)
		log_error("%s: %s", verb, error.text);
	return status;
}
