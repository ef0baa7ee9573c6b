// What the switch's command language knows and the kernel's maps do not: the numbers (handles) by which it names
// entries, and the nodes of multicast groups. It is a text that is pinned with the instance, so that a handle means the
// same entry in the next call.
//
// A new entry gets the lowest handle that is free, from 0 on. Entries that came by other ways get theirs when the
// language first looks at the table, in the order of a dump. A handle stays with its entry until that goes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "runtime/instance.h"
#include "runtime/table_access.h"

namespace p4bpf::control::switch_cli {

/// A node of a multicast group: one copy for each port, all with the same egress_rid.
struct Node {
  std::uint32_t rid = 0;
  std::vector<std::uint32_t> ports;
  std::uint32_t group = 0;  // 0: none
};

class State {
 public:
  static Result<State> load(const runtime::Instance& instance);
  Result<void> save(runtime::Instance& instance);

  /// The table's entries by handle; `tables` holds them.
  Result<std::map<std::uint32_t, manifest::Entry>> entries(runtime::TableAccess& tables,
                                                           const manifest::Manifest& manifest, std::size_t table);
  Result<manifest::Entry> entry(runtime::TableAccess& tables, const manifest::Manifest& manifest, std::size_t table,
                                std::uint32_t handle);
  /// For an entry that has just been added.
  Result<std::uint32_t> add(runtime::TableAccess& tables, const manifest::Manifest& manifest, std::size_t table,
                            const manifest::Entry& entry);
  void remove(const manifest::Table& table, std::uint32_t handle);
  void clear(const manifest::Table& table);

  std::map<std::uint32_t, Node> nodes;
  /// The group to which a clone session copies.
  std::map<std::uint32_t, std::uint32_t> group_of_session;

 private:
  /// Handles of one table's entries, which are named by their keys as they are shown.
  struct Handles {
    std::map<std::uint32_t, std::string> key_of;
    std::map<std::string, std::uint32_t> handle_of;
    std::uint32_t lowest_free = 0;
    bool is_current = false;  // the table has been looked at

    void set(std::uint32_t handle, const std::string& key);
    void remove(std::uint32_t handle);
    std::uint32_t add(const std::string& key);
  };
  Result<Handles*> current(runtime::TableAccess& tables, const manifest::Manifest& manifest, std::size_t table);

  std::map<std::string, Handles> tables_;
};

}  // namespace p4bpf::control::switch_cli
