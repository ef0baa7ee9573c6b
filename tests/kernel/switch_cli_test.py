#!/usr/bin/env python3
"""p4bpf cli: files of commands for the reference switch run on a program in the kernel."""
import json, os, pathlib, pty, socket, subprocess, sys
from harness import *

XDP = ""


def set_up():
    global XDP
    XDP = forward_on(("v0", "v1"))


def loaded(*more):
    p4bpf("load", XDP, "--name", "r1", *more)


def cli(commands, *more, **expected):
    return p4bpf("cli", "r1", *more, input=commands, **expected)


COMMANDS = """
# as for the software switch
show_tables
table_set_default Fwd.ports Fwd.send 7
table_add Fwd.ports Fwd.send 1 => 2
table_add ports drop 0x2 =>          // names by their ends
table_add routes send 10.1.2.3/8 => 3
table_add acl send 10.0.0.1&&&255.0.0.0 80->443 6&&&0xff => 4 10
table_add acl drop 0&&&0 0->65535 0&&&0 => 20
"""


def test_a_file_of_commands():
    loaded()
    path = FOLDER / "commands.txt"
    path.write_text(COMMANDS)
    said = p4bpf("cli", "r1", str(path))
    assert "[implementation=None, mk=src(ternary, 32),\tdport(range, 16),\tproto(ternary, 8)]" in said, said
    assert said.count("Entry has been added with handle 0") == 3 and said.count("with handle 1") == 2, said
    assert [(e["key"]["port"], e["action"]) for e in entries("ports")] == [("1", "Fwd.send"), ("2", "Fwd.drop")]
    assert p4bpf("table", "default", "ports") == "Fwd.send(port=7)\n"
    assert entries("routes")[0]["key"]["dst"] == "10.0.0.0/8"  # bits behind the prefix do not matter
    assert [(e["priority"], e["key"]["dport"]) for e in entries("acl")] == [(2**31 - 11, "80..443"), (2**31 - 21, "0..65535")]
    dump = cli("table_dump acl\ntable_num_entries acl")
    assert "Dumping entry 0x0" in dump and "Priority: 10\nAction entry: Fwd.send - 00000004" in dump and dump.endswith("2\n"), dump


def test_handles_stay():
    loaded()
    cli("table_add ports send 5 => 1\ntable_add ports send 6 => 1\ntable_add ports send 7 => 1")
    cli("table_delete ports 1")
    p4bpf("table", "add", "r1:ports", "4", "drop")  # by another way: it has no handle yet
    cli("table_modify ports drop 2\ntable_delete ports 0")
    assert [(e["key"]["port"], e["action"]) for e in entries("ports")] == [("4", "Fwd.drop"), ("7", "Fwd.drop")]
    assert "handle 0" in cli("table_add ports send 9 => 1")
    assert "Dumping entry 0x2\nMatch key:\n* port                : EXACT     00000007" in cli("table_dump_entry ports 2")
    cli("table_delete ports 77", status=1, says="no entry with handle 77")
    cli("table_clear ports")
    assert entries("ports") == [] and "handle 0" in cli("table_add ports send 9 => 1")


def test_a_file_with_a_mistake_changes_nothing():
    loaded()
    for line, says in [
        ("table_add ports sned 1 => 1", "there is no action 'sned'"),
        ("table_add prots send 1 => 1", "there is no table 'prots'"),
        ("table_add ports send 1 2 => 1", "needs 1 key, but there are 2"),
        ("table_add ports send 1 =>", "needs 1 parameter, but there are 0"),
        ("table_add ports send 1 1", "'=>' is missing"),
        ("table_add ports send 1 => 0x100000000", "does not fit"),
        ("table_add acl drop 1&&&1 1->2 1&&&0xff =>", "ends with its priority"),
        ("table_add acl drop 1 1->2 1&&&0xff => 1", "has no mask"),
        ("table_add acl drop 1&&&1 2->1 1&&&0xff => 1", "is empty"),
        ("table_add routes drop 1.2.3.4 =>", "VALUE/LENGTH"),
        ("table_ad ports send 1 => 1", "did you mean table_add?"),
        ("table_delete ports", "too few words"),
        ("shell ls", "not possible here"),
        ("set_queue_depth many", "'many'"),
        ("set_crc16_parameters calc 1 0 0 true true", "no calculation whose parameters can be set"),
        ("table_add ports send 3 => 1", "already has an entry"),  # known only when it is done
        ("table_delete ports 5", "no entry with handle 5"),
    ]:
        cli("table_add ports send 3 => 1\n\n" + line + "\n", status=1, says=["standard input:3: ", says])
        assert entries("ports") == [], line
    cli("table_add ports send 3 => 1\nnonsense\ntable_add ports send 4 => 1\n", "--keep-going", status=1,
        says="standard input:2: there is no command 'nonsense'")
    assert len(entries("ports")) == 2


