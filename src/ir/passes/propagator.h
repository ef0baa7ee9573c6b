// The walk of propagate_values, private to propagate_values.cpp and thread_paths.cpp.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "ir/passes/fold.h"
#include "ir/passes/known_values.h"

namespace p4bpf::ir {

/// The ways out of a statement, told apart by what is known of the slots that the statements behind it ask for.
struct Exits {
  struct Way {
    std::vector<ExprId> facts;  // constants, by `slots`
    LabelId label;
  };
  std::vector<std::size_t> slots;
  std::vector<Way> ways;
  std::size_t limit = 1;  // of ways; the last one takes all the others
  std::size_t cost = 0;   // of one copy of what stands behind
};

class Propagator {
 public:
  explicit Propagator(Program& program) : program_(program), slots_(program), fold_(program), reads_(slots_.size()) {}
  void run();

 private:
  // expressions
  ExprId rewrite(ExprId id);
  HeaderRef rewrite(HeaderRef ref);
  void rewrite(ExternArgument& argument);
  ExprId rewrite_target(ExprId target);
  ExprId read_of(std::size_t slot);
  std::optional<std::size_t> slot_of(ExprId id) const;

  // writes
  void write(std::size_t slot, ExprId fact) { now_.write(slot, reads_[slot], fact); }
  void write(VarId var, ExprId fact) {
    if (var) write(slots_.of(var), fact);
  }
  void write_target(ExprId target, ExprId fact);
  void write_argument(const ExternArgument& argument);
  void forget(const HeaderRef& ref);
  void set_validity(const HeaderRef& ref, bool is_valid);
  void copy_header(const HeaderRef& target, const HeaderRef& source);
  ExprId truth(bool value) { return fold_.constant(Type::boolean(), value ? 1 : 0); }

  // statements: append what is left of them to `out`
  void walk(BlockId block, Exits* exits = nullptr);
  void splice(BlockId block, std::vector<Stmt>& out, Exits* exits = nullptr);
  void splice(std::vector<Stmt> statements, std::vector<Stmt>& out, Exits* exits);
  void walk(Stmt stmt, std::vector<Stmt>& out, Exits* exits = nullptr);
  void walk_if(Stmt stmt, std::vector<Stmt>& out, Exits* exits);
  void walk_switch(Stmt stmt, std::vector<Stmt>& out, Exits* exits);
  void walk_apply(ApplyTable& apply, Exits* exits);
  void walk_loop(Loop& loop);
  void walk_region(Region& region, Exits* exits);
  void walk_assign(Stmt stmt, std::vector<Stmt>& out);
  void walk_extern(CallExtern& call);
  void assume(ExprId condition, bool value);
  void repeat_constants(HeaderId header, Span span, std::vector<Stmt>& out);
  void note_extracted(BlockId block);

  // paths (thread_paths.cpp)
  std::optional<Exits> exits_before(const std::vector<Stmt>& done, const std::vector<Stmt>& statements, std::size_t at,
                                    const Exits* outer) const;
  void thread(std::vector<Stmt> statements, std::size_t at, Exits& exits, std::vector<Stmt>& out, Exits* outer);
  void leave(Exits& exits, std::vector<Stmt>& out);

  // parsers
  void run_parser(ParserId id);
  KnownValues walk_states(ParserId id, const KnownValues& at_start);
  void may_fail() { at_reject_.join(now_); }
  void rewrite_transition(Transition& transition);

  Program& program_;
  Slots slots_;
  Folder fold_;
  KnownValues now_;
  std::map<LabelId, KnownValues> at_label_;
  std::map<LabelId, Exits*> exits_of_region_;  // of regions whose end is one of several exits
  std::size_t copied_ = 0;                     // fields and statements that thread_paths has copied
  bool in_parser_ = false;
  std::set<HeaderId> extracted_;  // by any parser
  KnownValues at_reject_;
  std::vector<ExprId> reads_;  // by slot, made where needed
  std::map<ParserId, int> runs_;
};

}  // namespace p4bpf::ir
