/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin cover over regcomp(3).  glibc takes what a byte is from the locale in force when a pattern
 * is compiled, and igrec runs in the user's: there it would read bytes that are no UTF-8 slowly.
 */
#include "common/pattern.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool has_back_reference(const char *text)
{
	for (; *text; text++) {
		if (*text != '\\')
			continue;
		text++;
		if (*text >= '1' && *text <= '9')
			return true;
		if (!*text)
			return false;
	}
	return false;
}

/* What is repeated stands in glibc's tree N times for {M,N}, twice for +; within another repetition
 * these numbers multiply. Those of what is no group are multiplied, too, which does no harm. */
static unsigned long repetitions_at(const char *text, char before)
{
	unsigned long most;
	char *end;

	if (*text == '+')
		return before && strchr(")+*?}", before) ? 2 : 1;
	if (*text != '{')
		return 1;
	most = strtoul(text + 1, &end, 10);
	if (*end == ',' && end[1] >= '0' && end[1] <= '9')
		most = strtoul(end + 1, NULL, 10);
	return most ? most : 1;
}

static bool has_many_repetitions(const char *text)
{
	unsigned long times = 1;
	char before = 0;

	for (; *text; before = *text++) {
		unsigned long here = repetitions_at(text, before);

		if (here > PATTERN_REPETITIONS_MAX / times)
			return true;
		times *= here;
		if (*text == '\\' && text[1])
			text++;
	}
	return false;
}

static int compile_in(locale_t locale, const char *text, regex_t *ret)
{
	locale_t before = uselocale(locale);
	int err = regcomp(ret, text, REG_EXTENDED | REG_NEWLINE);

	uselocale(before);
	return err;
}

int pattern_compile(const char *text, regex_t *ret)
{
	locale_t plain;
	int err;

	if (strlen(text) > PATTERN_BYTES_MAX)
		return -E2BIG;
	if (!*text || has_back_reference(text) || has_many_repetitions(text))
		return -EINVAL;
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!plain)
		return -ENOMEM;
	err = compile_in(plain, text, ret);
	freelocale(plain);
	return err == REG_ESPACE ? -ENOMEM : err ? -EINVAL : 0;
}

bool pattern_find(const regex_t *pattern, const char *data, size_t bytes, size_t from,
		  size_t *ret_begin, size_t *ret_end)
{
	regmatch_t match[2] = {{.rm_so = (regoff_t)from, .rm_eo = (regoff_t)bytes}};
	const regmatch_t *found = match;

	if (regexec(pattern, data, 2, match, REG_STARTEND))
		return false;
	if (pattern->re_nsub && match[1].rm_so >= 0)
		found = &match[1];
	*ret_begin = (size_t)found->rm_so;
	*ret_end = (size_t)found->rm_eo;
	return true;
}
