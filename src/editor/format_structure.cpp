// One walk over the pieces with a stack of open brackets. Each #if remembers the stack, so that every branch starts
// alike.
#include "editor/format_structure.h"

#include <algorithm>

namespace p4bpf::editor {
namespace {

using enum TokenKind;

/// Of brackets; each #if remembers them all.
constexpr std::size_t kMaxDepth = 500;

enum class FrameKind : std::uint8_t {
  kBlock,    // items that end at `;` or with a block
  kTable,    // the same, where `key`, `actions` and `entries` have blocks
  kSwitch,   // the same, with labels
  kList,     // items between commas, one per line: enum, error, match_kind
  kOneLine,  // a short block that its author left on one line
  kParen,
  kSquare,
  kBrace,  // a list in an expression
  kAnnotation,
};

bool holds_items(FrameKind kind) { return kind <= FrameKind::kList; }

struct Item {
  TokenKind head = kEnd;  // its first token behind annotations and `const`; kEnd before it
  std::size_t head_at = 0;
  bool assigned = false;       // `=` was seen
  bool is_if = false;          // the block or statement to come may be followed by `else`
  bool in_annotation = false;  // the last token ended an annotation in front of the head
  bool is_macro = false;       // the use of a macro that may stand for a whole item
};

struct Frame {
  FrameKind kind = FrameKind::kBlock;
  std::size_t open = 0;    // the bracket's piece
  std::size_t indent = 0;  // of the line of the bracket
  bool controls = false;   // (...) of if, for, while, switch
  bool cast = false;       // ( where an operand begins
  std::size_t questions = 0;
  Item item;
  /// For each `if`, `else` and `for` without braces around here: whether it is an `if`.
  std::vector<bool> pending;
};

struct State {
  std::vector<Frame> frames{1};
  std::size_t before = 0;  // the last token; pieces.size() if none
  bool operand = false;    // it ends an operand
  bool amid = false;       // an item has begun and not ended
};

class Structure {
 public:
  Structure(std::vector<Piece>& pieces, const FormatOptions& options, Diagnostics& diagnostics)
      : pieces_(pieces), options_(options), diagnostics_(diagnostics) {
    state_.before = pieces.size();
  }

  std::optional<std::vector<Line>> run() {
    for (at_ = 0; at_ < pieces_.size(); ++at_) {
      Piece& piece = pieces_[at_];
      if (piece.kind == PieceKind::kDirective) {
        directive(piece);
      } else if (piece.is_comment()) {
        comment(piece);
      } else if (!token(piece)) {
        return std::nullopt;
      }
    }
    if (state_.frames.size() > 1) {
      unpaired(pieces_[state_.frames.back().open], "has no partner");
      return std::nullopt;
    }
    end_line(pieces_.size());
    return std::move(lines_);
  }

 private:
  Frame& top() { return state_.frames.back(); }
  TokenKind next() const { return next_token(pieces_, at_ + 1); }
  bool directly_next(TokenKind kind) const { return at_ + 1 < pieces_.size() && pieces_[at_ + 1].is(kind); }
  const Piece* before() const { return state_.before < pieces_.size() ? &pieces_[state_.before] : nullptr; }

  void unpaired(const Piece& piece, const std::string& what) {
    diagnostics_.report(DiagnosticKind::kSyntax, piece.span, "this '" + piece.text + "' " + what);
  }

  // Lines.

  void start_line() {
    if (open_line_) return;
    // The innermost block decides; parentheses are open only behind a `#` line.
    std::size_t frame = state_.frames.size() - 1;
    while (!holds_items(state_.frames[frame].kind)) --frame;
    const Frame& block = state_.frames[frame];
    lines_.push_back({at_, at_, frame == 0 ? block.pending.size() : block.indent + 1 + block.pending.size(),
                      state_.amid && behind_directive_, state_.amid && behind_directive_});
    open_line_ = true;
  }
  void end_line(std::size_t end) {
    if (open_line_) lines_.back().end = end;
    open_line_ = false;
  }

