/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin cover over regcomp(3).  glibc takes what a byte is from the locale in force when a pattern
 * is compiled, and igrec runs in the user's: there it would read bytes that are no UTF-8 slowly.
 */
#include "common/pattern.h"

#include <errno.h>
#include <locale.h>
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
	if (!*text || has_back_reference(text))
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
