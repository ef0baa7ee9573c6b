"""Command lines that are wrong and requests that cannot be met: each gets a clear message and the right exit status."""
import tempfile

from .base import ROOT, run

GOOD = ROOT / "examples/filter.p4"


class Case:
    """`argv` behind p4bpf; what it must answer. {dir} in argv is an empty folder, {good} a program without mistakes."""

    def __init__(self, name, argv, status, *says):
        self.name, self.argv, self.status, self.says = name, argv.split(), status, says


CASES = [
    Case("no verb", "", 2, "verb"),
    Case("help", "--help", 0, "check", "compile", "test", "run", "table"),
    Case("version", "--version", 0, "p4bpf"),
    Case("unknown command", "frobnicate", 2, "frobnicate"),
    Case("unknown flag", "check --frobnicate {good}", 2, "--frobnicate"),
    Case("flag without its value", "check {good} -I", 2, "-I"),
    Case("no program", "check", 2, "PROG"),
    Case("missing file", "check {dir}/nothing.p4", 1, "nothing.p4", "no such file"),
    Case("a folder for a program", "check {dir}", 1, "directory"),
    Case("unknown standard", "check --std p4-20 {good}", 2, "p4-20"),
    Case("unknown architecture", "compile --arch nonsense -o {dir} {good}", 1, "nonsense"),
    Case("unknown hook", "compile --hook nonsense -o {dir} {good}", 2, "nonsense"),
    Case("unwritable folder", "compile -o /proc/nothing {good}", 1, "/proc/nothing"),
    Case("unknown warning", "check -Wno-user-waring {good}", 2, "no warning 'user-waring'", "did you mean 'user-warning'"),
    Case("an error for a warning", "check -W no-syntax {good}", 2, "'syntax' is an error"),
    Case("unknown dump", "compile --dump nonsense {good}", 2, "nonsense"),
    Case("unknown target", "test --target nonsense {good} x.stf", 2, "nonsense"),
    Case("missing test", "test --target interp {good} {dir}/nothing.stf", 1, "nothing.stf"),
    Case("test without a test", "test --target interp {good}", 2),
    Case("unknown instance", "table dump p4bpf-test-nothing:t", 1, "p4bpf-test-nothing"),
    Case("unknown instance to unload", "unload p4bpf-test-nothing", 1, "p4bpf-test-nothing"),
    Case("no interface of that name", "run {good} --detach --name p4bpf-test-cli -i 0@p4bpf-nothing", 1, "p4bpf-nothing"),
    Case("a block that is not there", "graph --block Filtre {good}", 1, "no parser or control called 'Filtre'", "did you mean 'Filter'", "there are"),
    Case("one drawing for all blocks", "graph --format svg {good}", 1, "--block"),
    Case("a graph as JSON", "graph --format json --block Filter {good}", 0, '"kind": "table"'),
    Case("formatted already", "fmt --check {good}", 0),
    Case("no style of fmt for two files", "fmt {good} {good}", 2, "--in-place"),
    Case("fmt --check and -i", "fmt --check -i {good}", 2, "--check"),
    Case("malformed port", "run {good} --detach --name p4bpf-test-cli -i nonsense@lo", 2, "nonsense"),
]


def run_cli(report):
    def work(case):
        with tempfile.TemporaryDirectory() as folder:
            argv = [word.replace("{dir}", folder).replace("{good}", str(GOOD)) for word in case.argv]
            return run([report.p4bpf, *argv], limit=30)

    for case, done in report.each(CASES, work):
        missing = [part for part in case.says if part.lower() not in done.out.lower()]
        if done.status == 77 and case.status == 1:
            report.skipped(case.name, done.out.strip().splitlines()[0])
        elif done.status != case.status or missing:
            report.failed(case.name, f"wanted status {case.status} and a word of {missing or 'nothing'}\ngot status {done.status}\n{done.out}")
        else:
            report.passed(case.name)
