// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Doubles in integers. A number is taken apart into sign, exponent and 64 bits of which the first
 * is set; operations keep at least two bits behind the 53 that stay, and in the last one whether
 * anything not 0 was cut off, which is all that rounding has to know.
 */
#include "fp.h"
#include "fmt.h"

#define FP_SIGN ((uint64_t)1 << 63)
#define FP_INF ((uint64_t)0x7ff << 52)
#define FP_NAN (FP_SIGN | (uint64_t)0xfff << 51) /* what x86 makes of 0/0 */
#define FP_QUIET ((uint64_t)1 << 51)
#define FP_FRACTION (((uint64_t)1 << 52) - 1)

enum { FP_BIAS = 1075, FP_LEAST = -1074 }; /* of exponents of the last bit */

/* struct fp - m * 2^exp, negative or not; m is 0 or has its first bit set. */
struct fp {
	bool negative;
	int exp;
	uint64_t m;
};

static bool fp_is_nan(uint64_t a)
{
	return (a & ~FP_SIGN) > FP_INF;
}

static bool fp_is_inf(uint64_t a)
{
	return (a & ~FP_SIGN) == FP_INF;
}

static bool fp_is_zero(uint64_t a)
{
	return !(a & ~FP_SIGN);
}

static struct fp fp_normal(bool negative, int exp, uint64_t m)
{
	int shift = m ? __builtin_clzll(m) : 0;
	struct fp x = {negative, exp - shift, m << shift};

	return x;
}

static struct fp fp_unpack(uint64_t a)
{
	int field = (int)(a >> 52 & 0x7ff);
	uint64_t m = a & FP_FRACTION;

	return field ? fp_normal(a >> 63, field - FP_BIAS, m | (FP_FRACTION + 1))
		     : fp_normal(a >> 63, FP_LEAST, m);
}

/* Shift right; what falls out stays as the last bit. */
static uint64_t fp_jam(uint64_t m, int n)
{
	if (n >= 64)
		return m != 0;
	return n ? m >> n | ((m << (64 - n)) != 0) : m;
}

/* @m without its last @drop bits, rounded. */
static uint64_t fp_round(uint64_t m, int drop)
{
	uint64_t r = fp_jam(m, drop - 2); /* two bits behind what stays */

	return (r >> 2) + ((r & 3) + (r >> 2 & 1) > 2);
}

static uint64_t fp_pack(bool negative, int exp, uint64_t m)
{
	struct fp x = fp_normal(negative, exp, m);
	uint64_t sign = negative ? FP_SIGN : 0, bits;
	int drop = 11;

	if (!x.m)
		return sign;
	if (x.exp + drop < FP_LEAST)
		drop = FP_LEAST - x.exp;
	bits = fp_round(x.m, drop);
	exp = x.exp + drop;
	/* The first bit adds one to the exponent field, also where rounding made it. */
	if (exp + FP_BIAS - 1 >= 0x7fe)
		return sign | FP_INF;
	bits += (uint64_t)(exp + FP_BIAS - 1) << 52;
	return sign | (bits < FP_INF ? bits : FP_INF);
}

/* The operand that is no number, as the result. */
static uint64_t fp_nan_of(uint64_t a, uint64_t b)
{
	return (fp_is_nan(a) ? a : b) | FP_QUIET;
}

static uint64_t fp_add_finite(struct fp a, struct fp b)
{
	if (!a.m || (b.m && b.exp > a.exp)) {
		struct fp t = a;

		a = b;
		b = t;
	}
	/* one bit of room for the carry; 53 bits are 10 fewer */
	a.m >>= 1;
	b.m = b.m ? fp_jam(b.m >> 1, a.exp - b.exp) : 0;
	if (a.negative == b.negative)
		return fp_pack(a.negative, a.exp + 1, a.m + b.m);
	if (a.m == b.m)
		return 0;
	return a.m > b.m ? fp_pack(a.negative, a.exp + 1, a.m - b.m)
			 : fp_pack(b.negative, a.exp + 1, b.m - a.m);
}

