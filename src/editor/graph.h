// `p4bpf graph`: the states of a parser, and the ways through a control, as nodes and edges.
#pragma once

#include <string>
#include <vector>

#include "frontend/typed_program.h"

namespace p4bpf::editor {

struct GraphNode {
  enum class Kind { kBegin, kEnd, kState, kTable, kCondition, kSwitch, kStatement };
  Kind kind = Kind::kStatement;
  std::vector<std::string> lines;  // the first one names it
  Span span;
};
struct GraphEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string label;
};
/// One parser or control. Nodes and edges stand in the order of the program.
struct Graph {
  std::string name;
  bool is_parser = false;
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
};

/// One for each parser and control of the program.
std::vector<Graph> make_graphs(const TypedProgram& program);

/// For Graphviz; a node's place in the source is its tooltip.
std::string print_dot(const Graph& graph, const SourceMap& sources);
/// One object: name, kind, nodes (kind, lines, file, line) and edges (from, to: places among the nodes; label).
std::string print_json(const Graph& graph, const SourceMap& sources);

}  // namespace p4bpf::editor
