// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The conversions of printf over a bounded buffer. A number is made backwards in a small buffer,
 * then laid out: spaces, sign or radix prefix, zeros, digits, spaces. At most one of the two runs
 * of spaces is there.
 */
#include "fmt.h"
#include "escape.h"

#define DIGITS_MAX 24 /* 2^64 in octal has 22 digits */

/* struct digits - a number as text: prefix ("-", "+", "0x" ...) and digits, ending at buf's end. */
struct digits {
	char buf[DIGITS_MAX];
	const char *prefix;
	int n_prefix;
	int n; /* digits, at buf + DIGITS_MAX - n */
};

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

char *rt_put_bytes(char *p, char *end, const char *s, size_t n)
{
	if (n > (size_t)(end - p))
		n = (size_t)(end - p);
	if (n)
		memcpy(p, s, n);
	return p + n;
}

char *rt_put_fill(char *p, char *end, char c, int64_t n)
{
	if (n <= 0)
		return p;
	if (n > end - p)
		n = end - p;
	memset(p, c, (size_t)n);
	return p + n;
}

/* Decimal digits of @v, ending before @e; returns the first. */
static char *decimal(char *e, uint64_t v)
{
	while (v >= 100) {
		unsigned int two = (unsigned int)(v % 100) * 2;

		v /= 100;
		*--e = pairs[two + 1];
		*--e = pairs[two];
	}
	if (v >= 10) {
		*--e = pairs[v * 2 + 1];
		*--e = pairs[v * 2];
	} else {
		*--e = (char)('0' + v);
	}
	return e;
}

static char *radix(char *e, uint64_t v, unsigned int shift, const char *set)
{
	do {
		*--e = set[v & ((1u << shift) - 1)];
		v >>= shift;
	} while (v);
	return e;
}

/* How many decimal digits @v has. */
static unsigned int n_digits(uint64_t v)
{
	unsigned int n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

char *rt_put_long(char *p, char *end, int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	if (end - p >= DIGITS_MAX) { /* in place: bytes stored one by one are slow to load again */
		if (v < 0)
			*p++ = '-';
		p += n_digits(u);
		decimal(p, u);
		return p;
	}
	char buf[DIGITS_MAX], *e = buf + DIGITS_MAX;
	char *d = decimal(e, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);

	if (v < 0)
		*--d = '-';
	return rt_put_bytes(p, end, d, (size_t)(e - d));
}

char *rt_put_hex(char *p, char *end, uint64_t v)
{
	char buf[DIGITS_MAX], *e = buf + DIGITS_MAX, *d = radix(e, v, 4, "0123456789abcdef");

	*--d = 'x';
	*--d = '0';
	return rt_put_bytes(p, end, d, (size_t)(e - d));
}

static void signed_digits(struct digits *d, char **first, char flag, int64_t v)
{
	*first = decimal(d->buf + DIGITS_MAX, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	d->prefix = v < 0 ? "-" : flag == '+' ? "+" : " ";
	d->n_prefix = v < 0 || flag == '+' || flag == ' ';
}

static void make_digits(struct digits *d, const struct rt_spec *s, int64_t v)
{
	char *e = d->buf + DIGITS_MAX, *first;
	bool alt = s->flag == '#';

	d->prefix = "";
	d->n_prefix = 0;
	switch (s->conv) {
	case 'u':
		first = decimal(e, (uint64_t)v);
		break;
	case 'o':
		first = radix(e, (uint64_t)v, 3, "01234567");
		d->prefix = "0";
		d->n_prefix = alt;
		break;
	case 'X':
		first = radix(e, (uint64_t)v, 4, "0123456789ABCDEF");
		d->prefix = "0X";
		d->n_prefix = alt ? 2 : 0;
		break;
	case 'x':
	case 'p':
		first = radix(e, (uint64_t)v, 4, "0123456789abcdef");
		d->prefix = "0x";
		d->n_prefix = alt || s->conv == 'p' ? 2 : 0;
		break;
	default:
		signed_digits(d, &first, s->flag, v);
		break;
	}
	d->n = (int)(e - first);
}

char *rt_put_num(char *p, char *end, const struct rt_spec *s, int64_t v)
{
	struct digits d;
	int64_t zeros, pad;

	make_digits(&d, s, v);
	zeros = s->precision > d.n ? s->precision - d.n : 0;
	pad = s->width - d.n_prefix - d.n - zeros;
	if (pad > 0 && s->flag == '0') { /* unlike in C also with a precision */
		zeros += pad;
		pad = 0;
	}
	if (s->flag != '-')
		p = rt_put_fill(p, end, ' ', pad);
	p = rt_put_bytes(p, end, d.prefix, (size_t)d.n_prefix);
	p = rt_put_fill(p, end, '0', zeros);
	p = rt_put_bytes(p, end, d.buf + DIGITS_MAX - d.n, (size_t)d.n);
	if (s->flag == '-')
		p = rt_put_fill(p, end, ' ', pad);
	return p;
}

char *rt_put_str(char *p, char *end, const struct rt_spec *s, const char *text, size_t n)
{
	int64_t pad;

	if (s->precision >= 0 && n > (size_t)s->precision)
		n = (size_t)s->precision;
	if (s->width <= 0 && s->flag != '0')
		return rt_put_bytes(p, end, text, n);
	pad = s->width - (int64_t)n;
	if (s->flag != '-')
		p = rt_put_fill(p, end, ' ', pad);
	p = rt_put_bytes(p, end, text, n);
	if (s->flag == '-')
		p = rt_put_fill(p, end, ' ', pad);
	return s->flag == '0' ? rt_put_fill(p, end, 0, 1) : p;
}

char *rt_put_char(char *p, char *end, const struct rt_spec *s, int64_t v)
{
	char text[4] = {(char)v};
	int n = s->flag == '#' ? rt_escape_byte((unsigned char)v, '\'', text) : 1;

	if (s->flag != '-')
		p = rt_put_fill(p, end, ' ', s->width - n);
	p = rt_put_bytes(p, end, text, (size_t)n);
	if (s->flag == '-')
		p = rt_put_fill(p, end, ' ', s->width - n);
	return p;
}

/* 1, 2, 4 or 8 bytes can be written; any other number counts as not given. */
static bool is_size(int n)
{
	return n == 1 || n == 2 || n == 4 || n == 8;
}

char *rt_put_binary(char *p, char *end, const struct rt_spec *s, int64_t v)
{
	int size = is_size(s->precision) ? s->precision : is_size(s->width) ? s->width : 8;
	int fill = s->width > size ? s->width - size : 0;
	char bytes[8];

	memcpy(bytes, &v, sizeof(bytes)); /* little endian: the low bytes come first */
	if (s->flag != '-')
		p = rt_put_fill(p, end, 0, fill);
	p = rt_put_bytes(p, end, bytes, (size_t)size);
	return s->flag == '-' ? rt_put_fill(p, end, 0, fill) : p;
}
