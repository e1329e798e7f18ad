# where: guest
# Aliases of the tapset on events whose number, order and values the workload knows.
. "$LIB"
cat > script.stp <<'END'
global wrote, writes, error_writes, read_back, which, created, execs, exits, faults, maps, brks, sent, handled, kmallocs, on, off
probe vfs.write.return {
	if (execname() == "dd" && bytes_written == 512) {
		wrote += bytes_written
		writes++
		which = ino
	}
	if (execname() == "dd" && error)
		error_writes = error_str
}
probe vfs.read.return { if (execname() == "cksum" && bytes_read > 0) read_back[ino] += bytes_read }
probe kprocess.create { if (execname() == "sh" && pid() == target()) created++ }
probe kprocess.exec { if (filename == "/bin/dd" || filename == "/usr/bin/dd") execs++ }
probe kprocess.exec_complete { if (!success && pid() != target()) printf("exec fails: %s\n", retstr) }
probe kprocess.exit { if (execname() == "dd") exits += code >> 8 }
probe vm.pagefault.return { if (pid() == target() && !vm_fault_contains(fault_type, VM_FAULT_ERROR)) faults++ }
probe vm.mmap { if (execname() == "dd" && length > 0) maps++ }
probe vm.kmalloc { if (pid() == target() && bytes_req <= bytes_alloc) kmallocs++ }
probe signal.send { if (sig_name == "SIGUSR1" && sig_pid == target()) printf("%s to %s: %s\n", sig_name, pid_name, si_code) }
probe signal.handle { if (pid() == target() && sig == 10) handled++ }
probe scheduler.cpu_on { if (pid() == target()) on++ }
probe scheduler.ctxswitch { if (prev_task_name == "sh" && prev_tid == target()) off++ }
probe end {
	printf("wrote %d in %d, read %d, inode %d, %s\n", wrote, writes, read_back[which], which, error_writes)
	printf("created %d, exec %d, exit codes %d, handled %d\n", created, execs, exits, handled)
	printf("faults %d maps %d kmallocs %d on %d off %d\n", faults > 20, maps > 3, kmallocs > 5, on > 3, off > 3)
}
END
files=$(mktemp -d /dev/shm/aliases.XXXXXX) # where inode numbers are what stat says
trap 'rm -rf "$files"' EXIT
cat > load.sh <<'END'
trap 'x=1' USR1
cd $1
dd if=/dev/zero of=file bs=512 count=7 2> /dev/null
cksum < file > /dev/null
dd if=/dev/zero of=/dev/full bs=513 count=1 2> /dev/null
kill -USR1 $$
/nowhere/at/all 2> /dev/null
stat -c %i file > inode
END
"$TAPX" -o got -c "sh load.sh $files" script.stp 2> err || true
sed -n '/^warning\|skipped/p' err
cat > want <<END
SIGUSR1 to sh: SI_USER
exec fails: -2 (ENOENT)
wrote 3584 in 7, read 3584, inode $(cat $files/inode), ENOSPC
created 5, exec 2, exit codes 1, handled 1
faults 1 maps 1 kmallocs 1 on 1 off 1
END
same want got || { cat err; exit 1; }
