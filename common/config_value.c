/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses the value of one key by its type, and says what the type allows.
 */
#include "common/config_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "common/parse.h"
#include "common/pattern.h"

#define SECOND ((uint64_t)1000000000)
#define DAY    (86400 * SECOND)

static const char separators[] = " ,\t";

/* Index of a word in a list of names, or -1. */
static int name_index(const char *names, const char *word, size_t bytes)
{
	for (int i = 0; *names; i++) {
		size_t length = strcspn(names, " ");

		if (length == bytes && !memcmp(names, word, bytes))
			return i;
		names += length;
		names += strspn(names, " ");
	}
	return -1;
}

static int set_text(const struct config_key *key, const char *value, char *ret)
{
	size_t bytes = strlen(value);

	if (!bytes || bytes >= key->max || (key->type == CONFIG_PATH && value[0] != '/'))
		return -EINVAL;
	for (const char *p = value; *p; p++) {
		if (iscntrl((unsigned char)*p) || (key->type == CONFIG_TEXT && *p == ' '))
			return -EINVAL;
	}
	memcpy(ret, value, bytes + 1);
	return 0;
}

static int parse_number(const struct config_key *key, const char *value, uint64_t *ret)
{
	switch (key->type) {
	case CONFIG_DURATION:
		return parse_duration(value, ret);
	case CONFIG_COUNT:
		return parse_uint(value, 0, UINT64_MAX, ret);
	default:
		return parse_size(value, ret);
	}
}

static int set_number(const struct config_key *key, const char *value, uint64_t *ret)
{
	uint64_t number;
	int err = parse_number(key, value, &number);

	if (err)
		return err;
	if (number < key->min || number > key->max || (key->multiple && number % key->multiple))
		return -ERANGE;
	*ret = number;
	return 0;
}

static int set_space(const struct config_key *key, const char *value, struct config_space *ret)
{
	size_t bytes = strlen(value);
	char digits[4] = "";
	uint64_t percent;

	if (!bytes || value[bytes - 1] != '%') {
		ret->percent = 0;
		return set_number(key, value, &ret->bytes);
	}
	if (bytes > sizeof(digits))
		return -EINVAL;
	memcpy(digits, value, bytes - 1);
	if (parse_uint(digits, 1, 90, &percent))
		return -EINVAL;
	*ret = (struct config_space){.percent = (unsigned)percent};
	return 0;
}

static int set_choice(const struct config_key *key, const char *value, uint64_t *ret)
{
	int index = name_index(key->names, value, strlen(value));

	if (index < 0)
		return -EINVAL;
	*ret = (uint64_t)index;
	return 0;
}

/* The bit of one word of a list, 0 if it is not allowed there. */
static uint64_t word_bit(const struct config_key *key, const char *word, size_t bytes)
{
	char text[16];
	int index;

	if (key->type == CONFIG_NAMES) {
		index = name_index(key->names, word, bytes);
		return index < 0 ? 0 : 1ULL << index;
	}
	if (bytes >= sizeof(text))
		return 0;
	memcpy(text, word, bytes);
	text[bytes] = '\0';
	return parse_signal(text, &index) || index > 63 ? 0 : 1ULL << index;
}

static int set_list(const struct config_key *key, const char *value, uint64_t *ret)
{
	uint64_t bits = 0;

	if (strcmp(value, "none") != 0) {
		const char *word = value + strspn(value, separators);

		if (!*word)
			return -EINVAL;
		while (*word) {
			size_t bytes = strcspn(word, separators);
			uint64_t bit = word_bit(key, word, bytes);

			if (!bit)
				return -EINVAL;
			bits |= bit;
			word += bytes;
			word += strspn(word, separators);
		}
	}
	*ret = bits;
	return 0;
}

/* Words, which become separated by single spaces. */
static int set_words(const struct config_key *key, const char *value, char *ret)
{
	char words[CONFIG_LIST_BYTES] = "";
	size_t used = 0;

	if (key->type == CONFIG_GLOBS && !strcmp(value, "none")) {
		ret[0] = '\0';
		return 0;
	}
	value += strspn(value, separators);
	while (*value) {
		size_t bytes = strcspn(value, separators);

		if (used + bytes + 2 > sizeof(words) ||
		    (key->type == CONFIG_PATHS && *value != '/'))
			return -EINVAL;
		if (used)
			words[used++] = ' ';
		memcpy(words + used, value, bytes);
		used += bytes;
		value += bytes;
		value += strspn(value, separators);
	}
	for (size_t i = 0; i < used; i++)
		if (iscntrl((unsigned char)words[i]))
			return -EINVAL;
	if (!used)
		return -EINVAL;
	memcpy(ret, words, used + 1);
	return 0;
}

static bool is_pattern(const char *word, size_t bytes)
{
	char text[CONFIG_LIST_BYTES];
	regex_t pattern;

	if (bytes >= sizeof(text))
		return false;
	memcpy(text, word, bytes);
	text[bytes] = '\0';
	if (pattern_compile(text, &pattern))
		return false;
	regfree(&pattern);
	return true;
}

/* As set_words(), but what a pattern may hold does not part words. */
static int set_patterns(const char *value, char *ret)
{
	size_t bytes = strlen(value);

	if (!bytes || bytes >= CONFIG_LIST_BYTES)
		return -EINVAL;
	for (const char *p = value; *p; p++)
		if (iscntrl((unsigned char)*p))
			return -EINVAL;
	if (!strcmp(value, "none")) {
		ret[0] = '\0';
		return 0;
	}
	for (const char *word = value + strspn(value, " "); *word; word += strspn(word, " ")) {
		size_t length = strcspn(word, " ");

		if (!is_pattern(word, length))
			return -EINVAL;
		word += length;
	}
	memcpy(ret, value, bytes + 1);
	return 0;
}

