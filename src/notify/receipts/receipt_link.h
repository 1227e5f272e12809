// Links that stand for the right to read one receipt for a while: signed with a secret of the installation, so nothing
// is stored and nothing else is opened by them. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "platform/random.h"
#include "platform/secrets.h"

namespace ow::notify {

class ReceiptLinks {
 public:
  ReceiptLinks(std::string public_url, std::string key) : public_url_(std::move(public_url)), key_(std::move(key)) {}

  /// The installation's key, made at first start. Blocking: start-up only.
  static base::Result<std::string> load_key(platform::Secrets& secrets, platform::Random& random);

  /// `<public url>/receipts/<order>/<part>?expires=…&signature=…`, good until `expires`.
  std::string url(std::string_view order, std::string_view part, base::Instant expires) const;

  /// Error forbidden: link_invalid when it was not made by url(), link_expired when it was.
  base::Result<void> check(std::string_view order, std::string_view part, std::string_view expires,
                           std::string_view signature, base::Instant now) const;

 private:
  std::string sign(std::string_view order, std::string_view part, std::string_view expires) const;

  std::string public_url_;
  std::string key_;
};

}  // namespace ow::notify
