// p4bpf mcast|mirror add|delete|get|list: the copies that a running program makes of packets.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>

#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

using manifest::ReplicaList;
using manifest::ReplicationKind;

struct ReplicationOptions {
  std::string instance;
  std::uint32_t id = 0;
  std::vector<std::string> copies;
  std::uint32_t truncate = 0;
  std::uint32_t class_of_service = 0;
  bool json = false;
};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "PORT" or "PORT:INSTANCE"; a port may be the name of an interface that the program is attached to.
Result<manifest::Replica> read_copy(const std::string& text, const control::PortOfInterface& port_of) {
  const std::size_t colon = text.rfind(':');
  const std::string port = text.substr(0, colon);
  std::optional<std::uint32_t> found = number(port);
  if (!found) found = port_of(port);
  const std::optional<std::uint32_t> instance =
      colon == std::string::npos ? 0 : number(std::string_view(text).substr(colon + 1));
  if (!found || !instance) {
    return fail("'" + text + "' is no copy",
                "write PORT or PORT:INSTANCE with a port's number or one of the program's interfaces", EINVAL);
  }
  return manifest::Replica{*found, *instance};
}

int set(ReplicationKind kind, const ReplicationOptions& options) {
  Result<runtime::Instance> instance = control::open_instance(options.instance);
  if (!instance) return report(instance.error());
  const control::PortOfInterface port_of = control::ports_of(*instance);
  ReplicaList list{{}, options.truncate, options.class_of_service};
  for (const std::string& text : options.copies) {
    const Result<manifest::Replica> copy = read_copy(text, port_of);
    if (!copy) return report(copy.error());
    list.replicas.push_back(*copy);
  }
  const Result<void> done = instance->replication().set(kind, options.id, list);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int remove(ReplicationKind kind, const ReplicationOptions& options) {
  Result<runtime::Instance> instance = control::open_instance(options.instance);
  if (!instance) return report(instance.error());
  const Result<void> done = instance->replication().remove(kind, options.id);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int show(ReplicationKind kind, const ReplicationOptions& options, bool all) {
  Result<runtime::Instance> instance = control::open_instance(options.instance);
  if (!instance) return report(instance.error());
  runtime::ReplicationAccess access = instance->replication();
  std::map<std::uint32_t, ReplicaList> lists;
  if (all) {
    Result<std::map<std::uint32_t, ReplicaList>> found = access.list(kind);
    if (!found) return report(found.error());
    lists = std::move(*found);
  } else {
    Result<ReplicaList> found = access.get(kind, options.id);
    if (!found) return report(found.error());
    lists.emplace(options.id, std::move(*found));
  }
  const control::Format format = options.json ? control::Format::kJson : control::Format::kText;
  std::fputs(control::show_replicas(kind, lists, format).c_str(), stdout);
  return kFine;
}

struct Words {
  ReplicationKind kind;
  std::string verb;      // "mcast"
  std::string id;        // "GROUP"
  std::string thing;     // "multicast group"
  std::string examples;  // of `add`
};

std::shared_ptr<ReplicationOptions> add_options(CLI::App& verb, const Words& words, bool with_id) {
  auto options = std::make_shared<ReplicationOptions>();
  verb.add_option("NAME", options->instance, "the instance")->required();
  if (with_id) verb.add_option(words.id, options->id, "the number that the program uses")->required();
  return options;
}

void add_verbs(CLI::App& app, Chosen& chosen, const Words& words, const std::string& description) {
  CLI::App* const top = add_verb(app, words.verb, description, words.examples);
  top->require_subcommand(1);
  const ReplicationKind kind = words.kind;
  {
    CLI::App* const verb =
        add_verb(*top, "add", "say where the copies of a " + words.thing + " go, in place of what was said before",
                 words.examples);
    const auto options = add_options(*verb, words, true);
    verb->add_option("COPIES", options->copies,
                     "PORT[:INSTANCE]...: a copy to each port; the instance number tells copies to one port apart");
    if (kind == ReplicationKind::kCloneSession) {
      verb->add_option("--truncate", options->truncate, "cut copies to this many bytes");
      verb->add_option("--class", options->class_of_service, "their class of service");
    }
    on_chosen(*verb, chosen, [=] { return set(kind, *options); });
  }
  {
    CLI::App* const verb =
        add_verb(*top, "delete", "forget a " + words.thing + ": it makes no copies", words.verb + " delete r1 3");
    const auto options = add_options(*verb, words, true);
    on_chosen(*verb, chosen, [=] { return remove(kind, *options); });
  }
  {
    CLI::App* const verb =
        add_verb(*top, "get", "show one " + words.thing, words.verb + " get r1 3\n" + words.verb + " get r1 3 --json");
    const auto options = add_options(*verb, words, true);
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return show(kind, *options, false); });
  }
  {
    CLI::App* const verb =
        add_verb(*top, "list", "show each " + words.thing, words.verb + " list r1\n" + words.verb + " list r1 --json");
    const auto options = add_options(*verb, words, false);
    verb->alias("dump");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return show(kind, *options, true); });
  }
}

}  // namespace

void add_mcast_command(CLI::App& app, Chosen& chosen) {
  add_verbs(app, chosen,
            {ReplicationKind::kMulticastGroup, "mcast", "GROUP", "multicast group",
             "mcast add r1 3 1 2 4\nmcast add r1 3 1:10 1:20"},
            "the multicast groups of a running program");
}

void add_mirror_command(CLI::App& app, Chosen& chosen) {
  add_verbs(app, chosen,
            {ReplicationKind::kCloneSession, "mirror", "SESSION", "clone session",
             "mirror add r1 5 64\nmirror add r1 5 64 --truncate 128"},
            "the clone sessions of a running program");
}

}  // namespace p4bpf::driver
