#!/usr/bin/env python3
"""Run-time files of the tutorials' form, on programs in the kernel: before a program is attached, and while it runs."""
import json, sys
from harness import *

BASIC = ROOT / "examples/v1model/basic"


def set_up():
    own_world()
    make_veth("v1", "v2")


def table(name):
    return json.loads(p4bpf("table", "dump", name, "--json"))


def test_into_a_running_program():
    p4bpf("load", BASIC / "basic.p4", "--name", "s1")
    p4bpf("runtime", "s1", BASIC / "s1-runtime.json", "--check")
    assert table("routes")["entries"] == []
    p4bpf("runtime", "s1", BASIC / "s1-runtime.json")
    wanted = [e for e in json.loads((BASIC / "s1-runtime.json").read_text())["table_entries"] if not e.get("default_action")]
    now = table("routes")
    assert len(now["entries"]) == len(wanted) > 0, now
    assert p4bpf("table", "default", "routes") == "BasicIngress.drop()\n"
    assert now["entries"][0]["action"] == "BasicIngress.forward"
    p4bpf("runtime", "s1", BASIC / "s1-runtime.json", status=1, says=["s1-runtime.json:", "already has an entry"])
    assert table("routes") == now


def test_before_it_is_attached():
    p4bpf("run", BASIC / "basic.p4", "--runtime", BASIC / "s1-runtime.json", "--name", "s1", "-i", "1@v1", "--detach")
    assert len(table("routes")["entries"]) > 0 and [a["port"] for a in attachments()] == [1]
    p4bpf("unload", "s1")
    p4bpf("load", BASIC / "basic.p4", "--runtime", BASIC / "s1-runtime.json", "--name", "s2")
    assert len(table("routes")["entries"]) > 0


def test_tables_whose_entries_are_counted():
    path = FOLDER / "counted.json"
    path.write_text("""{"table_entries": [
        {"table": "rules", "match": {"masked_key": [1, 3]}, "priority": 2, "action_name": "mark", "action_params": {"value": -1}},
        {"table": "exact_ones", "default_action": true, "action_name": "mark", "action_params": {"value": 1}},
        {"table": "exact_ones", "default_action": true, "action_name": "mark", "action_params": {"value": 2}}]}""")
    p4bpf("load", ROOT / "tests/packets/v1model_direct.p4", "--name", "d1")
    p4bpf("runtime", "d1", path)
    assert [e["arguments"] for e in table("rules")["entries"]] == [{"value": "255"}], table("rules")
    assert p4bpf("table", "default", "exact_ones") == "Ask.mark(value=2)\n"


def test_groups_and_sessions():
    path = FOLDER / "copies.json"
    path.write_text("""{"target": "bmv2", "p4info": "build/copies.p4.p4info.txtpb", "bmv2_json": "build/copies.json", "table_entries": [],
        "multicast_group_entries": [{"multicast_group_id": 3, "replicas": [{"egress_port": 5, "instance": 11}, {"egress_port": 6, "instance": 1}]}],
        "clone_session_entries": [{"clone_session_id": 5, "replicas": [{"egress_port": 3, "instance": 1}], "packet_length_bytes": 30,
                                   "class_of_service": 2}]}""")
    p4bpf("load", ROOT / "tests/packets/v1model_copies.p4", "--name", "c1")
    p4bpf("runtime", "c1", path, "--check")
    assert p4bpf("mcast", "list", "c1") == "" == p4bpf("mirror", "list", "c1")
    p4bpf("runtime", "c1", path)
    p4bpf("load", ROOT / "tests/packets/v1model_copies.p4", "--runtime", path, "--name", "c2")
    for name in ("c1", "c2"):
        assert json.loads(p4bpf("mcast", "list", name, "--json")) == [
            {"group": 3, "copies": [{"port": 5, "instance": 11}, {"port": 6, "instance": 1}]}]
        assert json.loads(p4bpf("mirror", "list", name, "--json")) == [
            {"session": 5, "copies": [{"port": 3, "instance": 1}], "truncate": 30, "class": 2}]


def test_a_mistake_is_at_its_line_and_changes_nothing():
    p4bpf("load", BASIC / "basic.p4", "--name", "s1")
    path = FOLDER / "wrong.json"
    good = '{"table": "routes", "match": {"dst": ["10.9.0.0", 16]}, "action_name": "drop"}'
    for line, says in [
        ('{"table": "rotes", "match": {}, "action_name": "drop"}', "there is no table 'rotes'"),
        ('{"table": "routes", "match": {"dst": ["10.0.0.0", 40]}, "action_name": "drop"}', "the prefix length 40"),
        ('{"table": "routes", "match": {"dst": ["10.9.0.0", 16]}, "action_name": "drop"}', "stands at line 2 already"),
        ('{"table": "routes", "match": {"dst": ["10.0.0.0", 8]}, "action_name": "forward", "action_params": {"port": 1}}', "is missing"),
        ('{"table": "routes", "match": {"dst": ["10.0.0.0", 8]}, "action_name": "drop", "priority": 3}', "has no priorities"),
        ('{"table": "routes", "match": {"dst": ["10.0.0.0", 8]}, "action_name": "drop",}', "this is no JSON"),
    ]:
        path.write_text('{"table_entries": [\n' + good + ",\n" + line + "]}\n")
        p4bpf("runtime", "s1", path, status=1, says=[f"{path}:3: ", says])
        assert table("routes")["entries"] == [], line
    p4bpf("load", BASIC / "basic.p4", "--runtime", path, "--name", "s2", status=1, says=f"{path}:3: ")
    assert names() == ["s1"]
    path.write_text('{"multicast_group_entries": [\n{"multicast_group_id": 1, "replicas": [{"egress_port": 1}]}]}')
    p4bpf("runtime", "s1", path, warns=f"warning: {path}:2: the program makes no copies")


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
