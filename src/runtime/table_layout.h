// How logical values, keys, entries and rules lie in bytes: the one place that knows the layouts which manifest.h
// describes. Pure functions; table_access.h does the talking to the kernel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"
#include "tables/prefix_table.h"

namespace p4bpf::runtime {

/// The slot in bytes that begin `offset` later.
manifest::Slot moved(manifest::Slot slot, std::size_t offset);
/// Writes `value` into its slot, two's complement, sign- or zero-extended to the slot.
void put_value(Bytes& bytes, const manifest::Slot& slot, const BigInt& value);
/// Reads a value of that many bits back.
BigInt get_value(const Bytes& bytes, const manifest::Slot& slot, std::uint32_t bits, manifest::ValueKind kind);

// Below, keys and entries are normalized (manifest/entry.h), going in and coming out.

/// kHash, kArray: the key. kLpmTrie, kPrefixTable: the prefix length and the key.
Bytes encode_key(const manifest::Table& table, const std::vector<KeyMatch>& keys);
std::vector<KeyMatch> decode_key(const manifest::Table& table, const Bytes& key);

/// What the entry names: {u32 action; arguments}, or a member or group by its number; with a handle where the table has them.
Bytes encode_value(const manifest::Table& table, const manifest::Entry& entry, std::uint32_t handle = 0);
/// 0 where the table has none.
std::uint32_t handle_in(const manifest::Table& table, std::span<const std::uint8_t> value);
/// Fills what the value names; fails where that is no action of the table.
Result<void> decode_value(const manifest::Table& table, const Bytes& value, manifest::Entry& entry);
/// The same for an action of which `value_size` bytes are kept; `owner` is whose it is, for messages.
Bytes encode_action(const std::vector<manifest::Action>& actions, std::uint32_t value_size, std::size_t action,
                    const std::vector<BigInt>& arguments);
Result<void> decode_action(const std::string& owner, const std::vector<manifest::Action>& actions, const Bytes& value,
                           manifest::Entry& entry);

/// Bytes of struct p4bpf_meter (codegen/runtime/p4bpf_meter.h).
constexpr std::size_t kMeterSize = 96;

/// kArray, kPrefixTable: bytes of what packets read, where that lies in global data.
std::uint64_t size_of_memory(const manifest::Table& table);

/// kPrefixTable: what it was made for, and its keys of what encode_key gives.
tables::PrefixShape prefix_shape(const manifest::Table& table);
tables::Prefix to_prefix(std::span<const std::uint8_t> key);
Bytes from_prefix(const manifest::Table& table, const tables::Prefix& prefix);

}  // namespace p4bpf::runtime
