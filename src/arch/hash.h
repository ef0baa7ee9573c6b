// The hash algorithms of the architectures, by the names that their enumerations give them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "arch/extern_row.h"

namespace p4bpf::arch {

struct HashAlgorithm {
  std::string_view name;  // "crc32"
  std::uint32_t (*of)(std::span<const std::uint8_t>) = nullptr;
  std::string_view function;  // f(bytes, size) of src/codegen/runtime/p4bpf_hash.h
};

/// The bits of all scalars in their order, the first the highest, filled up with zeros to a whole number of bytes.
std::vector<std::uint8_t> bytes_of(const ExternValue& data);

/// The meaning of an extern of the row kind kHash: (result, algorithm, data); the second with the packet's payload behind the data.
void evaluate_hash(ExternContext& context);
void evaluate_hash_with_payload(ExternContext& context);

/// The same of an instance of CalculationShape.
void evaluate_calculation(ExternContext& context);
void evaluate_calculation_with_payload(ExternContext& context);

/// Null if there is none of that name.
const HashAlgorithm* find_hash(std::string_view name);

}  // namespace p4bpf::arch
