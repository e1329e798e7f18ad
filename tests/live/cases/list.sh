# where: guest
# Scenario 14: what can I probe?
. "$LIB"
"$TAPX" -l 'kernel.function("vfs_read*")' > out || fail "status $?"
has out '^kernel.function\("vfs_read"\)$'
sort -c out || fail 'not sorted'
"$TAPX" -L 'kernel.function("vfs_write")' > out || fail "status $?"
has out '^kernel.function\("vfs_write"\) \$file:struct file\* \$buf:char const\* \$count:size_t \$pos:loff_t\*$'
"$TAPX" -L 'kernel.function("vfs_write").return' > out || fail "status $?"
has out '\$return:ssize_t'
"$TAPX" -l 'kernel.trace("sched:sched_process_*")' > out || fail "status $?"
has out '^kernel.trace\("sched:sched_process_fork"\)$'
"$TAPX" -L 'kernel.trace("sched_process_fork")' > out || fail "status $?"
has out '\$parent:struct task_struct\*'
"$TAPX" -l 'kernel.function("no_such_function_here")' > out 2> err && fail 'no match gave status 0'
has err 'error:'
