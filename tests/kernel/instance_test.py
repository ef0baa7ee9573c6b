#!/usr/bin/env python3
"""Load, attach, detach, unload, ps; two instances; several interfaces; what is left when p4bpf is killed."""
import json, os, signal, subprocess, sys, time
from harness import *

XDP = TC = ""


def set_up():
    global XDP, TC
    XDP = forward_on(("v0", "v1"), ("v2", "v3"))
    TC = make_object("filter", [("fwd_in", "tc_ingress"), ("fwd_out", "tc_egress")], "-DWITH_TC")


def arrives(source, target, text):
    """Whether a frame sent into one interface comes out of another. Only for frames that are expected."""
    listener, sender = open_socket(target), open_socket(source)
    sender.send(frame(text))
    while True:
        if listener.recv(2000)[14:].startswith(text.encode()):
            return True


def counts(name="r1"):
    values = json.loads(p4bpf("counter", "show", f"{name}:packets", "--json"))["values"]
    return {v["index"]: v["packets"] for v in values}


def test_load_shows_in_ps_and_unload_removes_it():
    p4bpf("load", XDP, "--name", "r1", says="r1")
    p4bpf("ps", says=["r1", "forward", "loaded"])
    p4bpf("unload", "r1")
    p4bpf("ps", says="nothing is loaded")
    assert os.listdir(os.environ["P4BPF_BPFFS"] + "/p4bpf") == []


def test_the_name_is_the_programs_by_default():
    p4bpf("load", XDP)
    assert names() == ["forward"]


def forward_between(mode):
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0", "-i", "1@v2", "--xdp-mode", mode)
    assert [a["mode"] for a in attachments()] == [mode, mode]
    p4bpf("table", "add", "r1:ports", "0", "send", "port=v2")  # an interface's name is its port
    assert arrives("v1", "v3", "through " + mode)
    assert counts()[0] >= 1 and counts()[2] == 0


def test_xdp_native_forwards():
    forward_between("native")


def test_xdp_generic_forwards():
    forward_between("generic")


def test_one_instance_serves_two_interfaces_with_one_set_of_tables():
    p4bpf("load", XDP, "--name", "r1")
    p4bpf("attach", "r1", "-i", "0@v0")
    p4bpf("attach", "r1", "-i", "1@v2")
    p4bpf("table", "default", "r1:ports", "send", "1")
    assert arrives("v1", "v3", "both")
    p4bpf("table", "default", "r1:ports", "send", "0")
    assert arrives("v3", "v1", "back")
    assert counts()[0] >= 1 and counts()[1] >= 1


def test_interfaces_with_large_indices_have_ports_of_their_own():
    sh("ip link add g0 index 700001 type veth peer name g1 index 700002")
    sh("ip link add g2 index 65536001 type veth peer name g3 index 134465")
    try:
        for interface in "g0", "g1", "g2", "g3":
            sh(f"ip link set {interface} up && ethtool -K {interface} gro on")
        p4bpf("load", XDP, "--name", "r1", "-i", "2@g0", "-i", "3@g2")
        p4bpf("table", "add", "r1:ports", "2", "send", "3")
        assert arrives("g1", "g3", "large")
        assert counts()[2] >= 1 and counts()[0] == 0
        # The program could not tell g1 from g4.
        sh(f"ip link add g4 index {700002 + 65536} type veth peer name g5")
        p4bpf("attach", "r1", "-i", "0@g1")
        p4bpf("attach", "r1", "-i", "1@g4", status=1, says=["g1", "g4", "65536"])
        assert sorted(a["interface"] for a in attachments()) == ["g0", "g1", "g2"]
    finally:
        for interface in "g0", "g2", "g4":
            subprocess.run(["ip", "link", "delete", interface], capture_output=True)


def test_tcx_ingress_and_egress():
    needs_kernel(6, 6, "tcx")
    p4bpf("load", TC, "--name", "r1", "-i", "0@v0", "--tc-mode", "tcx")
    assert sorted((a["hook"], a["mode"]) for a in attachments()) == [("tc-egress", "tcx"), ("tc-ingress", "tcx")]
    assert arrives("v0", "v1", "egress") and arrives("v1", "v0", "ingress")
    assert counts()[0] >= 2
    p4bpf("detach", "r1")
    assert attachments() == []


