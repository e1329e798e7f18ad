# where: guest host
# No permission, and tracefs not mounted.
. "$LIB"
setpriv --reuid 1000 --regid 1000 --clear-groups "$TAPX" -e 'probe kernel.trace("sched:sched_process_fork") { println(1) }' -T 1 > out 2> err && fail 'worked without permission'
has err 'ermission|root|CAP_'
unshare -m sh -c 'umount /sys/kernel/debug/tracing 2>/dev/null; umount "$TRACEFS"; exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$0" --tracefs /nonexistent -e "probe kernel.trace(\"sched:sched_process_fork\") { println(1) }" -T 1' "$TAPX" > out 2> err && fail 'worked without tracefs'
has err 'tracefs'
