/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of sentences that several rules say. All is escaped. */
#ifndef EXPLAIN_WORDS_H
#define EXPLAIN_WORDS_H

#include "explain/facts.h"

/* "nginx", or "nginx (pid 7)" if it is not the container's first process. */
void words_process(struct buf *out, const struct facts *facts, uint32_t process);
/* "exited with 1", "was killed by SIGSEGV": how a process ended; nothing if that is not known. */
void words_end(struct buf *out, const struct facts *facts, uint32_t process);
/* The same behind other words, such as " and "; these alone are never said. */
void words_end_after(struct buf *out, const char *before, const struct facts *facts,
		     uint32_t process);
/* "; sh then exited with 127": how the container's own process ended, if it is another one. */
void words_chain(struct buf *out, const struct facts *facts, uint32_t process);
/* "TEXT", the telling line of a message, cut if it is long. */
void words_quote(struct buf *out, const struct message *message);
/* "2.1 s", "130 ms". */
void words_duration(struct buf *out, uint64_t ns);
/* "/etc/x", "10.0.0.1:80" without quotes, cut if it is long. */
void words_object(struct buf *out, const char *object);

/* The line of a message that tells most: the last with the strongest tone. */
const char *telling_line(const char *text, size_t *ret_bytes);

#endif
