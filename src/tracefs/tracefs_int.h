/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tracefs, inside: what its files share. One Tracefs is a mount; one Run is a plan in place there,
 * spread over up to four trace instances that all carry the run's tag (pid and start time).
 */
#ifndef TAPX_TRACEFS_INT_H
#define TAPX_TRACEFS_INT_H

#include <sys/types.h>
#include <unistd.h>

#include "tracefs/tracefs.h"

struct kbuffer;
typedef struct Run Run;

typedef struct Guardian {
	pid_t pid;   /* 0: none */
	int sock;    /* to it: orders; closed: clean up. From it: an errno for each thing done */
	unsigned kb; /* buffer size that it has set, or is setting */
	bool busy;   /* told to, not waited for; until then its open files keep the instance */
} Guardian;

struct Tracefs {
	Arena *arena;
	const char *root;
	int fd;		 /* of the root directory */
	KernelView view; /* made by the first tracefs_view() */
	bool view_made;
	Table *events; /* "system:name" -> TraceEvent, or &no_event */
	Buf names;     /* available_events */
	bool names_read;
	struct prepared { /* by tracefs_prepare(), until tracefs_arm() takes it over */
		char tag[40];
		Guardian guardian;
	} prepared;
	bool local_clock; /* instances keep the clock they are made with, see clock.c */
	Run *run;	  /* NULL: nothing armed */
};

/* ---- root.c: files below a directory; all return 0 or -errno ---- */

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
#define AUTO_FD __attribute__((cleanup(close_fd))) int
#define AUTO_BUF __attribute__((cleanup(buf_free))) Buf

/** tfs_write - @text in one write to @path below @dir; never truncates what is there. */
int tfs_write(int dir, const char *path, const char *text);
/** tfs_writef - the same with a path that is put together. */
int tfs_writef(int dir, const char *text, const char *path, ...) PRINTF_LIKE(3, 4);
/** tfs_read - all of @path below @dir, appended to @b. */
int tfs_read(int dir, const char *path, Buf *b);
/** tfs_opendir - a directory below @dir: a descriptor or -errno. */
int tfs_opendir(int dir, const char *path);
bool tfs_has(int dir, const char *path);
/** tfs_each - call @fn for each name in directory @path until it returns false. */
int tfs_each(int dir, const char *path, bool (*fn)(void *arg, const char *name), void *arg);
uint64_t mono_ns(void);

/* ---- format.c: a `format` file -> TraceEvent ---- */

/** format_parse - fields of @text (kept by the result: give a copy in @a); NULL: not a format. */
TraceEvent *format_parse(Arena *a, const char *system, const char *name, const char *text);
const TraceField *format_field(const TraceEvent *e, const char *name);
/** format_load - read and parse SYSTEM/NAME's format; NULL: there is none. Not cached. */
TraceEvent *format_load(Tracefs *t, const char *system, const char *name);

/* ---- instance.c: trace instances of ours ---- */

enum { INST_MAIN, INST_STACK, INST_TASKS, INST_AUX, INST_COUNT };

typedef struct Instance {
	char name[64];
	int fd;	     /* its directory; -1: not made */
	int free_fd; /* dead-man switch: when it closes, recording stops and the buffer goes */
	int kind;    /* INST_ */
} Instance;

/** run_tag - "PID_STARTTIME" of this process: unique also when the pid comes again. */
int run_tag(char *ret, size_t size);
/** run_tag_alive - does the process of a tag exist? */
bool run_tag_alive(int pid, unsigned long long start);
/** instance_make - mkdir and open; -errno. */
int instance_make(const Tracefs *t, Instance *in, const char *tag, int kind);
/** instance_open - open one that is there; -errno. */
int instance_open(const Tracefs *t, Instance *in, const char *tag, int kind);
/** instance_clock, instance_size - the two slow settings: each waits for RCU; -errno. The clock is
 * left as it is where that one will do; a size of 0 is the kernel's own. */
