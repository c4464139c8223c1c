# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Finds the driver's nodes. DAEDALUS_DRIVER names another driver to look for.

# nodes_come SECONDS: wait until a video node is there.
nodes_come() { nodes_are yes "$1"; }
# nodes_go SECONDS: wait until none is; the module keeps them for some time without a daemon.
nodes_go() { nodes_are no "$1"; }
nodes_are() {
	local here
	for _ in $(seq $(($2 * 10))); do
		here=no
		! compgen -G '/dev/video*' >/dev/null || here=yes
		[ $here != "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

# video_node: the /dev/videoN of the driver.
video_node() {
	local node
	for node in /sys/class/video4linux/video*; do
		if [[ $(readlink "$node/device/driver") == */${DAEDALUS_DRIVER:-daedalus}* ]]; then
			echo "/dev/${node##*/}"
			return 0
		fi
	done
	echo "no video node of the driver ${DAEDALUS_DRIVER:-daedalus} is there" >&2
	return 1
}

# media_node: the /dev/mediaN that belongs to video_node.
media_node() {
	local video media
	video=$(video_node) || return 1
	for media in "/sys/class/video4linux/${video##*/}"/device/media*; do
		[ -e "$media" ] && echo "/dev/${media##*/}" && return 0
	done
	echo "$video has no media node" >&2
	return 1
}
