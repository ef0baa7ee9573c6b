// The forward analysis: transfer of a set of worlds through expressions and statements. Parsers are in flow_parser.cpp.
#include "codegen/flow.h"

#include <algorithm>

#include "base/result.h"
#include "codegen/flow_walk.h"
#include "ir/walk.h"

namespace p4bpf::codegen {

std::size_t ParserFlow::config_for(std::size_t state, std::int32_t offset) const {
  auto at = by_state.find({state, offset});
  if (at == by_state.end()) at = by_state.find({state, kMoving - bits_within_byte(offset)});
  P4BPF_CHECK(at != by_state.end(), "a parser state that the analysis has not seen");
  return at->second;
}

std::uint8_t status_of(const Worlds& worlds, ir::HeaderId header) {
  std::uint8_t status = 0;
  for (const World& world : worlds) status = static_cast<std::uint8_t>(status | world.headers[header.index()].status);
  return status;
}

void normalise(Worlds& worlds) {
  std::sort(worlds.begin(), worlds.end());
  worlds.erase(std::unique(worlds.begin(), worlds.end()), worlds.end());
  if (worlds.size() <= kMaxWorlds) return;
  World all = worlds.front();
  for (const World& world : worlds) {
    for (std::size_t i = 0; i < all.headers.size(); ++i) {
      HeaderState& to = all.headers[i];
      const HeaderState& from = world.headers[i];
      to.status = static_cast<std::uint8_t>(to.status | from.status);
      to.written = to.written || from.written;
      if (to.origin != from.origin)
        to.origin = to.origin == kNoOrigin ? from.origin : from.origin == kNoOrigin ? to.origin : kMoving;
    }
    for (std::size_t i = 0; i < all.accepted.size(); ++i) {
      if (all.accepted[i] != world.accepted[i]) all.accepted[i] = -1;
    }
    if (all.cursor != world.cursor) all.cursor = kMoving;
    if (all.parsed != world.parsed) all.parsed = {kGap};
    if (all.emitted != world.emitted) all.emitted_unknown = true;
    all.emitted_unknown = all.emitted_unknown || world.emitted_unknown;
    all.deparsed = all.deparsed || world.deparsed;
  }
  worlds = {std::move(all)};
}

void join(Worlds& into, const Worlds& more) {
  if (into == more) return;  // as behind most tables, whichever action was run
  into.insert(into.end(), more.begin(), more.end());
  normalise(into);
}

Worlds refine(const ir::Program& program, const Worlds& worlds, ir::ExprId condition, bool value) {
  const ir::Expr& expr = program[condition];
  Worlds result;
  if (const auto* constant = std::get_if<ir::Const>(&expr.node)) {
    return (constant->value != 0) == value ? worlds : result;
  }
  if (const auto* valid = std::get_if<ir::IsValid>(&expr.node); valid && valid->header.header) {
    const std::size_t at = valid->header.header.index();
    for (World world : worlds) {
      std::uint8_t& status = world.headers[at].status;
      status = static_cast<std::uint8_t>(value ? status & HeaderState::kValid : status & ~HeaderState::kValid);
      if (status != 0) result.push_back(std::move(world));
    }
    normalise(result);
    return result;
  }
  if (const auto* unary = std::get_if<ir::Unary>(&expr.node); unary && unary->op == ir::Unary::Op::kNot) {
    return refine(program, worlds, unary->operand, !value);
  }
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) {
    for (std::size_t i = 0; i < program.parsers.size(); ++i) {
      if (program.parsers[ir::ParserId(i)].accepted != var->var) continue;
      for (const World& world : worlds) {
        if (world.accepted[i] != (value ? 0 : 1)) result.push_back(world);
      }
      return result;
    }
  }
  if (const auto* binary = std::get_if<ir::Binary>(&expr.node)) {
    if (binary->op == ir::BinaryOp::kAnd || binary->op == ir::BinaryOp::kOr) {
      // `a && b` true (`a || b` false): both are; false (true): one of them decides.
      const bool both = (binary->op == ir::BinaryOp::kAnd) == value;
      const Worlds left_goes_on = refine(program, worlds, binary->left, binary->op == ir::BinaryOp::kAnd);
      result = refine(program, left_goes_on, binary->right, value);
      if (!both) join(result, refine(program, worlds, binary->left, value));
      return result;
    }
  }
  return worlds;
}

FlowWalk::FlowWalk(const ir::Program& program) : program_(program) {
  flow_.local.assign(program.headers.size(), false);
  flow_.origins.resize(program.headers.size());
}

Flow FlowWalk::run() {
  World start;
  start.headers.resize(program_.headers.size());
  start.accepted.assign(program_.parsers.size(), -1);
  block(program_.entry, {start});
  return std::move(flow_);
}

