#!/usr/bin/env python3
"""Tables and counters by the command line, on every structure that holds entries."""
import json, subprocess, sys
from harness import *

XDP = ""


def set_up():
    global XDP
    XDP = forward_on(("v0", "v1"))


def loaded(*more):
    p4bpf("load", XDP, "--name", "r1", *more)


def test_hash_add_get_modify_delete():
    loaded()
    p4bpf("table", "add", "r1:ports", "port=3", "send", "port=0x10")
    assert entries("ports") == [{"key": {"port": "3"}, "action": "Fwd.send", "arguments": {"port": "16"}}]
    p4bpf("table", "get", "r1:Fwd.ports", "3", says="Fwd.send(port=16)")
    p4bpf("table", "modify", "r1:ports", "3", "drop")
    p4bpf("table", "get", "r1:ports", "3", says="Fwd.drop()")
    p4bpf("table", "delete", "r1:ports", "3")
    assert entries("ports") == []


def test_lpm():
    loaded()
    routes = "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "10.1.2.3"
    p4bpf("table", "add", "routes", "--file", "-", input="".join(f"{route} send 1\n" for route in routes))
    assert [e["key"]["dst"] for e in entries("routes")] == ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32"]
    p4bpf("table", "add", "routes", "10.1.0.0/16", "drop", status=1, says="already has an entry")
    p4bpf("table", "delete", "routes", "10.1.0.0/17", status=1, says="no entry")
    p4bpf("table", "modify", "routes", "10.1.0.0/16", "drop")
    p4bpf("table", "delete", "routes", "10.1.0.0/16")
    assert len(entries("routes")) == 3


def test_array():
    loaded()
    assert entries("slots") == []
    p4bpf("table", "add", "slots", "0", "send", "0")
    assert len(entries("slots")) == 1  # all zero bytes, and yet an entry
    p4bpf("table", "add", "slots", "0", "drop", status=1, says="already has an entry")
    p4bpf("table", "add", "slots", "4", "drop", status=1, says="elements 0 to 3")
    p4bpf("table", "delete", "slots", "0")
    p4bpf("table", "delete", "slots", "0", status=1, says="no entry")


def test_rules_by_priority():
    loaded()
    p4bpf("table", "add", "acl", "_", "0..65535", "_", "pass", "--priority", "1")
    p4bpf("table", "add", "acl", "src=10.0.0.0/8", "dport=80..443", "proto=6", "drop", "--priority", "10")
    p4bpf("table", "add", "acl", "dport=53", "send", "2", "--priority", "5")
    shown = [(e["priority"], *e["key"].values()) for e in entries("acl")]
    assert shown == [(10, "10.0.0.0&&&255.0.0.0", "80..443", "6"), (5, "_", "53..53", "_"), (1, "_", "0..65535", "_")], shown
    p4bpf("table", "delete", "acl", "dport=53", "--priority", "6", status=1, says="the priority is part of the key")
    p4bpf("table", "delete", "acl", "dport=53", "--priority", "5")
    p4bpf("table", "clear", "acl")
    assert entries("acl") == []


def test_default_action():
    loaded()
    assert p4bpf("table", "default", "ports") == "Fwd.pass()\n"
    p4bpf("table", "default", "ports", "send", "port=9")
    assert p4bpf("table", "default", "ports") == "Fwd.send(port=9)\n"
    p4bpf("table", "default", "ports", "--reset")
    p4bpf("table", "dump", "ports", says="default: Fwd.pass()")
    p4bpf("table", "default", "routes", "drop", status=1, says="compiled into the program")


def test_entries_from_a_file():
    loaded()
    lines = FOLDER / "entries.txt"
    lines.write_text("# ports\n1 send 2\n\n2 drop   # no more\n")
    p4bpf("table", "add", "ports", "--file", lines)
    assert len(entries("ports")) == 2
    lines.write_text("3 drop\n2 drop\n4 drop\n")
    p4bpf("table", "add", "ports", "--file", lines, status=1, says=[f"{lines}:2: ", "already has an entry", "1 lines before"])
    assert len(entries("ports")) == 3
    p4bpf("table", "modify", "ports", "--file", "-", input="1 drop\n3 pass\n9 pass\n", status=1,
          says=["-:3: ", "no entry", "2 lines before"])
    assert [e["action"] for e in entries("ports")] == ["Fwd.drop", "Fwd.drop", "Fwd.pass"]
    p4bpf("table", "delete", "ports", "--file", "-", input="1\n2\n3\n")
    assert entries("ports") == []


