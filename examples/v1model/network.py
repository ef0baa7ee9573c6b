"""The network of a topology file: a network namespace for each host and each switch, veth pairs for its links, and one instance of p4bpf
for each switch. Everything is removed when the network is left, also on a signal.

The file is as the public P4 tutorials have it: "hosts" with "ip", "mac" and "commands", "switches" with "runtime_json" and perhaps
"program", "links" between hosts and ports of switches (["h1", "s1-p1"], ["s1-p2", "s2-p2", LATENCY, MBIT_PER_SECOND]). A
program is P4 text; where a file names a compiled one (build/x.json), x.p4 is meant. "cpu_port" of a switch gives it an
interface NAME-cpu in its namespace, whose peer the program has as that port.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

import packets

HERE = pathlib.Path(__file__).resolve().parent
CLONE_NEWNET = 0x40000000
PACKET_OUTGOING = 4
LIMIT = 10  # seconds to wait for what must happen
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """The network cannot be built, or a command failed; the text says which."""


def find_p4bpf():
    named = os.environ.get("P4BPF")
    built = [HERE.parents[1] / "build" / preset / "p4bpf" for preset in ("release", "dev", "quick")]
    found = named or next((str(path) for path in built if path.exists()), None) or shutil.which("p4bpf")
    if not found or not shutil.which(found):
        raise Failed(f"no p4bpf{f' at {found}' if found else ''}: build it, or name it in $P4BPF")
    return os.path.abspath(found)


def command(words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, words))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def wait_until(condition, what):
    """Asks until the answer is yes."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"waited {LIMIT} s for {what}"
        time.sleep(0.01)


class Space:
    """A network namespace."""

    def __init__(self, name, space):
        self.name, self.space = name, space

    @contextlib.contextmanager
    def inside(self):
        """What is begun here (a socket, a process) belongs to the namespace."""
        home, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{self.space}", os.O_RDONLY)
        try:
            if _libc.setns(there, CLONE_NEWNET):
                raise Failed(f"{self.space}: {os.strerror(ctypes.get_errno())}")
            yield
        finally:
            _libc.setns(home, CLONE_NEWNET)
            os.close(home)
            os.close(there)

    def run(self, *words, **more):
        with self.inside():
            return command(words, **more)

    def ip(self, lines):
        command(["ip", "-n", self.space, "-batch", "-"], input="\n".join(lines) + "\n")

    def frames(self, interface="eth0"):
        """A raw socket on an interface."""
        with self.inside():
            return Frames(f"{self.name} {interface}", interface)

    def socket(self, kind=socket.SOCK_STREAM):
        with self.inside():
            made = socket.socket(socket.AF_INET, kind)
        made.settimeout(LIMIT)
        return made


class Frames:
    """Sends frames on an interface, and sees those that arrive there."""

    def __init__(self, name, interface):
        self.name = name
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.raw.bind((interface, 3))

    def send(self, frame):
        self.raw.send(frame)

    def next(self, seconds):
        """The next frame that arrives, or None."""
        end = time.monotonic() + seconds
        while select.select([self.raw], [], [], max(0, end - time.monotonic()))[0]:
            frame, where = self.raw.recvfrom(65536)
            if where[2] != PACKET_OUTGOING:
                return frame
        return None

    def expect(self, wanted=lambda frame: True, what="a frame", unwanted=None):
        """The next frame for which `wanted` says yes; those before it are passed over, unless they are `unwanted`."""
        end = time.monotonic() + LIMIT
        while True:
            frame = self.next(max(0, end - time.monotonic()))
            assert frame is not None, f"{self.name}: {what} did not arrive"
            assert unwanted is None or not unwanted(frame), f"{self.name}: this should not have arrived: {frame.hex()}"
            if wanted(frame):
                return frame