  void directive(Piece& piece) {
    if (piece.directive == DirectiveKind::kIf) {
      branches_.push_back({state_, std::nullopt, piece.leaves_out});
    } else if (piece.directive != DirectiveKind::kOther && !branches_.empty()) {
      Branches& branches = branches_.back();
      if (!branches.first_end && !branches.leaves_out) branches.first_end = state_;
      branches.leaves_out = false;
      if (piece.directive == DirectiveKind::kElse) {
        state_ = branches.begin;
      } else {
        if (branches.first_end) state_ = *branches.first_end;
        branches_.pop_back();
      }
    }
    piece.breaks = true;
    if (at_ + 1 < pieces_.size()) pieces_[at_ + 1].breaks = true;
    if (open_line_ && state_.amid) {
      lines_.back().loose = true;
      return;
    }
    end_line(at_);
    behind_directive_ = true;
    lines_.push_back({at_, at_ + 1, 0, false, false});
  }

  void comment(Piece& piece) {
    const bool is_last = at_ + 1 == pieces_.size();
    const bool ends_line = is_last || piece.kind == PieceKind::kLineComment || pieces_[at_ + 1].newlines != 0;
    piece.breaks |= piece.newlines != 0;
    const Piece* const last = at_ > 0 ? &pieces_[at_ - 1] : nullptr;
    piece.space = !last || !(last->is(kLeftParen) || last->is(kLeftBracket));
    if (!is_last && ends_line) pieces_[at_ + 1].breaks = true;
    if (open_line_) {
      if (ends_line && !state_.amid) end_line(at_ + 1);
      return;
    }
    const bool trails = piece.newlines == 0 && last && last->kind != PieceKind::kDirective;
    if (trails && only_comments_follow()) {
      lines_.back().end = at_ + 1;
      return;
    }
    start_line();
    if (ends_line) end_line(at_ + 1);
  }

  /// On this line, or before the `}` that ends the block.
  bool only_comments_follow() const {
    for (std::size_t at = at_ + 1; at < pieces_.size(); ++at) {
      if (pieces_[at].newlines != 0 || pieces_[at - 1].kind == PieceKind::kLineComment) return true;
      if (!pieces_[at].is_comment()) return pieces_[at].is(kRightBrace);
    }
    return true;
  }

  // Tokens.

  bool token(Piece& piece) {
    if (top().kind == FrameKind::kAnnotation) return annotation_token(piece);
    const bool new_line = piece.newlines != 0;
    if (holds_items(top().kind) && open_line_ && state_.amid && new_line &&
        ((top().item.head == kEnd && top().item.in_annotation) || ends_macro(piece))) {
      if (top().item.head != kEnd) finish_item();
      end_line(at_);
    }
    if (piece.is(kRightBrace) && holds_items(top().kind) && !closes_empty()) {
      end_line(at_);
      // What lacks its `;` ends here all the same.
      state_.amid = false;
    }
    if (!piece.is(kRightBrace) || !holds_items(top().kind)) start_line();
    assign_role(piece);
    if (const Piece* const last = before()) {
      piece.space = space_between(*last, piece, state_.operand);
      if (pieces_[at_ - 1].is_comment())
        piece.space = !(piece.is(kRightParen) || piece.is(kRightBracket) || piece.is(kComma) || piece.is(kSemicolon));
      piece.breaks |= last->is_pragma || (last->is(kAt) && piece.text == "pragma");
    }
    note_item(piece);
    state_.amid = true;
    behind_directive_ = false;
    const bool good = structure(piece);
    state_.before = at_;
    return good && !too_deep_;
  }

  bool closes_empty() const { return at_ > 0 && pieces_[at_ - 1].role == Role::kOpenBlock; }

  /// The use of a macro without `;` that its author gave a line of its own.
  bool ends_macro(const Piece& piece) const {
    return state_.frames.back().item.is_macro && (is_word(piece.token) || piece.is(kAt)) && before() &&
           (before()->is(kRightParen) || before()->is(kIdentifier)) && !piece.is(kElse);
  }
  static bool is_capital(const std::string& name) {
    return name.size() > 1 && std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  }

  bool annotation_token(Piece& piece) {
    piece.role = Role::kAnnotated;
    piece.space = space_between(*before(), piece, state_.operand);
    if (pieces_[at_ - 1].is_comment()) piece.space = true;
    piece.breaks |= before()->is_pragma || (before()->is(kAt) && piece.text == "pragma");
    if (piece.is(kLeftParen)) ++top().questions;
    if (piece.is(kRightParen) && top().questions-- == 0) {
      piece.role = Role::kPlain;
      state_.frames.pop_back();
      end_annotation();
    }
    state_.before = at_;
    return !too_deep_;
  }