/* "7" or "3-9" */
static int add_codes(const char *word, size_t bytes, uint64_t *codes)
{
	char text[8];
	char *dash;
	uint64_t first, last;

	if (bytes >= sizeof(text))
		return -EINVAL;
	memcpy(text, word, bytes);
	text[bytes] = '\0';
	dash = strchr(text, '-');
	if (dash)
		*dash++ = '\0';
	if (parse_uint(text, 1, CONFIG_CODES - 1, &first) ||
	    parse_uint(dash ? dash : text, first, CONFIG_CODES - 1, &last))
		return -EINVAL;
	for (uint64_t code = first; code <= last; code++)
		codes[code / 64] |= 1ULL << code % 64;
	return 0;
}

static int set_codes(const char *value, uint64_t *ret)
{
	uint64_t codes[CONFIG_CODES / 64] = {0};
	const char *word = value + strspn(value, separators);

	if (!*word)
		return -EINVAL;
	while (*word && strcmp(value, "none") != 0) {
		size_t bytes = strcspn(word, separators);

		if (add_codes(word, bytes, codes))
			return -EINVAL;
		word += bytes;
		word += strspn(word, separators);
	}
	memcpy(ret, codes, sizeof(codes));
	return 0;
}

int config_value_set(void *to, const struct config_key *key, const char *value)
{
	void *field = (char *)to + key->offset;

	switch (key->type) {
	case CONFIG_PATH:
	case CONFIG_TEXT:
		return set_text(key, value, field);
	case CONFIG_SIZE:
	case CONFIG_DURATION:
	case CONFIG_COUNT:
		return set_number(key, value, field);
	case CONFIG_SPACE:
		return set_space(key, value, field);
	case CONFIG_CHOICE:
		return set_choice(key, value, field);
	case CONFIG_NAMES:
	case CONFIG_SIGNALS:
		return set_list(key, value, field);
	case CONFIG_PATHS:
	case CONFIG_GLOBS:
		return set_words(key, value, field);
	case CONFIG_PATTERNS:
		return set_patterns(value, field);
	case CONFIG_CODES_SET:
		return set_codes(value, field);
	}
	return -EINVAL;
}

void config_error_add(struct config_error *error, const char *format, ...)
{
	size_t used = strlen(error->text);
	va_list args;

	va_start(args, format);
	vsnprintf(error->text + used, sizeof(error->text) - used, format, args);
	va_end(args);
}

static void add_number(struct config_error *error, const struct config_key *key, uint64_t value)
{
	static const char *const size_units[] = {"", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t unit = 0;

	if (key->type == CONFIG_DURATION) {
		bool days = value && value % DAY == 0;

		config_error_add(error, "%" PRIu64 "%s", days ? value / DAY : value / SECOND,
				 days ? "d" : "s");
		return;
	}
	if (key->type != CONFIG_COUNT) {
		for (; value && value % 1024 == 0; value /= 1024)
			unit++;
	}
	config_error_add(error, "%" PRIu64 "%s", value, size_units[unit]);
}

static void add_range(struct config_error *error, const struct config_key *key)
{
	config_error_add(error, key->type == CONFIG_COUNT ? "from " : ", from ");
	add_number(error, key, key->min);
	config_error_add(error, " to ");
	add_number(error, key, key->max);
	if (key->multiple) {
		config_error_add(error, ", a multiple of ");
		add_number(error, key, key->multiple);
	}
}

void config_error_wanted(struct config_error *error, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_PATH:
		config_error_add(error, "an absolute path of at most %" PRIu64 " bytes",
				 key->max - 1);
		break;
	case CONFIG_TEXT:
		config_error_add(error, "a name of 1 to %" PRIu64 " bytes without spaces",
				 key->max - 1);
		break;
	case CONFIG_SIZE:
		config_error_add(error, PARSE_SIZE_WANTED);
		add_range(error, key);
		break;
	case CONFIG_SPACE:
		config_error_add(error, PARSE_SIZE_WANTED ", or a share from 1%% to 90%%");
		break;
	case CONFIG_DURATION:
		config_error_add(error, PARSE_DURATION_WANTED);
		add_range(error, key);
		break;
	case CONFIG_COUNT:
		config_error_add(error, "a whole number ");
		add_range(error, key);
		break;
	case CONFIG_CHOICE:
		config_error_add(error, "one of: %s", key->names);
		break;
	case CONFIG_NAMES:
		config_error_add(error, "none or a list of: %s", key->names);
		break;
	case CONFIG_SIGNALS:
		config_error_add(error, "none or a list of signals such as TERM SEGV");
		break;
	case CONFIG_PATHS:
		config_error_add(error, "a list of absolute paths of less than %d bytes",
				 CONFIG_LIST_BYTES);
		break;
	case CONFIG_GLOBS:
		config_error_add(error, "none or a list of patterns of less than %d bytes",
				 CONFIG_LIST_BYTES);
		break;
	case CONFIG_PATTERNS:
		config_error_add(error,
				 "none or a list of less than %d bytes, separated by spaces, each "
				 "one " PATTERN_WANTED,
				 CONFIG_LIST_BYTES);
		break;
	case CONFIG_CODES_SET:
		config_error_add(error, "none or a list of exit codes such as 3 or 64-78, from 1 "
					"to 255");
		break;
	}
}
