# where: guest
# check: 6.1
# Fault injection: error paths of a module (tests/kmod/faulty) are forced by results, arguments, members of
# structs and arguments of tracepoints that a script writes. The module says itself which way it went.
. "$LIB"
cp -r "$TESTS/../kmod/faulty" src
make -s -C "/lib/modules/$(uname -r)/build" M="$PWD/src" modules > make.log 2>&1 || fail "$(cat make.log)"
pahole -J --btf_base /sys/kernel/btf/vmlinux src/faulty.ko 2> pahole.log || fail "$(cat pahole.log)"
insmod src/faulty.ko || fail 'not inserted'

# inject NAME SCRIPT WANT RESULT: one write of 100 bytes meanwhile; what the counts grow by
inject() {
	cat /proc/faulty > counts_before
	"$TAPX" -g -e "$2" -c 'perl request.pl' > got 2> err
	cat /proc/faulty > after
	paste -d ' ' counts_before after | awk '{ for (i = 1; i < 12; i += 2) if ($(i + 13) != $(i + 1)) printf "%s %+d ", $i, $(i + 13) - $(i + 1); print "" }' > grown
	grep -qx "$3 " grown || fail "$1: $(cat grown), not $3; $(cat got err after)"
	grep -q "$4" err || fail "$1: not $4: $(cat err)"
	echo "$1: $3"
}
cat > request.pl <<'EOF'
open F, '>', '/proc/faulty' or die;
$n = syswrite F, 'x' x 100;
print STDERR defined $n ? "$n bytes\n" : "$!\n";
EOF
ours='execname() == "perl"'
inject nothing 'probe module("faulty").function("faulty_send") { println($size) }' 'sent +1' '100 bytes'
has got '^100$'
inject result "probe module(\"faulty\").function(\"faulty_allocate\").return { if ($ours && \$return == 0) \$return = -12 }" \
	'without_memory +1' 'Cannot allocate memory'
inject result_minus_1 "probe module(\"faulty\").function(\"faulty_check\").return { if ($ours) \$return = -1 }" \
	'refused +1' 'Operation not permitted'
inject argument "probe module(\"faulty\").function(\"faulty_send\") { if ($ours) \$data = 0 }" 'unsent +1' 'Input/output error'
inject short "probe module(\"faulty\").function(\"faulty_send\") { if ($ours) \$size = \$size / 2 }" 'unsent +1' '50 bytes'
inject member "probe module(\"faulty\").function(\"faulty_check\") { if ($ours) \$r->size = 0 }" 'refused +1' 'Invalid argument'
inject flag "probe module(\"faulty\").function(\"faulty_check\") { if ($ours) \$r->flags |= 1 }" 'sent +1 urgent +1' '100 bytes'
inject tracepoint "probe kernel.trace(\"faulty_begin\") { if ($ours) \$r->size = 5000 }" 'refused +1' 'Invalid argument'
has after ' held 0$'
rmmod faulty || fail 'faulty stays'
