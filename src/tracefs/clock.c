/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * clock: what records are stamped with, and what that is in CLOCK_MONOTONIC. Choosing another clock
 * than `local`, which a new instance has, makes the kernel wait for RCU (20 ms natively). `local`
 * is sched_clock(): the same on all processors where that is the time stamp counter or a
 * paravirtual clock which the kernel trusts, but of another origin, and not disciplined by NTP. So
 * records are merged by it, and converted by a line through samples of both clocks, one a second:
 * "now ts" in an instance's per_cpu/cpu0/stats. Where it is not the same everywhere, instances get
 * `mono`.
 */
#define _GNU_SOURCE
#include "tracefs/tracefs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

enum {
	SAMPLE_TRIES = 4,
	SAMPLE_NS = 1000000000, /* from one sample to the next */
	BASE_NS = 100000000,	/* how far apart two samples must be to tell a rate */
	JUMP_NS = 2000000,	/* off by more: the machine slept */
	SKEW_BITS = 32		/* skew is in 2^-32 of a second a second */
};

/* Of these, sched_clock() is a reading of the same counter on every processor. */
static const char *const same_everywhere[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
					      "arch_sys_counter"};

/* Where the kernel finds at boot that it cannot rely on sched_clock(), it makes `global` the clock
 * of the top instance, and says so in its log. */
bool clock_local_is_same(int root)
{
	AUTO_BUF source = {0};
	AUTO_BUF clocks = {0};

	if (read_file(CLOCKSOURCE, &source) < 0 || tfs_read(root, "trace_clock", &clocks) < 0 ||
	    !strstr(buf_str(&clocks), "[local]"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(same_everywhere); i++) {
		size_t n = strlen(same_everywhere[i]);
		if (source.n == n + 1 && memcmp(source.s, same_everywhere[i], n) == 0)
			return true;
	}
	return false;
}

/* "now ts:  1234.567890", of which the last digit is cut. */
static bool parse_now(const char *text, uint64_t *ret)
{
	const char *p = strstr(text, "now ts:");
	uint64_t sec;
	unsigned usec;

	if (!p || sscanf(p + strlen("now ts:"), "%" SCNu64 ".%6u", &sec, &usec) != 2)
		return false;
	*ret = sec * 1000000000 + usec * 1000ull + 500;
	return true;
}

/* Of a few readings the one that was not interrupted. */
static bool sample(const Clock *c, struct clock_pair *ret)
{
	uint64_t best = UINT64_MAX;
	char text[1024];

	for (int i = 0; i < SAMPLE_TRIES; i++) {
		uint64_t local, before = mono_ns();
		ssize_t n = pread(c->fd, text, sizeof(text) - 1, 0);
		uint64_t took = mono_ns() - before;
		if (n <= 0)
			return false;
		text[n] = '\0';
		if (took >= best || !parse_now(text, &local))
			continue;
		best = took;
		*ret = (struct clock_pair){.local = local, .mono = before + took / 2};
	}
	return best != UINT64_MAX;
}

int clock_open(Clock *c, const Instance *in)
{
	c->fd = openat(in->fd, "per_cpu/cpu0/stats", O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	if (!sample(c, &c->first)) {
		close_fd(&c->fd);
		return -ENOTSUP;
	}
	c->base = c->first;
	c->skew = 0;
	c->next_sample = c->base.mono + BASE_NS;
	return 0;
}

void clock_close(Clock *c)
{
	close_fd(&c->fd);
}

static int64_t scale(int64_t ns, int64_t skew)
{
	return (int64_t)((__int128)ns * skew >> SKEW_BITS);
}

uint64_t clock_to_mono(const Clock *c, uint64_t local)
{
	int64_t ns = (int64_t)(local - c->base.local);
	return c->fd < 0 ? local : c->base.mono + (uint64_t)(ns + scale(ns, c->skew));
}

uint64_t clock_from_mono(const Clock *c, uint64_t mono)
{
	int64_t ns = (int64_t)(mono - c->base.mono);
	if (c->fd < 0 || mono == UINT64_MAX)
		return mono;
	return c->base.local + (uint64_t)(ns - scale(ns, c->skew));
}

static int64_t slope(int64_t rise, int64_t run)
{
	return (int64_t)(((__int128)rise << SKEW_BITS) / run);
}

/* The line goes on from the last record handed out, so that times never run backwards, to where the
 * clocks will be at the next sample, by the rate seen since the start. */
static void aim(Clock *c, const struct clock_pair *now)
{
	int64_t run = (int64_t)(now->local - c->first.local);
	int64_t rate = slope((int64_t)(now->mono - c->first.mono) - run, run);
	uint64_t end = now->mono + SAMPLE_NS + (uint64_t)scale(SAMPLE_NS, rate);

	run = (int64_t)(now->local + SAMPLE_NS - c->base.local);
	c->skew = slope((int64_t)(end - c->base.mono) - run, run);
}

void clock_follow(Clock *c, uint64_t now, uint64_t last)
{
	struct clock_pair s;

	if (c->fd < 0 || now < c->next_sample)
		return;
	c->next_sample = now + SAMPLE_NS;
	if (!sample(c, &s))
		return;
	int64_t off = (int64_t)(s.mono - clock_to_mono(c, s.local));
	if (off > JUMP_NS || off < -JUMP_NS) {
		c->first = c->base = s;
		c->skew = 0;
		return;
	}
	if (last > c->base.local)
		c->base = (struct clock_pair){last, clock_to_mono(c, last)};
	aim(c, &s);
}
