/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Regular expressions: compiled here, their tables printed as constants of the module.
 */
#include "kmod_int.h"
#include "common/regex.h"

#include <stdlib.h>

const char *regex_match(Emit *e, const Node *n)
{
	uintptr_t i = (uintptr_t)table_get(e->regex_index, n->regex.pattern);
	const char *subject = str(e, n->regex.subject);

	if (!i) {
		vec_push(e->arena, &e->regexes, n);
		i = (uintptr_t)e->regexes.n;
		table_put(e->regex_index, n->regex.pattern, (void *)i);
	}
	take_part(e, "rt_match");
	return temp_num(e, TEXT(e, "%srt_match(c, &re%d, %s)", n->regex.negate ? "!" : "",
				(int)i - 1, subject));
}

static void put_numbers(Emit *e, const char *type, int id, const char *what, const uint16_t *v,
			size_t n)
{
	buf_printf(e->out, "static const %s re%d_%s[] = {", type, id, what);
	for (size_t i = 0; i < n; i++)
		buf_printf(e->out, "%s%u,", i % 20 ? " " : "\n\t", v[i]);
	buf_puts(e->out, "\n};\n");
}

static void put_classes(Emit *e, int id, const struct rt_regex *re)
{
	uint16_t v[256];

	for (int i = 0; i < 256; i++)
		v[i] = re->class_of[i];
	put_numbers(e, "u8", id, "class", v, 256);
}

static void put_groups(Emit *e, int id, const struct rt_regex *re)
{
	buf_printf(e->out, "static const struct rt_regex_step re%d_steps[] = {", id);
	for (uint32_t i = 0; i < re->n_steps; i++)
		buf_printf(e->out, "%s{%u, %u},", i % 10 ? " " : "\n\t", re->steps[i].from,
			   re->steps[i].marks);
	buf_printf(e->out, "\n};\nstatic const struct rt_regex_mark re%d_marks[] = {", id);
	for (uint32_t i = 0; i < re->n_marks; i++)
		buf_printf(e->out, "%s{%u, %u, %u, %u, %u},", i % 6 ? " " : "\n\t",
			   re->marks[i].before, re->marks[i].begins, re->marks[i].group,
			   re->marks[i].first, re->marks[i].last);
	buf_puts(e->out, "\n};\n");
}

static void put_regex(Emit *e, int id, const struct rt_regex *re)
{
	put_classes(e, id, re);
	put_numbers(e, "u16", id, "table", re->table, re->n_table);
	if (re->groups)
		put_groups(e, id, re);
	emit(e, "static const struct rt_regex re%d = {", id);
	emit(e, "\t.start = %u, .accept = %u, .plain = %u, .classes = %u, .groups = %u,", re->start,
	     re->accept, re->plain, re->classes, re->groups);
	emit(e, "\t.class_of = re%d_class, .table = re%d_table,", id, id);
	if (re->groups)
		emit(e, "\t.steps = re%d_steps, .marks = re%d_marks,", id, id);
	emit(e, "};");
}

void regexes_emit(Emit *e)
{
	for (int i = 0; i < e->regexes.n; i++) {
		const Node *n = e->regexes.v[i];
		struct rt_regex_error err;
		struct rt_regex *re = rt_regex_compile(n->regex.pattern, e->asks_groups, &err);

		if (re) {
			put_regex(e, i, re);
		} else {
			diag_error(e->in->diag, DIAG_BAD_REGEX, n->regex.pattern_loc,
				   "regular expression \"%s\": %s", n->regex.pattern, err.text);
			e->ok = false;
		}
		free(re);
	}
}
