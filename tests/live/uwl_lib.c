/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The shared library of the user-space workload, see uwl.c.
 */
#include "uwl.h"

static __attribute__((noipa)) long hidden(long n)
{
	__asm__ volatile("");
	return n * 3;
}

__attribute__((noipa)) long uwl_triple(long n)
{
	return hidden(n) + 1;
}
