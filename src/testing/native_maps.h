// The maps of a natively built program: what the kernel does behind the map helpers, done in this process.
//
// The program reaches them through the helpers of p4bpf_native.h, whoever fills them through runtime::Kernel, so that
// tables are written by the same code as in the kernel. There is one CPU. A DEVMAP has every port bound: which
// interfaces exist is no matter of a packet test.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/kernel.h"

namespace p4bpf::testing {

/// struct p4bpf_native_map of p4bpf_native.h.
struct NativeMapDeclaration {
  const char* name;
  std::uint32_t type;
  std::uint32_t key_size;
  std::uint32_t value_size;
  std::uint32_t max_entries;
  std::uint32_t inner_value_size;
  void* impl;
};

struct NativeContext {  // struct p4bpf_native_context
  std::uint8_t* buffer;
  std::uint8_t* buffer_end;
  std::uint8_t* data;
  std::uint8_t* data_end;
  std::uint32_t mark;
  std::uint32_t ifindex;
};

/// One map. Values keep their address as long as they exist, as the program may hold it while a packet runs.
class NativeMap {
 public:
  explicit NativeMap(NativeMapDeclaration& declaration);
  NativeMap(const NativeMap&) = delete;
  NativeMap& operator=(const NativeMap&) = delete;
  ~NativeMap();

  /// The three helpers, with the kernel's return values (0 or a negative errno).
  void* lookup(const void* key);
  long update(const void* key, const void* value, std::uint64_t flags);
  long remove(const void* key);

  const NativeMapDeclaration& declaration() const { return *declaration_; }
  /// Of a ring buffer: false if it has no room.
  bool append(const void* record, std::size_t size);
  std::vector<runtime::Bytes> take_records() { return std::move(records_); }
  std::vector<runtime::Bytes> keys() const;
  /// Of an array.
  std::span<std::uint8_t> memory();
  /// Of a perf event array: what the program has written, and what it has written since the last time.
  void add_event(runtime::Bytes event) { events_.push_back(std::move(event)); }
  std::vector<runtime::Bytes> take_events() { return std::exchange(events_, {}); }
  void replace_inner(const runtime::Bytes& value);
  runtime::Bytes read_inner() const;

 private:
  using Value = std::vector<std::uint64_t>;  // 8-byte aligned
  bool is_array() const;
  std::size_t words() const { return (declaration_->value_size + std::size_t{7}) / 8; }
  void* longest_prefix(const void* key);
  void evict();

  NativeMapDeclaration* declaration_;
  Value elements_;                                // of arrays, one after the other, each padded to 8 bytes
  std::map<runtime::Bytes, Value> entries_;       // of all others
  std::map<runtime::Bytes, std::uint64_t> used_;  // of an LRU hash: when each key was asked for last
  std::uint64_t now_ = 0;
  std::vector<runtime::Bytes> records_;  // of a ring buffer
  std::vector<runtime::Bytes> events_;
  NativeMapDeclaration inner_{};  // of arrays of maps
  std::unique_ptr<NativeMap> inner_map_;
};

/// All maps of a library, and its global data under the names of their symbols (Table::default_map is the symbol here).
class NativeMaps : public runtime::Kernel {
 public:
  /// `library` is a handle of dlopen and must outlive the maps.
  static Result<std::unique_ptr<NativeMaps>> create(void* library);

  Result<runtime::MapShape> shape(std::string_view map) override;
  Result<void> update(std::string_view map, const runtime::Bytes& key, const runtime::Bytes& value,
                      std::uint64_t flags) override;
  Result<runtime::Bytes> lookup(std::string_view map, const runtime::Bytes& key) override;
  Result<void> remove(std::string_view map, const runtime::Bytes& key) override;
  Result<std::vector<runtime::Bytes>> keys(std::string_view map) override;
  Result<void> replace_inner(std::string_view outer_map, std::size_t size,
                             const std::function<void(std::span<std::uint8_t>)>& fill) override;
  Result<void> read_inner(std::string_view outer_map,
                          const std::function<void(std::span<const std::uint8_t>)>& read) override;
  Result<std::span<std::uint8_t>> memory(std::string_view map) override;
  Result<void> consume(std::string_view ring, int timeout_ms,
                       const std::function<void(std::span<const std::uint8_t>)>& take) override;
  void wait_for_readers() override {}
  Result<void> write_global(std::string_view map, std::uint32_t offset, const runtime::Bytes& bytes) override;
  Result<runtime::Bytes> read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) override;
  std::vector<runtime::Bytes> take_events(std::string_view map);

 private:
  explicit NativeMaps(void* library) : library_(library) {}
  Result<NativeMap*> find(std::string_view map);
  Result<std::uint8_t*> symbol(std::string_view name);

  void* library_;
  std::map<std::string, std::unique_ptr<NativeMap>, std::less<>> maps_;
};

}  // namespace p4bpf::testing
