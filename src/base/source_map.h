// One offset space over every file that a run reads, so that a location is four bytes and survives `#include`.
//
// Each file that is read takes a range of offsets. A Loc is a place in one of them; resolve() gives file, line and
// column back. Offset 0 belongs to no file: a default Loc is "nowhere".
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace p4bpf {

/// A place in the source text. Default: nowhere.
struct Loc {
  std::uint32_t offset = 0;
  explicit operator bool() const { return offset != 0; }
  auto operator<=>(const Loc&) const = default;
};

/// Text from `begin` up to but not including `end`; both in the same file.
struct Span {
  Loc begin;
  Loc end;
  explicit operator bool() const { return static_cast<bool>(begin); }
  bool operator==(const Span&) const = default;
};

/// What a user calls a place. Lines and columns count from 1; a column counts bytes.
struct Position {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class SourceMap {
 public:
  /// Takes a file's text in. The text lives as long as the map and never moves. `included_at` is the place of the
  /// #include that brought it in, nowhere for the main file.
  /// Returns the location of its first byte; an empty file has one too.
  Loc add_file(std::string name, std::string text, Loc included_at = {});

  /// From the line after `loc` on, say that lines belong to `file` and count from `line` (`#line 12 "x.p4"`).
  void set_line(Loc loc, std::uint32_t line, std::string file);

  /// Where `loc` is, with `#line` obeyed. {"", 0, 0} for nowhere.
  Position position(Loc loc) const;
  /// The text of the line that `loc` stands on, without its newline.
  std::string_view line_text(Loc loc) const;
  /// The text of a span, empty if it is nowhere or crosses files.
  std::string_view text(Span span) const;
  /// The text of that line without the space around it, `#line` obeyed: the way back from position(). Nowhere if there
  /// is none.
  Span line_span(std::string_view file, std::uint32_t line) const;
  /// The #include that brought in the file of `loc`; nowhere for the main file.
  Loc included_at(Loc loc) const;
  /// Notes that `use`, the name of a macro, was replaced by what the macro that is defined at `definition` stands for.
  void add_expansion(Span use, Span definition);
  /// Where the macro is defined whose use is this very span; nowhere if it is none.
  Span macro_definition(Span use) const;
  /// Text of the file that starts at `file_begin`.
  std::string_view file_text(Loc file_begin) const;

 private:
  struct LineMark {
    std::uint32_t physical_line;  // the first line (from 1) that the mark speaks of
    std::uint32_t line;
    std::string file;
  };
  struct File {
    std::string name;
    std::string text;
    std::uint32_t begin;
    Loc included_at;
    std::vector<std::uint32_t> line_starts;
    std::vector<LineMark> marks;
  };
  const File* find(Loc loc) const;
  static std::uint32_t physical_line(const File& file, Loc loc);

  std::deque<File> files_;
  std::unordered_map<std::uint32_t, std::pair<Loc, Span>> expansions_;  // begin of the use -> its end, the definition
  std::uint32_t next_ = 1;
};

}  // namespace p4bpf
