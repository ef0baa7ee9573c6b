// Changes of several tables that packets see whole or not at all.
#pragma once

#include <functional>
#include <vector>

#include "runtime/instance.h"

namespace p4bpf::control {

/// Calls `change` with access to copies of these tables, which are put in their place when all is done. Nothing is
/// changed if it fails.
Result<void> change_as_one(runtime::Instance& instance, const std::vector<std::size_t>& tables,
                           const std::function<Result<void>(runtime::TableAccess&, runtime::Kernel&)>& change);

}  // namespace p4bpf::control
