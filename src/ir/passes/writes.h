// Which slots a piece of the program may write, whatever way it takes.
#pragma once

#include <map>
#include <set>

#include "ir/passes/slots.h"

namespace p4bpf::ir {

class Writes {
 public:
  Writes(const Program& program, const Slots& slots) : program_(program), slots_(slots) {}
  void add(BlockId block);
  void add(ParserId parser);
  const std::set<std::size_t>& slots() const { return written_; }

 private:
  void add(const Stmt& stmt);
  void add(const HeaderRef& ref);
  void add_target(ExprId target);
  void add(const ExternArgument& argument);
  void add_var(VarId var) {
    if (var) written_.insert(slots_.of(var));
  }

  const Program& program_;
  const Slots& slots_;
  std::set<std::size_t> written_;
};

/// How many RunParser statements name each parser; one inside a Loop counts as several.
std::map<ParserId, int> count_parser_runs(const Program& program);

}  // namespace p4bpf::ir
