/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One trace event per stage of a job:
 * job_queue (request accepted), job_send (read by the worker), job_reply
 * (answered), job_done (buffers back to the client).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM daedalus_v4l2

#if !defined(DAEDALUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DAEDALUS_TRACE_H

#include <linux/tracepoint.h>

#include "daedalus-joblist.h"

DECLARE_EVENT_CLASS(daedalus_job_class,
		    TP_PROTO(u32 session, const struct daedalus_jobentry *job),
		    TP_ARGS(session, job),
		    TP_STRUCT__entry(__field(u32, session)
				     __field(u64, id)
				     __field(u64, timestamp)
				     __field(u32, status)
		    ),
		    TP_fast_assign(__entry->session = session;
				   __entry->id = job->id;
				   __entry->timestamp = job->msg->timestamp;
				   __entry->status = job->status;
		    ),
		    TP_printk("session=%u job=%llu timestamp=%llu status=%u",
			      __entry->session, __entry->id, __entry->timestamp,
			      __entry->status)
);

DEFINE_EVENT(daedalus_job_class, daedalus_job_queue,
	     TP_PROTO(u32 session, const struct daedalus_jobentry *job),
	     TP_ARGS(session, job)
);

DEFINE_EVENT(daedalus_job_class, daedalus_job_send,
	     TP_PROTO(u32 session, const struct daedalus_jobentry *job),
	     TP_ARGS(session, job)
);

DEFINE_EVENT(daedalus_job_class, daedalus_job_done,
	     TP_PROTO(u32 session, const struct daedalus_jobentry *job),
	     TP_ARGS(session, job)
);

TRACE_EVENT(daedalus_job_reply,
	    TP_PROTO(u32 session, const struct daedalus_reply *reply, int error),
	    TP_ARGS(session, reply, error),
	    TP_STRUCT__entry(__field(u32, session)
			     __field(u64, id)
			     __field(u32, status)
			     __field(u32, decode_us)
			     __field(u32, output_us)
			     __field(int, error)
	    ),
	    TP_fast_assign(__entry->session = session;
			   __entry->id = reply->id;
			   __entry->status = reply->status;
			   __entry->decode_us = reply->decode_us;
			   __entry->output_us = reply->output_us;
			   __entry->error = error;
	    ),
	    TP_printk("session=%u job=%llu status=%u decode_us=%u output_us=%u error=%d",
		      __entry->session, __entry->id, __entry->status, __entry->decode_us,
		      __entry->output_us, __entry->error)
);

#endif /* DAEDALUS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE daedalus_trace
#include <trace/define_trace.h>