class Host(Space):
    def __init__(self, name, space, description):
        super().__init__(name, space)
        self.ip_address, self.bits = description["ip"].split("/")
        self.mac = description["mac"]
        self.commands = description.get("commands", [])
        # Of the gateway, as `ip neigh` or `arp -s` tells it.
        found = re.search(r"(?:lladdr|arp .*-s \S+) (\S+)", "\n".join(self.commands))
        self.gateway_mac = found and found[1]

    def packet(self, other, payload=b"", **more):
        """A frame with an IPv4 packet for another host."""
        return packets.ethernet(self.gateway_mac, self.mac, packets.IPV4,
                                packets.ipv4(self.ip_address, getattr(other, "ip_address", other), payload, **more))

    def ping(self, other, *words):
        """Raises if no answer comes."""
        address = other.ip_address if isinstance(other, Host) else other
        return self.run("ping", "-n", "-c", "1", "-W", str(LIMIT), *words, address)

    def configure(self):
        for line in self.commands:
            # The tutorials' commands are those of net-tools, which are not everywhere.
            line = re.sub(r"^route add default gw (\S+) dev (\S+)$", r"ip route replace default via \1 dev \2", line)
            line = re.sub(r"^arp -i (\S+) -s (\S+) (\S+)$", r"ip neighbour replace \2 lladdr \3 dev \1", line)
            self.run("sh", "-c", line)


class Switch(Space):
    def __init__(self, name, space, description, instance, p4bpf):
        super().__init__(name, space)
        self.instance, self.executable, self.description = instance, p4bpf, description
        self.ports = {}  # number: interface
        self.limits_rate = False

    def p4bpf(self, *words):
        """A verb of p4bpf; "@" in a word stands for the instance: "@:routes"."""
        return self.run(self.executable, *(str(word).replace("@", self.instance, 1) for word in words))

    def start(self, program, runtime):
        words = [self.executable, "run", program, "--name", self.instance, "--detach"]
        for port, interface in sorted(self.ports.items()):
            words += ["-i", f"{port}@{interface}"]
        if runtime:
            words += ["--runtime", runtime]
        self.run(*words)


