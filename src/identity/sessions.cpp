// See sessions.h. Record kind "session", schema 1: {sessionId, userId, username, sha256, createdUs, endsAt},
// which expires when the session does.
#include "identity/sessions.h"

#include <array>

#include "base/bounds.h"
#include "identity/bounds.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Instant;
using base::Json;
using http::RequestContext;

// `owr_`, the session's id, a full stop, 32 random bytes in base64url.
constexpr std::string_view kTokenPrefix = "owr_";
constexpr std::size_t kTokenBytes = 32;

platform::Key key_of(const std::string& id) { return {"session#" + id, "session"}; }

platform::Record to_record(const Session& session) {
  return {.key = key_of(session.id),
          .kind = "session",
          .value = base::to_text(Json::object({{"sessionId", session.id},
                                               {"userId", session.user.text},
                                               {"username", session.username},
                                               {"sha256", base::to_hex(session.token)},
                                               {"createdUs", session.created.us},
                                               {"endsAt", base::to_rfc3339(session.ends)}})),
          .expires = std::min(session.ends, session.idle_ends)};
}

base::Result<Session> session_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto created = json ? json->integer_at("createdUs") : std::nullopt;
  const auto ends = base::parse_rfc3339(json ? json->string_at("endsAt").value_or("") : "");
  if (!created || !ends || !json->string_at("sha256")) {
    return base::fail(ErrorCode::internal, "session_unreadable", "A session's record cannot be read.");
  }
  return Session{.id = std::string(json->string_at("sessionId").value_or("")),
                 .user = base::UserId(std::string(json->string_at("userId").value_or(""))),
                 .username = std::string(json->string_at("username").value_or("")),
                 .token = {},
                 .created = base::Instant{*created},
                 .ends = *ends,
                 .idle_ends = record.expires.value_or(*ends),
                 .version = record.version};
}

std::string digest_in(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  return std::string(json ? json->string_at("sha256").value_or("") : "");
}

/// Whose session a refresh token says it is of; empty when it is none.
std::string session_id_in(std::string_view text) {
  const auto dot = text.find('.');
  if (!text.starts_with(kTokenPrefix) || dot == std::string_view::npos || text.size() > kRefreshTokenCharsMax)
    return {};
  return std::string(text.substr(kTokenPrefix.size(), dot - kTokenPrefix.size()));
}

tl::unexpected<base::Error> refused() {
  return base::fail(ErrorCode::unauthenticated, "refresh_refused",
                    "The refresh token is unknown, used or expired; sign in again.");
}

tl::unexpected<base::Error> signed_out() {
  return base::fail(ErrorCode::unauthenticated, "token_revoked", "The token was revoked; sign in again.");
}

bool is_live(const User& user, const base::UserId& subject, Instant since) {
  return user.id == subject && !user.disabled && user.sessions_from <= since;
}

Json refresh_schema() {
  const Json text = Json::object({{"type", "string"}, {"minLength", 1}});
  return Json::object({{"type", "object"},
                       {"required", Json::array({"refreshToken"})},
                       {"properties", Json::object({{"refreshToken", text}})}});
}

}  // namespace

Sessions::Sessions(SessionParts parts)
    : parts_(std::move(parts)),
      refreshed_(parts_.telemetry.counter("ow_refreshes_total", {{"result", "refreshed"}})),
      refused_(parts_.telemetry.counter("ow_refreshes_total", {{"result", "refused"}})),
      reused_(parts_.telemetry.counter("ow_refreshes_total", {{"result", "reused"}})) {}

std::string Sessions::new_token(Session& session) {
  std::array<std::uint8_t, kTokenBytes> bytes{};
  parts_.random.fill(bytes);
  auto text = std::string(kTokenPrefix) + session.id + '.' +
              base::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  session.token = base::sha256(text);
  session.idle_ends = parts_.clock.now() + kSessionIdle;
  return text;
}

http::Response Sessions::granted(const User& user, const std::string& session_id,
                                 const std::string& refresh_token) const {
  const std::int64_t life = std::chrono::seconds(base::bounds::kAccessTokenLife).count();
  const TokenSubject subject{user.id, user.name, user.roles, session_id};
  auto json = Json::object({{"accessToken", parts_.issuer.access_token(subject, parts_.clock.now(), parts_.ids)},
                            {"tokenType", "Bearer"},
                            {"expiresIn", life}});
  if (!refresh_token.empty()) json.set("refreshToken", refresh_token);
  auto response = http::Response::json(200, json);
  response.headers.emplace_back("cache-control", "no-store");
  return response;
}

base::Task<base::Result<http::Response>> Sessions::begin(User user) {
  const auto now = parts_.clock.now();
  Session session{.id = parts_.ids.next("ses"),
                  .user = user.id,
                  .username = user.name,
                  .token = {},
                  .created = now,
                  .ends = now + kSessionLife,
                  .idle_ends = now + kSessionIdle};
  const auto text = new_token(session);
  platform::Commit commit;
  commit.put(to_record(session), platform::Expect::absent());
  const auto outcome = co_await parts_.store.commit(std::move(commit));
  const bool full = !outcome && outcome.error().code == ErrorCode::storage_full;
  if (full) co_return granted(user, "", "");
  if (!outcome) co_return base::fail(outcome.error());
  if (!outcome->committed()) {
    co_return base::fail(ErrorCode::unavailable, "contended", "The store is busy; sign in again.");
  }
  co_return granted(user, session.id, text);
}

