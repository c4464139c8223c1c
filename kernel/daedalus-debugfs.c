// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/daedalus_v4l2/stats: objects that exist now, and totals of
 * jobs and refused replies.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "daedalus.h"

static const char * const refusal_names[DAEDALUS_REFUSALS] = {
	[DAEDALUS_REFUSED_SIZE] = "size",
	[DAEDALUS_REFUSED_INVALID] = "invalid",
	[DAEDALUS_REFUSED_UNREAD] = "unread",
	[DAEDALUS_REFUSED_ANSWERED] = "answered",
	[DAEDALUS_REFUSED_STALE] = "stale",
};

static int stats_show(struct seq_file *seq, void *data)
{
	struct daedalus_dev *ddev = seq->private;
	struct daedalus_counters *counters = &ddev->counters;
	unsigned int i;

	seq_printf(seq, "contexts %d\n", atomic_read(&counters->contexts));
	seq_printf(seq, "sessions %d\n", atomic_read(&counters->sessions));
	seq_printf(seq, "jobs %d\n", atomic_read(&counters->jobs));
	seq_printf(seq, "buffers %d\n", atomic_read(&counters->buffers));
	seq_printf(seq, "nodes %u\n", daedalus_nodes_alive());
	seq_printf(seq, "nodes_retired %u\n", daedalus_nodes_retired());
	seq_printf(seq, "requests %u\n", daedalus_requests_alive());
	seq_printf(seq, "streams %u\n", daedalus_streams_alive());
	seq_printf(seq, "done %lld\n", atomic64_read(&counters->done));
	seq_printf(seq, "failed %lld\n", atomic64_read(&counters->failed));
	seq_printf(seq, "deadlines %lld\n", atomic64_read(&counters->deadlines));
	for (i = 0; i < DAEDALUS_REFUSALS; i++)
		seq_printf(seq, "refused_%s %lld\n", refusal_names[i],
			   atomic64_read(&counters->refused[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * daedalus_debugfs_init() - create the debugfs directory
 * @ddev: gets the directory
 *
 * Failure is ignored, as is usual for debugfs.
 */
void daedalus_debugfs_init(struct daedalus_dev *ddev)
{
	ddev->debugfs = debugfs_create_dir(DAEDALUS_NAME, NULL);
	debugfs_create_file("stats", 0444, ddev->debugfs, ddev, &stats_fops);
}

/**
 * daedalus_debugfs_exit() - remove the debugfs directory
 * @ddev: being unbound
 */
void daedalus_debugfs_exit(struct daedalus_dev *ddev)
{
	debugfs_remove_recursive(ddev->debugfs);
}
