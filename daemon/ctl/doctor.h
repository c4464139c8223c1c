/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names in plain words why a player does not find the decoder. */
#ifndef DAEDALUS_DOCTOR_H
#define DAEDALUS_DOCTOR_H

#include "facts.h"

/**
 * doctor_judge() - judge a machine
 * @facts:	of the machine
 * @to:		gets a record "check" for each thing that was checked: name, result ("ok"
 *		or "problem"), text, and for a problem the advice. What needs
 *		something that is missing is not checked.
 *
 * Return: number of problems.
 */
unsigned int doctor_judge(const struct facts *facts, struct record_text *to);

#endif /* DAEDALUS_DOCTOR_H */
