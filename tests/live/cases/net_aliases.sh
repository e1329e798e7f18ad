# where: guest
# Aliases of sockets and devices, on datagrams and a connection over the loopback device.
. "$LIB"
cat > script.stp <<'END'
global sent, rx, tx, tcp_out, tcp_in, ports, made, closed, syns, fins
probe udp.sendmsg { if (pid() == target()) printf("udp %d %s %d\n", sport, saddr, size) }
probe socket.sendmsg { if (pid() == target() && sock_fam_num2str(family) == "INET" && sock_prot_num2str(protocol) == "UDP") sent++ }
probe socket.create.return { if (pid() == target() && success) made++ }
probe socket.close { if (pid() == target()) closed++ }
probe netdev.transmit { if (pid() == target() && dev_name == "lo" && protocol == 0x800) tx++ }
probe netdev.receive { if (dev_name == "lo" && protocol == 0x800 && length == 29) rx++ }
probe tcp.sendmsg.return { if (pid() == target() && size > 0) tcp_out += size }
probe tcp.recvmsg.return { if (pid() == target() && size > 0) tcp_in += size }
probe tcp.ipv4.receive { if (pid() == target()) { syns += syn; fins += fin } }
probe tcp.sendmsg { if (pid() == target()) ports = sprintf("%d %d %s", sport, dport, daddr) }
probe end {
	printf("sent %d, made %d, closed %d, transmitted %d, received %d\n", sent, made, closed, tx > 0, rx)
	printf("tcp %s %d %d, %d syns, %d fins\n", ports, tcp_out, tcp_in, syns, fins > 0)
}
END
"$TAPX" script.stp -c "$WL udp 20" -o got > said 2> err || fail "status $?: $(cat err)"
sed -n 's/^udp \([0-9]*\) [0-9]* \([0-9]*\)/udp \1 127.0.0.1 \2/p' said > want
echo 'sent 20, made 2, closed 2, transmitted 1, received 1' >> want
echo 'tcp  0 0, 0 syns, 0 fins' >> want
same want got
"$TAPX" script.stp -c "$WL tcp 50000" -o got > said 2> err || fail "status $?: $(cat err)"
has said '^tcp .* 50000$'
sed -n 's/^\(tcp .*\) 50000/sent 0, made 2, closed 3, transmitted 1, received 0\n\1 127.0.0.1 50000 50000, 2 syns, 1 fins/p' said > want
same want got
