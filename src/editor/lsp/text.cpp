// Lines, characters and frames (text.h).
#include "editor/lsp/text.h"

#include <algorithm>
#include <charconv>

namespace p4bpf::editor {
namespace {

constexpr std::size_t kMaxHead = std::size_t{1} << 13;
constexpr std::size_t kMaxBody = std::size_t{1} << 28;

/// Bytes of the character whose first byte is `lead`; a byte that starts none stands for itself.
std::size_t length_of(unsigned char lead) {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xc0 && lead < 0xe0) return 2;
  return 1;
}

std::uint32_t units_of(std::size_t bytes, Encoding encoding) {
  if (encoding == Encoding::kUtf8) return static_cast<std::uint32_t>(bytes);
  return bytes == 4 ? 2 : 1;
}

/// The number that `Content-Length` gives, names of fields compared without case.
std::optional<std::size_t> length_in(std::string_view head) {
  constexpr std::string_view kField = "content-length:";
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string line(head.substr(0, end));
    head.remove_prefix(std::min(end + 2, head.size()));
    std::transform(line.begin(), line.end(), line.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (!line.starts_with(kField)) continue;
    const std::size_t first = line.find_first_not_of(' ', kField.size());
    if (first == std::string::npos) return std::nullopt;
    std::size_t length = 0;
    const auto [at, failure] = std::from_chars(line.data() + first, line.data() + line.size(), length);
    if (failure != std::errc{} || length > kMaxBody) return std::nullopt;
    return length;
  }
  return std::nullopt;
}

}  // namespace

LineTable::LineTable(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) starts_.push_back(i + 1);
  }
}

LinePlace LineTable::place(std::size_t offset, Encoding encoding) const {
  offset = std::min(offset, text_.size());
  const auto line =
      static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
  LinePlace found{static_cast<std::uint32_t>(line), 0};
  for (std::size_t at = starts_[line]; at < offset;) {
    const std::size_t bytes = length_of(static_cast<unsigned char>(text_[at]));
    found.character += units_of(bytes, encoding);
    at += bytes;
  }
  return found;
}

std::size_t LineTable::offset(LinePlace place, Encoding encoding) const {
  if (place.line >= starts_.size()) return text_.size();
  std::size_t end = place.line + 1 < starts_.size() ? starts_[place.line + 1] : text_.size();
  std::size_t at = starts_[place.line];
  while (end > at && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  for (std::uint32_t unit = 0; at < end && unit < place.character;) {
    const std::size_t bytes = length_of(static_cast<unsigned char>(text_[at]));
    unit += units_of(bytes, encoding);
    at = std::min(at + bytes, end);
  }
  return at;
}

std::string replaced(const std::string& text, LineRange range, std::string_view with, Encoding encoding) {
  const LineTable lines(text);
  const std::size_t begin = lines.offset(range.start, encoding);
  const std::size_t end = std::max(begin, lines.offset(range.end, encoding));
  return text.substr(0, begin) + std::string(with) + text.substr(end);
}

bool is_in_comment(std::string_view text, std::size_t offset) {
  for (std::size_t at = 0; at < std::min(offset, text.size());) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("//") || rest.starts_with("/*")) {
      const bool is_line = rest[1] == '/';
      const std::size_t end = is_line ? rest.find('\n') : rest.find("*/", 2);
      const std::size_t behind = end == std::string_view::npos ? text.size() + 1 : at + end + (is_line ? 1 : 2);
      if (offset > at + 1 && offset < behind) return true;
      at = behind;
    } else if (rest.front() == '"') {
      ++at;
      while (at < text.size() && text[at] != '"' && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
      ++at;
    } else {
      ++at;
    }
  }
  return false;
}

std::optional<std::string> FrameReader::next() {
  while (true) {
    const std::size_t end = pending_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (pending_.size() > kMaxHead) {
        pending_.clear();
        ++bad_heads_;
      }
      return std::nullopt;
    }
    const std::optional<std::size_t> length = length_in(std::string_view(pending_).substr(0, end));
    if (!length) {
      pending_.erase(0, end + 4);
      ++bad_heads_;
      continue;
    }
    if (pending_.size() - end - 4 < *length) return std::nullopt;
    std::string body = pending_.substr(end + 4, *length);
    pending_.erase(0, end + 4 + *length);
    return body;
  }
}

std::string framed(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace p4bpf::editor
