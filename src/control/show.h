// What the verbs print: as text for people, as JSON for programs. The values in JSON are strings in the notation that
// `table add` takes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/profile.h"
#include "manifest/meter_rates.h"
#include "runtime/digest_access.h"
#include "manifest/replication.h"
#include "runtime/instance.h"
#include "runtime/table_access.h"

namespace p4bpf::control {

enum class Format { kText, kJson };

/// Entries with their keys in columns, then the default action. `idle`: of each entry the seconds since a packet hit it, if the table keeps
/// that; nothing if none has.
std::string show_table(const manifest::Table& table, const std::vector<manifest::Entry>& entries,
                       const std::optional<manifest::Entry>& default_entry, Format format,
                       const std::vector<std::optional<double>>& idle = {});
std::string show_members(const manifest::Profile& profile, const std::vector<manifest::Member>& members, Format format);
std::string show_groups(const manifest::Profile& profile, const std::vector<manifest::Group>& groups, Format format);
std::string show_counter(const manifest::Counter& counter, const std::vector<runtime::CounterValue>& values,
                         Format format);
/// `first`: the index of the first of the values.
std::string show_register(const manifest::Register& cells, const std::vector<BigInt>& values, std::uint64_t first,
                          Format format);
/// A meter's element: an index, or the keys of the entry that it belongs to.
struct ShownMeter {
  std::string element;
  std::optional<manifest::MeterRates> rates;
};
std::string show_meter(const manifest::Meter& meter, const std::vector<ShownMeter>& elements, Format format);
/// A line.
std::string show_digest(const manifest::Digest& digest, const runtime::DigestRecord& record, Format format);
std::string show_digests(const manifest::Manifest& manifest, std::uint64_t lost, Format format);
/// A table's own counter: its entries' keys and their counts, `values` being in the order of the handles; then the default action's.
std::string show_direct_counter(const manifest::Counter& counter, const manifest::Table& table,
                                const std::vector<runtime::Stored>& entries,
                                const std::vector<runtime::CounterValue>& values, Format format);
std::string show_replicas(manifest::ReplicationKind kind, const std::map<std::uint32_t, manifest::ReplicaList>& lists,
                          Format format);
std::string show_instances(const std::vector<runtime::InstanceStatus>& instances, Format format);
std::string show_stats(const std::vector<runtime::ProgramStats>& stats, Format format);

}  // namespace p4bpf::control
