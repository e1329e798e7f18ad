// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Escapes. Text is taken apart into units: a printable byte, an escaped byte, or a character of
 * UTF-8 as its code point. A unit is written whole or not at all.
 */
#include "escape.h"
#include "fmt.h"

#define UNIT_MAX 10    /* \UXXXXXXXX */
#define QUOTED_LEAST 5 /* "" and ... */

/* The letter behind the backslash, or 0. */
static char escape_letter(unsigned char c)
{
	switch (c) {
	case '\a':
		return 'a';
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\v':
		return 'v';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

int rt_escape_byte(unsigned char c, char quote, char *out)
{
	char letter = c == (unsigned char)quote ? quote : escape_letter(c);

	if (!letter && c >= 32 && c < 127) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = letter;
	if (letter)
		return 2;
	out[1] = (char)('0' + (c >> 6));
	out[2] = (char)('0' + (c >> 3 & 7));
	out[3] = (char)('0' + (c & 7));
	return 4;
}

/* How many bytes the UTF-8 character that begins with @c has; 1: it begins none. */
static int utf8_length(unsigned char c)
{
	return (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : (c & 0xf8) == 0xf0 ? 4 : 1;
}

/* Decode the character at @s. Returns its bytes; 1 for what is none, overlong or a surrogate. */
static int utf8_decode(const char *s, size_t n, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)*s;
	int len = utf8_length(first), i;

	if (len == 1 || (size_t)len > n)
		return 1;
	*code = first & (0x7f >> len);
	for (i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s[i];

		if ((next & 0xc0) != 0x80)
			return 1;
		*code = *code << 6 | (next & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 1;
	return len;
}

static int put_code(uint32_t code, char *out)
{
	int digits = code > 0xffff ? 8 : 4, i;

	out[0] = '\\';
	out[1] = digits == 8 ? 'U' : 'u';
	for (i = 0; i < digits; i++)
		out[2 + i] = "0123456789ABCDEF"[code >> (digits - 1 - i) * 4 & 15];
	return 2 + digits;
}

/* The unit at @s into @out[UNIT_MAX], its size into @size; returns the bytes of @s it stands for.
 */
static int next_unit(const char *s, size_t n, char *out, int *size)
{
	uint32_t code;
	int len = utf8_decode(s, n, &code);

	*size = len > 1 ? put_code(code, out) : rt_escape_byte((unsigned char)*s, '"', out);
	return len;
}

/* As many units as fit; @taken: the bytes of @s that they stand for. */
static char *put_units(char *p, char *end, const char *s, size_t n, size_t *taken)
{
	char unit[UNIT_MAX];
	size_t i = 0;
	int size, len;

	for (; i < n; i += (size_t)len) {
		len = next_unit(s + i, n - i, unit, &size);
		if (size > end - p)
			break;
		p = rt_put_bytes(p, end, unit, (size_t)size);
	}
	*taken = i;
	return p;
}

char *rt_put_escaped(char *p, char *end, const char *s, size_t n)
{
	size_t taken;

	return put_units(p, end, s, n, &taken);
}

char *rt_put_quoted(char *p, char *end, const char *s, size_t n)
{
	char *start = p, *at;
	size_t taken;

	if (end - p < QUOTED_LEAST)
		return p;
	p = rt_put_bytes(p, end, "\"", 1);
	at = put_units(p, end - 1, s, n, &taken);
	if (taken == n)
		return rt_put_bytes(at, end, "\"", 1);
	at = put_units(start + 1, end - 4, s, n, &taken);
	return rt_put_bytes(at, end, "\"...", 4);
}
