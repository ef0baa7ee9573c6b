"""The rules of the P4_16 specification (version 1.2.5), one small program each: tests/spec/*.p4t, a file per group of sections.

    #include <core.p4>                                 what stands above the first case belongs to every case of the file
    //// wrap: control c(inout bit<8> b) { apply { @ } }
    //// 8.5 accept: title                             a program without an error
    bit<8> f() { return 1; }
    //// 8.5 accept body: title                        statements only; they take the place of the @ of the `wrap` line
    b = b + 1;
    //// 8.5 refuse: title                             a program with errors, exactly those promised at their lines
    const bit<8> c = true;   // expect type-mismatch
    const bool d = f();      // expect [6] unknown-name

`// expect KIND` is the line's own diagnostic, `// expect [LINE] KIND` another line's (as the file counts them). A case is
checked as the whole file with every other case blanked, so that a diagnostic's line is the line of the .p4t file. Warnings
need not be promised; a promised one must be there. Values are tested by `static_assert` in accepted programs.
"""
import pathlib
import re
import tempfile

from .base import ROOT, run

MARKER = re.compile(r"//// (\S+) (accept|refuse)( body)?: (.+)$")
WRAP = re.compile(r"//// wrap: (.*)@(.*)$")
EXPECT = re.compile(r"// expect (?:\[(\d+)\] )?([a-z0-9-]+(?:, [a-z0-9-]+)*)")
SAID = re.compile(r"^\S*?:(\d+):\d+: (error|warning): .*\[([a-z0-9-]+)\]$", re.M)


class Case:
    def __init__(self, path, number, found):
        self.section, self.verdict, body, self.title = found.groups()
        self.name = f"{path.name}:{number} {self.section} {self.title}"
        self.path, self.first, self.last, self.body = path, number, number, bool(body)

    def text(self, lines, prelude, wrap):
        kept = [line if i <= prelude or self.first < i <= self.last else "" for i, line in enumerate(lines, 1)]
        if self.body:
            kept[self.first - 1] = wrap[0]
            kept = kept[:self.last] + [wrap[1]]
        return "\n".join(kept) + "\n"


def read_cases(path):
    """Each case of a file with its program and {(line, kind)} that it promises; raises ValueError for a malformed file."""
    lines = path.read_text().split("\n")
    prelude, wrap, cases = None, ("", ""), []
    for number, line in enumerate(lines, 1):
        if not line.startswith("////"):
            if cases:
                cases[-1].last = number
        elif found := WRAP.match(line):
            wrap = found.groups()
        elif found := MARKER.match(line):
            prelude = number - 1 if prelude is None else prelude
            cases.append(Case(path, number, found))
        else:
            raise ValueError(f"{path.name}:{number}: not a marker: {line}")
    for case in cases:
        text = case.text(lines, prelude, wrap)
        wanted = set()
        for number, line in enumerate(text.split("\n"), 1):
            for said in EXPECT.finditer(line):
                wanted |= {(int(said[1] or number), kind) for kind in said[2].split(", ")}
        if case.verdict == "refuse" and not wanted:
            raise ValueError(f"{case.name}: refused, but for what?")
        yield case, text, wanted


def judge(case, wanted, done):
    """Why the case fails, or nothing."""
    said = {(int(line), kind): severity for line, severity, kind in SAID.findall(done.out)}
    errors = {at for at, severity in said.items() if severity == "error"}
    if done.status != (0 if case.verdict == "accept" else 1):
        return f"exit status {done.status}"
    if surprising := errors - wanted:
        return f"not promised: {sorted(surprising)}"
    if missing := wanted - set(said):
        return f"promised and not there: {sorted(missing)}"
    return None


def run_spec(report):
    cases = []
    for path in sorted((ROOT / "tests/spec").glob("*.p4t")):
        try:
            cases += read_cases(path)
        except ValueError as wrong:
            report.failed(path.name, str(wrong))
    with tempfile.TemporaryDirectory() as folder:
        def work(job):
            case, text, _ = job
            program = pathlib.Path(folder) / f"{case.path.stem}_{case.first}.p4"
            program.write_text(text)
            return run([report.p4bpf, "check", program], limit=30)

        for (case, _, wanted), done in report.each(cases, work):
            why = judge(case, wanted, done)
            report.failed(case.name, f"{why}\n{done.out}") if why else report.passed(case.name)
