// Hash, array, LPM trie and array of maps in user space (native_maps.h).
#include "testing/native_maps.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace p4bpf::testing {
namespace {

using runtime::Bytes;

struct NativeHelpers {  // struct p4bpf_native_helpers
  void* (*lookup)(NativeMapDeclaration*, const void*);
  long (*update)(NativeMapDeclaration*, const void*, const void*, unsigned long long);
  long (*remove)(NativeMapDeclaration*, const void*);
  unsigned long long (*time_ns)();
  unsigned (*random)();
  long (*perf_event_output)(const NativeContext*, NativeMapDeclaration*, unsigned long long, const void*,
                            unsigned long long);
  long (*ring_output)(NativeMapDeclaration*, const void*, unsigned long long, unsigned long long);
};

NativeMap& map_of(NativeMapDeclaration* declaration) { return *static_cast<NativeMap*>(declaration->impl); }

Bytes bytes_at(const void* address, std::size_t count) {
  const auto* bytes = static_cast<const std::uint8_t*>(address);
  return Bytes(bytes, bytes + count);
}

/// Whether the first `length` bits of both are the same.
bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, std::uint32_t length) {
  if (std::memcmp(a, b, length / 8) != 0) return false;
  const std::uint32_t rest = length % 8;
  return rest == 0 || ((a[length / 8] ^ b[length / 8]) >> (8 - rest)) == 0;
}

std::uint32_t prefix_length(const std::uint8_t* key) {
  std::uint32_t length = 0;
  std::memcpy(&length, key, sizeof length);
  return length;
}

}  // namespace

NativeMap::NativeMap(NativeMapDeclaration& declaration) : declaration_(&declaration) {
  declaration.impl = this;
  if (is_array()) elements_.resize(words() * declaration.max_entries);
}

NativeMap::~NativeMap() { declaration_->impl = nullptr; }

