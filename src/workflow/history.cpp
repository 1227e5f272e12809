// See history.h. An entry is an array whose last members may be absent:
// [state, entry, attempt, microseconds from the execution's start to the attempt's, microseconds it took, ending,
// input, output, error, cause, branch]; input and output are numbers of payloads, 0 is the execution's own
// input, -1 none. What an operator did is an object.
#include "workflow/history.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "workflow/bounds.h"

namespace ow::workflow {
namespace {

using base::Json;

constexpr std::array<std::string_view, 5> kEndings = {"succeeded", "retried", "caught", "failed", "parked"};
constexpr std::int64_t kNoPayload = -1;
constexpr std::size_t kDigestChars = 32;
/// Positions in an entry.
enum Member : std::size_t {
  kState,
  kEntry,
  kAttempt,
  kBegun,
  kTook,
  kEnding,
  kInput,
  kOutput,
  kError,
  kCause,
  kBranch
};

const Json& at(const Json& entry, Member member) {
  static const Json null;
  return member < entry.as_array().size() ? entry.as_array()[member] : null;
}

std::int64_t integer(const Json& entry, Member member) {
  const auto& value = at(entry, member);
  return value.is_number() ? value.as_number().integer().value_or(0) : 0;
}

std::string text(const Json& entry, Member member) {
  const auto& value = at(entry, member);
  return value.is_string() ? value.as_string() : std::string();
}

std::size_t size_of(const Json& json) { return to_text(json).size() + 1; }

}  // namespace

HistoryWriter::HistoryWriter(HistoryPart& part, base::Instant started, const Json& input)
    : part_(part), started_(started), input_(to_text(input)) {
  for (const auto& payload : part.payloads) {
    const auto* value = payload.find("v");
    texts_.push_back(value == nullptr ? std::string() : to_text(*value));
  }
}

std::int64_t HistoryWriter::refer(const Json& payload) {
  auto written = to_text(payload);
  if (written == input_) return 0;
  auto stored = Json::object({{"v", payload}});
  std::string digest;
  if (written.size() > bounds::kPayloadInlineBytesMax) {
    stored = Json::object({{"n", Json(static_cast<std::int64_t>(written.size()))}});
    if (written.size() <= bounds::kPayloadBytesMax) {
      digest = base::to_hex(base::sha256(written)).substr(0, kDigestChars);
      stored.set("p", digest);
    }
  }
  for (std::size_t known = 0; known < part_.payloads.size(); ++known) {
    const bool same = digest.empty() ? texts_[known] == written : part_.payloads[known].string_at("p") == digest;
    if (same) return static_cast<std::int64_t>(known) + 1;
  }
  part_.bytes += size_of(stored);
  part_.payloads.push_back(std::move(stored));
  if (!digest.empty()) {
    large_bytes_ += written.size();
    large_.push_back({std::move(digest), std::move(written)});
    written.clear();
  }
  texts_.push_back(std::move(written));
  return static_cast<std::int64_t>(part_.payloads.size());
}

void HistoryWriter::push(Json entry) {
  part_.bytes += size_of(entry);
  part_.entries.push_back(std::move(entry));
}

void HistoryWriter::add(const states::Passage& passage) {
  const bool hands_on = passage.ending == states::Ending::succeeded || passage.ending == states::Ending::caught;
  const auto input = refer(passage.input);
  const auto output = hands_on ? refer(passage.output) : kNoPayload;
  auto entry = Json::array({passage.state, Json(passage.entry), Json(passage.attempt),
                            Json((passage.begun - started_).count()), Json((passage.ended - passage.begun).count()),
                            Json(static_cast<std::int64_t>(passage.ending)), Json(input), Json(output)});
  if (passage.ending != states::Ending::succeeded || !passage.branch.empty()) {
    entry.push_back(passage.error);
    entry.push_back(passage.cause);
  }
  if (!passage.branch.empty()) entry.push_back(passage.branch);
  push(std::move(entry));
}

void HistoryWriter::add(const OperatorMark& mark) {
  push(Json::object(
      {{"what", mark.what}, {"by", mark.by}, {"why", mark.why}, {"at", Json((mark.at - started_).count())}}));
}

Json to_json(const HistoryPart& part) {
  auto json = Json::object({{"entries", Json(part.entries)}});
  if (part.first != 1) json.set("first", Json(part.first));
  if (!part.payloads.empty()) json.set("payloads", Json(part.payloads));
  json.set("bytes", Json(static_cast<std::int64_t>(part.bytes)));
  return json;
}

HistoryPart history_from_json(const Json& json) {
  HistoryPart part;
  part.first = json.integer_at("first").value_or(1);
  part.bytes = static_cast<std::size_t>(json.integer_at("bytes").value_or(0));
  if (const auto* entries = json.find("entries"); entries != nullptr && entries->is_array())
    part.entries = entries->as_array();
  if (const auto* payloads = json.find("payloads"); payloads != nullptr && payloads->is_array()) {
    part.payloads = payloads->as_array();
  }
  return part;
}

Json describe_entry(const HistoryPart& part, std::size_t which, base::Instant started, const Json& input,
                    const std::vector<Json>& payloads) {
  const auto& entry = part.entries[which];
  auto json = Json::object({{"number", Json(part.first + static_cast<std::int64_t>(which))}});
  if (entry.is_object()) {
    const base::Instant when{started.us + entry.integer_at("at").value_or(0)};
    return std::move(json.set("action", Json(entry.string_at("what").value_or("")))
                         .set("by", Json(entry.string_at("by").value_or("")))
                         .set("why", Json(entry.string_at("why").value_or("")))
                         .set("at", base::to_rfc3339(when)));
  }
  if (!entry.is_array()) return json;
  const base::Instant begun{started.us + integer(entry, kBegun)};
  const auto ending = static_cast<std::size_t>(integer(entry, kEnding));
  json.set("state", text(entry, kState)).set("outcome", ending < kEndings.size() ? kEndings[ending] : "unknown");
  if (!text(entry, kBranch).empty()) json.set("branch", text(entry, kBranch));
  json.set("entry", Json(integer(entry, kEntry))).set("attempt", Json(integer(entry, kAttempt)));
  json.set("startedAt", base::to_rfc3339(begun));
  json.set("endedAt", base::to_rfc3339({begun.us + integer(entry, kTook)}));
  const auto show = [&](std::string_view name, std::int64_t number) {
    if (number == 0) json.set(name, input);
    if (number > 0 && static_cast<std::size_t>(number) <= payloads.size())
      json.set(name, payloads[static_cast<std::size_t>(number) - 1]);
  };
  show("input", integer(entry, kInput));
  show("output", at(entry, kOutput).is_number() ? integer(entry, kOutput) : kNoPayload);
  if (!text(entry, kError).empty()) json.set("error", text(entry, kError)).set("cause", text(entry, kCause));
  return json;
}

}  // namespace ow::workflow
