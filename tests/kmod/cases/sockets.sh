# where: guest
# check: 6.1
# Scenario 23, and what the kernel has of a socket: a connection that the workload announces.
. "$LIB"
cat > x.stp <<'END'
probe kernel.function("ip_rcv") {
	iphdr = __get_skb_iphdr($skb)
	if (__ip_skb_proto(iphdr) != 6) next
	tcphdr = __get_skb_tcphdr_new($skb)
	printf("%s %s %d %d %d%d%d%d%d%d\n", format_ipaddr(__ip_skb_saddr(iphdr), @const("AF_INET")), format_ipaddr(__ip_skb_daddr(iphdr), 2),
	       __tcp_skb_sport(tcphdr), __tcp_skb_dport(tcphdr), __tcp_skb_urg(tcphdr), __tcp_skb_ack(tcphdr),
	       __tcp_skb_psh(tcphdr), __tcp_skb_rst(tcphdr), __tcp_skb_syn(tcphdr), __tcp_skb_fin(tcphdr))
}
END
"$TAPX" -g x.stp -c "$WL tcp 300" -o got > said 2> err || fail "status $?: $(cat err)"
awk '{ print "127.0.0.1 127.0.0.1", $2, $3, "000010" }' said > want
head -n 1 got > first
same want first
has got '^127.0.0.1 127.0.0.1 [0-9]+ [0-9]+ 011000$'
# The same on both paths: nothing in it needs a module.
cat > x.stp <<'END'
probe kernel.function("tcp_connect") {
	printf("%s %d %s %d %s\n", ip_ntop(htonl(tcpmib_local_addr($sk))), tcpmib_local_port($sk),
	       ip_ntop(htonl(tcpmib_remote_addr($sk))), tcpmib_remote_port($sk), tcp_sockstate_str(tcpmib_get_state($sk)))
}
probe kernel.function("inet_csk_accept").return {
	if ($return) printf("%d %s\n", inet_get_local_port($return), inet_get_ip_source($return))
}
END
for t in "$TAPX" "$(dirname "$WL")/tapx --runtime=ftrace"; do
	$t x.stp -c "$WL tcp 300" -o got > said 2> err || fail "status $?: $(cat err)"
	awk '{ print "127.0.0.1", $2, "127.0.0.1", $3, "TCP_SYN_SENT"; print $3, "127.0.0.1" }' said > want
	same want got
done
# What is counted: one connection, from both sides.
for t in "$TAPX" "$(dirname "$WL")/tapx --runtime=ftrace"; do
	$t -e 'probe tcpmib.*, ipmib.*, linuxmib.* { } probe end {
		printf("%d %d %d %d %d\n", ActiveOpens[1], PassiveOpens[1], InSegs[1] > 4, OutSegs[1] > 4, InReceives[1] >= InSegs[1])
	}' -c "$WL tcp 300" -o got > said 2> err || fail "status $?: $(cat err)"
	has got '^1 1 1 1 1$'
done
