#!/usr/bin/env python3
"""p4bpf bench: one program, one table of each kind, and what happens where the program by hand does something else."""
import json, shutil, sys
from harness import *

PROGRAMS = ROOT / "bench/programs"


def own_benchmark(name, change):
    """FOLDER/NAME.p4 and .stf as they are, the program by hand changed."""
    for file in PROGRAMS.iterdir():
        if file.suffix in (".p4", ".h") or file.stem == name:
            shutil.copy(file, FOLDER)
    twin = FOLDER / f"{name}.c"
    twin.write_text(change(twin.read_text()))
    return FOLDER / f"{name}.p4"


def test_program():
    (one,) = json.loads(p4bpf("bench", "xdp11", "--loads", "1", "--pps", "--json"))
    assert one["program"] == "xdp11" and one["packets_compared"] > 200, one
    for side in one["generated"], one["by_hand"]:
        assert side["instructions"] > 0 and side["ns_per_packet"] >= 0 and side["packets_per_second"] > 0, one


def test_wrong_program_by_hand_is_found():
    wrong = own_benchmark("xdp11", lambda text: text.replace("store16(src + 4, low)", "store16(src + 2, low)"))
    p4bpf("bench", wrong, "--loads", "1", status=1, says=["xdp11: the two differ for the packet", "generated: verdict 3", "by hand: verdict 3"])
    wrong = own_benchmark("xdp1", lambda text: text.replace("return XDP_DROP", "return XDP_PASS"))
    p4bpf("bench", wrong, "--loads", "1", status=1, says=["generated: verdict 1", "by hand: verdict 2"])


def test_refused_program_does_not_stop_the_others():
    wrong = own_benchmark("xdp11", lambda text: text.replace("(!parse_ip(context, &packet))", "(0 && !parse_ip(context, &packet))"))
    done = subprocess.run([P4BPF, "bench", wrong, "xdp0", "--loads", "1"], capture_output=True, text=True)
    assert done.returncode == 1 and "xdp11: the program by hand: " in done.stderr and "\nxdp0 " in done.stdout, done


def test_tables():
    drawing = FOLDER / "lookups.svg"
    (one,) = json.loads(p4bpf("bench", "--tables", "lpm", "--largest", "1", "--plot", drawing, "--json"))
    assert one["kind"] == "lpm" and one["entries"] == 1 and one["bytes_per_entry"] > 0, one
    assert set(one["by_hand_ns"]) == {"LPM_TRIE", "array of that size"}, one
    assert all(rate > 0 for kind in ("lines", "single") for rate in one[f"{kind}_per_second"].values()), one
    text = drawing.read_text()
    assert text.count("<polyline") == 3 and "longest prefix" in text, text


def test_bad_requests():
    p4bpf("bench", "xdp12", status=1, says=["no benchmark program 'xdp12'", "did you mean xdp1"])
    p4bpf("bench", "--tables", "hash", status=1, says=["no kind of table 'hash'", "exact, lpm, ternary, range"])
    p4bpf("bench", "--plot", "x.svg", status=2, says="--tables")


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], own_world))
