// Options of the verbs that attach (instance_options.h).
#include "driver/instance_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <optional>

#include "driver/command.h"

namespace p4bpf::driver {
namespace {

std::optional<runtime::PortBinding> parse_binding(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  runtime::PortBinding binding;
  const auto [end, error] = std::from_chars(text.data(), text.data() + at, binding.port);
  if (error != std::errc{} || end != text.data() + at) return std::nullopt;
  binding.interface = text.substr(at + 1);
  return binding;
}

std::string check_binding(const std::string& text) {
  if (parse_binding(text)) return "";
  if (text.find('@') == std::string::npos) {
    const bool is_port = text.find_first_not_of("0123456789") == std::string::npos;
    return is_port ? "port " + text + " has no interface, expected PORT@IFNAME such as " + text + "@eth0"
                   : "interface '" + text + "' has no port, expected PORT@IFNAME such as 0@" + text;
  }
  return "'" + text + "' is not PORT@IFNAME, such as 0@eth0";
}

}  // namespace

std::vector<runtime::PortBinding> InstanceOptions::ports() const {
  std::vector<runtime::PortBinding> ports;
  for (const std::string& text : bindings) ports.push_back(parse_binding(text).value());
  return ports;
}

runtime::AttachOptions InstanceOptions::attach_options() const {
  runtime::AttachOptions options;
  if (xdp_mode == "native") options.xdp_mode = runtime::XdpMode::kNative;
  if (xdp_mode == "generic") options.xdp_mode = runtime::XdpMode::kGeneric;
  if (tc_mode == "tcx") options.tc_mode = runtime::TcMode::kTcx;
  if (tc_mode == "clsact") options.tc_mode = runtime::TcMode::kClsact;
  return options;
}

void add_attach_options(CLI::App& verb, InstanceOptions& options) {
  verb.add_option("-i", options.bindings, "bind an interface to a port of the program and attach to it")
      ->type_name("PORT@IFNAME")
      ->check(CLI::Validator(check_binding, "", "PORT@IFNAME"))
      ->allow_extra_args(false);
  verb.add_option("--xdp-mode", options.xdp_mode,
                  "in the driver (native), in the stack (generic), or what the driver can")
      ->check(CLI::IsMember({"auto", "native", "generic"}))
      ->capture_default_str();
  verb.add_option("--tc-mode", options.tc_mode, "attach TC programs by a tcx link or to the clsact qdisc")
      ->check(CLI::IsMember({"auto", "tcx", "clsact"}))
      ->capture_default_str();
}

void add_name_option(CLI::App& verb, InstanceOptions& options) {
  verb.add_option("--name", options.name, "name of the instance; by default that of the program")->type_name("NAME");
}

void add_runtime_option(CLI::App& verb, InstanceOptions& options) {
  verb.add_option("--runtime", options.runtime_file,
                  "before it is attached, add the entries, multicast groups and clone sessions of a run-time file")
      ->type_name("FILE.json");
}

std::string instance_name_for(const std::string& program) {
  std::string name = program.substr(0, 32);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '_';
  }
  if (name.empty() || name[0] == '-') name = "p" + name;
  return name.substr(0, 32);
}

void print_warnings(const std::vector<std::string>& warnings) {
  const bool colours = wants_colours(STDERR_FILENO);
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "p4bpf: %swarning:%s %s\n", colours ? "\033[1;35m" : "", colours ? "\033[0m" : "",
                 warning.c_str());
  }
}

}  // namespace p4bpf::driver
