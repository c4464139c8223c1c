// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/videodev2.h>

#include "core/capture_format.h"

#define TEXT_BYTES	512

enum result {
	RESULT_OK,
	RESULT_PROBLEM,
	RESULT_SKIP,	/* needs something that is missing, and another check names it */
};

static const char *const result_names[] = {
	[RESULT_OK] = "ok",
	[RESULT_PROBLEM] = "problem",
};

/* What a check writes: the state, and what to do about it. */
struct words {
	char text[TEXT_BYTES];
	char advice[TEXT_BYTES];
};

#define SAY(words, ...)		snprintf((words)->text, TEXT_BYTES, __VA_ARGS__)
#define ADVISE(words, ...)	snprintf((words)->advice, TEXT_BYTES, __VA_ARGS__)

static enum result check_module(const struct facts *facts, struct words *words)
{
	if (facts->module_loaded) {
		SAY(words, "The module daedalus_v4l2 %s is loaded.", facts->loaded.version);
		return RESULT_OK;
	}
	if (facts->module_installed) {
		SAY(words, "The module daedalus_v4l2 is not loaded.");
		ADVISE(words, "Load it as root: modprobe daedalus_v4l2");
	} else {
		SAY(words, "There is no module daedalus_v4l2 for the running kernel, %s.",
		    facts->kernel);
		ADVISE(words, "Install it for this kernel (with DKMS: dkms autoinstall -k %s), then load it: modprobe daedalus_v4l2",
		       facts->kernel);
	}
	return RESULT_PROBLEM;
}

static enum result check_build(const struct facts *facts, struct words *words)
{
	if (!facts->module_loaded || !facts->module_installed)
		return RESULT_SKIP;
	if (!strcmp(facts->loaded.version, facts->installed.version) &&
	    !strcmp(facts->loaded.source, facts->installed.source)) {
		SAY(words, "It is the build that is installed.");
		return RESULT_OK;
	}
	SAY(words, "The module in the kernel (version %s, source %s) is not the installed one (version %s, source %s): it has taken the nodes.",
	    facts->loaded.version, facts->loaded.source, facts->installed.version,
	    facts->installed.source);
	ADVISE(words, "Close the players, then as root: systemctl stop daedalusd; rmmod daedalus_v4l2; modprobe daedalus_v4l2; systemctl start daedalusd");
	return RESULT_PROBLEM;
}

static enum result check_protocol(const struct facts *facts, struct words *words)
{
	if (!facts->module_loaded)
		return RESULT_SKIP;
	if (!facts->module_protocol) {
		SAY(words, "The module does not tell its protocol version: it is of an older release than daedalusctl.");
		ADVISE(words, "Install the module and daedalusd from one release.");
		return RESULT_PROBLEM;
	}
	if (facts->module_protocol == facts->our_protocol) {
		SAY(words, "Module and daemon speak protocol version %u.", facts->our_protocol);
		return RESULT_OK;
	}
	SAY(words, "The module speaks protocol version %u, daedalusd version %u.",
	    facts->module_protocol, facts->our_protocol);
	ADVISE(words, "Install the module and daedalusd from one release, load the new module and start daedalusd again.");
	return RESULT_PROBLEM;
}

/* The codecs of the running daemon, or of the installed one. */
static const struct records *codecs_of(const struct facts *facts)
{
	return facts->status_error ? &facts->probe : &facts->status;
}

/*
 * Finds a library name such as "libavcodec.so.61" in @text.
 * Return: its length with the major version, 0 if there is none.
 */
static size_t find_library(const char *text, const char **name)
{
	const char *so;

	*name = strstr(text, "lib");
	so = *name ? strstr(*name, ".so.") : NULL;
	if (!so || !isdigit((unsigned char)so[4]))
		return 0;
	return (size_t)(so - *name) + 4 + strspn(so + 4, "0123456789");
}

static void explain_missing(const struct facts *facts, const struct record *codec,
			    struct words *words)
{
	const char *reason = record_value(codec, "reason");
	const char *name, *other;
	size_t length, stem;

	reason = reason ? reason : "the daemon does not say why";
	length = find_library(reason, &name);
	stem = length ? (size_t)(strstr(name, ".so.") - name) + 4 : 0;
	for (other = facts->other_libraries; length && *other; other += strcspn(other, " ")) {
		size_t end;

		other += strspn(other, " ");
		end = strcspn(other, " ");
		if (strncmp(other, name, stem) != 0 ||
		    (end == length && !strncmp(other, name, length)))
			continue;
		SAY(words, "No %s: this daedalusd was built for %.*s, but %.*s is installed.",
		    record_value(codec, "name"), (int)length, name, (int)end, other);
		ADVISE(words, "Install the package that has %.*s, or a daedalusd that was built for %.*s.",
		       (int)length, name, (int)end, other);
		return;
	}
	SAY(words, "No %s: %s", record_value(codec, "name"), reason);
	if (length)
		ADVISE(words, "Install the package that has %.*s.", (int)length, name);
	else
		ADVISE(words, "Install the codec libraries that daedalusd was built for.");
}

static enum result check_libraries(const struct facts *facts, struct words *words)
{
	const struct records *codecs = codecs_of(facts);
	size_t i, used = 0, count = 0;

	for (i = 0; i < codecs->count; i++) {
		const struct record *codec = &codecs->list[i];
		const char *state = record_value(codec, "state");

		if (strcmp(codec->kind, "codec") != 0 || !state)
			continue;
		if (strcmp(state, "ok") != 0) {
			explain_missing(facts, codec, words);
			return RESULT_PROBLEM;
		}
		if (used < TEXT_BYTES)
			used += (size_t)snprintf(words->text + used, TEXT_BYTES - used,
						 "%s%s by %s", count ? ", " : "Codecs: ",
						 record_value(codec, "name"),
						 record_value(codec, "library"));
		count++;
	}
	if (count)
		return RESULT_OK;
	SAY(words, "daedalusd cannot be asked for its codecs (status %d).", facts->probe_status);
	ADVISE(words, "Install daedalusd, or name it: daedalusctl doctor --daemon PATH");
	return RESULT_PROBLEM;
}

