// Finds the instance and the table or counter that NAME:TABLE means (target.h).
#include "control/target.h"

#include <map>

namespace p4bpf::control {
namespace {

/// The name before the colon ("" if there is none) and what stands behind it.
std::pair<std::string, std::string> split(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

template <class Named>
Result<Target> find(const std::string& text, const char* what, const std::vector<Named> manifest::Manifest::*all) {
  const auto [instance_name, name] = split(text);
  Result<runtime::Instance> instance = open_instance(instance_name);
  if (!instance) return fail(instance.error());
  std::vector<std::string> names;
  for (const Named& one : instance->manifest().*all) names.push_back(one.name);
  const Result<std::size_t> index = manifest::find_by_name(what, name, names);
  if (!index) return fail(index.error());
  return Target{std::move(*instance), *index};
}

}  // namespace

Result<runtime::Instance> open_instance(const std::string& name) {
  if (!name.empty()) return runtime::Instance::open(name);
  const Result<std::vector<std::string>> names = runtime::instance_names();
  if (!names) return fail(names.error());
  if (names->empty()) return fail("nothing is loaded", "p4bpf load PROG.p4 --name r1");
  if (names->size() == 1) return runtime::Instance::open(names->front());
  std::string all;
  for (const std::string& known : *names) all += (all.empty() ? "" : ", ") + known;
  return fail("more than one instance is loaded, so its name is needed: NAME:TABLE", "there are: " + all);
}

Result<Target> find_table(const std::string& text) { return find(text, "table", &manifest::Manifest::tables); }
Result<Target> find_counter(const std::string& text) { return find(text, "counter", &manifest::Manifest::counters); }
Result<Target> find_profile(const std::string& text) { return find(text, "profile", &manifest::Manifest::profiles); }
Result<Target> find_register(const std::string& text) { return find(text, "register", &manifest::Manifest::registers); }
Result<Target> find_meter(const std::string& text) { return find(text, "meter", &manifest::Manifest::meters); }

PortOfInterface ports_of(const runtime::Instance& instance) {
  std::map<std::string, std::uint32_t, std::less<>> ports;
  if (const auto attachments = instance.attachments()) {
    for (const runtime::Attachment& attachment : *attachments) ports[attachment.interface] = attachment.port;
  }
  return [ports = std::move(ports)](std::string_view name) -> std::optional<std::uint32_t> {
    const auto found = ports.find(name);
    if (found == ports.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace p4bpf::control
