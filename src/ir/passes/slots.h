// Everything that a flow analysis follows, numbered densely: each variable, each header's validity, each field of each
// header.
#pragma once

#include <vector>

#include "ir/ir.h"

namespace p4bpf::ir {

class Slots {
 public:
  explicit Slots(const Program& program) : program_(program), vars_(program.vars.size()) {
    size_ = vars_;
    for (const Header& header : program.headers) {
      begins_.push_back(size_);
      size_ += 1 + program[header.type].fields.size();
    }
  }
  std::size_t size() const { return size_; }
  std::size_t of(VarId var) const { return var.index(); }
  std::size_t validity(HeaderId header) const { return begins_.at(header.index()); }
  std::size_t field(HeaderId header, std::size_t field) const { return validity(header) + 1 + field; }
  std::size_t field_count(HeaderId header) const { return program_[program_[header].type].fields.size(); }
  bool is_var(std::size_t slot) const { return slot < vars_; }

  /// Calls `f(HeaderId)` for each header that `ref` may mean.
  template <class F>
  void for_each_header(const HeaderRef& ref, F&& f) const {
    if (ref.header) return f(ref.header);
    for (const HeaderId element : program_[ref.stack].elements) f(element);
  }
  /// Calls `f(slot)` for validity and all fields of each header that `ref` may mean.
  template <class F>
  void for_each_slot(const HeaderRef& ref, F&& f) const {
    for_each_header(ref, [&](HeaderId header) {
      for (std::size_t i = 0; i <= field_count(header); ++i) f(validity(header) + i);
    });
  }

 private:
  const Program& program_;
  std::size_t vars_;
  std::size_t size_ = 0;
  std::vector<std::size_t> begins_;
};

}  // namespace p4bpf::ir
