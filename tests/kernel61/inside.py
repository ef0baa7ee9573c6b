"""What runs in the guest of run.py: packet tests on the guest's kernel, a benchmark, loading and attaching, one line for each.

usage: inside.py P4BPF [NAME...]"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/big"))
import generate  # noqa: E402

# An emulated machine takes its time; so does the compiler in it.
LIMIT = 900
GROUP_1 = re.compile(r"xdp\d+")


def tests(p4bpf, folder):
    """(name, command): the benchmark's programs, its group 1 first; the large program; those that users start from, v1model's among them; then a measurement,
    real interfaces, and the whole life of instances."""
    def packets(program, stf, target="kernel"):
        return f"{target} {stf.stem}", [p4bpf, "test", "--target", target, "--stats", program, stf]
    bench = sorted((ROOT / "bench/programs").glob("*.stf"))
    bench.sort(key=lambda stf: not GROUP_1.fullmatch(stf.stem))
    for stf in bench:
        yield packets(stf.with_suffix(".p4"), stf)
    yield packets(*generate.write(folder))
    for stf in sorted((ROOT / "examples").glob("*.stf")):
        yield packets(stf.with_suffix(".p4"), stf)
    for stf in sorted((ROOT / "examples/v1model").glob("*/*.stf")):
        yield packets(stf.with_suffix(".p4"), stf)
    for name in ("filter", "router", "v1model/basic/basic", "v1model/multicast/multicast"):
        stf = ROOT / f"examples/{name}.stf"
        yield packets(stf.with_suffix(".p4"), stf, "veth")
    yield "bench", [p4bpf, "bench", "--loads", "1", *(stf.stem for stf in bench if GROUP_1.fullmatch(stf.stem))]
    for script in ("instance_test", "control_test", "atomic_test", "learning_test"):
        yield script, [sys.executable, ROOT / f"tests/kernel/{script}.py"]


def run(command, p4bpf):
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=LIMIT, cwd="/tmp", env={**os.environ, "P4BPF": p4bpf, "P4BPF_TEST_LIMIT": str(LIMIT)})
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return 1000, f"no answer in {LIMIT} s"


def main():
    p4bpf, names = sys.argv[1], sys.argv[2:]
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
    count = {"PASS": 0, "FAIL": 0, "SKIP": 0}
    print(" ".join(os.uname()[::2]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, command in tests(p4bpf, folder):
            if names and not any(word in name for word in names):
                continue
            status, said = run(command, p4bpf)
            verdict = {0: "PASS", 77: "SKIP"}.get(status, "FAIL")
            count[verdict] += 1
            figures = re.findall(r"(?:; |^)(\d+ instructions.*|xdp\d+ .*|\d+ passed, .*)", said, re.M)
            print(f"{verdict} {name}: {'; '.join(figures)}", flush=True)
            if verdict != "PASS":
                print("".join(f"    {line}\n" for line in said.strip().splitlines()[-25:]), flush=True)
    print(f"{count['PASS']} passed, {count['FAIL']} failed, {count['SKIP']} skipped", flush=True)


if __name__ == "__main__":
    main()
