// Choosing what to move: from the outside in, as large as fits, in the order of the program.
#include "codegen/outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace p4bpf::codegen {
namespace {

using c::BlockId;
using c::ExprId;

/// What a run of statements holds.
struct Contents {
  std::size_t cost = 0;
  std::set<std::string> maps;
  std::map<std::string, int> names;  // how often each name of a variable or function stands there
  std::set<std::string> declared;
  std::set<std::string> labels;
  std::map<std::string, int> gotos;
  bool calls_part = false;

  void add(const Contents& more) {
    cost += more.cost;
    maps.insert(more.maps.begin(), more.maps.end());
    for (const auto& [name, count] : more.names) names[name] += count;
    declared.insert(more.declared.begin(), more.declared.end());
    labels.insert(more.labels.begin(), more.labels.end());
    for (const auto& [label, count] : more.gotos) gotos[label] += count;
    calls_part = calls_part || more.calls_part;
  }
};

bool allows(const PartLimits& limits, const Contents& what) {
  return what.cost <= limits.cost && what.maps.size() <= limits.maps;
}

/// Helpers that are inlined and long.
std::size_t cost_of_call(const std::string& callee) {
  if (callee.starts_with("p4bpf_matrix")) return 4000;
  if (callee.starts_with("p4bpf_wide") || callee.starts_with("p4bpf_prefix")) return 24;
  return callee.starts_with("P4BPF_SWAP") || callee.starts_with("P4BPF_OPAQUE") ? 1 : 3;
}

class Reader {
 public:
  Reader(const c::Tree& tree, const std::set<std::string>& maps) : tree_(tree), maps_(maps) {}

  Contents block(BlockId id) const {
    Contents all;
    if (!id) return all;
    for (const c::Stmt& stmt : tree_.blocks[id].statements) add(stmt, all);
    return all;
  }
  void add(const c::Stmt& stmt, Contents& all) const {
    std::visit([&](const auto& node) { statement(node, all); }, stmt.node);
  }

 private:
  /// "entry_2->set.port": the first identifier is what counts.
  void use(const std::string& text, Contents& all) const {
    std::size_t end = 0;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    if (end == 0) return;
    const std::string name = text.substr(0, end);
    ++all.names[name];
    if (maps_.contains(name)) all.maps.insert(name);
  }
  void expr(ExprId id, Contents& all) const {
    if (!id) return;
    std::visit(
        Match{
            [&](const c::Name& n) { use(n.text, all), ++all.cost; },
            [&](const c::Number&) {},
            [&](const c::Unary& n) { expr(n.operand, all); },
            [&](const c::Binary& n) { ++all.cost, expr(n.left, all), expr(n.right, all); },
            [&](const c::Conditional& n) { all.cost += 2, expr(n.condition, all), expr(n.yes, all), expr(n.no, all); },
            [&](const c::Cast& n) { expr(n.operand, all); },
            [&](const c::Call& n) {
              all.cost += cost_of_call(n.callee);
              for (const ExprId argument : n.arguments) expr(argument, all);
            },
            [&](const c::Member& n) { expr(n.base, all); },
            [&](const c::Index& n) { expr(n.base, all), expr(n.index, all); },
        },
        tree_.exprs[id].node);
  }