int instance_clock(const Tracefs *t, const Instance *in);
int instance_size(const Instance *in, unsigned buffer_kb);
/** instance_exclude - record nothing of these threads (waits for RCU too, at times); -errno. */
int instance_exclude(const Instance *in, const char *tids);
/** instance_guard - from now on recording stops when this process dies. */
void instance_guard(Instance *in);
/** instance_close - give back descriptors, so that the directory can be removed. */
void instance_close(Instance *in);
/** enum traffic - probes at a few places, at many, or static events, which may come by millions. */
enum traffic { TRAFFIC_FEW, TRAFFIC_MANY, TRAFFIC_HOT };
/** instance_default_kb - our buffer size per CPU; 0: what the kernel gives. */
unsigned instance_default_kb(enum traffic traffic);

/* ---- clock.c: the stamps of records, and CLOCK_MONOTONIC ---- */

/** struct Clock - a line through samples of both clocks, all in ns; fd -1: stamps are monotonic. */
typedef struct Clock {
	int fd; /* per_cpu/cpu0/stats of an instance */
	struct clock_pair {
		uint64_t local, mono;
	} first, base;
	int64_t skew; /* by what the rate differs from 1 from base on, in 2^-32 */
	uint64_t next_sample;
} Clock;

/** clock_local_is_same - is trace clock `local` one clock on all processors of this machine? */
bool clock_local_is_same(int root);
/** clock_open - relate the clock of @in, `local`, to CLOCK_MONOTONIC; -errno: it cannot be. */
int clock_open(Clock *c, const Instance *in);
void clock_close(Clock *c);
/** clock_follow - take another sample when it is time (@now: CLOCK_MONOTONIC). @last: the stamp of
 * the last record whose time was asked. */
void clock_follow(Clock *c, uint64_t now, uint64_t last);
/** clock_to_mono, clock_from_mono - a stamp in CLOCK_MONOTONIC, and back; UINT64_MAX stays. */
uint64_t clock_to_mono(const Clock *c, uint64_t local);
uint64_t clock_from_mono(const Clock *c, uint64_t mono);

/* ---- stale.c: undoing, also for the dead ---- */

/**
 * remove_run - remove every instance and every definition of the run @tag: the main instance last,
 * since it is what others find a dead run by. @deadline: CLOCK_MONOTONIC ns; before it is passed
 * another step is begun. Return: true when nothing is left.
 */
bool remove_run(int root, const char *tag, uint64_t deadline);

/* ---- guardian.c: the process that cleans up after us ---- */

/** guardian_start - fork it; it makes the main instance of @tag, sets its clock and buffer size
 * (kilobytes per CPU; 0: the kernel's), and excludes the caller's thread from it. -errno. */
int guardian_start(Guardian *g, const Tracefs *t, const char *tag, unsigned kb);
/** guardian_size - let it set another buffer size while we go on. New events and
 * instances have to wait for it in the kernel, more places of an event do not. */
void guardian_size(Guardian *g, unsigned kb);
/** guardian_wait - until it has done what it was told last; its -errno, 0 when there was nothing.
 */
int guardian_wait(Guardian *g);
/** guardian_let_clean - have it remove everything, and wait for that. */
void guardian_let_clean(Guardian *g);
/** guardian_dismiss - everything is gone: let it exit and reap it. */
void guardian_dismiss(Guardian *g);
/** guardian_hand_over - let it do the rest in the background. */
void guardian_hand_over(Guardian *g);

/* ---- ring.c: raw pages, merged ---- */

typedef struct Held Held; /* stack.c */

typedef struct Stream {
	uint64_t ts; /* the head: its time, bytes and length */
	const uint8_t *data;
	uint32_t size;
	int cpu, fd, kind; /* kind: of the instance, INST_ */
	struct kbuffer *kbuf;
	uint8_t *page;
	Held *held;  /* INST_STACK: events that wait for their stack record */
	bool missed; /* the kernel flagged lost records before the head */
} Stream;

