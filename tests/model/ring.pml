/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block protocol of one lane, for spin(1): writers as in bpf/ring.bpf.h and record.bpf.h, a
 * reader as in recorder/ring_copy.c.  Each read, write and atomic operation of theirs on memory
 * that others see is a step of its own here; steps are seen by all in the order in which they
 * happen, as on x86 but for stores that wait in a CPU's buffer.
 *
 * Verified is, for every order of the steps:
 *   genuine   what the reader keeps are whole records, each once, each of the turn of the block
 *             that its sequence tells;
 *   counted   when all writers are done, every record is overwritten, present, torn or dropped.
 *
 * A block has ROOM units instead of 4080 bytes; records take one or two units, or are reserved
 * with two and give one back.  A word of a block is its sequence, and its low half: units plus
 * COUNT times records.  Chosen from outside, see model_test.py:
 *   PLAIN_RESERVE, PLAIN_COMMIT   these adds are a read and a write; the flow lane has the latter
 *   OLD_READER                    looks at commit, then at reserve once, as it did until the
 *                                 model showed that this is not enough
 *   NESTED                        writer 1 interrupts writer 0 on its CPU, as a program that a
 *                                 signal's or an exit's tracepoint starts within another
 *   NO_READER, NO_AUDITOR         leave out one of the two checks
 *   SHORT_STALLS                  no writer is held up within a record while the others take as
 *                                 many blocks as are left before its own is taken again
 */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef RECORDS
#define RECORDS 3
#endif
#ifndef BLOCKS
#define BLOCKS 2
#endif
#ifndef ROOM
#define ROOM 3
#endif
#ifndef TRIES
#define TRIES 2
#endif

#define MOST 2	/* units of the largest record */
#define COUNT 16
#define UNITS(low) ((low) & (COUNT - 1))
#define RECORDS_OF(low) ((low) / COUNT)
#define HALF (BLOCKS / 2)
#define NOBODY 255

typedef Block {
	byte sequence;	/* reserve, high half; 0: never used */
	short reserve;	/* its low half */
	short commit;
	/* What stands in each unit: whose record, which part of it, and the turn of the block that
	 * its place was given in. */
	byte id[ROOM];
	byte part[ROOM];
	byte turn[ROOM];
};

#define WHOLE 1	 /* a record of one unit */
#define FIRST 2
#define SECOND 3

Block block[BLOCKS];
byte next, overwritten, dropped, done;
byte entered[WRITERS]; /* `next` when it found its block; NOBODY outside a record */
byte cursor_at[WRITERS], cursor_sequence[WRITERS]; /* of each CPU */
bool interrupted;

#ifdef NESTED
#define CPU(me) ((me) == 1 -> 0 : (me))
#else
#define CPU(me) (me)
#endif

#define NOT_HELD_UP(w) ((w) == me || entered[w] == NOBODY || \
			next - entered[w] < BLOCKS - HALF - 1)

inline may_take()
{
#ifdef SHORT_STALLS
	(NOT_HELD_UP(0) && NOT_HELD_UP(1) && NOT_HELD_UP(WRITERS - 1));
#else
	skip;
#endif
}

/* ring_take() with ring_claim(): points the cursor to a fresh block, or found stays false. */
inline take()
{
	tries = 0;
	do
	:: !found && tries < TRIES ->
		tries++;
		atomic { may_take(); sequence = next + 1; next++; entered[me] = next; }
		at = (sequence - 1) % BLOCKS;
		d_step { old_sequence = block[at].sequence; old = block[at].reserve; }
		if
		:: block[at].commit != old -> skip
		:: else ->
			d_step {
				/* compare and swap */
				found = block[at].sequence == old_sequence &&
					block[at].reserve == old;
				if
				:: found -> block[at].sequence = sequence; block[at].reserve = 0
				:: else -> skip
				fi
			}
			if
			:: found ->
				block[at].commit = block[at].commit - old;
				overwritten = overwritten + RECORDS_OF(old);
				cursor_at[CPU(me)] = at;
				cursor_sequence[CPU(me)] = sequence
			:: else -> skip
			fi
		fi
	:: else -> break
	od
}

/* ring_current(): whether the cursor's block can take one more. */
inline look_at_current()
{
	d_step { at = cursor_at[CPU(me)]; sequence = cursor_sequence[CPU(me)]; }
	if
	:: sequence != 0 ->
		d_step {
			found = block[at].sequence == sequence &&
				UNITS(block[at].reserve) + MOST <= ROOM;
		}
		d_step {
			found = found && next - sequence <= HALF;
			entered[me] = (found -> next : NOBODY);
		}
	:: else -> skip
	fi
}

inline reserve_units()
{
#ifdef PLAIN_RESERVE
	d_step { old_sequence = block[at].sequence; old = block[at].reserve; }
	d_step { block[at].sequence = old_sequence; block[at].reserve = old + amount; }
#else
	d_step {
		old_sequence = block[at].sequence; old = block[at].reserve;
		block[at].reserve = old + amount;
	}
#endif
}

/* ring_undo() of what did not fit */
inline undo()
{
#ifdef PLAIN_RESERVE
	d_step { block[at].sequence = old_sequence; block[at].reserve = old; }
#else
	d_step {
		if
		:: block[at].sequence == old_sequence && block[at].reserve == old + amount ->
			block[at].reserve = old
		:: else -> skip
		fi
	}
#endif
	dropped++
}

