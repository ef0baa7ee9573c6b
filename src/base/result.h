// Failures of the world outside: files, clang, the kernel. The user's mistakes in a P4 program go to Diagnostics instead,
// and a broken invariant of ours aborts through P4BPF_CHECK: never two channels for one failure.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace p4bpf {

/// What went wrong outside, in one lower-case sentence without a full stop, and what to do about it (may be empty).
struct Error {
  std::string message;
  std::string hint;
  /// errno of the failed call, 0 where there is none.
  int code = 0;
};

/// A value, or why there is none. Unlike tl::expected it must not be ignored.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(std::string message, std::string hint = {}, int code = 0) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint), code});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// "MESSAGE: strerror(code)" with the code kept.
tl::unexpected<Error> fail_errno(std::string message, int code);

/// Says where an invariant broke and aborts.
[[noreturn]] void abort_broken_invariant(const char* file, int line, const char* condition, const std::string& message);

}  // namespace p4bpf

/// Aborts with the place and `message` (a std::string expression) when an invariant of ours does not hold.
#define P4BPF_CHECK(condition, message) \
  ((condition) ? void() : ::p4bpf::abort_broken_invariant(__FILE__, __LINE__, #condition, (message)))
