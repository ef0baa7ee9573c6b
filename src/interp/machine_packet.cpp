// The packet: what the parser takes from it and what the deparser puts back.
#include <fmt/format.h>

#include "interp/machine.h"

namespace p4bpf::interp {

Machine::Flow Machine::reject(const char* error) {
  vars_[parser_->error.index()].number = ir::error_index(program_, error);
  return Flow::kRejected;
}

/// The fields' bits, one behind the other from the cursor on.
void Machine::fill(HeaderState& header, const ir::HeaderType& type, std::uint32_t varbit_bits) {
  std::uint64_t at = cursor_;
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const ir::Type& field = type.fields[i].type;
    const bool is_varbit = type.varbit_field == i;
    const std::uint32_t width = is_varbit ? varbit_bits : field.width;
    header.fields[i] = {wrap(read_bits(packet_, at, width), width, field.is_signed), is_varbit ? width : 0};
    at += width;
  }
  header.is_valid = true;
}

Machine::Flow Machine::run(const ir::Extract& s) {
  const ir::HeaderType& type = header_type(s.header);
  const std::uint64_t varbit_bits = s.varbit_bits ? static_cast<std::uint64_t>(number(s.varbit_bits)) : 0;
  const std::uint64_t width = type.width + varbit_bits;
  // In this order (section 12.8.2): alignment of what varies, length of the packet, size of the field.
  if (s.varbit_bits && width % 8 != 0) return reject("ParserInvalidArgument");
  if (cursor_ + width > packet_.size() * 8) return reject("PacketTooShort");
  if (type.varbit_field && varbit_bits > type.fields[*type.varbit_field].type.width) return reject("HeaderTooShort");
  if (HeaderState* header = find(s.header)) fill(*header, type, static_cast<std::uint32_t>(varbit_bits));
  cursor_ += width;
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Advance& s) {
  const auto bits = static_cast<std::uint64_t>(number(s.bits));
  if (bits % 8 != 0) return reject("ParserInvalidArgument");
  if (cursor_ + bits > packet_.size() * 8) return reject("PacketTooShort");
  cursor_ += bits;
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Require& s) {
  if (cursor_ + s.bits > packet_.size() * 8) return reject("PacketTooShort");
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Reject& s) {
  vars_[parser_->error.index()].number = number(s.error);
  return Flow::kRejected;
}

ir::StateTarget Machine::next_state(const ir::Transition& transition) {
  std::vector<BigInt> keys;
  for (const ir::ExprId key : transition.keys) keys.push_back(number(key));
  for (const ir::SelectCase& one : transition.cases) {
    bool all = true;
    for (std::size_t i = 0; i < keys.size() && all; ++i) {
      all = i >= one.matches.size() || one.matches[i].matches(keys[i], program_[transition.keys[i]].type.width);
    }
    if (all) return one.target;
  }
  reject("NoMatch");
  return {ir::StateTarget::Kind::kReject, 0};
}

Machine::Flow Machine::run_states(const ir::Parser& parser) {
  std::size_t at = parser.start;
  for (;;) {
    const ir::State& state = parser.states[at];
    const Flow flow = run_block(state.body);
    if (flow != Flow::kNext) return flow;
    const ir::StateTarget target = next_state(state.transition);
    if (target.kind == ir::StateTarget::Kind::kAccept) return Flow::kNext;
    if (target.kind == ir::StateTarget::Kind::kReject) return Flow::kRejected;
    at = target.state;
    if (++steps_ > input_.options.step_limit) {
      return stop(fmt::format("the parser is not done after {} statements", input_.options.step_limit));
    }
  }
}

Machine::Flow Machine::run(const ir::RunParser& s) {
  const ir::Parser& parser = program_[s.parser];
  parser_ = &parser;
  cursor_ = 0;
  vars_[parser.accepted.index()].number = 0;
  vars_[parser.error.index()].number = 0;
  const Flow flow = run_states(parser);
  parser_ = nullptr;
  if (flow == Flow::kEnded || flow == Flow::kLeave) return flow;
  vars_[parser.accepted.index()].number = flow == Flow::kNext ? 1 : 0;
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Emit& s) {
  const HeaderState* header = find(s.header);
  if (header == nullptr || !header->is_valid) return Flow::kNext;
  if (emitted_ == nullptr) return stop("emit outside of a deparser");
  const ir::HeaderType& type = header_type(s.header);
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const bool is_varbit = type.varbit_field == i;
    emitted_->append(header->fields[i].number, is_varbit ? header->fields[i].length : type.fields[i].type.width);
  }
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Deparse& s) {
  BitWriter writer;
  BitWriter* const outer = emitted_;
  emitted_ = &writer;
  const Flow flow = run_block(s.body);
  emitted_ = outer;
  if (flow != Flow::kNext) return flow;
  // What was not parsed keeps its place in its byte (ir::Deparse).
  writer.append(BigInt(0), static_cast<std::uint32_t>((cursor_ - writer.bit_count()) % 8));
  const std::uint64_t emitted = writer.bit_count();
  writer.append(packet_, cursor_);
  const std::size_t before = packet_.size();
  packet_ = writer.bytes();
  cursor_ = emitted;
  if (before >= s.shortest && packet_.size() < s.shortest) {
    leave_record(kAborted, {});
    return run(ir::Verdict{ir::VerdictKind::kAborted, {}});
  }
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Truncate& s) {
  const BigInt length = number(s.bytes);
  if (length < packet_.size()) packet_.resize(static_cast<std::size_t>(length));
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::NewPass& s) {
  if (input_.pass.number >= manifest::kMostPasses) return Flow::kNext;
  Pass made{s.is_original ? input_.pass.packet : packet_, std::vector<Value>(program_.carried.size()),
            input_.pass.number + 1};
  for (const ir::NewPass::Value& one : s.values) made.carried[one.carried] = value(one.value);
  if (!s.replication) {
    new_passes_.push_back(std::move(made));
    return Flow::kNext;
  }
  const bool is_clone = s.replication->kind == ir::Replication::Kind::kClone;
  const auto id = static_cast<std::uint32_t>(number(s.replication->id));
  const auto found = input_.replicas.find(
      {is_clone ? manifest::ReplicationKind::kCloneSession : manifest::ReplicationKind::kMulticastGroup, id});
  if (found == input_.replicas.end()) return Flow::kNext;
  const std::size_t limit = found->second.truncate_bytes;
  if (limit != 0 && made.packet.size() > limit) made.packet.resize(limit);
  for (const manifest::Replica& replica : found->second.replicas) {
    made.carried[s.replication->port] = {BigInt(replica.port)};
    made.carried[s.replication->instance] = {BigInt(replica.instance)};
    new_passes_.push_back(made);
  }
  return Flow::kNext;
}

}  // namespace p4bpf::interp
