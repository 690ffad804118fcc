/* SPDX-License-Identifier: Apache-2.0 */
/* Force-included into every user-space file: functions that this project does not call. */
#ifndef COMMON_BANNED_H
#define COMMON_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* No bound on what is written. */
#pragma GCC poison strcpy strcat sprintf vsprintf stpcpy gets
/* Hidden state shared by the whole process. */
#pragma GCC poison strtok localtime gmtime ctime asctime
/* Errors cannot be told from values. */
#pragma GCC poison atoi atol atoll

#endif
