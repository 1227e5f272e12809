// See password.h.
#include "identity/password.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <optional>
#include <vector>

#include <argon2.h>
#include <fmt/core.h>

#include "base/assert.h"
#include "base/bounds.h"
#include "base/encoding.h"

namespace ow::identity {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kPhcBytesMax = 512;
constexpr std::uint32_t kMemoryKibMax = 256 << 10;
constexpr std::uint32_t kPassesMax = 16;
constexpr std::uint32_t kLanesMax = 4;
constexpr int kRetryAfterS = 3;  // a full waiting line at 42 ms a hash

struct Slot {
  explicit Slot(std::shared_ptr<std::size_t> waiting) : count(std::move(waiting)) { ++*count; }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { --*count; }
  std::shared_ptr<std::size_t> count;
};

tl::unexpected<base::Error> too_many_waiting() {
  base::Error error{base::ErrorCode::unavailable, "sign_in_busy", "Too many sign-ins at once; try again."};
  error.retry_after_s = kRetryAfterS;
  return base::fail(std::move(error));
}

std::string random_bytes(platform::Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

/// Empty when memory is short.
std::string argon2id(const std::string& password, const std::string& salt, PasswordCost cost) {
  std::array<char, kPhcBytesMax> phc{};
  const int code = argon2id_hash_encoded(cost.passes, cost.memory_kib, kLanes, password.data(), password.size(),
                                         salt.data(), salt.size(), kTagBytes, phc.data(), phc.size());
  return code == ARGON2_OK ? std::string(phc.data()) : std::string();
}

std::string without_padding(std::string base64) {
  base64.erase(std::find(base64.begin(), base64.end(), '='), base64.end());
  return base64;
}

std::string hash_of_nobody(platform::Random& random, PasswordCost cost) {
  return fmt::format("$argon2id$v=19$m={},t={},p={}${}${}", cost.memory_kib, cost.passes, kLanes,
                     without_padding(base::to_base64(random_bytes(random, kSaltBytes))),
                     without_padding(base::to_base64(random_bytes(random, kTagBytes))));
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The number of "m=19456" when it is 1..max.
bool is_cost(std::string_view text, std::string_view name, std::uint32_t max) {
  if (!text.starts_with(name)) return false;
  text.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value >= 1 && value <= max;
}

/// Unpadded base64 of at least `bytes_min`.
bool is_unpadded_base64(std::string_view text, std::size_t bytes_min) {
  std::string padded(text);
  padded.append((4 - padded.size() % 4) % 4, '=');
  const auto bytes = base::from_base64(padded);
  return bytes && bytes->size() >= bytes_min;
}

}  // namespace

base::Result<void> check_new_password(std::string_view password) {
  const std::size_t count = characters(password);
  if (base::is_utf8(password) && count >= kPasswordCharsMin && count <= kPasswordCharsMax) return {};
  return base::fail(base::ErrorCode::unprocessable, "password_refused",
                    fmt::format("A password has {} to {} characters.", kPasswordCharsMin, kPasswordCharsMax));
}

bool is_password_hash(std::string_view phc) {
  if (phc.size() > kPhcBytesMax) return false;
  const auto parts = split(phc, '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") return false;
  const auto costs = split(parts[3], ',');
  return costs.size() == 3 && is_cost(costs[0], "m=", kMemoryKibMax) && is_cost(costs[1], "t=", kPassesMax) &&
         is_cost(costs[2], "p=", kLanesMax) && is_unpadded_base64(parts[4], 8) && is_unpadded_base64(parts[5], 16);
}

PasswordHasher::PasswordHasher(platform::Executor& executor, platform::Random& random, PasswordCost cost)
    : executor_(executor),
      random_(random),
      cost_(cost),
      nobody_(hash_of_nobody(random, cost)),
      waiting_(std::make_shared<std::size_t>(0)) {}

base::Task<base::Result<std::string>> PasswordHasher::hash(std::string password) {
  if (*waiting_ >= base::bounds::kPasswordHashesWaitingMax) co_return too_many_waiting();
  const Slot slot(waiting_);
  // Shared, as the lane may still hold the job when a simulated crash has destroyed this frame.
  auto phc = std::make_shared<std::string>();
  auto job = [phc, password, salt = random_bytes(random_, kSaltBytes), cost = cost_] {
    *phc = argon2id(password, salt, cost);
  };
  co_await platform::offload(executor_, platform::Lane::password, std::move(job));
  if (phc->empty()) co_return too_many_waiting();
  co_return std::move(*phc);
}

base::Task<base::Result<bool>> PasswordHasher::matches(std::string phc, std::string password) {
  if (*waiting_ >= base::bounds::kPasswordHashesWaitingMax) co_return too_many_waiting();
  const Slot slot(waiting_);
  auto code = std::make_shared<int>(ARGON2_VERIFY_MISMATCH);
  auto job = [code, phc, password] { *code = argon2id_verify(phc.c_str(), password.data(), password.size()); };
  co_await platform::offload(executor_, platform::Lane::password, std::move(job));
  if (*code == ARGON2_MEMORY_ALLOCATION_ERROR) co_return too_many_waiting();
  co_return *code == ARGON2_OK;
}

}  // namespace ow::identity
