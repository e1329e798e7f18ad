/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * derive SEED N DIR: N random programs of the fuzzers' grammar as DIR/random_SEED_I.stp.
 */
#include "fuzz.h"

#include <stdlib.h>

void fuzz_fail(const char *fmt, ...)
{
	fprintf(stderr, "derive: %s\n", fmt);
	exit(1);
}

int main(int argc, char **argv)
{
	Rng rng = {0};

	if (argc != 4)
		return 1;
	rng.state = 0x9e3779b97f4a7c15u * (strtoull(argv[1], NULL, 10) + 1);
	for (int i = 0; i < atoi(argv[2]); i++) {
		Buf b = {0}, path = {0};
		FILE *f;

		grammar_derive(&b, "program", &rng, 1500);
		buf_printf(&path, "%s/random_%s_%d.stp", argv[3], argv[1], i);
		f = fopen(buf_str(&path), "w");
		if (!f || fwrite(b.s, 1, b.n, f) != b.n || fclose(f))
			return 1;
		buf_free(&b);
		buf_free(&path);
	}
	return 0;
}
