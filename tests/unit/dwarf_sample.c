/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What dwarf_test.c asks about, compiled with -O2 and DWARF 4 and 5. It is never run. Lines that
 * the test names carry a comment.
 */
#ifdef KERNEL /* probe_test.c takes it for one */
asm(".globl _text\n_text:\n\tnop\n");
#endif

#define NOINLINE __attribute__((noinline))

struct inner {
	unsigned int low : 3, high : 7;
	signed char small;
};

struct outer {
	long head;
	union {
		struct inner in;
		int whole;
	};
	const char *const names[4];
	int grid[2][3];
	struct unknown *next;
};

typedef struct pair {
	long a, b;
} pair_t;

enum color { RED = -1, GREEN = 7 };

int visible = 1;
static int hidden[5];
extern void use(void *p);
extern long outside(long n);

static inline __attribute__((always_inline)) long twice(long n) /* line: twice */
{
	long doubled = n * 2; /* line: doubled */

	use(&hidden[doubled & 3]);
	return doubled;
}

NOINLINE static long callee(long n)
{
	use(&visible);
	return n * visible;
}

NOINLINE double scaled(double factor, long n)
{
	use(&n);
	return factor * (double)n;
}

NOINLINE long whole(pair_t p, struct outer *o, enum color c, short n) /* line: whole */
{
	char buffer[32];
	long total = p.a; /* line: total */
	int constant = 42;

	use(buffer);
	if (n > 3)
		goto out;
	total += twice(p.b);
	total += callee(o->head) + constant;
	{
		int deep = visible + c;

		use(&total);
		total += outside(deep); /* line: deep */
	}
out:
	use(buffer); /* line: out */
	return total + twice(n);
}
