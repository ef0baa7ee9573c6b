// Many lines of entries (entry_file.h).
#include "control/entry_file.h"

#include <algorithm>
#include <map>
#include <optional>

#include "control/entries.h"
#include "manifest/entry.h"
#include "runtime/table_layout.h"

namespace p4bpf::control {

using runtime::Change;
using runtime::TableAccess;

LineBatch::LineBatch(TableAccess& access, const manifest::Manifest& manifest, std::size_t table, Change change,
                     const LineSource& source)
    : access_(access),
      table_(manifest.tables[table]),
      index_(table),
      change_(change),
      source_(source),
      is_encoded_(TableAccess::takes_encoded(table_)),
      encoder_(table_, change) {
  const bool has_length = table_.structure != manifest::Structure::kHash;
  encoded_.key_size = table_.key_size + (has_length ? sizeof(std::uint32_t) : 0);
  encoded_.value_size = table_.value_size;
}

void LineBatch::reserve(std::size_t lines) {
  line_of_.reserve(lines);
  if (!is_encoded_) return;
  encoded_.keys.reserve(lines * encoded_.key_size);
  if (change_ != Change::kDelete) encoded_.values.reserve(lines * encoded_.value_size);
}

tl::unexpected<Error> LineBatch::stopped(Error error, std::size_t line, std::size_t done) const {
  error.message = source_.file + ":" + std::to_string(line) + ": " + error.message;
  const bool none = source_.all_or_none || TableAccess::changes_as_one(table_);
  error.hint += (error.hint.empty() ? "" : "; ") +
                (none ? std::string("no line was done") : std::to_string(done) + " lines before it were done");
  return fail(std::move(error));
}

Result<void> LineBatch::take(std::string_view line, std::size_t number) {
  if (!encoder_.encode(line, encoded_)) return take_slowly(line, number);
  line_of_.push_back(number);
  return {};
}

Result<void> LineBatch::take_slowly(std::string_view line, std::size_t number) {
  Result<EntryWords> words = split_line(std::string(line));
  if (words && words->words.empty()) return {};
  Result<manifest::Entry> entry;
  if (!words) {
    entry = fail(words.error());
  } else if (change_ == Change::kDelete) {
    entry = parse_entry_key(table_, std::move(*words), source_.ports);
    if (entry && is_encoded_) entry = manifest::normalize_keys(table_, *entry);
  } else {
    entry = parse_entry(table_, std::move(*words), source_.ports);
    if (entry && is_encoded_) entry = manifest::normalize(table_, *entry);
  }
  if (!entry) {
    // Those before it are as good as they would be without it.
    if (!source_.all_or_none && !TableAccess::changes_as_one(table_)) {
      if (Result<void> written = write(number); !written) return written;
    }
    return stopped(entry.error(), number, line_of_.size());
  }
  if (is_encoded_) {
    const runtime::Bytes key = runtime::encode_key(table_, entry->keys);
    encoded_.keys.insert(encoded_.keys.end(), key.begin(), key.end());
    if (change_ != Change::kDelete) {
      const runtime::Bytes value = runtime::encode_value(table_, *entry);
      encoded_.values.insert(encoded_.values.end(), value.begin(), value.end());
    }
  } else {
    entries_.push_back(std::move(*entry));
  }
  line_of_.push_back(number);
  return {};
}

Result<void> LineBatch::write(std::size_t total) {
  if (line_of_.empty()) return {};
  std::size_t at = 0;
  const auto tell = [&] { source_.progress(at == line_of_.size() ? line_of_.back() : line_of_[at], total); };
  const Result<void> done = is_encoded_ ? access_.change_encoded(index_, change_, encoded_, at, tell)
                                        : access_.change_all(index_, change_, entries_, at, tell);
  if (done) return done;
  return stopped(done.error(), line_of_[std::min(at, line_of_.size() - 1)], at);
}

namespace {

/// Calls `take` for each line of the text with its number, until one fails.
template <class Take>
Result<void> for_lines(std::string_view text, Take&& take) {
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (Result<void> taken = take(text.substr(start, end - start), ++number); !taken) return taken;
    start = end + 1;
  }
  return {};
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::optional<Change> change_named(std::string_view word) {
  if (word == "add") return Change::kAdd;
  if (word == "modify") return Change::kModify;
  if (word == "delete") return Change::kDelete;
  return std::nullopt;
}

}  // namespace

Result<void> change_lines(TableAccess& access, const manifest::Manifest& manifest, std::size_t table, Change change,
                          std::string_view text, const LineSource& source) {
  const std::size_t total = count_lines(text);
  LineBatch batch(access, manifest, table, change, source);
  batch.reserve(total + 1);
  Result<void> done =
      for_lines(text, [&](std::string_view line, std::size_t number) { return batch.take(line, number); });
  if (done) done = batch.write(total);
  if (done) source.progress(total, total);
  return done;
}

Result<std::vector<BatchLine>> read_batch(const manifest::Manifest& manifest, std::string_view text,
                                          const std::string& file) {
  std::vector<std::string> names;
  for (const manifest::Table& table : manifest.tables) names.push_back(table.name);
  std::vector<BatchLine> lines;
  std::string last_name;
  std::size_t last_table = 0;
  const Result<void> done = for_lines(text, [&](std::string_view line, std::size_t number) -> Result<void> {
    const auto stopped = [&](Error error) {
      error.message = file + ":" + std::to_string(number) + ": " + error.message;
      return fail(std::move(error));
    };
    const std::string_view verb = next_word(line);
    if (verb.empty() || verb[0] == '#') return {};
    const std::optional<Change> change = change_named(verb);
    if (!change) {
      return stopped({"'" + std::string(verb) + "' is no change",
                      "a line is add TABLE KEY... ACTION [ARGUMENT...], modify the same, or delete TABLE KEY...", 0});
    }
    const std::string_view name = next_word(line);
    if (name != last_name || lines.empty()) {
      const Result<std::size_t> found = manifest::find_by_name("table", name, names);
      if (!found) return stopped(found.error());
      last_name = name;
      last_table = *found;
    }
    lines.push_back({*change, last_table, line, number});
    return {};
  });
  if (!done) return fail(done.error());
  return lines;
}

Result<void> change_batch(TableAccess& access, const manifest::Manifest& manifest, const std::vector<BatchLine>& lines,
                          const LineSource& source) {
  const std::size_t total = lines.empty() ? 0 : lines.back().number;
  std::map<std::size_t, LineBatch> open;  // by table: what was gathered and is not written yet
  for (const BatchLine& line : lines) {
    auto batch = open.find(line.table);
    if (batch != open.end() && batch->second.change() != line.change) {
      if (Result<void> written = batch->second.write(total); !written) return written;
      open.erase(batch);
      batch = open.end();
    }
    if (batch == open.end())
      batch = open.try_emplace(line.table, access, manifest, line.table, line.change, source).first;
    if (Result<void> taken = batch->second.take(line.rest, line.number); !taken) return taken;
  }
  for (auto& [table, batch] : open) {
    if (Result<void> written = batch.write(total); !written) return written;
  }
  source.progress(total, total);
  return {};
}

}  // namespace p4bpf::control
