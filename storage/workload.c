/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suffixes come from k8s.io/apimachinery pkg/util/rand: String() takes letters of SAFE,
 * SafeEncodeString() maps the decimal digits of a hash to those of HASH.  CronJobs put the minute
 * of the schedule between.  Neither has vowels, so hardly a word that people choose passes for one.
 */
#include "storage/workload.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SAFE	 "bcdfghjklmnpqrstvwxz2456789"
#define HASH	 "bcdf456789"
#define HASH_MIN 6
#define HASH_MAX 10
#define RANDOM	 5

/* Where "-SUFFIX" begins if the suffix has these characters and lengths; else `length`. */
static size_t without(const char *pod, size_t length, const char *characters, size_t min,
		      size_t max)
{
	size_t at = length;

	while (at > 0 && strchr(characters, pod[at - 1]))
		at--;
	if (at < 2 || pod[at - 1] != '-' || length - at < min || length - at > max)
		return length;
	return at - 1;
}

void workload_of_pod(const char *pod, char *ret, size_t room)
{
	size_t whole = strlen(pod);
	size_t length = without(pod, whole, SAFE, RANDOM, RANDOM);

	if (length < whole) {
		size_t shorter = without(pod, length, HASH, HASH_MIN, HASH_MAX);

		length = shorter < length ? shorter : without(pod, length, "0123456789", 8, 10);
	}
	snprintf(ret, room, "%.*s", (int)length, pod);
}
