// Columns: names of fields, `=`, what stands behind a label, trailing comments. Authors align them or do not; both are
// common. A run of neighbouring lines is aligned if the author left more space before one of them than it needs.
#include <algorithm>

#include "editor/format_layout.h"

namespace p4bpf::editor {
namespace {

using enum TokenKind;

enum class Column : std::uint8_t { kName, kAssign, kCase, kComment };
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

class Columns {
 public:
  Columns(const std::vector<Piece>& pieces, const std::vector<Line>& lines, const FormatOptions& options)
      : pieces_(pieces), lines_(lines), options_(options), padding_(pieces.size()) {}

  std::vector<std::size_t> run() {
    for (const Column column : {Column::kName, Column::kAssign, Column::kCase, Column::kComment}) {
      for (std::size_t begin = 0; begin < lines_.size();) {
        std::size_t end = begin;
        while (end < lines_.size() && place(lines_[end], column) != kNowhere && (end == begin || continues(end))) ++end;
        if (end > begin) align(begin, end, column);
        begin = std::max(end, begin + 1);
      }
    }
    return std::move(padding_);
  }

 private:
  bool continues(std::size_t line) const {
    return pieces_[lines_[line].begin].newlines < 2 && lines_[line].indent == lines_[line - 1].indent;
  }

  /// The piece of the line that stands in the column.
  std::size_t place(const Line& line, Column column) const {
    if (line.loose || line.begin == line.end) return kNowhere;
    for (std::size_t at = line.begin + 1; at < line.end; ++at) {
      if (pieces_[at].breaks) return kNowhere;  // not one line
    }
    if (column == Column::kComment) {
      const bool trails = pieces_[line.end - 1].kind == PieceKind::kLineComment && line.end - line.begin > 1;
      return trails ? line.end - 1 : kNowhere;
    }
    std::size_t depth = 0;
    for (std::size_t at = line.begin + 1; at < line.end; ++at) {
      const Piece& piece = pieces_[at];
      const Piece& before = pieces_[at - 1];
      if (before.is(kLeftParen) || before.is(kLeftBracket) || before.is(kLeftBrace)) ++depth;
      if (piece.is(kRightParen) || piece.is(kRightBracket) || piece.is(kRightBrace)) depth -= depth != 0;
      if (depth != 0) continue;
      if (column == Column::kCase && before.role == Role::kLabelColon && !piece.is(kLeftBrace)) return at;
      if (column == Column::kAssign && piece.role == Role::kAssign) return at;
      const bool typed = before.kind == PieceKind::kToken &&
                         (is_word(before.token) || before.role == Role::kCloseAngle || before.is(kRightBracket));
      const bool ends = at + 1 < line.end && (pieces_[at + 1].is(kSemicolon) || pieces_[at + 1].is(kAssign));
      if (column == Column::kName && piece.kind == PieceKind::kToken && is_word(piece.token) && typed && ends)
        return at;
    }
    return kNowhere;
  }

  static std::size_t usual(const Piece& piece) { return piece.kind == PieceKind::kLineComment ? 2 : 1; }

  std::size_t width(std::size_t begin, std::size_t end) const {
    std::size_t sum = 0;
    for (std::size_t at = begin; at < end; ++at) {
      const Piece& piece = pieces_[at];
      if (piece.kind != PieceKind::kLineComment) sum += piece.text.size() + padding_[at] + (at != begin && piece.space);
    }
    return sum;
  }

  void align(std::size_t begin, std::size_t end, Column column) {
    bool wanted = false;
    std::size_t target = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t at = place(lines_[i], column);
      wanted |= pieces_[at].spaces > usual(pieces_[at]) && pieces_[at].newlines == 0;
      target = std::max(target, width(lines_[i].begin, at));
    }
    if (!wanted) return;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t more = target - width(lines_[i].begin, place(lines_[i], column));
      if (lines_[i].indent * options_.indent + width(lines_[i].begin, lines_[i].end) + more > options_.width) return;
    }
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t at = place(lines_[i], column);
      padding_[at] = target - width(lines_[i].begin, at);
    }
  }

  const std::vector<Piece>& pieces_;
  const std::vector<Line>& lines_;
  const FormatOptions& options_;
  std::vector<std::size_t> padding_;
};

}  // namespace

std::vector<std::size_t> find_padding(const std::vector<Piece>& pieces, const std::vector<Line>& lines,
                                      const FormatOptions& options) {
  return Columns(pieces, lines, options).run();
}

}  // namespace p4bpf::editor
