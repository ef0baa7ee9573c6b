// The user's externs for the interpreter: their C bodies, called with the interpreter's values.
//
// The native build of the program holds the bodies; this is a copy of it, with maps and variables of its own. Arguments
// go as generated code passes them: scalars of up to 64 bits by value in host order, wider ones as bytes in network
// order, headers as structs of their fields with a last member `valid`, structs as their members one by one; out and
// inout by pointer; a wide result through a last pointer.
#pragma once

#include <memory>
#include <string>

#include "arch/extern_row.h"
#include "ir/ir.h"
#include "testing/native_maps.h"

namespace p4bpf::testing {

class ExternLibrary {
 public:
  /// Text for the end of a native build, by which the library finds the functions.
  static std::string exports(const ir::Program& program);
  /// Copies the native build at `native` to `copy` and opens that.
  static Result<std::unique_ptr<ExternLibrary>> open(const std::string& native, const std::string& copy);
  ~ExternLibrary();
  ExternLibrary(const ExternLibrary&) = delete;
  ExternLibrary& operator=(const ExternLibrary&) = delete;

  Result<void> call(const ir::Program& program, const ir::CallExtern& call, arch::ExternContext& context);

 private:
  ExternLibrary() = default;
  void* library_ = nullptr;
  std::unique_ptr<NativeMaps> maps_;
};

}  // namespace p4bpf::testing
