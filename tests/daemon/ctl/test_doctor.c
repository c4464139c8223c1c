// SPDX-License-Identifier: LGPL-2.1-or-later
/* Each cause why a player does not find the decoder is named, and no other one. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "ctl/doctor.h"

#define CODECS	\
	"codec name=H.264 fourcc=S264 state=ok library=libavcodec%2061.19\n" \
	"codec name=VP9 fourcc=VP9F state=ok library=libavcodec%2061.19\n" \
	"codec name=AV1 fourcc=AV1F state=ok library=libdav1d%201.5.1\n"
#define DAEMON	"daemon version=0.1.0 pid=42\n"

static void set(struct records *records, const char *text)
{
	records_free(records);
	CHECK(records_parse(records, text) == 0);
}

/* A machine on which everything works. */
static void good_machine(struct facts *facts)
{
	*facts = (struct facts){
		.kernel = "6.12.1",
		.user = "joe",
		.module_loaded = true,
		.module_installed = true,
		.loaded = { "0.1.0", "ABC" },
		.installed = { "0.1.0", "ABC" },
		.module_protocol = 3,
		.our_protocol = 3,
		.control_error = -1,
		.other_libraries = "libavcodec.so.61 libdav1d.so.7",
		.video = "/dev/video0",
		.media = "/dev/media0",
		.formats = { V4L2_PIX_FMT_VP9_FRAME, V4L2_PIX_FMT_H264_SLICE,
			     V4L2_PIX_FMT_AV1_FRAME },
		.num_formats = 3,
	};
	set(&facts->status, DAEMON CODECS);
	set(&facts->probe, CODECS);
}

static void no_daemon(struct facts *facts)
{
	facts->status_error = -ENOENT;
	facts->control_error = 0;
	facts->video[0] = '\0';
	facts->media[0] = '\0';
	facts->num_formats = 0;
	set(&facts->status, "");
}

static void not_loaded(struct facts *facts)
{
	no_daemon(facts);
	facts->module_loaded = false;
	facts->module_protocol = 0;
	facts->control_error = ENOENT;
}

static void not_installed(struct facts *facts)
{
	not_loaded(facts);
	facts->module_installed = false;
}

static void hanging_daemon(struct facts *facts)
{
	facts->status_error = -ETIMEDOUT;
	set(&facts->status, "");
}

static void strange_daemon(struct facts *facts)
{
	facts->status_error = -ECONNREFUSED;
	facts->control_error = EBUSY;
	set(&facts->status, "");
}

static void no_permission(struct facts *facts)
{
	facts->video_error = EACCES;
	facts->num_formats = 0;
}

static void no_media_permission(struct facts *facts)
{
	facts->media_error = EACCES;
}

static void too_many_files(struct facts *facts)
{
	facts->video_error = EMFILE;
}

static void wrong_ffmpeg(struct facts *facts)
{
	no_daemon(facts);
	strcpy(facts->other_libraries, "libavcodec.so.60 libdav1d.so.7");
	set(&facts->probe,
	    "codec name=H.264 fourcc=S264 state=missing reason=libavcodec.so.61:%20cannot%20open\n"
	    "codec name=AV1 fourcc=AV1F state=ok library=libdav1d%201.5.1\n");
}

static void no_library(struct facts *facts)
{
	set(&facts->status, DAEMON
	    "codec name=VP9 fourcc=VP9F state=ok library=libavcodec%2061.19\n"
	    "codec name=AV1 fourcc=AV1F state=missing reason=libdav1d.so.7:%20cannot%20open\n");
	strcpy(facts->other_libraries, "libavcodec.so.61");
}

static void no_probe(struct facts *facts)
{
	no_daemon(facts);
	facts->probe_status = -1;
	set(&facts->probe, "");
}

static void other_protocol(struct facts *facts)
{
	no_daemon(facts);
	facts->module_protocol = 2;
}

static void silent_module(struct facts *facts)
{
	no_daemon(facts);
	facts->module_protocol = 0;
}

static void older_module(struct facts *facts)
{
	strcpy(facts->loaded.version, "0.0.9");
	strcpy(facts->loaded.source, "DEF");
}

static void other_source(struct facts *facts)
{
	strcpy(facts->loaded.source, "DEF");
}

static void no_av1(struct facts *facts)
{
	strcpy(facts->kernel, "6.1.0");
	facts->num_formats = 2;
}

static void no_vp9(struct facts *facts)
{
	facts->formats[0] = facts->formats[2];
	facts->num_formats = 2;
}

