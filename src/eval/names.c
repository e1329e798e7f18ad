/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers with names: errors and signals; host and network byte order.
 */
#include "eval_int.h"

#include <errno.h>
#include <string.h>

#define MAX_ERRNO 4095

#define N(name) [name] = #name,
static const char *const error_name[] = {
    N(EPERM) N(ENOENT) N(ESRCH) N(EINTR) N(EIO) N(ENXIO) N(E2BIG) N(ENOEXEC) N(EBADF) N(ECHILD)
	N(EAGAIN) N(ENOMEM) N(EACCES) N(EFAULT) N(ENOTBLK) N(EBUSY) N(EEXIST) N(EXDEV) N(ENODEV) N(
	    ENOTDIR) N(EISDIR) N(EINVAL) N(ENFILE) N(EMFILE) N(ENOTTY) N(ETXTBSY) N(EFBIG) N(ENOSPC)
	    N(ESPIPE) N(EROFS) N(EMLINK) N(EPIPE) N(EDOM) N(ERANGE) N(EDEADLK) N(ENAMETOOLONG) N(
		ENOLCK) N(ENOSYS) N(ENOTEMPTY) N(ELOOP) N(ENOMSG) N(EIDRM) N(ECHRNG) N(EL2NSYNC)
		N(EL3HLT) N(EL3RST) N(ELNRNG) N(EUNATCH) N(ENOCSI) N(EL2HLT) N(EBADE) N(EBADR) N(
		    EXFULL) N(ENOANO) N(EBADRQC) N(EBADSLT) N(EBFONT) N(ENOSTR) N(ENODATA) N(ETIME)
		    N(ENOSR) N(ENONET) N(ENOPKG) N(EREMOTE) N(ENOLINK) N(EADV) N(ESRMNT) N(ECOMM) N(
			EPROTO) N(EMULTIHOP) N(EDOTDOT) N(EBADMSG)
			N(EOVERFLOW) N(ENOTUNIQ) N(EBADFD) N(EREMCHG) N(ELIBACC) N(ELIBBAD) N(
			    ELIBSCN) N(ELIBMAX) N(ELIBEXEC) N(EILSEQ) N(ERESTART) N(ESTRPIPE)
			    N(EUSERS) N(ENOTSOCK) N(EDESTADDRREQ) N(EMSGSIZE) N(EPROTOTYPE) N(
				ENOPROTOOPT) N(EPROTONOSUPPORT) N(ESOCKTNOSUPPORT)
				N(EOPNOTSUPP) N(EPFNOSUPPORT) N(EAFNOSUPPORT) N(EADDRINUSE) N(
				    EADDRNOTAVAIL) N(ENETDOWN) N(ENETUNREACH)
				    N(ENETRESET) N(ECONNABORTED) N(ECONNRESET) N(ENOBUFS) N(
					EISCONN) N(ENOTCONN) N(ESHUTDOWN) N(ETOOMANYREFS)
					N(ETIMEDOUT) N(ECONNREFUSED) N(EHOSTDOWN) N(EHOSTUNREACH) N(
					    EALREADY) N(EINPROGRESS)
					    N(ESTALE) N(EUCLEAN) N(ENOTNAM)
						N(ENAVAIL) N(EISNAM) N(EREMOTEIO) N(EDQUOT) N(
						    ENOMEDIUM) N(EMEDIUMTYPE) N(ECANCELED)
						    N(ENOKEY) N(EKEYEXPIRED) N(EKEYREVOKED) N(
							EKEYREJECTED) N(EOWNERDEAD)
							N(ENOTRECOVERABLE) N(ERFKILL) N(EHWPOISON)
							    /* seen inside the kernel only */
							    [512] = "ERESTARTSYS",
    "ERESTARTNOINTR",
    "ERESTARTNOHAND",
    "ENOIOCTLCMD",
    "ERESTART_RESTARTBLOCK",
    "EPROBE_DEFER",
    "EOPENSTALE",
    "ENOPARAM",
};

/* Without SIG, as SystemTap has them. */
static const char *const signal_name[] = {
    NULL,   "HUP",   "INT",	"QUIT", "ILL",	"TRAP", "ABRT", "BUS",	  "FPE",
    "KILL", "USR1",  "SEGV",	"USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
    "CONT", "STOP",  "TSTP",	"TTIN", "TTOU", "URG",	"XCPU", "XFSZ",	  "VTALRM",
    "PROF", "WINCH", "IO/POLL", "PWR",	"SYS",	"RTMIN"};

enum { FIRST_RT = 32, LAST_RT = 64 };

/* @prefix and @n as temporary text. */
static Str numbered(Eval *e, const Code *c, const char *prefix, int64_t n)
{
	char *p = tmp_room(e, c->node, e->max_str), *end = p + e->max_str;

	return tmp_take(e, p, rt_put_long(rt_put_bytes(p, end, prefix, strlen(prefix)), end, n));
}

/* An errno value, also negated as functions of the kernel return it; 0 has no name. */
Str name_errno(Eval *e, const Code *c)
{
	int64_t n = NUM(c->arg[0]);

	if (n < 0)
		n = (int64_t)(0 - (uint64_t)n);
	if (n > 0 && n < (int64_t)ARRAY_SIZE(error_name) && error_name[n])
		return str_lit(error_name[n]);
	return n ? numbered(e, c, "E#", n) : (Str){"", 0};
}

int64_t name_errno_p(Eval *e, const Code *c)
{
	int64_t v = NUM(c->arg[0]);

	return v < 0 && v >= -MAX_ERRNO;
}

Str name_signal(Eval *e, const Code *c)
{
	int64_t n = NUM(c->arg[0]);

	if (n > 0 && n < (int64_t)ARRAY_SIZE(signal_name))
		return str_lit(signal_name[n]);
	if (n > FIRST_RT && n <= LAST_RT)
		return numbered(e, c, "RTMIN+", n - FIRST_RT);
	return (Str){"", 0};
}

int64_t net_htons(Eval *e, const Code *c)
{
	return __builtin_bswap16((uint16_t)NUM(c->arg[0]));
}

int64_t net_htonl(Eval *e, const Code *c)
{
	return __builtin_bswap32((uint32_t)NUM(c->arg[0]));
}

int64_t net_htonll(Eval *e, const Code *c)
{
	return (int64_t)__builtin_bswap64((uint64_t)NUM(c->arg[0]));
}
