// JSON-RPC: what a message asks for, and the answer as JSON (server.h). What the answers say is made elsewhere
// (features.h, rename.h).
#include "editor/lsp/server.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "editor/format.h"
#include "editor/lsp/features.h"
#include "editor/lsp/handshake.h"
#include "editor/lsp/rename.h"
#include "editor/lsp/workspace.h"

namespace p4bpf::editor {
namespace {

using nlohmann::json;

// JSON-RPC 2.0, section 5.1, and the protocol's own.
enum ErrorCode : int {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kServerNotInitialized = -32002,
  kRequestFailed = -32803,
  kRequestCancelled = -32800,
};

/// A request that cannot be met; ends as an error response.
struct Refusal {
  int code;
  std::string message;
};

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json response_error(const json& id, int code, const std::string& message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

json to_json(LinePlace place) { return {{"line", place.line}, {"character", place.character}}; }
json to_json(LineRange range) { return {{"start", to_json(range.start)}, {"end", to_json(range.end)}}; }

std::uint32_t number_in(const json& value) {
  const auto wide = value.get<double>();
  return wide <= 0 ? 0 : wide >= 1e9 ? 1000000000U : static_cast<std::uint32_t>(wide);
}
LinePlace place_in(const json& value) { return {number_in(value.at("line")), number_in(value.at("character"))}; }
LineRange range_in(const json& value) { return {place_in(value.at("start")), place_in(value.at("end"))}; }

json markdown(const std::string& text) { return {{"kind", "markdown"}, {"value", text}}; }

constexpr int kSymbolKinds[] = {23, 8, 10, 22, 12, 6, 5, 14, 13, 19, 11, 24};  // by SymbolKind
constexpr int kSuggestionKinds[] = {14, 6, 21, 5, 2, 3, 22, 20, 10, 17, 9};    // by Suggestion::Kind

}  // namespace

class Server::Impl {
 public:
  Impl() {
    fill_requests();
    fill_notifications();
  }

  void receive(std::string_view body, const std::deque<std::string>& waiting) {
    const json message = json::parse(body, nullptr, false);
    if (message.is_discarded()) return send(response_error(nullptr, kParseError, "the message is not JSON"));
    if (!message.is_object()) return send(response_error(nullptr, kInvalidRequest, "the message is not an object"));
    const bool has_id = message.contains("id") && (message["id"].is_number() || message["id"].is_string());
    const json id = has_id ? message["id"] : json(nullptr);
    if (!message.contains("method")) {
      const bool is_response = message.contains("result") || message.contains("error");
      if (!is_response) send(response_error(id, kInvalidRequest, "the message has no method"));
      return;
    }
    if (!message["method"].is_string()) return send(response_error(id, kInvalidRequest, "the method is not a string"));
    const auto method = message["method"].get<std::string>();
    const json params = message.contains("params") ? message["params"] : json::object();
    if (!has_id) return notified(method, params);
    try {
      send({{"jsonrpc", "2.0"}, {"id", id}, {"result", answer(id, method, params, waiting)}});
    } catch (const Refusal& refusal) {
      send(response_error(id, refusal.code, refusal.message));
    } catch (const json::exception& wrong) {
      send(response_error(id, kInvalidParams, wrong.what()));
    }
  }

  bool has_work() const { return has_begun_ && (workspace_.has_work() || must_publish_); }
  void work() {
    workspace_.work();
    must_publish_ = true;
    if (!workspace_.has_work()) publish();
  }

  std::vector<std::string> sent;
  bool is_done = false;
  bool was_shut_down = false;

 private:
  using Handler = std::function<json(const json&)>;

  void send(const json& message) { sent.push_back(text_of(message)); }

  static bool is_cancelled(const json& id, const std::deque<std::string>& waiting) {
    for (const std::string& later : waiting) {
      if (later.find("$/cancelRequest") == std::string::npos) continue;
      const json message = json::parse(later, nullptr, false);
      if (!message.is_object() || message.value("method", json()) != "$/cancelRequest") continue;
      const json params = message.value("params", json());
      if (params.is_object() && params.value("id", json()) == id) return true;
    }
    return false;
  }

