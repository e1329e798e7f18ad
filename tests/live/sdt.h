/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Marks for the workload of user-space probes: a nop and the note about it that <sys/sdt.h> would make,
 * written from the format's description. MARKn(PROVIDER, NAME, ...) takes n numbers or pointers;
 * MARK_COUNT(PROVIDER, NAME) defines how many users a mark has at the moment.
 */
#ifndef UWL_SDT_H
#define UWL_SDT_H

#define MARK_COUNT(provider, name)                                                                  \
	unsigned short provider##_##name##_semaphore                                                \
		__attribute__((section(".probes"), used, visibility("hidden")))

#define MARK_BASE                                                                                   \
	".ifndef _.stapsdt.base\n"                                                                  \
	".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"                      \
	".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"                                            \
	"_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n.popsection\n.endif\n"

#define MARK_NOTE(provider, name, semaphore, args)                                                  \
	"990: nop\n"                                                                                \
	".pushsection .note.stapsdt,\"?\",\"note\"\n.balign 4\n"                                     \
	".4byte 992f-991f, 994f-993f, 3\n"                                                          \
	"991: .asciz \"stapsdt\"\n992: .balign 4\n"                                                 \
	"993: .8byte 990b\n.8byte _.stapsdt.base\n.8byte " semaphore "\n"                           \
	".asciz \"" #provider "\"\n.asciz \"" #name "\"\n.asciz \"" args "\"\n"                      \
	"994: .balign 4\n.popsection\n" MARK_BASE

/* %n prints a constant negated: a signed number has a negative size in the note. */

#define SIGNED_SIZE(x) ((__typeof__(x))-1 < (__typeof__(x))1 ? (int)sizeof(x) : -(int)sizeof(x))
#define MARK1(provider, name, semaphore, x)                                                         \
	__asm__ __volatile__(MARK_NOTE(provider, name, semaphore, "%n[sa]@%[a]")                    \
			     : : [sa] "n"(SIGNED_SIZE(x)), [a] "nor"(x))
#define MARK3(provider, name, semaphore, x, y, z)                                                   \
	__asm__ __volatile__(MARK_NOTE(provider, name, semaphore,                                   \
				       "%n[sa]@%[a] %n[sb]@%[b] %n[sc]@%[c]")                       \
			     : : [sa] "n"(SIGNED_SIZE(x)), [a] "nor"(x), [sb] "n"(SIGNED_SIZE(y)),  \
			     [b] "nor"(y), [sc] "n"(SIGNED_SIZE(z)), [c] "nor"(z))

#endif
