// Many entries at once (kernel.h). The kernel's batch call overwrites what is there, so who wants to add must know the
// keys: a filter tells new keys for certain, and what looks known is asked for one by one.
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

/// Tells a key for certain to be new, or that it may be known: a Bloom filter whose bits of one key lie in one word, so
/// that a key costs one access to memory. One new key in about a thousand looks known.
class Filter {
 public:
  explicit Filter(std::size_t keys) : words_(std::bit_ceil(keys + 16)) {}

  static std::uint64_t hash_of(std::span<const std::uint8_t> key) {
    std::uint64_t hash = 0x9e3779b97f4a7c15ull * (key.size() + 1);
    for (std::size_t at = 0; at < key.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, key.data() + at, std::min(sizeof word, key.size() - at));
      hash = (hash ^ word) * 0xff51afd7ed558ccdull;
      hash ^= hash >> 32;
    }
    return hash;
  }
  void fetch(std::uint64_t hash) const { __builtin_prefetch(&words_[place(hash)], 1); }
  /// Whether it was certainly not there.
  bool insert(std::uint64_t hash) {
    const std::uint64_t bits = 1ull << (hash & 63) | 1ull << (hash >> 6 & 63) | 1ull << (hash >> 12 & 63);
    std::uint64_t& word = words_[place(hash)];
    const bool is_new = (word & bits) != bits;
    word |= bits;
    return is_new;
  }

 private:
  std::size_t place(std::uint64_t hash) const { return (hash >> 20) & (words_.size() - 1); }
  std::vector<std::uint64_t> words_;
};

tl::unexpected<Error> cannot(const char* what, std::string_view map, int code) {
  return fail_bpf(std::string("cannot ") + what + " the map '" + std::string(map) + "'", code);
}

/// Calls `step` for pieces of `from` to `end`; it gives errno, and by its argument how many entries it has done.
template <class Step>
int in_pieces(std::size_t& from, std::size_t end, const std::function<void()>& progress, Step&& step) {
  while (from < end) {
    auto count = static_cast<__u32>(std::min(end - from, kChunk));
    const int code = step(from, count);
    from += count;
    if (code != 0) return code;
    progress();
  }
  return 0;
}

/// Those from `done` to `end`, over whatever is there.
int write_all(int fd, const EncodedEntries& entries, std::size_t& done, std::size_t end,
              const std::function<void()>& progress) {
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  return in_pieces(done, end, progress, [&](std::size_t at, __u32& count) {
    const int code = bpf_map_update_batch(fd, entries.key(at).data(), entries.value(at).data(), &count, &options);
    return code == 0 ? 0 : errno;
  });
}

int add_all(int fd, const EncodedEntries& there, const EncodedEntries& entries, std::size_t& done,
            const std::function<void()>& progress) {
  Filter known(there.count() + entries.count());
  for (std::size_t i = 0; i < there.count(); ++i) known.insert(Filter::hash_of(there.key(i)));
  const auto write_up_to = [&](std::size_t end) { return write_all(fd, entries, done, end, progress); };
  std::uint64_t hashes[kAhead];
  const std::size_t all = entries.count();
  for (std::size_t first = 0; first < all; first += kAhead) {
    const std::size_t last = std::min(first + kAhead, all);
    for (std::size_t i = first; i < last; ++i) known.fetch(hashes[i - first] = Filter::hash_of(entries.key(i)));
    for (std::size_t i = first; i < last; ++i) {
      if (known.insert(hashes[i - first])) continue;
      if (const int code = write_up_to(i); code != 0) return code;
      if (bpf_map_update_elem(fd, entries.key(i).data(), entries.value(i).data(), BPF_NOEXIST) != 0) return errno;
      done = i + 1;
    }
    if (last - done < kChunk) continue;
    if (const int code = write_up_to(last); code != 0) return code;
  }
  return write_up_to(all);
}

int modify_all(int fd, const EncodedEntries& entries, std::size_t& done, const std::function<void()>& progress) {
  return in_pieces(done, entries.count(), progress, [&](std::size_t at, __u32& count) {
    for (__u32 i = 0; i < count; ++i) {
      if (bpf_map_update_elem(fd, entries.key(at + i).data(), entries.value(at + i).data(), BPF_EXIST) == 0) continue;
      count = i;
      return errno;
    }
    return 0;
  });
}

