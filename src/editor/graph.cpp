// Walks blocks: each statement takes the loose ends that lead to it and leaves those that lead on.
#include "editor/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "frontend/ast_printer.h"

namespace p4bpf::editor {
namespace {

using namespace ast;
using Kind = GraphNode::Kind;

/// An edge whose target is not known yet.
struct LooseEnd {
  std::size_t from;
  std::string label;
};
using LooseEnds = std::vector<LooseEnd>;

void append(LooseEnds& to, LooseEnds more) { to.insert(to.end(), more.begin(), more.end()); }

void add_lines(std::vector<std::string>& lines, const std::string& text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// The names, several on a line as long as it stays short.
void add_wrapped(std::vector<std::string>& lines, const std::vector<std::string>& names) {
  constexpr std::size_t kColumns = 60;
  std::string line;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string word = names[i] + (i + 1 < names.size() ? "," : "");
    if (!line.empty() && line.size() + word.size() >= kColumns) lines.push_back(std::exchange(line, ""));
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) lines.push_back(line);
}

class ControlWalk {
 public:
  ControlWalk(const TypedProgram& program, const Decl& decl) : program_(program), ast_(*program.ast) {
    graph_.name = decl.name.text;
    add(Kind::kBegin, {"begin"}, decl.name.span);
    add(Kind::kEnd, {"end"}, decl.name.span);
    join(walk(std::get<ControlDecl>(decl.node).apply, {{0, ""}}), 1);
  }
  Graph take() { return std::move(graph_); }

 private:
  std::size_t add(Kind kind, std::vector<std::string> lines, Span span) {
    graph_.nodes.push_back({kind, std::move(lines), span});
    return graph_.nodes.size() - 1;
  }
  void join(const LooseEnds& ends, std::size_t to) {
    for (const LooseEnd& end : ends) graph_.edges.push_back({end.from, to, end.label});
  }
  /// A node that all ends lead to.
  std::size_t follow(const LooseEnds& ends, Kind kind, std::vector<std::string> lines, Span span) {
    const std::size_t node = add(kind, std::move(lines), span);
    join(ends, node);
    return node;
  }

  /// The table that is applied in `expr`, such as !t.apply().hit; nothing if none.
  DeclId table_in(ExprId expr) const {
    if (const auto* const member = std::get_if<Member>(&ast_[expr].node)) return table_in(member->base);
    if (const auto* const unary = std::get_if<Unary>(&ast_[expr].node)) return table_in(unary->operand);
    if (!std::holds_alternative<Call>(ast_[expr].node)) return {};
    const CallInfo& call = program_.call_of[expr];
    return call.kind == CallInfo::Kind::kApplyTable ? call.callee : DeclId{};
  }

  LooseEnds apply_table(DeclId table, Span span, const LooseEnds& ends) {
    const TableDecl& decl = std::get<TableDecl>(ast_[table].node);
    std::vector<std::string> lines{"table " + ast_[table].name.text};
    for (const KeyElement& key : decl.key) lines.push_back(print_expr(ast_, key.expr) + ": " + key.match_kind.text);
    std::vector<std::string> actions;
    for (const ActionRef& action : decl.actions) actions.push_back(action.name.text);
    add_wrapped(lines, actions);
    return {{follow(ends, Kind::kTable, std::move(lines), span), ""}};
  }
  LooseEnds apply_tables_of(ExprId expr, LooseEnds ends) {
    const DeclId table = table_in(expr);
    return table ? apply_table(table, ast_[expr].span, ends) : ends;
  }

  LooseEnds walk(StmtId stmt, LooseEnds ends) {
    // What nothing leads to does not run.
    if (!stmt || ends.empty()) return ends;
    const Span span = ast_[stmt].span;
    return std::visit(
        Match{[&](const Block& block) {
                for (const StmtId inner : block.statements) ends = walk(inner, std::move(ends));
                return ends;
              },
              [&](const Assign&) { return plain(stmt, ends); }, [&](const DeclStmt&) { return plain(stmt, ends); },
              [&](const CallStmt& call) {
                const DeclId table = table_in(call.call);
                return table ? apply_table(table, span, ends) : plain(stmt, ends);
              },
              [&](const If& branch) { return walk_if(branch, ends); },
              [&](const Switch& choice) { return walk_switch(choice, span, ends); },
              [&](const Return&) { return leave("return", span, ends); },
              [&](const Exit&) { return leave("exit", span, ends); },
              [&](const For& loop) { return walk_for(loop, span, ends); },
              [&](const ForIn& loop) {
                const std::string name = loop.variable ? ast_[loop.variable].name.text : print_expr(ast_, loop.target);
                const std::string text = "for " + name + " in " + print_expr(ast_, loop.collection);
                const std::size_t node = follow(ends, Kind::kCondition, {text}, span);
                return walk_loop(loop.body, {}, node, "next", "done");
              },
              [&](const Break&) { return jump(breaks_, ends); },
              [&](const Continue&) { return jump(continues_, ends); }, [&](const auto&) { return ends; }},
        ast_[stmt].node);
  }

