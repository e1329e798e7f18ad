/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module at work: start it, pass its frames on until it ends. Its output file is the leash: when it
 * closes, the module stops by itself, unless it was told to go on alone.
 */
#define _GNU_SOURCE
#include "kmod_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16, POLL_MS = 10, SETTLE_US = 2000 };

static const Loc nowhere;

/* As runtime/out.c writes them. */
struct frame {
	uint32_t len, kind;
};

typedef struct Reader {
	const KmodRun *r;
	int out_fd;   /* where the script's output goes */
	int out, ctl; /* of the module */
	int in;	      /* its input probes; negative: it has none */
	Typing typing;
	bool exiting, write_failed, detach;
	uint64_t deadline;
	size_t n_text;
	char text[READ_BYTES]; /* still to be written */
} Reader;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int signals(const Reader *d)
{
	return d->r->cancel ? *d->r->cancel : 0;
}

/* The second signal means: at once. */
static bool write_all(const Reader *d, int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && (errno != EINTR || signals(d) > 1))
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

static void flush_text(Reader *d)
{
	d->write_failed |= !write_all(d, d->out_fd, d->text, d->n_text);
	d->n_text = 0;
}

/* Pieces of text that follow each other are one write. */
static void put_text(Reader *d, const char *p, size_t n)
{
	if (n > sizeof(d->text) - d->n_text)
		flush_text(d);
	memcpy(d->text + d->n_text, p, n);
	d->n_text += n;
}

static void next_file(Reader *d)
{
	if (d->r->next_file)
		d->out_fd = d->r->next_file(d->r->ctx);
}

static const char *text_of(const char *data, uint32_t n)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%.*s", (int)n, data);
	return text;
}

static void refused(const Reader *d, const char *text)
{
	KmodRefusal f = {0};
	int tracepoint = 0, name = 0;

	sscanf(text, "%d %d %d %" SCNu64 " %" SCNx64 " %n", &f.error, &f.probe, &tracepoint, &f.offset,
	       &f.address, &name);
	f.is_tracepoint = tracepoint;
	f.symbol = text + name;
	if (d->r->refused)
		d->r->refused(d->r->ctx, &f);
}

static void write_kernel_log(const Reader *d, const char *line, uint32_t n)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write_all(d, fd, line, n);
		close(fd);
	}
}

static void take_frame(Reader *d, const struct frame *f, const char *data)
{
	if (f->kind == 'o') {
		put_text(d, data, f->len);
		return;
	}
	flush_text(d);
	switch (f->kind) {
	case 'e':
		write_all(d, d->r->err_fd, data, f->len);
		break;
	case 'x':
		d->exiting = true;
		break;
	case 's':
		shell_start(text_of(data, f->len), d->out_fd);
		break;
	case 'k':
		write_kernel_log(d, data, f->len);
		break;
	case 'f':
		next_file(d);
		break;
	case 'r':
		refused(d, text_of(data, f->len));
		break;
	default:
		break;
	}
}

/* Return: bytes read, 0 at the end, -errno. */
static ssize_t take(Reader *d)
{
	static char buf[READ_BYTES];
	ssize_t n = read(d->out, buf, sizeof(buf));

	if (n < 0)
		return -errno;
	for (ssize_t at = 0; at + (ssize_t)sizeof(struct frame) <= n;) {
		struct frame f;

		memcpy(&f, buf + at, sizeof(f));
		take_frame(d, &f, buf + at + sizeof(f));
		at += (ssize_t)(sizeof(f) + f.len);
	}
	flush_text(d);
	return n;
}

static bool over(Reader *d)
{
	d->detach = d->r->detach && d->r->detach(d->r->ctx);
	return d->detach || d->exiting || d->write_failed || signals(d) || now_ns() >= d->deadline ||
	       (d->r->done && d->r->done(d->r->ctx));
}

/* What is typed goes to the module. */
static void pass_input(Reader *d)
{
	char bytes[256];
	size_t n;

	while ((n = typing_take(&d->typing, bytes, sizeof(bytes))) > 0)
		write_all(d, d->in, bytes, n);
}

static void loop(Reader *d)
{
	ssize_t n;

	while (!over(d)) {
		struct pollfd p[] = {{.fd = d->out, .events = POLLIN},
				     {.fd = d->typing.fd, .events = POLLIN}};

		poll(p, ARRAY_SIZE(p), d->r->poll_ms ? d->r->poll_ms : POLL_MS);
		pass_input(d);
		while ((n = take(d)) > 0 && !over(d))
			;
		if (n == -EAGAIN && p[0].revents) /* what is there is too new to be in order */
			usleep(SETTLE_US);
		if (d->r->is_full && d->r->is_full(d->r->ctx))
			next_file(d);
	}
}