  json answer(const json& id, const std::string& method, const json& params, const std::deque<std::string>& waiting) {
    if (method == "initialize") return initialize(params);
    if (!has_begun_) throw Refusal{kServerNotInitialized, "the first request must be 'initialize'"};
    if (was_shut_down) throw Refusal{kInvalidRequest, "the server was shut down"};
    if (is_cancelled(id, waiting)) throw Refusal{kRequestCancelled, "cancelled"};
    const auto handler = requests_.find(method);
    if (handler == requests_.end()) throw Refusal{kMethodNotFound, "there is no method '" + method + "'"};
    return handler->second(params);
  }

  void notified(const std::string& method, const json& params) {
    if (method == "exit") is_done = true;
    const auto handler = notifications_.find(method);
    if (!has_begun_ || handler == notifications_.end()) return;
    try {
      handler->second(params);
    } catch (const json::exception& wrong) {
      send({{"jsonrpc", "2.0"},
            {"method", "window/logMessage"},
            {"params", {{"type", 1}, {"message", method + ": " + wrong.what()}}}});
    }
  }

  json initialize(const json& params) {
    if (has_begun_) throw Refusal{kInvalidRequest, "'initialize' came before"};
    const std::string said = text_of(params);
    encoding_ = encoding_for(said);
    root_ = workspace_.path_of(root_uri_in(said));
    if (params.is_object() && params.contains("initializationOptions")) configure(params["initializationOptions"]);
    has_begun_ = true;
    return {{"capabilities", json::parse(capabilities(encoding_))}, {"serverInfo", {{"name", "p4bpf"}}}};
  }

  void configure(const json& settings) { workspace_.configure(configuration_of(text_of(settings), root_)); }

  // ---- where a request points ---------------------------------------------------------------------------------------

  struct At {
    std::string path;
    std::string text;
    std::size_t offset = 0;
    Analysis* analysis = nullptr;
    Loc loc;
  };

  std::string uri_in(const json& params) const { return params.at("textDocument").at("uri").get<std::string>(); }

  At file_in(const json& params) {
    At at;
    at.path = workspace_.path_of(uri_in(params));
    const Document* const document = workspace_.document_at(at.path);
    if (document == nullptr) throw Refusal{kInvalidParams, "the document is not open"};
    at.text = document->text;
    at.analysis = workspace_.analysis_of(at.path);
    if (at.analysis == nullptr) throw Refusal{kRequestFailed, "the document cannot be analysed"};
    return at;
  }

  At place_at(const json& params) {
    At at = file_in(params);
    at.offset = LineTable(at.text).offset(place_in(params.at("position")), encoding_);
    at.loc = at.analysis->loc(at.path, at.offset);
    return at;
  }

  LineRange range_of(Analysis& analysis, Span span) const {
    const ReadFile* const file = analysis.file_of(span.begin);
    const FileSpan bytes = analysis.file_span(span);
    if (file == nullptr) return {};
    const LineTable& lines = analysis.lines_of(*file);
    return {lines.place(bytes.begin, encoding_), lines.place(bytes.end, encoding_)};
  }

  /// null for nowhere, and for what cannot be shown.
  json location_of(Analysis& analysis, Span span) const {
    if (!span) return nullptr;
    const std::string uri = workspace_.uri_of(analysis.file_span(span).path);
    if (uri.empty()) return nullptr;
    return {{"uri", uri}, {"range", to_json(range_of(analysis, span))}};
  }

  // ---- requests -----------------------------------------------------------------------------------------------------