  /// Statements that only lead on share a node.
  LooseEnds plain(StmtId stmt, LooseEnds ends) {
    std::string text = print_stmt(ast_, stmt);
    if (text.ends_with(';')) text.pop_back();
    const bool goes_on = ends.size() == 1 && graph_.nodes[ends[0].from].kind == Kind::kStatement;
    if (!goes_on) return {{follow(ends, Kind::kStatement, {text}, ast_[stmt].span), ""}};
    graph_.nodes[ends[0].from].lines.push_back(text);
    return ends;
  }
  LooseEnds leave(const char* word, Span span, const LooseEnds& ends) {
    join({{follow(ends, Kind::kStatement, {word}, span), ""}}, 1);
    return {};
  }
  LooseEnds jump(LooseEnds& to, LooseEnds ends) {
    append(to, std::move(ends));
    return {};
  }

  LooseEnds walk_if(const If& branch, LooseEnds ends) {
    ends = apply_tables_of(branch.condition, std::move(ends));
    const std::size_t node =
        follow(ends, Kind::kCondition, {print_expr(ast_, branch.condition)}, ast_[branch.condition].span);
    LooseEnds out = walk(branch.then_branch, {{node, "true"}});
    append(out, walk(branch.else_branch, {{node, "false"}}));
    return out;
  }

  LooseEnds walk_switch(const Switch& choice, Span span, LooseEnds ends) {
    ends = apply_tables_of(choice.subject, std::move(ends));
    const std::size_t node = follow(ends, Kind::kSwitch, {"switch " + print_expr(ast_, choice.subject)}, span);
    LooseEnds out;
    LooseEnds labels;  // those that fall through to the next body
    bool has_default = false;
    for (const SwitchCase& one : choice.cases) {
      const auto* const any = std::get_if<DontCareExpr>(&ast_[one.label].node);
      has_default |= any && any->is_default;
      labels.push_back({node, print_expr(ast_, one.label)});
      if (!one.body) continue;
      append(out, walk(one.body, std::move(labels)));
      labels.clear();
    }
    append(out, std::move(labels));
    if (!has_default) out.push_back({node, "default"});
    return out;
  }

  LooseEnds walk_for(const For& loop, Span span, LooseEnds ends) {
    for (const StmtId init : loop.init) ends = walk(init, std::move(ends));
    const std::string text = loop.condition ? print_expr(ast_, loop.condition) : "true";
    return walk_loop(loop.body, loop.update, follow(ends, Kind::kCondition, {text}, span), "true", "false");
  }
  LooseEnds walk_loop(StmtId body, const std::vector<StmtId>& update, std::size_t node, const char* again,
                      const char* done) {
    LooseEnds outer_breaks, outer_continues;
    std::swap(outer_breaks, breaks_);
    std::swap(outer_continues, continues_);
    LooseEnds round = walk(body, {{node, again}});
    append(round, std::move(continues_));
    for (const StmtId stmt : update) round = walk(stmt, std::move(round));
    join(round, node);
    LooseEnds out{{node, done}};
    append(out, std::move(breaks_));
    breaks_ = std::move(outer_breaks);
    continues_ = std::move(outer_continues);
    return out;
  }

