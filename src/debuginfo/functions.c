/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Prototypes of functions and tracepoints, and which BTF blob answers for which module. A lookup is
 * a scan of all types (0.3 ms), so what a wildcard has matched is remembered by name: the questions
 * that follow about each match cost nothing.
 */
#include "debuginfo/dwarf_int.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

/* What is known of a function's name: where it is, and once asked for, its prototype. */
typedef struct FunctionInt {
	uint32_t id; /* 0: there is none */
	const DbgFunction *fn;
} FunctionInt;

Debuginfo *debuginfo_new(Arena *a, const DebuginfoPaths *p)
{
	Debuginfo *di = NEW(a, Debuginfo);

	if (p)
		di->path = *p;
	di->arena = a;
	if (!di->path.btf_dir)
		di->path.btf_dir = "/sys/kernel/btf";
	if (!di->path.module_dir)
		di->path.module_dir = "/sys/module";
	di->no_module = table_new(a);
	if (!di->path.kallsyms)
		di->path.kallsyms = "/proc/kallsyms";
	if (!di->path.filter_functions)
		di->path.filter_functions = "/sys/kernel/tracing/available_filter_functions";
	if (!di->path.blacklist)
		di->path.blacklist = "/sys/kernel/debug/kprobes/blacklist";
	if (!di->path.notes)
		di->path.notes = "/sys/kernel/notes";
	di->no_dwarf = table_new(a);
	di->symbols = symbols_new(a, di->path.kallsyms);
	di->traceable = traceable_new(a);
	return di;
}

void debuginfo_free(Debuginfo *di)
{
	if (!di)
		return;
	for (Btf *b = di->modules; b; b = b->next)
		btf_close(b);
	btf_close(di->kernel);
	dwarf_close_all(di);
	symbols_free(di->symbols);
	traceable_free(di->traceable);
	elf_close_all(di);
}

bool name_is_pattern(const char *s)
{
	return s[strcspn(s, "*?[")] != '\0';
}

/* ---- blobs ---- */

static const char *why_text(Arena *a, const char *path, int err)
{
	if (err == -ENOENT && !strncmp(path, "/sys/", 5))
		return arena_printf(a,
				    "%s is not there (the kernel needs CONFIG_DEBUG_INFO_BTF; "
				    "--btf FILE names another file)",
				    path);
	if (err == -ENOENT)
		return arena_printf(a, "%s is not there", path);
	if (err == -EBADMSG)
		return arena_printf(a, "%s is not valid BTF", path);
	return arena_printf(a, "%s: %s", path, strerror(-err));
}

static Btf *kernel_blob(Debuginfo *di)
{
	const char *path = di->path.btf_file;
	int err;

	if (di->kernel || di->why)
		return di->kernel;
	if (!path)
		path = arena_printf(di->arena, "%s/vmlinux", di->path.btf_dir);
	err = btf_open(di->arena, path, NULL, NULL, &di->kernel);
	if (err)
		di->why = why_text(di->arena, path, err);
	return di->kernel;
}

Btf *types_blob(Debuginfo *di, const char *module)
{
	Btf *b, *kernel = kernel_blob(di);
	const char *path;

	if (!kernel || !module)
		return kernel;
	for (b = di->modules; b; b = b->next)
		if (!strcmp(b->module, module))
			return b;
	if (table_get(di->no_module, module))
		return NULL;
	path = arena_printf(di->arena, "%s/%s", di->path.btf_dir, module);
	if (btf_open(di->arena, path, module, kernel, &b)) {
		table_put(di->no_module, arena_strdup(di->arena, module), di);
		return NULL;
	}
	b->next = di->modules;
	di->modules = b;
	return b;
}

bool debuginfo_have_types(Debuginfo *di, const char **why)
{
	if (kernel_blob(di))
		return true;
	*why = di->why;
	return false;
}

/* ---- prototypes ---- */

static FunctionInt *remember(Debuginfo *di, Btf *b, const char *name, uint32_t id)
{
	FunctionInt *f = NEW(di->arena, FunctionInt);

	f->id = id;
	table_put(b->functions, name, f);
	return f;
}

