#!/usr/bin/env python3
"""The language server, feature by feature, over the protocol."""
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from client import Client, Folder, Refused, ROOT, place, run_all, units  # noqa: E402

os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="p4bpf-cache-")

HEADERS = """\
/// An Ethernet header.
header Ethernet_t {
    bit<48> dst;
    bit<48> src;
    bit<16> kind;   // what comes behind
}
#define MAX_PORTS 16
const bit<16> TYPE_IPV4 = 0x800;
struct Headers {
    Ethernet_t ethernet;
    Ethernet_t[4] more;
}
"""
MAIN = """\
#include <core.p4>
#include "headers.p4"
#include <xdp_model.p4>
parser Prs(packet_in packet, out Headers hdr) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.kind) {
            TYPE_IPV4: more;
            default: accept;
        }
    }
    state more { transition accept; }
}
control Ctl(inout Headers hdr, in xdp_input standard_in, out xdp_output standard_out) {
    bit<32> port;
    /* Sends the packet out.
     * Through a port. */
    action send(bit<32> to) { port = to; /* 😀 é */ port = port + MAX_PORTS; }
    table ports {
        key = { hdr.ethernet.dst: exact; }
        actions = { send; NoAction; }
        size = 16;
    }
    apply {
        ports.apply();
        hdr.ethernet.kind = TYPE_IPV4;
        send(to = 3);
    }
}
"""


def start(**files):
    folder = Folder(**(files or {"main__p4": MAIN, "headers__p4": HEADERS}))
    client = Client()
    uri = folder.uri("main.p4")
    client.open(uri, (folder.path / "main.p4").read_text())
    return folder, client, uri


def names(items):
    return {item["label"] for item in items["items"]}


def fails(call, code, *words):
    try:
        call()
    except Refused as refused:
        assert refused.code == code and all(word in refused.message for word in words), refused
    else:
        raise AssertionError("was not refused")


def test_capabilities_and_shutdown():
    client = Client()
    assert client.capabilities["positionEncoding"] == "utf-16"
    assert client.capabilities["textDocumentSync"]["change"] == 2
    assert client.end() == 0
    assert Client().end(shutdown=False) == 1
    client = Client(initialize=False)
    client.process.stdin.close()
    assert client.process.wait(timeout=30) == 1


def test_order_of_requests():
    client = Client(initialize=False)
    fails(lambda: client.ask("textDocument/hover"), -32002)
    client.ask("initialize", {"capabilities": {}})
    fails(lambda: client.ask("initialize", {"capabilities": {}}), -32600)
    fails(lambda: client.ask("textDocument/nothing"), -32601, "textDocument/nothing")
    client.ask("shutdown")
    fails(lambda: client.ask("textDocument/hover"), -32600)
    assert client.end(shutdown=False) == 0


def test_malformed_messages():
    client = Client()
    for body in b"{", b"[]", b"3", b"{}", b'{"id": 1}', b'{"id": 1, "method": 3}', b"\xff\xfe", b'{"id": {}, "method": "x"}', b"":
        client.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    client.send_bytes(b"Content-Length: no\r\n\r\nHello: you\r\n\r\nContent-Length: 99999999999999999999\r\n\r\n")
    for params in None, [], 3, {"textDocument": 3}, {"textDocument": {"uri": 3}}, {"textDocument": {"uri": "file:///x"}, "position": {}}:
        for method in "hover", "rename", "completion", "documentSymbol", "foldingRange":
            fails(lambda: client.ask("textDocument/" + method, params if params is not None else "text"), -32602)
        client.tell("textDocument/didOpen", params)
        client.tell("textDocument/didChange", params)
    assert client.end() == 0


def test_cancelled_request():
    client = Client()
    both = b""
    for body in b'{"jsonrpc":"2.0","id":"a","method":"workspace/symbol","params":{"query":""}}', \
                b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"a"}}':
        both += b"Content-Length: %d\r\n\r\n" % len(body) + body
    client.send_bytes(both)
    while (message := client.take()).get("id") != "a":
        pass
    assert message["error"]["code"] == -32800, message


