# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Boots a guest, runs a command in it and determines the exit status. dev sources
# it after lib.sh. guest_run reads these variables (guest_defaults sets them):
#   G_LANE uml|kasan|qemu  G_CPUS, G_MEM    G_TIMEOUT seconds, 0: none
#   G_MODULE, G_DAEMON yes|no           G_MODULE_PARAMS, G_DAEMON_ARGS words
#   G_SHARES folders   G_ENV K=V words  G_LOG file to copy the kernel log to
#   G_INTERACTIVE yes: a shell on this terminal instead of a command
#   G_STDIN yes: the command reads this shell's stdin up to its end
#   G_TAP yes: the command reports in TAP, so guest_run reports what it repeats
#   G_KILLED function to call after a signal killed the guest
# and those that dev sets: ROOT, LANE_DIR (the lane's artefact), BUILD, REPO,
# NS_SHOWN and shown (the shared folders: options of ns.sh, and names).
# shellcheck disable=SC2034,SC2153,SC2154  # variables of dev

guest_defaults() {
	G_LANE=uml G_CPUS=2 G_MEM=2G G_TIMEOUT=3600
	G_MODULE=yes G_DAEMON=yes G_MODULE_PARAMS='' G_DAEMON_ARGS=''
	G_SHARES=() G_ENV=() G_LOG='' G_INTERACTIVE='' G_STDIN='' G_TAP='' G_KILLED=''
}

# Patterns of kernel messages that make the run fail, even if the command succeeds.
# Only lines with the kernel's time stamp count.
KERNEL_ALARMS='WARNING:|BUG:|Oops|kernel BUG at|Call Trace:|blocked for more than'
KERNEL_ALARMS+='|lockdep|possible .* (deadlock|recursion|locking)|suspicious RCU|KASAN|UBSAN|KCSAN'
KERNEL_ALARMS+='|daedalus-init: kmemleak: |refcount_t|general protection|nable to handle kernel'
KERNEL_ALARMS+='|soft lockup|hard lockup|rcu.*stall|DMA-API|sleeping function'
KERNEL_ALARMS+='|scheduling while atomic|list_(add|del) corruption|Bad page|bad page'
KERNEL_ALARMS+='|Kernel panic|Out of memory|oom-kill|Segfault with no mm|held lock freed'

# kernel_alarms LOG: the lines that match KERNEL_ALARMS since init started.
kernel_alarms() {
	sed -n '/daedalus-init: start/,$p' "$1" | tr -d '\r' |
		grep -aE "^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? .*($KERNEL_ALARMS)" || true
}

# qemu_accel: prints kvm if a guest boots with it, else tcg; that /dev/kvm can be
# opened is no proof. The result is stored for each host kernel, root (with its
# QEMU) and guest kernel.
qemu_accel() {
	local memo
	memo=$CACHE/kvm-$(hash_of "@$(uname -r)" "@$ROOT" "@$LANE_DIR")
	if [ ! -s "$memo" ]; then
		echo tcg >"$memo.new"
		if [ -w /dev/kvm ] && in_root -- timeout -k 1 10 qemu-system-x86_64 -nodefaults \
			-no-user-config -display none -no-reboot -machine q35 -accel kvm -cpu host \
			-m 256M -kernel "$LANE_DIR/vmlinuz" -initrd "$LANE_DIR/initramfs" -serial stdio \
			-append 'console=ttyS0 panic=-1 daedalus.probe' </dev/null 2>/dev/null |
			grep -aq daedalus-probe-ok; then
			echo kvm >"$memo.new"
		fi
		mv "$memo.new" "$memo"
	fi
	cat "$memo"
}

# guest_conf LOGS: prints the file conf for init; see there.
guest_conf() {
	local lane=$G_LANE repo=$REPO workdir=$PWD interactive=$G_INTERACTIVE
	local module='' module_params=$G_MODULE_PARAMS daemon='' daemon_args=$G_DAEMON_ARGS
	local registry='' plugin_path='' patience=10 hung_task_secs=30 term=${TERM:-dumb}
	local daemon_log=$1/daemon.log tty_size=()
	if [ "$lane" = qemu ]; then
		patience=60 hung_task_secs=60
	fi
	[ "$G_MODULE" = no ] || module=$BUILD/module-$lane/kernel/daedalus_v4l2.ko
	[ "$G_DAEMON" = no ] || daemon=$BUILD/user/daemon/daedalusd
	if [ -e "$BUILD/registry.bin" ]; then
		registry=$BUILD/registry.bin plugin_path=$BUILD/user/gst
	fi
	if [ -n "$interactive" ]; then
		read -r -a tty_size < <(stty size | awk '{ print "rows", $1, "cols", $2 }')
	fi
	declare -p lane repo workdir interactive module module_params daemon daemon_args \
		registry plugin_path patience hung_task_secs term daemon_log tty_size shown |
		sed 's/^declare -[-a-z]* /&/'
}

