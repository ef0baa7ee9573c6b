// For unit tests: a Kernel whose maps are std::maps that behave like the kernel's (flags, full maps, per-CPU values).
#pragma once

#include <linux/bpf.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "runtime/kernel.h"

namespace p4bpf::runtime {

class MemoryKernel final : public Kernel {
 public:
  struct Map {
    MapShape shape;
    std::map<Bytes, Bytes> values;
    Bytes inner;
    std::vector<std::uint64_t> memory;  // of an array that is mapped
  };
  std::map<std::string, Map, std::less<>> maps;

  void add(const std::string& name, std::uint32_t type, std::uint32_t key, std::uint32_t value, std::uint32_t entries) {
    Map map{{type, key, value, entries}, {}, {}, {}};
    if (type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY) {
      const std::uint32_t cpus = type == BPF_MAP_TYPE_ARRAY ? 1 : 2;
      for (std::uint32_t i = 0; i < entries; ++i) map.values[index(i)] = Bytes(value * cpus, 0);
    }
    maps[name] = map;
  }
  static Bytes index(std::uint32_t i) {
    Bytes key(sizeof i);
    std::memcpy(key.data(), &i, sizeof i);
    return key;
  }

  Result<MapShape> shape(std::string_view map) override { return maps.find(map)->second.shape; }
  Result<void> update(std::string_view name, const Bytes& key, const Bytes& value, std::uint64_t flags) override {
    Map& map = maps.find(name)->second;
    const std::size_t prefix = map.shape.type == BPF_MAP_TYPE_LPM_TRIE ? 4 : 0;
    if (key.size() != map.shape.key_size || value.size() % map.shape.value_size != 0) return fail("size", "", EINVAL);
    if (prefix != 0 && key[0] > 8 * (key.size() - prefix)) return fail("prefix", "", EINVAL);
    const bool there = map.values.contains(key);
    if (flags == BPF_NOEXIST && there) return fail("there", "", EEXIST);
    if (flags == BPF_EXIST && !there) return fail("not there", "", ENOENT);
    if (!there && map.values.size() == map.shape.max_entries) return fail("full", "", prefix != 0 ? ENOSPC : E2BIG);
    map.values[key] = value;
    return {};
  }
  Result<Bytes> lookup(std::string_view name, const Bytes& key) override {
    Map& map = maps.find(name)->second;
    if (!map.values.contains(key)) return fail("not there", "", ENOENT);
    return map.values[key];
  }
  Result<void> remove(std::string_view name, const Bytes& key) override {
    if (maps.find(name)->second.values.erase(key) == 0) return fail("not there", "", ENOENT);
    return {};
  }
  Result<std::vector<Bytes>> keys(std::string_view name) override {
    std::vector<Bytes> keys;
    for (const auto& [key, value] : maps.find(name)->second.values) keys.push_back(key);
    return keys;
  }
  Result<void> replace_inner(std::string_view name, std::size_t size,
                             const std::function<void(std::span<std::uint8_t>)>& fill) override {
    Bytes value(size);
    fill(value);
    maps.find(name)->second.inner = value;
    return {};
  }
  Result<void> read_inner(std::string_view name,
                          const std::function<void(std::span<const std::uint8_t>)>& read) override {
    read(maps.find(name)->second.inner);
    return {};
  }
  Result<std::span<std::uint8_t>> memory(std::string_view name) override {
    Map& map = maps.find(name)->second;
    map.memory.resize((map.shape.value_size + 7) / 8 * std::size_t{map.shape.max_entries});
    return std::span(reinterpret_cast<std::uint8_t*>(map.memory.data()), map.memory.size() * 8);
  }
  Result<void> consume(std::string_view, int, const std::function<void(std::span<const std::uint8_t>)>&) override {
    return {};
  }
  void wait_for_readers() override {}
  Result<void> write_global(std::string_view name, std::uint32_t offset, const Bytes& bytes) override {
    Bytes& value = maps.find(name)->second.values.begin()->second;
    std::copy(bytes.begin(), bytes.end(), value.begin() + offset);
    return {};
  }
  Result<Bytes> read_global(std::string_view name, std::uint32_t offset, std::uint32_t size) override {
    const Bytes& value = maps.find(name)->second.values.begin()->second;
    return Bytes(value.begin() + offset, value.begin() + offset + size);
  }
};

}  // namespace p4bpf::runtime