std::vector<ir::HeaderId> FlowWalk::headers_of(const ir::HeaderRef& ref) const {
  if (ref.header) return {ref.header};
  return program_[ref.stack].elements;
}

void FlowWalk::make_local(const ir::HeaderRef& ref) {
  for (const ir::HeaderId id : headers_of(ref)) flow_.local[id.index()] = true;
}

void FlowWalk::read_header(const ir::HeaderRef& ref, const Worlds& worlds) {
  for (const ir::HeaderId id : headers_of(ref)) {
    for (const World& world : worlds) {
      if ((world.headers[id.index()].status & HeaderState::kGone) || world.deparsed || copied_)
        flow_.local[id.index()] = true;
    }
  }
  if (ref.index) read(ref.index, worlds);
}

void FlowWalk::read(ir::ExprId id, const Worlds& worlds) {
  const ir::Expr& expr = program_[id];
  if (const auto* field = std::get_if<ir::FieldRef>(&expr.node)) {
    read_header(field->header, worlds);
  } else if (const auto* binary = std::get_if<ir::Binary>(&expr.node);
             binary && (binary->op == ir::BinaryOp::kAnd || binary->op == ir::BinaryOp::kOr)) {
    read(binary->left, worlds);
    read(binary->right, refine(program_, worlds, binary->left, binary->op == ir::BinaryOp::kAnd));
  } else if (const auto* mux = std::get_if<ir::Mux>(&expr.node)) {
    read(mux->condition, worlds);
    read(mux->yes, refine(program_, worlds, mux->condition, true));
    read(mux->no, refine(program_, worlds, mux->condition, false));
  } else {
    ir::for_each_operand(expr, [&](ir::ExprId operand) { read(operand, worlds); });
  }
}

void FlowWalk::write(ir::ExprId target, Worlds& worlds) {
  const auto* field = std::get_if<ir::FieldRef>(&program_[target].node);
  if (!field) return;
  if (field->header.index) {
    read(field->header.index, worlds);
    make_local(field->header);
  }
  const bool is_varbit = program_[target].type.kind == ir::Type::Kind::kVarbit;
  for (const ir::HeaderId id : headers_of(field->header)) {
    for (World& world : worlds) {
      HeaderState& state = world.headers[id.index()];
      // Storing into an invalid header changes no packet, and what a header that is gone holds is no longer there.
      if (state.status != HeaderState::kValid || world.deparsed || copied_) flow_.local[id.index()] = true;
      if (state.status & HeaderState::kNever) {
        state.status = static_cast<std::uint8_t>((state.status & ~HeaderState::kNever) | HeaderState::kGone);
      }
      state.written = true;
      if (is_varbit) state.origin = kNoOrigin, flow_.local[id.index()] = true;
    }
  }
  normalise(worlds);
}

void FlowWalk::set_validity(const ir::HeaderRef& ref, bool valid, Worlds& worlds) {
  if (ref.index) {
    read(ref.index, worlds);
    make_local(ref);
    unknown_validity(ref, worlds);
    return;
  }
  const std::size_t at = ref.header.index();
  for (World& world : worlds) {
    HeaderState& state = world.headers[at];
    if (valid && state.status != HeaderState::kValid) {
      flow_.local[at] = true;
      if (state.status & HeaderState::kValid) {
        state.origin = kMoving;
      } else {
        state.origin = kNoOrigin;
      }
      state.written = true;
      state.status = HeaderState::kValid;
    } else if (!valid && (state.status & HeaderState::kValid)) {
      state.status = static_cast<std::uint8_t>((state.status & ~HeaderState::kValid) | HeaderState::kGone);
    }
  }
  normalise(worlds);
}

void FlowWalk::unknown_validity(const ir::HeaderRef& ref, Worlds& worlds) {
  for (const ir::HeaderId id : headers_of(ref)) {
    Worlds split;
    for (World world : worlds) {
      world.headers[id.index()] = {HeaderState::kGone, true, kNoOrigin};
      split.push_back(world);
      world.headers[id.index()].status = HeaderState::kValid;
      split.push_back(std::move(world));
    }
    worlds = std::move(split);
    normalise(worlds);
  }
}

void FlowWalk::copy_header(const ir::CopyHeader& copy, Worlds& worlds) {
  read_header(copy.source, worlds);
  make_local(copy.target);
  if (!copy.target.header || !copy.source.header) {
    unknown_validity(copy.target, worlds);
    return;
  }
  for (World& world : worlds) {
    HeaderState state = world.headers[copy.source.header.index()];
    if (state.status & HeaderState::kNever) {
      state.status = static_cast<std::uint8_t>((state.status & ~HeaderState::kNever) | HeaderState::kGone);
    }
    state.written = true;
    state.origin = kNoOrigin;
    world.headers[copy.target.header.index()] = state;
  }
  normalise(worlds);
}

