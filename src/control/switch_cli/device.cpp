// Commands of the switch's command language for the switch as a whole: its ports, and what it is.
#include <fmt/format.h>

#include "control/switch_cli/values.h"
#include "runtime/meter_access.h"
#include "runtime/profile_access.h"
#include "runtime/register_access.h"

namespace p4bpf::control::switch_cli {
namespace {

Result<void> show_ports(Context& context, const Words&) {
  if (context.only_checks) return {};
  const Result<std::vector<runtime::Attachment>> attachments = context.instance.attachments();
  if (!attachments) return fail(attachments.error());
  context.out += fmt::format("{:<10} {:<20} {:<10} {}\n", "port #", "iface name", "status", "extra info");
  context.out += std::string(50, '=') + "\n";
  for (const runtime::Attachment& one : *attachments) {
    context.out += fmt::format("{:<10} {:<20} {:<10} {}\n", one.port, one.interface, one.ifindex == 0 ? "DOWN" : "UP",
                               runtime::hook_name(one.hook) + " " + one.mode);
  }
  return {};
}

Result<void> port_add(Context& context, const Words& words) {
  const Result<std::uint32_t> port = parse_number(words[1], "the port");
  if (!port) return fail(port.error());
  if (words.size() > 2)
    return fail("packets of a port are not written to a file here", "tcpdump -i " + words[0] + " -w FILE");
  if (context.only_checks) return {};
  std::vector<std::string> warnings;
  Result<void> done = context.instance.attach({{*port, words[0]}}, {}, warnings);
  for (const std::string& warning : warnings) context.out += warning + "\n";
  return done;
}

Result<void> port_remove(Context& context, const Words& words) {
  const Result<std::uint32_t> port = parse_number(words[0], "the port");
  if (!port) return fail(port.error());
  if (context.only_checks) return {};
  const Result<std::vector<runtime::Attachment>> attachments = context.instance.attachments();
  if (!attachments) return fail(attachments.error());
  for (const runtime::Attachment& one : *attachments) {
    if (one.port == *port) return context.instance.detach({one.interface});
  }
  return fail("port " + words[0] + " is bound to no interface", "show_ports lists them", ENOENT);
}

Result<void> switch_info(Context& context, const Words&) {
  if (context.only_checks) return {};
  const manifest::Manifest& manifest = context.manifest();
  context.out += fmt::format("{:<26}: {}\n{:<26}: {}\n{:<26}: {}\n", "instance", context.instance.name(), "program",
                             manifest.source, "architecture", manifest.architecture);
  return {};
}

Result<void> reset_tables(Context& context) {
  const manifest::Manifest& manifest = context.manifest();
  for (std::size_t i = 0; i < manifest.tables.size(); ++i) {
    const manifest::Table& table = manifest.tables[i];
    if (holds_changing_entries(table)) {
      if (const Result<std::size_t> removed = context.tables.clear(i); !removed) return fail(removed.error());
      context.state.clear(table);
    }
    if (table.is_value_set || table.default_is_const || table.default_symbol.empty()) continue;
    if (Result<void> done = context.tables.reset_default(i); !done) return done;
  }
  return {};
}

/// After the entries that name them.
Result<void> reset_profiles(Context& context) {
  using runtime::Change;
  runtime::ProfileAccess access(context.kernel, context.manifest());
  for (std::size_t i = 0; i < context.manifest().profiles.size(); ++i) {
    if (context.manifest().profiles[i].is_selector) {
      const Result<std::vector<manifest::Group>> groups = access.groups(i);
      if (!groups) return fail(groups.error());
      for (const manifest::Group& group : *groups) {
        if (Result<void> done = access.change_group(i, Change::kDelete, group); !done) return done;
      }
    }
    const Result<std::vector<manifest::Member>> members = access.members(i);
    if (!members) return fail(members.error());
    for (const manifest::Member& member : *members) {
      if (Result<void> done = access.change_member(i, Change::kDelete, member); !done) return done;
    }
  }
  return {};
}

Result<void> reset_arrays(Context& context) {
  const manifest::Manifest& manifest = context.manifest();
  for (std::size_t i = 0; i < manifest.counters.size(); ++i) {
    if (manifest.counters[i].map.empty()) continue;
    if (Result<void> done = context.tables.reset_counters(i); !done) return done;
  }
  for (std::size_t i = 0; i < manifest.registers.size(); ++i) {
    if (Result<void> done = runtime::RegisterAccess(context.kernel, manifest).reset(i); !done) return done;
  }
  for (std::size_t i = 0; i < manifest.meters.size(); ++i) {
    if (Result<void> done = runtime::MeterAccess(context.kernel, manifest).reset_all(i); !done) return done;
  }
  return {};
}

/// What the software switch resets: all but the clone sessions and the ports.
Result<void> reset_state(Context& context, const Words&) {
  if (context.only_checks) return {};
  for (const auto reset : {reset_tables, reset_profiles, reset_arrays, remove_groups}) {
    if (Result<void> done = reset(context); !done) return done;
  }
  return {};
}

/// Queues belong to the interfaces: a file that sets them up runs, and is told how it is done here.
Result<void> leave_queues(Context& context, const Words& words, const char* advice) {
  for (const std::string& word : words) {
    if (const Result<std::uint32_t> number = parse_number(word, "the argument"); !number) return fail(number.error());
  }
  if (!context.only_checks)
    context.out += fmt::format("note: queues belong to the interfaces, nothing is changed: '{}'\n", advice);
  return {};
}
Result<void> set_queue_depth(Context& context, const Words& words) {
  return leave_queues(context, words, "tc qdisc replace dev IFNAME root pfifo limit N");
}
Result<void> set_queue_rate(Context& context, const Words& words) {
  return leave_queues(context, words, "tc qdisc replace dev IFNAME root tbf rate R burst B latency L");
}

}  // namespace

std::vector<Command> device_commands() {
  return {
      {"show_ports", "", "the ports with their interfaces", 0, 0, show_ports},
      {"port_add", "INTERFACE PORT", "bind an interface to a port", 2, 3, port_add},
      {"port_remove", "PORT", "take a port's interface off", 1, 1, port_remove},
      {"switch_info", "", "what runs here", 0, 0, switch_info},
      {"set_queue_depth", "PACKETS [PORT [PRIORITY]]", "says how tc does it", 1, 3, set_queue_depth},
      {"set_queue_rate", "RATE [PORT [PRIORITY]]", "says how tc does it", 1, 3, set_queue_rate},
      {"reset_state", "", "remove entries, members, groups, counts, rates and what registers hold", 0, 0, reset_state,
       Command::Changes::kAll},
  };
}

}  // namespace p4bpf::control::switch_cli