  void end_annotation() {
    state_.operand = false;
    if (holds_items(top().kind) && top().item.head == kEnd) top().item.in_annotation = true;
  }

  void assign_role(Piece& piece) {
    const TokenKind kind = piece.token;
    Frame& frame = top();
    if (kind == kLess) {
      const bool item = holds_items(frame.kind) && !frame.item.assigned;
      mark_type_arguments(pieces_, at_, item || in_declaration());
    }
    if (piece.role != Role::kPlain) return;
    if (kind == kQuestion || (kind == kColon && frame.questions != 0)) {
      piece.role = Role::kTernary;
      frame.questions += kind == kQuestion ? 1 : static_cast<std::size_t>(-1);
    } else if (kind == kColon) {
      piece.role = frame.kind == FrameKind::kSquare ? Role::kSliceColon : Role::kLabelColon;
    } else if (kind == kAssign || (kind >= kPlusAssign && kind <= kXorAssign)) {
      piece.role = Role::kAssign;
    } else if ((kind == kMinus || kind == kPlus) && frame.kind == FrameKind::kSquare && directly_next(kColon)) {
      piece.role = Role::kSliceColon;  // x[4+:8]
    } else if (kind == kNot || kind == kComplement || ((kind == kMinus || kind == kPlus) && !state_.operand)) {
      piece.role = Role::kUnary;
    } else if (precedence(kind) != 0) {
      piece.role = Role::kBinary;
    }
  }

  /// Whether the parentheses around here are those of parameters.
  bool in_declaration() const {
    for (std::size_t i = state_.frames.size(); i-- > 0;) {
      if (!holds_items(state_.frames[i].kind)) continue;
      const Item& item = state_.frames[i].item;
      return !item.assigned && (item.head == kParser || item.head == kControl || item.head == kPackage ||
                                item.head == kExtern || item.head == kAction || item.head == kTypedef);
    }
    return false;
  }

  void note_item(const Piece& piece) {
    if (!holds_items(top().kind)) return;
    Item& item = top().item;
    if (!state_.amid) item = Item{}, top().questions = 0;
    const TokenKind kind = piece.token;
    const bool after_at = before() && before()->is(kAt) && !before()->is_pragma && state_.amid;
    if (kind == kAt) {
      if (piece.is_pragma && item.head == kEnd) item.in_annotation = true;
    } else if (after_at) {
      if (item.head == kEnd) item.in_annotation = true;
    } else if (item.head == kEnd && kind != kConst && kind != kAbstract &&
               !(item.in_annotation && (kind == kLeftParen || kind == kLeftBracket) && opens_annotation())) {
      item.head = kind;
      item.head_at = at_;
      item.is_macro = kind == kIdentifier && is_capital(piece.text);
    } else if (item.is_macro && kind != kLeftParen) {
      item.is_macro = false;
    }
    if (piece.role == Role::kAssign) item.assigned = true;
    if (kind == kIf) item.is_if = true;
    if (kind == kElse) item.is_if = false;
    if (kind == kElse) item.assigned = false;
  }

  /// Whether the last two tokens are `@name`.
  bool opens_annotation() const {
    if (!before() || !is_word(before()->token)) return false;
    std::size_t at = state_.before;
    while (at > 0 && pieces_[at - 1].kind != PieceKind::kToken) --at;
    return at > 0 && pieces_[at - 1].is(kAt) && !pieces_[at - 1].is_pragma;
  }

  bool structure(Piece& piece) {
    switch (piece.token) {
      case kLeftParen:
        push_paren();
        return true;
      case kLeftBracket:
        push(FrameKind::kSquare);
        return true;
      case kLeftBrace:
        open_brace(piece);
        return true;
      case kRightParen:
      case kRightBracket:
      case kRightBrace:
        return close(piece);
      default:
        break;
    }
    state_.operand =
        (is_word(piece.token) && piece.token != kReturn && piece.token != kIn && piece.token != kElse &&
         piece.token != kOut && piece.token != kInout && piece.token != kConst && piece.token != kTransition) ||
        piece.token == kInteger || piece.token == kStringLiteral || piece.token == kInvalid || piece.token == kDots ||
        piece.role == Role::kCloseAngle;
    if (holds_items(top().kind)) end_of_item(piece);
    return true;
  }

