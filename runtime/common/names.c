// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of errors and signals.
 */
#include "names.h"
#include "fmt.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

/* clang-format off */
#define N(name) [name] = #name,
static const char *const error_name[] = {
	N(EPERM) N(ENOENT) N(ESRCH) N(EINTR) N(EIO) N(ENXIO) N(E2BIG) N(ENOEXEC) N(EBADF)
	N(ECHILD) N(EAGAIN) N(ENOMEM) N(EACCES) N(EFAULT) N(ENOTBLK) N(EBUSY) N(EEXIST)
	N(EXDEV) N(ENODEV) N(ENOTDIR) N(EISDIR) N(EINVAL) N(ENFILE) N(EMFILE) N(ENOTTY)
	N(ETXTBSY) N(EFBIG) N(ENOSPC) N(ESPIPE) N(EROFS) N(EMLINK) N(EPIPE) N(EDOM)
	N(ERANGE) N(EDEADLK) N(ENAMETOOLONG) N(ENOLCK) N(ENOSYS) N(ENOTEMPTY) N(ELOOP)
	N(ENOMSG) N(EIDRM) N(ECHRNG) N(EL2NSYNC) N(EL3HLT) N(EL3RST) N(ELNRNG) N(EUNATCH)
	N(ENOCSI) N(EL2HLT) N(EBADE) N(EBADR) N(EXFULL) N(ENOANO) N(EBADRQC) N(EBADSLT)
	N(EBFONT) N(ENOSTR) N(ENODATA) N(ETIME) N(ENOSR) N(ENONET) N(ENOPKG) N(EREMOTE)
	N(ENOLINK) N(EADV) N(ESRMNT) N(ECOMM) N(EPROTO) N(EMULTIHOP) N(EDOTDOT) N(EBADMSG)
	N(EOVERFLOW) N(ENOTUNIQ) N(EBADFD) N(EREMCHG) N(ELIBACC) N(ELIBBAD) N(ELIBSCN)
	N(ELIBMAX) N(ELIBEXEC) N(EILSEQ) N(ERESTART) N(ESTRPIPE) N(EUSERS) N(ENOTSOCK)
	N(EDESTADDRREQ) N(EMSGSIZE) N(EPROTOTYPE) N(ENOPROTOOPT) N(EPROTONOSUPPORT)
	N(ESOCKTNOSUPPORT) N(EOPNOTSUPP) N(EPFNOSUPPORT) N(EAFNOSUPPORT) N(EADDRINUSE)
	N(EADDRNOTAVAIL) N(ENETDOWN) N(ENETUNREACH) N(ENETRESET) N(ECONNABORTED)
	N(ECONNRESET) N(ENOBUFS) N(EISCONN) N(ENOTCONN) N(ESHUTDOWN) N(ETOOMANYREFS)
	N(ETIMEDOUT) N(ECONNREFUSED) N(EHOSTDOWN) N(EHOSTUNREACH) N(EALREADY)
	N(EINPROGRESS) N(ESTALE) N(EUCLEAN) N(ENOTNAM) N(ENAVAIL) N(EISNAM) N(EREMOTEIO)
	N(EDQUOT) N(ENOMEDIUM) N(EMEDIUMTYPE) N(ECANCELED) N(ENOKEY) N(EKEYEXPIRED)
	N(EKEYREVOKED) N(EKEYREJECTED) N(EOWNERDEAD) N(ENOTRECOVERABLE) N(ERFKILL)
	N(EHWPOISON)
	/* seen inside the kernel only */
	[512] = "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ENOIOCTLCMD", "ERESTART_RESTARTBLOCK",
	"EPROBE_DEFER", "EOPENSTALE", "ENOPARAM",
};
#undef N
/* clang-format on */

/* Without SIG, as SystemTap has them. */
static const char *const signal_name[] = {
    NULL,   "HUP",   "INT",	"QUIT", "ILL",	"TRAP", "ABRT", "BUS",	  "FPE",
    "KILL", "USR1",  "SEGV",	"USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
    "CONT", "STOP",  "TSTP",	"TTIN", "TTOU", "URG",	"XCPU", "XFSZ",	  "VTALRM",
    "PROF", "WINCH", "IO/POLL", "PWR",	"SYS",	"RTMIN"};

enum {
	N_ERRORS = sizeof(error_name) / sizeof(*error_name),
	N_SIGNALS = sizeof(signal_name) / sizeof(*signal_name),
	FIRST_RT = 32,
	LAST_RT = 64
};

static char *put_numbered(char *p, char *end, const char *prefix, int64_t n)
{
	return rt_put_long(rt_put_bytes(p, end, prefix, strlen(prefix)), end, n);
}

char *rt_put_errno(char *p, char *end, int64_t n)
{
	if (n < 0)
		n = (int64_t)(0 - (uint64_t)n);
	if (n > 0 && n < N_ERRORS && error_name[n])
		return rt_put_bytes(p, end, error_name[n], strlen(error_name[n]));
	return n ? put_numbered(p, end, "E#", n) : p;
}

char *rt_put_signal(char *p, char *end, int64_t n)
{
	if (n > 0 && n < N_SIGNALS)
		return rt_put_bytes(p, end, signal_name[n], strlen(signal_name[n]));
	return n > FIRST_RT && n <= LAST_RT ? put_numbered(p, end, "RTMIN+", n - FIRST_RT) : p;
}
