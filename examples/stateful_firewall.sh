#!/bin/sh
# A network to try examples/stateful_firewall.p4 in: a host inside and a host outside, each in a network namespace of its own, and between
# them a machine that forwards and has the firewall in front of it. Shows what passes and what the firewall has learned, and
# removes everything again; with --keep it stays, and `--remove` ends it. Needs root.
#
# usage: examples/stateful_firewall.sh [--keep | --remove]
set -eu
cd "$(dirname "$0")/.."
p4bpf=${P4BPF:-build/release/p4bpf}
name=fw-example
inside=$name-inside outside=$name-outside wall=$name

remove() {
  [ ! -e "${P4BPF_BPFFS:-/sys/fs/bpf}/p4bpf/$name" ] || "$p4bpf" unload "$name" >/dev/null
  for space in $inside $outside $wall; do
    ip netns delete $space 2>/dev/null || true
  done
}
case ${1:-} in
  --remove) remove; exit 0 ;;
  --keep) ;;
  "") trap remove EXIT; trap 'exit 1' INT TERM HUP ;;
  *) sed -n 's/^# usage: /usage: /p' "$0"; exit 2 ;;
esac
# nsenter rather than `ip netns exec`, which would hide /sys/fs/bpf.
on() { space=$1; shift; nsenter --net="/run/netns/$space" "$@"; }

ip netns add $wall
on $wall sysctl -qw net.ipv4.ip_forward=1
number=0
for host in $inside $outside; do
  number=$((number + 1))
  ip netns add $host
  ip -n $wall link add "port$number" type veth peer name eth0 netns $host
  # XDP carries whole frames and no half-made checksums.
  on $host ethtool -K eth0 tx off >/dev/null
  ip -n $wall address add "10.0.$number.254/24" dev "port$number"
  ip -n $wall link set "port$number" up
  ip -n $host address add "10.0.$number.1/24" dev eth0
  ip -n $host link set lo up
  ip -n $host link set eth0 up
  ip -n $host route add default via "10.0.$number.254"
done
on $wall "$p4bpf" run examples/stateful_firewall.p4 --name $name --detach -i 1@port1 -i 2@port2

# Whether a TCP connection from a host is answered, even if by "nobody listens here".
connect() {
  on "$1" python3 - "$2" "$3" <<'PYTHON'
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1)
    print("answered")
except ConnectionRefusedError:
    print("answered")
except OSError:
    print("not answered")
PYTHON
}
echo "from inside to 10.0.2.1:80:     $(connect $inside 10.0.2.1 80)"
echo "from outside to 10.0.1.1:80:    $(connect $outside 10.0.1.1 80)"
"$p4bpf" table add $name:services dst=10.0.1.1 protocol=6 port=443 permit
echo "from outside to 10.0.1.1:443:   $(connect $outside 10.0.1.1 443)"
echo "what the firewall has learned:"
"$p4bpf" table dump $name:flows
"$p4bpf" counter show $name:refused 0
