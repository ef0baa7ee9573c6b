// Many entries at once (kernel.h). The kernel's batch call overwrites what is there, so who wants to add must know the
// keys: fingerprints of all of them tell new keys for certain, and what looks known is asked for one by one.
#include <bpf/bpf.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "runtime/kernel_bpf.h"

namespace p4bpf::runtime {
namespace {

constexpr std::size_t kFewEntries = 64;   // not worth reading the map
constexpr std::size_t kChunk = 1u << 15;  // entries of one call
constexpr std::size_t kAhead = 32;        // hashes that are computed before the first is looked for

/// A set of 64-bit hashes that knows a key for certain to be new, or that it may be known.
class Fingerprints {
 public:
  explicit Fingerprints(std::size_t count) : slots_(std::bit_ceil(2 * count + 16)) {}

  static std::uint64_t of(std::span<const std::uint8_t> key) {
    std::uint64_t hash = 0x9e3779b97f4a7c15ull * (key.size() + 1);
    for (std::size_t at = 0; at < key.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, key.data() + at, std::min(sizeof word, key.size() - at));
      hash = (hash ^ word) * 0xff51afd7ed558ccdull;
      hash ^= hash >> 32;
    }
    return hash == 0 ? 1 : hash;  // 0 is a free slot
  }
  void fetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }
  /// Whether it was not there.
  bool insert(std::uint64_t hash) {
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == hash) return false;
      if (slots_[slot] != 0) continue;
      slots_[slot] = hash;
      return true;
    }
  }

 private:
  std::vector<std::uint64_t> slots_;
};

}  // namespace

Result<void> Kernel::insert_batch(std::string_view map, const EncodedEntries& entries, std::size_t& done,
                                  const std::function<void()>& progress) {
  constexpr std::uint64_t kOnlyNew = 1;  // BPF_NOEXIST
  for (done = 0; done < entries.count; ++done) {
    const auto key = entries.key(done);
    const auto value = entries.value(done);
    Result<void> added = update(map, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()), kOnlyNew);
    if (!added) return added;
    if (done % kChunk == 0) progress();
  }
  return {};
}

Result<void> BpfKernel::insert_batch(std::string_view map, const EncodedEntries& entries, std::size_t& done,
                                     const std::function<void()>& progress) {
  done = 0;
  if (entries.count < kFewEntries) return Kernel::insert_batch(map, entries, done, progress);
  const Result<int> fd = descriptor(map);
  if (!fd) return fail(fd.error());
  const Result<MapShape> shape = this->shape(map);
  if (!shape) return fail(shape.error());
  if (entries.keys.size() != shape->key_size * entries.count ||
      entries.values.size() != shape->value_size * entries.count)
    return fail("map '" + std::string(map) + "' has keys or values of another size", "", EINVAL);
  const Result<std::vector<Bytes>> there = keys(map);
  if (!there) return fail(there.error());
  Fingerprints known(there->size() + entries.count);
  for (const Bytes& key : *there) known.insert(Fingerprints::of(key));
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  // Writes what stands between `done` and `end`.
  const auto flush = [&](std::size_t end) -> Result<void> {
    while (done < end) {
      auto count = static_cast<__u32>(std::min(end - done, kChunk));
      const int code =
          bpf_map_update_batch(*fd, entries.key(done).data(), entries.value(done).data(), &count, &options);
      done += count;
      if (code != 0) return fail_bpf("cannot write to the map '" + std::string(map) + "'", errno);
      progress();
    }
    return {};
  };
  std::uint64_t hashes[kAhead];
  for (std::size_t first = 0; first < entries.count; first += kAhead) {
    const std::size_t last = std::min(first + kAhead, entries.count);
    for (std::size_t i = first; i < last; ++i) known.fetch(hashes[i - first] = Fingerprints::of(entries.key(i)));
    for (std::size_t i = first; i < last; ++i) {
      if (known.insert(hashes[i - first])) continue;
      if (Result<void> written = flush(i); !written) return written;
      if (bpf_map_update_elem(*fd, entries.key(i).data(), entries.value(i).data(), BPF_NOEXIST) != 0)
        return fail_bpf("cannot write to the map '" + std::string(map) + "'", errno);
      done = i + 1;
    }
    if (last - done < kChunk) continue;
    if (Result<void> written = flush(last); !written) return written;
  }
  return flush(entries.count);
}

}  // namespace p4bpf::runtime