def test_diagnostics_come_and_go():
    folder, client, uri = start()
    assert client.settle(uri, lambda codes: True) == []
    client.change(uri, {"text": MAIN.replace("port = to", "prt = to")})
    client.settle(uri, lambda codes: codes == ["unknown-name"])
    shown = client.diagnostics[uri][0]
    assert shown["severity"] == 1 and shown["source"] == "p4bpf" and "did you mean 'port'?" in shown["message"], shown
    assert shown["range"]["start"] == place(MAIN, "port = to")
    fix = client.of("codeAction", uri, range=shown["range"], context={"diagnostics": []})
    assert fix[0]["edit"]["changes"][uri][0]["newText"] == "port", fix
    client.change(uri, {"text": MAIN})
    client.settle(uri, lambda codes: codes == [])
    assert client.end() == 0


def test_warnings():
    folder, client, uri = start()
    text = MAIN.replace("    bit<32> port;", "    bit<32> port; bit<8> idle;")
    client.change(uri, {"text": text})
    client.settle(uri, lambda codes: codes == ["unused"])
    shown = client.diagnostics[uri][0]
    assert shown["severity"] == 2 and shown["tags"] == [1] and shown["range"]["start"] == place(text, "idle"), shown
    client.change(uri, {"text": text.replace("port = to;", "port = ;")})
    client.settle(uri, lambda codes: codes == ["syntax"])  # no warnings beside errors
    client.change(uri, {"text": text.replace("bit<8> idle", '@noWarn("unused") bit<8> idle')})
    client.settle(uri, lambda codes: codes == [])


def test_unsaved_include():
    folder, client, uri = start()
    client.settle(uri, lambda codes: codes == [])
    headers = folder.uri("headers.p4")
    client.open(headers, HEADERS.replace("kind;", "sort;"))
    client.settle(uri, lambda codes: "unknown-member" in codes)
    client.change(headers, {"text": HEADERS.replace("bit<48> dst", "bit<48 dst")})
    client.settle(headers, lambda codes: "syntax" in codes)
    client.tell("textDocument/didClose", {"textDocument": {"uri": headers}})
    client.settle(uri, lambda codes: codes == [])
    client.settle(headers, lambda codes: codes == [])
    folder.write("headers.p4", HEADERS.replace("kind;", "sort;"))
    client.tell("workspace/didChangeWatchedFiles", {"changes": []})
    client.settle(uri, lambda codes: "unknown-member" in codes)


def test_hover():
    folder, client, uri = start()
    hover = lambda needle, nth=0, offset=0: client.at("hover", uri, place(MAIN, needle, nth, offset))["contents"]["value"]
    kind = hover("kind")
    assert "bit<16> kind" in kind and "at bit 96 (byte 12)" in kind and "16 bits (2 bytes)" in kind and "what comes behind" in kind, kind
    assert "const bit<16> TYPE_IPV4" in hover("TYPE_IPV4") and "2048 (0x800)" in hover("TYPE_IPV4")
    assert "An Ethernet header." in client.at("hover", uri, place(MAIN, "ethernet"))["contents"]["value"] or "Ethernet_t" in hover("ethernet")
    assert "action send(bit<32> to)" in hover("send;") and "Sends the packet out.\nThrough a port." in hover("send;")
    ports = hover("ports.apply")
    assert "hdr.ethernet.dst: exact;  // bit<48>" in ports and "size = 16" in ports, ports
    assert "#define MAX_PORTS 16" in hover("MAX_PORTS")
    assert "headers.p4" in hover('"headers.p4"')
    plus = hover(" + MAX", 0, 1)
    assert "bit<32>" in plus, plus
    assert client.at("hover", uri, place(MAIN, "transition")) is None


def test_definition():
    folder, client, uri = start()
    headers = folder.uri("headers.p4")
    go = lambda needle, nth=0, method="definition": client.at(method, uri, place(MAIN, needle, nth))
    assert go("TYPE_IPV4") == {"uri": headers, "range": {"start": place(HEADERS, "TYPE_IPV4"), "end": place(HEADERS, "TYPE_IPV4", 0, 9)}}
    assert go("kind")["range"]["start"] == place(HEADERS, "kind")
    assert go("MAX_PORTS")["uri"] == headers and go("MAX_PORTS")["range"]["start"] == place(HEADERS, "MAX_PORTS")
    assert go('"headers.p4"')["uri"] == headers
    assert go("more;")["range"]["start"] == place(MAIN, "more {")
    assert go("to = 3")["range"]["start"] == place(MAIN, "to) {")
    assert go("hdr.ethernet", 0, "typeDefinition")["range"]["start"] == place(HEADERS, "Headers")
    shown = go("NoAction")["uri"]
    assert shown.endswith("p4include/core.p4") and "action NoAction" in pathlib.Path(shown[7:]).read_text()
    core = pathlib.Path(go("core.p4")["uri"][7:]).read_text()
    client.open(shown, core)
    assert client.at("hover", shown, place(core, "NoAction")) is not None


