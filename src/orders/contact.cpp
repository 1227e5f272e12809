// See contact.h.
#include "orders/contact.h"

#include "base/json.h"

namespace ow::orders {

platform::Key contact_key(const base::OrderId& order) { return {"order#" + order.text, "contact"}; }

platform::Commit put_contact(const base::OrderId& order, const std::string& email) {
  platform::Commit commit;
  if (email.empty()) return commit;
  platform::Record record;
  record.key = contact_key(order);
  record.kind = "contact";
  record.value = base::to_text(base::Json::object({{"email", email}}));
  commit.put(std::move(record), platform::Expect::absent());
  return commit;
}

base::Task<base::Result<std::string>> find_email(platform::Store& store, base::OrderId order) {
  const auto record = co_await platform::get_one(store, contact_key(order));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::string();
  const auto json = base::parse_json((*record)->value);
  if (!json) co_return base::fail(json.error());
  co_return json->text_at("email");
}

}  // namespace ow::orders
