#!/usr/bin/env python3
"""The networks of examples/v1model: each program on its topology, with real hosts (the test.py of each)."""
import signal, subprocess, sys
from harness import *

EXAMPLES = ROOT / "examples/v1model"


def set_up():
    own_world()
    # The names of the networks' namespaces are ours alone.
    sh("mkdir -p /run/netns && mount -t tmpfs none /run/netns")


def run(*words, **more):
    return subprocess.run([sys.executable, EXAMPLES / "run", *words], capture_output=True, text=True, timeout=4 * LIMIT, **more)


def example_test(*words):
    def test():
        done = run(*words)
        assert done.returncode == 0 and "ok   " in done.stdout, done.stdout + done.stderr
        assert nothing_is_left(), "namespaces or instances are left"

    return test


def nothing_is_left():
    return names() == [] and not list(pathlib.Path("/run/netns").iterdir())


for path in sorted(EXAMPLES.glob("*/topology.json")):
    globals()[f"test_{path.parent.name}"] = example_test(path.parent)
# What XDP could run as well, where headers come and go.
for name in ("route_inspection", "source_routing", "tunnel_counters"):
    globals()[f"test_{name}_on_tc"] = example_test(EXAMPLES / name, "--hook", "tc")


def test_a_shell_runs_commands_in_the_network():
    done = run(EXAMPLES / "basic", "--shell", input="h1 ping -n -c 1 10.0.3.1\ns1 p4bpf table dump basic-s1:routes\nh9 true\n")
    assert done.returncode == 0, done.stderr
    for word in ("1 received", "ttl=61", "BasicIngress.forward", "NAME COMMAND"):
        assert word in done.stdout, done.stdout


def test_a_signal_removes_the_network():
    shell = subprocess.Popen([sys.executable, EXAMPLES / "run", EXAMPLES / "calculator", "--shell"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    assert "calculator-s1" in shell.stdout.readline()
    assert names() == ["calculator-s1"]
    shell.send_signal(signal.SIGTERM)
    assert shell.wait(timeout=LIMIT) == 128 + signal.SIGTERM
    assert nothing_is_left()


def test_a_mistake_in_a_topology_is_named():
    file = FOLDER / "topology.json"
    file.write_text('{"hosts": {"h1": {"ip": "10.0.0.1/24", "mac": "02:00:00:00:00:01"}}, "switches": {"s1": {}}, "links": [["h1", "s2-p1"]]}')
    done = run(file)
    assert done.returncode == 1 and "s2-p1 is no host, and no port of a switch" in done.stderr, done.stderr
    assert nothing_is_left()


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
