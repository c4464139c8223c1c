/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the hijacked worker of the test does instead of decoding. The client names it in
 * the first byte of the bitstream.
 */
#ifndef DAEDALUS_TESTS_ATTACK_H
#define DAEDALUS_TESTS_ATTACK_H

/**
 * enum attack - first byte of a job's bitstream
 * @ATTACK_NONE:	none; a gray picture
 * @ATTACK_TELL_LAYOUT:	log addresses: "layout HEX HEX HEX"
 * @ATTACK_CRASH:	SIGSEGV
 * @ATTACK_HANG:	never return, use all CPU time, ignore signals
 * @ATTACK_CLOSE_AND_HANG: close all descriptors first
 * @ATTACK_FORBIDDEN:	a system call that the sandbox forbids
 * @ATTACK_FLOOD:	write to standard error for a second
 * @ATTACK_FORGE_LINE:	write a line that looks like the supervisor's
 * @ATTACK_MEMORY:	allocate memory until there is no more: "memory MIB errno"
 * @ATTACK_THREADS:	start threads until there are no more: "threads COUNT errno"
 * @ATTACK_BUFFERS:	fetch all buffer numbers and search them for SECRET:
 *			"buffers FETCHED secrets FOUND"
 * @ATTACK_DESCRIPTORS:	fetch its own buffer until descriptors run out: "descriptors COUNT errno"
 * @ATTACK_REPLIES:	reply to jobs of other sessions: "replies ACCEPTED"
 * @ATTACK_MESSAGES:	write nonsense to the session: "messages ACCEPTED"
 * @ATTACK_SLOW:	log "slow", take half a second, then a gray picture
 * @ATTACK_FAIL:	report a corrupt bitstream
 */
enum attack {
	ATTACK_NONE,
	ATTACK_TELL_LAYOUT,
	ATTACK_CRASH,
	ATTACK_HANG,
	ATTACK_CLOSE_AND_HANG,
	ATTACK_FORBIDDEN,
	ATTACK_FLOOD,
	ATTACK_FORGE_LINE,
	ATTACK_MEMORY,
	ATTACK_THREADS,
	ATTACK_BUFFERS,
	ATTACK_DESCRIPTORS,
	ATTACK_REPLIES,
	ATTACK_MESSAGES,
	ATTACK_SLOW,
	ATTACK_FAIL,
	ATTACK_COUNT
};

/* In the buffers of a client whose buffers nobody else may see. */
#define SECRET	"the secret of another stream"

/* What a forged line would say. */
#define FORGED	"error: all is lost"

/** attack() - attack; returns if the attack did not end the process */
void attack(enum attack number);

#endif /* DAEDALUS_TESTS_ATTACK_H */