  void end_of_item(const Piece& piece) {
    const FrameKind kind = top().kind;
    if (piece.is(kSemicolon) || (kind == FrameKind::kList && piece.is(kComma))) {
      finish_item();
      end_line(at_ + 1);
    } else if (kind == FrameKind::kSwitch && piece.role == Role::kLabelColon && next() != kLeftBrace) {
      state_.amid = false;
      end_line(at_ + 1);
    } else if (piece.is(kElse) && next() != kLeftBrace && next() != kIf) {
      wait_for_statement(false);
    }
  }

  /// Behind `if (...)` without braces: the statement to come stands one level deeper.
  void wait_for_statement(bool is_if) {
    end_line(at_ + 1);
    state_.amid = false;
    // Deeper, nothing is legible; and a million of them must not become a million times a million spaces.
    if (top().pending.size() < 40) top().pending.push_back(is_if);
  }

  void finish_item() {
    state_.amid = false;
    std::vector<bool>& pending = top().pending;
    if (next() == kElse) {
      while (!pending.empty() && !pending.back()) pending.pop_back();
      if (!pending.empty()) pending.pop_back();
    } else {
      pending.clear();
    }
  }

  Frame& push(FrameKind kind) {
    if (state_.frames.size() > kMaxDepth && !too_deep_) {
      diagnostics_.report(DiagnosticKind::kTooDeep, pieces_[at_].span, "brackets nest too deeply here");
      too_deep_ = true;
    }
    Frame frame;
    frame.kind = kind;
    frame.open = at_;
    frame.indent = lines_.back().indent;
    state_.frames.push_back(frame);
    state_.operand = false;
    return top();
  }

  void push_paren() {
    if (opens_annotation()) {
      push(FrameKind::kAnnotation);
      return;
    }
    const bool operand = state_.operand;
    const TokenKind last = before() ? before()->token : kEnd;
    Frame& frame = push(FrameKind::kParen);
    frame.controls = last == kIf || last == kFor || last == kSwitch;
    frame.cast = !operand && !frame.controls;
  }

  void open_brace(Piece& piece) {
    if (!holds_items(top().kind) || in_expression()) {
      push(FrameKind::kBrace);
      return;
    }
    const Item& item = top().item;
    const bool is_list = item.head == kEnum || item.head == kError || item.head == kMatchKind;
    const bool is_property = top().kind == FrameKind::kTable && item.head != kEntries;
    if ((is_list || is_property) && fits_on_line()) {
      push(FrameKind::kOneLine);
      return;
    }
    piece.role = Role::kOpenBlock;
    piece.space = before() != nullptr;
    const FrameKind kind = is_list                ? FrameKind::kList
                           : item.head == kTable  ? FrameKind::kTable
                           : item.head == kSwitch ? FrameKind::kSwitch
                                                  : FrameKind::kBlock;
    push(kind);
    state_.amid = false;
    if (!directly_next(kRightBrace)) end_line(at_ + 1);
  }

  /// Whether `{` begins a list of values and no block.
  bool in_expression() const {
    const Frame& frame = state_.frames.back();
    const Piece* const last = before();
    if (frame.kind == FrameKind::kList || !last) return frame.kind == FrameKind::kList;
    const TokenKind head = frame.item.head;
    if (last->is(kAssign) && frame.kind == FrameKind::kTable)
      return head != kKey && head != kActions && head != kEntries;
    if (last->is(kAssign)) return !declares_object();
    return frame.item.assigned || head == kReturn || (!state_.operand && last->role == Role::kBinary);
  }

  /// `Extern(...) name = {` begins the bodies of abstract methods.
  bool declares_object() const {
    std::size_t seen = 0;
    for (std::size_t at = state_.before; at-- > 0;) {
      if (pieces_[at].kind != PieceKind::kToken) continue;
      if (seen == 0 && (!is_word(pieces_[at].token) || state_.frames.back().item.head_at == at)) return false;
      if (++seen == 2) return pieces_[at].is(kRightParen) && pieces_[at].role == Role::kPlain;
    }
    return false;
  }

