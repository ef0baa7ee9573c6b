// What a broken invariant says before it aborts (result.h).
#include "base/result.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace p4bpf {

tl::unexpected<Error> fail_errno(std::string message, int code) {
  message += ": ";
  message += std::strerror(code);
  return fail(std::move(message), {}, code);
}

void abort_broken_invariant(const char* file, int line, const char* condition, const std::string& message) {
  std::fprintf(stderr, "p4bpf: internal fault at %s:%d: %s does not hold: %s\n", file, line, condition,
               message.c_str());
  std::abort();
}

}  // namespace p4bpf