  const TypedProgram& program_;
  const Ast& ast_;
  Graph graph_;
  LooseEnds breaks_;  // of the innermost loop
  LooseEnds continues_;
};

Graph graph_of_parser(const TypedProgram& program, const Decl& decl) {
  const Ast& ast = *program.ast;
  const ParserDecl& parser = std::get<ParserDecl>(decl.node);
  Graph graph;
  graph.name = decl.name.text;
  graph.is_parser = true;
  std::map<std::string, std::size_t> places;
  for (const DeclId state : parser.states) {
    places.emplace(ast[state].name.text, graph.nodes.size());
    graph.nodes.push_back({Kind::kState, {ast[state].name.text}, ast[state].name.span});
  }
  const auto lead = [&](std::size_t from, const std::string& to, std::string label) {
    const bool is_end = (to == "accept" || to == "reject") && !places.contains(to);
    if (is_end) {
      places.emplace(to, graph.nodes.size());
      graph.nodes.push_back({Kind::kEnd, {to}, decl.name.span});
    }
    const auto found = places.find(to);
    if (found != places.end()) graph.edges.push_back({from, found->second, std::move(label)});
  };
  for (std::size_t from = 0; from < parser.states.size(); ++from) {
    const StateDecl& state = std::get<StateDecl>(ast[parser.states[from]].node);
    const Transition& transition = state.transition;
    for (const StmtId stmt : state.statements) add_lines(graph.nodes[from].lines, print_stmt(ast, stmt));
    std::visit(
        Match{[&](std::monostate) { lead(from, "reject", ""); }, [&](const Name& name) { lead(from, name.text, ""); },
              [&](const Select& select) {
                std::string keys;
                for (const ExprId key : select.keys) keys += (keys.empty() ? "" : ", ") + print_expr(ast, key);
                graph.nodes[from].lines.push_back("select(" + keys + ")");
                for (const SelectCase& one : select.cases) lead(from, one.state.text, print_keyset(ast, one.keyset));
              }},
        transition.target);
  }
  return graph;
}

constexpr std::size_t kLabelColumns = 100;
constexpr std::size_t kLabelLines = 40;

/// For a string of DOT; what is too long to be looked at is cut.
std::string quoted(const std::string& whole) {
  const bool is_cut = whole.size() > kLabelColumns;
  const std::string text = is_cut ? whole.substr(0, kLabelColumns) + "..." : whole;
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// The first line is centred, statements stand at the left.
std::string label_of(const GraphNode& node) {
  const bool is_text = node.kind == Kind::kStatement;
  std::string label = is_text ? "" : quoted(node.lines[0]);
  for (std::size_t i = is_text ? 0 : 1; i < node.lines.size(); ++i) {
    if (i == kLabelLines) return label + "...\\l";
    if (i == 1 && !is_text) label += "\\n";
    label += quoted(node.lines[i]) + (node.lines.size() == 1 ? "" : "\\l");
  }
  return label;
}

/// Edges between the same nodes are one with several labels.
std::vector<GraphEdge> merged_edges(const Graph& graph) {
  std::vector<GraphEdge> edges;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> places;
  for (const GraphEdge& edge : graph.edges) {
    const std::string label = quoted(edge.label);
    const auto [place, is_new] = places.try_emplace({edge.from, edge.to}, edges.size());
    if (is_new) {
      edges.push_back({edge.from, edge.to, label});
    } else {
      edges[place->second].label += "\\n" + label;
    }
  }
  return edges;
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kBegin:
      return "begin";
    case Kind::kEnd:
      return "end";
    case Kind::kState:
      return "state";
    case Kind::kTable:
      return "table";
    case Kind::kCondition:
      return "condition";
    case Kind::kSwitch:
      return "switch";
    case Kind::kStatement:
      break;
  }
  return "statement";
}

const char* shape_of(Kind kind) {
  switch (kind) {
    case Kind::kBegin:
    case Kind::kEnd:
      return "oval";
    case Kind::kTable:
      return "box3d";
    case Kind::kCondition:
    case Kind::kSwitch:
      return "diamond";
    case Kind::kState:
    case Kind::kStatement:
      break;
  }
  return "box";
}

}  // namespace

std::vector<Graph> make_graphs(const TypedProgram& program) {
  std::vector<Graph> graphs;
  for (const DeclId id : program.ast->program) {
    const Decl& decl = (*program.ast)[id];
    if (std::holds_alternative<ParserDecl>(decl.node)) graphs.push_back(graph_of_parser(program, decl));
    if (std::holds_alternative<ControlDecl>(decl.node)) graphs.push_back(ControlWalk(program, decl).take());
  }
  return graphs;
}

std::string print_dot(const Graph& graph, const SourceMap& sources) {
  std::string out = fmt::format("digraph \"{}\" {{\n  node [fontname=\"monospace\"];\n", quoted(graph.name));
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const Position place = sources.position(node.span.begin);
    out += fmt::format("  n{} [shape={}, label=\"{}\", tooltip=\"{}:{}\"];\n", i, shape_of(node.kind), label_of(node),
                       quoted(place.file), place.line);
  }
  for (const GraphEdge& edge : merged_edges(graph)) {
    const std::string label = edge.label.empty() ? "" : " [label=\"" + edge.label + "\"]";
    out += fmt::format("  n{} -> n{}{};\n", edge.from, edge.to, label);
  }
  return out + "}\n";
}

std::string print_json(const Graph& graph, const SourceMap& sources) {
  using Json = nlohmann::ordered_json;
  Json nodes = Json::array(), edges = Json::array();
  for (const GraphNode& node : graph.nodes) {
    const Position place = sources.position(node.span.begin);
    nodes.push_back({{"kind", name_of(node.kind)}, {"lines", node.lines}, {"file", place.file}, {"line", place.line}});
  }
  for (const GraphEdge& edge : graph.edges)
    edges.push_back({{"from", edge.from}, {"to", edge.to}, {"label", edge.label}});
  const Json whole = {
      {"name", graph.name}, {"kind", graph.is_parser ? "parser" : "control"}, {"nodes", nodes}, {"edges", edges}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace p4bpf::editor