def test_clsact():
    p4bpf("load", TC, "--name", "r1", "-i", "0@v0", "--tc-mode", "clsact")
    assert sorted((a["hook"], a["mode"]) for a in attachments()) == [("tc-egress", "clsact"), ("tc-ingress", "clsact")]
    assert arrives("v1", "v0", "ingress")
    assert counts()[0] >= 1
    p4bpf("unload", "r1")
    shown = subprocess.run(["tc", "filter", "show", "dev", "v0", "ingress"], capture_output=True, text=True).stdout
    assert shown.strip() == "", shown


def test_detach_frees_the_interface_and_keeps_the_tables():
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0", "-i", "1@v2")
    p4bpf("table", "add", "r1:ports", "0", "drop")
    p4bpf("detach", "r1", "-i", "v0")
    assert [a["interface"] for a in attachments()] == ["v2"]
    p4bpf("attach", "r1", "-i", "7@v0")
    p4bpf("table", "dump", "r1:ports", says="Fwd.drop()")


def test_two_instances_side_by_side():
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0")
    p4bpf("load", XDP, "--name", "r2", "-i", "0@v2")
    p4bpf("table", "add", "r1:ports", "0", "drop")
    assert json.loads(p4bpf("table", "dump", "r2:ports", "--json"))["entries"] == []
    p4bpf("table", "dump", "ports", status=1, says="more than one instance")
    p4bpf("unload", "r1")
    assert names() == ["r2"]
    p4bpf("table", "dump", "ports", says="0 of 4 entries")


def test_a_failed_attach_leaves_nothing():
    p4bpf("load", XDP, "--name", "other", "-i", "0@v2")
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0", "-i", "1@v2", status=1, says="'v2' already has an XDP program")
    assert names() == ["other"]
    assert [a["interface"] for a in attachments()] == ["v2"]
    assert "prog/xdp" not in subprocess.run(["ip", "link", "show", "v0"], capture_output=True, text=True).stdout


def test_killed_while_it_loads():
    for delay in (0.002, 0.004, 0.008, 0.016, 0.032):
        process = subprocess.Popen([P4BPF, "load", XDP, "--name", "r1", "-i", "0@v0"], stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.kill()
        process.wait()
        left = names()  # ps answers whatever is left
        assert left in ([], ["r1"]), left
        if left:
            p4bpf("unload", "r1")
        assert attachments() == []


def test_an_incomplete_instance_is_shown_and_removed():
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0")
    os.unlink(os.environ["P4BPF_BPFFS"] + "/p4bpf/r1/manifest")  # as if it had been killed before the last step
    p4bpf("ps", says="incomplete")
    p4bpf("table", "dump", "r1:ports", status=1, says="incomplete")
    p4bpf("unload", "r1")
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0")


def test_an_interface_that_goes_away():
    sh("ip link add gone0 type veth peer name gone1")
    p4bpf("load", XDP, "--name", "r1", "-i", "0@gone0", "-i", "1@v0")
    sh("ip link del gone0")
    p4bpf("ps", says="gone0 (gone)")
    p4bpf("detach", "r1", "-i", "gone0")
    p4bpf("unload", "r1")


def test_run_shows_counts_and_unloads_at_the_end():
    process = subprocess.Popen([P4BPF, "run", XDP, "--name", "r1", "-i", "0@v0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("r1 runs on 1 interface")
    assert arrives("v1", "v0", "counted")
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait() == 0
    assert "Fwd.packets" in rest and "v0" in rest, rest
    assert names() == []


def test_run_detached():
    p4bpf("run", XDP, "--name", "r1", "-i", "0@v0", "--detach", says="r1")
    p4bpf("ps", says="attached")


def test_the_verifiers_refusal_names_the_p4_line():
    (FOLDER / "mistake.p4").write_text("\n" * 6 + "the seventh line\n")
    bad = make_object("mistake", [("bad", "xdp")], "-DWITH_MISTAKE")
    p4bpf("load", bad, "--name", "r1", status=1, says=["the seventh line", "[rejected-by-verifier]", "invalid access to packet"])
    assert names() == []


def test_the_verifiers_refusal_names_the_place():
    needs_kernel(6, 10, "the place of a line in the verifier's log")
    p4bpf("load", make_object("mistake", [("bad", "xdp")], "-DWITH_MISTAKE"), "--name", "r1", status=1, says="mistake.p4:7:")


def test_stats():
    stats = json.loads(p4bpf("load", XDP, "--name", "r1", "--stats", "--json"))
    assert stats[0]["function"] == "fwd" and stats[0]["instructions"] > 10 and stats[0]["processed"] > 10


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
