# where: guest
# Probes in modules, with types from the module's own BTF.
. "$LIB"
"$TAPX" -l 'module("overlay").function("ovl_open*")' > out 2>&1 || skip 'the overlay module is not loaded'
"$TAPX" -e 'probe module("overlay").function("ovl_open") { if (pid() == target()) printf("%s %d %s\n", ppfunc(), $inode->i_ino > 0, kernel_string($file->f_path->dentry->d_name->name)) }' -c 'cat /etc/hostname' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^ovl_open 1 hostname$'
"$TAPX" -e 'probe module("no_such_module").function("f") {}' > out 2> err && fail 'a missing module was taken'
has err 'no_such_module'
