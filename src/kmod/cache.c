/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Built modules are kept in ~/.cache/tapx/modules as KEY-SUM.ko: the hash of all that went into it (the
 * generated text, the runtime, the kernel's headers, options of make), and that of the file itself, so
 * that a damaged one is known. When they grow beyond a limit the ones not used for longest go.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHE_BYTES ((off_t)256 << 20)
#define FNV_START 0xcbf29ce484222325ull

static uint64_t hash_bytes(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 0x100000001b3ull; /* FNV-1a */
	return (h ^ 0xff) * 0x100000001b3ull;
}

static uint64_t hash(uint64_t h, const char *s)
{
	return hash_bytes(h, s, strlen(s));
}

const char *cache_key(Arena *a, const KmodBuild *b)
{
	uint64_t h = FNV_START, g = 0x9e3779b97f4a7c15ull;
	struct stat st = {0};

	stat(arena_printf(a, "%s/include/generated/autoconf.h", b->headers), &st);
	const char *built = arena_printf(a, "%s %lld %s", b->headers, (long long)st.st_mtime,
					 b->sign ? b->sign : "unsigned");
	h = hash(hash(h, b->text), built);
	g = hash(hash(g, built), b->text);
	for (int i = 0; i < b->n_vars; i++)
		h = hash(h, b->vars[i]);
	for (const KmodFile *f = kmod_runtime; f->name; f++)
		h = hash(hash(h, f->name), f->text);
	return arena_printf(a, "%016" PRIx64 "%016" PRIx64, h, g);
}

static uint64_t sum_of(const char *path)
{
	Buf b = {0};
	uint64_t sum = read_file(path, &b) == 0 ? hash_bytes(FNV_START, buf_str(&b), b.n) : 0;

	buf_free(&b);
	return sum;
}

static void make_dirs(Arena *a, const char *dir)
{
	char *s = arena_strdup(a, dir);

	for (char *p = s + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(s, 0755);
	}
	mkdir(s, 0700);
}

const char *cache_home(Arena *a)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	const char *dir = base && *base == '/' ? arena_printf(a, "%s/tapx", base)
					       : arena_printf(a, "%s/.cache/tapx", home ? home : "/root");

	make_dirs(a, dir);
	return dir;
}

static const char *cache_dir(Arena *a)
{
	return arena_printf(a, "%s/modules", cache_home(a));
}

int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, err = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		err = -errno;
	else if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0 ||
		 sendfile(out, in, NULL, (size_t)st.st_size) != st.st_size)
		err = errno ? -errno : -EIO;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* ---- the limit ---- */

typedef struct Kept {
	char name[256];
	off_t size;
	struct timespec used;
} Kept;
typedef VEC(Kept) KeptVec;

static bool older(const Kept *x, const Kept *y)
{
	return x->used.tv_sec != y->used.tv_sec ? x->used.tv_sec < y->used.tv_sec
						: x->used.tv_nsec < y->used.tv_nsec;
}

static off_t list(Arena *a, const char *dir, KeptVec *v)
{
	DIR *d = opendir(dir);
	off_t sum = 0;
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		Kept k = {0};
		if (*e->d_name == '.' || fstatat(dirfd(d), e->d_name, &st, 0) < 0)
			continue;
		snprintf(k.name, sizeof(k.name), "%s", e->d_name);
		k.size = st.st_size;
		k.used = st.st_mtim;
		sum += k.size;
		vec_push(a, v, k);
	}
	if (d)
		closedir(d);
	return sum;
}

static bool is_whole(const char *path)
{
	const char *dash = strrchr(path, '-');

	return dash && strtoull(dash + 1, NULL, 16) == sum_of(path);
}

const char *cache_find(Arena *a, const char *key)
{
	const char *dir = cache_dir(a);
	KeptVec v = {0};

	list(a, dir, &v);
	for (int i = 0; i < v.n; i++) {
		const char *path = arena_printf(a, "%s/%s", dir, v.v[i].name);

		if (strncmp(v.v[i].name, key, strlen(key)))
			continue;
		if (is_whole(path)) {
			utimensat(AT_FDCWD, path, NULL, 0); /* used now */
			return path;
		}
		unlink(path);
	}
	return NULL;
}

static void trim(Arena *a, const char *dir, off_t most)
{
	KeptVec v = {0};
	off_t sum = list(a, dir, &v);

	while (sum > most && v.n) {
		int oldest = 0;
		for (int i = 1; i < v.n; i++)
			if (older(&v.v[i], &v.v[oldest]))
				oldest = i;
		unlink(arena_printf(a, "%s/%s", dir, v.v[oldest].name));
		sum -= v.v[oldest].size;
		v.v[oldest] = v.v[--v.n];
	}
}

void cache_store(Arena *a, const char *key, const char *ko)
{
	const char *dir = cache_dir(a), *tmp = arena_printf(a, "%s/.%d", dir, (int)getpid());

	mkdir(dir, 0700);
	const char *to = arena_printf(a, "%s/%s-%016" PRIx64 ".ko", dir, key, sum_of(ko));
	if (copy_file(ko, tmp) == 0 && rename(tmp, to) == 0)
		trim(a, dir, CACHE_BYTES);
	else
		unlink(tmp);
}

void cache_clean(Arena *a)
{
	trim(a, cache_dir(a), 0);
}
