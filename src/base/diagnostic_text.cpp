// How a diagnostic looks on a terminal: the headline, the source line, a caret under the place (diagnostics.h).
//
// A source line may hold anything: tabs, wide characters, escape sequences, bytes that are no UTF-8, a megabyte. It is
// cut into glyphs whose width is known; what could harm a terminal or hide from the reader is shown as <1b> or
// <U+202E>.
#include <fmt/format.h>

#include <algorithm>

#include "base/diagnostics.h"

namespace p4bpf {
namespace {

constexpr std::string_view kBold = "\033[1m", kRed = "\033[1;31m", kMagenta = "\033[1;35m", kCyan = "\033[1;36m",
                           kPlain = "\033[0m";
constexpr std::size_t kTabStop = 8;
constexpr std::size_t kMaxCells = 116;    // of a source line, so that it stays one line on a screen of 120
constexpr std::size_t kCellsBefore = 40;  // what of a cut line is shown before the caret

/// What of a line is shown together: the text for `bytes` bytes of source, `cells` wide.
struct Glyph {
  std::string text;
  std::size_t bytes;
  std::size_t cells;
};

struct Range {
  char32_t first;
  char32_t last;
};
bool is_in(char32_t point, const auto& ranges) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return point >= range.first && point <= range.last; });
}
// Unicode: marks that stand on the character before; what East Asian fonts and emoji draw two cells wide (UAX 11);
// marks that turn the direction of writing and can make code look like other code.
constexpr Range kMarks[] = {{0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                           {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
constexpr Range kTreacherous[] = {{0x80, 0x9f},     {0x200b, 0x200f}, {0x2028, 0x202e},
                                  {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};

/// The code point that `text` begins with and its bytes; 0 bytes if it is no UTF-8.
std::pair<char32_t, std::size_t> first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {0, 0};
  char32_t point = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {0, 0};
    point = point << 6 | (next & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // for each length
  const bool is_valid = point >= kLeast[length] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return is_valid ? std::pair{point, length} : std::pair{char32_t{0}, std::size_t{0}};
}

/// The glyph that `text` begins with, where `column` cells stand before it.
Glyph first_glyph(std::string_view text, std::size_t column) {
  const auto [point, bytes] = first_code_point(text);
  const auto spelled = [](std::string name, std::size_t of) {
    const std::size_t cells = name.size();
    return Glyph{std::move(name), of, cells};
  };
  if (bytes == 0) return spelled(fmt::format("<{:02x}>", static_cast<unsigned char>(text[0])), 1);
  if (point == '\t') return spelled(std::string(kTabStop - column % kTabStop, ' '), 1);
  if (point < 0x20 || point == 0x7f) return spelled(fmt::format("<{:02x}>", static_cast<unsigned>(point)), 1);
  if (is_in(point, kTreacherous)) return spelled(fmt::format("<U+{:04X}>", static_cast<unsigned>(point)), bytes);
  return {std::string(text.substr(0, bytes)), bytes, is_in(point, kMarks) ? 0U : is_in(point, kWide) ? 2U : 1U};
}

/// A message or a file name, safe to print; it may have several lines.
std::string safe(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Glyph glyph = text[0] == '\n' ? Glyph{"\n", 1, 0} : first_glyph(text, 0);
    out += glyph.text;
    text.remove_prefix(glyph.bytes);
  }
  return out;
}

/// The source line of `span` and a caret line under it; a long line is cut around the caret.
std::string excerpt(Span span, const SourceMap& sources, bool colours) {
  std::string_view line = sources.line_text(span.begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t begin = sources.position(span.begin).column - 1;
  const std::size_t end = begin + std::max(span.end.offset, span.begin.offset + 1) - span.begin.offset;
  // Only what can be shown is looked at: each byte takes a cell or belongs to a mark that does not matter here.
  std::size_t byte = begin > kMaxCells * 4 ? begin - kMaxCells * 4 : 0;
  bool is_cut = byte != 0;
  std::vector<Glyph> glyphs;
  std::size_t column = 0, caret = std::string::npos, underline = 0, first = 0;
  while (byte < line.size() && byte < begin + kMaxCells * 4) {
    Glyph glyph = first_glyph(line.substr(byte), column);
    const bool is_inside = byte + glyph.bytes > begin && byte < end;
    if (is_inside && caret == std::string::npos) caret = column;
    if (is_inside) underline += glyph.cells;
    byte += glyph.bytes;
    column += glyph.cells;
    glyphs.push_back(std::move(glyph));
  }
  if (caret == std::string::npos) caret = column;
  std::size_t skipped = 0;
  if (is_cut || caret + std::min(underline, kMaxCells / 2) > kMaxCells) {
    while (first < glyphs.size() && skipped + kCellsBefore < caret) skipped += glyphs[first++].cells;
    is_cut = is_cut || first != 0;
  }
  std::string text = is_cut ? "..." : "";
  const std::size_t offset = text.size() + caret - skipped;
  std::size_t cells = text.size();
  for (; first < glyphs.size() && cells + glyphs[first].cells <= kMaxCells; ++first) {
    text += glyphs[first].text;
    cells += glyphs[first].cells;
  }
  if (first < glyphs.size() || byte < line.size()) text += "...";
  const std::size_t room = cells > offset ? cells - offset : 1;
  std::string out = "  " + text + "\n  " + std::string(offset, ' ');
  if (colours) out += kRed;
  out += '^' + std::string(std::clamp<std::size_t>(underline, 1, room) - 1, '~');
  if (colours) out += kPlain;
  return out + "\n";
}

std::string headline(Span span, std::string_view label, std::string_view colour, std::string_view message,
                     const SourceMap& sources, bool colours) {
  std::string out;
  if (span) {
    const Position at = sources.position(span.begin);
    out += safe(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  }
  if (colours) out += colour;
  out += label;
  if (colours) out += kPlain;
  out += ": ";
  if (colours) out += kBold;
  out += safe(message);
  if (colours) out += kPlain;
  return out;
}

std::string render_note(Span span, std::string_view message, const SourceMap& sources, bool colours) {
  const std::string out = headline(span, span ? "note" : "help", kCyan, message, sources, colours) + "\n";
  return span ? out + excerpt(span, sources, colours) : out;
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const SourceMap& sources, bool colours) {
  const bool is_error = diagnostic.severity == Severity::kError;
  std::string out = headline(diagnostic.span, is_error ? "error" : "warning", is_error ? kRed : kMagenta,
                             diagnostic.message, sources, colours);
  out += " [" + std::string(kind_name(diagnostic.kind)) + "]\n";
  if (diagnostic.span) out += excerpt(diagnostic.span, sources, colours);
  if (const Span macro = sources.macro_definition(diagnostic.span)) {
    out += render_note(macro, "it comes from this macro", sources, colours);
  }
  for (const Note& note : diagnostic.notes) out += render_note(note.span, note.message, sources, colours);
  return out;
}

std::string render_all(const Diagnostics& diagnostics, bool colours) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, diagnostics.sources(), colours);
  return out;
}

}  // namespace p4bpf
