// One packet's way through the program: the values of its variables and headers, the parser's cursor, and the walk over
// statements. A Machine lives for one pass of a packet.
#pragma once

#include <optional>

#include "interp/interpreter.h"

namespace p4bpf::interp {

/// A scalar. A varbit's number stands in the lowest `length` bits; `length` is 0 for all others.
struct Value {
  BigInt number = 0;
  std::uint32_t length = 0;
  bool operator==(const Value&) const = default;
};

struct HeaderState {
  bool is_valid = false;
  std::vector<Value> fields;
};

/// A packet that begins a pass: what came in from a port, or what a NewPass queued.
struct Pass {
  Bytes packet;
  std::vector<Value> carried;  // by index of ir::Program::carried
  std::uint32_t number = 1;    // with those from which it came
};

/// What a machine works on.
struct MachineInput {
  const ir::Program& program;
  std::vector<TableState>& tables;
  const std::vector<ProfileState>& profiles;
  std::vector<arch::ExternState>& externs;
  const Options& options;
  const Replicas& replicas;
  std::uint32_t port;
  const Pass& pass;
  std::vector<TraceRecord>* trace;
};

class Machine {
 public:
  explicit Machine(const MachineInput& input);
  Result<Outcome> run();
  /// The passes that this one queued.
  std::vector<Pass> take_new_passes() { return std::move(new_passes_); }

 private:
  /// How a statement ended. kLeave: on the way behind `leaving_`. kEnded: the packet has its verdict, or `fault_` says
  /// why it will have none. kRejected: the parser has been left with an error.
  enum class Flow { kNext, kLeave, kEnded, kRejected };

  // machine.cpp: statements
  Flow run_block(ir::BlockId block);
  Flow run_statement(const ir::Stmt& stmt);
  Flow run(const ir::Assign& s);
  Flow run(const ir::SetValid& s) { return set_validity(s.header, true); }
  Flow run(const ir::SetInvalid& s) { return set_validity(s.header, false); }
  Flow run(const ir::CopyHeader& s);
  Flow run(const ir::ShiftStack& s);
  Flow run(const ir::If& s);
  Flow run(const ir::Switch& s);
  Flow run(const ir::Region& s);
  Flow run(const ir::Leave& s);
  Flow run(const ir::Loop& s);
  Flow run(const ir::ApplyTable& s);
  Flow run(const ir::AddEntry& s);
  Flow run(const ir::Verdict& s);
  Flow set_validity(const ir::HeaderRef& ref, bool is_valid);
  Flow stop(std::string fault);
  Flow stop(Error fault);
  const manifest::Member* named_member(const ir::ApplyTable& s, const manifest::Entry& what) const;
  void count_direct(const ir::Table& table, std::uint32_t handle);

  // machine_packet.cpp: the packet, in and out
  Flow run(const ir::Extract& s);
  Flow run(const ir::Advance& s);
  Flow run(const ir::Require& s);
  Flow run(const ir::Reject& s);
  Flow run(const ir::RunParser& s);
  Flow run(const ir::Emit& s);
  Flow run(const ir::Deparse& s);
  Flow run(const ir::Truncate& s);
  Flow run(const ir::NewPass& s);
  Flow reject(const char* error);
  Flow run_states(const ir::Parser& parser);
  ir::StateTarget next_state(const ir::Transition& transition);
  void fill(HeaderState& header, const ir::HeaderType& type, std::uint32_t varbit_bits);

  // machine_values.cpp: expressions and storage
  Value value(ir::ExprId id) const;
  BigInt number(ir::ExprId id) const { return value(id).number; }
  bool truth(ir::ExprId id) const { return number(id) != 0; }
  Value compute(const ir::Binary& e, const ir::Type& type) const;
  void store(ir::ExprId target, Value stored);
  /// nullptr where a run-time index is out of bounds.
  const HeaderState* find(const ir::HeaderRef& ref) const;
  HeaderState* find(const ir::HeaderRef& ref);
  const ir::HeaderType& header_type(const ir::HeaderRef& ref) const;

  // machine_externs.cpp
  Flow run(const ir::CallExtern& s);
  arch::ExternValue read_argument(const ir::ExternArgument& argument) const;
  void write_back(const ir::ExternArgument& argument, const arch::ExternValue& written);

  void leave_record(std::size_t point, std::vector<BigInt> values);

  MachineInput input_;
  const ir::Program& program_;
  std::vector<Value> vars_;
  std::vector<HeaderState> headers_;
  Bytes packet_;
  std::uint64_t cursor_ = 0;  // bits
  BitWriter* emitted_ = nullptr;
  const ir::Parser* parser_ = nullptr;  // the one that runs
  ir::LabelId leaving_;
  std::map<ir::ExternInstanceId, std::uint32_t> colors_;  // of direct meters, at the last hit of their table
  std::vector<BigInt> applied_key_;  // of the table that was applied last: the one in whose action we are, if any
  std::uint64_t steps_ = 0;
  std::optional<Error> fault_;
  std::optional<Outcome> outcome_;
  std::vector<arch::Effect> effects_;
  std::vector<Pass> new_passes_;
};

}  // namespace p4bpf::interp
