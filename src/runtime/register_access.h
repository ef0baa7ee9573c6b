// The registers of a running program: values that packets read and write, read and written from outside.
//
// A register's map has one value, in which its cells lie one behind the other (manifest::Register::value_size bytes
// each), mapped into the memory of whoever asks. A cell of up to 64 bits is read and written in one step. What a
// program reads and writes as one step (codegen/locks.h) knows no write from outside that comes between.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// `cells` is an index of manifest::Manifest::registers. Error::code is ERANGE for an index or a value out of range,
/// EINVAL for a register that the program does not use.
class RegisterAccess {
 public:
  /// Both must outlive it.
  RegisterAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  Result<BigInt> read(std::size_t cells, std::uint64_t index);
  Result<std::vector<BigInt>> read_all(std::size_t cells);
  Result<void> write(std::size_t cells, std::uint64_t index, const BigInt& value);
  /// One cell, or all of them, to 0.
  Result<void> reset(std::size_t cells, std::uint64_t index) { return write(cells, index, 0); }
  Result<void> reset(std::size_t cells);

 private:
  Result<std::span<std::uint8_t>> memory(const manifest::Register& cells);

  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

}  // namespace p4bpf::runtime
