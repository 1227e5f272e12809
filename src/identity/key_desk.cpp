// See key_desk.h.
#include "identity/key_desk.h"

#include "http/schema_text.h"
#include "ops/operator_action.h"

namespace ow::identity {

using base::Json;
using http::list_of;
using http::open_object;
using http::RequestContext;
using http::text_schema;

namespace {

Json key_list_schema() {
  return list_of(
      open_object(Json::object({{"kid", text_schema()},
                                {"state", Json::object({{"enum", Json::array({"published", "signs", "verifies"})}})},
                                {"publishedAt", text_schema()},
                                {"signsFrom", text_schema()}})));
}

}  // namespace

Json KeyDesk::shown() const {
  const auto now = parts_.clock.now();
  auto items = Json::array();
  for (const auto& held : parts_.keys.held()) {
    const char* state = parts_.keys.signs(held, now) ? "signs" : held.signs_from > now ? "published" : "verifies";
    items.push_back(Json::object({{"kid", held.key.kid()},
                                  {"state", state},
                                  {"publishedAt", base::to_rfc3339(held.published)},
                                  {"signsFrom", base::to_rfc3339(held.signs_from)}}));
  }
  return Json::object({{"items", std::move(items)}, {"nextCursor", Json()}});
}

KeyDesk::Answer KeyDesk::list() { co_return http::Reply{http::Response::json(200, shown())}; }

/// The keys are kept apart from records, so they change before the event of it is written.
KeyDesk::Answer KeyDesk::rotate(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  const bool at_once = context.body.bool_at("atOnce").value_or(false);
  const auto how = at_once ? SigningKeys::Rotation::at_once : SigningKeys::Rotation::gentle;
  const auto now = parts_.clock.now();
  const auto rotated = co_await parts_.keys.rotate(parts_.executor, how, now);
  if (!rotated) co_return base::fail(rotated.error());
  parts_.changed();
  http::Reply reply{http::Response::json(200, shown())};
  reply.commit.event(ops::operator_event(ops::operator_of(context), now,
                                         {.type = "operator.signing-key-rotated",
                                          .subject = "signing-keys",
                                          .why = *why,
                                          .details = Json::object({{"atOnce", at_once}})}));
  co_return reply;
}

http::Routes KeyDesk::routes() {
  const auto body = Json::object({{"type", "object"},
                                  {"required", Json::array({"reason"})},
                                  {"properties", Json::object({{"atOnce", Json::object({{"type", "boolean"}})},
                                                               {"reason", ops::reason_schema()}})}});
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/api/signing-keys",
                    .access = http::Access::admins,
                    .summary = "Keys that sign or verify access tokens, oldest first",
                    .handle = [this](const RequestContext&) { return list(); },
                    .answers = {{200, key_list_schema()}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/signing-keys/rotate",
                    .access = http::Access::admins,
                    .summary = "Publishes a new key that signs soon; `atOnce` ends all tokens of the others instead",
                    .handle = [this](const RequestContext& context) { return rotate(context); },
                    .body_schema = body,
                    .answers = {{200, key_list_schema()}}});
  return routes;
}

}  // namespace ow::identity