static void no_nodes(struct facts *facts)
{
	facts->video[0] = '\0';
	facts->media[0] = '\0';
	facts->num_formats = 0;
}

static const struct {
	const char *what;
	void (*change)(struct facts *facts);
	const char *problem;	/* name of the first check that finds a problem */
	const char *text;	/* part of its text */
	const char *advice;	/* part of its advice */
} cases[] = {
	{ "module not loaded", not_loaded, "module", "is not loaded", "modprobe daedalus_v4l2" },
	{ "no module for the kernel", not_installed, "module", "running kernel, 6.12.1",
	  "dkms autoinstall -k 6.12.1" },
	{ "daemon not running", no_daemon, "daemon", "is not running", "systemctl start" },
	{ "daemon hangs", hanging_daemon, "daemon", "does not answer", "systemctl restart" },
	{ "daemon without socket", strange_daemon, "daemon", "does not answer on the status socket",
	  "another release" },
	{ "no permission", no_permission, "permission",
	  "User joe has no permission to open /dev/video0", "adduser joe video" },
	{ "no permission for the media node", no_media_permission, "permission", "/dev/media0",
	  "adduser joe video" },
	{ "node cannot be opened", too_many_files, "permission", "Too many open files", "dmesg" },
	{ "wrong FFmpeg", wrong_ffmpeg, "codec-libraries",
	  "No H.264: this daedalusd was built for libavcodec.so.61, but libavcodec.so.60",
	  "libavcodec.so.61" },
	{ "library missing", no_library, "codec-libraries", "No AV1: libdav1d.so.7: cannot open",
	  "Install the package that has libdav1d.so.7" },
	{ "daedalusd missing", no_probe, "codec-libraries", "cannot be asked", "--daemon" },
	{ "protocol mismatch", other_protocol, "protocol",
	  "speaks protocol version 2, daedalusd version 3", "from one release" },
	{ "module without a protocol", silent_module, "protocol", "older release",
	  "from one release" },
	{ "older module", older_module, "module-build", "version 0.0.9, source DEF", "rmmod" },
	{ "module of other sources", other_source, "module-build", "source DEF", "rmmod" },
	{ "no AV1 controls", no_av1, "formats", "this kernel, 6.1.0, has no AV1 controls", "6.5" },
	{ "format not offered", no_vp9, "formats", "does not offer VP9", "from one release" },
	{ "no nodes", no_nodes, "nodes", "there is no video node", "dmesg" },
};

static void judge(const struct facts *facts, struct records *records, unsigned int *problems)
{
	struct record_text text = { 0 };

	*problems = doctor_judge(facts, &text);
	CHECK(!text.failed && records_parse(records, text.text) == 0);
	free(text.text);
}

int main(void)
{
	struct records records;
	unsigned int problems, found;
	struct facts facts;
	size_t i, k;

	good_machine(&facts);
	judge(&facts, &records, &problems);
	CHECK_EQ(problems, 0);
	CHECK_EQ(records.count, 8);
	for (i = 0; i < records.count; i++)
		CHECK(!record_value(&records.list[i], "advice"));
	records_free(&records);
	facts_free(&facts);

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good_machine(&facts);
		cases[i].change(&facts);
		judge(&facts, &records, &problems);
		found = 0;
		for (k = 0; k < records.count; k++) {
			const struct record *check = &records.list[k];

			if (strcmp(record_value(check, "result"), "problem") != 0)
				continue;
			/* With a problem before it, the daemon cannot run either. */
			if (found++) {
				CHECK_MSG(!strcmp(record_value(check, "name"), "daemon"), "%s: %s",
					  cases[i].what, record_value(check, "text"));
				continue;
			}
			CHECK_MSG(!strcmp(record_value(check, "name"), cases[i].problem), "%s: %s",
				  cases[i].what, record_value(check, "name"));
			CHECK_MSG(strstr(record_value(check, "text"), cases[i].text), "%s: %s",
				  cases[i].what, record_value(check, "text"));
			CHECK_MSG(strstr(record_value(check, "advice"), cases[i].advice), "%s: %s",
				  cases[i].what, record_value(check, "advice"));
		}
		CHECK_MSG(found && found == problems, "%s: %u of %u problems", cases[i].what,
			  found, problems);
		records_free(&records);
		facts_free(&facts);
	}
	return check_result();
}

void facts_free(struct facts *facts)
{
	records_free(&facts->status);
	records_free(&facts->probe);
}
