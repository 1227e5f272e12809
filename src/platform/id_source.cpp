// See id_source.h.
#include "platform/id_source.h"

namespace ow::platform {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kIdChars = 26;

void increment(std::array<std::uint8_t, 10>& tail) {
  for (auto byte = tail.rbegin(); byte != tail.rend(); ++byte) {
    if (++*byte != 0) return;
  }
}

// 128 bits as 26 characters of 5 bits, most significant first (the first character holds 3 bits).
std::string encode(std::int64_t ms, const std::array<std::uint8_t, 10>& tail) {
  std::array<std::uint8_t, 16> bytes{};
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  for (int i = 0; i < 10; ++i) bytes[6 + i] = tail[i];
  std::string out(kIdChars, '0');
  for (std::size_t i = 0; i < kIdChars; ++i) {
    unsigned value = 0;
    for (int bit = 0; bit < 5; ++bit) {
      const int at = static_cast<int>(i) * 5 + bit - 2;  // two bits of padding in front
      const unsigned one = at < 0 ? 0 : (bytes[at / 8] >> (7 - at % 8)) & 1U;
      value = value << 1 | one;
    }
    out[i] = kAlphabet[value];
  }
  return out;
}

}  // namespace

std::string IdSource::next(std::string_view prefix) {
  const std::int64_t now_ms = clock_.now().ms();
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    random_.fill(tail_);
    tail_[0] &= 0x7F;  // room to count up within the millisecond
  } else {
    increment(tail_);  // also when the wall clock stepped back: ids still ascend
  }
  std::string id(prefix);
  id += '_';
  id += encode(last_ms_, tail_);
  return id;
}

std::string first_id_at(std::string_view prefix, base::Instant time) {
  return std::string(prefix) + '_' + encode(time.us < 0 ? 0 : time.ms(), {});
}

bool is_id(std::string_view text, std::string_view prefix) {
  if (text.size() != prefix.size() + 1 + kIdChars || !text.starts_with(prefix)) return false;
  if (text[prefix.size()] != '_') return false;
  return text.find_first_not_of(kAlphabet, prefix.size() + 1) == std::string_view::npos;
}

}  // namespace ow::platform
