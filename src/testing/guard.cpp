// Signals caught around a call, with a jump out of the handler (guard.h).
#include "testing/guard.h"

#include <sys/time.h>

#include <array>
#include <csetjmp>
#include <csignal>
#include <vector>

namespace p4bpf::testing {
namespace {

constexpr int kLimitSeconds = 5;
constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};

/// A signal handler can be reached by no other way than a variable of its thread.
thread_local sigjmp_buf g_jump;

void jump_out(int signal) { siglongjmp(g_jump, signal); }

const char* meaning(int signal) {
  switch (signal) {
    case SIGSEGV:
    case SIGBUS:
      return "a bad memory access";
    case SIGILL:
    case SIGTRAP:
      return "a trap: undefined behaviour in the generated C or an extern";
    case SIGFPE:
      return "a division by zero";
    case SIGALRM:
      return "no end within 5 s";
    default:
      return "an abort";
  }
}

/// Handlers on a stack of their own, for as long as the object lives.
class Handlers {
 public:
  Handlers() : stack_(65536) {
    stack_t own{};
    own.ss_sp = stack_.data();
    own.ss_size = stack_.size();
    ::sigaltstack(&own, &old_stack_);
    struct sigaction action {};
    action.sa_handler = jump_out;
    action.sa_flags = SA_ONSTACK;
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &old_[i]);
    const itimerval limit{{0, 0}, {kLimitSeconds, 0}};
    ::setitimer(ITIMER_REAL, &limit, nullptr);
  }
  Handlers(const Handlers&) = delete;
  Handlers& operator=(const Handlers&) = delete;
  ~Handlers() {
    const itimerval off{};
    ::setitimer(ITIMER_REAL, &off, nullptr);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &old_[i], nullptr);
    ::sigaltstack(&old_stack_, nullptr);
  }

 private:
  std::vector<char> stack_;
  stack_t old_stack_{};
  std::array<struct sigaction, kSignals.size()> old_{};
};

}  // namespace

std::string run_guarded(const std::function<void()>& run) {
  const Handlers handlers;
  const int signal = sigsetjmp(g_jump, 1);
  if (signal != 0) return meaning(signal);
  run();
  return {};
}

}  // namespace p4bpf::testing