def test_references_and_highlights():
    folder, client, uri = start()
    found = client.at("references", uri, place(MAIN, "TYPE_IPV4"), context={"includeDeclaration": True})
    assert sorted((pathlib.Path(one["uri"]).name, one["range"]["start"]["line"]) for one in found) == \
        [("headers.p4", place(HEADERS, "TYPE_IPV4")["line"])] + [("main.p4", place(MAIN, "TYPE_IPV4", nth)["line"]) for nth in (0, 1)], found
    found = client.at("references", uri, place(MAIN, "send(bit"), context={"includeDeclaration": False})
    assert [one["range"]["start"] for one in found] == [place(MAIN, "send;"), place(MAIN, "send(to")]
    found = client.at("references", uri, place(MAIN, "MAX_PORTS"), context={"includeDeclaration": True})
    assert len(found) == 2, found
    assert len(client.at("documentHighlight", uri, place(MAIN, "kind"))) == 2


def apply(texts, edit):
    """The texts by uri after a workspace edit."""
    out = dict(texts)
    for uri, edits in edit["changes"].items():
        lines = out[uri].split("\n")
        for one in sorted(edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]), reverse=True):
            begin, end = one["range"]["start"], one["range"]["end"]
            assert begin["line"] == end["line"]
            line = lines[begin["line"]].encode("utf-16-le")
            lines[begin["line"]] = (line[:2 * begin["character"]] + one["newText"].encode("utf-16-le") + line[2 * end["character"]:]).decode("utf-16-le")
        out[uri] = "\n".join(lines)
    return out


def test_rename_across_files():
    folder, client, uri = start()
    headers = folder.uri("headers.p4")
    edit = client.at("rename", uri, place(MAIN, "kind"), newName="ether_type")
    made = apply({uri: MAIN, headers: HEADERS}, edit)
    assert made == {uri: MAIN.replace(".kind", ".ether_type"), headers: HEADERS.replace("kind", "ether_type")}
    edit = client.at("rename", uri, place(MAIN, "port;"), newName="p")  # the line with an emoji
    assert apply({uri: MAIN}, edit)[uri] == MAIN.replace("port;", "p;").replace("port = to", "p = to").replace("port = port", "p = p")
    client.open(headers, HEADERS)
    edit = client.at("rename", headers, place(HEADERS, "TYPE_IPV4"), newName="T")
    assert set(edit["changes"]) == {uri, headers} and len(edit["changes"][uri]) == 2
    assert client.at("prepareRename", uri, place(MAIN, "kind"))["placeholder"] == "kind"


def test_rename_is_refused():
    folder, client, uri = start()
    to = lambda needle, name: (lambda: client.at("rename", uri, place(MAIN, needle), newName=name))
    fails(to("NoAction", "x"), -32803, "built-in")
    fails(to("packet_in", "x"), -32803, "built-in")
    for bad in "", "3a", "a b", "table", "a-b", "é":
        fails(to("port;", bad), -32803, "is not a name")
    fails(to("port;", "send"), -32803, "clashes")
    fails(to("port;", "hdr"), -32803, "clashes")
    fails(to("kind", "src"), -32803, "clashes")
    fails(to("to) {", "port"), -32803, "clashes")  # would capture `port = to`
    fails(to("MAX_PORTS", "x"), -32803, "macros")
    fails(to("transition", "x"), -32803, "no name")


