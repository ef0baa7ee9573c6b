// The Language Server Protocol (3.17): messages in, messages out. It reads and writes no file descriptor; whoever does
// (p4bpf lsp) hands over the bodies of messages and sends what comes back.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace p4bpf::editor {

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes a message in; returns the bodies to send. `waiting` are those that came after it: a request that one of them
  /// cancels is not worked on.
  std::vector<std::string> receive(std::string_view body, const std::deque<std::string>& waiting = {});
  /// Diagnostics are made when no message waits: of a document that changes quickly only the newest text is checked.
  bool has_work() const;
  /// Does a part of the work; returns the bodies to send.
  std::vector<std::string> work();
  /// What to send for a frame that could not be read.
  static std::string bad_frame();
  /// After `exit`.
  bool is_done() const;
  /// Whether the client said `shutdown`, as it must before it ends.
  bool was_shut_down() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p4bpf::editor
