// After a restore: the store went back in time, the payment gateway did not. One record a restore says how far
// the two were compared, and one a finding what an operator should know. Loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::orders {

struct Restoration {
  enum class State : std::uint8_t {
    comparing,   // the gateway's effects since the snapshot are not all compared yet
    reconciled,  // they are, and what follows from them is under way
    impossible,  // this gateway cannot list; an operator must compare by hand
  };
  std::string id;
  std::string snapshot;
  base::Instant made;      // the instant of the snapshot
  base::Instant restored;  // the instant from which the new life counts
  State state = State::comparing;
  std::string problem = {};       // of the last attempt to compare
  std::int64_t effects = 0;       // compared
  std::int64_t lost_charges = 0;  // of orders that this store does not know: each has an obligation
  std::int64_t cancelled = 0;     // orders under way whose charge was given back already
  std::int64_t findings = 0;      // for people
  base::Instant reconciled = {};
  platform::Version version = 0;
};

/// Something that the program cannot put right by itself.
struct RestoreFinding {
  base::OrderId order;
  std::string what;  // slug
  std::string key;   // at the gateway
  std::string gateway_id;
  base::Money amount;
  base::Instant time;
};

platform::Commit put_restoration(const Restoration& restoration);
base::Task<base::Result<std::optional<Restoration>>> find_restoration(platform::Store& store, std::string id);
/// Nothing when this store was never restored.
base::Task<base::Result<std::optional<Restoration>>> newest_restoration(platform::Store& store);

struct RestorationPage {
  std::vector<Restoration> restorations;
  std::string next_cursor;
};
/// Newest first.
base::Task<base::Result<RestorationPage>> list_restorations(platform::Store& store, std::size_t limit,
                                                            std::string cursor);

platform::Key finding_key(const std::string& restoration, const RestoreFinding& finding);
platform::Record finding_record(const std::string& restoration, const RestoreFinding& finding);

struct FindingPage {
  std::vector<RestoreFinding> findings;
  std::string next_cursor;
};
base::Task<base::Result<FindingPage>> list_findings(platform::Store& store, std::string restoration, std::size_t limit,
                                                    std::string cursor);

std::string_view state_text(Restoration::State state);

}  // namespace ow::orders
