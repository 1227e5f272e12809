// See snapshot_routes.h.
#include "ops/snapshot_routes.h"

#include "http/schema_text.h"
#include "ops/operator_action.h"

namespace ow::ops {
namespace {

using base::Json;
using http::typed;
using platform::Snapshot;
using Answer = base::Task<base::Result<http::Reply>>;

constexpr int kNoteCharsMax = 500;

std::string_view state_text(const Snapshot& snapshot) {
  if (snapshot.state == Snapshot::State::making) return "making";
  if (snapshot.state == Snapshot::State::verifying) return "verifying";
  if (snapshot.state == Snapshot::State::failed) return "failed";
  return snapshot.problem ? "damaged" : "complete";
}

Json snapshot_json(const Snapshot& snapshot) {
  auto json = Json::object({{"snapshotId", snapshot.id},
                            {"state", state_text(snapshot)},
                            {"madeAt", base::to_rfc3339(snapshot.made)},
                            {"note", snapshot.note},
                            {"files", static_cast<std::int64_t>(snapshot.files)},
                            {"bytes", static_cast<std::int64_t>(snapshot.bytes)}});
  if (snapshot.verified) json.set("verifiedAt", base::to_rfc3339(*snapshot.verified));
  if (snapshot.problem) {
    json.set("problem", Json::object({{"error", snapshot.problem->reason}, {"message", snapshot.problem->message}}));
  }
  return json;
}

Answer list(platform::Snapshots& snapshots) {
  const auto found = co_await snapshots.list();
  if (!found) co_return base::fail(found.error());
  auto items = Json::array();
  for (const auto& one : *found) items.push_back(snapshot_json(one));
  co_return http::Reply{http::Response::json(200, Json::object({{"items", items}, {"nextCursor", Json()}}))};
}

Answer find(platform::Snapshots& snapshots, std::string id) {
  const auto found = co_await snapshots.find(std::move(id));
  if (!found) co_return base::fail(found.error());
  co_return http::Reply{http::Response::json(200, snapshot_json(*found))};
}

// The snapshot as it stands, and the event that says who wanted it.
Answer begun(platform::Snapshots& snapshots, const http::RequestContext& context, std::string id, std::string type) {
  const auto found = co_await snapshots.find(std::move(id));
  if (!found) co_return base::fail(found.error());
  http::Reply reply{http::Response::json(202, snapshot_json(*found))};
  reply.commit.event(operator_event(operator_of(context), found->asked,
                                    {.type = std::move(type), .subject = found->id, .why = found->note}));
  co_return reply;
}

Answer create(platform::Snapshots& snapshots, const http::RequestContext& context) {
  auto id = co_await snapshots.begin(context.body.text_at("note"));
  if (!id) co_return base::fail(id.error());
  co_return co_await begun(snapshots, context, std::move(*id), "operator.snapshot-begun");
}

Answer verify(platform::Snapshots& snapshots, const http::RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto verifying = co_await snapshots.verify(id);
  if (!verifying) co_return base::fail(verifying.error());
  co_return co_await begun(snapshots, context, id, "operator.snapshot-verified");
}

Answer unsupported() {
  co_return base::fail(base::ErrorCode::unsupported, "snapshots_unsupported", "This engine makes no snapshots.");
}

http::Handler handler(platform::Snapshots* snapshots,
                      Answer (*handle)(platform::Snapshots& snapshots, const http::RequestContext& context)) {
  return [snapshots, handle](const http::RequestContext& context) {
    return snapshots == nullptr ? unsupported() : handle(*snapshots, context);
  };
}

Json snapshot_schema() {
  const auto state = Json::object({{"enum", Json::array({"making", "verifying", "complete", "failed", "damaged"})}});
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"snapshotId", typed("string")},
                                                    {"state", state},
                                                    {"madeAt", typed("string")},
                                                    {"note", typed("string")},
                                                    {"files", typed("integer")},
                                                    {"bytes", typed("integer")},
                                                    {"verifiedAt", typed("string")},
                                                    {"problem", typed("object")}})}});
}

Json note_schema() {
  const auto note = Json::object({{"type", "string"}, {"maxLength", kNoteCharsMax}});
  return Json::object({{"type", "object"}, {"properties", Json::object({{"note", note}})}});
}

}  // namespace

http::Routes snapshot_routes(platform::Snapshots* snapshots) {
  using http::RequestContext;
  using platform::Snapshots;
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/api/snapshots",
                    .access = http::Access::operators,
                    .summary = "Snapshots, newest first",
                    .handle = handler(snapshots, [](Snapshots& port, const RequestContext&) { return list(port); }),
                    .answers = {{200, http::list_of(snapshot_schema())}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/snapshots",
                    .access = http::Access::operators,
                    .summary = "Begins a snapshot of everything at one instant",
                    .handle = handler(snapshots, create),
                    .body_schema = note_schema(),
                    .answers = {{202, snapshot_schema()}}});
  routes.push_back(
      {.method = "GET",
       .pattern = "/api/snapshots/{id}",
       .access = http::Access::operators,
       .summary = "One snapshot and how it goes",
       .handle = handler(snapshots, [](Snapshots& port,
                                       const RequestContext& context) { return find(port, context.params.at("id")); }),
       .answers = {{200, snapshot_schema()}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/snapshots/{id}/verify",
                    .access = http::Access::operators,
                    .summary = "Reads a whole snapshot and compares every checksum",
                    .handle = handler(snapshots, verify),
                    .answers = {{202, snapshot_schema()}}});
  return routes;
}

}  // namespace ow::ops
