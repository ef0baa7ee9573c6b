// Running other programs through posix_spawn, with poll so that neither side can block the other (subprocess.h).
#include "base/subprocess.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace p4bpf {
namespace {

/// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// Reads what is there; closes at the end of the stream.
void drain(Fd& fd, std::string& into) {
  char buffer[16384];
  const ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
  if (count > 0) {
    into.append(buffer, static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    fd.close();
  }
}

void feed(Fd& fd, const std::string& input, std::size_t& written) {
  const ssize_t count = ::write(fd.get(), input.data() + written, input.size() - written);
  if (count > 0) written += static_cast<std::size_t>(count);
  if ((count < 0 && errno != EINTR && errno != EAGAIN) || written == input.size()) fd.close();
}

void exchange(Pipe& in, Pipe& out, Pipe& err, const std::string& input, ProcessOutcome& outcome) {
  std::size_t written = 0;
  if (input.empty()) in.write.close();
  else ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  while (in.write.get() >= 0 || out.read.get() >= 0 || err.read.get() >= 0) {
    // poll() leaves negative descriptors alone.
    std::array<pollfd, 3> fds{pollfd{in.write.get(), POLLOUT, 0}, pollfd{out.read.get(), POLLIN, 0},
                              pollfd{err.read.get(), POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) feed(in.write, input, written);
    if (fds[1].revents != 0) drain(out.read, outcome.out);
    if (fds[2].revents != 0) drain(err.read, outcome.err);
  }
}

}  // namespace

Result<ProcessOutcome> run_process(const std::vector<std::string>& argv, const std::string& input) {
  P4BPF_CHECK(!argv.empty(), "a program to run");
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  if (!in || !out || !err) return fail(!in ? in.error() : !out ? out.error() : err.error());

  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in->read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err->write.get(), STDERR_FILENO);
  pid_t pid = -1;
  const int code = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return fail_errno("cannot run '" + argv[0] + "'", code);
  in->read.close();
  out->write.close();
  err->write.close();

  // A program that ends without reading its input must not end us.
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  ProcessOutcome outcome;
  exchange(*in, *out, *err, input, outcome);
  ::sigaction(SIGPIPE, &before, nullptr);

  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno("cannot wait for '" + argv[0] + "'", errno);
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string candidate = rest.substr(0, colon) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return "";
}

}  // namespace p4bpf