bool NativeMap::is_array() const {
  return declaration_->type == BPF_MAP_TYPE_ARRAY || declaration_->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

void* NativeMap::longest_prefix(const void* key) {
  const auto* wanted = static_cast<const std::uint8_t*>(key);
  Value* best = nullptr;
  std::uint32_t best_length = 0;
  for (auto& [bytes, value] : entries_) {
    const std::uint32_t length = prefix_length(bytes.data());
    if (length > prefix_length(wanted) || !same_prefix(bytes.data() + 4, wanted + 4, length)) continue;
    if (best == nullptr || length > best_length) {
      best = &value;
      best_length = length;
    }
  }
  return best == nullptr ? nullptr : best->data();
}

void* NativeMap::lookup(const void* key) {
  switch (declaration_->type) {
    case BPF_MAP_TYPE_ARRAY:
    case BPF_MAP_TYPE_PERCPU_ARRAY: {
      std::uint32_t index = 0;
      std::memcpy(&index, key, sizeof index);
      return index < declaration_->max_entries ? elements_.data() + words() * index : nullptr;
    }
    case BPF_MAP_TYPE_ARRAY_OF_MAPS: {
      std::uint32_t index = 0;
      std::memcpy(&index, key, sizeof index);
      return index == 0 && inner_map_ ? &inner_ : nullptr;
    }
    case BPF_MAP_TYPE_DEVMAP_HASH:
      return this;
    case BPF_MAP_TYPE_LPM_TRIE:
      return longest_prefix(key);
    default: {
      const auto found = entries_.find(bytes_at(key, declaration_->key_size));
      if (found == entries_.end()) return nullptr;
      if (declaration_->type == BPF_MAP_TYPE_LRU_HASH) used_[found->first] = ++now_;
      return found->second.data();
    }
  }
}

long NativeMap::update(const void* key, const void* value, std::uint64_t flags) {
  if (declaration_->type == BPF_MAP_TYPE_ARRAY_OF_MAPS) return -EINVAL;
  if (is_array()) {
    void* const element = lookup(key);
    if (element == nullptr) return -E2BIG;
    if (flags == BPF_NOEXIST) return -EEXIST;
    std::memcpy(element, value, declaration_->value_size);
    return 0;
  }
  Bytes bytes = bytes_at(key, declaration_->key_size);
  if (declaration_->type == BPF_MAP_TYPE_LPM_TRIE && prefix_length(bytes.data()) > 8 * (declaration_->key_size - 4))
    return -EINVAL;
  const auto found = entries_.find(bytes);
  if (found != entries_.end() && flags == BPF_NOEXIST) return -EEXIST;
  if (found == entries_.end() && flags == BPF_EXIST) return -ENOENT;
  if (declaration_->type == BPF_MAP_TYPE_LRU_HASH) {
    if (found == entries_.end() && entries_.size() >= declaration_->max_entries) evict();
    used_[bytes] = ++now_;
  }
  if (found == entries_.end() && entries_.size() >= declaration_->max_entries) {
    return declaration_->type == BPF_MAP_TYPE_LPM_TRIE ? -ENOSPC : -E2BIG;
  }
  Value& stored =
      found != entries_.end() ? found->second : entries_.emplace(std::move(bytes), Value(words())).first->second;
  std::memcpy(stored.data(), value, declaration_->value_size);
  return 0;
}

long NativeMap::remove(const void* key) {
  if (is_array() || declaration_->type == BPF_MAP_TYPE_ARRAY_OF_MAPS) return -EINVAL;
  const Bytes bytes = bytes_at(key, declaration_->key_size);
  used_.erase(bytes);
  return entries_.erase(bytes) == 1 ? 0 : -ENOENT;
}

/// The entry goes that has not been used for longest.
void NativeMap::evict() {
  const auto oldest =
      std::min_element(used_.begin(), used_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  entries_.erase(oldest->first);
  used_.erase(oldest);
}

std::vector<Bytes> NativeMap::keys() const {
  std::vector<Bytes> result;
  for (std::uint32_t i = 0; is_array() && i < declaration_->max_entries; ++i) result.push_back(bytes_at(&i, sizeof i));
  for (const auto& [key, value] : entries_) result.push_back(key);
  return result;
}

bool NativeMap::append(const void* record, std::size_t size) {
  constexpr std::size_t kHeader = 8;  // of a record in the kernel's ring
  std::size_t used = 0;
  for (const Bytes& one : records_) used += kHeader + (one.size() + 7) / 8 * 8;
  if (used + kHeader + (size + 7) / 8 * 8 > declaration_->max_entries) return false;
  records_.push_back(bytes_at(record, size));
  return true;
}

void NativeMap::replace_inner(const Bytes& value) {
  inner_map_.reset();
  inner_ = {"inner", BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t), static_cast<std::uint32_t>(value.size()), 1, 0,
            nullptr};
  inner_map_ = std::make_unique<NativeMap>(inner_);
  std::memcpy(inner_map_->elements_.data(), value.data(), value.size());
}

std::span<std::uint8_t> NativeMap::memory() {
  return {reinterpret_cast<std::uint8_t*>(elements_.data()), elements_.size() * sizeof(std::uint64_t)};
}

Bytes NativeMap::read_inner() const {
  return inner_map_ ? bytes_at(inner_map_->elements_.data(), inner_.value_size) : Bytes{};
}

Result<std::unique_ptr<NativeMaps>> NativeMaps::create(void* library) {
  auto* const helpers = static_cast<NativeHelpers*>(::dlsym(library, "p4bpf_helpers"));
  auto* const list = reinterpret_cast<NativeMapDeclaration* (*)(std::uint32_t*)>(::dlsym(library, "p4bpf_map_list"));
  if (helpers == nullptr || list == nullptr)
    return fail("the native build of the program lacks p4bpf_helpers or p4bpf_map_list");
  helpers->lookup = [](NativeMapDeclaration* map, const void* key) { return map_of(map).lookup(key); };
  helpers->update = [](NativeMapDeclaration* map, const void* key, const void* value, unsigned long long flags) {
    return map_of(map).update(key, value, flags);
  };
  helpers->remove = [](NativeMapDeclaration* map, const void* key) { return map_of(map).remove(key); };
  // Time stands still and chance always says the same: a test gives the same result every time.
  helpers->time_ns = []() -> unsigned long long { return 1'000'000'000; };
  helpers->random = []() -> unsigned { return 4; };
  helpers->perf_event_output = [](const NativeContext* context, NativeMapDeclaration* map, unsigned long long flags,
                                  const void* data, unsigned long long size) -> long {
    const std::uint64_t of_packet = flags >> 32;
    if (of_packet > static_cast<std::uint64_t>(context->data_end - context->data)) return -EFAULT;
    Bytes event = bytes_at(data, size);
    event.insert(event.end(), context->data, context->data + of_packet);
    map_of(map).add_event(std::move(event));
    return 0;
  };
  helpers->ring_output = [](NativeMapDeclaration* ring, const void* data, unsigned long long size,
                            unsigned long long) -> long { return map_of(ring).append(data, size) ? 0 : -EAGAIN; };

  std::unique_ptr<NativeMaps> maps(new NativeMaps(library));
  std::uint32_t count = 0;
  NativeMapDeclaration* const declarations = list(&count);
  for (std::uint32_t i = 0; i < count; ++i) {
    maps->maps_.emplace(declarations[i].name, std::make_unique<NativeMap>(declarations[i]));
  }
  return maps;
}

Result<NativeMap*> NativeMaps::find(std::string_view map) {
  const auto found = maps_.find(map);
  if (found == maps_.end()) return fail(fmt::format("there is no map '{}'", map), {}, ENOENT);
  return found->second.get();
}

Result<std::uint8_t*> NativeMaps::symbol(std::string_view name) {
  void* const address = ::dlsym(library_, std::string(name).c_str());
  if (address == nullptr) return fail(fmt::format("there is no variable '{}' in the program", name), {}, ENOENT);
  return static_cast<std::uint8_t*>(address);
}

Result<runtime::MapShape> NativeMaps::shape(std::string_view map) {
  const auto found = find(map);
  if (!found) return fail(found.error());
  const NativeMapDeclaration& declaration = (*found)->declaration();
  return runtime::MapShape{declaration.type, declaration.key_size, declaration.value_size, declaration.max_entries};
}

Result<void> NativeMaps::update(std::string_view map, const Bytes& key, const Bytes& value, std::uint64_t flags) {
  const auto found = find(map);
  if (!found) return fail(found.error());
  const NativeMapDeclaration& declaration = (*found)->declaration();
  P4BPF_CHECK(key.size() == declaration.key_size && value.size() >= declaration.value_size, "sizes as the map's");
  const long code = (*found)->update(key.data(), value.data(), flags);
  if (code != 0) return fail_errno(fmt::format("cannot update map '{}'", map), static_cast<int>(-code));
  return {};
}

Result<Bytes> NativeMaps::lookup(std::string_view map, const Bytes& key) {
  const auto found = find(map);
  if (!found) return fail(found.error());
  const NativeMapDeclaration& declaration = (*found)->declaration();
  P4BPF_CHECK(key.size() == declaration.key_size, "sizes as the map's");
  const void* const value = (*found)->lookup(key.data());
  if (value == nullptr) return fail_errno(fmt::format("no such key in map '{}'", map), ENOENT);
  const bool per_cpu = declaration.type == BPF_MAP_TYPE_PERCPU_ARRAY || declaration.type == BPF_MAP_TYPE_PERCPU_HASH;
  return bytes_at(value, per_cpu ? (declaration.value_size + 7) / 8 * 8 : declaration.value_size);
}

Result<void> NativeMaps::remove(std::string_view map, const Bytes& key) {
  const auto found = find(map);
  if (!found) return fail(found.error());
  const long code = (*found)->remove(key.data());
  if (code != 0) return fail_errno(fmt::format("cannot remove from map '{}'", map), static_cast<int>(-code));
  return {};
}

Result<std::vector<Bytes>> NativeMaps::keys(std::string_view map) {
  const auto found = find(map);
  if (!found) return fail(found.error());
  return (*found)->keys();
}

Result<void> NativeMaps::replace_inner(std::string_view outer_map, std::size_t size,
                                       const std::function<void(std::span<std::uint8_t>)>& fill) {
  const auto found = find(outer_map);
  if (!found) return fail(found.error());
  Bytes value(size);
  fill(value);
  (*found)->replace_inner(value);
  return {};
}

Result<void> NativeMaps::read_inner(std::string_view outer_map,
                                    const std::function<void(std::span<const std::uint8_t>)>& read) {
  const auto found = find(outer_map);
  if (!found) return fail(found.error());
  read((*found)->read_inner());
  return {};
}

Result<std::span<std::uint8_t>> NativeMaps::memory(std::string_view map) {
  const auto found = maps_.find(map);
  if (found != maps_.end()) return found->second->memory();
  const auto address = symbol(map);
  if (!address) return fail(address.error());
  Dl_info info{};
  ElfW(Sym)* entry = nullptr;
  if (::dladdr1(*address, &info, reinterpret_cast<void**>(&entry), RTLD_DL_SYMENT) == 0 || entry == nullptr)
    return fail(fmt::format("the size of the variable '{}' is not known", map));
  return std::span(*address, entry->st_size);
}

Result<void> NativeMaps::consume(std::string_view ring, int,
                                 const std::function<void(std::span<const std::uint8_t>)>& take) {
  const auto found = find(ring);
  if (!found) return fail(found.error());
  for (const Bytes& record : (*found)->take_records()) take(record);
  return {};
}

std::vector<Bytes> NativeMaps::take_events(std::string_view map) {
  const auto found = maps_.find(map);
  return found != maps_.end() ? found->second->take_events() : std::vector<Bytes>{};
}

Result<void> NativeMaps::write_global(std::string_view map, std::uint32_t offset, const Bytes& bytes) {
  const auto address = symbol(map);
  if (!address) return fail(address.error());
  std::memcpy(*address + offset, bytes.data(), bytes.size());
  return {};
}

Result<Bytes> NativeMaps::read_global(std::string_view map, std::uint32_t offset, std::uint32_t size) {
  const auto address = symbol(map);
  if (!address) return fail(address.error());
  return bytes_at(*address + offset, size);
}

}  // namespace p4bpf::testing