void FlowWalk::shift_stack(const ir::ShiftStack& shift, Worlds& worlds) {
  const std::vector<ir::HeaderId>& elements = program_[shift.stack].elements;
  const auto size = static_cast<std::int32_t>(elements.size());
  for (const ir::HeaderId id : elements) flow_.local[id.index()] = true;
  for (World& world : worlds) {
    const std::vector<HeaderState> old = world.headers;
    for (std::int32_t i = 0; i < size; ++i) {
      const std::int32_t from = i - shift.count;
      HeaderState& state = world.headers[elements[static_cast<std::size_t>(i)].index()];
      state = {HeaderState::kGone, true, kNoOrigin};
      if (from >= 0 && from < size) {
        state = old[elements[static_cast<std::size_t>(from)].index()];
        state.written = true;
        state.origin = kNoOrigin;
      }
    }
  }
  normalise(worlds);
}

void FlowWalk::argument(const ir::ExternArgument& argument, Worlds& worlds) {
  using Direction = ir::ExternArgument::Direction;
  std::visit(Match{
                 [&](ir::ExprId expr) {
                   if (argument.direction != Direction::kOut) read(expr, worlds);
                   if (argument.direction != Direction::kIn) write(expr, worlds);
                 },
                 [&](const ir::HeaderRef& ref) {
                   read_header(ref, worlds);
                   if (argument.direction == Direction::kIn) return;
                   make_local(ref);
                   unknown_validity(ref, worlds);
                 },
                 [&](const ir::ExternStruct& all) {
                   for (const ir::ExternArgument& field : all.fields) this->argument(field, worlds);
                 },
             },
             argument.value);
}

Worlds FlowWalk::block(ir::BlockId id, Worlds worlds) {
  const std::vector<ir::Stmt>& statements = program_[id].statements;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (worlds.empty()) break;
    next_ = i + 1 < statements.size() ? &statements[i + 1] : nullptr;
    rest_ = &statements;
    rest_at_ = i;
    join(flow_.before[{&statements[i], config_}], worlds);
    worlds = statement(statements[i], std::move(worlds));
  }
  return worlds;
}

Worlds FlowWalk::emit(const ir::Stmt& stmt, const ir::Emit& emit, const Worlds& worlds) {
  auto at = std::find(flow_.emits.begin(), flow_.emits.end(), &stmt);
  const auto number = static_cast<std::uint32_t>(at - flow_.emits.begin());
  if (at == flow_.emits.end()) {
    flow_.emits.push_back(&stmt);
    flow_.emits_of[deparse_].push_back(number);
  }
  Worlds result;
  if (!emit.header.header) {
    make_local(emit.header);
    result = worlds;
    for (World& world : result) world.emitted_unknown = true;
    return result;
  }
  const std::size_t header = emit.header.header.index();
  for (World world : worlds) {
    HeaderState& state = world.headers[header];
    const std::uint8_t others = static_cast<std::uint8_t>(state.status & ~HeaderState::kValid);
    if (others) {
      World without = world;
      without.headers[header].status = others;
      result.push_back(std::move(without));
    }
    if (state.status & HeaderState::kValid) {
      state.status = HeaderState::kValid;
      world.emitted.push_back(number);
      result.push_back(std::move(world));
    }
  }
  normalise(result);
  return result;
}

Worlds FlowWalk::verdict(const ir::Verdict& verdict, const Worlds& worlds) {
  if (verdict.port) read(verdict.port, worlds);
  if (verdict.kind == ir::VerdictKind::kDrop || verdict.kind == ir::VerdictKind::kAborted) return {};
  keep_packet(worlds);
  return {};
}

/// The packet goes on as it arrived, so what was stored into its headers must not be in it.
void FlowWalk::keep_packet(const Worlds& worlds) {
  for (const World& world : worlds) {
    for (std::size_t i = 0; i < world.headers.size() && !world.deparsed; ++i) {
      if (world.headers[i].written) flow_.local[i] = true;
    }
  }
}

Worlds FlowWalk::loop(const ir::Loop& loop, Worlds worlds) {
  Worlds& left = leaves_[loop.label];
  left.clear();
  Worlds head;
  for (;;) {
    const Worlds old = head;
    join(head, worlds);
    if (head == old) break;
    worlds = block(loop.body, head);
  }
  return leaves_[loop.label];
}

