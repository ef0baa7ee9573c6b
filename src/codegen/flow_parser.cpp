// The forward analysis of parsers: their states are taken apart by the offset of the cursor, so that nearly every place
// in a packet is a constant of the generated code.
#include <algorithm>

#include "codegen/flow_walk.h"

namespace p4bpf::codegen {
namespace {

/// A parser with more versions of states than this gets no further ones for single offsets: a loop that is written out
/// reaches each of its many states at many offsets.
constexpr std::size_t kMaxConfigs = 128;

/// States in an order in which every transition leads forward. The parser has no cycle (unroll_parsers).
std::vector<std::size_t> topological_order(const ir::Parser& parser) {
  std::vector<std::size_t> order;
  std::vector<bool> seen(parser.states.size(), false);
  // Depth first without recursion: unrolled parsers are deep.
  std::vector<std::pair<std::size_t, std::size_t>> path{{parser.start, 0}};
  seen[parser.start] = true;
  while (!path.empty()) {
    auto& [state, next_case] = path.back();
    const std::vector<ir::SelectCase>& cases = parser.states[state].transition.cases;
    if (next_case == cases.size()) {
      order.push_back(state);
      path.pop_back();
      continue;
    }
    const ir::StateTarget& target = cases[next_case++].target;
    if (target.kind == ir::StateTarget::Kind::kState && !seen[target.state]) {
      seen[target.state] = true;
      path.emplace_back(target.state, 0);
    }
  }
  std::reverse(order.begin(), order.end());
  return order;
}

/// The verdict to which the statement behind RunParser sends every rejected packet, if it does no more.
const ir::Verdict* verdict_of_rejects(const ir::Program& program, const ir::Parser& parser, const ir::Stmt* next) {
  const auto* branch = next ? std::get_if<ir::If>(&next->node) : nullptr;
  if (!branch) return nullptr;
  ir::ExprId condition = branch->condition;
  bool negated = false;
  while (const auto* unary = std::get_if<ir::Unary>(&program[condition].node)) {
    if (unary->op != ir::Unary::Op::kNot) return nullptr;
    condition = unary->operand;
    negated = !negated;
  }
  const auto* var = std::get_if<ir::VarRef>(&program[condition].node);
  if (!var || var->var != parser.accepted) return nullptr;
  const ir::BlockId rejected = negated ? branch->then_block : branch->else_block;
  if (!rejected) return nullptr;
  const std::vector<ir::Stmt>& statements = program[rejected].statements;
  for (const ir::Stmt& stmt : statements) {
    if (const auto* verdict = std::get_if<ir::Verdict>(&stmt.node)) return verdict->port ? nullptr : verdict;
    const auto* assign = std::get_if<ir::Assign>(&stmt.node);
    if (!assign || !std::holds_alternative<ir::Const>(program[assign->value].node)) return nullptr;
  }
  return nullptr;
}

/// A place `bits` behind that one.
std::int32_t moved(std::int32_t place, std::uint32_t bits) {
  if (!is_moving(place)) return place + static_cast<std::int32_t>(bits);
  return kMoving - (bits_within_byte(place) + static_cast<std::int32_t>(bits % 8)) % 8;
}

}  // namespace

void FlowWalk::reject(const Worlds& worlds) { join(rejected_, worlds); }

void FlowWalk::enter(ParserFlow& parser, std::size_t state, const Worlds& worlds) {
  std::map<std::int32_t, Worlds> by_offset;
  for (const World& world : worlds) by_offset[world.cursor].push_back(world);
  for (auto& [offset, some] : by_offset) {
    std::int32_t at = offset;
    const auto count = std::count_if(parser.by_state.begin(), parser.by_state.end(),
                                     [&](const auto& one) { return one.first.first == state; });
    if (!parser.by_state.contains({state, at}) &&
        (parser.by_state.contains({state, kMoving}) || static_cast<std::size_t>(count) >= kMaxOffsetsPerState ||
         parser.configs.size() >= kMaxConfigs)) {
      at = kMoving - bits_within_byte(offset);
    }
    const auto [entry, is_new] = parser.by_state.try_emplace({state, at}, parser.configs.size());
    if (is_new) {
      parser.configs.push_back({state, at});
      config_in_.emplace_back();
    }
    for (World& world : some) world.cursor = at;
    join(config_in_[entry->second], some);
  }
}

Worlds FlowWalk::run_parser(const ir::RunParser& run, Worlds worlds) {
  const ir::Parser& parser = program_[run.parser];
  ParserFlow& result = flow_.parsers[run.parser];
  result = {};
  result.verdict_of_rejects = verdict_of_rejects(program_, parser, next_);
  config_in_.clear();
  rejected_.clear();
  for (World& world : worlds) {
    world.cursor = 0;
    world.parsed.clear();
  }
  enter(result, parser.start, worlds);

  Worlds accepted;
  for (const std::size_t state : topological_order(parser)) {
    // Every way into this state has been walked, so its configs are complete.
    std::vector<std::size_t> configs;
    for (std::size_t i = 0; i < result.configs.size(); ++i) {
      if (result.configs[i].state == state) configs.push_back(i);
    }
    for (const std::size_t config : configs) {
      result.order.push_back(config);
      config_ = config;
      const ir::State& s = parser.states[state];
      Worlds after = block(s.body, config_in_[config]);
      if (after.empty()) continue;
      join(flow_.after_state[{&parser, config}], after);
      for (const ir::ExprId key : s.transition.keys) read(key, after);
      bool falls_through = true;
      for (const ir::SelectCase& one : s.transition.cases) {
        if (one.target.kind == ir::StateTarget::Kind::kState) enter(result, one.target.state, after);
        if (one.target.kind == ir::StateTarget::Kind::kAccept) join(accepted, after);
        if (one.target.kind == ir::StateTarget::Kind::kReject) reject(after);
        if (std::all_of(one.matches.begin(), one.matches.end(),
                        [](const KeyMatch& match) { return match.kind == KeyMatch::Kind::kAny; })) {
          falls_through = false;
          break;
        }
      }
      if (falls_through) reject(after);  // error.NoMatch
    }
  }
  config_ = kNoConfig;

  const std::size_t number = run.parser.index();
  for (World& world : accepted) world.accepted[number] = 1;
  for (World& world : rejected_) world.accepted[number] = 0;
  Worlds all = std::move(accepted);
  join(all, rejected_);
  return all;
}

Worlds FlowWalk::extract(const ir::Extract& extract, Worlds worlds) {
  reject(worlds);
  if (extract.varbit_bits) read(extract.varbit_bits, worlds);
  const std::uint32_t width =
      program_[extract.header.header ? program_[extract.header.header].type : program_[extract.header.stack].type]
          .width;
  if (extract.header.index) {
    read(extract.header.index, worlds);
    make_local(extract.header);
    unknown_validity(extract.header, worlds);
  }
  for (World& world : worlds) {
    world.parsed.push_back(extract.header.header ? static_cast<std::uint32_t>(extract.header.header.index()) : kGap);
    if (extract.header.header) {
      const std::int32_t origin = is_moving(world.cursor) ? kMoving : world.cursor;
      flow_.origins[extract.header.header.index()].insert(origin);
      world.headers[extract.header.header.index()] = {HeaderState::kValid, false, origin};
    }
    // What is no whole number of bytes at a byte's begin cannot be used where it is.
    if (bits_within_byte(world.cursor) != 0 || width % 8 != 0) make_local(extract.header);
    // With its varbit a header has a whole number of bytes.
    world.cursor = extract.varbit_bits ? kMoving - bits_within_byte(world.cursor) : moved(world.cursor, width);
  }
  normalise(worlds);
  return worlds;
}

Worlds FlowWalk::advance(const ir::Advance& advance, Worlds worlds) {
  reject(worlds);
  read(advance.bits, worlds);
  const auto* constant = std::get_if<ir::Const>(&program_[advance.bits].node);
  // A packet has no 64 KiB: a larger step always fails.
  const bool is_static = constant && constant->value <= 0xffff * 8;
  for (World& world : worlds) {
    world.parsed.push_back(kGap);
    world.cursor = is_static ? moved(world.cursor, static_cast<std::uint32_t>(constant->value))
                             : kMoving - bits_within_byte(world.cursor);
  }
  normalise(worlds);
  return worlds;
}

}  // namespace p4bpf::codegen