uint64_t rt_fp_add(uint64_t a, uint64_t b)
{
	if (fp_is_nan(a) || fp_is_nan(b))
		return fp_nan_of(a, b);
	if (fp_is_inf(a))
		return fp_is_inf(b) && a != b ? FP_NAN : a;
	if (fp_is_inf(b))
		return b;
	if (fp_is_zero(a) && fp_is_zero(b))
		return a & b;
	return fp_add_finite(fp_unpack(a), fp_unpack(b));
}

uint64_t rt_fp_sub(uint64_t a, uint64_t b)
{
	return rt_fp_add(a, fp_is_nan(b) ? b : b ^ FP_SIGN);
}

uint64_t rt_fp_mul(uint64_t a, uint64_t b)
{
	uint64_t sign = (a ^ b) & FP_SIGN;
	struct fp x = fp_unpack(a), y = fp_unpack(b);
	unsigned __int128 product;

	if (fp_is_nan(a) || fp_is_nan(b))
		return fp_nan_of(a, b);
	if (fp_is_inf(a) || fp_is_inf(b))
		return fp_is_zero(a) || fp_is_zero(b) ? FP_NAN : sign | FP_INF;
	product = (unsigned __int128)x.m * y.m;
	return fp_pack(sign != 0, x.exp + y.exp + 64,
		       (uint64_t)(product >> 64) | ((uint64_t)product != 0));
}

/* Bit by bit; both have their first bit set. 62 bits of the quotient, the last one for the rest. */
static uint64_t fp_quotient(uint64_t a, uint64_t b)
{
	uint64_t rest = a >> 1, q = 0;
	int i;

	b >>= 1; /* both have no bits at the end: they are doubles */
	for (i = 0; i < 62; i++) {
		q <<= 1;
		if (rest >= b) {
			rest -= b;
			q |= 1;
		}
		rest <<= 1;
	}
	return q << 1 | (rest != 0);
}

uint64_t rt_fp_div(uint64_t a, uint64_t b)
{
	uint64_t sign = (a ^ b) & FP_SIGN;
	struct fp x = fp_unpack(a), y = fp_unpack(b);

	if (fp_is_nan(a) || fp_is_nan(b))
		return fp_nan_of(a, b);
	if (fp_is_inf(a))
		return fp_is_inf(b) ? FP_NAN : sign | FP_INF;
	if (fp_is_zero(b))
		return fp_is_zero(a) ? FP_NAN : sign | FP_INF;
	if (fp_is_inf(b) || fp_is_zero(a))
		return sign;
	return fp_pack(sign != 0, x.exp - y.exp - 62, fp_quotient(x.m, y.m));
}

uint64_t rt_fp_rem(uint64_t a, uint64_t b)
{
	struct fp x = fp_unpack(a), y = fp_unpack(b);
	uint64_t rest = x.m >> 2, by = y.m >> 2;
	bool odd = false;
	int steps = x.exp - y.exp;

	if (fp_is_nan(a) || fp_is_nan(b))
		return fp_nan_of(a, b);
	if (fp_is_inf(a) || fp_is_zero(b))
		return FP_NAN;
	if (fp_is_inf(b) || fp_is_zero(a) || steps < -1)
		return a;
	if (steps < 0) { /* less than @b: in units of @a */
		by <<= 1;
		y.exp--;
	}
	for (; steps >= 0; steps--) {
		odd = rest >= by;
		rest -= odd ? by : 0;
		rest <<= steps > 0;
	}
	if (2 * rest > by || (2 * rest == by && odd))
		return fp_pack(!x.negative, y.exp + 2, by - rest);
	return fp_pack(x.negative, y.exp + 2, rest);
}

uint64_t rt_fp_sqrt(uint64_t a)
{
	struct fp x = fp_unpack(a);
	uint64_t root = 0, rest = 0, m = x.m;
	int i;

	if (fp_is_nan(a))
		return a | FP_QUIET;
	if (fp_is_zero(a) || a == FP_INF)
		return a;
	if (x.negative)
		return FP_NAN;
	if (x.exp & 1) {
		m >>= 1; /* a double has no bits there */
		x.exp++;
	}
	for (i = 0; i < 58; i++) {
		rest = rest << 2 | m >> 62;
		m <<= 2;
		root <<= 1;
		if (rest > root << 1) {
			rest -= root << 1 | 1;
			root |= 1;
		}
	}
	return fp_pack(false, x.exp / 2 - 27, root << 1 | (rest != 0));
}