  void statement(const c::Declare& n, Contents& all) const {
    all.declared.insert(n.name);
    ++all.names[n.name];
    ++all.cost;
    expr(n.init, all);
  }
  void statement(const c::Assign& n, Contents& all) const { ++all.cost, expr(n.target, all), expr(n.value, all); }
  void statement(const c::Eval& n, Contents& all) const { expr(n.expr, all); }
  void statement(const c::If& n, Contents& all) const {
    all.cost += 2;
    expr(n.condition, all);
    all.add(block(n.then_block));
    all.add(block(n.else_block));
  }
  void statement(const c::Switch& n, Contents& all) const {
    expr(n.subject, all);
    for (const c::SwitchCase& one : n.cases) {
      all.cost += 2;
      for (const ExprId value : one.values) expr(value, all);
      all.add(block(one.body));
    }
  }
  void statement(const c::Goto& n, Contents& all) const { ++all.cost, ++all.gotos[n.label]; }
  void statement(const c::Label& n, Contents& all) const { all.labels.insert(n.name); }
  void statement(const c::Return& n, Contents& all) const { ++all.cost, expr(n.value, all); }
  void statement(const c::Border&, Contents&) const {}
  void statement(const c::Scope& n, Contents& all) const { all.add(block(n.body)); }
  void statement(const c::Forever& n, Contents& all) const { all.add(block(n.body)); }

  const c::Tree& tree_;
  const std::set<std::string>& maps_;
};

/// Calls `f(BlockId)` for each block that hangs in the statement.
template <class F>
void for_each_block(const c::Stmt& stmt, F&& f) {
  std::visit(Match{
                 [&](const c::If& n) { f(n.then_block), f(n.else_block); },
                 [&](const c::Switch& n) {
                   for (const c::SwitchCase& one : n.cases) f(one.body);
                 },
                 [&](const c::Scope& n) { f(n.body); },
                 [](const auto&) {},
             },
             stmt.node);
}

class Outliner {
 public:
  Outliner(c::Tree& tree, BlockId body, const OutlineContext& context)
      : tree_(tree), context_(context), reader_(tree, context.maps), all_(reader_.block(body)) {}

  void divide(BlockId id) {
    if (!id || fits(reader_.block(id))) return;
    std::vector<Run> runs = runs_of(id);
    std::vector<c::Stmt> made;
    for (std::size_t i = 0; i < runs.size();) {
      std::size_t end = i + 1;
      Contents together = runs[i].contents;
      if (!fits(together)) {
        // Too much by itself: what hangs in it is divided.
        for (const c::Stmt& stmt : runs[i].statements) for_each_block(stmt, [&](BlockId inner) { divide(inner); });
      } else {
        for (; end < runs.size(); ++end) {
          Contents more = together;
          more.add(runs[end].contents);
          if (!fits(more)) break;
          together = std::move(more);
        }
        // As long as something would be torn apart, the last run goes.
        while (end > i && !stands_alone(together)) {
          together = {};
          --end;
          for (std::size_t k = i; k < end; ++k) together.add(runs[k].contents);
        }
        if (end > i && together.cost >= kLeast) {
          move_out(runs, i, end, together, made);
          i = end;
          continue;
        }
        end = std::max(end, i + 1);
      }
      for (; i < end; ++i) made.insert(made.end(), runs[i].statements.begin(), runs[i].statements.end());
    }
    tree_.blocks.edit(id).statements = std::move(made);
  }

  std::vector<Part> take() { return std::move(parts_); }

 private:
  /// Less than this is not worth a call.
  static constexpr std::size_t kLeast = 60;
  struct Run {
    std::vector<c::Stmt> statements;
    Contents contents;
  };

  bool fits(const Contents& what) const { return allows(context_.limits, what); }

  std::vector<Run> runs_of(BlockId id) const {
    std::vector<Run> runs(1);
    for (const c::Stmt& stmt : tree_.blocks[id].statements) {
      if (std::holds_alternative<c::Border>(stmt.node)) {
        if (!runs.back().statements.empty()) runs.emplace_back();
        continue;
      }
      runs.back().statements.push_back(stmt);
      reader_.add(stmt, runs.back().contents);
    }
    return runs;
  }

  /// Nobody jumps into it, and it shares no local variable with what is around it.
  bool stands_alone(const Contents& what) const {
    for (const std::string& label : what.labels) {
      const auto all = all_.gotos.find(label);
      const auto here = what.gotos.find(label);
      if (all != all_.gotos.end() && (here == what.gotos.end() || here->second != all->second)) return false;
    }
    return std::all_of(what.names.begin(), what.names.end(), [&](const auto& one) {
      return !all_.declared.contains(one.first) || context_.common.contains(one.first) ||
             one.second == all_.names.at(one.first);
    });
  }

