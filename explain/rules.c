/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of rules. */
#include "explain/rules.h"

const struct rule rules[] = {
	{"out-of-memory", rule_out_of_memory},
	{"start", rule_start},
	{"crash", rule_crash},
	{"killed", rule_killed},
	{"name-lookup", rule_name_lookup},
	{"unanswered", rule_unanswered},
	{"waiting", rule_waiting},
	{"earlier-step", rule_earlier_step},
	{"failed-call", rule_failed_call},
	{"message", rule_message},
	{"silent-exit", rule_silent_exit},
	{"clean-exit", rule_clean_exit},
	{0},
};
