#!/usr/bin/env python3
"""Batches of which packets see all or nothing, and what is left of them when they fail or die."""
import json, os, pathlib, subprocess, sys, threading
from harness import *

OBJECTS = {}
BATCH = """# all structures at once
delete ports 0
add ports 3 send 7
modify ports 1 send 8
add routes 10.1.0.0/16 drop
add slots 2 send 9
add acl dport=53 send 2 --priority 5
"""


def set_up():
    OBJECTS["xdp"] = forward_on(("v0", "v1"), ("v2", "v3"), ("v4", "v5"))
    OBJECTS["tc"] = make_object("both", [("fwd_in", "tc_ingress"), ("fwd_out", "tc_egress")], "-DWITH_TC")


def folder(name="r1"):
    return pathlib.Path(os.environ["P4BPF_BPFFS"]) / "p4bpf" / name


def everything():
    return [entries(table) for table in ("ports", "routes", "slots", "acl")]


def loaded(*more, program="xdp", name="r1"):
    p4bpf("load", OBJECTS[program], "--name", name, *more)
    p4bpf("table", "add", f"{name}:ports", "--file", "-", input="0 drop\n1 send 2\n")


def expect_no_remains():
    assert sorted(p.name for p in folder().iterdir()) == ["links", "manifest", "maps", "object", "programs"]


def test_a_batch_changes_tables_of_every_structure():
    loaded("-i", "1@v0")
    before = sorted(p.name for p in (folder() / "maps").iterdir())
    p4bpf("table", "batch", "r1", "--file", "-", input=BATCH)
    assert [(e["key"]["port"], e["arguments"]["port"]) for e in entries("ports")] == [("1", "8"), ("3", "7")]
    assert [len(table) for table in everything()] == [2, 1, 1, 1]
    assert sorted(p.name for p in (folder() / "maps").iterdir()) == before
    assert [a["port"] for a in attachments()] == [1]
    expect_no_remains()


def test_one_bad_line_and_nothing_is_done():
    loaded("-i", "1@v0")
    before = everything()
    for bad, complaint in [("add ports 1 drop", "already has an entry"), ("modify routes 10.0.0.0/8 drop", "no entry"),
                           ("delete slots 1", "no entry"), ("add slots 4 drop", "elements 0 to 3"),
                           ("add ports x drop", "no interface"), ("add acl dport=9..3 drop", "is empty")]:
        line = len(BATCH.splitlines()) + 1
        p4bpf("table", "batch", "r1", "--file", "-", input=BATCH + bad + "\n", status=1,
              says=[f"-:{line}: ", complaint, "no line was done"])
    for bad, complaint in [("put ports 1 drop", "is no change"), ("add prots 1 drop", "did you mean Fwd.ports?")]:
        p4bpf("table", "batch", "r1", "--file", "-", input=BATCH + bad + "\n", status=1, says=complaint)
    assert everything() == before
    expect_no_remains()


def test_a_file_for_one_table():
    loaded("-i", "1@v0")
    p4bpf("table", "add", "ports", "--file", "-", "--atomic", input="2 drop\n3 drop\n4 drop\n", status=1,
          says=["-:3: ", "is full", "no line was done"])
    assert len(entries("ports")) == 2
    p4bpf("table", "add", "ports", "--file", "-", "--atomic", input="2 drop\n3 drop\n")
    p4bpf("table", "modify", "ports", "--file", "-", "--atomic", input="2 pass\n9 pass\n", status=1, says="-:2: ")
    assert [e["action"] for e in entries("ports")][2:] == ["Fwd.drop"] * 2
    p4bpf("table", "modify", "ports", "--file", "-", "--atomic", input="2 pass\n3 pass\n")
    assert [e["action"] for e in entries("ports")][2:] == ["Fwd.pass"] * 2
    p4bpf("table", "delete", "ports", "--file", "-", "--atomic", input="2\n3\n")
    assert len(entries("ports")) == 2
    p4bpf("table", "add", "ports", "2", "drop", "--atomic", status=2, says="--file")


def stream(change, rounds):
    """Sends frames to port 1 while `change` is called; what came out at ports 2 and 3, and what was passed to the host."""
    sender, host, outs = open_socket("v1"), open_socket("v0"), [open_socket("v3"), open_socket("v5")]
    stop = threading.Event()

    def send():
        while not stop.is_set():
            sender.send(frame("stream"))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        for i in range(rounds):
            change(i)
            outs[1 - i % 2].recv(200)  # what the change asked for is seen
    finally:
        stop.set()
        thread.join()
    host.setblocking(False)
    try:
        return host.recv(200)
    except BlockingIOError:
        return None


def switch_ports(i):
    p4bpf("table", "batch", "r1", "--file", "-", input=f"delete ports 1\nadd ports 1 send {3 - i % 2}\n")