def test_ports():
    loaded()
    cli("port_add v0 3\nport_add v1 4")
    assert "3          v0" in cli("show_ports")
    cli("port_remove 3")
    assert [a["port"] for a in attachments()] == [4]
    cli("port_remove 3", status=1, says="bound to no interface")
    assert "forward.p4" in cli("switch_info")


def test_counters_and_reset():
    loaded()
    assert "Fwd.packets[2]=  BmCounterValue(packets=0, bytes=0)" in cli("counter_read packets 2")
    cli("counter_read packets 9", status=1, says="9")
    cli("table_add ports send 5 => 1\ntable_set_default ports drop")
    cli("reset_state")
    assert entries("ports") == [] and p4bpf("table", "default", "ports") == "Fwd.pass()\n"


def test_a_file_for_tables_whose_entries_are_counted():
    p4bpf("load", ROOT / "tests/packets/v1model_direct.p4", "--name", "r1")
    commands = """
reset_state
table_add small seen 1 =>
table_add exact_ones metered 2 => 5
table_add prefixes mark 0/0 => 1
table_add rules mark 1&&&3 => 4 10
table_add rules NoAction 0&&&0 => 20
table_add always NoAction =>           // has no key
meter_set_rates police 0 0.001:10 0.002:20
counter_write by_rule 1 6 0
counter_read by_rule 1
"""
    for _ in range(2):
        said = cli(commands)
        assert "Ask.by_rule[1]=  BmCounterValue(packets=6" in said and said.count("note: the table has no key") == 1, said
        assert [len(entries(name)) for name in ("small", "exact_ones", "prefixes", "rules")] == [1, 1, 1, 2]
    cli("table_add rules mark 2&&&3 => 4 10\ntable_add rules mark 1&&&3 => 4 10", status=1, says="already has an entry")
    assert len(entries("rules")) == 2
    cli("reset_state")
    assert [entries(name) for name in ("small", "exact_ones", "prefixes", "rules")] == [[]] * 4
    cli("table_add exact_ones metered 2 => 5")
    assert "all is green" in cli("meter_get_rates police 0")


def test_what_else_is_reset():
    p4bpf("load", ROOT / "tests/packets/v1model_registers.p4", "--name", "r1")
    assert "smalls[3]=  -2" in cli("register_write smalls 3 0xfe\nregister_read smalls 3")
    cli("reset_state")
    assert "smalls[3]=  0" in cli("register_read smalls 3")
    p4bpf("unload", "r1")
    p4bpf("load", ROOT / "tests/packets/v1model_profiles.p4", "--name", "r1")
    for _ in range(2):
        said = cli("""
reset_state
act_prof_create_member action_profile_0 note 3     // has no name of its own
act_prof_create_group action_profile_0
act_prof_add_member_to_group action_profile_0 0 0
table_indirect_add_with_group crc_groups 1/8 => 0
act_prof_dump crc_groups.implementation
""")
        assert "Dumping group 0\nMembers: [0]" in said, said
    cli("act_prof_create_group action_profile_1", status=1, says="there is no action profile 'action_profile_1'")


def test_a_session_follows_its_group():
    p4bpf("load", ROOT / "tests/packets/v1model_copies.p4", "--name", "r1")

    def session():
        return [(c["port"], c["instance"]) for c in json.loads(p4bpf("mirror", "list", "r1", "--json"))[0]["copies"]]

    cli("mirroring_add_mc 5 1")
    assert session() == []
    cli("mc_mgrp_create 1\nmc_node_create 7 2 3\nmc_node_associate 1 0")
    assert session() == [(2, 7), (3, 7)] and "mgid=1" in cli("mirroring_get 5")
    cli("mc_node_update 0 4")
    assert session() == [(4, 7)]
    cli("mc_mgrp_destroy 1")
    assert session() == []
    cli("mc_mgrp_create 1\nmc_node_associate 1 0\nreset_state")
    assert session() == [] and json.loads(p4bpf("mcast", "list", "r1", "--json")) == []
    cli("mirroring_add 5 6\nmc_mgrp_create 1\nmc_node_create 7 2\nmc_node_associate 1 0")
    assert session() == [(6, 0)]


def test_counters_are_written():
    loaded()
    cli("counter_write packets 2 7 900")
    assert "Fwd.packets[2]=  BmCounterValue(packets=7, bytes=900)" in cli("counter_read packets 2")
    cli("counter_write packets 9 1 1", status=1, says="9")


def test_what_the_program_cannot_notice():
    """Files that set up copies or queues run on programs that have none."""
    loaded()
    said = cli("""
mc_mgrp_create 1
mc_node_create 0 1 2
mc_node_associate 1 0
mirroring_add 5 2
set_queue_depth 64 2
set_queue_rate 1000
table_add ports send 1 => 2
""")
    assert said.count("note: the program makes no copies for a ") == 4 and said.count("note: queues belong to") == 2, said
    assert len(entries("ports")) == 1
    cli("mirroring_add 5 x", status=1, says="'x'")