bool is_dropped_behind(const std::vector<ir::Stmt>& statements, std::size_t at) {
  for (++at; at < statements.size(); ++at) {
    if (std::holds_alternative<ir::NewPass>(statements[at].node)) continue;
    const auto* verdict = std::get_if<ir::Verdict>(&statements[at].node);
    return verdict != nullptr && verdict->kind == ir::VerdictKind::kDrop;
  }
  return false;
}

Worlds FlowWalk::apply(const ir::ApplyTable& apply, const Worlds& worlds) {
  for (const ir::ExprId key : apply.keys) read(key, worlds);
  if (apply.bodies.empty()) return worlds;
  Worlds result;
  for (const ir::ActionBody& body : apply.bodies) join(result, block(body.body, worlds));
  return result;
}

void FlowWalk::new_pass(const ir::NewPass& pass, const Worlds& worlds) {
  for (const ir::NewPass::Value& one : pass.values) read(one.value, worlds);
  if (pass.replication) read(pass.replication->id, worlds);
  if (pass.is_original) keep_packet(worlds);
  if (!is_dropped_behind(*rest_, rest_at_)) copied_ = true;
}

Worlds FlowWalk::statement(const ir::Stmt& stmt, Worlds worlds) {
  const auto keep = [&] { return std::move(worlds); };
  return std::visit(Match{
                        [&](const ir::Assign& s) {
                          read(s.value, worlds);
                          write(s.target, worlds);
                          return keep();
                        },
                        [&](const ir::SetValid& s) { return set_validity(s.header, true, worlds), keep(); },
                        [&](const ir::SetInvalid& s) { return set_validity(s.header, false, worlds), keep(); },
                        [&](const ir::CopyHeader& s) { return copy_header(s, worlds), keep(); },
                        [&](const ir::ShiftStack& s) { return shift_stack(s, worlds), keep(); },
                        [&](const ir::If& s) {
                          read(s.condition, worlds);
                          Worlds result = block(s.then_block, refine(program_, worlds, s.condition, true));
                          Worlds otherwise = refine(program_, worlds, s.condition, false);
                          join(result, s.else_block ? block(s.else_block, std::move(otherwise)) : otherwise);
                          return result;
                        },
                        [&](const ir::Switch& s) {
                          read(s.subject, worlds);
                          Worlds result = s.default_body ? block(s.default_body, worlds) : worlds;
                          for (const ir::SwitchCase& one : s.cases) join(result, block(one.body, worlds));
                          return result;
                        },
                        [&](const ir::Region& s) {
                          leaves_[s.label].clear();
                          Worlds result = block(s.body, std::move(worlds));
                          join(result, leaves_[s.label]);
                          return result;
                        },
                        [&](const ir::Leave& s) { return join(leaves_[s.label], worlds), Worlds{}; },
                        [&](const ir::Loop& s) { return loop(s, std::move(worlds)); },
                        [&](const ir::ApplyTable& s) { return apply(s, worlds); },
                        [&](const ir::AddEntry& s) {
                          for (const ir::ExprId one : s.arguments) read(one, worlds);
                          if (s.result) write(s.result, worlds);
                          return keep();
                        },
                        [&](const ir::CallExtern& s) {
                          for (const ir::ExternArgument& one : s.arguments) argument(one, worlds);
                          if (s.result) write(s.result, worlds);
                          return keep();
                        },
                        [&](const ir::RunParser& s) { return run_parser(s, std::move(worlds)); },
                        [&](const ir::Extract& s) { return extract(s, std::move(worlds)); },
                        [&](const ir::Advance& s) { return advance(s, std::move(worlds)); },
                        [&](const ir::Require&) {
                          reject(worlds);
                          return keep();
                        },
                        [&](const ir::Reject& s) {
                          read(s.error, worlds);
                          reject(worlds);
                          return Worlds{};
                        },
                        [&](const ir::Emit& s) { return emit(stmt, s, worlds); },
                        [&](const ir::Deparse& s) {
                          for (World& world : worlds) world.emitted.clear();
                          deparse_ = &stmt;
                          Worlds result = block(s.body, std::move(worlds));
                          join(flow_.deparse_ends[&stmt], result);
                          for (World& world : result) {
                            world.emitted.clear();
                            world.emitted_unknown = false;
                            world.deparsed = true;
                            for (HeaderState& state : world.headers) state.written = false;
                          }
                          normalise(result);
                          return result;
                        },
                        [&](const ir::Truncate& s) { return read(s.bytes, worlds), keep(); },
                        [&](const ir::NewPass& s) { return new_pass(s, worlds), keep(); },
                        [&](const ir::Verdict& s) { return verdict(s, worlds); },
                    },
                    stmt.node);
}

Flow analyse(const ir::Program& program) { return FlowWalk(program).run(); }

}  // namespace p4bpf::codegen