class Network:
    """`with Network(path) as network:` builds it and removes it."""

    def __init__(self, path, program=None, hook="auto"):
        path = pathlib.Path(path)
        self.file = path / "topology.json" if path.is_dir() else path
        self.folders = [self.file.parent, self.file.parent.parent]
        # The tutorials have topologies in a folder of the exercise: that with the program gives its name.
        named = [folder.resolve().name for folder in self.folders if (folder / f"{folder.resolve().name}.p4").exists()]
        self.name = named[0] if named else self.file.parent.resolve().name
        self.p4bpf, self.program, self.hook, self.processes = find_p4bpf(), program, hook, []
        self.prefix = f"p4bpf-{self.name}-"
        try:
            self.topology = json.loads(self.file.read_text())
        except (OSError, ValueError) as why:
            raise Failed(f"{self.file}: {why}") from None
        self.hosts = {name: Host(name, self.prefix + name, one) for name, one in self.topology["hosts"].items()}
        self.switches = {name: Switch(name, self.prefix + name, one, f"{self.name}-{name}", self.p4bpf)
                         for name, one in self.topology["switches"].items()}

    def __getitem__(self, name):
        return self.hosts.get(name) or self.switches[name]

    def __enter__(self):
        if left := self.leftovers():
            raise Failed(f"there is a network of this name already ({', '.join(left)}); --remove ends it")
        self.work = tempfile.TemporaryDirectory(prefix="p4bpf-")
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()
        self.remove()
        self.work.cleanup()

    def leftovers(self):
        spaces = pathlib.Path("/run/netns")
        return sorted(path.name for path in spaces.glob(self.prefix + "*")) if spaces.is_dir() else []

    def remove(self):
        for switch in self.switches.values():
            subprocess.run([self.p4bpf, "unload", switch.instance], capture_output=True)
        for space in self.leftovers():
            subprocess.run(["ip", "netns", "delete", space], capture_output=True)

    def start(self, *words):
        """A process beside the network, such as a controller; it ends with the network. Its standard output can be read."""
        self.processes.append(subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True,
                                               env={**os.environ, "P4BPF": self.p4bpf}))
        return self.processes[-1]

    # ---- building ---------------------------------------------------------------------------------------------------

    def build(self):
        spaces = [*self.hosts.values(), *self.switches.values()]
        command(["ip", "-batch", "-"], input="".join(f"netns add {one.space}\n" for one in spaces))
        for one in spaces:
            # The kernel's own packets (neighbour discovery) would go through the programs.
            one.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        links = [self.ends(link) for link in self.topology["links"]]
        links += [((switch, f"{name}-cpu0", switch.description["cpu_port"]), (switch, f"{name}-cpu", None))
                  for name, switch in self.switches.items() if "cpu_port" in switch.description]
        command(["ip", "-batch", "-"], input="".join(self.veth(a, b) for a, b in links))
        for one in spaces:
            self.bring_up(one, [interface for link in links for space, interface, _ in link if space is one])
        for (a, b), description in zip(links, self.topology["links"]):
            self.limit(a, b, *description[2:4])
        for host in self.hosts.values():
            host.ip([f"address add {host.ip_address}/{host.bits} dev eth0"])
            host.configure()
        self.start_switches()

    def ends(self, link):
        """(space, interface, port) for each end."""
        made = []
        for end in link[:2]:
            if end in self.hosts:
                made.append((self.hosts[end], "eth0", None))
                continue
            found = re.fullmatch(r"(\w+)-p(\d+)", end)
            if not found or found[1] not in self.switches:
                raise Failed(f"{self.file}: {end} is no host, and no port of a switch (like s1-p1)")
            switch, port = self.switches[found[1]], int(found[2])
            made.append((switch, f"{found[1]}-eth{port}", port))
        return tuple(made)

    def veth(self, a, b):
        for space, interface, port in (a, b):
            if port is not None:
                space.ports[port] = interface

        def end(at):
            mac = f" address {at[0].mac}" if isinstance(at[0], Host) else ""
            return f"name {at[1]} netns {at[0].space}{mac}"

        return f"link add {end(a)} type veth peer {end(b)}\n"

    def bring_up(self, space, interfaces):
        for interface in interfaces:
            # A program sees finished checksums and packets as long as they are on a wire; and a veth takes redirected frames when its
            # peer polls.
            space.run("ethtool", "-K", interface, "tx", "off", "gro", "on")
        space.ip([f"link set {interface} up" for interface in ["lo", *interfaces]])

    def limit(self, a, b, latency=None, rate=None):
        """Latency in milliseconds (0 or nothing: none) and rate in Mbit/s of a link, by queues in both directions."""
        milliseconds = float(str(latency or 0).removesuffix("ms"))
        for space, interface, port in (a, b):
            if milliseconds:
                space.run("tc", "qdisc", "add", "dev", interface, "root", "netem", "delay", f"{milliseconds}ms")
            elif rate:
                space.run("tc", "qdisc", "add", "dev", interface, "root", "tbf", "rate", f"{rate}mbit", "burst", "5kb", "limit", "100kb")
            # XDP sends past the queues.
            if port is not None and (milliseconds or rate):
                space.limits_rate = True

    def find(self, name, what):
        for folder in self.folders:
            if (folder / name).exists():
                return folder / name
        raise Failed(f"{self.file}: there is no {what} {name}")

    def program_of(self, switch):
        named = switch.description.get("program")
        if named:
            return self.find(re.sub(r"^build/(.*)\.json$", r"\1.p4", named), "program")
        if self.program:
            return pathlib.Path(self.program)
        return self.find(f"{self.name}.p4", "program")

    def start_switches(self):
        compiled = {}
        for switch in self.switches.values():
            program = self.program_of(switch)
            hook = "tc" if switch.limits_rate else self.hook
            if (program, hook) not in compiled:
                out = pathlib.Path(self.work.name, f"{len(compiled)}")
                command([self.p4bpf, "compile", "--hook", hook, "-o", out, program])
                compiled[program, hook] = out / f"{program.stem}.o"
            named = switch.description.get("runtime_json")
            switch.start(compiled[program, hook], self.find(named, "run-time file") if named else None)
