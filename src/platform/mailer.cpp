// See mailer.h.
#include "platform/mailer.h"

#include <algorithm>

#include "base/encoding.h"

namespace ow::platform {
namespace {

constexpr std::size_t kAddressBytesMax = 254;
constexpr std::size_t kMessageIdBytesMax = 200;

bool breaks_a_dialogue(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f || c == '<' || c == '>';
}

bool is_id_part(const std::string& part) {
  constexpr auto kAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !part.empty() && part.front() != '.' && part.find_first_not_of(kAlphabet) == std::string::npos;
}

}  // namespace

bool is_mail_address(const std::string& address) {
  const auto at = address.rfind('@');
  return at != std::string::npos && at > 0 && at + 1 < address.size() && address.size() <= kAddressBytesMax &&
         base::is_utf8(address) && std::none_of(address.begin(), address.end(), breaks_a_dialogue);
}

bool is_message_id(const std::string& id) {
  const auto at = id.find('@');
  return at != std::string::npos && id.size() <= kMessageIdBytesMax && is_id_part(id.substr(0, at)) &&
         is_id_part(id.substr(at + 1));
}

}  // namespace ow::platform
