// Runs code that may crash or hang, such as generated C with a user's externs, and says so instead of going down with
// it.
#pragma once

#include <functional>
#include <string>

namespace p4bpf::testing {

/// What ended `run` before its end ("a bad memory access", "no end within 5 s"), empty if nothing did. Objects that
/// `run` owns on its stack are not destroyed then, so it should own nothing.
std::string run_guarded(const std::function<void()>& run);

}  // namespace p4bpf::testing
