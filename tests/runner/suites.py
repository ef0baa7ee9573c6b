"""The suites of tests/run; each is a function that takes the Report."""
import functools
import json
import os
import pathlib
import re
import sys
import tempfile

from .base import ROOT, run
from .cli import run_cli
from .diagnostics import run_diagnostics
from .spec import run_spec

TARGETS = ("interp", "native", "kernel", "veth")


def corpus_variable():
    """What tells the unit tests where the programs of the corpus are, if they are at hand."""
    tool = find_corpus()
    return {} if tool is None else {"P4BPF_CORPUS": str(tool.parents[1] / "corpus/p4")}


def run_unit(report):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        done = run([report.folder / "unit_tests", f"--gtest_output=json:{out.name}", "--gtest_brief=1"], limit=600,
                   env={**os.environ, **corpus_variable()})
        try:
            groups = json.load(open(out.name))["testsuites"]
        except (ValueError, KeyError):
            return report.failed("unit_tests", f"exit status {done.status}\n{done.out[-3000:]}")
    for group in groups:
        for one in group["testsuite"]:
            name = f"{group['name']}.{one['name']}"
            if one.get("failures"):
                report.failed(name, one["failures"][0]["failure"])
            elif one.get("result") == "SKIPPED":
                report.skipped(name, one.get("skipped", [{"message": "skips itself"}])[0]["message"])
            else:
                report.passed(name)
    if done.status and not report.count["failed"]:
        report.failed("unit_tests", f"exit status {done.status}\n{done.out[-3000:]}")


def run_layering(report):
    for line in run([ROOT / "tests/layering/check"]).out.splitlines():
        verdict, rule = line.split(" ", 1)
        report.passed(rule) if verdict == "pass" else report.failed(*rule.split(": ", 1))


# ---- errors: `// expect KIND` behind a line, `// expect LINE KIND` anywhere, `// command: compile --hook xdp`; likewise with `#` in
# packet tests, which run on examples/filter.p4 unless they have a command of their own --------------------------------------------------------------------

DIAGNOSTIC = re.compile(r"^(?:\S*/)?([^/\s:]+):(\d+):\d+: (?:error|warning): .*\[([a-z0-9-]+)\]$", re.M)


def expectations(path):
    """{(line, kind)} that the program's comments promise, and the command that shows them."""
    wanted, command = set(), ["check"]
    if path.suffix == ".stf":
        command = ["test", "--target", "interp", ROOT / "examples/filter.p4"]
    for number, line in enumerate(path.read_text().split("\n"), 1):
        said = re.search(r"(?://|#) expect(?: (\d+))? ([a-z0-9-]+)", line)
        if said:
            wanted.add((int(said[1] or number), said[2]))
        if line.startswith(("// command: ", "# command: ")):
            command = line.split()[2:]
    return wanted, command


def run_errors(report):
    programs = [path for path in sorted((ROOT / "tests/errors").iterdir()) if path.suffix in (".p4", ".stf")]
    severity = dict(re.findall(r'P4BPF_DIAGNOSTIC\(\w+, "([a-z0-9-]+)", k(\w+)\)',
                               (ROOT / "src/base/diagnostic_kinds.def").read_text()))
    seen = set()

    def work(path):
        with tempfile.TemporaryDirectory() as folder:
            _, command = expectations(path)
            if command[0] == "compile":
                command = command + ["-o", folder]
            return run([report.p4bpf, *command, path], limit=30, cwd=ROOT / "tests/errors")

    for path, done in report.each(programs, work):
        wanted, _ = expectations(path)
        seen |= {kind for _, kind in wanted}
        found = {(int(line), kind) for _, line, kind in DIAGNOSTIC.findall(done.out)}
        status = 1 if any(severity.get(kind) == "Error" for _, kind in wanted) else 0
        if found == wanted and done.status == status:
            report.passed(path.name)
        else:
            report.failed(path.name, f"wanted status {status} and {sorted(wanted)}\ngot status {done.status} and {sorted(found)}\n{done.out}")
    elsewhere = dict(line.split(None, 1) for line in (ROOT / "tests/errors/elsewhere.txt").read_text().splitlines()
                     if line and not line.startswith("#"))
    for kind in severity:
        where = ROOT / elsewhere.get(kind, "tests/errors").strip()
        if kind in seen or (where.is_file() and kind in where.read_text()):
            report.passed(f"coverage of {kind}")
        else:
            report.failed(f"coverage of {kind}", "no program in tests/errors expects it")


# ---- packets: STEM.p4 with STEM.stf or STEM-*.stf; `# options: --extern x.c` in the .stf ---------------------------------

def packet_tests():
    for folder in (ROOT / "tests/packets", ROOT / "examples", ROOT / "bench/programs"):
        for stf in sorted(folder.rglob("*.stf")):
            program = stf.with_suffix(".p4")
            if not program.exists():
                program = stf.with_name(stf.stem.split("-")[0] + ".p4")
            options = re.findall(r"^# options: (.*)$", stf.read_text(), re.M)
            yield program, stf, (options[0].split() if options else [])
    yield *large_program(), []


@functools.cache
def large_program():
    """60 tables and 40 headers."""
    folder = ROOT / "build/tests_big"
    folder.mkdir(parents=True, exist_ok=True)
    done = run([sys.executable, ROOT / "tests/big/generate.py", folder])
    if done.status:
        raise RuntimeError(done.out)
    return folder / "big.p4", folder / "big.stf"


