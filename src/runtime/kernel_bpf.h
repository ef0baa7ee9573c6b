// The Kernel seam over bpf(2): maps named as in the object, found by their descriptor or by their pin.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/file_descriptor.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

class BpfKernel final : public Kernel {
 public:
  BpfKernel() = default;
  /// Maps are opened when first used, from their pins in this folder.
  explicit BpfKernel(std::string pin_folder) : pin_folder_(std::move(pin_folder)) {}
  /// Takes over a descriptor.
  void add(const std::string& name, FileDescriptor map) { maps_[name] = Map{std::move(map), {}}; }
  /// The descriptor of a map, owned by this object.
  Result<int> descriptor(std::string_view map);

  Result<MapShape> shape(std::string_view map) override;
  Result<void> update(std::string_view map, const Bytes& key, const Bytes& value, std::uint64_t flags) override;
  Result<void> change(std::string_view map, Change change, const EncodedEntries& entries, std::size_t& done,
                      const std::function<void()>& progress) override;
  /// All entries of a hash, an array or a trie, in large pieces.
  Result<EncodedEntries> entries(std::string_view map);
  /// Writes them over whatever is there.
  Result<void> write(std::string_view map, const EncodedEntries& entries);
  Result<Bytes> lookup(std::string_view map, const Bytes& key) override;
  Result<void> remove(std::string_view map, const Bytes& key) override;
  Result<std::vector<Bytes>> keys(std::string_view map) override;
  Result<void> replace_inner(std::string_view outer_map, std::size_t size,
                             const std::function<void(std::span<std::uint8_t>)>& fill) override;
  Result<void> read_inner(std::string_view outer_map,
                          const std::function<void(std::span<const std::uint8_t>)>& read) override;
  Result<std::span<std::uint8_t>> memory(std::string_view map) override;
  Result<void> consume(std::string_view ring, int timeout_ms,
                       const std::function<void(std::span<const std::uint8_t>)>& take) override;
  void wait_for_readers() override;
  Result<void> write_global(std::string_view map, std::uint32_t offset, const Bytes& bytes) override;
  Result<Bytes> read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) override;

 private:
  /// Whether a trie holds exactly this prefix; its lookup would find shorter ones too.
  static bool trie_holds(int fd, const Bytes& key);

  struct Map {
    FileDescriptor fd;
    std::optional<MapShape> shape;  // once it was asked for; it never changes
  };
  struct Opened {
    int fd;
    MapShape shape;
  };
  Result<Opened> open(std::string_view map);

  std::string pin_folder_;
  std::map<std::string, Map, std::less<>> maps_;
  /// Unmaps with the object.
  struct Mapping {
    explicit Mapping(std::span<std::uint8_t> at) : bytes(at) {}
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();
    std::span<std::uint8_t> bytes;
  };
  std::map<std::string, Mapping, std::less<>> mappings_;
  /// libbpf's view of a ring buffer, and who gets its records at the moment.
  struct Ring;
  struct CloseRing {
    void operator()(Ring* ring) const;
  };
  std::map<std::string, std::unique_ptr<Ring, CloseRing>, std::less<>> rings_;
};

/// Bytes of what a lookup gives: per-CPU maps have one padded value for each possible CPU.
Result<std::size_t> lookup_size(const MapShape& shape);

/// The failure of a bpf(2) call; says what is missing where it is a privilege.
tl::unexpected<Error> fail_bpf(std::string what, int code);

}  // namespace p4bpf::runtime