/* ---- comparing ---- */

/* As numbers in the order of the doubles. */
static int64_t fp_rank(uint64_t a)
{
	return a & FP_SIGN ? -(int64_t)(a & ~FP_SIGN) : (int64_t)a;
}

bool rt_fp_eq(uint64_t a, uint64_t b)
{
	return !fp_is_nan(a) && !fp_is_nan(b) && fp_rank(a) == fp_rank(b);
}

bool rt_fp_lt(uint64_t a, uint64_t b)
{
	return !fp_is_nan(a) && !fp_is_nan(b) && fp_rank(a) < fp_rank(b);
}

bool rt_fp_le(uint64_t a, uint64_t b)
{
	return !fp_is_nan(a) && !fp_is_nan(b) && fp_rank(a) <= fp_rank(b);
}

/* ---- from and to integers ---- */

uint64_t rt_fp_from_long(int64_t v)
{
	return v ? fp_pack(v < 0, 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v) : 0;
}

uint64_t rt_fp_from_32(uint32_t v)
{
	uint64_t sign = (uint64_t)(v >> 31) << 63;
	uint32_t field = v >> 23 & 0xff, fraction = v & 0x7fffff;

	if (field == 0xff)
		return sign | FP_INF | (uint64_t)fraction << 29 | (fraction ? FP_QUIET : 0);
	return fp_pack(sign != 0, (field ? (int)field : 1) - 150,
		       field ? fraction | 0x800000 : fraction);
}

/* Whether the whole part goes one further from zero. @part: of one, in quarters; 1 and 3 are not
 * exact. */
static bool fp_goes_up(int64_t mode, bool negative, bool odd, int part)
{
	switch (mode) {
	case 1:
		return false;
	case 2:
		return negative && part;
	case 3:
		return !negative && part;
	case 4:
		return part >= 2;
	case 6:
		return !odd && part;
	default:
		return part > 2 || (part == 2 && odd);
	}
}

int64_t rt_fp_to_long(uint64_t a, int64_t mode)
{
	struct fp x = fp_unpack(a);
	int n = -x.exp, quarters; /* bits behind the point */
	uint64_t v;

	if (fp_is_nan(a))
		return (int64_t)FP_SIGN;
	if (x.m && n <= 0) /* 2^63 and more */
		return (int64_t)(x.negative ? FP_SIGN : ~FP_SIGN);
	v = n < 64 ? x.m >> n : 0;
	quarters = n < 2 ? 0 : fp_jam(x.m, n - 2) & 3;
	v += fp_goes_up(mode, x.negative, v & 1, quarters);
	return (int64_t)(x.negative ? 0 - v : v);
}

/* ---- decimal ---- */

static void dec_trim(struct rt_decimal *x)
{
	while (x->n && !x->d[x->n - 1])
		x->n--;
	if (!x->n)
		x->point = 0;
}

static void dec_set(struct rt_decimal *x, uint64_t v)
{
	int i, n = 0;
	uint64_t rest = v;

	for (; rest; rest /= 10)
		n++;
	x->n = x->point = n;
	x->more = false;
	for (i = n - 1; i >= 0; i--, v /= 10)
		x->d[i] = (uint8_t)(v % 10);
	dec_trim(x);
}

