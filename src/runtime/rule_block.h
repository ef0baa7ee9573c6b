// The rules of a table (rule lists and rule matrices) as they lie in the single value of its inner map: read, changed
// and laid out again without looking into keys that do not change. manifest.h describes the layout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

class RuleBlock {
 public:
  /// The rules of that value; none if it is empty, which it is before anybody has written it.
  static Result<RuleBlock> read(const manifest::Table& table, std::span<const std::uint8_t> value);

  /// Changes of one kind, with normalized entries. 0, or EEXIST, ENOENT, ENOSPC of entry `at`; those before it are in.
  /// New ones get `handles`, one each, if there are any; those that are modified keep theirs.
  int change(Change change, const std::vector<manifest::Entry>& entries, std::size_t& at,
             std::span<const std::uint32_t> handles = {});
  std::size_t count() const { return order_.size(); }
  /// In the order in which they are tried.
  Result<std::vector<manifest::Entry>> entries() const;
  /// Of the same.
  std::vector<std::uint32_t> handles() const;
  /// Bytes of the whole value, and the value into zeroes: of a matrix only what its rules need is written.
  std::size_t size() const { return layout_.total; }
  void lay_out(std::span<std::uint8_t> value) const;

 private:
  /// Where the parts of the value lie.
  struct Layout {
    explicit Layout(const manifest::Table& table);
    std::size_t key_size, value_size, count, total;
    std::size_t values, value_stride, keys, key_stride, priorities;
  };
  explicit RuleBlock(const manifest::Table& table);

  // A record is {key value; key mask or range end; i32 priority, padded; table value}; what is before the padding tells
  // rules apart.
  std::uint8_t* record(std::uint32_t number) { return records_.data() + number * stride_; }
  const std::uint8_t* record(std::uint32_t number) const { return records_.data() + number * stride_; }
  std::string identity(std::uint32_t number) const {
    return {reinterpret_cast<const char*>(record(number)), 2 * layout_.key_size + sizeof(std::int32_t)};
  }
  std::int32_t priority(std::uint32_t number) const;
  bool wins_over(std::uint32_t a, std::uint32_t b) const;
  /// Appends a record.
  void encode(const manifest::Entry& entry, std::uint32_t handle);
  std::span<const std::uint8_t> value_of(std::uint32_t number) const {
    return {record(number) + 2 * layout_.key_size + 8, table_->value_size};
  }
  void insert(std::uint32_t number);
  void erase(std::uint32_t number);

  const manifest::Table* table_;
  Layout layout_;
  std::size_t stride_;
  Bytes records_;
  std::vector<std::uint32_t> order_;  // numbers of records
};

}  // namespace p4bpf::runtime
