// A line typed at a terminal: edited with the usual keys, with the lines before it at hand and names completed by Tab.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace p4bpf::driver {

class LineEditor {
 public:
  /// What the last word of a line that has been typed so far may become.
  using Complete = std::function<std::vector<std::string>(std::string_view line)>;

  /// Standard input and output must be a terminal.
  LineEditor(std::string prompt, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Without its end; none when there are no more.
  std::optional<std::string> read();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace p4bpf::driver
