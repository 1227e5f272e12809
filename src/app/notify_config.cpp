// See notify_config.h.
#include "app/notify_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config.h"
#include "base/money.h"

namespace ow::app {
namespace {

constexpr std::size_t kSeriesCharsMax = 16;
constexpr int kTaxRateMax = 10'000;

tl::unexpected<base::Error> refuse(const std::string& member, const std::string& what) {
  return base::fail(base::ErrorCode::malformed, "bad_configuration", fmt::format("{} {}", member, what));
}

/// "Name <address>" or "address".
base::Result<void> take_from(const std::string& value, notify::MailOptions& mail) {
  const auto open = value.rfind('<');
  if (open != std::string::npos && value.ends_with('>')) {
    mail.from_name = value.substr(0, open);
    while (mail.from_name.ends_with(' ')) mail.from_name.pop_back();
    mail.from_address = value.substr(open + 1, value.size() - open - 2);
  } else {
    mail.from_name.clear();
    mail.from_address = value;
  }
  if (const auto problem = notify::problem_of(mail); !problem.empty())
    return refuse("mailFrom", "must be an address or Name <address>");
  return {};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of("|\n", at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// "VAT 21" or "VAT 5.5": name and percent.
base::Result<void> take_tax(const std::string& value, notify::Retailer& retailer) {
  const auto blank = value.rfind(' ');
  const auto percent = blank == std::string::npos ? value : value.substr(blank + 1);
  const auto rate = base::parse_money(percent, base::Currency{});
  if (!rate || rate->minor < 0 || rate->minor > kTaxRateMax)
    return refuse("receiptTax", "must be a name and a percentage contained in the prices, like VAT 21");
  if (blank != std::string::npos) retailer.tax_name = value.substr(0, blank);
  retailer.tax_rate = static_cast<int>(rate->minor);
  return {};
}

base::Result<void> take_series(const std::string& value, std::string& series) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  if (value.empty() || value.size() > kSeriesCharsMax || !std::all_of(value.begin(), value.end(), plain))
    return refuse("receiptSeries", "must be 1 to 16 letters, digits and '-'");
  series = value;
  return {};
}

base::Result<void> take_password(const std::string& file, std::string& password) {
  auto text = read_input(file);
  if (!text) return refuse("mailPasswordFile", text.error().message);
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  password = std::move(*text);
  return {};
}

}  // namespace

const std::vector<ConfigMember>& notify_members() {
  static const std::vector<ConfigMember> members = {
      {"mailServer",
       "OW_MAIL_SERVER",
       {"mail-server", "URL", "smtp://HOST:PORT (STARTTLS), smtps:// or smtp+plain:// (default: a local outbox)"}},
      {"mailFrom", "OW_MAIL_FROM", {"mail-from", "ADDR", "sender of mails: an address or Name <address>"}},
      {"mailUser", "OW_MAIL_USER", {}},
      {"mailPasswordFile", "OW_MAIL_PASSWORD_FILE", {}},
      {"mailCaFile", "OW_MAIL_CA_FILE", {}},
      {"mailClientName", "OW_MAIL_CLIENT_NAME", {}},
      {"mailDomain", "OW_MAIL_DOMAIN", {}},
      {"retailerName", "OW_RETAILER_NAME", {}},
      {"retailerAddress", "OW_RETAILER_ADDRESS", {}},
      {"receiptTax", "OW_RECEIPT_TAX", {}},
      {"receiptSeries", "OW_RECEIPT_SERIES", {}},
  };
  return members;
}

base::Result<void> take_notify(const std::string& name, const std::string& value, NotifyConfig& config) {
  if (name == "mailServer") config.smtp.url = value;
  if (name == "mailUser") config.smtp.user = value;
  if (name == "mailCaFile") config.smtp.ca_file = value;
  if (name == "mailClientName") config.smtp.client_name = value;
  if (name == "retailerName") config.retailer.name = value;
  if (name == "retailerAddress") config.retailer.address = lines_of(value);
  if (name == "mailPasswordFile") return take_password(value, config.smtp.password);
  if (name == "mailFrom") return take_from(value, config.mail);
  if (name == "receiptTax") return take_tax(value, config.retailer);
  if (name == "receiptSeries") return take_series(value, config.receipt_series);
  if (name != "mailDomain") return {};
  config.mail.domain = value;
  const auto problem = notify::problem_of(config.mail);
  if (!problem.empty()) return refuse(name, "must be a host name");
  return {};
}

}  // namespace ow::app
