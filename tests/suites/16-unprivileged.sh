#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev for a user who is not root, where user namespaces are allowed. The root file system
# and the kernel are those that root has made.
# where: host
# timeout: 300
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"

uid=4242
made=$(dirname "$(dirname "$DAEDALUS_BUILD")")
home=$(mktemp -d /tmp/daedalus-user.XXXXXX)
trap 'rm -rf --one-file-system "$home"' EXIT
chmod 755 "$home"

# as_user CMD...: runs CMD as that user, who sees the checkout and the caches below $home.
# shellcheck disable=SC2016  # of the inner shell
as_user() {
	unshare --mount --propagation private bash -c '
		home=$1 made=$2 repo=$3 uid=$4
		shift 4
		mkdir -p "$home/repo" "$home/cache/daedalus"
		chown "$uid:$uid" "$home" "$home/cache" "$home/cache/daedalus"
		mount --bind "$repo" "$home/repo"
		for dir in "$made"/root-* "$made"/uml-*; do
			[ -d "$dir" ] && [[ $dir != *.tmp ]] || continue
			mkdir -p "$home/cache/daedalus/${dir##*/}"
			mount --bind "$dir" "$home/cache/daedalus/${dir##*/}"
		done
		cd / || exit 125
		exec setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i "HOME=$home" \
			"XDG_CACHE_HOME=$home/cache" PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
	' _ "$home" "$made" "$DAEDALUS_REPO" "$uid" "$@"
}

decodes() {
	local said status=0
	said=$(as_user "$home/repo/dev" demo --show "$home/out" 2>&1) || status=$?
	printf '%s\n' "$said"
	[ $status -eq 0 ] && [[ $said == *"equals FFmpeg's"* ]] &&
		[ "$(stat -c %u "$home/out/contact-sheet.png")" = $uid ]
}

# In a namespace in which no user namespace can be made.
refuses() {
	local said status=0
	# shellcheck disable=SC2016  # of the inner shell
	said=$(as_user unshare --user --map-user=1000 --keep-caps bash -c '
		echo 0 >/proc/sys/user/max_user_namespaces
		exec setpriv --ambient-caps -all --inh-caps -all "$@"' _ \
		"$home/repo/dev" run --no-module -- true 2>&1) || status=$?
	printf '%s\n' "$said"
	[ $status -eq 125 ] && [[ $said == *"a user namespace is not possible here"*"run it with sudo"* ]]
}

if ! as_user unshare --user --map-root-user true 2>/dev/null; then
	skip "all of it" "this machine allows no user namespaces to its users"
else
	mkdir "$home/out" && chown $uid:$uid "$home/out"
	check "a clip is decoded, and its pictures are the user's" decodes
	check "without user namespaces it says so" refuses
fi
tap_done
