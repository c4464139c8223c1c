// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Records what a client asks of the driver: plays a daemon that decodes nothing, writes
 * every job of the first stream to a file and answers it. usage: kernel-record FILE
 *
 * The format is that of corpus.h. It ends with the stream.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "corpus.h"
#include "harness.h"

static uint64_t message[DAEDALUS_MSG_MAX / 8];

static void write_payload(FILE *file, int session, const struct daedalus_plane *src)
{
	static const uint8_t zeros[DAEDALUS_CONTROL_ALIGN];
	struct daedalus_get_buffer get = { .buffer = src->buffer };
	uint8_t *data;

	EXPECT_EQ(ioctl(session, DAEDALUS_IOC_GET_BUFFER, &get), 0);
	data = mmap(NULL, get.length, PROT_READ, MAP_SHARED, get.fd, 0);
	EXPECT(data != MAP_FAILED);
	EXPECT_EQ(fwrite(data + src->offset, 1, src->length, file), src->length);
	fwrite(zeros, 1, -src->length % DAEDALUS_CONTROL_ALIGN, file);
	munmap(data, get.length);
	close(get.fd);
}

int main(int argc, char **argv)
{
	struct daedalus_msg *hdr = (struct daedalus_msg *)message;
	struct daedalus_job *job = (struct daedalus_job *)message;
	struct daedalus_open_session open = { 0 };
	struct daedalus_event event;
	unsigned int jobs = 0;
	FILE *file;
	int control;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FILE\n", argv[0]);
		return 2;
	}
	file = fopen(argv[1], "wb");
	EXPECT(file);
	control = start_daemon();
	EXPECT(readable(control, 60000));
	EXPECT_EQ(read(control, &event, sizeof(event)), sizeof(event));
	open.session = event.session;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_OPEN_SESSION, &open), 0);
	while (read(open.fd, message, sizeof(message)) > 0) {
		if (hdr->type != DAEDALUS_MSG_JOB)
			continue;
		EXPECT_EQ(fwrite(message, 1, hdr->size, file), hdr->size);
		write_payload(file, open.fd, &job->src);
		EXPECT_EQ(write_reply(open.fd, job->id, DAEDALUS_STATUS_OK), 0);
		jobs++;
	}
	EXPECT_EQ(fclose(file), 0);
	printf("%u jobs\n", jobs);
	return 0;
}