# guest_command ENV... -- CMD...: prints the command as a bash script.
guest_command() {
	while [ "$1" != -- ]; do
		printf 'export %q\n' "$1"
		shift
	done
	shift
	printf 'exec'
	printf ' %q' "$@"
	echo
}

# guest_boot STATE: becomes the guest's process. Its fds: stdout takes the kernel's
# log, 5, 6 and 7 take the command's stdout, its stderr and the daemon's log. 8 is
# the input of the interactive shell. 9 and 10 are inputs without data, because
# UML needs one for each line.
guest_boot() {
	local state=$1 ns
	ns=("${CONTAIN[@]}" "$REPO/tests/vm/ns.sh" "$ROOT" "$state/top" -m "$LANE_DIR/lib/modules"
		-r "$LANE_DIR" "${NS_SHOWN[@]}" -s "$state")
	case $G_LANE in
	uml | kasan)
		exec "${ns[@]}" -- "$LANE_DIR/linux" seccomp=on "ncpus=$G_CPUS" "mem=$G_MEM" \
			rootfstype=hostfs rootflags=/ rw "init=$REPO/tests/vm/init" noreboot \
			con=null con0=null,fd:1 con1=fd:8,fd:5 con2=fd:9,fd:6 con3=fd:10,fd:7 ssl=null
		;;
	qemu)
		local accel cpu=max line lines=()
		accel=$(qemu_accel)
		[ "$accel" = kvm ] && cpu=host
		for line in out:5 err:6 log:7; do
			lines+=(-chardev "file,id=${line%:*},path=/proc/self/fd/${line#*:},append=on"
				-device "virtserialport,chardev=${line%:*},name=daedalus.${line%:*}")
		done
		# shellcheck disable=SC2054  # QEMU's commas
		[ -z "$G_INTERACTIVE" ] ||
			lines+=(-chardev stdio,id=tty,signal=off -device virtconsole,chardev=tty)
		for line in root host; do
			lines+=(-fsdev "local,path=/,security_model=passthrough,multidevs=remap,id=$line"
				-device "virtio-9p-pci,fsdev=$line,mount_tag=$line")
		done
		exec "${ns[@]}" -- qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
			-machine q35 -accel "$accel" -cpu "$cpu" -smp "$G_CPUS" -m "$G_MEM" \
			-kernel "$LANE_DIR/vmlinuz" -initrd "$LANE_DIR/initramfs" \
			-append "console=ttyS0 panic=-1 quiet loglevel=7 daedalus.init=$REPO/tests/vm/init" \
			-chardev file,id=console,path=/proc/self/fd/4,append=on -serial chardev:console \
			-device virtio-serial-pci "${lines[@]}" <&8 4>&1 >&5
		;;
	esac
}

# guest_run CMD...: returns the command's status, or EXIT_* if the guest, the kernel
# or the daemon failed. If the kernel dies before init starts, it is booted again,
# twice at most.
guest_run() {
	local state logs status=0 try
	mkdir -p "$CACHE/tmp"
	state=$(mktemp -d "$CACHE/tmp/run.XXXXXX")
	mkdir "$state/top"
	guest_command "DAEDALUS_LANE=$G_LANE" "DAEDALUS_REPO=$REPO" "DAEDALUS_BUILD=$BUILD" \
		"DAEDALUS_VECTORS=$VECTORS" "${G_ENV[@]}" -- "$@" >"$state/cmd"
	# Pipes, because UML would change the mode of the caller's files.
	mkfifo "$state/in" "$state/void" "$state/out" "$state/err" "$state/log" "$state/kernel"
	[ -z "$G_STDIN" ] || cat >"$state/stdin"
	for try in 1 2 3; do
		logs=$(mktemp -d "$LOGS/run-$(date +%Y%m%d-%H%M%S)-XXXX")
		guest_conf "$logs" >"$state/conf"
		status=0
		guest_try "$state" "$logs" || status=$?
		if [ "$status" -ne "$EXIT_GUEST" ] || [ "$try" -eq 3 ] ||
			grep -aq 'daedalus-init: start' "$logs/kernel.log"; then
			break
		fi
		say "its kernel died before the first process; starting it again"
		[ -z "$G_TAP" ] || echo "# RETRY the guest: its kernel died before the first process"
	done
	rm -rf --one-file-system "$state"
	return "$status"
}