def test_parameters_of_hashes():
    make_veth("c0", "h0")
    make_veth("c1", "h1")
    p4bpf("load", ROOT / "tests/packets/v1model_custom_crc.p4", "--name", "r1", "-i", "0@c0", "-i", "1@c1")
    data = bytes.fromhex("31323334353637")
    ends = [open_socket(interface, 3) for interface in ("h0", "h1")]

    def narrow():
        """What crc16_custom makes of the data of a packet that goes through."""
        ends[0].send(data + bytes(53))
        while True:
            packet, address = ends[1].recvfrom(2000)
            if address[2] != socket.PACKET_OUTGOING and packet.startswith(data):
                return packet[7:9].hex()

    assert narrow() == "9d68"
    cli("set_crc16_parameters calc 0x1021 0x0 0x0 false false")  # XMODEM
    assert narrow() == "86d6"
    cli("set_crc16_parameters calc 0x8005 0 0 true true\nset_crc32_parameters calc_1 0x1edc6f41 1 0 true false")
    assert narrow() == "9d68"
    for line, says in [
        ("set_crc16_parameters calc_1 0x1021 0 0 true true", "has 32 bits"),
        ("set_crc16_parameters calc_7 0x1021 0 0 true true", "no calculation 'calc_7'"),
        ("set_crc16_parameters calc 0x11021 0 0 true true", "16 bits"),
        ("set_crc16_parameters calc 0x1021 0 0 maybe true", "neither true nor false"),
    ]:
        cli(line, status=1, says=says)


def test_members_and_groups():
    p4bpf("load", ROOT / "tests/packets/v1model_profiles.p4", "--name", "r1")
    said = cli("""
act_prof_create_member shared note 7
table_indirect_create_member exact_members send 2 0x0102030405
table_indirect_add exact_members 5 => 1
table_indirect_add ternary_members 0x0100&&&0xff00 => 0 20
table_indirect_set_default exact_members 0
act_prof_create_member by_flow note 1
act_prof_create_member by_flow note 2
act_prof_create_group by_flow
act_prof_add_member_to_group by_flow 0 0
act_prof_add_member_to_group by_flow 1 0
table_indirect_add_with_group groups 9 => 0
act_prof_dump by_flow
table_dump ternary_members
""")
    assert "Member has been created with handle 1" in said and "Group has been created with handle 0" in said, said
    assert "Dumping group 0\nMembers: [0, 1]" in said and "Priority: 20\nIndex: member(0)" in said, said
    cli("act_prof_delete_member shared 1", status=1, says="in use")
    cli("table_indirect_delete exact_members 0\nact_prof_delete_member shared 1")
    cli("act_prof_remove_member_from_group by_flow 1 0\nact_prof_modify_member by_flow note 0 9")
    assert "Members: [0]" in cli("act_prof_dump_group by_flow 0") and "In.note - 09" in cli("table_dump_member groups 0")
    cli("table_indirect_add exact_members 5 =>", status=1, says="'=>' stands before the member")
    cli("act_prof_create_group shared", status=1, says="has no groups")


def test_typed():
    loaded()
    terminal, ours = pty.openpty()
    talk = subprocess.Popen([find_p4bpf(), "cli", "r1"], stdin=ours, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    os.write(terminal, b"table_add ports send 5 => 1\nbad\ntable_num_entries ports\nexit\n")
    said, _ = talk.communicate(timeout=60)
    os.close(terminal)
    os.close(ours)
    assert talk.returncode == 0 and said.count("RuntimeCmd: ") == 4, said
    assert "there is no command 'bad'" in said and "RuntimeCmd: 1\n" in said, said


def test_a_terminal_edits_and_completes():
    """Tab, the line before, and a letter that is taken back."""
    loaded()
    terminal, ours = pty.openpty()
    talk = subprocess.Popen([find_p4bpf(), "cli", "r1"], stdin=ours, stdout=ours, stderr=ours, env={**os.environ, "TERM": "vt100"}, start_new_session=True)
    os.close(ours)
    said = b""

    def wait_for(text):
        nonlocal said
        while text not in said:
            said += os.read(terminal, 1000)
        said = said[said.index(text) + len(text):]

    wait_for(b"RuntimeCmd: ")
    os.write(terminal, b"table_ad\tpo\tse\t5 => 19\x7f\n")  # table_add ports send 5 => 1
    wait_for(b"Entry has been added with handle 0")
    wait_for(b"RuntimeCmd: ")
    os.write(terminal, b"table_num\tFwd.po\t\n")
    wait_for(b"\n1\r\n")
    wait_for(b"RuntimeCmd: ")
    os.write(terminal, b"\x10\n")  # the line before, once more
    wait_for(b"\n1\r\n")
    wait_for(b"RuntimeCmd: ")
    os.write(terminal, b"table_dump\t\t")  # several: they are listed
    wait_for(b"table_dump_entry_from_key")
    os.write(terminal, b"\x15exit\n")
    assert talk.wait(timeout=60) == 0
    os.close(terminal)
    assert [(e["key"]["port"], e["action"]) for e in entries("ports")] == [("5", "Fwd.send")]


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
