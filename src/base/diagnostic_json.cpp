// Diagnostics as JSON lines and as SARIF (diagnostic_json.h). SARIF: OASIS, "Static Analysis Results Interchange Format
// (SARIF) Version 2.1.0"; the sections are named below.
#include "base/diagnostic_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/explanations.h"

namespace p4bpf {
namespace {

using Json = nlohmann::ordered_json;

/// What is not UTF-8 becomes U+FFFD.
std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string_view severity_name(Severity severity) { return severity == Severity::kError ? "error" : "warning"; }

/// The end of a span; nowhere else than behind its beginning.
Loc end_of(Span span) { return span.end < span.begin ? span.begin : span.end; }

void put_place(Json& to, Span span, const SourceMap& sources) {
  if (!span) return;
  const Position begin = sources.position(span.begin);
  const Position end = sources.position(end_of(span));
  to["file"] = begin.file;
  to["line"] = begin.line;
  to["column"] = begin.column;
  to["end_line"] = end.line;
  to["end_column"] = end.column;
}

/// Bytes that do not start a code point are 10xxxxxx.
std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The column of `loc` in code points, from 1.
std::size_t sarif_column(Loc loc, const SourceMap& sources) {
  const std::size_t bytes = sources.position(loc).column;
  return bytes == 0 ? 1 : code_points(sources.line_text(loc).substr(0, bytes - 1)) + 1;
}

/// 3.4: a URI reference; a relative one is meant from where p4bpf ran.
std::string uri_of(const std::string& file) {
  std::string out = file.starts_with('/') ? "file://" : "";
  for (const char c : file) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("/-._~").find(c) != std::string_view::npos;
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// 3.28 location with its 3.29 physicalLocation and 3.30 region.
Json location_of(Span span, const SourceMap& sources) {
  const Position begin = sources.position(span.begin);
  const Position end = sources.position(end_of(span));
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri_of(begin.file)}}},
            {"region",
             {{"startLine", begin.line},
              {"startColumn", sarif_column(span.begin, sources)},
              {"endLine", end.line},
              {"endColumn", sarif_column(end_of(span), sources)}}}}}};
}

/// 3.49 reportingDescriptor: what a viewer shows of a kind.
Json rule_of(DiagnosticKind kind) {
  Json rule = {{"id", kind_name(kind)}};
  if (const auto explanation = explanation_of(kind)) {
    rule["shortDescription"] = {{"text", explanation->summary}};
    rule["fullDescription"] = {{"text", explanation->paragraph}};
    rule["help"] = {{"text", explanation->paragraph}, {"markdown", explanation->markdown}};
  }
  rule["defaultConfiguration"] = {{"level", severity_name(severity_of(kind))}};
  return rule;
}

}  // namespace

std::string to_json(const Diagnostic& diagnostic, const SourceMap& sources) {
  Json object = {{"kind", kind_name(diagnostic.kind)},
                 {"severity", severity_name(diagnostic.severity)},
                 {"message", diagnostic.message}};
  put_place(object, diagnostic.span, sources);
  Json notes = Json::array();
  for (const Note& note : diagnostic.notes) {
    Json one = {{"message", note.message}};
    put_place(one, note.span, sources);
    notes.push_back(std::move(one));
  }
  object["notes"] = std::move(notes);
  Json includes = Json::array();
  for (Loc at = sources.included_at(diagnostic.span.begin); at; at = sources.included_at(at)) {
    const Position place = sources.position(at);
    includes.push_back({{"file", place.file}, {"line", place.line}, {"column", place.column}});
  }
  if (!includes.empty()) object["included_from"] = std::move(includes);
  if (const Span macro = sources.macro_definition(diagnostic.span)) {
    Json one = {{"name", sources.text(macro)}};
    put_place(one, macro, sources);
    object["macro"] = std::move(one);
  }
  return dumped(object);
}

std::string to_json(const Error& error) {
  Json notes = Json::array();
  if (!error.hint.empty()) notes.push_back({{"message", error.hint}});
  return dumped(Json{{"severity", "error"}, {"message", error.message}, {"notes", std::move(notes)}});
}

struct Sarif::Document {
  std::vector<DiagnosticKind> rules;
  Json results = Json::array();
  Json notifications = Json::array();
};

Sarif::Sarif() : document_(std::make_unique<Document>()) {}
Sarif::~Sarif() = default;

void Sarif::add(const Diagnostic& diagnostic, const SourceMap& sources) {
  auto& rules = document_->rules;
  auto rule = std::find(rules.begin(), rules.end(), diagnostic.kind);
  if (rule == rules.end()) rule = rules.insert(rules.end(), diagnostic.kind);
  std::string message = diagnostic.message;
  Json related = Json::array();
  const auto relate = [&](Span span, const std::string& text) {
    Json location = location_of(span, sources);
    location["id"] = related.size();
    location["message"] = {{"text", text}};
    related.push_back(std::move(location));
  };
  for (const Note& note : diagnostic.notes) {
    if (note.span) {
      relate(note.span, note.message);
    } else {
      message += "\n" + note.message;
    }
  }
  if (const Span macro = sources.macro_definition(diagnostic.span)) relate(macro, "this macro brought it");
  for (Loc at = sources.included_at(diagnostic.span.begin); at; at = sources.included_at(at))
    relate({at, at}, "included here");
  // 3.27 result.
  Json result = {{"ruleId", kind_name(diagnostic.kind)},
                 {"ruleIndex", rule - rules.begin()},
                 {"level", severity_name(diagnostic.severity)},
                 {"message", {{"text", message}}},
                 {"locations", Json::array()}};
  if (diagnostic.span) result["locations"].push_back(location_of(diagnostic.span, sources));
  if (!related.empty()) result["relatedLocations"] = std::move(related);
  document_->results.push_back(std::move(result));
}

void Sarif::add(const Error& error) {
  // 3.58 notification.
  const std::string text = error.hint.empty() ? error.message : error.message + "\n" + error.hint;
  document_->notifications.push_back({{"level", "error"}, {"message", {{"text", text}}}});
}

std::string Sarif::text() const {
  Json rules = Json::array();
  for (const DiagnosticKind kind : document_->rules) rules.push_back(rule_of(kind));
  // 3.20 invocation: a program with mistakes is what we look for; only a failure of the world is not a success.
  const Json invocation = {{"executionSuccessful", document_->notifications.empty()},
                           {"toolExecutionNotifications", document_->notifications}};
  const Json run = {{"tool", {{"driver", {{"name", "p4bpf"}, {"rules", std::move(rules)}}}}},
                    {"columnKind", "unicodeCodePoints"},
                    {"invocations", Json::array({invocation})},
                    {"results", document_->results}};
  return dumped(Json{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", Json::array({run})}},
                2);
}

}  // namespace p4bpf
