# where: guest
# $$parms, $$vars, $$return, $x$, $x$$.
. "$LIB"
"$TAPX" -e 'probe kernel.function("vfs_read") { if (pid() == target() && $count == 7) { println($$parms) println($$vars) println($file->f_path$) println($pos$) exit() } }' -c "$WL read 9" > out 2> err || fail "status $?: $(cat err)"
has out '^file=0xffff[0-9a-f]+ buf=0x[0-9a-f]+ count=0x7 pos=0x[0-9a-f]+$'
has out '^\{\.mnt=0xffff[0-9a-f]+, \.dentry=0xffff[0-9a-f]+\}$'
"$TAPX" -e 'probe kernel.function("vfs_read").return { if (pid() == target() && $count == 7) { println($$return) exit() } }' -c "$WL read 9" > out 2> err || fail "status $?: $(cat err)"
has out '^return=0x7$'