  void fill_requests() {
    const auto go_to = [this](Span (*find)(const Analysis&, const Target&)) {
      return [this, find](const json& params) -> json {
        const At at = place_at(params);
        const std::optional<Target> target = target_at(*at.analysis, at.loc);
        return target ? location_of(*at.analysis, find(*at.analysis, *target)) : json(nullptr);
      };
    };
    requests_ = {
        {"shutdown",
         [this](const json&) {
           was_shut_down = true;
           return json(nullptr);
         }},
        {"textDocument/hover", [this](const json& p) { return hover(p); }},
        {"textDocument/definition", go_to(definition_of)},
        {"textDocument/declaration", go_to(definition_of)},
        {"textDocument/typeDefinition", go_to(type_definition_of)},
        {"textDocument/references", [this](const json& p) { return references(p); }},
        {"textDocument/documentHighlight", [this](const json& p) { return highlights(p); }},
        {"textDocument/prepareRename", [this](const json& p) { return prepare_rename(p); }},
        {"textDocument/rename", [this](const json& p) { return do_rename(p); }},
        {"textDocument/completion", [this](const json& p) { return completion(p); }},
        {"textDocument/signatureHelp", [this](const json& p) { return signature_help(p); }},
        {"textDocument/documentSymbol", [this](const json& p) { return document_symbols(p); }},
        {"workspace/symbol", [this](const json& p) { return workspace_symbols(p); }},
        {"textDocument/formatting", [this](const json& p) { return formatting(p); }},
        {"textDocument/foldingRange", [this](const json& p) { return folding(p); }},
        {"textDocument/codeAction", [this](const json& p) { return code_actions(p); }},
        {"textDocument/semanticTokens/full", [this](const json& p) { return semantic_tokens(p); }},
    };
  }

  json hover(const json& params) {
    const At at = place_at(params);
    const std::optional<Hover> found = hover_at(*at.analysis, at.loc);
    if (!found) return nullptr;
    return {{"contents", markdown(found->text)}, {"range", to_json(range_of(*at.analysis, found->span))}};
  }

  json references(const json& params) {
    const At at = place_at(params);
    const bool with_declaration = params.at("context").value("includeDeclaration", true);
    const std::optional<Target> target = target_at(*at.analysis, at.loc);
    json found = json::array();
    const Span declared = target ? definition_of(*at.analysis, *target) : Span{};
    if (!declared || target->included != nullptr) return found;
    const FileSpan declaration = at.analysis->file_span(declared);
    std::set<FileSpan> seen;
    for (Analysis* const program : workspace_.analyses_of(declaration.path)) {
      const std::optional<Target> same = target_at(*program, program->loc(declaration.path, declaration.begin));
      if (!same) continue;
      for (const Span span : references_to(*program, *same, with_declaration)) {
        if (!seen.insert(program->file_span(span)).second) continue;
        if (json place = location_of(*program, span); !place.is_null()) found.push_back(std::move(place));
      }
    }
    return found;
  }

  json highlights(const json& params) {
    const At at = place_at(params);
    const std::optional<Target> target = target_at(*at.analysis, at.loc);
    json found = json::array();
    if (!target) return found;
    for (const Span span : references_to(*at.analysis, *target, true)) {
      if (at.analysis->file_span(span).path == at.path)
        found.push_back({{"range", to_json(range_of(*at.analysis, span))}});
    }
    return found;
  }

  json prepare_rename(const json& params) {
    const At at = place_at(params);
    const Rename found = renamable(workspace_, at.path, at.offset);
    if (!found.refusal.empty()) throw Refusal{kRequestFailed, found.refusal};
    const std::optional<Target> target = target_at(*at.analysis, at.loc);
    return {{"range", to_json(range_of(*at.analysis, target->span))},
            {"placeholder", at.analysis->sources.text(target->span)}};
  }

  json do_rename(const json& params) {
    const At at = place_at(params);
    const auto new_name = params.at("newName").get<std::string>();
    const Rename found = rename(workspace_, at.path, at.offset, new_name);
    if (!found.refusal.empty()) throw Refusal{kRequestFailed, found.refusal};
    json changes = json::object();
    for (const FileSpan& place : found.places) {
      Analysis* const analysis = workspace_.analysis_of(place.path);
      const ReadFile* const file = analysis == nullptr ? nullptr : analysis->file(place.path);
      const std::string uri = workspace_.uri_of(place.path);
      if (file == nullptr || uri.empty()) throw Refusal{kRequestFailed, "cannot change " + place.path};
      const LineTable& lines = analysis->lines_of(*file);
      const LineRange range{lines.place(place.begin, encoding_), lines.place(place.end, encoding_)};
      changes[uri].push_back({{"range", to_json(range)}, {"newText", new_name}});
    }
    return {{"changes", changes}};
  }