def test_completion():
    folder, client, uri = start()

    def complete(before, typed, after=""):
        """What is offered behind `typed`, put in before the text `before`."""
        text = MAIN.replace(before, typed + after + before, 1)
        client.change(uri, {"text": text})
        return names(client.at("completion", uri, place(text, typed + after + before, 0, len(typed))))

    assert complete("ports.apply", "hdr.") == {"ethernet", "more", "minSizeInBits", "minSizeInBytes", "maxSizeInBits", "maxSizeInBytes"}
    assert {"dst", "src", "kind", "isValid", "setValid"} <= complete("ports.apply", "hdr.ethernet.", "\n")
    assert {"dst", "isValid"} <= complete("ports.apply", "hdr.more[1].k", ";\n")
    assert {"next", "last", "push_front"} <= complete("ports.apply", "hdr.more.", ";")
    assert {"hit", "miss", "action_run"} == complete("hdr.ethernet.kind = ", "if (ports.apply().", ") {}")
    assert {"apply"} == complete("hdr.ethernet.kind = ", "ports.")
    assert {"extract", "lookahead"} <= complete("packet.extract", "packet.", ";")
    assert {"exact", "lpm", "ternary", "optional", "range"} == complete("exact; }", "x : ", ";")
    assert {"send", "NoAction"} == complete("send; NoAction", "s", ";")
    assert {"key", "actions", "size", "default_action"} <= complete("size = 16", "d")
    assert {"start", "more", "accept", "reject"} <= complete("transition accept", "transition ", ";")
    assert {"name", "hidden"} <= complete("table ports", "@")
    scope = complete("ports.apply", "p", ";")
    assert {"port", "ports", "hdr", "send", "if", "TYPE_IPV4", "Headers"} <= scope and "to" not in scope and "more" not in scope
    assert complete("#include <xdp", '#include "', "\n") >= {"headers.p4", "core.p4"}
    assert complete("ports.apply", "// hdr.", "\n") == set()


def test_signature_help():
    folder, client, uri = start()
    text = MAIN.replace("send(to = 3);", "packet.x(1, send(")
    client.change(uri, {"text": text})
    help_ = client.at("signatureHelp", uri, place(text, "send(\n", 0, 5))
    assert help_["signatures"][0]["label"] == "send(bit<32> to)" and help_["activeParameter"] == 0, help_


def test_symbols():
    folder, client, uri = start()
    found = client.of("documentSymbol", uri)
    assert [one["name"] for one in found] == ["Prs", "Ctl"]
    assert [one["name"] for one in found[0]["children"]] == ["start", "more"]
    assert [(one["name"], one["detail"]) for one in found[1]["children"]] == [("port", "bit<32>"), ("send", "action"), ("ports", "table")]
    for one in found:
        assert one["range"]["start"]["line"] <= one["selectionRange"]["start"]["line"] <= one["range"]["end"]["line"]
    assert {one["name"] for one in client.ask("workspace/symbol", {"query": "eth"})} == {"ethernet"}


def test_folding_and_colours():
    folder, client, uri = start()
    lines = MAIN.split("\n")
    folds = {(one["startLine"], one["endLine"]) for one in client.of("foldingRange", uri)}
    assert (lines.index("    state start {"), lines.index("    state start {") + 5) in folds, folds
    data = client.of("semanticTokens/full", uri)["data"]
    legend = client.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    line = character = 0
    words = []
    for i in range(0, len(data), 5):
        line, character = line + data[i], data[i + 1] + (character if data[i] == 0 else 0)
        words.append((lines[line].encode("utf-16-le")[2 * character:2 * (character + data[i + 2])].decode("utf-16-le"), legend[data[i + 3]]))
    assert {("MAX_PORTS", "macro"), ("kind", "property"), ("send", "function"), ("Headers", "struct"), ("to", "parameter")} <= set(words), words


def test_positions_in_both_encodings():
    text = "/* 😀😀 é */ const bit<8> A = 1; /* 😀 */ const bit<8> B = A;\n"
    folder = Folder(main__p4=text)
    uri = folder.uri("main.p4")
    for wanted, size in ("utf-16", units), ("utf-8", lambda t: len(t.encode())):
        client = Client(capabilities={"general": {"positionEncodings": [wanted, "utf-16"]}})
        assert client.capabilities["positionEncoding"] == wanted
        client.open(uri, text)
        use = text.rindex("A;")
        found = client.at("definition", uri, {"line": 0, "character": size(text[:use])})
        assert found["range"]["start"]["character"] == size(text[:text.index("A =")]), (wanted, found)
        begin = {"line": 0, "character": size(text[:use])}
        client.change(uri, {"range": {"start": begin, "end": {"line": 0, "character": begin["character"] + 1}}, "text": "C"})
        client.settle(uri, lambda codes: codes == ["unknown-name"])
        assert client.diagnostics[uri][0]["range"]["start"] == begin


