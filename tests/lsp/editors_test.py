#!/usr/bin/env python3
"""The files for editors agree with the program: keywords, settings, and the files they name."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from client import ROOT, run_all  # noqa: E402

EXTENSION = ROOT / "editors/vscode"
GRAMMAR = EXTENSION / "syntaxes/p4.tmLanguage.json"


def read(path):
    return json.loads(path.read_text())


def rules_in(node):
    """Each rule of a grammar, however deep."""
    if isinstance(node, dict):
        if {"match", "begin", "include"} & set(node):
            yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else []:
        yield from rules_in(child)


def test_json_and_named_files():
    package = read(EXTENSION / "package.json")
    read(EXTENSION / "language-configuration.json")
    grammar = package["contributes"]["grammars"][0]
    assert grammar["scopeName"] == read(GRAMMAR)["scopeName"]
    named = [package["main"], grammar["path"], package["contributes"]["languages"][0]["configuration"]]
    assert all((EXTENSION / name).is_file() for name in named), named


def test_keywords_of_the_grammar():
    kinds = (ROOT / "src/frontend/token.h").read_text()
    kinds = kinds[kinds.index("#define P4BPF_KEYWORDS"):kinds.index("#define P4BPF_PUNCTUATORS")]
    wanted = re.findall(r'"(\w+)"', kinds)
    shown = []
    for rule in read(GRAMMAR)["repository"]["keywords"]["patterns"]:
        shown += re.fullmatch(r"\\b\(\?:([\w|]+)\)\\b", rule["match"])[1].split("|")
    assert sorted(shown) == sorted(wanted), set(shown) ^ set(wanted)


def test_rules_of_the_grammar():
    grammar = read(GRAMMAR)
    for rule in rules_in(grammar):
        for pattern in "match", "begin", "end":
            re.compile(rule.get(pattern, ""))
        if "include" in rule:
            assert rule["include"][1:] in grammar["repository"], rule
    number = re.compile(grammar["repository"]["numbers"]["match"])
    for text in "7", "1_000", "8w0xFf", "4s0b1010", "0o17", "9w0d12", "16w1":
        assert number.fullmatch(text), text
    operators = re.compile(grammar["repository"]["operators"]["match"])
    kinds = (ROOT / "src/frontend/token.h").read_text()
    for text in re.findall(r'"([^"\w]+)"', kinds[kinds.index("#define P4BPF_PUNCTUATORS"):kinds.index("enum class")]):
        assert operators.fullmatch(text) or text in "()[]{}@,;:.", text


def test_settings():
    """Those of the extension are those that the server reads, and both READMEs name them."""
    server = (ROOT / "src/editor/lsp/handshake.cpp").read_text()
    wanted = set(re.findall(r'settings(?:, |\.contains\()"(\w+)"\)', server)) - {"p4bpf"}
    shown = {name.split(".")[1] for name in read(EXTENSION / "package.json")["contributes"]["configuration"]["properties"]}
    assert shown - {"command"} == wanted and len(wanted) >= 4, (shown, wanted)
    for page in ROOT / "editors/README.md", EXTENSION / "README.md":
        assert all(name in page.read_text() for name in wanted), page


def test_extension_is_javascript():
    node = shutil.which("node")
    if node:
        done = subprocess.run([node, "--check", EXTENSION / "extension.js"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    text = (EXTENSION / "extension.js").read_text()
    assert 'args: ["lsp"]' in text and '"p4bpf.restart"' in text


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__]))
