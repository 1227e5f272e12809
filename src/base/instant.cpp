// See instant.h.
#include "base/instant.h"

#include <optional>

#include "base/assert.h"

namespace ow::base {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

void append_digits(std::string& out, std::int64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

// Reads a date-time from the front; every step answers false when the text is not what it wants.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool number(int digits, int low, int high, int& out) {
    if (rest_.size() < static_cast<std::size_t>(digits)) return false;
    out = 0;
    for (int i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return out >= low && out <= high;
  }

  bool one_of(std::string_view choices, char* which = nullptr) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return false;
    if (which != nullptr) *which = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  // Microseconds of ".123456789"; absent is 0.
  bool fraction(std::int64_t& us) {
    us = 0;
    if (!one_of(".")) return true;
    std::int64_t unit = kSecondUs / 10;
    bool any = false;
    for (char digit = 0; one_of("0123456789", &digit); unit /= 10, any = true) us += (digit - '0') * unit;
    return any;
  }

  // Seconds east of UTC.
  bool offset(std::int64_t& seconds) {
    char sign = 0;
    seconds = 0;
    if (one_of("Zz")) return true;
    int hours = 0, minutes = 0;
    if (!one_of("+-", &sign) || !number(2, 0, 23, hours) || !one_of(":") || !number(2, 0, 59, minutes)) return false;
    seconds = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> read_date(Reader& reader) {
  int year = 0, month = 0, day = 0;
  if (!reader.number(4, 0, 9999, year) || !reader.one_of("-")) return std::nullopt;
  if (!reader.number(2, 1, 12, month) || !reader.one_of("-")) return std::nullopt;
  if (!reader.number(2, 1, 31, day)) return std::nullopt;
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDaySeconds;
}

std::optional<Instant> read_date_time(std::string_view text) {
  Reader reader(text);
  const auto date_s = read_date(reader);
  int hour = 0, minute = 0, second = 0;
  std::int64_t us = 0, offset_s = 0;
  if (!date_s || !reader.one_of("Tt")) return std::nullopt;
  if (!reader.number(2, 0, 23, hour) || !reader.one_of(":")) return std::nullopt;
  if (!reader.number(2, 0, 59, minute) || !reader.one_of(":")) return std::nullopt;
  if (!reader.number(2, 0, 60, second) || !reader.fraction(us)) return std::nullopt;
  if (!reader.offset(offset_s) || !reader.at_end()) return std::nullopt;
  const std::int64_t unix_s = *date_s + hour * 3600 + minute * 60 + second - offset_s;
  // A leap second exists only at the end of a UTC day; POSIX time gives it the next day's first second.
  if (second == 60 && unix_s % kDaySeconds != 0) return std::nullopt;
  return Instant{unix_s * kSecondUs + us};
}

}  // namespace

std::string to_rfc3339(Instant at) {
  const std::int64_t ms = floor_div(at.us, 1000);
  const std::int64_t seconds = floor_div(ms, 1000);
  const std::int64_t days = floor_div(seconds, kDaySeconds);
  const std::int64_t of_day = seconds - days * kDaySeconds;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  OW_ASSERT(days >= -719'528 && days <= 2'932'896, "a printed instant lies in the years 0000 to 9999");
  std::string out;
  out.reserve(24);
  append_digits(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, of_day / 3600, 2);
  out += ':';
  append_digits(out, of_day / 60 % 60, 2);
  out += ':';
  append_digits(out, of_day % 60, 2);
  out += '.';
  append_digits(out, ms - seconds * 1000, 3);
  out += 'Z';
  return out;
}

Result<Instant> parse_rfc3339(std::string_view text) {
  if (const auto at = read_date_time(text)) return *at;
  return fail(ErrorCode::malformed, "malformed_time",
              "A time must be an RFC 3339 date-time such as 2026-11-21T06:15:28.123Z.");
}

}  // namespace ow::base
