// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump: %m and %M of printf: memory as it is, or as hexadecimal digits.
 */

static char *rt_put_digits(char *p, char *end, const u8 *s, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		char digits[2] = {hex_asc_hi(s[i]), hex_asc_lo(s[i])};

		p = rt_put_bytes(p, end, digits, 2);
	}
	return p;
}

/* rt_dump - @n bytes at @addr to *@p, which moves on; @p may be &c->out. */
static __maybe_unused void rt_dump(struct rt_ctx *c, char **p, char *end, u64 addr, s64 n, bool user,
				   bool hex, const char *at)
{
	u8 piece[64];

	if (n > (s64)PAGE_SIZE)
		rt_fail(c, at, "%lld is too many bytes for a memory dump", n);
	while (n > 0 && !c->error) {
		u32 part = min_t(s64, n, sizeof(piece));

		if (rt_peek(user, piece, addr, part)) {
			rt_fault(c, user, addr, at);
			return;
		}
		if (p == &c->out)
			rt_room(c);
		*p = hex ? rt_put_digits(*p, end, piece, part) : rt_put_bytes(*p, end, (char *)piece, part);
		addr += part;
		n -= part;
	}
}
