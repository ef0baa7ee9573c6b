// Folding: what does not fit is broken at its outermost level. The elements of a list that does not fit stand one a
// line, below its first one; an expression is broken at its loosest operators.
#include "editor/format_layout.h"

#include <algorithm>

namespace p4bpf::editor {
namespace {

using enum TokenKind;

constexpr std::size_t kMaxDepth = 100;  // of nested folding; deeper, lines may be long

class Layout {
 public:
  Layout(const std::vector<Piece>& pieces, const FormatOptions& options, const std::vector<std::size_t>& padding)
      : pieces_(pieces), options_(options), padding_(padding), widths_(pieces.size() + 1), breaks_(pieces.size() + 1) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const bool counts = pieces[i].kind != PieceKind::kLineComment;
      widths_[i + 1] = widths_[i] + (counts ? pieces[i].text.size() + pieces[i].space + padding[i] : 0);
      breaks_[i + 1] = breaks_[i] + pieces[i].breaks;
    }
    partners_.resize(pieces.size());
  }

  std::string run(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      if (line.begin == line.end) continue;
      const Piece& first = pieces_[line.begin];
      if (!out_.empty()) out_ += first.newlines > 1 ? "\n\n" : "\n";
      base_ = line.indent * options_.indent;
      fresh_ = true;
      if (first.kind == PieceKind::kDirective && line.end == line.begin + 1) {
        out_ += first.text;
        continue;
      }
      if (line.loose) {
        loose(line);
        continue;
      }
      pair_brackets(line);
      indent(base_);
      sequence(line.begin, line.end, base_ + options_.indent, 0, 0);
    }
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  void indent(std::size_t column) {
    out_.append(column, ' ');
    column_ = column;
    fresh_ = true;
  }
  void newline(std::size_t column) {
    out_ += '\n';
    indent(column);
  }
  void break_line(std::size_t column) {
    if (!fresh_) newline(column);
  }

  void put(std::size_t at, std::size_t column) {
    const Piece& piece = pieces_[at];
    if (piece.breaks && !fresh_) newline(piece.role == Role::kOpenBlock ? base_ : column);
    if (!fresh_) {
      const std::size_t spaces = piece.kind == PieceKind::kLineComment ? 2 : piece.space;
      out_.append(spaces + padding_[at], ' ');
      column_ += spaces + padding_[at];
    }
    fresh_ = false;
    if (piece.kind == PieceKind::kBlockComment && piece.text.find('\n') != std::string::npos) {
      block_comment(piece);
    } else {
      out_ += piece.text;
      column_ += piece.text.size();
    }
  }