def targets_of(stf):
    """All of them, or those of a `# targets: interp` line, behind which the test says why."""
    named = re.findall(r"^# targets: (\w+(?: \w+)*)", stf.read_text(), re.M)
    return named[0].split() if named else TARGETS


def run_packets(report):
    jobs = [(target, *test) for test in packet_tests() for target in targets_of(test[1])]

    def work(job):
        target, program, stf, options = job
        return run([report.p4bpf, "test", "--target", target, *options, program, stf], cwd=stf.parent)

    for (target, _, stf, _), done in report.each(jobs, work):
        report.judge(f"{target} {stf.relative_to(ROOT)}", done)


# ---- the older compiler: what users would run is packed and judged by it as well; the newer one is that of all other suites ----

def run_compilers(report):
    tests = [test for test in packet_tests() if not test[1].is_relative_to(ROOT / "tests/packets") and "kernel" in targets_of(test[1])]
    older = {**os.environ, "P4BPF_CLANG": "clang-14"}

    def work(test):
        program, stf, options = test
        return run([report.p4bpf, "test", "--target", "kernel", *options, program, stf], cwd=stf.parent, env=older)

    for (_, stf, _), done in report.each(tests, work):
        report.judge(f"clang-14 {stf.relative_to(ROOT)}", done)


# ---- random packets and entries: the executors agree -----------------------------------------------------------------

def run_random(report):
    narrow = {stf.with_suffix(".p4") for _, stf, _ in packet_tests() if targets_of(stf) is not TARGETS}
    with_options = {program for program, _, options in packet_tests() if options}
    programs = {program for program, _, _ in packet_tests()} | set((ROOT / "tests/random").glob("*.p4"))

    def work(program):
        with tempfile.TemporaryDirectory() as folder:
            return run([report.p4bpf, "test", "--target", "all", "--random", "50", "--seed", "1", program], cwd=folder)

    for program, done in report.each(sorted(programs - narrow - with_options), work):
        report.judge(f"random {program.relative_to(ROOT)}", done)


# ---- scripts of their own: `N passed, N failed, N skipped` on their last line ------------------------------------------

def run_scripts(report, folder):
    for script in sorted((ROOT / folder).glob("*_test.py")):
        done = run([sys.executable, script], env={**os.environ, "P4BPF": str(report.p4bpf)}, limit=600)
        counts = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.out, re.M)
        if not counts or (done.status not in (0, 77) and counts[-1][1] == "0"):
            report.failed(script.name, f"exit status {done.status}\n{done.out[-3000:]}")
            continue
        passed, failed, skipped = map(int, counts[-1])
        report.passed(script.name, passed)
        if skipped:
            report.skipped(script.name, done.out.strip().splitlines()[0], skipped)
        for _ in range(failed):
            report.failed(script.name, done.out[-3000:])


def run_kernel(report):
    run_scripts(report, "tests/kernel")


def run_all_cli(report):
    run_cli(report)
    run_scripts(report, "tests/cli")


def run_lsp(report):
    run_scripts(report, "tests/lsp")


# ---- the tour and the corpus ---------------------------------------------------------------------------------------

def run_tour(report):
    script = ROOT / "docs/regenerate_tour"
    done = run([script, "--check", "--p4bpf", report.p4bpf])
    report.judge("docs/tour.md", done)


def find_corpus():
    for folder in (os.environ.get("P4BPF_SHARED"), ROOT / "../shared", ROOT / "../../shared"):
        tool = pathlib.Path(folder or "nowhere") / "tools/conformance"
        if tool.exists():
            return tool
    return None


def run_corpus(report):
    tool = find_corpus()
    if tool is None:
        return report.skipped("corpus", "the P4 corpus is not beside the repository (../shared)")
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        run([sys.executable, tool, "--p4bpf", report.p4bpf, "--json", out.name, "--jobs", report.jobs, "check", *TARGETS],
            limit=3600)
        done = run([ROOT / "tests/compare_conformance", out.name])
    for line in done.out.splitlines():
        verdict, _, rest = line.partition(" ")
        if verdict == "kept":
            report.passed("corpus", int(rest.split()[0]))
        elif verdict == "skipped":
            number, why = rest.split(" ", 1)
            report.skipped("corpus", why, int(number))
        elif verdict == "lost":
            report.failed(rest, "passed before, see tests/conformance.json")
        else:
            print(f"  {line}")
    if done.status not in (0, 1):
        report.failed("compare_conformance", done.out)


# ---- a kernel 6.1 in an emulator: slow, so only where it is asked for -------------------------------------------------------

def run_kernel61(report):
    done = run([sys.executable, ROOT / "tests/kernel61/run.py", report.p4bpf], limit=3600)
    for verdict, name, rest in re.findall(r"^(PASS|FAIL|SKIP) ?([^:\n]*): ?(.*(?:\n    .*)*)", done.out, re.M):
        if verdict == "PASS":
            report.passed(name)
            print(f"  {name}: {rest}")
        else:
            (report.failed if verdict == "FAIL" else report.skipped)(name, rest or "no reason given")
    if done.status not in (0, 77) and not report.count["failed"]:
        report.failed("kernel61", done.out[-2000:])


ALL = {"unit": run_unit, "layering": run_layering, "errors": run_errors, "diagnostics": run_diagnostics, "spec": run_spec, "cli": run_all_cli, "packets": run_packets, "compilers": run_compilers,
       "random": run_random, "kernel": run_kernel, "lsp": run_lsp, "tour": run_tour, "corpus": run_corpus}
# What `tests/run` runs by itself only when it is named.
ON_REQUEST = {"kernel61": run_kernel61}
