// TableAccess, the part for counters: per-CPU values and their sums.
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/table_access.h"

namespace p4bpf::runtime {
namespace {

using manifest::Counter;

Bytes key_of(std::uint64_t index) {
  const auto narrow = static_cast<std::uint32_t>(index);
  Bytes key(sizeof narrow);
  std::memcpy(key.data(), &narrow, sizeof narrow);
  return key;
}

Result<void> check(const Counter& counter, std::uint64_t index) {
  if (counter.map.empty())
    return fail("counter '" + counter.name + "' is not used by the program, so it has no map", "", EINVAL);
  // A sparse counter holds so many indices, wherever they are.
  if ((counter.sparse || index < counter.size) && index <= UINT32_MAX) return {};
  const std::uint64_t last = counter.sparse ? UINT32_MAX : counter.size == 0 ? 0 : counter.size - 1;
  return fail("index " + std::to_string(index) + " is out of range: counter '" + counter.name +
                  "' has the indices 0 to " + std::to_string(last),
              "", ERANGE);
}

/// Adds up the values of all CPUs, each padded to 8 bytes.
CounterValue sum(const Counter& counter, std::uint64_t index, const Bytes& values) {
  const bool has_both = counter.counts_packets && counter.counts_bytes;
  const std::size_t step = (has_both ? 2 : 1) * sizeof(std::uint64_t);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  for (std::size_t at = 0; at + step <= values.size(); at += step) {
    std::uint64_t part = 0;
    std::memcpy(&part, values.data() + at, sizeof part);
    first += part;
    if (!has_both) continue;
    std::memcpy(&part, values.data() + at + sizeof part, sizeof part);
    second += part;
  }
  if (has_both) return {index, first, second};
  if (counter.counts_bytes) return {index, 0, first};
  if (!counter.counts_packets && counter.bits < 64) first &= (std::uint64_t{1} << counter.bits) - 1;
  return {index, first, 0};
}

}  // namespace

Result<CounterValue> TableAccess::read_counter(std::size_t counter_index, std::uint64_t index) {
  const Counter& counter = manifest_->counters.at(counter_index);
  if (Result<void> good = check(counter, index); !good) return fail(good.error());
  const Result<Bytes> values = kernel_->lookup(counter.map, key_of(index));
  if (!values && counter.sparse && values.error().code == ENOENT) return CounterValue{index, 0, 0};
  if (!values) return fail(values.error());
  return sum(counter, index, *values);
}

Result<std::vector<CounterValue>> TableAccess::read_counters(std::size_t counter_index) {
  const Counter& counter = manifest_->counters.at(counter_index);
  if (Result<void> good = check(counter, 0); !good) return fail(good.error());
  const Result<std::vector<Bytes>> keys = kernel_->keys(counter.map);
  if (!keys) return fail(keys.error());
  std::vector<CounterValue> all;
  for (const Bytes& key : *keys) {
    std::uint32_t index = 0;
    if (key.size() != sizeof index) return fail("the map of counter '" + counter.name + "' has keys of another size");
    std::memcpy(&index, key.data(), sizeof index);
    if (!counter.sparse && index >= counter.size) continue;
    Result<CounterValue> value = read_counter(counter_index, index);
    if (!value) return fail(value.error());
    all.push_back(*value);
  }
  std::sort(all.begin(), all.end(), [](const CounterValue& a, const CounterValue& b) { return a.index < b.index; });
  return all;
}

Result<void> TableAccess::write_counter(std::size_t counter_index, const CounterValue& value) {
  const Counter& counter = manifest_->counters.at(counter_index);
  if (Result<void> good = check(counter, value.index); !good) return good;
  const Bytes key = key_of(value.index);
  const std::uint64_t first = counter.counts_bytes && !counter.counts_packets ? value.bytes : value.packets;
  if (counter.sparse && first == 0) {
    Result<void> done = kernel_->remove(counter.map, key);
    if (!done && done.error().code != ENOENT) return done;
    return {};
  }
  Result<Bytes> values = kernel_->lookup(counter.map, key);
  if (!values) return fail(values.error());
  // All of it in the first CPU's.
  std::fill(values->begin(), values->end(), std::uint8_t{0});
  std::memcpy(values->data(), &first, sizeof first);
  if (counter.counts_bytes && counter.counts_packets)
    std::memcpy(values->data() + sizeof first, &value.bytes, sizeof value.bytes);
  return kernel_->update(counter.map, key, *values, BPF_ANY);
}

Result<void> TableAccess::reset_counters(std::size_t counter_index) {
  const Counter& counter = manifest_->counters.at(counter_index);
  const Result<std::vector<CounterValue>> all = read_counters(counter_index);
  if (!all) return fail(all.error());
  for (const CounterValue& value : *all) {
    if (value.packets == 0 && value.bytes == 0 && !counter.sparse) continue;
    if (Result<void> done = reset_counter(counter_index, value.index); !done) return done;
  }
  return {};
}

}  // namespace p4bpf::runtime
