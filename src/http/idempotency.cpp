// See idempotency.h.
#include "http/idempotency.h"

#include <algorithm>

#include "base/bounds.h"
#include "base/json.h"

namespace ow::http {
namespace {

using base::ErrorCode;
using base::Json;

constexpr std::string_view kKind = "idempotency";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Continuation bytes of UTF-8 begin no character.
std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_key(std::string_view text) {
  const auto characters = characters_in(text);
  return characters >= 1 && characters <= base::bounds::kIdempotencyKeyCharsMax && base::is_utf8(text) &&
         std::none_of(text.begin(), text.end(), is_control);
}

// A body that is not text is kept in base 64: the record is JSON.
void append_body(std::string& out, const std::string& body) {
  const bool text = base::is_utf8(body);
  out += text ? ",\"body\":" : ",\"bodyBase64\":";
  base::append_quoted(out, text ? body : base::to_base64(body));
}

void append_headers(std::string& out, const Headers& headers) {
  out += ",\"headers\":[";
  std::string_view before = "[";
  for (const auto& [name, value] : headers) {
    out += std::exchange(before, ",[");
    base::append_quoted(out, name);
    out += ',';
    base::append_quoted(out, value);
    out += ']';
  }
  out += ']';
}

std::optional<std::string> body_of(const Json& kept) {
  if (const auto text = kept.string_at("body")) return std::string(*text);
  const auto encoded = kept.string_at("bodyBase64");
  return encoded ? base::from_base64(*encoded) : std::nullopt;
}

bool read_headers(const Json& kept, Headers& headers) {
  const Json* list = kept.find("headers");
  if (list == nullptr || !list->is_array()) return false;
  for (const Json& pair : list->as_array()) {
    if (!pair.is_array() || pair.as_array().size() != 2) return false;
    const Json& name = pair.as_array()[0];
    const Json& value = pair.as_array()[1];
    if (!name.is_string() || !value.is_string()) return false;
    headers.emplace_back(name.as_string(), value.as_string());
  }
  return true;
}

std::optional<Response> read_response(const Json& kept) {
  Response response;
  const auto status = kept.integer_at("status");
  const auto content_type = kept.string_at("contentType");
  auto body = body_of(kept);
  if (!status || !content_type || !body || !read_headers(kept, response.headers)) return std::nullopt;
  response.status = static_cast<int>(*status);
  response.content_type = *content_type;
  response.body = std::move(*body);
  return response;
}

}  // namespace

base::Result<std::optional<std::string_view>> idempotency_key(const Headers& headers) {
  std::optional<std::string_view> key;
  for (const auto& [name, value] : headers) {
    if (name != "idempotency-key" && name != "x-idempotency-key") continue;
    if (key && *key != value) {
      return base::fail(ErrorCode::malformed, "invalid_idempotency_key", "There are two different idempotency keys.");
    }
    key = value;
  }
  if (key && !is_key(*key)) {
    return base::fail(ErrorCode::malformed, "invalid_idempotency_key",
                      "Idempotency-Key must be 1 to 255 characters of UTF-8, none of them a control character.");
  }
  return key;
}

bool is_kept(int status) {
  switch (status) {
    case 400:
    case 401:
    case 413:
    case 415:
    case 429:
      return false;
    default:
      return status < 500;
  }
}

platform::Record to_record(const IdempotencySlot& slot, const Response& response, base::Instant expires) {
  platform::Record record;
  record.key = slot.key;
  record.kind = kKind;
  record.expires = expires;
  std::string& out = record.value;
  out.reserve(response.body.size() * 9 / 8 + 256);
  out += "{\"path\":";
  base::append_quoted(out, slot.path);
  out += ",\"bodySha256\":\"" + base::to_hex(slot.body_hash);
  out += "\",\"status\":" + std::to_string(response.status) + ",\"contentType\":";
  base::append_quoted(out, response.content_type);
  append_headers(out, response.headers);
  append_body(out, response.body);
  out += '}';
  return record;
}

base::Result<Response> replay(const IdempotencySlot& slot, const platform::Record& record) {
  const auto kept = base::parse_json(record.value);
  if (!kept || !kept->is_object()) return base::fail(ErrorCode::internal, "kept_answer_unreadable", "not JSON");
  const bool same = kept->string_at("path") == slot.path &&
                    kept->string_at("bodySha256") == std::string_view(base::to_hex(slot.body_hash));
  if (!same) {
    return base::fail(ErrorCode::unprocessable, "idempotency_key_reused",
                      "This idempotency key was used for another request; use a new one.");
  }
  auto response = read_response(*kept);
  if (!response) return base::fail(ErrorCode::internal, "kept_answer_unreadable", "members missing");
  return std::move(*response);
}

KeysInFlight::Hold::Hold(std::shared_ptr<std::unordered_set<std::string>> keys, const platform::Key& key)
    : keys_(std::move(keys)), text_(key.partition + '\0' + key.sort), held_(keys_->insert(text_).second) {}

KeysInFlight::Hold::~Hold() {
  if (held_) keys_->erase(text_);
}

}  // namespace ow::http
