/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Passes 3 to 5 on the module path: the plan as C, as a module, at work.
 */
#ifndef TAPX_MODULE_H
#define TAPX_MODULE_H

#include <sys/types.h>

#include "base/base.h"
#include "lower/lower.h"
#include "options.h"

typedef struct ModuleContext {
	Arena *arena;
	const Options *options;
	const Plan *plan;
	const char *compatible; /* the level of the language */
	Debuginfo *di; /* asked why the kernel refuses a probe */
	Diag *diag;
	pid_t child; /* of -c, waiting; 0 none */
	int child_gate;
	void (*loaded)(void *ctx); /* the kernel has taken the module; or NULL */
	void *loaded_ctx;
} ModuleContext;

/** module_print - -p3: the C text. */
bool module_print(const ModuleContext *m, FILE *out);
/** module_build_and_run - -p4 leaves NAME.ko here; else it runs and is gone. Return: the exit status. */
int module_build_and_run(const ModuleContext *m);
/** module_run_file - taprun: run the module in the file @path, or do with one that is loaded what the options
 * say; m->plan is not needed. Return: the exit status. */
int module_run_file(const ModuleContext *m, const char *path);

#endif
