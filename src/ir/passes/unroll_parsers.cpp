// See unroll_parsers.h for what and why. Three steps for each parser:
//  1. the graph of (state, known stack positions), found from the start. Positions that no state further on reads are
//  not told
//     apart, so that ways that differ in them only meet again.
//  2. rounds: where that graph still has a cycle no stack bounds it. In depth-first order an edge back to a state on
//  the way there starts
//     another round; the nodes of the cycle exist once for each round.
//  3. chains: a state with one way in, and that without a choice, is joined to the one before.
#include "ir/passes/unroll_parsers.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/passes/clone_state.h"

namespace p4bpf::ir {
namespace {

constexpr std::size_t kMaxStates = 4096;
/// What loops that no stack bounds may take of a packet.
constexpr std::uint64_t kLoopBits = 512 * 8;

class Unroller {
 public:
  Unroller(Program& program, PassContext& context) : program_(program), context_(context), cloner_(program) {}
  void run(ParserId id);

 private:
  /// A state in one set of positions, with the positions behind its body.
  struct Node {
    std::size_t state;
    Positions at_entry;
    BlockId body;
    bool ends = true;  // false: the end of the body is never reached
    Transition transition;
    std::size_t component = 0;
  };
  using Key = std::pair<std::size_t, Positions>;

  void find_relevant(const Parser& parser);
  Positions at_start() const;
  std::optional<std::size_t> node(const Parser& parser, std::size_t state, const Positions& positions);
  bool find_nodes(const Parser& parser);
  void find_components();
  void connect(std::size_t from, std::vector<std::size_t>& index, std::vector<std::size_t>& low,
               std::vector<std::size_t>& stack);
  void find_back_edges();
  std::uint64_t bits_taken(BlockId body) const;
  void find_rounds();
  bool check_endless(const Parser& parser);
  bool unroll(const Parser& parser);
  std::optional<std::size_t> place(const Parser& parser, std::size_t at, std::uint32_t round);
  void skip_empty_states();
  void drop_unreachable_states();
  void keep_states(const std::vector<bool>& is_kept);
  void join_chains();
  bool report_too_many(const Parser& parser, std::size_t state);
  std::vector<std::size_t> successors(std::size_t at) const;

  Program& program_;
  PassContext& context_;
  StateCloner cloner_;
  std::vector<std::set<VarId>> relevant_;  // by state: what it or a state behind it reads
  std::vector<Node> nodes_;
  std::map<Key, std::size_t> node_of_;
  std::set<std::pair<std::size_t, std::size_t>> back_edges_;
  std::size_t next_index_ = 0;
  std::size_t component_count_ = 0;
  std::vector<std::uint32_t> rounds_;  // by component: how many its loops may go
  std::vector<State> result_;
  std::map<std::pair<std::size_t, std::uint32_t>, std::size_t> placed_;
  std::vector<std::pair<std::size_t, std::uint32_t>> pending_;
  std::map<std::size_t, std::size_t> copies_;  // by state: how many there are, for their names
};

bool Unroller::report_too_many(const Parser& parser, std::size_t state) {
  Diagnostic& diagnostic = context_.diagnostics.report(
      DiagnosticKind::kParserLoop, parser.states[state].span,
      fmt::format("the loops of parser '{}' through state '{}' come to more than {} states when they are written out",
                  parser.name, parser.states[state].name, kMaxStates));
  diagnostic.notes.push_back(
      {{},
       fmt::format("a loop that no header stack bounds goes round up to {} times; states that take more of the "
                   "packet, or smaller stacks, help",
                   context_.parser_loop_limit)});
  return false;
}

void Unroller::find_relevant(const Parser& parser) {
  relevant_.clear();
  for (const State& state : parser.states) relevant_.push_back(cloner_.reads(state));
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = parser.states.size(); i-- > 0;) {
      for (const SelectCase& one : parser.states[i].transition.cases) {
        if (one.target.kind != StateTarget::Kind::kState) continue;
        const std::size_t before = relevant_[i].size();
        const std::set<VarId> further = relevant_[one.target.state];
        relevant_[i].insert(further.begin(), further.end());
        changed = changed || relevant_[i].size() != before;
      }
    }
  }
}

/// Every position is 0 at each packet. With several parsers another one may have moved them before.
Positions Unroller::at_start() const {
  Positions result;
  if (program_.parsers.size() > 1) return result;
  for (const VarId var : cloner_.tracked()) result[var] = 0;
  return result;
}