base::Task<base::Result<http::Principal>> Sessions::admit(std::string username, std::string session_id,
                                                          base::UserId subject, Instant issued) {
  std::vector<platform::Key> keys{Users::key_of(username)};
  if (!session_id.empty()) keys.push_back(key_of(session_id));
  const auto records = co_await parts_.store.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  if (!records->front()) co_return signed_out();
  const auto user = Users::from_record(*records->front());
  if (!user) co_return base::fail(user.error());
  Instant since = issued;
  if (!session_id.empty()) {
    if (!records->back()) co_return signed_out();
    const auto session = session_from(*records->back());
    if (!session) co_return base::fail(session.error());
    since = session->created;
  }
  if (!is_live(*user, subject, since)) co_return signed_out();
  co_return http::Principal{user->id, user->roles};
}

base::Task<base::Result<std::optional<Session>>> Sessions::redeem(std::string text) {
  const auto id = session_id_in(text);
  if (id.empty()) co_return std::nullopt;
  const auto record = co_await platform::get_one(parts_.store, key_of(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto session = session_from(**record);
  if (!session) co_return base::fail(session.error());
  const auto digest = base::to_hex(base::sha256(text));
  if (base::equal_constant_time(digest_in(**record), digest)) co_return std::move(*session);
  reused_.add();
  parts_.telemetry.log(platform::LogLevel::warning, "refresh_token_reused",
                       {{"session", session->id}, {"user", session->user.text}});
  if (const auto ended = co_await end(std::move(*session)); !ended) co_return base::fail(ended.error());
  co_return std::nullopt;
}

/// Whatever else happens to the session at the same time.
base::Task<base::Result<void>> Sessions::end(Session session) {
  platform::Commit commit;
  commit.erase(key_of(session.id));
  const auto outcome = co_await parts_.store.commit(std::move(commit));
  if (!outcome) co_return base::fail(outcome.error());
  parts_.changed(session.user);
  if (outcome->committed()) co_return base::Result<void>{};
  co_return base::fail(ErrorCode::unavailable, "contended", "The store is busy; try again.");
}

base::Task<base::Result<std::optional<User>>> Sessions::user_of(Session session) {
  const auto user = co_await parts_.users.find(session.username);
  if (!user) co_return base::fail(user.error());
  if (*user && is_live(**user, session.user, session.created)) co_return *user;
  co_return std::nullopt;
}

Sessions::Answer Sessions::refresh(const RequestContext& context) {
  auto session = co_await redeem(std::string(context.body.string_at("refreshToken").value_or("")));
  if (!session) co_return base::fail(session.error());
  if (!*session) {
    refused_.add();
    co_return refused();
  }
  const auto user = co_await user_of(**session);
  if (!user) co_return base::fail(user.error());
  if (!*user) {
    refused_.add();
    co_return refused();
  }
  const auto text = new_token(**session);
  http::Reply reply{granted(**user, (*session)->id, text)};
  // A twin that was first makes this one a second use, which the next run finds out.
  reply.commit.put(to_record(**session), platform::Expect::at((*session)->version));
  refreshed_.add();
  co_return reply;
}

/// Of any token of the session, also a used one; who has it may end it (RFC 7009 section 2.2).
Sessions::Answer Sessions::sign_out(const RequestContext& context) {
  const auto id = session_id_in(context.body.string_at("refreshToken").value_or(""));
  const http::Reply done{{.status = 204}};
  if (id.empty()) co_return done;
  auto session = co_await redeem(std::string(context.body.string_at("refreshToken").value_or("")));
  if (!session) co_return base::fail(session.error());
  if (!*session) co_return done;
  if (const auto ended = co_await end(std::move(**session)); !ended) co_return base::fail(ended.error());
  co_return done;
}

http::Routes Sessions::routes() {
  const Json text = Json::object({{"type", "string"}});
  const Json answer = Json::object({{"type", "object"},
                                    {"required", Json::array({"accessToken", "tokenType", "expiresIn"})},
                                    {"properties", Json::object({{"accessToken", text},
                                                                 {"tokenType", Json::object({{"const", "Bearer"}})},
                                                                 {"expiresIn", Json::object({{"type", "integer"}})},
                                                                 {"refreshToken", text}})}});
  http::Routes routes;
  routes.push_back({.method = "POST",
                    .pattern = "/api/auth/refresh",
                    .access = http::Access::open,
                    .summary = "New tokens for a refresh token, which is good once",
                    .handle = [this](const RequestContext& context) { return refresh(context); },
                    .body_schema = refresh_schema(),
                    .answers = {{200, answer}},
                    .answers_secret = true});
  routes.push_back({.method = "POST",
                    .pattern = "/api/auth/sign-out",
                    .access = http::Access::open,
                    .summary = "Ends the session of a refresh token, and with it its access tokens",
                    .handle = [this](const RequestContext& context) { return sign_out(context); },
                    .body_schema = refresh_schema(),
                    .answers = {{204, Json()}}});
  return routes;
}

}  // namespace ow::identity
