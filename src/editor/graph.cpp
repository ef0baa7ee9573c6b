// Walks blocks: each statement takes the loose ends that lead to it and leaves those that lead on.
#include "editor/graph.h"

#include <fmt/format.h>

#include <map>

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
    std::string actions;
    for (const ActionRef& action : decl.actions) actions += (actions.empty() ? "" : ", ") + action.name.text;
    if (!actions.empty()) lines.push_back(actions);
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
              [&](const Assign& assign) { return plain(assign, span, ends); },
              [&](const CallStmt& call) {
                if (const DeclId table = table_in(call.call)) return apply_table(table, span, ends);
                return LooseEnds{{follow(ends, Kind::kStatement, {print_expr(ast_, call.call)}, span), ""}};
              },
              [&](const If& branch) { return walk_if(branch, ends); },
              [&](const Switch& choice) { return walk_switch(choice, span, ends); },
              [&](const Return&) { return leave("return", span, ends); },
              [&](const Exit&) { return leave("exit", span, ends); },
              [&](const For& loop) { return walk_for(loop, span, ends); },
              [&](const ForIn& loop) {
                const std::size_t node =
                    follow(ends, Kind::kCondition, {"for in " + print_expr(ast_, loop.collection)}, span);
                return walk_loop(loop.body, {}, node, "next", "done");
              },
              [&](const Break&) { return jump(breaks_, ends); },
              [&](const Continue&) { return jump(continues_, ends); }, [&](const auto&) { return ends; }},
        ast_[stmt].node);
  }

  LooseEnds plain(const Assign& assign, Span span, const LooseEnds& ends) {
    const std::string text =
        print_expr(ast_, assign.left) + (assign.op ? " op= " : " = ") + print_expr(ast_, assign.right);
    return {{follow(ends, Kind::kStatement, {text}, span), ""}};
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
  for (const char* const end : {"accept", "reject"}) {
    if (places.emplace(end, graph.nodes.size()).second) graph.nodes.push_back({Kind::kEnd, {end}, decl.name.span});
  }
  const auto lead = [&](std::size_t from, const std::string& to, std::string label) {
    const auto found = places.find(to);
    if (found != places.end()) graph.edges.push_back({from, found->second, std::move(label)});
  };
  for (std::size_t from = 0; from < parser.states.size(); ++from) {
    const Transition& transition = std::get<StateDecl>(ast[parser.states[from]].node).transition;
    std::visit(
        Match{[&](std::monostate) { lead(from, "reject", ""); }, [&](const Name& name) { lead(from, name.text, ""); },
              [&](const Select& select) {
                std::string keys;
                for (const ExprId key : select.keys) keys += (keys.empty() ? "" : ", ") + print_expr(ast, key);
                graph.nodes[from].lines.push_back("select(" + keys + ")");
                for (const SelectCase& one : select.cases) lead(from, one.state.text, print_expr(ast, one.keyset));
              }},
        transition.target);
  }
  return graph;
}

std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
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
    std::string label;
    for (const std::string& line : node.lines) label += (label.empty() ? "" : "\\n") + quoted(line);
    const Position place = sources.position(node.span.begin);
    out += fmt::format("  n{} [shape={}, label=\"{}\", tooltip=\"{}:{}\"];\n", i, shape_of(node.kind), label,
                       quoted(place.file), place.line);
  }
  for (const GraphEdge& edge : graph.edges)
    out += fmt::format("  n{} -> n{} [label=\"{}\"];\n", edge.from, edge.to, quoted(edge.label));
  return out + "}\n";
}

}  // namespace p4bpf::editor