std::optional<std::size_t> Unroller::node(const Parser& parser, std::size_t state, const Positions& positions) {
  Positions kept;
  for (const auto& [var, value] : positions) {
    if (relevant_[state].count(var) != 0) kept[var] = value;
  }
  const auto [at, is_new] = node_of_.try_emplace({state, kept}, nodes_.size());
  if (is_new) {
    if (nodes_.size() >= kMaxStates) {
      report_too_many(parser, state);
      return std::nullopt;
    }
    nodes_.push_back({state, std::move(kept), {}, true, {}, 0});
  }
  return at->second;
}

bool Unroller::find_nodes(const Parser& parser) {
  if (!node(parser, parser.start, at_start())) return false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const State& state = parser.states[nodes_[i].state];
    Positions positions = nodes_[i].at_entry;
    const BlockId body = program_.blocks.add({});
    const bool ends = cloner_.clone(state.body, body, positions);
    Transition transition;
    transition.span = state.transition.span;
    if (ends) transition = cloner_.clone(state.transition, positions);
    for (SelectCase& one : transition.cases) {
      if (one.target.kind != StateTarget::Kind::kState) continue;
      const auto target = node(parser, one.target.state, positions);
      if (!target) return false;
      one.target.state = *target;
    }
    // Nothing comes behind a body that always rejects.
    if (!ends) transition.cases.push_back({{}, {StateTarget::Kind::kReject, 0}, state.transition.span});
    nodes_[i].body = body;
    nodes_[i].ends = ends;
    nodes_[i].transition = std::move(transition);
  }
  return true;
}

std::vector<std::size_t> Unroller::successors(std::size_t at) const {
  std::vector<std::size_t> result;
  for (const SelectCase& one : nodes_[at].transition.cases) {
    if (one.target.kind == StateTarget::Kind::kState) result.push_back(one.target.state);
  }
  return result;
}

// ---- cycles -------------------------------------------------------------------------------------------------------

/// Tarjan's strongly connected components (SIAM J. Comput. 1, 1972).
void Unroller::connect(std::size_t from, std::vector<std::size_t>& index, std::vector<std::size_t>& low,
                       std::vector<std::size_t>& stack) {
  index[from] = low[from] = ++next_index_;
  stack.push_back(from);
  for (const std::size_t to : successors(from)) {
    if (index[to] == 0) {
      connect(to, index, low, stack);
      low[from] = std::min(low[from], low[to]);
    } else if (nodes_[to].component == 0) {
      low[from] = std::min(low[from], index[to]);
    }
  }
  if (low[from] != index[from]) return;
  ++component_count_;
  std::size_t member = 0;
  do {
    member = stack.back();
    stack.pop_back();
    nodes_[member].component = component_count_;
  } while (member != from);
}

void Unroller::find_components() {
  std::vector<std::size_t> index(nodes_.size(), 0);
  std::vector<std::size_t> low(nodes_.size(), 0);
  std::vector<std::size_t> stack;
  next_index_ = 0;
  component_count_ = 0;
  connect(0, index, low, stack);
}

/// The edges that close a cycle, in depth-first order from the start; without them there is none.
void Unroller::find_back_edges() {
  enum class Mark { kNew, kOpen, kDone };
  std::vector<Mark> marks(nodes_.size(), Mark::kNew);
  std::vector<std::pair<std::size_t, std::size_t>> way{{0, 0}};  // node, and which of its successors comes next
  marks[0] = Mark::kOpen;
  back_edges_.clear();
  while (!way.empty()) {
    const std::size_t at = way.back().first;
    const std::vector<std::size_t> next = successors(at);
    if (way.back().second == next.size()) {
      marks[at] = Mark::kDone;
      way.pop_back();
      continue;
    }
    const std::size_t to = next[way.back().second++];
    if (marks[to] == Mark::kOpen) back_edges_.insert({at, to});
    if (marks[to] != Mark::kNew) continue;
    marks[to] = Mark::kOpen;
    way.push_back({to, 0});
  }
}

/// Bits that a body takes of the packet at least.
std::uint64_t Unroller::bits_taken(BlockId body) const {
  std::uint64_t bits = 0;
  for (const Stmt& stmt : program_[body].statements) {
    if (const auto* extract = std::get_if<Extract>(&stmt.node)) {
      const HeaderRef& header = extract->header;
      bits += program_[header.header ? program_[header.header].type : program_[header.stack].type].width;
    } else if (const auto* advance = std::get_if<Advance>(&stmt.node)) {
      const auto* constant = std::get_if<Const>(&program_[advance->bits].node);
      if (constant) bits += static_cast<std::uint64_t>(constant->value);
    }
  }
  return bits;
}