typedef struct Ring {
	Arena *arena;
	VEC(Stream *) streams;
	Stream **heap; /* streams with a head, the oldest first */
	int n_heap;
	Stream *current; /* whose head was handed out; moved on at the next call */
	uint32_t page_size;
	uint64_t filled; /* streams without a head were looked at for this horizon */
	uint64_t slack;	 /* ns: how late a record may become readable */
	uint64_t last;	 /* time of the last record handed out */
	uint64_t late;	 /* records that came after younger ones had gone out */
	bool stopped;	 /* nothing more will be recorded */
	VEC(int) poll_fds;
} Ring;

/** ring_init - an empty ring whose pages have @page_size bytes (0: a memory page). */
void ring_init(Ring *r, Arena *a, uint32_t page_size);
/** ring_add - read @fd (a trace_pipe_raw, O_NONBLOCK; owned from now on). */
Stream *ring_add(Ring *r, int fd, int cpu, int kind);
/** ring_open - all per-CPU files of an instance; -errno. */
int ring_open(Ring *r, const Instance *in);
void ring_close(Ring *r);
/** ring_next - the stream whose head is the oldest not later than @until; 1, 0 or -errno. */
int ring_next(Ring *r, uint64_t until, Stream **ret);
/** stream_raw - move to the next record in the pages, reading another when one ends: 1, 0, -errno.
 */
int stream_raw(Ring *r, Stream *s);

static inline uint16_t load16(const uint8_t *p)
{
	uint16_t v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}
static inline uint32_t load32(const uint8_t *p)
{
	uint32_t v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}
static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* ---- stack.c: events with the kernel_stack record that follows them ---- */

/** stack_init - learn the kernel_stack record's layout; false: this kernel has none. */
bool stack_init(Tracefs *t, Ring *r);
/** stack_next - as stream_raw(), for streams of INST_STACK; the head is complete or nothing
 * follows. */
int stack_next(Ring *r, Stream *s, uint64_t until);
/** stack_waiting - time of the oldest event that waits for its stack; UINT64_MAX: none. */
uint64_t stack_waiting(const Stream *s);
/** stack_of - the stack of the head; returns the number of addresses. */
int stack_of(const Stream *s, const uint64_t **ret);

/* ---- tasks.c proc.c: which process a thread belonged to ---- */

typedef struct Tasks Tasks;

/** struct TaskEvents - where the tracker's records keep what it needs; offsets, -1 absent. */
typedef struct TaskEvents {
	int newtask, rename, exec, exit, creds; /* event ids; 0 none */
	int new_pid, new_comm, new_flags;
	int rename_pid, rename_comm;
	int exec_pid, exec_old, exec_file;
	int exit_pid;
	int cred[4]; /* uid gid euid egid */
} TaskEvents;

/** tasks_new - @programs: also which program each of them runs. */
Tasks *tasks_new(Arena *a, const char *proc, bool programs);
/** tasks_each - call @fn with each task that lives. */
void tasks_each(const Tasks *ts, void (*fn)(void *arg, const TaskInfo *t), void *arg);
/** tasks_scan - read every task of /proc, once. */
void tasks_scan(Tasks *ts);
/** tasks_apply - one record of the tracker's instance, in time order. */
void tasks_apply(Tasks *ts, const TaskEvents *e, const uint8_t *data, uint32_t size);
/** tasks_get - task @tid as of the records applied so far; never NULL; until the next call. */
const TaskInfo *tasks_get(Tasks *ts, int32_t tid, int cpu);

/** tasks_descends - is @task of process @from, or of one that descends from it? */
bool tasks_descends(const Tasks *ts, const TaskInfo *task, int32_t from);

/** struct ProcTask - what a status file says. */
typedef struct ProcTask {
	TaskInfo info;
	int threads;
	bool zombie;
} ProcTask;

/** proc_status - parse the text of a status file (changed while parsing); false: not one. */
bool proc_status(char *text, ProcTask *ret);
/** proc_read - PROC/TID/status, or PROC/TGID/task/TID/status when @tgid; false: gone. */
bool proc_read(const char *proc, int tgid, int tid, ProcTask *ret);

/* ---- events.c: a plan in place ---- */

