#!/usr/bin/env python3
"""Action profiles and selectors by the command line, on a running program."""
import json, sys
from harness import *

PROGRAM = str(ROOT / "tests/packets/v1model_profiles.p4")


def set_up():
    own_world()


def loaded():
    p4bpf("load", PROGRAM, "--name", "r1")


def members(profile):
    return json.loads(p4bpf("profile", "list", profile, "--json"))["members"]


def groups(selector):
    return json.loads(p4bpf("selector", "list", selector, "--json"))["groups"]


def test_members():
    loaded()
    assert members("r1:shared") == []
    p4bpf("profile", "add", "r1:shared", "3", "send", "port=2", "value=0x0102030405")
    p4bpf("profile", "add", "shared", "0", "note", "7")
    p4bpf("profile", "add", "shared", "0", "note", "7", status=1, says="already has member 0")
    p4bpf("profile", "add", "shared", "4", "note", "7", status=1, says="has the members 0 to 3, not 4")
    p4bpf("profile", "add", "shared", "1", "drop", status=1, says="can only be a default action")
    p4bpf("profile", "get", "shared", "3", says="In.send(port=2, value=0x0102030405)")
    p4bpf("profile", "get", "shared", "1", status=1, says="no member 1")
    p4bpf("profile", "modify", "shared", "0", "note", "what=8")
    p4bpf("profile", "modify", "shared", "1", "note", "what=8", status=1, says="no member 1")
    assert [(m["member"], m["action"], m["arguments"]) for m in members("shared")] == [
        (0, "In.note", {"what": "8"}), (3, "In.send", {"port": "2", "value": "0x0102030405"})]
    p4bpf("profile", "list", "shared", says="2 of 4 members")
    p4bpf("selector", "add", "shared", "0", "3", status=1, says="has no groups")


def test_entries_name_members():
    loaded()
    p4bpf("table", "add", "exact_members", "5", "member", "1", status=1, says="no member 1")
    p4bpf("profile", "add", "shared", "1", "note", "7")
    p4bpf("table", "add", "r1:exact_members", "5", "member", "1")
    p4bpf("table", "add", "ternary_members", "flow=0x0100&&&0xff00", "member", "1", "--priority", "3")
    p4bpf("table", "add", "exact_members", "6", "note", "9")
    p4bpf("table", "add", "exact_members", "7", "group", "1", status=1)
    entries = json.loads(p4bpf("table", "dump", "exact_members", "--json"))["entries"]
    assert [e.get("member") for e in entries] == [1, None], entries
    p4bpf("table", "dump", "ternary_members", says="member 1")
    p4bpf("profile", "delete", "shared", "1", status=1, says="in use")
    p4bpf("table", "delete", "exact_members", "5")
    p4bpf("profile", "delete", "shared", "1", status=1, says="ternary_members")
    p4bpf("table", "clear", "ternary_members")
    p4bpf("table", "default", "exact_members", "member", "1")
    p4bpf("table", "default", "exact_members", says="member 1")
    p4bpf("profile", "delete", "shared", "1", status=1, says="default")
    p4bpf("table", "default", "exact_members", "--reset")
    p4bpf("profile", "delete", "shared", "1")
    assert members("shared") == []


def test_groups():
    loaded()
    for member in 0, 1, 2:
        p4bpf("profile", "add", "by_flow", member, "note", member)
    p4bpf("selector", "add", "r1:by_flow", "4", "2:3", "0")
    p4bpf("selector", "get", "by_flow", "4", says="0 2:3")
    assert groups("by_flow") == [{"group": 4, "members": [{"member": 0, "weight": 1}, {"member": 2, "weight": 3}]}]
    p4bpf("selector", "add", "by_flow", "5", "7", status=1, says="no member 7")
    p4bpf("selector", "add", "by_flow", "5", "1:0", status=1, says="weight")
    p4bpf("selector", "add", "by_flow", "5", "1:400000", status=1, says="room for 256 members")
    p4bpf("selector", "add", "by_flow", "9", "1", status=1, says="has the groups 0 to 7, not 9")
    p4bpf("selector", "modify", "by_flow", "5", "1", status=1, says="no group 5")
    p4bpf("table", "add", "groups", "key=1", "group", "4")
    p4bpf("selector", "delete", "by_flow", "4", status=1, says="in use")
    p4bpf("profile", "delete", "by_flow", "2", status=1, says="group 4 has it")
    p4bpf("selector", "modify", "by_flow", "4", "0")
    p4bpf("profile", "delete", "by_flow", "2")
    p4bpf("selector", "modify", "by_flow", "4")
    p4bpf("selector", "list", "by_flow", says="none")
    p4bpf("table", "modify", "groups", "1", "member", "1")
    p4bpf("selector", "delete", "by_flow", "4")
    assert groups("by_flow") == []


def test_files_of_entries_name_groups():
    loaded()
    p4bpf("profile", "add", "by_flow", "1", "note", "1")
    p4bpf("selector", "add", "by_flow", "2", "1")
    p4bpf("table", "add", "groups", "--file", "-", input="1 group 2\n2 member 1\n3 note 4\n")
    p4bpf("table", "add", "groups", "--file", "-", "--atomic", status=1, says=":2: ", input="4 group 2\n5 member 6\n")
    entries = json.loads(p4bpf("table", "dump", "groups", "--json"))["entries"]
    assert [(e.get("group"), e.get("member")) for e in entries] == [(2, None), (None, 1), (None, None)], entries


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