/// A round leads from where a back edge ends to where the next begins; the shortest of a component says how often it
/// fits into kLoopBits.
void Unroller::find_rounds() {
  constexpr std::uint64_t kNever = ~0ULL;
  std::vector<std::uint64_t> shortest(component_count_ + 1, kNever);
  std::set<std::size_t> heads;
  for (const auto& edge : back_edges_) heads.insert(edge.second);
  for (const std::size_t head : heads) {
    std::vector<std::uint64_t> taken(nodes_.size(), kNever);
    taken[head] = bits_taken(nodes_[head].body);
    std::vector<std::size_t> pending{head};
    while (!pending.empty()) {
      const std::size_t at = pending.back();
      pending.pop_back();
      for (const std::size_t next : successors(at)) {
        if (nodes_[next].component != nodes_[head].component) continue;
        if (back_edges_.contains({at, next})) {
          shortest[nodes_[head].component] = std::min(shortest[nodes_[head].component], taken[at]);
          continue;
        }
        const std::uint64_t bits = taken[at] + bits_taken(nodes_[next].body);
        if (bits >= taken[next]) continue;
        taken[next] = bits;
        pending.push_back(next);
      }
    }
  }
  rounds_.assign(component_count_ + 1, context_.parser_loop_limit);
  for (std::size_t i = 0; i < shortest.size(); ++i) {
    if (shortest[i] == 0 || shortest[i] == kNever) continue;
    const std::uint64_t fitting = (kLoopBits + shortest[i] - 1) / shortest[i];
    rounds_[i] = static_cast<std::uint32_t>(std::min<std::uint64_t>(fitting, rounds_[i]));
  }
}

/// A cycle of states that do nothing is never left once it is gone round: that is no loop but a mistake.
bool Unroller::check_endless(const Parser& parser) {
  for (const auto& [from, to] : back_edges_) {
    // Whether `from` can be reached from `to` through states that do nothing.
    std::set<std::size_t> seen{to};
    std::vector<std::size_t> pending{to};
    while (!pending.empty()) {
      const std::size_t at = pending.back();
      pending.pop_back();
      if (!program_[nodes_[at].body].statements.empty()) continue;
      if (at == from) {
        const State& state = parser.states[nodes_[to].state];
        Diagnostic& diagnostic = context_.diagnostics.report(
            DiagnosticKind::kParserLoop, state.span,
            fmt::format("the parser can go round state '{}' for ever, because nothing is done on the way", state.name));
        diagnostic.notes.push_back({{}, "extract or advance before going back"});
        return false;
      }
      for (const std::size_t next : successors(at)) {
        if (seen.insert(next).second) pending.push_back(next);
      }
    }
  }
  return true;
}

// ---- the result ---------------------------------------------------------------------------------------------------

std::optional<std::size_t> Unroller::place(const Parser& parser, std::size_t at, std::uint32_t round) {
  const auto [known, is_new] = placed_.try_emplace({at, round}, result_.size());
  if (!is_new) return known->second;
  const std::size_t state = nodes_[at].state;
  if (result_.size() >= kMaxStates) {
    report_too_many(parser, state);
    return std::nullopt;
  }
  State made;
  const std::size_t copy = ++copies_[state];
  made.name = copy == 1 ? parser.states[state].name : fmt::format("{}#{}", parser.states[state].name, copy);
  made.span = parser.states[state].span;
  result_.push_back(std::move(made));
  pending_.push_back({at, round});
  return known->second;
}

bool Unroller::unroll(const Parser& parser) {
  result_.clear();
  placed_.clear();
  copies_.clear();
  if (!place(parser, 0, 0)) return false;
  const std::size_t error = error_index(program_, "ParserTimeout");
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const auto [at, round] = pending_[i];
    const Node& from = nodes_[at];
    const std::size_t index = placed_.at({at, round});
    const Span span = result_[index].span;
    const BlockId body = program_.blocks.add({});
    result_[index].body = body;
    if (round >= rounds_[from.component]) {
      // The loop has gone round as often as it may.
      Builder timeout(program_, body);
      timeout.add(Reject{timeout.constant(Type::error(), error, span)}, span);
      result_[index].transition = Transition{{}, {{{}, {StateTarget::Kind::kReject, 0}, span}}, span};
      continue;
    }
    // A copy of the copy: the node's positions are in it already, and each block hangs in one place only.
    Positions positions;
    cloner_.clone(from.body, body, positions);
    Transition transition = from.transition;
    for (SelectCase& one : transition.cases) {
      if (one.target.kind != StateTarget::Kind::kState) continue;
      const std::size_t to = one.target.state;
      const bool stays = nodes_[to].component == from.component;
      const std::uint32_t next = !stays ? 0 : round + (back_edges_.count({at, to}) != 0 ? 1U : 0U);
      const auto target = place(parser, to, next);
      if (!target) return false;
      one.target.state = *target;
    }
    result_[index].transition = std::move(transition);
  }
  return true;
}

