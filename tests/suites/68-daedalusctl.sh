#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# daedalusctl on real machines: what it tells about streams, and the cause that doctor
# names for each way in which a decoder can be missing.
# where: guest
# lanes: uml
# full-lanes: qemu
# guest: --no-module
# timeout: 200
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"

ctl=$DAEDALUS_BUILD/user/daemon/ctl/daedalusctl
daemon=$DAEDALUS_BUILD/user/daemon/daedalusd
module=$DAEDALUS_BUILD/module-$DAEDALUS_LANE/kernel/daedalus_v4l2.ko
work=/tmp/daedalusctl
modules=/lib/modules/$(uname -r)
mkdir -p $work

# names RESULT TEXT CMD...: does doctor, run by CMD, end with the status of RESULT, and is
# TEXT in the line of its first problem?
names() {
	local result=$1 text=$2 status=0 said line
	shift 2
	said=$("$@" "$ctl" doctor 2>&1) || status=$?
	printf '%s\n' "$said"
	if [ "$result" = ok ]; then
		[ $status -eq 0 ] && [[ $said == *"$text"* ]] && [[ $said != *problem* ]]
	else
		line=$(grep -m 1 '^problem' <<<"$said")
		[ $status -eq 1 ] && [[ $line == *"$text"* ]]
	fi
}

# with_mount FILE PLACE CMD...: run CMD while FILE is seen at PLACE.
with_mount() {
	# shellcheck disable=SC2016  # for the inner shell
	unshare --mount --propagation private bash -c 'mount --bind "$1" "$2" && shift 2 && "$@"' \
		with_mount "$@"
}
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
plainly() { "$@"; }

start_daemon() {
	"$daemon" --log-level error &
	daemon_pid=$!
	for _ in {1..200}; do
		"$ctl" status >/dev/null 2>&1 && [ -e /dev/media0 ] && return 0
		sleep 0.1
	done
	echo "daedalusd does not answer"
	return 1
}
stop_daemon() { kill "$daemon_pid" && wait "$daemon_pid"; }

check "nothing is installed" names problem "no module daedalus_v4l2 for the running kernel" plainly

# The module as DKMS installs it.
cp -a "$modules" $work/modules
mkdir -p $work/modules/updates
cp "$module" $work/modules/updates/
mount --bind $work/modules "$modules"
depmod
check "the module is not loaded" names problem "daedalus_v4l2 is not loaded" plainly

modprobe daedalus_v4l2
check "no daemon" names problem "daedalusd is not running" plainly
echo 999 >$work/protocol
check "another protocol" names problem "speaks protocol version 999, daedalusd version" \
	with_mount $work/protocol /sys/class/misc/daedalus-v4l2/protocol

check "the daemon starts" start_daemon
check "all is well" names ok "A player of this user can use the decoder." plainly
check "no permission" names problem "User nobody has no permission to open /dev/" as_nobody

# Another build of the module on the disk.
sed 's/srcversion=[0-9A-F]/srcversion=Z/' "$module" >$work/modules/updates/daedalus_v4l2.ko
depmod
check "an older module has the nodes" names problem "is not the installed one" plainly
cp "$module" $work/modules/updates/
depmod

check "the daemon stops" stop_daemon
# The daemon's libraries, all but one: links to them, in their place.
libs=$(dirname "$(ldconfig -p | sed -n 's/.*libavcodec\.so\.[0-9]* .*=> //p' | head -n 1)")
avcodec=$(cd "$libs" && echo libavcodec.so.?? )
mkdir $work/libs $work/real
mount --bind "$libs" $work/real
ln -s $work/real/* $work/libs/
rm $work/libs/libavcodec.so*
check "a codec library is missing" names problem "$avcodec: cannot open" with_mount $work/libs "$libs"
ln -s libc.so.6 $work/libs/libavcodec.so.7
check "another FFmpeg" names problem "was built for $avcodec, but libavcodec.so.7 is installed" \
	with_mount $work/libs "$libs"

check "the daemon starts again" start_daemon
check "status" bash -c "'$ctl' status | grep -q 'H.264.*libavcodec'"
check "status of a user" as_nobody bash -c "'$ctl' status | grep -q 'streams: 0 open'"
check "stats" bash -c "'$ctl' stats | grep -q '^contexts  *0'"

# A stream that lasts, to look at.
play() {
	ffmpeg -v error -y -f lavfi -i testsrc2=size=320x240:rate=25:duration=20 -pix_fmt yuv420p \
		-c:v libx264 -preset ultrafast $work/clip.mp4 &&
		{ gst-launch-1.0 -q filesrc location=$work/clip.mp4 ! qtdemux ! h264parse \
			! daedalush264dec ! fakesink sync=true & } && player=$! && sleep 3
}
check "a stream plays" play
sees_stream() {
	"$ctl" sessions >$work/sessions
	cat $work/sessions
	awk -v pid="$player" 'NR == 2 { seen = $2 == "H.264" && $3 == "320x240" && $4 == pid &&
		$6 > 5 && $7 > 20 && $8 == 0 } END { exit !(seen && NR == 2) }' $work/sessions
}
check "sessions" sees_stream
check "sessions as JSON" bash -c "'$ctl' sessions --json | python3 -c '
import json, sys
session, = json.load(sys.stdin)[\"session\"]
assert session[\"codec\"] == \"H.264\" and session[\"client\"] == $player
assert 0 < session[\"latency-p50-us\"] <= session[\"latency-p99-us\"] <= session[\"latency-max-us\"]'"
check "another user does not see the stream" as_nobody bash -c "'$ctl' sessions | grep -q 'no streams'"
check "doctor as JSON" bash -c "'$ctl' doctor --json | python3 -c '
import json, sys
assert all(check[\"result\"] == \"ok\" for check in json.load(sys.stdin)[\"check\"])'"
kill "$player"
check "the daemon ends" stop_daemon
check "its socket is gone" test ! -e /run/daedalus/status
rmmod daedalus_v4l2
tap_done
