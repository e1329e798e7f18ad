# where: guest
# check: 6.12
# A script whose hot probes feed statistics becomes a module where one can be had; everywhere else, and
# when making it fails, it runs without, and gives the same.
. "$LIB"
bare=$(sed -n 's/^exec \([^ ]*\) .*/\1/p' "$TAPX") headers=$(sed -n 's/.* -r \([^ ]*\) .*/\1/p' "$TAPX")
script='global s probe kernel.function("vfs_read") { if (pid() == target()) s <<< $count }
	probe end { printf("count %d sum %d module %d\n", @count(s), @sum(s), strlen(module_name()) > 16) }'
run() {
	name=$1
	shift
	"$bare" -v "$@" -c "$WL read 9" -o "got.$name" > /dev/null 2> "err.$name" || fail "$name: status $?: $(cat "err.$name")"
	grep -v '^Pass' "err.$name"
}
run module -r "$headers" -e "$script"
has got.module '^count [0-9]* sum [0-9]* module 1$'
has err.module '^path: kernel module$'
lacks err.module 'none is made|after all'
run forced -r "$headers" --runtime=ftrace -e "$script"
has got.forced 'module 0$'
has err.forced '^none is made: --runtime=ftrace$'
run missing -r /nowhere -e "$script"
has got.missing 'module 0$'
has err.missing '^none is made: .*no kernel headers in /nowhere'
PATH=$PWD:$PATH
printf '#!/bin/sh\necho "error: no luck"\nexit 2\n' > make
chmod 755 make
run unlucky -r "$headers" --disable-cache -e "$script"
has got.unlucky 'module 0$'
has err.unlucky '^tapx: no module after all: the module does not compile'
cat > make <<'END'
#!/bin/sh
for w; do case $w in M=*) dir=${w#M=} ;; esac; done
for f in "$dir"/tapx_*.c; do : > "${f%.c}.ko"; done
END
run refused -r "$headers" --disable-cache -e "$script"
has got.refused 'module 0$'
has err.refused '^tapx: no module after all: the kernel does not take the module'
for n in refused forced missing unlucky; do
	sed 's/ module.*//' got.module > want
	sed 's/ module.*//' "got.$n" > "cut.$n"
	same want "cut.$n"
done
