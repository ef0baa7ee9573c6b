// Options of the verbs that attach: -i PORT@IFNAME, --xdp-mode, --tc-mode, --name.
#pragma once

#include <string>
#include <vector>

#include "runtime/instance.h"

namespace CLI {
class App;
}

namespace p4bpf::driver {

struct InstanceOptions {
  std::string name;  // "": that of the program
  std::vector<std::string> bindings;
  std::string xdp_mode = "auto";
  std::string tc_mode = "auto";
  std::string runtime_file;  // "": none
  bool json = false;

  std::vector<runtime::PortBinding> ports() const;
  runtime::AttachOptions attach_options() const;
};

/// -i, --xdp-mode, --tc-mode.
void add_attach_options(CLI::App& verb, InstanceOptions& options);
/// --name.
void add_name_option(CLI::App& verb, InstanceOptions& options);

/// --runtime.
void add_runtime_option(CLI::App& verb, InstanceOptions& options);

/// An instance's name made from a program's: what cannot stand in one becomes `_`.
std::string instance_name_for(const std::string& program);

/// Prints warnings on standard error.
void print_warnings(const std::vector<std::string>& warnings);

}  // namespace p4bpf::driver
