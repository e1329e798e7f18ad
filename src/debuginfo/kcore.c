/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kernel memory as /proc/kcore shows it: an ELF file whose segments carry kernel addresses. Readable
 * also under lockdown=integrity [ftrace.md 6].
 */
#define _GNU_SOURCE
#include "debuginfo/debuginfo.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct Kcore {
	int fd, n;
	Elf64_Phdr *segment;
};

Kcore *kcore_open(Arena *a)
{
	Kcore *k = NEW(a, Kcore);
	Elf64_Ehdr h;

	k->fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (k->fd < 0)
		return NULL;
	if (pread(k->fd, &h, sizeof(h), 0) == sizeof(h) && h.e_phentsize == sizeof(*k->segment)) {
		size_t size = h.e_phnum * sizeof(*k->segment);

		k->n = h.e_phnum;
		k->segment = arena_alloc(a, size);
		if (pread(k->fd, k->segment, size, (off_t)h.e_phoff) == (ssize_t)size)
			return k;
	}
	kcore_close(k);
	return NULL;
}

void kcore_close(Kcore *k)
{
	if (k && k->fd >= 0)
		close(k->fd);
}

size_t kcore_read(const Kcore *k, uint64_t address, void *to, size_t size)
{
	for (int i = 0; i < k->n; i++) {
		const Elf64_Phdr *s = &k->segment[i];
		uint64_t off = address - s->p_vaddr;
		ssize_t n;

		if (s->p_type != PT_LOAD || address < s->p_vaddr || off >= s->p_filesz)
			continue;
		if (size > s->p_filesz - off)
			size = s->p_filesz - off;
		n = pread(k->fd, to, size, (off_t)(s->p_offset + off));
		return n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int debuginfo_percpu(Debuginfo *di, Arena *a, const char *name, uint64_t *ret, int max)
{
	const DbgSymbol *array = debuginfo_data_symbol(di, NULL, "__per_cpu_offset");
	uint64_t at_array = array ? array->address : 0;
	const DbgSymbol *var = debuginfo_data_symbol(di, NULL, name);
	Kcore *k = at_array && var ? kcore_open(a) : NULL;
	long n = sysconf(_SC_NPROCESSORS_CONF);

	if (!k || n < 1 || n > max ||
	    kcore_read(k, at_array, ret, (size_t)n * 8) != (size_t)n * 8)
		n = 0;
	for (long i = 0; i < n; i++)
		ret[i] += var->address;
	kcore_close(k);
	return (int)n;
}
