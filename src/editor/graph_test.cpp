// Nodes and edges of small blocks.
#include "editor/graph.h"

#include <gtest/gtest.h>

#include "frontend/parse.h"

namespace p4bpf::editor {
namespace {

/// The edges of the only block, `FROM -LABEL-> TO` a line, nodes called by their first line.
std::string edges(const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast = parse_text("test.p4", text, SourceOptions{}, sources, diagnostics);
  const TypedProgram typed = check_program(ast, diagnostics);
  if (diagnostics.has_errors()) return render_all(diagnostics, false);
  const std::vector<Graph> graphs = make_graphs(typed);
  std::string out;
  for (const GraphEdge& edge : graphs.at(0).edges)
    out += graphs[0].nodes[edge.from].lines[0] + " -" + edge.label + "-> " + graphs[0].nodes[edge.to].lines[0] + "\n";
  return out;
}

TEST(Graph, ParserStatesAndTheirLabels) {
  EXPECT_EQ(
      edges("parser p(in bit<8> x) { state start { transition select(x) { 1 &&& 3: start; 4: next; default: accept; } }"
            " state next { } }"),
      "start -1 &&& 3-> start\nstart -4-> next\nstart -default-> accept\nnext --> reject\n");
}

TEST(Graph, NestedIfLoopsAndExit) {
  EXPECT_EQ(edges("control c(inout bit<8> x) { apply { if (x == 1) { if (x == 2) x = 3; else exit; }"
                  " for (bit<8> i = 0; i < 4; i = i + 1) { if (x == 9) break; } } }"),
            "begin --> x == 1\nx == 1 -true-> x == 2\nx == 2 -true-> x = 3\nx == 2 -false-> exit\nexit --> end\n"
            "x = 3 --> bit<8> i = 0\nx == 1 -false-> bit<8> i = 0\nbit<8> i = 0 --> i < 4\ni < 4 -true-> x == 9\nx == "
            "9 -false-> i = i + 1\n"
            "i = i + 1 --> i < 4\ni < 4 -false-> end\nx == 9 -true-> end\n");
}

TEST(Graph, SwitchOnTheActionOfATable) {
  EXPECT_EQ(
      edges(
          "control c(inout bit<8> x) { action a() {} action b() {} table t { actions = { a; b; } default_action = a; }"
          " apply { switch (t.apply().action_run) { a: b: { x = 1; } } } }"),
      "begin --> table t\ntable t --> switch t.apply().action_run\nswitch t.apply().action_run -a-> x = 1\n"
      "switch t.apply().action_run -b-> x = 1\nx = 1 --> end\nswitch t.apply().action_run -default-> end\n");
}

TEST(Graph, StatementsShareANode) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast = parse_text("test.p4",
                                  "parser p(inout bit<8> x) { state start { x |= 1; if (x == 2) { x = 3; }\n"
                                  "transition select(x, x) { (1, _): accept; (2, 3): accept; } } }\n"
                                  "control c(inout bit<8> x) { apply { x <<= 1; x |+|= 2; if (x == 3) x -= 1; } }",
                                  SourceOptions{}, sources, diagnostics);
  const TypedProgram typed = check_program(ast, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << render_all(diagnostics, false);
  const std::vector<Graph> graphs = make_graphs(typed);
  const std::string parser = print_dot(graphs.at(0), sources), control = print_dot(graphs.at(1), sources);
  EXPECT_NE(parser.find("start\\nx |= 1;\\lif (x == 2) {\\l  x = 3;\\l}\\lselect(x, x)\\l"), std::string::npos)
      << parser;
  EXPECT_NE(parser.find("n0 -> n1 [label=\"(1, _)\\n(2, 3)\"]"), std::string::npos) << parser;
  EXPECT_EQ(parser.find("reject"), std::string::npos) << parser;
  EXPECT_NE(control.find("label=\"x <<= 1\\lx |+|= 2\\l\""), std::string::npos) << control;
  EXPECT_NE(control.find("label=\"x -= 1\""), std::string::npos) << control;
}

TEST(Graph, DotEscapesQuotes) {
  SourceMap sources;
  Graph graph{"g", false, {{GraphNode::Kind::kStatement, {"say(\"a\\\")"}, {}}}, {}};
  EXPECT_NE(print_dot(graph, sources).find("label=\"say(\\\"a\\\\\\\")\""), std::string::npos);
}

}  // namespace
}  // namespace p4bpf::editor
