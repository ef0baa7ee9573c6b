#!/usr/bin/env python3
"""P4Info: what is said of a program, in all forms; what cannot be said."""
import json, os, pathlib, sys, tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "kernel"))
from harness import *

PROGRAMS = sorted((TESTS / "p4info").glob("*.p4"))
OBJECTS = ("tables", "actions", "actionProfiles", "counters", "directCounters", "meters", "directMeters", "valueSets", "registers",
           "digests", "controllerPacketMetadata")


def set_up():
    pass


def test_programs_are_described_as_before():
    """Look at what has changed before you let `p4bpf compile --dump p4info` write the .txtpb file again."""
    assert PROGRAMS
    for program in PROGRAMS:
        said = p4bpf("compile", "--dump", "p4info", str(program))
        assert said == program.with_suffix(".txtpb").read_text(), program.name


def test_all_forms_stand_beside_the_object():
    with tempfile.TemporaryDirectory() as folder:
        named = folder + "/more/x.p4.p4info.txtpb"
        os.mkdir(folder + "/more")
        p4bpf("compile", "-o", folder, "--p4runtime-files", f"{named},{folder}/x.json", str(PROGRAMS[0]))
        stem = f"{folder}/{PROGRAMS[0].stem}.p4info"
        text = pathlib.Path(stem + ".txtpb").read_text()
        assert text == p4bpf("compile", "--dump", "p4info", str(PROGRAMS[0])) == pathlib.Path(named).read_text()
        info = json.loads(pathlib.Path(stem + ".json").read_text())
        assert info == json.loads(pathlib.Path(folder + "/x.json").read_text())
        assert info["pkgInfo"]["arch"] == "v1model"
        ids = [one["preamble"]["id"] for kind in OBJECTS for one in info.get(kind, [])]
        assert len(ids) == len(set(ids)) > 10 and all(str(i) in text for i in ids)
        assert pathlib.Path(stem + ".bin").read_bytes().find(b"MyIngress.ipv4_lpm") > 0


def test_what_makes_no_sense():
    with tempfile.TemporaryDirectory() as folder:
        p4bpf("compile", "-o", folder, "--p4runtime-files", folder + "/x.yaml", str(PROGRAMS[0]), status=1,
              says=["x.yaml' does not say by its suffix", ".txtpb"])
        twice = pathlib.Path(folder) / "twice.p4"
        twice.write_text(PROGRAMS[0].read_text().replace("@hidden", "@id(0x01000123)"))
        p4bpf("compile", "-o", folder, str(twice), status=1, says="another kind of object")


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
