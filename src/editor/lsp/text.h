// Places in a text as the Language Server Protocol counts them: lines from 0, characters in code units of the encoding
// that client and server agreed on; and the messages' frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace p4bpf::editor {

enum class Encoding { kUtf8, kUtf16 };

struct LinePlace {
  std::uint32_t line = 0;
  std::uint32_t character = 0;
  bool operator==(const LinePlace&) const = default;
};

struct LineRange {
  LinePlace start;
  LinePlace end;
};

/// Where the lines of a text start; the text must outlive it. Lines end in `\n`, `\r\n` or `\r`, as the protocol has
/// it.
class LineTable {
 public:
  explicit LineTable(std::string_view text);
  LinePlace place(std::size_t offset, Encoding encoding) const;
  /// A place behind a line's end means that end, one behind the last line the end of the text.
  std::size_t offset(LinePlace place, Encoding encoding) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// The text with what stands in `range` replaced.
std::string replaced(const std::string& text, LineRange range, std::string_view with, Encoding encoding);

/// `// a comment`, `/* one */`, or text of the program: whether `offset` stands in a comment.
bool is_in_comment(std::string_view text, std::size_t offset);

/// Bytes from the client to the bodies of messages: `Content-Length: N`, an empty line, N bytes.
class FrameReader {
 public:
  void feed(std::string_view bytes) { pending_.append(bytes); }
  /// The next body that is complete. A head that gives no usable length is skipped, and counted in bad_heads().
  std::optional<std::string> next();
  std::size_t bad_heads() const { return bad_heads_; }

 private:
  std::string pending_;
  std::size_t bad_heads_ = 0;
};

/// The body with its head.
std::string framed(std::string_view body);

}  // namespace p4bpf::editor