/* Times 2^@k, k up to 59: at most 18 digits more. */
static void dec_double(struct rt_decimal *x, int k)
{
	uint64_t carry = 0;
	int i, room = RT_FP_SHIFT_ROOM, lead = 0;

	for (i = x->n - 1; i >= 0; i--) {
		carry += (uint64_t)x->d[i] << k;
		x->d[i + room] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	for (i = room - 1; i >= 0; i--, carry /= 10)
		x->d[i] = (uint8_t)(carry % 10);
	x->n += room;
	while (lead < x->n && !x->d[lead])
		lead++;
	x->n -= lead;
	x->point += room - lead;
	memmove(x->d, x->d + lead, (size_t)x->n);
	for (; x->n > RT_FP_DIGITS; x->n--)
		x->more |= x->d[x->n - 1] != 0;
	dec_trim(x);
}

/* Divided by 2^@k, k up to 59. */
static void dec_halve(struct rt_decimal *x, int k)
{
	uint64_t v = 0, mask = ((uint64_t)1 << k) - 1;
	int from = 0, to = 0;

	for (; !(v >> k); from++) { /* the first digit of the result */
		if (from >= x->n && !v)
			return;
		v = v * 10 + (from < x->n ? x->d[from] : 0);
	}
	x->point -= from - 1;
	for (;;) {
		if (to < RT_FP_DIGITS)
			x->d[to++] = (uint8_t)(v >> k);
		else
			x->more |= v >> k != 0;
		v &= mask;
		if (from >= x->n && !v)
			break;
		v = v * 10 + (from < x->n ? x->d[from] : 0);
		from++;
	}
	x->n = to;
	dec_trim(x);
}

static void dec_shift(struct rt_decimal *x, int k)
{
	enum { MOST = 59 };

	while (k && x->n) {
		int part = k > MOST ? MOST : k < -MOST ? -MOST : k;

		if (part > 0)
			dec_double(x, part);
		else
			dec_halve(x, -part);
		k -= part;
	}
}

/* Does rounding to the first @n digits go up? */
static bool dec_rounds_up(const struct rt_decimal *x, int n)
{
	if (n < 0 || n >= x->n)
		return false;
	if (x->d[n] != 5 || n + 1 < x->n || x->more)
		return x->d[n] >= 5;
	return n && x->d[n - 1] & 1;
}

/* The whole part, and behind it a bit that tells whether there is more. */
static uint64_t dec_whole(const struct rt_decimal *x)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < x->point; i++)
		v = v * 10 + (i < x->n ? x->d[i] : 0);
	return v << 1 | (x->n > x->point || x->more);
}

static uint64_t dec_to_fp(struct rt_decimal *x, bool negative)
{
	enum { WHOLE = 18 }; /* digits: 57 to 60 bits */
	int exp = 0, k;

	if (!x->n || x->point < -330)
		return negative ? FP_SIGN : 0;
	if (x->point > 310)
		return (negative ? FP_SIGN : 0) | FP_INF;
	for (; x->point > WHOLE; exp += 59)
		dec_shift(x, -59);
	for (; x->point < WHOLE; exp -= k) { /* three bits for each digit are never too many */
		k = x->point <= 0 ? 59 : 3 * (WHOLE - x->point);
		dec_shift(x, k);
	}
	return fp_pack(negative, exp - 1, dec_whole(x));
}

/* struct in - what is left of the text. */
struct in {
	const char *s, *end;
};

static char in_peek(const struct in *in)
{
	return in->s < in->end ? *in->s : '\0';
}

static char in_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Take @word, which is in small letters, whatever the case of the text. */
static bool in_take(struct in *in, const char *word)
{
	const char *s = in->s;

	for (; *word; word++, s++)
		if (s >= in->end || in_lower(*s) != *word)
			return false;
	in->s = s;
	return true;
}