# guest_try STATE LOGS: boot the guest that guest_run prepared, once.
guest_try() {
	local state=$1 logs=$2 status verdict alarms pid cats timer='' typist=''
	cat "$state/out" &
	cats=$!
	cat "$state/err" >&2 &
	cats="$cats $!"
	cat "$state/log" >"$logs/daemon.log" &
	cats="$cats $!"
	cat "$state/kernel" >"$logs/kernel.log" &
	cats="$cats $!"
	if [ -n "$G_INTERACTIVE" ]; then
		cat <&0 >"$state/in" &
		typist=$!
	fi
	guest_boot "$state" 8<>"$state/in" 9<>"$state/void" 10<>"$state/void" \
		5>"$state/out" 6>"$state/err" 7>"$state/log" >"$state/kernel" 2>&1 &
	pid=$!
	# shellcheck disable=SC2064  # expand the variables now
	trap "guest_kill $pid '$state' 130" INT
	# shellcheck disable=SC2064
	trap "guest_kill $pid '$state' 143" TERM HUP
	if [ "$G_TIMEOUT" -gt 0 ]; then
		setpriv --pdeathsig KILL sleep "$G_TIMEOUT" &
		timer=$!
	fi
	# shellcheck disable=SC2086  # one number or two
	wait -n $pid $timer 2>/dev/null || true
	if kill -0 "$pid" 2>/dev/null && [ -n "$timer" ] && ! kill -0 "$timer" 2>/dev/null; then
		: >"$state/timeout"
		kill -KILL "$pid"
	fi
	wait "$pid" 2>/dev/null || true
	# shellcheck disable=SC2086  # none, one or two numbers
	[ -z "$timer$typist" ] || kill $timer $typist 2>/dev/null || true
	# shellcheck disable=SC2086  # two numbers
	wait $cats || true
	trap - INT TERM HUP

	[ -z "$G_LOG" ] || cp "$logs/kernel.log" "$G_LOG"
	alarms=$(kernel_alarms "$logs/kernel.log")
	if [ -e "$state/timeout" ]; then
		say "the guest did not end within $G_TIMEOUT s and was killed"
		status=$EXIT_TIMEOUT
	elif ! status=$(cat "$state/status" 2>/dev/null); then
		say "the guest died before the command ended; end of its kernel log:"
		tail -n 25 "$logs/kernel.log" >&2
		status=$EXIT_GUEST
	elif [ -s "$state/daemon" ]; then
		verdict=$(cat "$state/daemon")
		say "daedalusd $verdict; its log: $logs/daemon.log"
		[ "$status" -ne 0 ] || status=$EXIT_GUEST
	fi
	if [ -s "$state/module" ]; then
		say "the module could not be removed: $(cat "$state/module")"
		[ "$status" -ne 0 ] || status=$EXIT_GUEST
	fi
	if [ -n "$alarms" ]; then
		say "the kernel complained:"
		printf '%s\n' "$alarms" | head -n 20 >&2
		[ "$status" -ne 0 ] || status=$EXIT_KERNEL
	fi
	[ "$status" -eq 0 ] || say "kernel log: $logs/kernel.log"
	return "$status"
}

# guest_kill PID STATE STATUS: after a signal, kill all processes that were started here.
guest_kill() {
	local helper
	kill -KILL "$1" 2>/dev/null || true
	for helper in $(jobs -p); do
		kill "$helper" 2>/dev/null || true
	done
	wait "$1" 2>/dev/null || true
	rm -rf --one-file-system "$2"
	[ -z "$G_KILLED" ] || "$G_KILLED" || true
	exit "$3"
}
