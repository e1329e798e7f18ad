/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * format: an event's `format` file -> TraceEvent. Read by hand, a line a field: libtraceevent 1.7.1
 * stops at a string-array field and gives no element size for arrays of typedefs, and
 * the offsets, sizes and names that are needed stand there in plain text.
 *
 *	field:__data_loc char[] name;	offset:8;	size:4;	signed:1;
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel's headers call integers; anything else is measured by its array's size. */
static const struct {
	const char *name;
	int size;
} int_types[] = {
    {"char", 1},
    {"signed char", 1},
    {"unsigned char", 1},
    {"u8", 1},
    {"__u8", 1},
    {"s8", 1},
    {"__s8", 1},
    {"uint8_t", 1},
    {"bool", 1},
    {"short", 2},
    {"unsigned short", 2},
    {"u16", 2},
    {"__u16", 2},
    {"s16", 2},
    {"__s16", 2},
    {"uint16_t", 2},
    {"__le16", 2},
    {"__be16", 2},
    {"int", 4},
    {"unsigned int", 4},
    {"unsigned", 4},
    {"u32", 4},
    {"__u32", 4},
    {"s32", 4},
    {"__s32", 4},
    {"uint32_t", 4},
    {"int32_t", 4},
    {"__le32", 4},
    {"__be32", 4},
    {"pid_t", 4},
    {"dev_t", 4},
    {"gfp_t", 4},
    {"long", 8},
    {"unsigned long", 8},
    {"long long", 8},
    {"u64", 8},
    {"__u64", 8},
    {"s64", 8},
    {"__s64", 8},
    {"uint64_t", 8},
    {"int64_t", 8},
    {"size_t", 8},
    {"__le64", 8},
    {"__be64", 8},
    {"unsigned long long", 8},
};

static int type_size(const char *type, size_t len)
{
	if (len && type[len - 1] == '*')
		return sizeof(void *);
	for (size_t i = 0; i < ARRAY_SIZE(int_types); i++)
		if (strlen(int_types[i].name) == len && !memcmp(int_types[i].name, type, len))
			return int_types[i].size;
	return 0;
}

/* The number after " key:" in a field's line, -1 when it is not there. */
static long number_of(const char *line, const char *end, const char *key)
{
	const char *p = memmem(line, (size_t)(end - line), key, strlen(key));
	return p ? strtol(p + strlen(key), NULL, 10) : -1;
}

static size_t trim(const char *s, size_t n)
{
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	return n;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* struct decl - a C declaration taken apart: "const char *" "name" "[16]" */
struct decl {
	const char *type, *name, *dims; /* dims: from '[' on, or NULL */
	size_t type_len, name_len, dims_len;
};

static bool split_decl(const char *s, size_t n, struct decl *d)
{
	n = trim(s, n);
	*d = (struct decl){.type = s};
	if (n && s[n - 1] == ']') { /* name[N]; the [] of __data_loc stands before the name */
		const char *open = memrchr(s, '[', n);
		if (!open)
			return false;
		d->dims = open;
		d->dims_len = (size_t)(s + n - open);
		n = trim(s, (size_t)(open - s));
	}
	size_t start = n;
	while (start && is_name_char(s[start - 1]))
		start--;
	d->name = s + start;
	d->name_len = n - start;
	d->type_len = trim(s, start);
	return d->name_len && d->type_len;
}

static bool skip_word(struct decl *d, const char *word)
{
	size_t n = strlen(word);
	if (d->type_len <= n || memcmp(d->type, word, n) != 0)
		return false;
	d->type += n;
	d->type_len -= n;
	return true;
}

static void set_kind(TraceField *f, struct decl *d)
{
	bool array = d->dims != NULL;
	if (f->is_dynamic && d->type_len > 2 && !memcmp(d->type + d->type_len - 2, "[]", 2)) {
		d->type_len = trim(d->type, d->type_len - 2);
		array = true;
	}
	skip_word(d, "const ");
	int elem = type_size(d->type, d->type_len);
	f->elem_size = (uint16_t)(elem ? elem : array ? 1 : f->size);
	if (!array)
		f->kind = FIELD_NUM;
	else if (d->type_len == 4 && !memcmp(d->type, "char", 4))
		f->kind = FIELD_STRING;
	else
		f->kind = FIELD_ARRAY;
}

/* Return: false for what cannot be told apart: struct blobs, and __rel_loc, whose offset counts
 * from the word itself. */
static bool parse_field(Arena *a, const char *line, const char *end, TraceField *f)
{
	const char *semi = memchr(line, ';', (size_t)(end - line));
	struct decl d;
	long offset = number_of(line, end, "offset:"), size = number_of(line, end, "size:");

	if (!semi || offset < 0 || offset > UINT16_MAX || size < 0 || size > UINT16_MAX)
		return false;
	if (!split_decl(line, (size_t)(semi - line), &d) || skip_word(&d, "__rel_loc "))
		return false;
	*f = (TraceField){
	    .name = arena_strndup(a, d.name, d.name_len),
	    .offset = (uint16_t)offset,
	    .size = (uint16_t)size,
	    .is_signed = number_of(line, end, "signed:") == 1,
	    .is_dynamic = skip_word(&d, "__data_loc "),
	};
	f->ctype = arena_printf(a, "%.*s%.*s", (int)d.type_len, d.type, (int)d.dims_len,
				d.dims ? d.dims : "");
	set_kind(f, &d);
	return true;
}

TraceEvent *format_parse(Arena *a, const char *system, const char *name, const char *text)
{
	VEC(TraceField) fields = {0};
	const char *id = strstr(text, "ID:");
	if (!id)
		return NULL;
	for (const char *p = id, *end; (p = strstr(p, "field:")); p = end) {
		TraceField f;
		end = strchrnul(p, '\n');
		p += strlen("field:");
		if (!parse_field(a, p, end, &f))
			continue;
		f.is_common = strncmp(f.name, "common_", 7) == 0;
		vec_push(a, &fields, f);
	}
	TraceEvent *e = NEW(a, TraceEvent);
	*e = (TraceEvent){
	    .system = arena_strdup(a, system),
	    .name = arena_strdup(a, name),
	    .id = atoi(id + strlen("ID:")),
	    .n_fields = fields.n,
	    .field = fields.v,
	};
	return e;
}

const TraceField *format_field(const TraceEvent *e, const char *name)
{
	for (int i = 0; e && i < e->n_fields; i++)
		if (strcmp(e->field[i].name, name) == 0)
			return &e->field[i];
	return NULL;
}

TraceEvent *format_load(Tracefs *t, const char *system, const char *name)
{
	char path[512];
	AUTO_BUF b = {0};

	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	if (tfs_read(t->fd, path, &b) < 0)
		return NULL;
	return format_parse(t->arena, system, name, buf_str(&b));
}