static enum result check_daemon(const struct facts *facts, struct words *words)
{
	const struct record *daemon = records_first(&facts->status, "daemon");

	if (!facts->status_error && daemon) {
		SAY(words, "daedalusd %s runs as process %s.", record_value(daemon, "version"),
		    record_value(daemon, "pid"));
		return RESULT_OK;
	}
	/* It cannot run without the module, or with another protocol. */
	if (!facts->module_loaded || facts->module_protocol != facts->our_protocol)
		return RESULT_SKIP;
	if (facts->status_error == -ETIMEDOUT) {
		SAY(words, "daedalusd does not answer.");
		ADVISE(words, "Start it again as root: systemctl restart daedalusd");
	} else if (facts->control_error == EBUSY) {
		SAY(words, "A daemon has the control device, but does not answer on the status socket: %s.",
		    strerror(-facts->status_error));
		ADVISE(words, "It is of another release, or has another --status-socket: systemctl restart daedalusd");
	} else {
		SAY(words, "daedalusd is not running.");
		ADVISE(words, "Start it as root: systemctl start daedalusd; if it ends again, journalctl -u daedalusd tells why");
	}
	return RESULT_PROBLEM;
}

static enum result check_nodes(const struct facts *facts, struct words *words)
{
	if (!facts->module_loaded || facts->status_error)
		return RESULT_SKIP;
	if (facts->video[0] && facts->media[0]) {
		SAY(words, "The decoder is %s with %s.", facts->video, facts->media);
		return RESULT_OK;
	}
	SAY(words, "daedalusd runs, but there is no %s node of the decoder.",
	    facts->video[0] ? "media" : "video");
	ADVISE(words, "Look for messages of daedalus_v4l2 in the kernel's log (dmesg), then: systemctl restart daedalusd");
	return RESULT_PROBLEM;
}

static enum result check_permission(const struct facts *facts, struct words *words)
{
	bool video = facts->video_error != 0;
	const char *node = video ? facts->video : facts->media;
	int error = video ? facts->video_error : facts->media_error;

	if (!facts->video[0] || !facts->media[0])
		return RESULT_SKIP;
	if (!error) {
		SAY(words, "User %s may use both.", facts->user);
		return RESULT_OK;
	}
	if (error == EACCES || error == EPERM) {
		SAY(words, "User %s has no permission to open %s.", facts->user, node);
		ADVISE(words, "Add the user to the group video as root (adduser %s video), and log in again.",
		       facts->user);
	} else {
		SAY(words, "%s cannot be opened: %s.", node, strerror(error));
		ADVISE(words, "Look for messages of daedalus_v4l2 in the kernel's log (dmesg).");
	}
	return RESULT_PROBLEM;
}

static bool offers(const struct facts *facts, const char *fourcc)
{
	char text[FOURCC_TEXT_BYTES];
	unsigned int i;

	for (i = 0; i < facts->num_formats; i++)
		if (!strcmp(fourcc_text(facts->formats[i], text), fourcc))
			return true;
	return false;
}

static enum result check_formats(const struct facts *facts, struct words *words)
{
	const struct records *codecs = codecs_of(facts);
	size_t i;

	if (!facts->video[0] || facts->video_error)
		return RESULT_SKIP;
	for (i = 0; i < codecs->count; i++) {
		const struct record *codec = &codecs->list[i];
		const char *state = record_value(codec, "state");
		const char *fourcc = record_value(codec, "fourcc");

		if (strcmp(codec->kind, "codec") != 0 || !state || !fourcc ||
		    strcmp(state, "ok") != 0 || offers(facts, fourcc))
			continue;
		if (!strcmp(fourcc, "AV1F")) {
			SAY(words, "No AV1: this kernel, %s, has no AV1 controls; they came with Linux 6.5.",
			    facts->kernel);
			ADVISE(words, "Boot Linux 6.5 or newer with the module built for it. The other codecs work.");
		} else {
			SAY(words, "The decoder does not offer %s (%s), which daedalusd decodes.",
			    record_value(codec, "name"), fourcc);
			ADVISE(words, "Install the module and daedalusd from one release.");
		}
		return RESULT_PROBLEM;
	}
	SAY(words, "It offers every codec that daedalusd decodes.");
	return RESULT_OK;
}

static const struct {
	const char *name;
	enum result (*run)(const struct facts *facts, struct words *words);
} checks[] = {
	{ "module", check_module },
	{ "module-build", check_build },
	{ "protocol", check_protocol },
	{ "codec-libraries", check_libraries },
	{ "daemon", check_daemon },
	{ "nodes", check_nodes },
	{ "permission", check_permission },
	{ "formats", check_formats },
};

unsigned int doctor_judge(const struct facts *facts, struct record_text *to)
{
	unsigned int problems = 0;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct words words = { 0 };
		enum result result = checks[i].run(facts, &words);

		if (result == RESULT_SKIP)
			continue;
		problems += result == RESULT_PROBLEM;
		record_begin(to, "check");
		record_add(to, "name", "%s", checks[i].name);
		record_add(to, "result", "%s", result_names[result]);
		record_add(to, "text", "%s", words.text);
		if (result != RESULT_OK)
			record_add(to, "advice", "%s", words.advice);
		record_end(to);
	}
	return problems;
}
