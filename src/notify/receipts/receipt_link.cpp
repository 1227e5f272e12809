// See receipt_link.h.
#include "notify/receipts/receipt_link.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/encoding.h"

namespace ow::notify {
namespace {

constexpr auto kSecretName = "receipt-link-key";
constexpr std::size_t kKeyBytes = 32;

tl::unexpected<base::Error> invalid() {
  return base::fail(base::ErrorCode::forbidden, "link_invalid", "The link is not one of ours, or was changed.");
}

}  // namespace

base::Result<std::string> ReceiptLinks::load_key(platform::Secrets& secrets, platform::Random& random) {
  const auto known = secrets.get(kSecretName);
  if (!known) return base::fail(known.error());
  if (*known) return **known;
  std::array<std::uint8_t, kKeyBytes> bytes{};
  random.fill(bytes);
  std::string key(bytes.begin(), bytes.end());
  if (auto kept = secrets.put(kSecretName, key); !kept) return base::fail(kept.error());
  return key;
}

std::string ReceiptLinks::sign(std::string_view order, std::string_view part, std::string_view expires) const {
  const auto mac = base::hmac_sha256(key_, fmt::format("receipt\n{}\n{}\n{}", order, part, expires));
  return base::to_base64url(std::string(mac.begin(), mac.end()));
}

std::string ReceiptLinks::url(std::string_view order, std::string_view part, base::Instant expires) const {
  const auto until = std::to_string(expires.unix_s());
  return fmt::format("{}/receipts/{}/{}?expires={}&signature={}", public_url_, order, part, until,
                     sign(order, part, until));
}

base::Result<void> ReceiptLinks::check(std::string_view order, std::string_view part, std::string_view expires,
                                       std::string_view signature, base::Instant now) const {
  if (!base::equal_constant_time(signature, sign(order, part, expires))) return invalid();
  std::int64_t until = 0;
  const auto [rest, error] = std::from_chars(expires.data(), expires.data() + expires.size(), until);
  if (error != std::errc{} || rest != expires.data() + expires.size()) return invalid();
  if (now.unix_s() < until) return {};
  return base::fail(base::ErrorCode::forbidden, "link_expired", "The link is no longer good; ask for a new one.");
}

}  // namespace ow::notify
