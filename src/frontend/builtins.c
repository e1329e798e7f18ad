/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built-ins by name: builtins.def as a table. Rows of one name stand together, one per arity.
 */
#include "frontend/frontend_int.h"

static const Builtin row[] = {
#define BUILTIN(id, name, signature, cls, needs, eval)                                             \
	{#name, signature, BI_##cls, needs, BUILTIN_##id},
#include "builtins.def"
#undef BUILTIN
};

static int arity(const char *signature)
{
	const char *open = strchr(signature, '('), *close = strchr(signature, ')');

	return (int)(close - open) - 1;
}

const Builtin *builtin_find(const char *name, int n_args)
{
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		if (!strcmp(row[i].name, name) && (n_args < 0 || arity(row[i].signature) == n_args))
			return &row[i];
	return NULL;
}

const Builtin *builtin_row(int id)
{
	return id >= 0 && id < BUILTIN_COUNT ? &row[id] : NULL;
}