/// A state that does nothing and goes on without a choice is gone past.
void Unroller::skip_empty_states() {
  for (State& state : result_) {
    for (SelectCase& one : state.transition.cases) {
      // There is no cycle any more, so that this ends.
      while (one.target.kind == StateTarget::Kind::kState) {
        const State& next = result_[one.target.state];
        if (!next.transition.keys.empty() || !program_[next.body].statements.empty()) break;
        one.target = next.transition.cases.front().target;
      }
    }
  }
}

void Unroller::drop_unreachable_states() {
  std::vector<bool> is_reached(result_.size(), false);
  std::vector<std::size_t> pending{0};
  is_reached[0] = true;
  while (!pending.empty()) {
    const std::size_t at = pending.back();
    pending.pop_back();
    for (const SelectCase& one : result_[at].transition.cases) {
      if (one.target.kind != StateTarget::Kind::kState || is_reached[one.target.state]) continue;
      is_reached[one.target.state] = true;
      pending.push_back(one.target.state);
    }
  }
  keep_states(is_reached);
}

void Unroller::keep_states(const std::vector<bool>& is_kept) {
  std::vector<std::size_t> index(result_.size(), 0);
  std::vector<State> kept;
  for (std::size_t i = 0; i < result_.size(); ++i) {
    index[i] = kept.size();
    if (is_kept[i]) kept.push_back(std::move(result_[i]));
  }
  for (State& state : kept) {
    for (SelectCase& one : state.transition.cases) {
      if (one.target.kind == StateTarget::Kind::kState) one.target.state = index[one.target.state];
    }
  }
  result_ = std::move(kept);
}

void Unroller::join_chains() {
  std::vector<std::size_t> ways_in(result_.size(), 0);
  ways_in[0] = 1;
  for (const State& state : result_) {
    for (const SelectCase& one : state.transition.cases) {
      if (one.target.kind == StateTarget::Kind::kState) ++ways_in[one.target.state];
    }
  }
  std::vector<bool> is_gone(result_.size(), false);
  for (std::size_t i = 0; i < result_.size(); ++i) {
    if (is_gone[i]) continue;
    for (;;) {
      const Transition& transition = result_[i].transition;
      if (!transition.keys.empty() || transition.cases.front().target.kind != StateTarget::Kind::kState) break;
      const std::size_t next = transition.cases.front().target.state;
      if (ways_in[next] != 1 || next == i || is_gone[next]) break;
      std::vector<Stmt> moved = program_[result_[next].body].statements;
      program_.blocks.edit(result_[next].body).statements.clear();
      std::vector<Stmt>& into = program_.blocks.edit(result_[i].body).statements;
      into.insert(into.end(), std::make_move_iterator(moved.begin()), std::make_move_iterator(moved.end()));
      result_[i].transition = std::move(result_[next].transition);
      is_gone[next] = true;
    }
  }
  is_gone.flip();
  keep_states(is_gone);
}

void Unroller::run(ParserId id) {
  const Parser parser = program_[id];
  if (parser.states.empty()) return;
  nodes_.clear();
  node_of_.clear();
  pending_.clear();
  find_relevant(parser);
  if (!find_nodes(parser)) return;
  find_components();
  find_back_edges();
  find_rounds();
  if (!check_endless(parser) || !unroll(parser)) return;
  skip_empty_states();
  drop_unreachable_states();
  join_chains();
  program_.parsers.edit(id).states = std::move(result_);
  program_.parsers.edit(id).start = 0;
}

}  // namespace

void unroll_parsers(Program& program, PassContext& context) {
  Unroller unroller(program, context);
  for (std::size_t i = 0; i < program.parsers.size(); ++i) unroller.run(ParserId(i));
}

}  // namespace p4bpf::ir
