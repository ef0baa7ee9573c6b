// Over libedit, which calls back for the prompt and for Tab.
#include "driver/line_editor.h"

#include <histedit.h>

#include <algorithm>
#include <cstdio>

namespace p4bpf::driver {

struct LineEditor::State {
  std::string prompt;
  Complete complete;
  EditLine* editor = nullptr;
  History* history = nullptr;

  static State& of(EditLine* editor) {
    State* state = nullptr;
    el_get(editor, EL_CLIENTDATA, &state);
    return *state;
  }
  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }
  static unsigned char on_tab(EditLine* editor, int);
};

namespace {

constexpr int kLines = 500;

/// What all of them begin with.
std::string common_start(const std::vector<std::string>& words) {
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto differs = std::mismatch(start.begin(), start.end(), word.begin(), word.end());
    start.erase(differs.first, start.end());
  }
  return start;
}

}  // namespace

/// Writes what is sure; where that is nothing, lists what may follow.
unsigned char LineEditor::State::on_tab(EditLine* editor, int) {
  const LineInfo* const info = el_line(editor);
  const std::string_view line(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
  const std::size_t space = line.find_last_of(" \t");
  const std::string_view word = line.substr(space == std::string_view::npos ? 0 : space + 1);
  const std::vector<std::string> words = of(editor).complete(line);
  if (words.empty()) return CC_REFRESH_BEEP;
  std::string rest = common_start(words).substr(word.size());
  if (words.size() == 1) rest += ' ';
  if (!rest.empty()) return el_insertstr(editor, rest.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
  std::fputc('\n', stdout);
  for (const std::string& one : words) std::printf("%s\n", one.c_str());
  return CC_REDISPLAY;
}

LineEditor::LineEditor(std::string prompt, Complete complete) : state_(std::make_unique<State>()) {
  state_->prompt = std::move(prompt);
  state_->complete = std::move(complete);
  state_->editor = el_init("p4bpf", stdin, stdout, stderr);
  state_->history = history_init();
  if (state_->editor == nullptr || state_->history == nullptr) return;
  HistEvent event{};
  history(state_->history, &event, H_SETSIZE, kLines);
  el_set(state_->editor, EL_CLIENTDATA, state_.get());
  el_set(state_->editor, EL_PROMPT, &State::show_prompt);
  el_set(state_->editor, EL_EDITOR, "emacs");
  el_set(state_->editor, EL_SIGNAL, 1);
  el_set(state_->editor, EL_HIST, history, state_->history);
  el_set(state_->editor, EL_ADDFN, "p4bpf-complete", "complete a name", &State::on_tab);
  el_set(state_->editor, EL_BIND, "^I", "p4bpf-complete", nullptr);
  el_source(state_->editor, nullptr);  // what the user wrote into ~/.editrc
}

LineEditor::~LineEditor() {
  if (state_->editor != nullptr) el_end(state_->editor);
  if (state_->history != nullptr) history_end(state_->history);
}

std::optional<std::string> LineEditor::read() {
  if (state_->editor == nullptr || state_->history == nullptr) return std::nullopt;
  int length = 0;
  const char* const line = el_gets(state_->editor, &length);
  if (line == nullptr || length <= 0) return std::nullopt;
  std::string text(line, static_cast<std::size_t>(length));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.find_first_not_of(" \t") != std::string::npos) {
    HistEvent event{};
    history(state_->history, &event, H_ENTER, text.c_str());
  }
  return text;
}

}  // namespace p4bpf::driver