static bool in_sign(struct in *in)
{
	bool negative = in_peek(in) == '-';

	in->s += negative || in_peek(in) == '+';
	return negative;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An exponent behind @letter; 0 and nothing taken when there is none. */
static int in_exponent(struct in *in, char letter)
{
	enum { MOST = 100000 };
	const char *start = in->s;
	bool negative;
	int v = 0;

	if (in_lower(in_peek(in)) != letter)
		return 0;
	in->s++;
	negative = in_sign(in);
	if (!is_digit(in_peek(in)))
		in->s = start;
	for (; is_digit(in_peek(in)); in->s++)
		v = v < MOST ? v * 10 + (*in->s - '0') : MOST;
	return negative ? -v : v;
}

/* Return: was there a digit? */
static bool in_decimal(struct in *in, struct rt_decimal *x)
{
	bool point = false, any = false;
	char c;

	x->n = x->point = 0;
	x->more = false;
	for (; is_digit(c = in_peek(in)) || (c == '.' && !point); in->s++) {
		point |= c == '.';
		if (c == '.')
			continue;
		any = true;
		if (!x->n && c == '0') {
			x->point -= point;
			continue;
		}
		if (x->n < RT_FP_DIGITS)
			x->d[x->n++] = (uint8_t)(c - '0');
		else
			x->more |= c != '0';
		x->point += !point;
	}
	x->point += in_exponent(in, 'e');
	dec_trim(x);
	return any;
}

/* The value of a hexadecimal digit, -1 for what is none. */
static int hex_value(char c)
{
	c = in_lower(c);
	return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint64_t in_hex(struct in *in, bool negative)
{
	bool point = false;
	uint64_t m = 0;
	int exp = 0, v;
	char c;

	for (; (v = hex_value(c = in_peek(in))) >= 0 || (c == '.' && !point); in->s++) {
		point |= c == '.';
		if (c == '.')
			continue;
		if (m >> 60) {
			m |= v != 0;
			exp += point ? 0 : 4;
		} else {
			m = m << 4 | (uint64_t)v;
			exp -= point ? 4 : 0;
		}
	}
	return fp_pack(negative, exp + in_exponent(in, 'p'), m);
}

static bool is_hex(const struct in *in)
{
	const char *s = in->s;

	if (in->end - s < 3 || s[0] != '0' || in_lower(s[1]) != 'x')
		return false;
	return hex_value(s[2]) >= 0 || (s[2] == '.' && in->end - s > 3 && hex_value(s[3]) >= 0);
}

uint64_t rt_fp_parse(struct rt_decimal *x, const char *s, size_t n)
{
	struct in in = {s, s + n};
	bool negative;

	while (in_peek(&in) == ' ' || (in_peek(&in) >= '\t' && in_peek(&in) <= '\r'))
		in.s++;
	negative = in_sign(&in);
	if (in_take(&in, "inf"))
		return (negative ? FP_SIGN : 0) | FP_INF;
	if (in_take(&in, "nan"))
		return (negative ? FP_SIGN : 0) | FP_INF | FP_QUIET;
	if (is_hex(&in)) {
		in.s += 2;
		return in_hex(&in, negative);
	}
	return in_decimal(&in, x) ? dec_to_fp(x, negative) : 0;
}

/* ---- as text ---- */

/* Round to the first @n digits. */
static void dec_round(struct rt_decimal *x, int n)
{
	bool up = dec_rounds_up(x, n);

	x->n = n < 0 ? 0 : n < x->n ? n : x->n;
	if (!up)
		return;
	while (x->n && x->d[x->n - 1] == 9)
		x->n--;
	if (x->n) {
		x->d[x->n - 1]++;
	} else {
		x->d[x->n++] = 1;
		x->point++;
	}
}

/* Digits @from to before @to, counted from the point. */
static char *put_digits(const struct rt_decimal *x, char *p, char *end, int from, int to)
{
	for (; from < to; from++) {
		int i = x->point + from;
		char c = i >= 0 && i < x->n ? (char)('0' + x->d[i]) : '0';

		p = rt_put_bytes(p, end, &c, 1);
	}
	return p;
}

char *rt_put_fp(struct rt_decimal *x, char *p, char *end, uint64_t a, int64_t digits)
{
	enum { MOST = 100 };
	struct fp v = fp_unpack(a);
	int n = digits < 0 ? 0 : digits > MOST ? MOST : (int)digits;

	if (a >> 63)
		p = rt_put_bytes(p, end, "-", 1);
	if (fp_is_nan(a) || fp_is_inf(a))
		return rt_put_bytes(p, end, fp_is_nan(a) ? "nan" : "inf", 3);
	dec_set(x, v.m >> 11);
	dec_shift(x, v.exp + 11);
	dec_round(x, x->point + n);
	p = put_digits(x, p, end, x->point > 0 ? -x->point : -1, 0);
	if (n)
		p = rt_put_bytes(p, end, ".", 1);
	return put_digits(x, p, end, 0, n);
}