  /// Whether the author has all up to the `}` on one line, and it may stay. An upper bound for its width, which does
  /// not depend on spaces as they are now.
  bool fits_on_line() const {
    std::size_t width = lines_.back().indent * options_.indent;
    for (std::size_t at = lines_.back().begin; at <= at_; ++at) width += pieces_[at].text.size() + 1;
    std::size_t depth = 0;
    for (std::size_t at = at_ + 1; at < pieces_.size() && width <= options_.width; ++at) {
      const Piece& piece = pieces_[at];
      if (piece.newlines != 0 || piece.kind != PieceKind::kToken || piece.is_pragma) return false;
      width += piece.text.size() + 1;
      if (piece.is(kLeftBrace)) ++depth;
      if (piece.is(kRightBrace) && depth-- == 0) return at != at_ + 1;
    }
    return false;
  }

  bool close(Piece& piece) {
    const Frame frame = top();
    const TokenKind opener = pieces_[frame.open].token;
    const bool pairs = (piece.token == kRightParen && opener == kLeftParen) ||
                       (piece.token == kRightBracket && opener == kLeftBracket) ||
                       (piece.token == kRightBrace && opener == kLeftBrace);
    if (state_.frames.size() == 1 || !pairs) {
      unpaired(piece, "has no partner");
      return false;
    }
    const bool is_block = holds_items(frame.kind);
    state_.frames.pop_back();
    state_.operand = true;
    if (is_block && !open_line_) lines_.push_back({at_, at_, frame.indent, false, false}), open_line_ = true;
    if (is_block || frame.kind == FrameKind::kOneLine) {
      end_block();
    } else if (piece.token == kRightParen) {
      close_paren(piece, frame);
    } else if (piece.token == kRightBracket && annotates(frame.open)) {
      end_annotation();
    }
    return true;
  }

  bool annotates(std::size_t open) const {
    std::size_t names = 0;
    for (std::size_t at = open; at-- > 0;) {
      if (pieces_[at].kind != PieceKind::kToken) continue;
      if (++names == 2) return pieces_[at].is(kAt) && !pieces_[at].is_pragma;
    }
    return false;
  }

  void close_paren(Piece& piece, const Frame& frame) {
    const TokenKind after = next();
    if (frame.controls) {
      state_.operand = false;
      if (holds_items(top().kind) && after != kLeftBrace && pieces_[frame.open].token == kLeftParen)
        wait_for_statement(top().item.is_if);
      return;
    }
    const bool operand_follows = is_word(after) || after == kInteger || after == kStringLiteral ||
                                 after == kLeftParen || after == kLeftBrace || after == kNot || after == kComplement ||
                                 after == kInvalid;
    if (frame.cast && (operand_follows || ((after == kMinus || after == kPlus) && is_type_in(frame.open))) &&
        after != kIn) {
      piece.role = Role::kCastClose;
      state_.operand = false;
    }
  }

  bool is_type_in(std::size_t open) const {
    const TokenKind first = next_token(pieces_, open + 1);
    return first == kBit || first == kInt || first == kVarbit || first == kBool;
  }

  void end_block() {
    if (!holds_items(top().kind)) return;  // a block in parentheses: what is wrong with it, others say
    const TokenKind after = next();
    state_.amid = true;
    if (after == kSemicolon && directly_next(kSemicolon)) return;
    if (after == kElse && top().item.is_if) {
      if (directly_next(kElse)) return;
      state_.amid = false;
    } else {
      finish_item();
    }
    end_line(at_ + 1);
  }

  struct Branches {
    State begin;
    std::optional<State> first_end;
    bool leaves_out;  // the branch that we are in is empty whatever the macros are
  };

  std::vector<Piece>& pieces_;
  const FormatOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<Line> lines_;
  bool open_line_ = false;  // the last line goes on
  bool too_deep_ = false;
  bool behind_directive_ = false;  // no token since
  std::size_t at_ = 0;
  State state_;
  std::vector<Branches> branches_;
};

}  // namespace

std::optional<std::vector<Line>> find_lines(std::vector<Piece>& pieces, const FormatOptions& options,
                                            Diagnostics& diagnostics) {
  return Structure(pieces, options, diagnostics).run();
}

}  // namespace p4bpf::editor
