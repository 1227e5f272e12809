// Suppressed addresses; see mail_record.h. Kind "mail-suppression", schema 1: `{"hint", "reason", "mail", "since":
// us}`; kept until an operator removes it.
#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "notify/mail/mail_record.h"

namespace ow::notify {
namespace {

using base::Json;

constexpr auto kSuppressionIndex = "mail-suppressions";

platform::Key suppression_key(const std::string& id) { return {"mail-suppression#" + id, "suppression"}; }

base::Result<Suppression> suppression_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || record.kind != "mail-suppression" || record.schema != 1)
    return base::fail(base::ErrorCode::internal, "suppression_unreadable", "A suppression cannot be read.");
  const auto text = [&](const char* name) { return std::string(json->string_at(name).value_or("")); };
  return Suppression{record.key.partition.substr(std::string_view("mail-suppression#").size()),
                     text("hint"),
                     text("reason"),
                     text("mail"),
                     {json->integer_at("since").value_or(0)},
                     record.version};
}

}  // namespace

std::string suppression_id(std::string_view address) {
  std::string folded(address);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return base::to_hex(base::sha256("mail-suppression\n" + folded));
}

std::string address_hint(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return "(no address)";
  std::size_t first = 1;
  while (first < at && (static_cast<unsigned char>(address[first]) & 0xc0) == 0x80) ++first;
  return std::string(address.substr(0, first)) + "…" + std::string(address.substr(at));
}

platform::Commit put_suppression(const Suppression& suppression) {
  platform::Record record;
  record.key = suppression_key(suppression.id);
  record.kind = "mail-suppression";
  record.value = base::to_text(Json::object({{"hint", suppression.hint},
                                             {"reason", suppression.reason},
                                             {"mail", suppression.mail},
                                             {"since", suppression.since.us}}));
  record.indexes = {{kSuppressionIndex, "all", base::to_rfc3339(suppression.since) + "#" + suppression.id}};
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(suppression.version));
  return commit;
}

platform::Commit erase_suppression(const Suppression& suppression) {
  platform::Commit commit;
  commit.erase(suppression_key(suppression.id), platform::Expect::at(suppression.version));
  return commit;
}

base::Task<base::Result<std::optional<Suppression>>> find_suppression(platform::Store& store, std::string id) {
  const auto record = co_await platform::get_one(store, suppression_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<Suppression>();
  auto suppression = suppression_from(**record);
  if (!suppression) co_return base::fail(suppression.error());
  co_return std::optional(std::move(*suppression));
}

base::Task<base::Result<SuppressionPage>> list_suppressions(platform::Store& store, std::size_t limit,
                                                            std::string cursor) {
  platform::Query query{kSuppressionIndex, "all"};
  query.descending = true;
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  SuppressionPage out;
  out.next_cursor = page->next_cursor;
  for (const auto& record : page->records) {
    auto suppression = suppression_from(record);
    if (!suppression) co_return base::fail(suppression.error());
    out.suppressions.push_back(std::move(*suppression));
  }
  co_return out;
}

}  // namespace ow::notify
