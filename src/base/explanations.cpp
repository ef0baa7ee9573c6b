// Takes the pages of docs/diagnostics apart (explanations.h).
#include "base/explanations.h"

#include "base/embedded.h"

namespace p4bpf {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of('\n') - first + 1));
}

/// The fenced example under the heading.
std::optional<Example> example_under(std::string_view markdown, std::string_view heading) {
  constexpr std::string_view kFence = "\n```";
  const std::size_t at = markdown.find(heading);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t open = markdown.find(kFence, at);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t language = open + kFence.size();
  const std::size_t text = markdown.find('\n', language);
  const std::size_t close = text == std::string_view::npos ? text : markdown.find(kFence, text);
  if (close == std::string_view::npos) return std::nullopt;
  return Example{std::string(markdown.substr(language, text - language)),
                 std::string(markdown.substr(text + 1, close - text))};
}

}  // namespace

std::optional<Explanation> parse_explanation(std::string_view markdown) {
  const std::size_t title_end = markdown.find('\n');
  const std::size_t wrong_at = markdown.find("\n## Wrong\n");
  const auto wrong = example_under(markdown, "\n## Wrong\n");
  const auto right = example_under(markdown, "\n## Right\n");
  if (!markdown.starts_with("# ") || !wrong || !right) return std::nullopt;
  const std::string body = trimmed(markdown.substr(title_end, wrong_at - title_end));
  const std::size_t summary_end = body.find('\n');
  if (summary_end == std::string::npos) return std::nullopt;
  return Explanation{markdown, body.substr(0, summary_end), trimmed(std::string_view(body).substr(summary_end)), *wrong,
                     *right};
}

std::optional<Explanation> explanation_of(DiagnosticKind kind) {
  const std::string path = "docs/diagnostics/" + std::string(kind_name(kind)) + ".md";
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == path) return parse_explanation(file.text);
  }
  return std::nullopt;
}

}  // namespace p4bpf
