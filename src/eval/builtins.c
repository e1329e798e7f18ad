/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The eval column of builtins.def as a table of functions.
 */
#include "eval_int.h"

#define none NULL
#define BUILTIN(id, name, signature, cls, needs, eval) [BUILTIN_##id] = (AnyFn *)eval,
static AnyFn *const table[BUILTIN_COUNT] = {
#include "frontend/builtins.def"
};

AnyFn *builtin_fn(int id)
{
	return id >= 0 && id < BUILTIN_COUNT ? table[id] : NULL;
}