/** struct Second - a place that is probed at its second instruction (entry.c). */
typedef struct Second {
	const Place *place;
	unsigned offset;
} Second;

typedef struct Armed {
	EventLayout layout;
	const EventDef *def;
	Instance *in;
	struct Armed *next; /* the next EventDef on the same trace event; NULL: last */
	bool first;	    /* of those: the one that enables and filters */
	bool defined, enabled;
	int n_places;
	VEC(Second) seconds;
	uint64_t enable_ns; /* what enabling took: disabling takes as long */
	uint64_t missed;    /* from kprobe_profile, once asked */
	struct Armed
	    *twin_of; /* oversize.c: whose records this one follows; NULL: it has a handler */
	bool has_twin;
	int *ahead, n_ahead; /* of a twin, by processor: records that it has yet to follow */
	uint64_t oversized;
} Armed;

struct Run {
	Arena *arena; /* lives as long as the run */
	ArmOptions o;
	char tag[40], group[48];
	Instance inst[INST_COUNT];
	Guardian guardian;
	Armed *armed;  /* by plan index, then the twins */
	int n_events;  /* of them */
	Armed **by_id; /* by common_type */
	int n_ids;
	int n_armed, n_refused;
	uint64_t text; /* address of _text; 0: not asked yet */
	Ring ring;
	Clock clock; /* of the ring's stamps */
	Record rec;
	const Armed *again; /* an EventDef that gets the same record next */
	Tasks *tasks;
	struct { /* next.c: records for those who were there already, before all others */
		VEC(int32_t) tids;
		int event, task;	/* the next one to hand out */
		uint64_t from, until;	/* CLOCK_MONOTONIC ns: enabling began, tasks were listed */
	} start;
	TaskEvents task_ev;
	bool stopped, disarmed, misses_read;
	bool use_second;	      /* entry.c: there are so many places that it pays */
	uint64_t overrun[INST_COUNT]; /* as last read */
	struct PlaceCache {
		uint64_t ip;
		int event;
		const Place *place;
	} * cache;
	uint32_t cache_mask;
	uint64_t started; /* CLOCK_MONOTONIC ns, for progress messages */
	uint64_t settled; /* a stamp: from then on all events are enabled for certain */
};

/** define_first - define the event with its first place; false: explained in diag. */
bool define_first(Tracefs *t, Armed *a);
/** define_rest - append its other places. */
bool define_rest(Tracefs *t, Armed *a);
/** define_at - one definition, at @p instead of the event's own places (NULL: a tprobe); -errno. */
int define_at(const Tracefs *t, const Armed *a, const Place *p);
/** refusal - the last words in the error_log of @dir about a command that contains @command, or "".
 */
const char *refusal(Arena *a, int dir, const char *command);
/** tracker_start - instance, events and first scan of the task tracker; -errno. */
int tracker_start(Tracefs *t, Run *r);
/** start_list - who is there already, for events that count them too. */
void start_list(Run *r);
bool run_cancelled(const Run *r);
/** run_progress - with -vv: what is done, and how long after the start. */
void run_progress(const Run *r, const char *what);

/* ---- oversize.c: hits too large for a record ---- */

/** oversize_twin - the event that tells of the oversized records of @e; NULL: none can come. */
const EventDef *oversize_twin(Arena *a, const EventDef *e);
/** oversize_first - is @a to be defined before the events with handlers, to be called after them?
 */
bool oversize_first(const Armed *a);
/** oversize_enabled - all events are enabled by now. */
void oversize_enabled(Run *r);
/** oversize_note - take account of a record of a twin or of an event that has one. */
void oversize_note(Run *r, Armed *a, const Stream *s);

/* ---- entry.c: cheap probes at function entries ---- */

/** entry_use_second - are there many places from wildcards, and can they be checked? */
bool entry_use_second(const Run *r);
/** entry_define - define @p behind the call to ftrace; false: not done, use the first instruction.
 */
bool entry_define(const Tracefs *t, Armed *a, const Place *p);
/** entry_check - move back those that code jumps to; before the event is enabled. */
void entry_check(Tracefs *t, Armed *a);

#endif