  /// The analysis for what is half typed: the last one with the syntax right, if this one has it wrong.
  Analysis& typing_analysis(const At& at) {
    Analysis* const good = at.analysis->has_syntax_errors ? workspace_.last_good(at.path) : nullptr;
    return good == nullptr ? *at.analysis : *good;
  }

  json completion(const json& params) {
    const At at = place_at(params);
    json items = json::array();
    for (const Suggestion& one :
         suggestions_at(typing_analysis(at), at.path, at.text, at.offset, workspace_.source_options())) {
      json item = {{"label", one.label}, {"kind", kSuggestionKinds[static_cast<std::size_t>(one.kind)]}};
      if (!one.detail.empty()) item["detail"] = one.detail;
      items.push_back(std::move(item));
    }
    return {{"isIncomplete", false}, {"items", std::move(items)}};
  }

  json signature_help(const json& params) {
    const At at = place_at(params);
    const std::optional<Signature> found = signature_at(typing_analysis(at), at.path, at.text, at.offset);
    if (!found) return nullptr;
    json all = json::array();
    for (const std::string& param : found->params) all.push_back({{"label", param}});
    return {
        {"signatures",
         json::array({{{"label", found->label}, {"parameters", all}, {"documentation", markdown(found->comment)}}})},
        {"activeSignature", 0},
        {"activeParameter", found->active}};
  }

  json symbol_json(Analysis& analysis, const Symbol& symbol) const {
    json children = json::array();
    for (const Symbol& child : symbol.children) children.push_back(symbol_json(analysis, child));
    return {{"name", symbol.name},
            {"detail", symbol.detail},
            {"kind", kSymbolKinds[static_cast<std::size_t>(symbol.kind)]},
            {"range", to_json(range_of(analysis, symbol.span))},
            {"selectionRange", to_json(range_of(analysis, symbol.name_span))},
            {"children", std::move(children)}};
  }

  json document_symbols(const json& params) {
    const At at = file_in(params);
    json found = json::array();
    for (const Symbol& symbol : symbols_of(*at.analysis, at.path)) found.push_back(symbol_json(*at.analysis, symbol));
    return found;
  }

  void add_matching(json& found, Analysis& analysis, const std::vector<Symbol>& symbols, const std::string& query,
                    const std::string& container) {
    constexpr std::size_t kMaxFound = 1000;
    for (const Symbol& symbol : symbols) {
      if (found.size() >= kMaxFound) return;
      if (symbol.name.find(query) != std::string::npos) {
        found.push_back({{"name", symbol.name},
                         {"kind", kSymbolKinds[static_cast<std::size_t>(symbol.kind)]},
                         {"location", location_of(analysis, symbol.name_span)},
                         {"containerName", container}});
      }
      add_matching(found, analysis, symbol.children, query, symbol.name);
    }
  }

  json workspace_symbols(const json& params) {
    const auto query = params.at("query").get<std::string>();
    while (workspace_.has_work()) work();
    json found = json::array();
    std::set<std::string> seen;
    for (const auto& [root, analysis] : workspace_.programs()) {
      for (const ReadFile& file : analysis->tokens.files) {
        const std::string path = normal_path(file.name);
        if (analysis->is_built_in(file) || !seen.insert(path).second) continue;
        add_matching(found, *analysis, symbols_of(*analysis, path), query, "");
      }
    }
    return found;
  }

  json formatting(const json& params) {
    const std::string uri = uri_in(params);
    const Document* const document = workspace_.document(uri);
    if (document == nullptr) throw Refusal{kInvalidParams, "the document is not open"};
    FormatOptions options;
    options.width = workspace_.configuration().width;
    SourceMap sources;
    Diagnostics diagnostics(sources);
    const Loc file = sources.add_file(uri, document->text);
    const std::optional<std::string> made = format(file, options, diagnostics);
    if (!made)
      throw Refusal{kRequestFailed,
                    diagnostics.all().empty() ? "the text cannot be formatted" : diagnostics.all()[0].message};
    if (*made == document->text) return json::array();
    const LineRange all{{0, 0}, LineTable(document->text).place(document->text.size(), encoding_)};
    return json::array({{{"range", to_json(all)}, {"newText", *made}}});
  }

