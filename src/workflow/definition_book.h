// The definitions that executions follow, by name and version. A version never changes once stored; a name's
// routing says which version new executions start with, which share of them tries another, and whether the
// name's executions are paused. Definitions compiled into the program become versions when it starts. Loop
// thread.
//
// Records (partition `definition/<name>`): sort `version/<n>`, kind `definition`; sort `routing`, kind
// `definition_routing`, listed in the index `definitions`. Neither expires: executions refer to them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/store.h"
#include "platform/telemetry.h"
#include "states/definition.h"
#include "workflow/task_handler.h"

namespace ow::workflow {

/// Who did something, and why.
struct Actor {
  std::string by;
  std::string why;
};

struct DefinitionVersion {
  std::int64_t number = 1;
  std::string text;
  std::string digest;  // SHA-256 of the text
  bool built_in = false;
  Actor added;
  base::Instant at;
};

/// A part of new executions that starts with another version.
struct Share {
  std::int64_t version = 0;
  int percent = 0;  // 1 to 99
};

struct Routing {
  std::string name;
  std::int64_t current = 1;   // version that new executions start with
  std::int64_t previous = 0;  // what a roll-back goes to; 0: nothing
  std::int64_t latest = 1;    // highest number given
  std::optional<Share> share;
  bool by_operator = false;  // the current version is an operator's choice: the program leaves it
  Actor changed;
  base::Instant at;
  struct Paused {
    Actor actor;
    base::Instant at;
  };
  std::optional<Paused> paused;
  int resume_rate = 0;  // executions a second that a resuming lets go; 0: no limit
  platform::Version version = 0;
};

struct ChosenDefinition {
  std::int64_t version = 1;
  std::shared_ptr<const states::Definition> definition;
};

class DefinitionBook {
 public:
  /// References outlive this.
  DefinitionBook(platform::Store& store, const platform::Clock& clock, platform::Telemetry& telemetry,
                 const TaskRegistry& tasks);

  /// Error malformed naming place and rule; an unknown task resource is one.
  base::Result<std::shared_ptr<const states::Definition>> parse(std::string_view text) const;
  /// A definition compiled into the program; until publish() its version is 1.
  base::Result<void> add_built_in(std::string name, std::string_view text);
  bool is_built_in(std::string_view name) const { return built_in_.contains(name); }
  /// Stores what is compiled in and new as a version. It becomes the current one unless an operator chose a
  /// version of their own, which is logged.
  base::Task<base::Result<void>> publish();

  /// What a new execution starts with: by its id, so that a repeated start chooses the same. Error not_found.
  base::Task<base::Result<ChosenDefinition>> choose(std::string name, std::string execution);
  /// Error not_found.
  base::Task<base::Result<std::shared_ptr<const states::Definition>>> find(std::string name, std::int64_t version);
  /// As of at most bounds::kRoutingKept ago, or read anew. Nothing for a name never published.
  base::Task<base::Result<std::optional<Routing>>> routing(std::string name, bool anew = false);
  /// Routings are read anew until a change that is being committed must have been seen.
  void expect_change();

  base::Task<base::Result<std::vector<Routing>>> list();
  base::Task<base::Result<std::optional<DefinitionVersion>>> version(std::string name, std::int64_t number);

  struct Upload {
    std::string name;
    std::string text;
    /// 100: all new executions; 0: stored only; else this share of them.
    int percent = 100;
  };
  struct Uploaded {
    platform::Commit commit;
    Routing routing;
    std::int64_t version = 0;
  };
  /// Parts that store a new version. The text of the latest version again gives that version. Errors as parse().
  base::Task<base::Result<Uploaded>> upload(Upload upload, Actor actor);
  /// Parts that give new executions to a version: all (100) or a share. Error not_found.
  base::Task<base::Result<Uploaded>> route(std::string name, std::int64_t version, int percent, Actor actor);
  /// Parts that end a share, or else go back to the version before. Error conflict when there is none.
  base::Task<base::Result<Uploaded>> roll_back(std::string name, Actor actor);
  /// Parts that pause a definition's executions or let them go. Error conflict when it is so already.
  base::Task<base::Result<Uploaded>> pause(std::string name, bool paused, int resume_rate, Actor actor);

 private:
  struct BuiltIn {
    std::string text;
    std::shared_ptr<const states::Definition> definition;
    std::int64_t version = 1;
  };
  struct Known {
    std::optional<Routing> routing;
    base::Duration read;
  };

  base::Task<base::Result<Routing>> known_routing(std::string name);
  base::Task<base::Result<void>> publish_one(std::string name, BuiltIn built_in);
  base::Task<base::Result<Uploaded>> publishing(std::string name, BuiltIn built_in);
  base::Task<base::Result<std::int64_t>> find_text(std::string name, std::string digest, std::int64_t latest);
  void remember(const std::string& name, std::int64_t version, std::shared_ptr<const states::Definition> definition);
  Uploaded changed(Routing routing, Actor actor, std::int64_t version) const;

  platform::Store& store_;
  const platform::Clock& clock_;
  platform::Telemetry& telemetry_;
  const TaskRegistry& tasks_;
  std::map<std::string, BuiltIn, std::less<>> built_in_;
  std::map<std::string, Known, std::less<>> routings_;
  std::map<std::pair<std::string, std::int64_t>, std::shared_ptr<const states::Definition>> definitions_;
  base::Duration fresh_until_{};
};

platform::Key routing_key(std::string_view name);
/// 1 to 80 of letters, digits, `_` and `-`.
bool is_definition_name(std::string_view name);

}  // namespace ow::workflow
