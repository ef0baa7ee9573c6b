"""Every kind of diagnostic is explained, and its example shows it; JSON and SARIF have the shape that they promise."""
import json
import re
import tempfile

from .base import ROOT, run

PAGES = ROOT / "docs/diagnostics"


def kinds():
    """{name: severity} of the registry."""
    text = (ROOT / "src/base/diagnostic_kinds.def").read_text()
    return {name: severity.lower() for name, severity in re.findall(r'P4BPF_DIAGNOSTIC\(\w+, "([a-z0-9-]+)", k(\w+)\)', text)}


def example(page, heading):
    """(language, text) of the fence under the heading."""
    return re.search(rf"^## {heading}\n+```(\w+)\n(.*?)^```$", page, re.M | re.S).groups()


def first_json(output):
    """The diagnostics among the lines of standard error, as objects."""
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"')]


def try_example(report, language, text):
    """The diagnostics that the example gives; nothing where no verb of p4bpf reads such examples."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/example.{language}"
        with open(path, "w") as file:
            file.write(text)
        said = re.search(r"^(?://|#) command: (.*)$", text, re.M)
        argv = said[1].split() if said else ["check"] if language == "p4" else ["test", "examples/filter.p4"]
        argv += ["-o", folder] if argv[0] == "compile" else []
        return first_json(run([report.p4bpf, *argv, "--diagnostics=json", path], limit=30, cwd=ROOT).out)


def run_explanations(report):
    def work(kind):
        path = PAGES / f"{kind}.md"
        if not path.exists():
            return f"{path.relative_to(ROOT)} is missing: see docs/adding_a_feature.md"
        page = path.read_text()
        shown = run([report.p4bpf, "explain", kind], limit=30)
        if shown.status != 0 or example(page, "Right")[1].strip().split("\n")[-1] not in shown.out:
            return f"p4bpf explain {kind} does not show the page\n{shown.out}"
        language, wrong = example(page, "Wrong")
        if language not in ("p4", "stf"):
            return None
        found = try_example(report, language, wrong)
        if not found or found[0]["kind"] != kind:
            return f"the wrong example gives {found}"
        found = [one for one in try_example(report, language, example(page, "Right")[1])
                 if one["severity"] == "error" or one["kind"] == kind]
        return f"the right example gives {found}" if found else None

    for kind, problem in report.each(list(kinds()), work):
        name = f"explain {kind}"
        report.failed(name, problem) if problem else report.passed(name)
    strangers = {path.stem for path in PAGES.glob("*.md")} - set(kinds())
    report.failed("explanations of kinds that exist", str(strangers)) if strangers else report.passed("explanations of kinds that exist")


# ---- the forms of --diagnostics ---------------------------------------------------------------------------------------

PROGRAM = """#include "part.p4"
#define WRONG nothing
#warning look here
header H { bit<8> ttl; }
control c(inout H h) {
    apply {
        h.tll = WRONG;
        /* \u00e4\u00f6 */ h.ttl = other;
    }
}
const bit<8> twice = 1;
const bit<8> twice = 2;
"""
PART = "const bit<8> part = missing;\n"


def check_program(report, *options):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in ("a b.p4", PROGRAM), ("part.p4", PART):
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        return run([report.p4bpf, "check", *options, "a b.p4"], limit=30, cwd=folder)


def json_problem(report):
    done = check_program(report, "--diagnostics=json")
    said = [json.loads(line) for line in done.out.splitlines()]
    by_kind = {}
    for one in said:
        assert set(one) >= {"kind", "severity", "message", "file", "line", "column", "end_line", "end_column", "notes"}, one
        by_kind.setdefault(one["kind"], []).append(one)
    assert done.status == 1 and by_kind["user-warning"][0]["severity"] == "warning"
    twice = by_kind["duplicate-name"][0]
    assert (twice["line"], twice["column"], twice["end_column"]) == (12, 14, 19), twice
    assert any(note.get("line") == 11 for note in twice["notes"]), twice
    unknown = {one["line"]: one for one in by_kind["unknown-name"] if one["file"] == "a b.p4"}
    assert unknown[7]["macro"]["line"] == 2 and unknown[7]["macro"]["name"] == "WRONG", unknown
    assert "macro" not in unknown[8]
    part = [one for one in said if one["file"].endswith("part.p4")]
    assert part[0]["included_from"][0]["file"] == "a b.p4" and part[0]["included_from"][0]["line"] == 1, part


def sarif_problem(report):
    done = check_program(report, "--diagnostics=sarif")
    document = json.loads(done.out)
    assert document["version"] == "2.1.0" and document["$schema"].endswith("sarif-2.1.0.json")
    (one_run,) = document["runs"]
    driver = one_run["tool"]["driver"]
    assert driver["name"] == "p4bpf" and one_run["columnKind"] == "unicodeCodePoints"
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["help"]["text"] and "## Right" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] == kinds()[rule["id"]], rule
    assert len(one_run["results"]) >= 5
    for result in one_run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] and result["message"]["text"]
        assert result["level"] in ("error", "warning")
        for location in result["locations"] + result.get("relatedLocations", []):
            place = location["physicalLocation"]
            assert " " not in place["artifactLocation"]["uri"]
            region = place["region"]
            begin, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
            assert (1, 1) <= begin <= end, region
    other = [result["locations"][0]["physicalLocation"]["region"] for result in one_run["results"]]
    assert {"startLine": 8, "startColumn": 26, "endLine": 8, "endColumn": 31} in other, other  # code points, not bytes
    assert one_run["invocations"][0]["executionSuccessful"] is True


def failure_problem(report):
    done = run([report.p4bpf, "check", "--diagnostics=json", "nothing.p4"], limit=30)
    assert done.status == 1 and "nothing.p4" in json.loads(done.out)["message"], done.out
    done = run([report.p4bpf, "check", "--diagnostics=sarif", "nothing.p4"], limit=30)
    (invocation,) = json.loads(done.out)["runs"][0]["invocations"]
    assert done.status == 1 and invocation["executionSuccessful"] is False
    assert "nothing.p4" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    done = run([report.p4bpf, "check", "--diagnostics=sarif", "examples/filter.p4"], limit=30, cwd=ROOT)
    assert done.status == 0 and json.loads(done.out)["runs"][0]["results"] == []


def text_problem(report):
    out = check_program(report, "--max-errors=1").out
    assert len(re.findall(r": error: ", out)) == 1 and re.search(r"^p4bpf: \d+ more errors are not shown; --max-errors=0", out, re.M), out
    out = check_program(report).out
    assert "In file included from a b.p4:1:\n" in out and "more errors" not in out, out


def list_problem(report):
    lines = run([report.p4bpf, "explain"], limit=30).out.splitlines()
    assert len({re.search(r"\b(error|warning)\b", line).start() for line in lines if line.split()[0] in ("syntax", "overflow")}) == 1, lines
    listed = json.loads(run([report.p4bpf, "explain", "--json"], limit=30).out)
    assert {one["kind"]: one["severity"] for one in listed} == kinds()
    done = run([report.p4bpf, "explain", "syntx"], limit=30)
    assert done.status == 2 and "did you mean 'syntax'?" in done.out


def run_forms(report):
    checks = {"json": json_problem, "sarif": sarif_problem, "failures of the world": failure_problem,
              "text": text_problem, "list of kinds": list_problem}
    for name, check in checks.items():
        try:
            check(report)
            report.passed(name)
        except (AssertionError, ValueError, KeyError, IndexError, AttributeError) as problem:
            report.failed(name, f"{type(problem).__name__} {problem}")


def run_diagnostics(report):
    run_explanations(report)
    run_forms(report)