  json folding(const json& params) {
    const Document* const document = workspace_.document(uri_in(params));
    if (document == nullptr) throw Refusal{kInvalidParams, "the document is not open"};
    json found = json::array();
    for (const Fold& fold : folds_of(document->text))
      found.push_back(
          {{"startLine", fold.first}, {"endLine", fold.last}, {"kind", fold.is_comment ? "comment" : "region"}});
    return found;
  }

  /// A note that says "did you mean 'x'?" becomes an edit.
  json code_actions(const json& params) {
    const At at = file_in(params);
    const LineRange wanted = range_in(params.at("range"));
    json found = json::array();
    for (const Diagnostic& diagnostic : at.analysis->diagnostics.all()) {
      if (at.analysis->file_span(diagnostic.span).path != at.path) continue;
      const LineRange range = range_of(*at.analysis, diagnostic.span);
      if (range.end.line < wanted.start.line || range.start.line > wanted.end.line) continue;
      for (const std::string& name : suggested_names(diagnostic)) {
        const json edit = {{"range", to_json(range)}, {"newText", name}};
        found.push_back({{"title", "Change to '" + name + "'"},
                         {"kind", "quickfix"},
                         {"edit", {{"changes", {{workspace_.uri_of(at.path), json::array({edit})}}}}}});
      }
    }
    return found;
  }

  json semantic_tokens(const json& params) {
    const At at = file_in(params);
    json data = json::array();
    LinePlace last;
    const ReadFile* const file = at.analysis->file(at.path);
    for (const Colour& colour : colours_of(*at.analysis, at.path)) {
      const LineTable& lines = at.analysis->lines_of(*file);
      const LinePlace begin = lines.place(colour.begin, encoding_);
      const LinePlace end = lines.place(colour.begin + colour.length, encoding_);
      if (begin.line != end.line) continue;
      data.push_back(begin.line - last.line);
      data.push_back(begin.line == last.line ? begin.character - last.character : begin.character);
      data.push_back(end.character - begin.character);
      data.push_back(static_cast<int>(colour.kind));
      data.push_back((colour.is_declaration ? 1 : 0) + (colour.is_constant ? 2 : 0));
      last = begin;
    }
    return {{"data", std::move(data)}};
  }

  // ---- notifications ------------------------------------------------------------------------------------------------

  void fill_notifications() {
    notifications_ = {
        {"textDocument/didOpen",
         [this](const json& p) {
           const json& document = p.at("textDocument");
           workspace_.open(document.at("uri").get<std::string>(), document.at("text").get<std::string>(),
                           document.value("version", 0));
         }},
        {"textDocument/didChange", [this](const json& p) { changed(p); }},
        {"textDocument/didClose",
         [this](const json& p) {
           workspace_.close(uri_in(p));
           must_publish_ = true;
         }},
        {"textDocument/didSave", [this](const json&) { workspace_.touch_all(); }},
        {"workspace/didChangeWatchedFiles", [this](const json&) { workspace_.touch_all(); }},
        {"workspace/didChangeConfiguration", [this](const json& p) { configure(p.at("settings")); }},
    };
  }

  void changed(const json& params) {
    const std::string uri = uri_in(params);
    const Document* const document = workspace_.document(uri);
    if (document == nullptr) return;
    std::string text = document->text;
    for (const json& change : params.at("contentChanges")) {
      const auto with = change.at("text").get<std::string>();
      text = change.contains("range") ? replaced(text, range_in(change.at("range")), with, encoding_) : with;
    }
    workspace_.change(uri, std::move(text), params.at("textDocument").value("version", 0));
  }

