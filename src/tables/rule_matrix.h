// A rule matrix: rules with masks and ranges, found by a few loads for each byte of the key however many masks there
// are. Built in user space into one block of memory that replaces the one before as a whole. What it looks like and
// why: docs/tables.md; how the program reads it: p4bpf_tables.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace p4bpf::tables {

/// A field of the key: bytes in network order. Bytes of the key that belong to no field are not looked at.
struct MatrixField {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  bool is_range = false;
  bool is_signed = false;  // of a range
};

/// What a matrix is made for; fixed when the program is compiled.
struct MatrixShape {
  std::uint32_t key_size = 0;       // up to kMaxMatrixBytes
  std::uint32_t capacity = 0;       // rules, up to kMaxMatrixRules
  std::vector<MatrixField> fields;  // by offset

  /// One row of a word for each value of each byte, and nothing else: few rules, and no range over several bytes.
  bool is_flat() const;
  /// The words of a row where there are few rules; 0: they are in up to 64 groups, behind a word that tells which
  /// groups have a bit.
  std::uint32_t direct_words() const;
  std::uint32_t group_words() const;  // of a group
  /// 64-bit words behind the header, enough for any rules.
  std::uint32_t cells() const;
};
constexpr std::uint32_t kMaxMatrixBytes = 64;
constexpr std::uint32_t kMaxMatrixRules = 16384;
/// sizeof(struct p4bpf_matrix).
constexpr std::size_t kMatrixCount = 16;  // where the header has the number of rules
constexpr std::size_t kMatrixHeader = 16 + 8 + 4 * kMaxMatrixBytes + 64;

/// The rules in the order in which they are tried: of each the key's bytes and the mask's (of ranges: the lowest and
/// the highest value), at `stride` bytes from one to the next.
struct MatrixRules {
  std::uint32_t count = 0;
  const std::uint8_t* values = nullptr;
  const std::uint8_t* masks = nullptr;
  std::size_t stride = 0;
};

/// Fills header and cells, which are zero before.
void build_matrix(const MatrixShape& shape, const MatrixRules& rules, std::span<std::uint8_t> header,
                  std::span<std::uint64_t> cells);

}  // namespace p4bpf::tables