def test_configuration():
    folder = Folder(main__p4='#include "x.p4"\n#ifdef ON\nconst X y = 1;\n#endif\n', inc__p4="", **{"sub/x__p4": "typedef bit<8> X;\n"})
    uri = folder.uri("main.p4")
    client = Client()
    client.open(uri, (folder.path / "main.p4").read_text())
    client.settle(uri, lambda codes: codes == ["file-not-found"])
    client.tell("workspace/didChangeConfiguration", {"settings": {"p4bpf": {"includePaths": [str(folder.path / "sub")], "defines": ["ON"]}}})
    client.settle(uri, lambda codes: codes == [])
    assert [one["name"] for one in client.of("documentSymbol", uri)] == ["y"]
    for options, root in ({"includePaths": [str(folder.path / "sub")]}, None), ({"includePaths": ["sub"]}, folder.uri("")):
        client = Client(options=options, root=root)
        client.open(uri, (folder.path / "main.p4").read_text().replace("#ifdef", "#ifndef"))
        assert client.settle(uri, lambda codes: True) == []
        assert client.at("definition", uri, {"line": 2, "character": 6})["uri"] == folder.uri("sub/x.p4")


def test_text_with_errors_still_answers():
    folder, client, uri = start()
    broken = MAIN.replace("transition select(hdr.ethernet.kind) {", "transition select(hdr. {").replace("size = 16;", "size = ;")
    client.change(uri, {"text": broken})
    assert [one["name"] for one in client.of("documentSymbol", uri)] == ["Prs", "Ctl"]
    assert "action send" in client.at("hover", uri, place(broken, "send("))["contents"]["value"]
    assert client.at("definition", uri, place(broken, "send(to"))["range"]["start"] == place(broken, "send(bit")


def test_random_edits_keep_the_text():
    """After random edits the server's text is the client's: both give the same symbols and diagnostics."""
    folder, client, uri = start()
    other, fresh = Client(), folder.uri("copy.p4")
    dice, text = random.Random(7), MAIN
    pieces = ["\n", "😀", "é", "{", "}", "hdr.", "/*", "*/", "x", ";", "\r\n", "action a() {}\n", '"', "#define Q 1\n", ""]
    for step in range(150):
        begin = dice.randrange(len(text) + 1)
        end = min(len(text), begin + dice.choice([0, 0, 1, 5, 40]))
        if text[begin:end + 1].endswith("\n") and text[max(0, end - 1):end] == "\r" or text[begin - 1:begin + 1] == "\r\n":
            continue  # between the two halves of a line's end there is no place
        new = dice.choice(pieces)
        where = lambda at: place(text + "\0", "\0") if at == len(text) else {"line": text[:at].count("\n"), "character": units(text[text.rfind("\n", 0, at) + 1:at])}
        client.change(uri, {"range": {"start": where(begin), "end": where(end)}, "text": new})
        text = text[:begin] + new + text[end:]
        if step % 15 == 14:
            other.open(fresh, text)
            for method in "documentSymbol", "foldingRange", "semanticTokens/full":
                assert client.of(method, uri) == other.of(method, fresh), (step, method)
            other.tell("textDocument/didClose", {"textDocument": {"uri": fresh}})


def test_every_request_at_every_place():
    """Nothing crashes, each request is answered; also in texts that are cut off in the middle."""
    client = Client()
    for path in [ROOT / "examples/filter.p4", ROOT / "tests/packets/functions_aliasing.p4"]:
        whole = path.read_text()
        for text in whole, whole[:len(whole) * 2 // 3], whole.replace(";", "", 7), whole.replace("{", "", 3):
            uri = "file://" + str(path)
            client.open(uri, text)
            step = 7 if text is whole else 23
            for number, line in enumerate(text.split("\n")):
                for character in range(number % step, len(line) + 1, step):
                    where = {"line": number, "character": character}
                    for method in "hover", "definition", "typeDefinition", "completion", "signatureHelp", "documentHighlight":
                        client.at(method, uri, where)
                    client.at("references", uri, where, context={"includeDeclaration": True})
                    try:
                        client.at("prepareRename", uri, where)
                    except Refused as refused:
                        assert refused.code == -32803, refused
            client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.end() == 0


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__]))