def test_packets_see_all_of_a_batch_or_nothing():
    loaded("-i", "1@v0", "-i", "2@v2", "-i", "3@v4")
    assert stream(switch_ports, 12) is None, "a packet was passed: it saw the table without its entry"


def test_the_same_without_a_batch_shows_the_gap():
    loaded("-i", "1@v0", "-i", "2@v2", "-i", "3@v4")

    def in_two_steps(i):
        p4bpf("table", "delete", "ports", "1")
        p4bpf("table", "add", "ports", "1", "send", 3 - i % 2)

    assert stream(in_two_steps, 12) is not None


def test_a_program_in_parts():
    """Two tables in it change by batches so that their values add up to 1000: each packet comes back, with that sum."""
    subprocess.run([sys.executable, ROOT / "tests/big/generate.py", "--tables", "6", FOLDER], check=True)
    p4bpf("load", FOLDER / "big.p4", "--name", "big", "-i", "0@v0")
    p4bpf("load", OBJECTS["xdp"], "--name", "sender", "-i", "0@v1")  # passes all; what v0 sends back arrives only where one runs
    assert len(list(folder("big").glob("maps/p4bpf_parts"))) == 1, "the program is in one piece"
    ends = bytes.fromhex("020000000001 020000000002")
    headers = bytes.fromhex("0800 4500002400070000401100000a0000010a010203 00091b5800100000")
    raw = open_socket("v1", 0x0800)
    batches = threading.Thread(target=lambda: [put(i) for i in range(1, 9)])

    def put(i, change="modify"):
        p4bpf("table", "batch", "big", "--file", "-",
              input=f"{change} exact0 0x020000000001 set0 {i}\n{change} ternary2 k0=0x24 set2 {1000 - i} --priority 1\n")

    put(0, "add")
    batches.start()
    packets = 0
    while batches.is_alive() or packets < 100:
        raw.send(ends + headers + bytes(30))
        back = raw.recv(200)
        assert int.from_bytes(back[46:50], "big") == 1000, (packets, back.hex())
        packets += 1
    batches.join()
    assert json.loads(p4bpf("table", "dump", "big:exact0", "--json"))["entries"][0]["arguments"]["value"] == "8"


def test_counters_go_on():
    loaded("-i", "1@v0")
    sender = open_socket("v1")
    for _ in range(3):
        sender.send(frame("count me"))
        p4bpf("table", "batch", "r1", "--file", "-", input="modify ports 1 send 9\n")
    assert json.loads(p4bpf("counter", "show", "r1:packets", "1", "--json"))["values"][0]["packets"] >= 3


def test_filters_of_tc():
    for mode in "auto", "clsact":
        loaded("-i", "1@v0", "--tc-mode", mode, program="tc")
        before = attachments()
        for _ in range(2):
            p4bpf("table", "batch", "r1", "--file", "-", input="delete ports 1\nadd ports 1 drop\n")
        assert attachments() == before and len(before) == 2, (before, attachments())
        seen = open_socket("v0")
        open_socket("v1").send(frame("dropped by the new program"))
        p4bpf("detach", "r1")
        open_socket("v1").send(frame("let through"))
        assert b"let through" in seen.recv(200)
        p4bpf("unload", "r1")


def half_switched(moved):
    """r1 as a process leaves it that dies while it switches: what is to come, taken from another instance, lies ready."""
    loaded("-i", "1@v0", "-i", "2@v2", "-i", "3@v4")
    loaded(name="r2")
    p4bpf("table", "modify", "r2:ports", "1", "send", "3")
    (folder() / "next").mkdir()
    for kind in "programs", "maps":
        (folder("r2") / kind).rename(folder() / "next" / kind)
    for name in "global_bss", "ifindex_of_port", "Fwd_packets", "global_data":
        (folder() / "next/maps" / name).unlink()
    moved(folder() / "next")
    p4bpf("unload", "r2")


def test_whoever_comes_next_finishes_a_switch():
    half_switched(lambda ready: None)
    assert [e["arguments"] for e in entries("ports")] == [{}, {"port": "3"}]
    expect_no_remains()


def test_what_was_not_ready_is_removed():
    half_switched(lambda ready: ready.rename(folder() / "unready"))
    assert [e["arguments"] for e in entries("ports")] == [{}, {"port": "2"}]
    expect_no_remains()
    p4bpf("table", "batch", "r1", "--file", "-", input="delete ports 1\n")
    assert len(entries("ports")) == 1


def test_unload_in_the_middle_of_a_switch():
    half_switched(lambda ready: None)
    p4bpf("unload", "r1")
    assert names() == [] and attachments() == [] and not folder().exists()


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
