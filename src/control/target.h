// NAME:TABLE: which instance and what of it. NAME: may be left out when only one instance is loaded.
#pragma once

#include <string>

#include "base/result.h"
#include "control/values.h"
#include "runtime/instance.h"

namespace p4bpf::control {

struct Target {
  runtime::Instance instance;
  std::size_t index = 0;  // of the manifest's table, counter, register or meter
};

Result<Target> find_table(const std::string& text);
Result<Target> find_counter(const std::string& text);
/// An action profile or selector.
Result<Target> find_profile(const std::string& text);
Result<Target> find_register(const std::string& text);
Result<Target> find_meter(const std::string& text);
/// The named instance, or the only one if `name` is empty.
Result<runtime::Instance> open_instance(const std::string& name);
/// By the interfaces that the instance is attached to.
PortOfInterface ports_of(const runtime::Instance& instance);

}  // namespace p4bpf::control