  /// Its further lines move as far as its first one does; a column of `*` stands below the first.
  void block_comment(const Piece& piece) {
    const std::string& text = piece.text;
    const std::size_t column = column_;
    bool is_starred = true;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      const std::size_t first = text.find_first_not_of(" \t", at + 1);
      is_starred &= first != std::string::npos && text[first] == '*';
    }
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = std::string_view(text).substr(at, end - at);
      if (at != 0) {
        std::size_t width = 0;
        while (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
          width += line[0] == '\t' ? 4 : 1;
          line.remove_prefix(1);
        }
        width += column;
        width = is_starred ? column + 1 : width - std::min(width, piece.column);
        out_ += '\n';
        if (!line.empty()) out_.append(width, ' ');
        column_ = width;
      }
      out_ += line;
      column_ += line.size();
      at = end + 1;
    }
  }

  void loose(const Line& line) {
    std::size_t depth = 1;
    bool begun = line.continues;
    for (std::size_t at = line.begin; at < line.end; ++at) {
      const Piece& piece = pieces_[at];
      if (piece.kind == PieceKind::kDirective) {
        if (at != line.begin) out_ += piece.newlines > 1 ? "\n\n" : "\n";
        out_ += piece.text;
        fresh_ = false;
        continue;
      }
      const bool closes = piece.is(kRightParen) || piece.is(kRightBracket) || piece.is(kRightBrace);
      if (closes && depth > 1) --depth;
      const std::size_t column = base_ + (begun ? options_.indent * depth : 0);
      if (at == line.begin) {
        indent(column);
      } else if (piece.newlines != 0 || pieces_[at - 1].kind == PieceKind::kDirective) {
        if (piece.newlines > 1 && pieces_[at - 1].kind == PieceKind::kDirective) out_ += '\n';
        newline(column);
      }
      put(at, column);
      begun = true;
      if (piece.is(kLeftParen) || piece.is(kLeftBracket) || piece.is(kLeftBrace)) ++depth;
    }
  }

  /// For each bracket of the line its partner. Within annotations other brackets than () may be alone: they stay as
  /// they are, in one piece.
  void pair_brackets(const Line& line) {
    std::vector<std::size_t> open;
    for (std::size_t at = line.begin; at < line.end; ++at) {
      const Piece& piece = pieces_[at];
      partners_[at] = 0;
      if (piece.kind != PieceKind::kToken || piece.role == Role::kAnnotated || piece.role == Role::kOpenBlock) continue;
      const bool opens_angle = piece.role == Role::kOpenAngle;
      if (opens_angle || piece.is(kLeftParen) || piece.is(kLeftBracket) || piece.is(kLeftBrace)) open.push_back(at);
      if ((piece.role == Role::kCloseAngle || piece.is(kRightParen) || piece.is(kRightBracket) ||
           piece.is(kRightBrace)) &&
          !open.empty()) {
        if (pieces_[open.back() + 1].role != Role::kAnnotated) partners_[open.back()] = at;
        open.pop_back();
      }
    }
  }

  bool fits(std::size_t begin, std::size_t end, std::size_t tail) const {
    if (breaks_[end] - breaks_[begin] - (begin < end && fresh_ && pieces_[begin].breaks) != 0) return false;
    return column_ + widths_[end] - widths_[begin] + tail <= options_.width;
  }
  void flat(std::size_t begin, std::size_t end, std::size_t column) {
    for (std::size_t at = begin; at < end; ++at) put(at, column);
  }

  /// Pieces [begin, end), of which brackets pair up; what must follow on the same line is `tail` columns wide.
  void sequence(std::size_t begin, std::size_t end, std::size_t column, std::size_t tail, std::size_t depth) {
    if (fits(begin, end, tail) || depth > kMaxDepth) return flat(begin, end, column);
    int loosest = 100;
    std::size_t assignment = end;
    for (std::size_t at = begin; at < end; ++at) {
      const Piece& piece = pieces_[at];
      if (piece.role == Role::kAssign && assignment == end) assignment = at;
      if (piece.role == Role::kTernary) loosest = 1;
      if (piece.role == Role::kBinary && !compares(piece.token)) loosest = std::min(loosest, precedence(piece.token));
      if (partners_[at] > at) at = partners_[at];
    }
    if (assignment + 1 < end) {
      flat_but_groups(begin, assignment + 1, column, 0, depth);
      return sequence(assignment + 1, end, column, tail, depth + 1);
    }
    if (loosest < 100) return operators(begin, end, column, tail, depth, loosest);
    flat_but_groups(begin, end, column, tail, depth);
  }

  /// Comparisons, masks and ranges are short; breaking them helps nobody.
  static bool compares(TokenKind kind) {
    const int level = precedence(kind);
    return level == 4 || level == 5 || level == 9;
  }

  void operators(std::size_t begin, std::size_t end, std::size_t column, std::size_t tail, std::size_t depth,
                 int level) {
    // What does not belong to the first operand: `return`, and a label.
    if (pieces_[begin].is(kReturn) || pieces_[begin].is(kTransition)) put(begin++, column);
    if (begin == end) return;
    if (column_ < options_.width / 2) column = std::max(column, column_ + (fresh_ ? 0 : pieces_[begin].space));
    std::size_t from = begin;
    for (std::size_t at = begin; at <= end; ++at) {
      const bool ternary = at < end && level == 1 && pieces_[at].role == Role::kTernary;
      const bool binary = at < end && pieces_[at].role == Role::kBinary && precedence(pieces_[at].token) == level &&
                          !(at + 1 < end && pieces_[at + 1].role == Role::kBinary);
      if (at == end || ternary || binary) {
        // `?` and `:` begin a line, other operators end one.
        const std::size_t to = binary ? at + 1 : at;
        if (from != begin) break_line(column);
        if (from < to) sequence_without(from, to, column, at == end ? tail : 0, depth + 1, begin, end);
        from = to;
      }
      if (at < end && partners_[at] > at) at = partners_[at];
    }
  }

  /// An operand: the same as a sequence, unless it is all there was.
  void sequence_without(std::size_t from, std::size_t to, std::size_t column, std::size_t tail, std::size_t depth,
                        std::size_t begin, std::size_t end) {
    if (from == begin && to == end) return flat_but_groups(from, to, column, tail, depth);
    if (pieces_[from].role == Role::kTernary) put(from++, column);
    if (from == to) return;
    if (pieces_[to - 1].role == Role::kBinary) {
      const std::size_t width = widths_[to] - widths_[to - 1];
      sequence(from, to - 1, column, width, depth);
      return put(to - 1, column);
    }
    sequence(from, to, column, tail, depth);
  }

  /// Lists that do not fit are folded, and nothing else.
  void flat_but_groups(std::size_t begin, std::size_t end, std::size_t column, std::size_t tail, std::size_t depth) {
    for (std::size_t at = begin; at < end; ++at) {
      put(at, column);
      const std::size_t close = partners_[at];
      if (close <= at || pieces_[at].role == Role::kOpenAngle) continue;
      // Up to where the next list could be folded.
      std::size_t next = close + 1;
      while (next < end && (partners_[next] <= next || pieces_[next].role == Role::kOpenAngle)) ++next;
      const std::size_t rest = widths_[std::min(next + 1, end)] - widths_[close] + (next == end ? tail : 0);
      if (fits(at + 1, close, rest) && !pieces_[close].breaks) {
        flat(at + 1, close, column);
      } else {
        elements(at + 1, close, column, rest, depth);
      }
      put(close, column);
      at = close;
    }
  }

  void elements(std::size_t begin, std::size_t end, std::size_t column, std::size_t tail, std::size_t depth) {
    if (begin == end) return;
    std::vector<std::size_t> starts{begin};
    for (std::size_t at = begin; at < end; ++at) {
      if (pieces_[at].role == Role::kPlain && (pieces_[at].is(kComma) || pieces_[at].is(kSemicolon))) {
        while (at + 1 < end && pieces_[at + 1].is_comment() && !pieces_[at + 1].breaks &&
               (at + 2 == end || pieces_[at + 2].breaks))
          ++at;
        if (at + 1 < end) starts.push_back(at + 1);
      }
      if (partners_[at] > at) at = partners_[at];
    }
    starts.push_back(end);
    std::size_t widest = 0;
    for (std::size_t i = 0; i + 1 < starts.size(); ++i)
      widest = std::max(widest, widths_[starts[i + 1]] - widths_[starts[i]]);
    const std::size_t below = column_ + pieces_[begin].space;
    const bool is_list = starts.size() > 2;
    // Below the bracket there is too little room: one level deeper than the line.
    const bool hangs =
        pieces_[begin].breaks || (below + widest + tail > options_.width && below > column + options_.indent);
    const std::size_t place = hangs ? column + (column == base_ + options_.indent ? 0 : options_.indent) : below;
    if (hangs) newline(place);
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      if (i != 0 && is_list) break_line(place);
      sequence(starts[i], starts[i + 1], place, i + 2 == starts.size() ? tail : 0, depth + 1);
    }
  }

  const std::vector<Piece>& pieces_;
  const FormatOptions& options_;
  const std::vector<std::size_t>& padding_;
  std::vector<std::size_t> widths_;  // of all pieces before, flat
  std::vector<std::size_t> breaks_;  // how many of all pieces before force a line
  std::vector<std::size_t> partners_;
  std::string out_;
  std::size_t base_ = 0;  // the column where the line began
  std::size_t column_ = 0;
  bool fresh_ = true;  // the line has nothing but its indentation
};

}  // namespace

std::string lay_out(const std::vector<Piece>& pieces, const std::vector<Line>& lines, const FormatOptions& options) {
  const std::vector<std::size_t> padding = find_padding(pieces, lines, options);
  return Layout(pieces, options, padding).run(lines);
}

}  // namespace p4bpf::editor