  void move_out(const std::vector<Run>& runs, std::size_t from, std::size_t to, const Contents& what,
                std::vector<c::Stmt>& made) {
    const std::string name = fmt::format("{}_part_{}", context_.program, parts_.size() + 1);
    std::vector<std::string> leaves;  // the labels outside that it jumps to
    for (const auto& [label, count] : what.gotos) {
      if (!what.labels.contains(label)) leaves.push_back(label);
    }
    const BlockId body = tree_.blocks.add({});
    for (std::size_t i = from; i < to; ++i) {
      for (const c::Stmt& stmt : runs[i].statements) tree_.blocks.edit(body).statements.push_back(stmt);
    }
    replace_gotos(body, leaves);
    parts_.push_back({name, body});
    const Span span = tree_.blocks[body].statements.front().span;
    made.push_back({span, c::Scope{call_of(name, leaves, span)}});
  }

  ExprId code(std::size_t number) {
    const ExprId go_on = tree_.name("P4BPF_GO_ON");
    return number == 0 ? go_on : tree_.binary("+", go_on, tree_.number(number));
  }

  void replace_gotos(BlockId id, const std::vector<std::string>& leaves) {
    if (!id) return;
    for (c::Stmt& stmt : tree_.blocks.edit(id).statements) {
      if (const auto* jump = std::get_if<c::Goto>(&stmt.node)) {
        const auto at = std::find(leaves.begin(), leaves.end(), jump->label);
        if (at != leaves.end()) stmt.node = c::Return{code(static_cast<std::size_t>(at - leaves.begin()) + 1)};
        continue;
      }
      for_each_block(stmt, [&](BlockId inner) { replace_gotos(inner, leaves); });
      if (const auto* loop = std::get_if<c::Forever>(&stmt.node)) replace_gotos(loop->body, leaves);
    }
  }

  BlockId call_of(const std::string& name, const std::vector<std::string>& leaves, Span span) {
    const BlockId block = tree_.blocks.add({});
    const auto emit = [&](decltype(c::Stmt::node) node) {
      tree_.blocks.edit(block).statements.push_back({span, std::move(node)});
    };
    const auto alone = [&](decltype(c::Stmt::node) node) {
      const BlockId made = tree_.blocks.add({});
      tree_.blocks.edit(made).statements.push_back({span, std::move(node)});
      return made;
    };
    const std::string ended = name + "_ended";
    const ExprId context = tree_.name("context");
    emit(c::Declare{"int", ended, {}, tree_.call(name + "_call", {context})});
    emit(c::Assign{tree_.name("data"), tree_.call("P4BPF_DATA", {context})});
    emit(c::Assign{tree_.name("data_end"), tree_.call("P4BPF_DATA_END", {context})});
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      emit(c::If{tree_.binary("==", tree_.name(ended), code(i + 1)), alone(c::Goto{leaves[i]}), {}});
    }
    emit(c::If{tree_.binary("!=", tree_.name(ended), code(0)), alone(c::Return{tree_.name(ended)}), {}});
    return block;
  }

  c::Tree& tree_;
  const OutlineContext& context_;
  Reader reader_;
  Contents all_;
  std::vector<Part> parts_;
};

}  // namespace

std::vector<Part> outline(c::Tree& tree, c::BlockId body, const OutlineContext& context) {
  Outliner outliner(tree, body, context);
  outliner.divide(body);
  return outliner.take();
}

bool fits(const c::Tree& tree, c::BlockId body, const OutlineContext& context) {
  return allows(context.limits, Reader(tree, context.maps).block(body));
}

}  // namespace p4bpf::codegen
