// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runtime/common beside the C library and the processor: arithmetic of doubles in integers and its
 * text, dates, numbers in text. The values are random, of kinds that reach the corners.
 */
#include "common/fp.h"
#include "common/text.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20000, TEXT_ROUNDS = 300 };

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double as_double(uint64_t v)
{
	double d;

	memcpy(&d, &v, sizeof(d));
	return d;
}

static uint64_t as_bits(double d)
{
	uint64_t v;

	memcpy(&v, &d, sizeof(v));
	return v;
}

static uint64_t pick(void)
{
	static const double special[] = {0,
					 -0.0,
					 1,
					 -1,
					 0.5,
					 2.5,
					 -2.5,
					 1e308,
					 5e-324,
					 -5e-324,
					 2.2250738585072014e-308,
					 9007199254740993.0,
					 INFINITY,
					 -INFINITY,
					 NAN,
					 3,
					 0.1,
					 1e22,
					 9223372036854775808.0,
					 -9223372036854775808.0};
	const uint64_t fraction = 0x800fffffffffffff;

	switch (any() % 6) {
	case 0:
		return as_bits(special[any() % (sizeof(special) / sizeof(*special))]);
	case 1: /* less than normal */
		return any() & fraction;
	case 2:
		return as_bits((double)(int64_t)(any() % 2001) - 1000);
	case 3: /* fractions that end */
		return as_bits(((double)(int64_t)(any() % 20001) - 10000) / (1 << any() % 12));
	case 4: /* near one */
		return (any() & fraction) | (1020 + any() % 8) << 52;
	default:
		return any();
	}
}

static void same(const char *what, uint64_t a, uint64_t b, uint64_t got, uint64_t want)
{
	if (got == want) {
		test_passed++;
		return;
	}
	test_failed++;
	printf("%s(%a, %a) is %a, not %a\n", what, as_double(a), as_double(b), as_double(got),
	       as_double(want));
}

static void arithmetic(uint64_t a, uint64_t b)
{
	double x = as_double(a), y = as_double(b);
	float f;
	uint32_t small = (uint32_t)a;

	memcpy(&f, &small, sizeof(f));
	same("add", a, b, rt_fp_add(a, b), as_bits(x + y));
	same("sub", a, b, rt_fp_sub(a, b), as_bits(x - y));
	same("mul", a, b, rt_fp_mul(a, b), as_bits(x * y));
	same("div", a, b, rt_fp_div(a, b), as_bits(x / y));
	same("sqrt", a, b, rt_fp_sqrt(a), as_bits(sqrt(x)));
	if (remainder(x, y) !=
	    0) /* of what sign a zero is the C library does not always get right */
		same("rem", a, b, rt_fp_rem(a, b), as_bits(remainder(x, y)));
	same("from_long", a, b, rt_fp_from_long((int64_t)a), as_bits((double)(int64_t)a));
	same("from_32", a, b, rt_fp_from_32(small), as_bits((double)f));
	CHECK(rt_fp_eq(a, b) == (x == y) && rt_fp_lt(a, b) == (x < y) &&
	      rt_fp_le(a, b) == (x <= y));
}

static double rounded(double d, int mode)
{
	double t = trunc(d);

	switch (mode) {
	case 1:
		return t;
	case 2:
		return floor(d);
	case 3:
		return ceil(d);
	case 4:
		return round(d);
	case 6:
		return t != d && fmod(t, 2) == 0 ? t + copysign(1, d) : t;
	default:
		return nearbyint(d);
	}
}

static void rounding(uint64_t a)
{
	for (int mode = 0; mode < 8; mode++) {
		double d = rounded(as_double(a), mode);
		int64_t want = d >= 9223372036854775808.0    ? INT64_MAX
			       : d >= -9223372036854775808.0 ? (int64_t)d
							     : INT64_MIN;

		CHECK_INT(rt_fp_to_long(a, mode), want);
	}
}

static uint64_t parsed(const char *text)
{
	struct rt_decimal x;

	return rt_fp_parse(&x, text, strlen(text));
}

static void in_text(uint64_t a)
{
	static const char *const forms[] = {"%.17g", "%.3g", "%.30e", "%.20f", "%a", "%.760e"};
	int digits = (int)(any() % 101);
	char got[600], want[900];
	struct rt_decimal x;

	*rt_put_fp(&x, got, got + sizeof(got) - 1, a, digits) = '\0';
	snprintf(want, sizeof(want), "%.*f", digits, as_double(a));
	CHECK_STR(got, want);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(want, sizeof(want), forms[i], as_double(a));
		same(want, a, 0, parsed(want), as_bits(strtod(want, NULL)));
	}
	snprintf(want, sizeof(want), "%llu.%llue%d", (unsigned long long)any(),
		 (unsigned long long)any(), (int)(any() % 700) - 350);
	same(want, a, 0, parsed(want), as_bits(strtod(want, NULL)));
}

static void forms_of_numbers(void)
{
	static const char *const texts[] = {"",
					    "-",
					    " 12x",
					    "+.5",
					    "5.",
					    "1e",
					    "1e+",
					    "1e5",
					    "0x",
					    "0x1.8p3",
					    "0x.8p-1",
					    "infinity",
					    "-INF",
					    "nan",
					    "-NaN",
					    "abc",
					    ".",
					    "-.e1",
					    "00012.5000",
					    "1e400",
					    "1e-400",
					    "4.9e-324",
					    "2.4e-324",
					    "2.5e-324",
					    "1.7976931348623159e308",
					    "179769313486231580793e289",
					    "0x1.fffffffffffff8p1023",
					    "0xffffffffffffffffffff",
					    "0x1p-1075",
					    "0x1.8p-1074"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		same(texts[i], 0, 0, parsed(texts[i]), as_bits(strtod(texts[i], NULL)));
}

static void dates(void)
{
	static const char *const day[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

	for (int i = 0; i < ROUNDS; i++) {
		int64_t seconds = (int64_t)any() >> (any() % 2 ? 33 : 25);
		time_t t = (time_t)seconds;
		struct tm tm;
		char got[64], want[64], month[16];

		gmtime_r(&t, &tm);
		strftime(month, sizeof(month), "%b", &tm);
		snprintf(want, sizeof(want), "%s %s %2d %02d:%02d:%02d %d", day[tm.tm_wday], month,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
		*rt_put_ctime(got, got + sizeof(got) - 1, seconds) = '\0';
		CHECK_STR(got, want);
	}
}

static void finding(void)
{
	CHECK_INT(rt_text_find("aab", 3, "ab", 2), 1);
	CHECK_INT(rt_text_find("aab", 3, "", 0), 0);
	CHECK_INT(rt_text_find("a", 1, "ab", 2), -1);
	CHECK_INT(rt_text_find("", 0, "a", 1), -1);
	CHECK_INT(rt_text_number("0x7fz", 5, 0), 127);
	CHECK_INT(rt_text_number("-010", 4, 0), -8);
	CHECK_INT(rt_text_number("0x", 2, 0), 0);
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		arithmetic(pick(), pick());
		rounding(pick());
	}
	for (int i = 0; i < TEXT_ROUNDS; i++)
		in_text(pick());
	forms_of_numbers();
	dates();
	finding();
	return test_end("common_test");
}
