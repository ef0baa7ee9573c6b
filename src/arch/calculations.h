// The calculations of a v1model program: each place that hashes or computes a checksum is one. Those with a custom
// algorithm are extern instances, whose parameters a control plane sets by their names.
#pragma once

#include <cstdint>
#include <map>

#include "ir/elaborate.h"

namespace p4bpf::arch {

class Calculations {
 public:
  explicit Calculations(ir::Elaborator& elaborator) : elaborator_(elaborator) {}

  /// Updates of checksums are counted behind all hashes, verifications behind them.
  enum class Kind { kHash, kUpdate, kVerify };
  /// Counts the call, once however often it is elaborated.
  void count(Kind kind, ast::ExprId call) { kinds_.emplace(call, kind); }
  /// Its instance, a cyclic redundancy check of that many bits.
  ir::ExternInstanceId custom(ast::ExprId call, std::uint32_t width);
  /// To be called when all have been counted: names the instances "calc", "calc_0", "calc_1", ... by the place of their
  /// call in the order of the reference compiler, which goes through the actions of a control before its apply block.
  void name();

 private:
  ir::Elaborator& elaborator_;
  std::map<ast::ExprId, Kind> kinds_;
  std::map<ast::ExprId, ir::ExternInstanceId> customs_;
};

}  // namespace p4bpf::arch
