/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses numbers with units. Fractions are exact to the nanosecond or byte: digits after the
 * point are scaled as integers, no floating point is involved.
 */
#include "common/parse.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

#include "common/cleanup.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int parse_digits(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -ERANGE;
	}
	*text = p;
	*ret = value;
	return 0;
}

/* ".125" of a unit; digits beyond what the unit can show are dropped. */
static int parse_fraction(const char **text, uint64_t *ret_numerator, uint64_t *ret_denominator)
{
	const char *p = *text;
	uint64_t numerator = 0;
	uint64_t denominator = 1;

	if (*p == '.') {
		if (!is_digit(*++p))
			return -EINVAL;
		for (; is_digit(*p); p++) {
			if (denominator >= 1000000000)
				continue;
			numerator = numerator * 10 + (uint64_t)(*p - '0');
			denominator *= 10;
		}
	}
	*text = p;
	*ret_numerator = numerator;
	*ret_denominator = denominator;
	return 0;
}

static const struct unit *find_unit(const struct unit *units, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcasecmp(units[i].name, name))
			return &units[i];
	}
	return NULL;
}

static int parse_scaled(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
	const struct unit *unit;
	uint64_t whole, numerator, denominator;
	unsigned __int128 value;
	int err = parse_digits(&text, &whole);

	if (!err)
		err = parse_fraction(&text, &numerator, &denominator);
	if (err)
		return err;
	unit = find_unit(units, count, text);
	if (!unit && !(*text == '\0' && !whole && !numerator))
		return -EINVAL;
	if (!unit)
		unit = &units[0];
	value = (unsigned __int128)whole * unit->factor +
		(unsigned __int128)numerator * unit->factor / denominator;
	if (value > UINT64_MAX)
		return -ERANGE;
	*ret = (uint64_t)value;
	return 0;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {
		{"", 1},	   {"B", 1},
		{"K", 1ULL << 10}, {"KiB", 1ULL << 10},
		{"M", 1ULL << 20}, {"MiB", 1ULL << 20},
		{"G", 1ULL << 30}, {"GiB", 1ULL << 30},
		{"T", 1ULL << 40}, {"TiB", 1ULL << 40},
	};

	return parse_scaled(text, units, ARRAY_SIZE(units), ret_bytes);
}

int parse_duration(const char *text, uint64_t *ret_ns)
{
	static const struct unit units[] = {
		{"ns", 1},
		{"us", 1000},
		{"ms", 1000000},
		{"s", 1000000000},
		{"m", 60ULL * 1000000000},
		{"min", 60ULL * 1000000000},
		{"h", 3600ULL * 1000000000},
		{"d", 86400ULL * 1000000000},
	};

	return parse_scaled(text, units, ARRAY_SIZE(units), ret_ns);
}

int parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int err = parse_digits(&text, &value);

	if (err)
		return err;
	if (*text)
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int parse_signal(const char *text, int *ret)
{
	uint64_t number;

	if (!parse_uint(text, 1, 64, &number)) {
		*ret = (int)number;
		return 0;
	}
	if (!strncasecmp(text, "SIG", 3))
		text += 3;
	for (int signal = 1; signal < NSIG; signal++) {
		const char *name = sigabbrev_np(signal);

		if (name && !strcasecmp(name, text)) {
			*ret = signal;
			return 0;
		}
	}
	return -EINVAL;
}
