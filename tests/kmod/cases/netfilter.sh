# where: guest
# check: 6.12
# The library's probes on packets: what they say of each packet that the workload announces.
. "$LIB"
# Scenario 22: sums per pair of addresses, of one run of 100 datagrams with 1..100 bytes and 28 of headers.
cat > x.stp <<'END'
global packets
probe netfilter.ipv4.pre_routing { if (protocol == ipproto_udp) packets[saddr, daddr] <<< length }
probe end {
	foreach ([s, d] in packets-)
		printf("%15s --> %15s : %d packets, %d total bytes, %d..%d, %d\n", s, d, @count(packets[s, d]),
		       @sum(packets[s, d]), @min(packets[s, d]), @max(packets[s, d]), @avg(packets[s, d]))
}
END
"$TAPX" x.stp -c "$WL udp 100" -o got > said 2> err || fail "status $?: $(cat err)"
echo '      127.0.0.1 -->       127.0.0.1 : 100 packets, 7850 total bytes, 29..128, 78' > want
same want got
# Both families, all that a packet has.
cat > x.stp <<'END'
probe netfilter.ip.local_in {
	if (protocol != ipproto_udp) next
	printf("%s %d %s %s %d %d %d %s %s|%d %d %d|%d\n", pf, family, saddr, daddr, sport, dport, length, indev_name,
	       outdev_name, udphdr - iphdr, tcphdr, syn + ack + fin, indev != 0)
}
END
for v in '' 6; do
	"$TAPX" x.stp -c "$WL udp 50 $v" -o got > said 2> err || fail "status $?: $(cat err)"
	if [ $v ]; then head='ipv6 10 ::1 ::1' size=48 gap=40; else head='ipv4 2 127.0.0.1 127.0.0.1' size=28 gap=20; fi
	awk -v h="$head" -v n=$size -v g=$gap '/^udp/ { print h, $2, $3, $4 + n, "lo |" g, "0 0|1" }' said > want
	same want got
done
# A TCP connection: flags, and all bytes of it.
cat > x.stp <<'END'
global n, bytes
probe netfilter.ipv4.local_in {
	if (protocol != ipproto_tcp || pid() && @1 == "") next
	n[sport > dport, syn, ack, fin] <<< 1
	bytes[sport, dport] += length - 20 - 4 * @cast(tcphdr, "struct tcphdr")->doff
	if (rst || urg) printf("rst %d urg %d\n", rst, urg)
}
probe end { foreach ([s, d] in bytes-) if (bytes[s, d]) printf("tcp %d %d %d\n", s, d, bytes[s, d])
	foreach ([w, s, a, f] in n) { syns += s * !a * @count(n[w, s, a, f]); acked += s * a * @count(n[w, s, a, f]); fins += f * @count(n[w, s, a, f]) }
	printf("%d %d %d\n", syns, acked, fins) }
END
"$TAPX" x.stp -c "$WL tcp 5000" -o got x > said 2> err || fail "status $?: $(cat err)"
{ cat said; echo '1 1 1'; } > want
sed -i 's/^\(1 1\) 2$/\1 1/' got # whether the other side has said goodbye when the probes go
same want got
# The bytes of a packet: header and all.
"$TAPX" -e 'probe netfilter.ipv4.local_out { if (protocol == 17) { println(data_hex); println(data_str); println(data_hex == __skb_hex($skb)); exit() } }' \
	-c "$WL udp 3" -o got > said 2> err || fail "status $?: $(cat err)"
has got '^4500001d[0-9a-f]{4}40004011[0-9a-f]{4}7f0000017f000001[0-9a-f]{8}0009[0-9a-f]{4}00$'
has got '^"E\\000\\000\\035.*\\177\\000\\000\\001.*"$'
"$TAPX" -DMAXSTRINGLEN=20000 -e 'global n probe netfilter.ipv4.local_in { if (protocol == 6 && length > 4000) { n += strlen(data_hex) == (length < 9999 ? 2 * length : 19998) ? 1 : 1000 } } probe end { println(n > 0 && n < 1000) }' \
	-c "$WL tcp 60000" -o got > said 2> err || fail "status $?: $(cat err)"
has got '^1$'
"$TAPX" -e 'probe begin { try { println(__skb_hex(4096)) } catch (m) { println(m) } try { println(__skb_bytes(-1)) } catch (m) { println(m) } exit() }' > got 2> err || fail "status $?: $(cat err)"
has got '^kernel read fault at 0x0000000000001000$'
# The verdict has names, and is for -g.
"$TAPX" -g -e 'global n probe netfilter.ipv4.local_in { if (protocol == ipproto_udp && n++ % 2) $verdict = nf_drop else $verdict = nf_accept }' \
	-c "$WL udp 40" -o got > said 2> err || fail "status $?: $(cat err)"
has said '^received 20$'
# Other families are there to be hooked.
"$TAPX" -T 1 -e 'probe netfilter.arp.*, netfilter.bridge.* { printf("%s %s %d\n", pf, indev_name, length) } probe end { println("end") }' > got 2> err || fail "status $?: $(cat err)"
has got '^end$'
