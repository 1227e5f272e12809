// See task_token.h: `<execution>.<entry>.<attempt>.<proof in hex>`.
#include "states/task_token.h"

#include <array>
#include <charconv>

#include "base/encoding.h"

namespace ow::states {
namespace {

constexpr std::size_t kTokenCharsMax = 512;
constexpr std::size_t kProofChars = 64;

std::string proof_of(const Execution& execution, std::int64_t entry, int attempt) {
  const auto text = execution.id + '.' + std::to_string(entry) + '.' + std::to_string(attempt);
  return base::to_hex(base::hmac_sha256(execution.secret, text));
}

template <typename Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool find(const Thread& thread, const TaskToken& token, Position& at) {
  if (thread.phase == Phase::awaiting && thread.entry == token.entry && thread.attempt == token.attempt) return true;
  for (std::size_t index = 0; index < thread.children.size(); ++index) {
    at.push_back(index);
    if (find(thread.children[index], token, at)) return true;
    at.pop_back();
  }
  return false;
}

}  // namespace

std::string task_token(const Execution& execution, std::int64_t entry, int attempt) {
  return execution.id + '.' + std::to_string(entry) + '.' + std::to_string(attempt) + '.' +
         proof_of(execution, entry, attempt);
}

std::optional<TaskToken> parse_task_token(std::string_view text) {
  if (text.size() > kTokenCharsMax) return std::nullopt;
  std::array<std::string_view, 3> last;  // attempt, entry and proof, from the end
  for (auto& part : last) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    part = text.substr(dot + 1);
    text = text.substr(0, dot);
  }
  TaskToken token{std::string(text), 0, 0, std::string(last[0])};
  const bool well_formed =
      read(last[1], token.attempt) && read(last[2], token.entry) && token.proof.size() == kProofChars;
  if (!well_formed || text.empty()) return std::nullopt;
  return token;
}

bool is_genuine(const TaskToken& token, const Execution& execution) {
  return !execution.secret.empty() &&
         base::equal_constant_time(token.proof, proof_of(execution, token.entry, token.attempt));
}

std::optional<Position> find_awaiting(const Thread& root, const TaskToken& token) {
  Position at;
  if (!find(root, token, at)) return std::nullopt;
  return at;
}

}  // namespace ow::states
