#!/usr/bin/env python3
"""What people get wrong: a clear message, the right exit status, and nothing half-attached."""
import os, pathlib, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kernel"))
from harness import *

XDP = ""


def set_up():
    global XDP
    XDP = forward_on(("v0", "v1"))


def test_missing_files():
    p4bpf("check", "nowhere.p4", status=1, says="cannot read nowhere.p4: No such file")
    p4bpf("compile", "nowhere.p4", status=1, says="cannot read nowhere.p4")
    p4bpf("check", "/", status=1, says="cannot read /")
    p4bpf("load", "nowhere.o", status=1, says="cannot read 'nowhere.o'")
    p4bpf("run", "nowhere.p4", "-i", "0@v0", status=1, says="cannot read nowhere.p4")


def test_options_of_another_trace():
    p4bpf("trace", "x.p4", "--packet", "00", "--count", "3", status=1, says="for a program that runs")
    p4bpf("trace", "r1", "--entries", "x.stf", status=1, says="for a program in a file")


def test_bad_usage():
    p4bpf(status=2, says="a verb is missing")
    p4bpf("chek", "x.p4", status=2, says="did you mean check?")
    p4bpf("check", status=2, says="PROG.p4 is required")
    p4bpf("check", "--sdt", "p4-16", "x.p4", status=2, says=["unknown option '--sdt'", "did you mean --std?"])
    p4bpf("check", "--std", "p4-15", "x.p4", status=2, says="p4-15")
    p4bpf("check", "a.p4", "b.p4", status=2, says="unexpected argument 'b.p4'")
    p4bpf("compile", "--hook", "xpd", "x.p4", status=2, says="xpd")
    p4bpf("table", status=2, says="a verb is missing")
    p4bpf("unload", status=2, says="NAME is required")
    p4bpf("check", "--dump-after", "fold", "x.p4", status=2, says="there is no pass 'fold'")


def test_help_and_version():
    p4bpf("--version", says="p4bpf 0.")
    p4bpf("--help", says=["check", "compile", "table"])
    for verb in "check", "compile", "test", "run", "load", "attach", "detach", "unload", "ps", "counter", "man":
        p4bpf(verb, "--help", says=["examples:", "  p4bpf " + verb])
    for verb in "add", "modify", "delete", "batch", "get", "dump", "clear", "default":
        p4bpf("table", verb, "--help", says=["examples:", "  p4bpf table " + verb])


def test_completion_and_manual_know_every_verb():
    manual = p4bpf("man")
    bash = p4bpf("completion", "bash")
    p4bpf("completion", "zsh", says="#compdef p4bpf")
    p4bpf("completion", "fish", says="complete -c p4bpf")
    p4bpf("completion", "tcsh", status=2, says="tcsh")
    for verb in "check", "compile", "test", "run", "table add", "counter reset":
        assert f".SS p4bpf {verb}" in manual and f"'{verb}')" in bash, verb
    done = subprocess.run(["bash", "-c", bash + "\nCOMP_WORDS=(p4bpf table d); COMP_CWORD=2; _p4bpf; echo ${COMPREPLY[*]}"],
                          capture_output=True, text=True)
    assert done.stdout.split() == ["delete", "dump", "default"], done


def test_ports_and_interfaces():
    p4bpf("load", XDP, "-i", "0", status=2, says=["port 0 has no interface", "PORT@IFNAME"])
    p4bpf("load", XDP, "-i", "v0", status=2, says="interface 'v0' has no port")
    p4bpf("load", XDP, "-i", "x@v0", status=2, says="PORT@IFNAME")
    p4bpf("load", XDP, "-i", "0@v9", status=1, says=["there is no interface 'v9'", "did you mean"])
    p4bpf("load", XDP, "-i", "0@v0", "-i", "0@v1", status=1, says="port 0 is bound to interface 'v0' already")
    p4bpf("load", XDP, "-i", "0@v0", "-i", "1@v0", status=1, says="interface 'v0' is bound to port 0 already")
    assert names() == [] and attachments() == []


def test_an_interface_that_is_down():
    sh("ip link add down0 type veth peer name down1")
    done = subprocess.run([P4BPF, "load", XDP, "--name", "r1", "-i", "0@down0"], capture_output=True, text=True)
    sh("ip link del down0")
    assert done.returncode == 0 and "warning: interface 'down0' is down" in done.stderr, done


def test_names_of_instances():
    for name in "", "a/b", "..", "-x", "x" * 33, "a b":
        p4bpf("load", XDP, f"--name={name}" if name else "--name=.", status=1, says="cannot name an instance")
    p4bpf("load", XDP, "--name", "r1")
    p4bpf("load", XDP, "--name", "r1", status=1, says="there is an instance 'r1' already")
    p4bpf("unload", "r2", status=1, says=["there is no instance 'r2'", "did you mean r1?"])
    p4bpf("detach", "r1", "-i", "v0", status=1, says="not attached to interface 'v0'")
    p4bpf("table", "dump", "nothing:ports", status=1, says="there is no instance 'nothing'")


def test_somebody_elses_program_stays():
    p4bpf("load", XDP, "--name", "other", "-i", "0@v0")
    p4bpf("load", XDP, "--name", "r1", "-i", "0@v0", status=1, says="already has an XDP program")
    assert names() == ["other"] and len(attachments()) == 1


def test_without_privilege():
    def drop():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    os.chmod(FOLDER, 0o755)
    for verb in ["load", XDP, "--name", "r1"], ["ps"], ["unload", "r1"], ["table", "dump", "ports"]:
        p4bpf(*verb, status=77, says=["not permitted", "run as root"], preexec_fn=drop)
    assert names() == []


def test_damaged_objects_and_manifests():
    (FOLDER / "bad.o").write_bytes(b"\x7fELF nonsense")
    (FOLDER / "bad.json").write_text((FOLDER / "forward.json").read_text())
    p4bpf("load", FOLDER / "bad.o", status=1, says="cannot read the object")
    (FOLDER / "bad.o").write_bytes((FOLDER / "forward.o").read_bytes())
    (FOLDER / "bad.json").write_text('{"version": 1}')
    p4bpf("load", FOLDER / "bad.o", status=1, says=["bad.json", "'program' is missing"])
    (FOLDER / "bad.json").write_text((FOLDER / "forward.json").read_text().replace('"fwd"', '"other"'))
    p4bpf("load", FOLDER / "bad.o", status=1, says="has no program 'other'")
    (FOLDER / "bad.json").unlink()
    p4bpf("load", FOLDER / "bad.o", status=1, says="the manifest lies beside the object")
    assert names() == []


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