/* ring_shrink(): a record reserved with two units needs one. */
inline shrink()
{
#ifdef PLAIN_RESERVE
	d_step {
		block[at].sequence = old_sequence; block[at].reserve = old + amount - 1;
		amount--; units--;
	}
#else
	d_step {
		if
		:: block[at].sequence == old_sequence && block[at].reserve == old + amount ->
			block[at].reserve = old + amount - 1; amount--; units--
		:: else -> skip
		fi
	}
#endif
}

inline put(unit, which)
{
	d_step {
		block[at].id[unit] = 1 + me * RECORDS + n;
		block[at].part[unit] = which;
		block[at].turn[unit] = old_sequence;
	}
}

inline write_record()
{
	place = UNITS(old);
	put(place, (units == 1 -> WHOLE : FIRST));
	if
	:: units == 2 -> put(place + 1, SECOND)
	:: else -> skip
	fi
}

inline commit_units()
{
#ifdef PLAIN_COMMIT
	low = block[at].commit;
	block[at].commit = low + amount
#else
	block[at].commit = block[at].commit + amount
#endif
}

/* A program that interrupts another on its CPU ends before that goes on. */
proctype writer(byte me) provided (_pid != 1 || !interrupted) /* pid 1 is writer 0 */
{
	byte n, at, sequence, old_sequence, tries, units, place;
	short old, amount, low;
	bool found;

	do
	:: n < RECORDS ->
		units = ((n + me) % 3 == 0 -> 1 : 2);
		found = false;
#ifdef NESTED
		interrupted = (me == 1);
#endif
		look_at_current();
		if
		:: !found -> take(); at = cursor_at[CPU(me)]
		:: else -> skip
		fi;
		if
		:: !found -> dropped++
		:: else ->
			amount = COUNT + units;
			reserve_units();
			if
			:: UNITS(old) > ROOM - MOST -> undo()
			:: else ->
				if
				:: (n + me) % 3 == 2 -> shrink()
				:: else -> skip
				fi;
				write_record();
				commit_units()
			fi
		fi;
		entered[me] = NOBODY;
#ifdef NESTED
		interrupted = (me == 1 -> false : interrupted);
#endif
		n++
	:: else -> break
	od;
	done++
}

/* One look at one block after the other, each kept or left out as copy_block() does. */
proctype reader()
{
	byte i, unit, sequence, kept;
	short low;
	byte id[ROOM], part[ROOM], turn[ROOM];
	int seen;

	do
	:: i < BLOCKS ->
#ifdef OLD_READER
		low = block[i].commit;
		d_step { sequence = block[i].sequence; kept = (block[i].reserve == low); }
#else
		d_step { sequence = block[i].sequence; low = block[i].reserve; }
		kept = (block[i].commit == low);
		d_step {
			kept = kept && block[i].sequence == sequence && block[i].reserve == low;
		}
#endif
		if
		:: !kept || sequence == 0 -> skip /* torn, or not used yet */
		:: else ->
			unit = 0;
			do
			:: unit < UNITS(low) ->
				d_step {
					id[unit] = block[i].id[unit];
					part[unit] = block[i].part[unit];
					turn[unit] = block[i].turn[unit];
				}
				unit++
			:: else -> break
			od;
			if
			:: block[i].sequence != sequence -> skip /* taken again meanwhile */
			:: else ->
				d_step {
					unit = 0;
					kept = 0;
					do
					:: unit < UNITS(low) ->
						assert(turn[unit] == sequence);
						assert(part[unit] == WHOLE || part[unit] == FIRST);
						assert(!(seen & (1 << id[unit])));
						seen = seen | (1 << id[unit]);
						if
						:: part[unit] == FIRST ->
							assert(unit + 1 < UNITS(low));
							assert(part[unit + 1] == SECOND);
							assert(id[unit + 1] == id[unit]);
							assert(turn[unit + 1] == sequence);
							unit = unit + 2
						:: else -> unit++
						fi;
						kept++
					:: else -> break
					od;
					assert(kept == RECORDS_OF(low));
				}
			fi
		fi;
		i++
	:: else -> break
	od
}

/* At rest: nothing is lost without a number that says so. */
proctype auditor()
{
	byte i, present, torn;

	done == WRITERS;
	d_step {
		do
		:: i < BLOCKS ->
			if
			:: block[i].sequence && block[i].reserve == block[i].commit ->
				present = present + RECORDS_OF(block[i].reserve)
			:: block[i].sequence && block[i].reserve != block[i].commit ->
				torn = torn + RECORDS_OF(block[i].reserve)
			:: else -> skip
			fi;
			i++
		:: else -> break
		od;
		assert(overwritten + present + torn + dropped == WRITERS * RECORDS);
	}
}

init
{
	byte w;

	atomic {
		w = 0;
		do
		:: w < WRITERS -> entered[w] = NOBODY; run writer(w); w++
		:: else -> break
		od;
#ifndef NO_READER
		run reader();
#endif
#ifndef NO_AUDITOR
		run auditor()
#endif
	}
}
