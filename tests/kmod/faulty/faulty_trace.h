/* SPDX-License-Identifier: GPL-2.0-or-later */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM faulty

#if !defined(FAULTY_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define FAULTY_TRACE_H

#include <linux/tracepoint.h>

#include "faulty.h"

TRACE_EVENT(faulty_begin,
	TP_PROTO(struct faulty_request *r),
	TP_ARGS(r),
	TP_STRUCT__entry(
		__field(int, id)
		__field(unsigned int, size)
	),
	TP_fast_assign(
		__entry->id = r->id;
		__entry->size = r->size;
	),
	TP_printk("id=%d size=%u", __entry->id, __entry->size)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE faulty_trace
#include <trace/define_trace.h>
