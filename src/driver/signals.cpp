// See signals.h.
#include "driver/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

namespace p4bpf::driver {

runtime::FileDescriptor watch_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return runtime::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
}

bool has_signal(const runtime::FileDescriptor& signals) {
  pollfd wait{signals.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

}  // namespace p4bpf::driver
