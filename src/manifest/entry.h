// The rules of table entries, the same for every executor: what a table accepts, when two entries are the same, which
// of two matching ones wins.
#pragma once

#include "manifest/manifest.h"

namespace p4bpf::manifest {

/// `entry` as `table` would store it, or why it would not. Keys come out in one form for each match kind, so that two
/// entries match the same packets in the same way if and only if their keys are equal: exact -> kExact, lpm -> kPrefix,
/// ternary -> kMask, range -> kRange, optional -> kAny or kExact; bits that do not matter are 0. For a field of one
/// kind the other kinds that can say the same are accepted (kAny for a ternary field, kExact for an lpm one, ...).
Result<Entry> normalize(const Table& table, const Entry& entry);
/// What identifies the entry: only its keys, and its priority where the table has them.
Result<Entry> normalize_keys(const Table& table, const Entry& entry);

/// Whether what the entry names (an action with its arguments, a member, a group) can be what the table runs by default.
Result<void> check_default(const Table& table, const Entry& what);

/// Whether it is one of the actions, and takes these arguments; `owner` has them ("table `t`").
Result<void> check_arguments(const std::string& owner, const std::vector<Action>& actions, std::size_t action,
                             const std::vector<BigInt>& arguments);
/// An entry without keys, which runs this: for default actions.
Entry action_entry(std::size_t action, std::vector<BigInt> arguments);

/// Whether priorities decide between matching entries: there is a ternary, range or optional key, or more than one lpm
/// key. Otherwise the longest prefix wins, and priorities mean nothing.
bool has_priorities(const Table& table);

/// Whether `a` wins over `b` when both match (both normalized): the larger priority where the table has priorities,
/// then the longer prefix, key by key. Neither of two equals wins: then the one that was inserted first does (a stable
/// sort).
bool wins_over(const Table& table, const Entry& a, const Entry& b);

}  // namespace p4bpf::manifest
