/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every text that a snapshot holds, one after the other, to be changed in place without changing
 * its length: what was captured, and what the small tables will hold.
 */
#ifndef DUMPER_SNAPSHOT_TEXTS_H
#define DUMPER_SNAPSHOT_TEXTS_H

#include "decode/event.h"
#include "decode/syscall_table.h"
#include "dumper/mask.h"
#include "dumper/snapshot.h"

struct snapshot_text {
	enum mask_form form;
	unsigned char *data;
	size_t bytes;
	bool cut; /* there was more, which was not captured */
};

typedef void (*snapshot_text_fn)(void *context, const struct snapshot_text *text);

/*
 * Calls fn for each. What one thread wrote to, or read from, one descriptor by calls that follow
 * each other is one text, as far as nothing of it was left out: a secret may lie across them. Those
 * of more than RUN_BYTES are given in parts that overlap. If memory is short, each call's data is a
 * text of its own.
 */
#define SNAPSHOT_TEXTS_RUN_BYTES     (16 * 1024)
#define SNAPSHOT_TEXTS_OVERLAP_BYTES 512
void snapshot_texts(struct snapshot *snapshot, enum arch arch, snapshot_text_fn fn, void *context);

/* What a capture holds, as the syscall table of `arch` tells. */
enum capture_use {
	CAPTURE_OTHER, /* structs, objects, text that is none of these */
	CAPTURE_PATH,  /* a string: mostly a path */
	CAPTURE_ARGV,
	CAPTURE_PAYLOAD, /* what the payload policy is about */
};
enum capture_use capture_use_of(const struct event *event, enum arch arch, unsigned capture);

#endif
