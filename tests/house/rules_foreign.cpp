// See rules.h: what few files may see or call, and which.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tests/house/cpp_text.h"
#include "tests/house/rules.h"

namespace ow::house {
namespace {

struct Library {
  std::string_view name;
  std::vector<std::string_view> headers;          // how an include of it begins
  std::vector<std::string_view> sources;          // .cpp files that may see it, by how their path begins
  std::vector<std::string_view> private_headers;  // ours that show it, likewise; only the sources include them
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> kLibraries = {
      {"Boost.JSON", {"boost/json"}, {"src/base/json_parse.cpp"}, {}},
      {"Asio and Beast",
       {"boost/"},
       {"src/net/", "src/local/", "src/http/server", "tests/local/", "tests/http/server"},
       {"src/net/operation.h", "src/http/server_connection.h", "src/http/server_parser.h", "src/http/server_tls.h",
        "src/local/client_"}},
      {"OpenSSL",
       {"openssl/"},
       {"src/base/encoding.cpp", "src/identity/public_key.cpp", "src/identity/signing_key.cpp", "src/local/",
        "src/http/server_tls.cpp", "src/net/", "tests/identity/"},
       {"src/identity/openssl_handles.h"}},
      {"RocksDB",
       {"rocksdb/"},
       {"src/engine/rocks/", "tests/engine/rocks"},
       {"src/engine/rocks/tuning.h", "src/engine/rocks/table_file.h"}},
      {"argon2", {"argon2.h"}, {"src/identity/password.cpp"}, {}},
      {"libcurl", {"curl/"}, {"src/local/smtp_"}, {}},
      {"pango and cairo", {"pango/", "cairo"}, {"src/local/pango_document.cpp"}, {}},
      {"libidn2", {"idn2.h"}, {"src/notify/host.cpp"}, {}},
  };
  return kLibraries;
}

bool begins_with_one(std::string_view path, const std::vector<std::string_view>& starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return path.starts_with(start); });
}

/// Whether the include shows the library, directly or through a private header of ours.
bool shows(const Library& library, const Include& include) {
  if (!include.quoted) return begins_with_one(include.path, library.headers);
  return begins_with_one(fmt::format("src/{}", include.path), library.private_headers);
}

bool may_see(const Library& library, const SourceFile& file) {
  return is_header(file) ? begins_with_one(file.path, library.private_headers)
                         : begins_with_one(file.path, library.sources);
}

struct Ban {
  std::string_view word;
  bool call = false;  // only when called as a free function
};

constexpr Ban kBans[] = {{"system_clock::now"},   {"steady_clock::now"},      {"high_resolution_clock::now"},
                         {"random_device"},       {"this_thread::sleep_for"}, {"this_thread::sleep_until"},
                         {"RAND_bytes"},          {"RAND_priv_bytes"},        {"EVP_PKEY_keygen"},
                         {"EVP_PKEY_Q_keygen"},   {"EVP_PKEY_generate"},      {"time", true},
                         {"clock_gettime", true}, {"gettimeofday", true},     {"rand", true},
                         {"srand", true},         {"getrandom", true},        {"arc4random", true},
                         {"sleep", true},         {"usleep", true},           {"nanosleep", true}};

bool may_call(const SourceFile& file) {
  const bool ruled = file.path.starts_with("src/") || file.path.starts_with("sim/");
  return !ruled || file.path.starts_with("src/local/") || file.path.starts_with("src/engine/rocks/");
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Whether the word at `at` is called as a free function: `time(` or `std::time(`, not `x.time(`, not a
/// declaration `Instant time(`.
bool is_free_call(std::string_view code, std::size_t at, std::size_t length) {
  if (!code.substr(at + length).starts_with('(')) return false;
  const std::size_t before = code.find_last_not_of(" \n", at == 0 ? 0 : at - 1);
  if (at == 0 || before == std::string_view::npos) return true;
  const std::string_view front = code.substr(0, before + 1);
  if (front.ends_with("::")) return front.ends_with("std::") || (front.size() > 2 && !is_word(front[front.size() - 3]));
  if (front.ends_with("return") || front.ends_with("co_await") || front.ends_with("else")) return true;
  const char last = front.back();
  return last != '.' && !front.ends_with("->") && !is_word(last) && last != '>' && last != '&' && last != '*';
}

void find_ban(const Ban& ban, const SourceFile& file, std::string_view code, Violations& found) {
  for (std::size_t at = code.find(ban.word); at != std::string_view::npos; at = code.find(ban.word, at + 1)) {
    const std::size_t end = at + ban.word.size();
    const bool whole = (at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end]));
    if (!whole || (ban.call && !is_free_call(code, at, ban.word.size()))) continue;
    found.push_back({file.path, line_at(code, at),
                     fmt::format("{} outside of src/local; use the ports Clock, Random and Executor", ban.word)});
  }
}

}  // namespace

Violations check_foreign_headers(const SourceFile& file) {
  if (!is_cpp(file)) return {};
  Violations found;
  for (const auto& include : includes_of(file.text)) {
    const auto library =
        std::find_if(libraries().begin(), libraries().end(), [&](const Library& each) { return shows(each, include); });
    if (library == libraries().end() || may_see(*library, file)) continue;
    found.push_back({file.path, include.line,
                     fmt::format("{} brings in {}, which only few files may see (tests/house/rules_foreign.cpp); "
                                 "call the room that wraps it",
                                 include.path, library->name)});
  }
  return found;
}

Violations check_calls(const SourceFile& file) {
  if (!is_cpp(file) || may_call(file)) return {};
  Violations found;
  const std::string code = code_only(file.text);
  for (const auto& ban : kBans) find_ban(ban, file, code, found);
  return found;
}

}  // namespace ow::house
