#!/usr/bin/env python3
"""p4bpf fmt and p4bpf graph as a user runs them: what is written where, and the exit status.

Its last line is `N passed, N failed, N skipped`; P4BPF names the program."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
P4BPF = os.environ.get("P4BPF", str(ROOT / "build/quick/p4bpf"))
UGLY = "const   bit<8> x=1; // one\n"
NEAT = "const bit<8> x = 1;  // one\n"
REFUSED = "control c( {\n"
counts = {"passed": 0, "failed": 0, "skipped": 0}


def p4bpf(*argv, text="", cwd=None):
    return subprocess.run([P4BPF, *map(str, argv)], input=text, capture_output=True, text=True, timeout=60, cwd=cwd)


def expect(name, good, done=None):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAIL {name}", *([done.returncode, done.stdout, done.stderr] if done else []))


def test_fmt(folder):
    file, bad = folder / "a.p4", folder / "bad.p4"
    file.write_text(UGLY)
    bad.write_text(REFUSED)
    done = p4bpf("fmt", "-", text=UGLY)
    expect("standard input", (done.returncode, done.stdout) == (0, NEAT), done)
    done = p4bpf("fmt", "--check", file)
    expect("check names the file and leaves it", done.returncode == 1 and done.stdout == f"{file}\n" and file.read_text() == UGLY, done)
    done = p4bpf("fmt", file)
    expect("standard output", (done.returncode, done.stdout) == (0, NEAT) and file.read_text() == UGLY, done)
    done = p4bpf("fmt", "-i", bad, file)
    expect("a refused file stays, the next one is formatted",
           done.returncode == 1 and bad.read_text() == REFUSED and file.read_text() == NEAT and "bad.p4:1" in done.stderr, done)
    expect("check is content", p4bpf("fmt", "--check", file).returncode == 0)
    done = p4bpf("fmt", "--diagnostics=json", bad)
    expect("diagnostics as JSON", json.loads(done.stderr.splitlines()[0])["severity"] == "error", done)


def test_graph(folder):
    programs = sorted((ROOT / "examples").glob("*.p4"))
    for program in programs:
        first, second = p4bpf("graph", program), p4bpf("graph", program)
        expect(f"{program.name}: a graph, the same twice",
               first.returncode == 0 and "digraph" in first.stdout and first.stdout == second.stdout, first)
        blocks = json.loads(p4bpf("graph", "--format", "json", program).stdout)
        p4bpf("graph", "-o", folder / program.stem, program)
        expect(f"{program.name}: a file for each block",
               {f"{block['name']}.dot" for block in blocks} == {file.name for file in (folder / program.stem).iterdir()})
        if shutil.which("dot") is None:
            counts["skipped"] += 1
            continue
        drawn = subprocess.run(["dot", "-Tcanon"], input=first.stdout, capture_output=True, text=True)
        expect(f"{program.name}: dot reads it", drawn.returncode == 0 and not drawn.stderr, drawn)
        done = p4bpf("graph", "--format", "svg", "--block", blocks[0]["name"], program)
        expect(f"{program.name}: svg", done.returncode == 0 and "</svg>" in done.stdout, done)


with tempfile.TemporaryDirectory() as name:
    if shutil.which("dot") is None:
        print("no Graphviz here")
    test_fmt(pathlib.Path(name))
    test_graph(pathlib.Path(name))
print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
sys.exit(1 if counts["failed"] else 0)