static void stop(Reader *d)
{
	control_say(d->ctl, "stop", 0);
	while (!d->write_failed && signals(d) < 2 && take(d) > 0)
		;
}

static void report_skipped(Diag *diag, const char *why, int n)
{
	if (n > 0)
		diag_warning(diag, DIAG_LOST, nowhere, "Skipped due to %s: %d", why, n);
}

static int report(const Reader *d)
{
	ModuleState s;

	control_read(d->ctl, &s);
	if (s.lost)
		diag_warning(d->r->diag, DIAG_LOST, nowhere,
			     "There were %d transport failures: output was lost, since the buffer was full "
			     "(-s, taprun -b: its size)",
			     s.lost);
	if (s.errors || s.skipped || s.reentered)
		diag_warning(d->r->diag, DIAG_LOST, nowhere, "Number of errors: %d, skipped probes: %d",
			     s.errors, s.skipped + s.reentered);
	report_skipped(d->r->diag, "global lock timeout", s.skipped - s.low_stack - s.missed);
	report_skipped(d->r->diag, "low stack", s.low_stack);
	report_skipped(d->r->diag, "reentrancy", s.reentered);
	return s.failed || d->write_failed;
}

/* Return: 0, or the exit status of a run that did not come to be. */
static int start(Reader *d)
{
	const KmodRun *r = d->r;
	int err = r->buffer_kb ? control_say(d->ctl, "buffer", r->buffer_kb) : 0;

	if (err)
		diag_error(r->diag, DIAG_IO, nowhere, "no room for buffers of %u KB: %s", r->buffer_kb,
			   strerror(-err));
	else if ((err = control_say(d->ctl, "start", r->target)) && err != -EINTR) {
		int said = r->diag->errors;

		stop(d); /* it may have said what was wrong */
		if (said == r->diag->errors)
			diag_error(r->diag, DIAG_IO, nowhere, "the module cannot start: %s", strerror(-err));
	}
	return err && err != -EINTR;
}

/* Take over what another reader has left, or what somebody has loaded by hand. */
static int take_over(Reader *d)
{
	ModuleState s;

	control_say(d->ctl, "own", 0);
	control_read(d->ctl, &s);
	if (!strcmp(s.state, "loaded"))
		return start(d);
	d->exiting = s.exiting;
	if (s.exiting)
		while (take(d) > 0)
			;
	return 0;
}

static bool open_files(Reader *d)
{
	const KmodRun *r = d->r;
	ModuleState s;

	d->out = control_open(r->name, "out", O_RDONLY | O_NONBLOCK);
	d->ctl = control_open(r->name, "ctl", O_RDWR);
	d->in = control_open(r->name, "in", O_WRONLY);
	if (d->out >= 0 && d->ctl >= 0)
		return true;
	if (d->out == -EBUSY && control_state(r->name, &s))
		diag_error(r->diag, DIAG_IO, nowhere, "module %s is being read by process %d", r->name, s.reader);
	else
		diag_error(r->diag, DIAG_IO, nowhere, "the files of module %s are not there: %s", r->name,
			   strerror(d->out < 0 ? -d->out : -d->ctl));
	return false;
}

static int work(Reader *d, bool *left)
{
	const KmodRun *r = d->r;

	if (r->started)
		r->started(r->ctx);
	d->deadline = r->timeout_ns ? now_ns() + r->timeout_ns : UINT64_MAX;
	if (!r->leave && d->in >= 0)
		typing_start(&d->typing, STDIN_FILENO);
	if (!r->leave)
		loop(d);
	typing_end(&d->typing);
	*left = r->leave || d->detach;
	if (*left)
		return control_say(d->ctl, "keep", 0) != 0;
	stop(d);
	return report(d);
}

int reader_run(const KmodRun *r, bool *left)
{
	Reader d = {.r = r, .out_fd = r->out_fd, .out = -1, .ctl = -1, .in = -1, .typing.fd = -1};
	int code = 1;

	*left = false;
	if (open_files(&d)) {
		code = r->attach ? take_over(&d) : start(&d);
		if (!code)
			code = work(&d, left);
	}
	*left |= r->attach && d.out < 0; /* it is not ours */
	if (d.in >= 0)
		close(d.in);
	if (d.ctl >= 0)
		close(d.ctl);
	if (d.out >= 0)
		close(d.out);
	return code;
}
