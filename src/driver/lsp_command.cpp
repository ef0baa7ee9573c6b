// p4bpf lsp: the language server over standard input and output.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <deque>

#include "driver/command.h"
#include "editor/lsp/server.h"
#include "editor/lsp/text.h"

namespace p4bpf::driver {
namespace {

/// Whether standard input has something to read, or has ended; waits for it if `wait`.
bool is_readable(bool wait) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, wait ? -1 : 0) > 0;
}

/// False at the end of the input.
bool read_some(editor::FrameReader& frames) {
  char block[1 << 16];
  const ssize_t count = read(STDIN_FILENO, block, sizeof block);
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  frames.feed({block, static_cast<std::size_t>(count)});
  return count > 0;
}

bool send(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    const std::string frame = editor::framed(body);
    if (std::fwrite(frame.data(), 1, frame.size(), stdout) != frame.size()) return false;
  }
  return std::fflush(stdout) == 0;
}

/// All messages that have come are taken in before one is answered: a request may have been cancelled, and a document
/// changed again, in the meantime.
int serve() {
  editor::Server server;
  editor::FrameReader frames;
  std::deque<std::string> waiting;
  std::size_t bad_heads = 0;
  bool has_ended = false;
  while (!server.is_done()) {
    while (!has_ended && is_readable(waiting.empty() && !server.has_work())) {
      has_ended = !read_some(frames);
      while (std::optional<std::string> body = frames.next()) waiting.push_back(std::move(*body));
    }
    for (; bad_heads < frames.bad_heads(); ++bad_heads) send({editor::Server::bad_frame()});
    if (!waiting.empty()) {
      const std::string body = std::move(waiting.front());
      waiting.pop_front();
      if (!send(server.receive(body, waiting))) break;
    } else if (server.has_work()) {
      if (!send(server.work())) break;
    } else if (has_ended) {
      break;
    }
  }
  return server.was_shut_down() ? kFine : kWrong;
}

}  // namespace

void add_lsp_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "lsp", "language server for editors, over standard input and output", "lsp");
  const auto stdio = std::make_shared<bool>(false);
  verb->add_flag("--stdio", *stdio, "is the only way to speak; for editors that say so");
  on_chosen(*verb, chosen, [stdio] { return serve(); });
}

}  // namespace p4bpf::driver
