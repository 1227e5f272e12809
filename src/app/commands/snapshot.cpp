// `snapshot create|list|verify` and `restore`: on a running server, or offline on a stopped data directory and on
// a snapshot's directory.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/event_rules.h"
#include "app/listing.h"
#include "app/node_snapshots.h"
#include "app/restore.h"
#include "app/table.h"
#include "local/snapshot_archive.h"

namespace ow::app {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr auto kPollEvery = 200ms;

std::vector<std::string> row_of(const Json& snapshot) {
  return {text_at(snapshot, "snapshotId"), text_at(snapshot, "state"), text_at(snapshot, "madeAt"),
          text_at(snapshot, "bytes"),      text_at(snapshot, "files"), text_at(snapshot, "note")};
}

const std::vector<std::string> kHeading = {"SNAPSHOT", "STATE", "MADE", "BYTES", "FILES", "NOTE"};

Json manifest_json(const local::SnapshotManifest& manifest) {
  return Json::object({{"snapshotId", manifest.id},
                       {"state", "complete"},
                       {"madeAt", base::to_rfc3339(manifest.made)},
                       {"bytes", static_cast<std::int64_t>(manifest.bytes())},
                       {"files", static_cast<std::int64_t>(manifest.files.size())},
                       {"note", manifest.note}});
}

Exit print_snapshot(const Json& snapshot, bool json) {
  if (json) {
    fmt::print("{}\n", base::to_text(snapshot));
  } else {
    print_table(kHeading, {row_of(snapshot)});
  }
  return Exit::done;
}

Exit refuse(const base::Error& error, const Invocation& invocation) {
  complain(error, invocation.json());
  return Exit::refused;
}

// Until the server has made or verified it; how it ended.
Exit follow(ApiClient& client, const std::string& id, const Invocation& invocation) {
  while (true) {
    const auto snapshot = client.call({.path = "/api/snapshots/" + percent_encode(id)});
    if (!snapshot) return exit_with(snapshot.error(), invocation.json());
    const auto state = snapshot->text_at("state");
    if (state == "complete") return print_snapshot(*snapshot, invocation.json());
    if (state != "making" && state != "verifying") {
      const auto* problem = snapshot->find("problem");
      return refuse({base::ErrorCode::internal, problem->text_at("error"), problem->text_at("message")}, invocation);
    }
    wait_for(kPollEvery);
  }
}

base::Result<local::SnapshotManifest> make_offline(const std::string& data, const Invocation& invocation) {
  auto node = EmbeddedNode::open(data, no_event_rules());
  if (!node) return base::fail(node.error());
  local::SnapshotArchive archive(invocation.option_or("snapshots", data + "/snapshots"), SIZE_MAX);
  base::Result<local::SnapshotManifest> made;
  NodeSnapshots snapshots(**node, data, archive);
  const auto done = run_to_end(**node, snapshots.make_now(invocation.option_or("note", ""), made));
  if (!done) return base::fail(done.error());
  return made;
}

Exit create(const Invocation& invocation) {
  if (const auto data = invocation.option("data")) {
    const auto made = make_offline(*data, invocation);
    if (!made) return refuse(made.error(), invocation);
    return print_snapshot(manifest_json(*made), invocation.json());
  }
  ApiClient client(invocation);
  const auto begun = client.call(
      {.method = "POST", .path = "/api/snapshots", .body = Json::object({{"note", invocation.option_or("note", "")}})});
  if (!begun) return exit_with(begun.error(), invocation.json());
  return follow(client, begun->text_at("snapshotId"), invocation);
}

Exit list(const Invocation& invocation) {
  const auto directory = invocation.option("snapshots");
  if (!directory) return show_list(invocation, {.path = "/api/snapshots", .heading = kHeading, .row_of = row_of});
  const auto found = local::SnapshotArchive(*directory, 1).list();
  if (!found) return refuse(found.error(), invocation);
  auto items = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : *found) {
    const auto json =
        one.manifest ? manifest_json(*one.manifest) : Json::object({{"snapshotId", one.id}, {"state", "damaged"}});
    rows.push_back(row_of(json));
    items.push_back(json);
  }
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(Json::object({{"items", items}, {"nextCursor", Json()}})));
  } else {
    print_table(kHeading, rows);
  }
  return Exit::done;
}

Exit verify(const Invocation& invocation) {
  const auto& what = invocation.argument(0);
  if (what.find('/') != std::string::npos) {
    const auto verified = local::verify_snapshot(what);
    if (!verified) return refuse(verified.error(), invocation);
    return print_snapshot(manifest_json(*verified), invocation.json());
  }
  ApiClient client(invocation);
  const auto begun = client.call({.method = "POST", .path = "/api/snapshots/" + percent_encode(what) + "/verify"});
  if (!begun) return exit_with(begun.error(), invocation.json());
  return follow(client, what, invocation);
}

Exit restore(const Invocation& invocation) {
  const auto restored = restore_snapshot(*invocation.option("snapshot"), *invocation.option("data"));
  if (!restored) return refuse(restored.error(), invocation);
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(Json::object({{"restoreId", restored->id},
                                                   {"snapshotId", restored->snapshot},
                                                   {"snapshotAt", base::to_rfc3339(restored->made)},
                                                   {"data", *invocation.option("data")},
                                                   {"paused", true}})));
  } else {
    fmt::print(
        "Restored {} of {} into {} as {}.\nBackground work is paused. Serve it, look at `orderwright restores list`, "
        "then `orderwright background resume --reason TEXT`.\n",
        restored->snapshot, base::to_rfc3339(restored->made), *invocation.option("data"), restored->id);
  }
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> snapshot_commands() {
  return {
      {"snapshot create",
       "Make a snapshot of everything at one instant: on the server, or offline with --data.",
       {},
       client_options({{"note", "TEXT", "why, kept in the snapshot"},
                       {"data", "DIR", "offline: the data directory of a stopped server"},
                       {"snapshots", "DIR", "offline: where snapshots are kept (default DATA/snapshots)"}}),
       create},
      {"snapshot list",
       "List snapshots: those of the server, or those in a directory.",
       {},
       client_options({{"snapshots", "DIR", "offline: a directory of snapshots"}}),
       list},
      {"snapshot verify",
       "Compare every checksum of a snapshot: by its id on the server, or a path (with a /) on this machine.",
       {{"SNAPSHOT", "id, or path of its directory"}},
       client_options(),
       verify},
      {"restore",
       "Restore a snapshot into an empty data directory, offline; it starts paused.",
       {},
       {{"snapshot", "DIR", "the snapshot's directory", true}, {"data", "DIR", "a new or empty directory", true}},
       restore},
  };
}

}  // namespace ow::app