/* Parameters of prototype @proto from the @skip-th on, their names from @named. */
static const DbgFunction *make(Debuginfo *di, const Btf *b, const char *name, uint32_t proto,
			       uint32_t named, int skip)
{
	const struct btf_type *t = btf_type(b, proto), *nt = btf_type(b, named);
	const struct btf_param *p = btf_extra(t), *np = btf_extra(nt);
	int n = (int)btf_vlen(t), have_names = (int)btf_vlen(nt);
	DbgFunction *f = NEW(di->arena, DbgFunction);
	DbgParam *param;

	if (n && !p[n - 1].type) /* ... */
		n--;
	f->name = name;
	f->n_params = n > skip ? n - skip : 0;
	param = NEW_ARRAY(di->arena, DbgParam, f->n_params + 1);
	for (int i = 0; i < f->n_params; i++) {
		param[i].type = types_by_id(di, b, p[i + skip].type);
		param[i].name = i + skip < have_names ? btf_string(b, np[i + skip].name_off) : "";
	}
	f->param = param;
	f->ret = types_by_id(di, b, t->type);
	return f;
}

const DbgFunction *debuginfo_function(Debuginfo *di, const char *module, const char *name)
{
	Btf *b = types_blob(di, module);
	FunctionInt *f;
	const struct btf_type *t;

	if (!b)
		return NULL;
	f = table_get(b->functions, name);
	if (!f)
		f = remember(di, b, arena_strdup(di->arena, name),
			     btf_find(b, BTF_KIND_FUNC, name));
	if (!f->id || f->fn)
		return f->fn;
	t = btf_type(b, f->id);
	f->fn = make(di, b, btf_string(b, t->name_off), t->type, t->type, 0);
	((DbgFunction *)(uintptr_t)f->fn)->is_static = btf_vlen(t) == BTF_FUNC_STATIC;
	return f->fn;
}

/* The prototype that blob @b itself has of tracepoint @name. */
static const DbgFunction *tracepoint_in(Debuginfo *di, const Btf *b, const char *name)
{
	const char *type = arena_printf(di->arena, "btf_trace_%s", name);
	const char *iter = arena_printf(di->arena, "__traceiter_%s", name);
	uint32_t id = btf_find(b, BTF_KIND_TYPEDEF, type), fn = btf_find(b, BTF_KIND_FUNC, iter);
	uint32_t named = fn ? btf_type(b, fn)->type : 0, proto = named;

	if (id) {
		proto = btf_resolve(b, btf_type(b, btf_resolve(b, id))->type);
		if (btf_kind(btf_type(b, proto)) != BTF_KIND_FUNC_PROTO)
			proto = named;
	}
	return proto ? make(di, b, arena_strdup(di->arena, name), proto, named, 1) : NULL;
}

const DbgFunction *debuginfo_tracepoint(Debuginfo *di, const char *module, const char *name)
{
	const Btf *b = types_blob(di, module);

	return b ? tracepoint_in(di, b, name) : NULL;
}

void debuginfo_each_function(Debuginfo *di, const char *module, const char *pattern,
			     void (*fn)(void *arg, const char *name), void *arg)
{
	Btf *b = types_blob(di, module);
	size_t fixed = strcspn(pattern, "*?[\\");

	for (uint32_t id = b ? b->first : 0; b && id < b->end; id++) {
		const char *name;

		if (b->kind[id - b->first] != BTF_KIND_FUNC)
			continue;
		name = btf_string(b, btf_type(b, id)->name_off);
		if ((fixed && *name != *pattern) || strncmp(name, pattern, fixed) ||
		    fnmatch(pattern + fixed, name + fixed, 0))
			continue;
		if (!table_get(b->functions, name))
			remember(di, b, name, id);
		else if (((FunctionInt *)table_get(b->functions, name))->id != id)
			continue; /* static functions of one name */
		fn(arg, name);
	}
}

static void add_functions(const Btf *b, Nearest *n)
{
	for (uint32_t id = b->first; id < b->end; id++) {
		const struct btf_type *t = btf_type(b, id);

		if (btf_kind(t) == BTF_KIND_FUNC)
			nearest_add(n, btf_string(b, t->name_off));
	}
}

void debuginfo_nearest_function(Debuginfo *di, const char *module, Nearest *n)
{
	const Btf *b = types_blob(di, module);

	if (b)
		add_functions(b, n);
}