  json diagnostic_json(Analysis& analysis, const Diagnostic& diagnostic, Span shown) const {
    json related = json::array();
    std::string message = diagnostic.message;
    for (const Note& note : diagnostic.notes) {
      json place = location_of(analysis, note.span);
      if (place.is_null()) {
        message += "\n" + note.message;
      } else {
        related.push_back({{"location", std::move(place)}, {"message", note.message}});
      }
    }
    const bool is_idle = diagnostic.kind == DiagnosticKind::kUnused || diagnostic.kind == DiagnosticKind::kUnreachable;
    const json tags = is_idle ? json::array({1}) : json::array();  // DiagnosticTag::Unnecessary: editors fade it
    return {{"range", to_json(range_of(analysis, shown))},
            {"tags", tags},
            {"severity", diagnostic.severity == Severity::kError ? 1 : 2},
            {"code", kind_name(diagnostic.kind)},
            {"source", "p4bpf"},
            {"message", message},
            {"relatedInformation", std::move(related)}};
  }

  /// What was wrong in a built-in file is shown at the #include that brought it in.
  static Span shown_span(const Analysis& analysis, Span span) {
    const ReadFile* file = analysis.file_of(span.begin);
    while (file != nullptr && analysis.is_built_in(*file) && file->include) {
      span = file->include;
      file = analysis.file_of(span.begin);
    }
    if (file != nullptr && !analysis.is_built_in(*file)) return span;
    const ReadFile* const main = analysis.file(analysis.root);
    return main == nullptr ? span : Span{main->begin, main->begin};
  }

  void publish() {
    must_publish_ = false;
    std::map<std::string, json> now;  // by path
    for (const auto& [root, analysis] : workspace_.programs()) {
      now.try_emplace(root, json::array());
      for (const Diagnostic& diagnostic : analysis->diagnostics.all()) {
        const Span shown = shown_span(*analysis, diagnostic.span);
        json& of_file = now.try_emplace(analysis->file_span(shown).path, json::array()).first->second;
        json made = diagnostic_json(*analysis, diagnostic, shown);
        if (std::find(of_file.begin(), of_file.end(), made) == of_file.end()) of_file.push_back(std::move(made));
      }
      for (const ReadFile& file : analysis->tokens.files) {
        if (workspace_.document_at(normal_path(file.name)) != nullptr)
          now.try_emplace(normal_path(file.name), json::array());
      }
    }
    for (const auto& [path, before] : published_) now.try_emplace(path, json::array());
    std::map<std::string, std::string> published;
    for (const auto& [path, diagnostics] : now) {
      const std::string uri = workspace_.uri_of(path);
      if (uri.empty()) continue;
      const Document* const document = workspace_.document_at(path);
      json params = {{"uri", uri}, {"diagnostics", diagnostics}};
      if (document != nullptr) params["version"] = document->version;
      const std::string text = text_of(params);
      const auto before = published_.find(path);
      if (before == published_.end() || before->second != text)
        send({{"jsonrpc", "2.0"}, {"method", "textDocument/publishDiagnostics"}, {"params", std::move(params)}});
      if (document != nullptr || !diagnostics.empty()) published[path] = text;
    }
    published_ = std::move(published);
  }

  Workspace workspace_;
  Encoding encoding_ = Encoding::kUtf16;
  std::string root_;  // the folder that the client works in; may be empty
  bool has_begun_ = false;
  bool must_publish_ = false;
  std::map<std::string, Handler> requests_;
  std::map<std::string, std::function<void(const json&)>> notifications_;
  std::map<std::string, std::string> published_;
};

Server::Server() : impl_(std::make_unique<Impl>()) {}
Server::~Server() = default;

std::vector<std::string> Server::receive(std::string_view body, const std::deque<std::string>& waiting) {
  impl_->receive(body, waiting);
  return std::exchange(impl_->sent, {});
}

bool Server::has_work() const { return impl_->has_work(); }

std::vector<std::string> Server::work() {
  impl_->work();
  return std::exchange(impl_->sent, {});
}

std::string Server::bad_frame() {
  return text_of(response_error(nullptr, kParseError, "a message without a usable Content-Length"));
}

bool Server::is_done() const { return impl_->is_done; }

bool Server::was_shut_down() const { return impl_->was_shut_down; }

}  // namespace p4bpf::editor