int delete_all(int fd, const EncodedEntries& entries, std::size_t& done, const std::function<void()>& progress) {
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  return in_pieces(done, entries.count(), progress, [&](std::size_t at, __u32& count) {
    return bpf_map_delete_batch(fd, entries.key(at).data(), &count, &options) == 0 ? 0 : errno;
  });
}

}  // namespace

Result<void> Kernel::change(std::string_view map, Change change, const EncodedEntries& entries, std::size_t& done,
                            const std::function<void()>& progress) {
  constexpr std::uint64_t kOnlyNew = 1;    // BPF_NOEXIST
  constexpr std::uint64_t kOnlyThere = 2;  // BPF_EXIST
  Bytes key;
  Bytes value;
  for (done = 0; done < entries.count(); ++done) {
    key.assign(entries.key(done).begin(), entries.key(done).end());
    if (change != Change::kDelete) value.assign(entries.value(done).begin(), entries.value(done).end());
    Result<void> changed = change == Change::kDelete
                               ? remove(map, key)
                               : update(map, key, value, change == Change::kAdd ? kOnlyNew : kOnlyThere);
    if (!changed) return changed;
    if (done % kChunk == 0) progress();
  }
  return {};
}

Result<void> BpfKernel::change(std::string_view map, Change change, const EncodedEntries& entries, std::size_t& done,
                               const std::function<void()>& progress) {
  done = 0;
  if (entries.count() < kFewEntries) return Kernel::change(map, change, entries, done, progress);
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  const auto& [fd, shape] = *opened;
  if (entries.key_size != shape.key_size || (change != Change::kDelete && entries.value_size != shape.value_size))
    return fail("map '" + std::string(map) + "' has keys or values of another size", "", EINVAL);
  int code = 0;
  switch (change) {
    case Change::kAdd: {
      const Result<EncodedEntries> there = this->entries(map);
      if (!there) return fail(there.error());
      code = add_all(fd, *there, entries, done, progress);
      break;
    }
    case Change::kModify:
      code = modify_all(fd, entries, done, progress);
      break;
    case Change::kDelete:
      code = delete_all(fd, entries, done, progress);
      break;
  }
  if (code == 0) return {};
  return cannot(change == Change::kDelete ? "delete from" : "write to", map, code);
}

Result<EncodedEntries> BpfKernel::entries(std::string_view map) {
  const Result<Opened> opened = open(map);
  if (!opened) return fail(opened.error());
  const auto& [fd, shape] = *opened;
  const Result<std::size_t> value_size = lookup_size(shape);
  if (!value_size) return fail(value_size.error());
  EncodedEntries all{shape.key_size, *value_size, {}, {}};
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  Bytes place(std::max<std::size_t>(shape.key_size, sizeof(std::uint32_t)));  // where the kernel goes on
  std::size_t chunk = std::min<std::size_t>(kChunk, shape.max_entries);
  for (bool is_first = true;;) {
    const std::size_t before = all.count();
    all.keys.resize((before + chunk) * all.key_size);
    all.values.resize((before + chunk) * all.value_size);
    auto count = static_cast<__u32>(chunk);
    const int failed = bpf_map_lookup_batch(fd, is_first ? nullptr : place.data(), place.data(),
                                            all.keys.data() + before * all.key_size,
                                            all.values.data() + before * all.value_size, &count, &options);
    const int code = failed == 0 ? 0 : errno;
    const bool is_too_small = code == ENOSPC;  // for all that hashes to one place
    if (code != 0 && code != ENOENT) count = 0;
    all.keys.resize((before + count) * all.key_size);
    all.values.resize((before + count) * all.value_size);
    if (code == ENOENT) return all;
    if (is_too_small) {
      chunk *= 2;
      continue;
    }
    if (code != 0) return cannot("read", map, code);
    is_first = false;
  }
}

Result<void> BpfKernel::write(std::string_view map, const EncodedEntries& entries) {
  const Result<int> fd = descriptor(map);
  if (!fd) return fail(fd.error());
  std::size_t done = 0;
  const int code = write_all(*fd, entries, done, entries.count(), [] {});
  return code == 0 ? Result<void>() : cannot("write to", map, code);
}

}  // namespace p4bpf::runtime
