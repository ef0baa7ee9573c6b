// Reads JSON with its lines (located_json.h). The library's parser reports values one by one and does not say where it
// is; but it takes the text character by character from an iterator, and ours counts the lines that it has given out.
#include "control/located_json.h"

#include <iterator>
#include <nlohmann/json.hpp>

namespace p4bpf::control {
namespace {

using Json = nlohmann::json;
using Kind = LocatedJson::Kind;

constexpr std::size_t kDeepest = 64;

/// What has been read so far.
struct Progress {
  std::size_t lines = 0;  // ends of lines
  char last = '\0';
};

/// Gives out the text once.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Progress* progress) : at_(at), progress_(progress) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    progress_->last = *at_;
    if (*at_ == '\n') ++progress_->lines;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Progress* progress_;
};

/// Builds the tree from what the parser reports.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(const Progress& progress, const std::string& file) : progress_(progress), file_(file) {}
  Result<LocatedJson> result() {
    if (fault_) return fail(*fault_);
    return std::move(root_);
  }

  bool null() override { return add(Kind::kNull, "null"); }
  bool boolean(bool value) override { return add(Kind::kBool, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add(Kind::kNumber, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(Kind::kNumber, std::to_string(value)); }
  // Numbers of more than 64 bits as well: their digits are there.
  bool number_float(number_float_t, const string_t& text) override { return add(Kind::kNumber, text); }
  bool string(string_t& value) override { return add(Kind::kString, std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in JSON
  bool start_object(std::size_t) override { return open(Kind::kObject); }
  bool start_array(std::size_t) override { return open(Kind::kArray); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->member(name) != nullptr) return stop("'" + name + "' is given twice");
    open_.back()->members.emplace_back(std::move(name), LocatedJson{});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while ...: what"
    std::string text = error.what();
    if (const std::size_t colon = text.find(": "); colon != std::string::npos) text = text.substr(colon + 2);
    return stop("this is no JSON: " + text);
  }

 private:
  /// A number is known to be over only when the character behind it has been read.
  std::size_t line() const { return progress_.lines + (progress_.last == '\n' ? 0 : 1); }

  bool stop(std::string message) {
    fault_ = error_at(file_, line(), std::move(message));
    return false;
  }

  LocatedJson* add_value(Kind kind, std::string text) {
    LocatedJson value;
    value.kind = kind;
    value.line = line();
    value.text = std::move(text);
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    LocatedJson& parent = *open_.back();
    if (parent.is(Kind::kArray)) {
      parent.elements.push_back(std::move(value));
      return &parent.elements.back();
    }
    parent.members.back().second = std::move(value);
    return &parent.members.back().second;
  }
  bool add(Kind kind, std::string text) { return add_value(kind, std::move(text)) != nullptr; }
  bool open(Kind kind) {
    if (open_.size() == kDeepest) return stop("this is nested too deeply");
    // A parent's other values do not move while this one is open.
    open_.push_back(add_value(kind, ""));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const Progress& progress_;
  const std::string& file_;
  LocatedJson root_;
  std::vector<LocatedJson*> open_;
  std::optional<Error> fault_;
};

}  // namespace

const LocatedJson* LocatedJson::member(std::string_view name) const {
  for (const auto& [known, value] : members) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a truth value";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "a list";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

Error error_at(const std::string& file, std::size_t line, std::string message, std::string hint) {
  return {file + ":" + std::to_string(line) + ": " + std::move(message), std::move(hint), 0};
}

Result<LocatedJson> read_json(std::string_view text, const std::string& file) {
  Progress progress;
  TreeBuilder builder(progress, file);
  const CountingIterator begin(text.data(), &progress);
  const CountingIterator end(text.data() + text.size(), &progress);
  Json::sax_parse(begin, end, &builder);
  return builder.result();
}

}  // namespace p4bpf::control
