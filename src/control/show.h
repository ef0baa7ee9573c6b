// What the verbs print: as text for people, as JSON for programs. The values in JSON are strings in the notation that
// `table add` takes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/profile.h"
#include "manifest/replication.h"
#include "runtime/instance.h"
#include "runtime/table_access.h"

namespace p4bpf::control {

enum class Format { kText, kJson };

/// Entries with their keys in columns, then the default action.
std::string show_table(const manifest::Table& table, const std::vector<manifest::Entry>& entries,
                       const std::optional<manifest::Entry>& default_entry, Format format);
std::string show_counter(const manifest::Counter& counter, const std::vector<runtime::CounterValue>& values,
                         Format format);
std::string show_members(const manifest::Profile& profile, const std::vector<manifest::Member>& members, Format format);
std::string show_groups(const manifest::Profile& profile, const std::vector<manifest::Group>& groups, Format format);
std::string show_replicas(manifest::ReplicationKind kind, const std::map<std::uint32_t, manifest::ReplicaList>& lists,
                          Format format);
std::string show_instances(const std::vector<runtime::InstanceStatus>& instances, Format format);
std::string show_stats(const std::vector<runtime::ProgramStats>& stats, Format format);

}  // namespace p4bpf::control
