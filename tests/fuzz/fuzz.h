/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target. With clang's libFuzzer it searches by itself; else fuzz_main.c
 * runs the corpus.
 */
#ifndef DAEDALUS_TESTS_FUZZ_H
#define DAEDALUS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** LLVMFuzzerTestOneInput() - one input; the name is libFuzzer's. Aborts on a bug. Return: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* DAEDALUS_TESTS_FUZZ_H */
