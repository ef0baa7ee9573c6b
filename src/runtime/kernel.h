// Who talks to the kernel: the seam under the runtime. The real one is libbpf and bpf(2) (kernel_bpf.cpp); the native
// executor puts its own maps behind the same calls, so that tables are written by one and the same code everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace p4bpf::runtime {

using Bytes = std::vector<std::uint8_t>;

struct MapShape {
  std::uint32_t type = 0;  // BPF_MAP_TYPE_*
  std::uint32_t key_size = 0;
  std::uint32_t value_size =
      0;  // bytes of one value; per-CPU maps have one for each possible CPU, each padded to 8 bytes
  std::uint32_t max_entries = 0;
};

/// Entries as a map holds them: keys and as many values, one behind the other. To delete entries their keys are enough.
struct EncodedEntries {
  std::size_t key_size = 0;
  std::size_t value_size = 0;
  Bytes keys;
  Bytes values;

  std::size_t count() const { return key_size == 0 ? 0 : keys.size() / key_size; }
  std::span<const std::uint8_t> key(std::size_t i) const { return std::span(keys).subspan(i * key_size, key_size); }
  std::span<const std::uint8_t> value(std::size_t i) const {
    return std::span(values).subspan(i * value_size, value_size);
  }
};

/// What is done to entries: a new one is added; one that is there gets another action; one that is there goes.
enum class Change { kAdd, kModify, kDelete };

/// Maps are named as in the object. Error::code is the errno of the call (ENOENT, EEXIST, E2BIG, ...).
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual Result<MapShape> shape(std::string_view map) = 0;
  /// `flags` as BPF_ANY, BPF_NOEXIST, BPF_EXIST.
  virtual Result<void> update(std::string_view map, const Bytes& key, const Bytes& value, std::uint64_t flags) = 0;
  /// Changes entries of a hash. A failure (EEXIST, ENOENT, E2BIG) is that of entry `done`; those before it are done.
  /// `progress` hears of `done` now and then.
  virtual Result<void> change(std::string_view map, Change change, const EncodedEntries& entries, std::size_t& done,
                              const std::function<void()>& progress);
  virtual Result<Bytes> lookup(std::string_view map, const Bytes& key) = 0;
  virtual Result<void> remove(std::string_view map, const Bytes& key) = 0;
  /// All keys, in the map's order.
  virtual Result<std::vector<Bytes>> keys(std::string_view map) = 0;
  /// Replaces slot 0 of an array of maps by a new inner array of one element: `size` zeroes into which `fill` has
  /// written.
  virtual Result<void> replace_inner(std::string_view outer_map, std::size_t size,
                                     const std::function<void(std::span<std::uint8_t>)>& fill) = 0;
  /// Shows `read` the value of the inner array in slot 0; nothing if there is none.
  virtual Result<void> read_inner(std::string_view outer_map,
                                  const std::function<void(std::span<const std::uint8_t>)>& read) = 0;
  /// The memory of an array that can be mapped, shared with the program; it stays as long as this object.
  virtual Result<std::span<std::uint8_t>> memory(std::string_view map) = 0;
  /// Hands over the records of a ring buffer, oldest first, which are gone from it then; waits for the first one at most that long.
  virtual Result<void> consume(std::string_view ring, int timeout_ms,
                               const std::function<void(std::span<const std::uint8_t>)>& take) = 0;
  /// Returns when every packet that was under way is done: nobody reads any more what they could see then.
  virtual void wait_for_readers() = 0;
  /// Writes into the single value of a global-data map.
  virtual Result<void> write_global(std::string_view map, std::uint32_t offset, const Bytes& bytes) = 0;
  virtual Result<Bytes> read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) = 0;
};

}  // namespace p4bpf::runtime