def test_rules_from_a_file_are_done_as_one():
    loaded()
    rules = "dport=1 drop --priority 1\ndport=2 drop --priority 1\n"
    p4bpf("table", "add", "acl", "--file", "-", input=rules)
    p4bpf("table", "modify", "acl", "--file", "-", input=rules.replace("drop", "pass") + "dport=3 pass --priority 1\n",
          status=1, says=["-:3: ", "no entry", "no line was done"])
    assert [e["action"] for e in entries("acl")] == ["Fwd.drop", "Fwd.drop"]
    p4bpf("table", "modify", "acl", "--file", "-", input=rules.replace("drop", "pass"))
    assert [e["action"] for e in entries("acl")] == ["Fwd.pass", "Fwd.pass"]
    p4bpf("table", "delete", "acl", "--file", "-", input="dport=1 --priority 1\ndport=2 --priority 1\n")
    assert entries("acl") == []


def test_full_tables():
    loaded()
    p4bpf("table", "add", "ports", "--file", "-", input="".join(f"{i} drop\n" for i in range(4)))
    p4bpf("table", "add", "acl", "--file", "-", input="".join(f"dport={i} drop --priority {i}\n" for i in range(4)))
    p4bpf("table", "add", "ports", "9", "drop", status=1, says=["is full", "4 entries"])
    p4bpf("table", "add", "acl", "dport=9", "drop", "--priority", "9", status=1, says="is full")
    assert len(entries("ports")) == len(entries("acl")) == 4


def refused(cases):
    for words, complaint in cases:
        p4bpf("table", "add", "ports", *words, status=1, says=complaint)
    assert entries("ports") == []


def test_keys_that_do_not_suit_are_refused():
    loaded()
    refused([
            (["port=4294967296", "drop"], "does not fit 'port' of 32 bits"),
            (["prot=1", "drop"], "did you mean port"),
            (["1/8", "drop"], "matches exactly"),
            (["abc", "drop"], "no interface that is bound to a port"),
            (["00:00:00:00:00:01", "drop"], "address of 48 bits"),
            (["1", "drop", "--priority", "3"], "has no priorities")])


def test_actions_that_do_not_suit_are_refused():
    loaded()
    refused([
            (["1", "send"], "argument 'port' of action 'Fwd.send' is missing"),
            (["1", "send", "1", "2"], "one argument too many"),
            (["1", "sned", "1"], "did you mean Fwd.send"),
            (["1"], "an action is missing")])


def test_prefixes_and_ranges_that_do_not_suit_are_refused():
    loaded()
    p4bpf("table", "add", "routes", "10.0.0.1/8", "drop", status=1, says="did you mean 10.0.0.0/8?")
    p4bpf("table", "add", "routes", "10.0.0.0/33", "drop", status=1, says="longer than 'dst'")
    p4bpf("table", "add", "acl", "dport=9..3", "drop", status=1, says="is empty")
    assert entries("routes") == entries("acl") == []


def test_names_that_are_not_there():
    loaded()
    p4bpf("table", "dump", "porst", status=1, says="did you mean Fwd.ports?")
    p4bpf("table", "dump", "r2:ports", status=1, says="there is no instance 'r2'")
    p4bpf("counter", "show", "packet", status=1, says="did you mean Fwd.packets?")
    p4bpf("counter", "show", "packets", "4", status=1, says="indices 0 to 3")


def test_counters():
    loaded("-i", "1@v0")
    sender = open_socket("v1")
    for _ in range(5):
        sender.send(frame("count me"))
    value = json.loads(p4bpf("counter", "show", "r1:packets", "1", "--json"))["values"][0]
    assert value["packets"] >= 5 and value["bytes"] >= 5 * 74, value
    p4bpf("counter", "show", "r1:packets", says=["index", "packets", "bytes"])
    subprocess.run(["ip", "link", "set", "v1", "down"], check=True)
    p4bpf("counter", "reset", "r1:packets")
    assert json.loads(p4bpf("counter", "show", "packets", "1", "--json"))["values"][0] == {"index": 1, "packets": 0, "bytes": 0}
    subprocess.run(["ip", "link", "set", "v1", "up"], check=True)


def test_two_processes_that_write_rules_lose_none():
    loaded()
    writers = [subprocess.Popen([P4BPF, "table", "add", "acl", f"dport={i}", "drop", "--priority", "1"]) for i in range(4)]
    assert [w.wait() for w in writers] == [0, 0, 0, 0]
    assert len(entries("acl")) == 4


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
