// The walk of the forward analysis, private to flow.cpp and flow_parser.cpp.
#pragma once

#include "codegen/flow.h"

namespace p4bpf::codegen {

/// Sorts, drops what is repeated, and merges where there are too many.
void normalise(Worlds& worlds);
void join(Worlds& into, const Worlds& more);

class FlowWalk {
 public:
  explicit FlowWalk(const ir::Program& program);
  Flow run();

 private:
  Worlds block(ir::BlockId id, Worlds worlds);
  Worlds statement(const ir::Stmt& stmt, Worlds worlds);

  void read(ir::ExprId expr, const Worlds& worlds);
  void new_pass(const ir::NewPass& pass, const Worlds& worlds);
  void keep_packet(const Worlds& worlds);
  void read_header(const ir::HeaderRef& ref, const Worlds& worlds);
  void write(ir::ExprId target, Worlds& worlds);
  void argument(const ir::ExternArgument& argument, Worlds& worlds);
  void set_validity(const ir::HeaderRef& ref, bool valid, Worlds& worlds);
  void unknown_validity(const ir::HeaderRef& ref, Worlds& worlds);
  void copy_header(const ir::CopyHeader& copy, Worlds& worlds);
  void shift_stack(const ir::ShiftStack& shift, Worlds& worlds);
  Worlds loop(const ir::Loop& loop, Worlds worlds);
  Worlds apply(const ir::ApplyTable& apply, const Worlds& worlds);
  Worlds emit(const ir::Stmt& stmt, const ir::Emit& emit, const Worlds& worlds);
  Worlds verdict(const ir::Verdict& verdict, const Worlds& worlds);

  // flow_parser.cpp
  Worlds run_parser(const ir::RunParser& run, Worlds worlds);
  Worlds extract(const ir::Extract& extract, Worlds worlds);
  Worlds advance(const ir::Advance& advance, Worlds worlds);
  void reject(const Worlds& worlds);
  void enter(ParserFlow& parser, std::size_t state, const Worlds& worlds);

  std::vector<ir::HeaderId> headers_of(const ir::HeaderRef& ref) const;
  void make_local(const ir::HeaderRef& ref);

  const ir::Program& program_;
  Flow flow_;
  std::map<ir::LabelId, Worlds> leaves_;
  const ir::Stmt* next_ = nullptr;
  const std::vector<ir::Stmt>* rest_ = nullptr;  // the block that is walked
  std::size_t rest_at_ = 0;
  const ir::Stmt* deparse_ = nullptr;  // in whose body we are
  /// The packet has been copied somewhere: the kernel lets no pointer into it outlive that.
  bool copied_ = false;
  // Of the parser that runs.
  std::size_t config_ = kNoConfig;
  std::vector<Worlds> config_in_;
  Worlds rejected_;
};

}  // namespace p4bpf::codegen
